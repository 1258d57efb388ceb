"""Restricted mean survival time: the area under the survival curve up to a horizon."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from equipoise.numerics.checks import check_entry
from equipoise.numerics.chi_square import normal_quantile, two_sided_p
from equipoise.numerics.survival.kaplan_meier import KaplanMeier, estimate_kaplan_meier
from equipoise.numerics.survival.pooled_difference import (
    ArmsOfStratum,
    PooledDifference,
    Weighting,
    pool_differences,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rmst:
    """Mean event-free time up to the horizon, with its standard error and interval.

    `lost` is the horizon less `value`, with the same standard error. `complete` is false where
    the curve ends, above 0, before the horizon: then all are NaN.
    """

    horizon: float
    value: float
    lost: float
    standard_error: float
    lower: float
    upper: float
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RmstComparison:
    """Group 1 less group 0: the difference in mean event-free time, and the ratio.

    `lost_ratio` is the ratio of the mean times lost up to the horizon; their difference is that of
    the event-free times turned around.
    """

    groups: tuple[Rmst, Rmst]
    difference: float
    standard_error: float
    lower: float
    upper: float
    z: float
    p_value: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    lost_ratio: float
    lost_ratio_lower: float
    lost_ratio_upper: float


def estimate_rmst(curve: KaplanMeier, *, horizon: float, level: float = 0.95) -> Rmst:
    """Mean time without event up to the horizon.

    Variance: sum over event times of (area from there to the horizon) squared times d/(n(n-d)).
    Source: Klein, Moeschberger, Survival analysis, equation 4.4.4 of the first edition.
    """
    if not (math.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be finite and above 0, not {horizon}")
    if curve.robust:
        raise ValueError("the mean of weighted or clustered rows is `compare_weighted_rmst`")
    if curve.time.size == 0 or (horizon > curve.time[-1] and curve.survival[-1] > 0):
        nan = math.nan
        return Rmst(
            horizon=horizon, value=nan, lost=nan, standard_error=nan, lower=nan, upper=nan,
            complete=False,
        )  # fmt: skip
    before = curve.time < horizon
    steps = np.diff(np.concatenate([[0.0], curve.time[before], [horizon]]))
    heights = np.concatenate([[1.0], curve.survival[before]])
    rectangles = steps * heights
    remaining = np.cumsum(rectangles[::-1])[::-1][1:]
    terms = np.diff(curve.greenwood[before & (curve.survival > 0)], prepend=0.0)
    variance = float(np.sum(remaining[: terms.size] ** 2 * terms))
    value, standard_error = float(rectangles.sum()), math.sqrt(variance)
    width = normal_quantile(level) * standard_error
    return Rmst(
        horizon=horizon,
        value=value,
        lost=float(np.sum(steps * (1 - heights))),  # exactly 0 without events
        standard_error=standard_error,
        lower=value - width,
        upper=value + width,
        complete=True,
    )


def compare_rmst(
    time: ArrayLike,
    *,
    event: ArrayLike,
    group: ArrayLike,
    horizon: float,
    entry: ArrayLike | None = None,
    level: float = 0.95,
) -> RmstComparison:
    """How much longer group 1 stays without event than group 0, up to the horizon.

    `group` holds 0 and 1, both present (else ValueError); with `entry` a row is at risk after its
    entry. NaN where a curve ends before the
    horizon, and p where neither group has variance. The ratio's interval is symmetric on the log
    scale. Source: Uno et al. (2014).
    """
    times, events, codes = np.asarray(time), np.asarray(event), np.asarray(group)
    late = None if entry is None else check_entry(entry, time=times)
    curves = [
        estimate_kaplan_meier(
            times[own], event=events[own], entry=None if late is None else late[own]
        )
        for own in (codes == 0, codes == 1)
    ]
    first, second = (estimate_rmst(curve, horizon=horizon, level=level) for curve in curves)
    difference = second.value - first.value
    standard_error = math.hypot(first.standard_error, second.standard_error)
    z = difference / standard_error if standard_error > 0 else math.nan
    width = normal_quantile(level)
    errors = (first.standard_error, second.standard_error)
    ratio = _ratio((first.value, second.value), errors, width)
    lost = _ratio((first.lost, second.lost), errors, width)
    return RmstComparison(
        groups=(first, second),
        difference=difference,
        standard_error=standard_error,
        lower=difference - width * standard_error,
        upper=difference + width * standard_error,
        z=z,
        p_value=two_sided_p(z),
        ratio=ratio[0],
        ratio_lower=ratio[1],
        ratio_upper=ratio[2],
        lost_ratio=lost[0],
        lost_ratio_lower=lost[1],
        lost_ratio_upper=lost[2],
    )


def _ratio(
    means: tuple[float, float], errors: tuple[float, float], width: float
) -> tuple[float, float, float]:
    """Second over first with limits on the log scale; NaN to or from a mean of 0."""
    if not (means[0] > 0 and means[1] > 0):
        return math.nan, math.nan, math.nan
    ratio = means[1] / means[0]
    relative = width * math.hypot(errors[0] / means[0], errors[1] / means[1])
    return ratio, ratio * math.exp(-relative), ratio * math.exp(relative)


class HorizonRule(Enum):
    """Up to when mean times are compared.

    LAST_TIME: the shorter follow-up of the groups (their largest times). LAST_EVENT: the earlier
    of their last events. LONGEST: the longest for which both areas are known, LAST_TIME but that
    a curve that has reached 0 sets no limit (survRM2's default).
    """

    LAST_TIME = "last time"
    LAST_EVENT = "last event"
    LONGEST = "longest"


def choose_horizon(
    first: KaplanMeier, *, second: KaplanMeier, rule: HorizonRule = HorizonRule.LONGEST
) -> float:
    """The horizon by a rule that looks at the data; better one from the protocol.

    ValueError where a group without events is asked for its last, or a group is empty.
    Source: Tian et al. (2020), on the choice of the horizon.
    """
    curves = (first, second)
    if rule is HorizonRule.LAST_EVENT:
        if any(curve.n_events == 0 for curve in curves):
            raise ValueError("a group has no event: choose the horizon by LAST_TIME")
        return min(float(curve.time[curve.events > 0][-1]) for curve in curves)
    if any(curve.time.size == 0 for curve in curves):
        raise ValueError("a group is empty: it has no follow-up to choose a horizon by")
    ends = [float(curve.time[-1]) for curve in curves]
    if rule is HorizonRule.LAST_TIME:
        return min(ends)
    open_ends = [end for end, curve in zip(ends, curves, strict=True) if curve.survival[-1] > 0]
    return min(open_ends) if open_ends else max(ends)


def compare_rmst_strata(
    arms: Sequence[ArmsOfStratum],
    *,
    horizon: float,
    weighting: Weighting = Weighting.SIZE,
    level: float = 0.95,
) -> PooledDifference:
    """Mean event-free time of group 1 less group 0, averaged over strata (`find_arms`).

    A stratum whose follow-up ends before the horizon makes the whole NaN, as `message` tells.
    Source: Tian, Zhao, Wei (2014), section 2; weights as `Weighting` has them.
    """
    pairs = [
        [estimate_rmst(curve, horizon=horizon) for curve in stratum.curves] for stratum in arms
    ]
    return pool_differences(
        arms,
        difference=np.array([second.value - first.value for first, second in pairs]),
        variance=np.array([b.standard_error**2 + a.standard_error**2 for a, b in pairs]),
        weighting=weighting,
        level=level,
    )
