"""The events that show a hazard ratio, the power of events, and the ratio that they show."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from equipoise.design.error_rates import (
    ErrorRates,
    find_error_rates_problems,
    find_ratio_problems,
    impossible,
    refuse,
)
from equipoise.vocab.finding import Finding


class EventFormula(Enum):
    """Whose variance of the log-rank test: Schoenfeld's, Freedman's, or Hsieh's of Freedman's."""

    SCHOENFELD = "schoenfeld"
    FREEDMAN = "freedman"
    HSIEH_FREEDMAN = "hsieh-freedman"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan:
    """The hazard ratio, experimental to reference, that is assumed, and the one to exclude.

    `margin` 1 is superiority; 1.3 is non-inferiority where events are bad. `ratio` is that of the
    arms' sizes, experimental to reference.
    """

    hazard_ratio: float
    margin: float = 1.0
    ratio: float = 1.0
    formula: EventFormula = EventFormula.SCHOENFELD


def find_event_problems(plan: EventPlan) -> Iterator[Finding]:
    """What makes the plan impossible."""
    for name in ("hazard_ratio", "margin"):
        value = getattr(plan, name)
        if not (math.isfinite(value) and value > 0):
            yield impossible(
                name, code="ratio-of-hazards-impossible",
                message=f"{value:g} is no ratio of hazards", mend="It is finite and above 0.",
            )  # fmt: skip
            return
    if plan.hazard_ratio == plan.margin:
        yield impossible(
            "hazard_ratio", code="no-effect",
            message=f"the assumed hazard ratio is the margin itself, {plan.margin:g}: "
            "no number of events tells them apart",
            mend="Assume another hazard ratio, or another margin.",
        )  # fmt: skip
    if plan.margin != 1 and plan.formula is not EventFormula.SCHOENFELD:
        yield impossible(
            "margin", code="margin-untested",
            message=f"{plan.formula.value}'s events are for superiority", mend="Use Schoenfeld's.",
        )  # fmt: skip
    yield from find_ratio_problems(plan.ratio)


def drift_of_one_event(plan: EventPlan) -> float:
    """The mean of z that one event brings; that of d events is it times the root of d.

    Source: Schoenfeld (1981); Freedman (1982); Hsieh (1992).
    """
    r, hr = plan.ratio, plan.hazard_ratio
    if plan.formula is EventFormula.SCHOENFELD:
        return abs(math.log(hr / plan.margin)) * math.sqrt(r) / (1 + r)
    if plan.formula is EventFormula.FREEDMAN:
        return math.sqrt(r) * abs(1 - hr) / (1 + r * hr)
    return abs(1 - hr) / (1 + hr) * 2 * math.sqrt(r) / (1 + r)


def count_planned_events(plan: EventPlan, *, rates: ErrorRates) -> float:
    """The events, not rounded, that show the hazard ratio with the power."""
    refuse(find_error_rates_problems(rates))
    refuse(find_event_problems(plan))
    return (rates.drift / drift_of_one_event(plan)) ** 2


def event_power(plan: EventPlan, *, events: float, rates: ErrorRates) -> float:
    """The power of these events for the assumed hazard ratio."""
    refuse(find_event_problems(plan))
    return rates.power_of(drift_of_one_event(plan) * math.sqrt(events))


def least_hazard_ratio(
    events: float, *, rates: ErrorRates, margin: float = 1.0, ratio: float = 1.0
) -> float:
    """The hazard ratio nearest to the margin, below it, that these events show with the power.

    Its reciprocal (times the margin twice) is the one above. Source: Schoenfeld (1981), solved.
    """
    refuse(find_error_rates_problems(rates))
    if not events > 0:
        refuse(iter([impossible(
            "events", code="no-events", message=f"{events:g} events show nothing",
            mend="Follow longer, or enrol more.",
        )]))  # fmt: skip
    return margin * math.exp(-rates.drift * (1 + ratio) / math.sqrt(ratio * events))
