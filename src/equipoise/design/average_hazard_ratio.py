"""The average hazard ratio of hazards that are not proportional, its information and power."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from equipoise.design.assumptions import StratumCourse, SurvivalPlan, find_plan_problems
from equipoise.design.error_rates import (
    ErrorRates,
    find_error_rates_problems,
    impossible,
    refuse,
)
from equipoise.design.expected_events import befallen_by, build_incidence

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageHazardRatio:
    """What the log-rank test sees by each calendar time, shape (m,).

    `ratio` is the geometric mean of the hazard ratio, weighted by expected events. `information`
    of its logarithm is that under the assumed hazards, `information_null` that of as many events
    without a difference.
    """

    at: Floats
    ratio: Floats
    events: Floats
    information: Floats
    information_null: Floats

    def power(self, rates: ErrorRates) -> Floats:
        """The power of the log-rank test at each time, were it the only analysis, shape (m,)."""
        drift = np.abs(np.log(self.ratio)) * np.sqrt(self.information_null)
        spread = np.sqrt(self.information / self.information_null)
        return np.asarray(ndtr((drift - rates.critical) * spread))


def _counts(plan: SurvivalPlan, stratum: StratumCourse, times: Floats, ends: Floats) -> Floats:
    """The events of each arm between the ends of the pieces, shape (2, m, pieces)."""
    counts = [
        stratum.share
        * part
        * befallen_by(
            plan.accrual,
            incidence=build_incidence(arm, of=arm.event),
            at=times[:, None],
            cap=np.minimum(ends, plan.follow_up),
        )
        for arm, part in zip(stratum.arms, plan.arm_shares, strict=True)
    ]
    return np.diff(np.array(counts), prepend=0.0, axis=2)


def _log_ratios(stratum: StratumCourse, starts: list[float]) -> Floats:
    """The log hazard ratio of each piece; 0 where neither arm has a hazard."""
    pairs = [tuple(arm.event.at(start) for arm in stratum.arms) for start in starts]
    for start, (h0, h1) in zip(starts, pairs, strict=True):
        if (h0 == 0) != (h1 == 0):
            refuse(iter([impossible(
                "strata", code="hazard-of-one-arm",
                message=f"from {start:g} on one arm has a hazard and the other none",
                mend="Give both a hazard, however small.",
            )]))  # fmt: skip
    return np.array([math.log(h1 / h0) if h0 > 0 else 0.0 for h0, h1 in pairs])


def average_hazard_ratio(plan: SurvivalPlan, *, at: ArrayLike) -> AverageHazardRatio:
    """The average hazard ratio by calendar times, with the information about it.

    Refused where a hazard is 0 in one arm only: the ratio there is 0 or infinite.
    Source: Schemper, Wakounig, Heinze (2009); Mukhopadhyay et al. (2020); Lu (2021).
    """
    refuse(find_plan_problems(plan))
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    logs, events, under = np.zeros((3, times.size))
    q0, q1 = plan.arm_shares
    for stratum in plan.strata:
        starts = sorted({*stratum.reference.event.starts, *stratum.experimental.event.starts})
        ends = np.array([*starts[1:], math.inf])
        counts = _counts(plan, stratum, times, ends)
        both = counts.sum(axis=0)
        logs += both @ _log_ratios(stratum, starts)
        events += both.sum(axis=1)
        each = np.divide(counts.prod(axis=0), both, out=np.zeros_like(both), where=both > 0)
        under += each.sum(axis=1)
    with np.errstate(invalid="ignore"):
        ratio = np.exp(logs / events)
    return AverageHazardRatio(
        at=times, ratio=ratio, events=events, information=under, information_null=events * q0 * q1
    )


def size_average_hazard_ratio(plan: SurvivalPlan, *, at: float, rates: ErrorRates) -> float:
    """The subjects, in all and not rounded, who give the log-rank test its power at a time.

    Accrual keeps its course and is scaled. Source: Lu (2021), with both informations.
    """
    refuse(find_error_rates_problems(rates))
    found = average_hazard_ratio(plan, at=[at])
    effect = abs(math.log(float(found.ratio[0]))) if found.events[0] > 0 else 0.0
    if effect < 1e-12:
        refuse(iter([impossible(
            "strata", code="no-effect",
            message=f"by {at:g} the average hazard ratio is 1: no number of subjects shows it",
            mend="Follow until the effect begins.",
        )]))  # fmt: skip
    null, under = float(found.information_null[0]), float(found.information[0])
    root = rates.critical / math.sqrt(null) + float(ndtri(rates.power)) / math.sqrt(under)
    return plan.accrual.subjects * (root / effect) ** 2
