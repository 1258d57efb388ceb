"""Cross-checks of the randomisation: its ratio, and whether the scheme's settings fit it."""

from collections.abc import Iterator
from math import gcd

from equipoise.protocol.check_endpoints import FILE
from equipoise.protocol.model import Protocol
from equipoise.protocol.problems import check_known, problem
from equipoise.protocol.randomisation_model import Randomisation
from equipoise.vocab.finding import Finding

_PLACE = f"{FILE}: randomisation"


def check_randomisation(protocol: Protocol) -> Iterator[Finding]:
    """Every problem of the ratio, and of the scheme's settings with the ratio and the factors."""
    randomisation = protocol.randomisation
    yield from _check_ratio(randomisation, codes=[arm.code for arm in protocol.arm])
    yield from _check_blocks(randomisation)
    if randomisation.scheme == "minimisation":
        yield from _check_minimisation(randomisation, protocol)


def _check_ratio(randomisation: Randomisation, *, codes: list[str]) -> Iterator[Finding]:
    if sorted(randomisation.ratio) != sorted(codes):
        yield problem(
            f"{_PLACE}.ratio",
            code="ratio-does-not-fit",
            message="the ratio does not name the arms",
            found=str(sorted(randomisation.ratio)),
            mend=f"Give a whole number for each of {', '.join(codes)}.",
        )
    for arm, part in randomisation.ratio.items():
        if part < 1 and not randomisation.block_sizes:
            yield problem(
                f"{_PLACE}.ratio",
                code="ratio-does-not-fit",
                message=f"no subject can be allocated to the arm '{arm}'",
                found=str(part),
                mend="Write whole numbers of at least 1.",
            )


def _check_blocks(randomisation: Randomisation) -> Iterator[Finding]:
    whole = sum(randomisation.ratio.values())
    for size in randomisation.block_sizes:
        if min(randomisation.ratio.values(), default=0) < 1 or size < 1 or size % whole:
            yield problem(
                f"{_PLACE}.block_sizes",
                code="block-does-not-fit",
                message=f"a block of {size} cannot hold the ratio",
                found=str(size),
                mend=f"Write multiples of {whole}.",
            )


def _check_minimisation(randomisation: Randomisation, protocol: Protocol) -> Iterator[Finding]:
    factors = [stratum.name for stratum in protocol.stratum]
    if not factors:
        yield problem(
            f"{_PLACE}.scheme",
            code="nothing-to-minimise",
            message="minimisation balances the levels of factors, and there is no [[stratum]]",
            mend="Add a [[stratum]], or take the scheme 'simple' or 'big_stick'.",
        )
    yield from _check_chance(randomisation)
    for name, weight in (randomisation.factor_weight or {}).items():
        place = f"{_PLACE}.factor_weight.{name}"
        yield from check_known(place, kind="stratum", name=name, known=factors)
        if weight < 1:
            yield problem(
                place,
                code="weight-does-not-fit",
                message="a factor that weighs nothing balances nothing",
                found=str(weight),
                mend="Write a whole number of at least 1, or remove the [[stratum]].",
            )


def _check_chance(randomisation: Randomisation) -> Iterator[Finding]:
    """The preferred chance against that of chance alone; see docs/reference/randomisation.md."""
    parts = randomisation.ratio.values()
    if randomisation.preferred_chance is None or min(parts, default=0) < 1:
        return
    shares = sum(parts) // gcd(*parts)
    if randomisation.preferred_chance * shares <= 1:
        yield problem(
            f"{_PLACE}.preferred_chance",
            code="chance-does-not-fit",
            message="with this chance the arm that balances best is not preferred at all",
            found=str(randomisation.preferred_chance),
            mend=f"Write more than 1/{shares}, for example 0.8; 1 leaves only ties to chance.",
        )
