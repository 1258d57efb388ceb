"""The plan of the randomisation, as the protocol says it."""

from equipoise.protocol.model import Protocol
from equipoise.protocol.randomisation_model import Randomisation
from equipoise.randomise.scheme import Plan


class BlockSizeRefusedError(Exception):
    """A block size that cannot keep the ratio; the message names sizes that can."""


def build_plan(randomisation: Randomisation, *, factors: tuple[str, ...] = ()) -> Plan:
    """The plan that the protocol's randomisation says, with the names of its factors.

    Raises BlockSizeRefusedError when a block size is no multiple of the sum of the ratio.
    """
    _check_blocks(randomisation)
    weight = randomisation.factor_weight or {}
    weighed = factors if randomisation.scheme == "minimisation" else ()
    return Plan(
        scheme=randomisation.scheme,
        arms=tuple(randomisation.ratio),
        ratio=tuple(randomisation.ratio.values()),
        factors=factors,
        block_sizes=randomisation.block_sizes,
        max_imbalance=randomisation.max_imbalance or 0,
        urn_sets=randomisation.urn_sets or 0,
        imbalance=randomisation.imbalance or "",
        preferred_chance=randomisation.preferred_chance or 0.0,
        weights=tuple(weight.get(name, 1) for name in weighed),
    )


def plan_of(protocol: Protocol) -> Plan:
    """The plan of a protocol: arms and factors in the order in which the protocol lists them.

    The order of the keys of `ratio` is layout, and no part of the fingerprint; it moves nothing.
    """
    said = protocol.randomisation
    ratio = {arm.code: said.ratio[arm.code] for arm in protocol.arm}
    factors = tuple(stratum.name for stratum in protocol.stratum)
    return build_plan(said.model_copy(update={"ratio": ratio}), factors=factors)


def _check_blocks(randomisation: Randomisation) -> None:
    total = sum(randomisation.ratio.values())
    for size in randomisation.block_sizes:
        if size <= 0 or size % total:
            raise BlockSizeRefusedError(
                f"a block of {size} cannot keep the ratio {dict(randomisation.ratio)}: "
                f"use multiples of {total}, for example {2 * total} and {3 * total}"
            )
