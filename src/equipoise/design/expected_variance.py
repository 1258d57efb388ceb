"""The variance that is expected of survival curves: Greenwood's sum, in expectation."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from equipoise.design.assumptions import (
    NEVER,
    ArmCourse,
    SurvivalPlan,
    find_plan_problems,
)
from equipoise.design.error_rates import impossible
from equipoise.design.expected_events import Incidence, accrued_by, build_incidence
from equipoise.vocab.finding import Finding

Floats = NDArray[np.float64]
Weight = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Until when survival is compared (from entry), and when the study ends (calendar time)."""

    until: float
    study_end: float


@lru_cache(maxsize=2)
def _rule(n: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1) / 2, weights / 2


def curve_of(arm: ArmCourse) -> Incidence:
    """The event in the absence of drop-out: 1 less survival, and its integrals."""
    return build_incidence(ArmCourse(event=arm.event, dropout=NEVER), of=arm.event)


def expected_greenwood(
    plan: SurvivalPlan, *, arm: ArmCourse, watch: Watch, weight: Weight | None = None
) -> float:
    """Greenwood's sum up to `watch.until` expected of one subject; of n it is an nth of it.

    The integral of hazard over the share at risk: those alive, not dropped out, and come early
    enough. `weight` multiplies it by the square of what an event at a time costs.
    By Gauss-Legendre between all the times at which a rate changes, to 1e-13.
    Source: Klein, Moeschberger (2003), 4.2, in expectation; Royston, Parmar (2013) for the mean.
    """
    event = curve_of(arm)
    gone = curve_of(ArmCourse(event=arm.dropout))
    back = [watch.study_end - t for t in (*plan.accrual.starts, plan.accrual.until)]
    inner = {t for t in (*event.knots, *gone.knots, *back) if 0 < t < watch.until}
    edges = np.array([0.0, *sorted(inner), watch.until])
    nodes, weights = _rule(24)
    width = np.diff(edges)[:, None]
    at = (edges[:-1, None] + width * nodes).ravel()
    place = np.searchsorted(event.knots, at, side="right") - 1
    followed = (1 - event.at(at)[0]) * (1 - gone.at(at)[0])
    came = accrued_by(plan.accrual, at=watch.study_end - at) / plan.accrual.subjects
    cost = 1.0 if weight is None else weight(at) ** 2
    values = cost * event.rate[place] / (followed * came)
    return float((width * weights * values.reshape(width.size, -1)).sum())


def find_watch_problems(plan: SurvivalPlan, *, watch: Watch) -> Iterator[Finding]:
    """What makes a comparison up to a time impossible."""
    found = list(find_plan_problems(plan))
    yield from found
    if found:
        return
    if not (watch.until > 0 and math.isfinite(watch.until)):
        yield impossible(
            "until", code="time-impossible", message=f"curves compared at {watch.until:g}",
            mend="The time is finite and above 0.",
        )  # fmt: skip
    elif watch.study_end <= watch.until:
        yield impossible(
            "study_end", code="milestone-beyond-study",
            message=f"the study ends at {watch.study_end:g}: nobody is followed beyond "
            f"{watch.until:g}, where the curves are compared",
            mend="End the study later, or compare earlier.",
        )  # fmt: skip
    elif plan.follow_up < watch.until:
        yield impossible(
            "follow_up", code="milestone-beyond-follow-up",
            message=f"subjects are followed for {plan.follow_up:g}, the curves are compared at "
            f"{watch.until:g}",
            mend="Follow longer, or compare earlier.",
        )  # fmt: skip
