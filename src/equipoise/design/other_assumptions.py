"""A protocol with other assumptions than it is written with, and which they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from equipoise.design.error_rates import find_ratio_problems, refuse
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.protocol.model import Protocol

_OF_DESIGN = {
    "reference": "reference_rate", "experimental": "experimental_rate", "alpha": "alpha",
    "sides": "sides", "power": "power", "dropout": "dropout",
}  # fmt: skip
_PARTS = 1000  # of a ratio that is no whole number


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherValue:
    """An assumption that was asked for, and the protocol's own."""

    name: str
    value: float
    written: float


def read_assumptions(protocol: Protocol) -> dict[str, float]:
    """What a protocol is written with, by name."""
    plan, _ = plan_of_protocol(protocol)
    design = {name: float(getattr(protocol.design, own)) for name, own in _OF_DESIGN.items()}
    return design | {
        "ratio": plan.ratio, "subjects": float(protocol.randomisation.planned_subjects)
    }  # fmt: skip


def assume_otherwise(
    protocol: Protocol, *, said: Mapping[str, float]
) -> tuple[Protocol, tuple[OtherValue, ...]]:
    """The protocol with what was said, and what of it is another value than the written one.

    Names are those of `read_assumptions`. Whether the plan can be is for its size to say; a ratio
    of arms that cannot be is refused here (ImpossiblePlanError).
    """
    written = read_assumptions(protocol)
    others = tuple(
        OtherValue(name=name, value=float(value), written=written[name])
        for name, value in said.items()
        if value != written[name]
    )
    changed = {each.name: each.value for each in others}
    design = {_OF_DESIGN[name]: value for name, value in changed.items() if name in _OF_DESIGN}
    randomisation: dict[str, object] = {}
    if "sides" in changed:
        design["sides"] = int(changed["sides"])
    if "subjects" in changed:
        randomisation["planned_subjects"] = int(changed["subjects"])
    if "ratio" in changed:
        refuse(find_ratio_problems(changed["ratio"]))
        parts = Fraction(changed["ratio"]).limit_denominator(_PARTS)
        randomisation["ratio"] = {
            arm.code: parts.denominator if arm.role == "reference" else parts.numerator
            for arm in protocol.arm
        }
    return (
        protocol.model_copy(
            update={
                "design": protocol.design.model_copy(update=design),
                "randomisation": protocol.randomisation.model_copy(update=randomisation),
            }
        ),
        others,
    )
