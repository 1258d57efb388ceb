"""Two survival curves compared at one time: the milestone test and the difference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.survival.kaplan_meier import (
    KaplanMeier,
    SurvivalAt,
    estimate_survival_at,
)
from equipoise.numerics.survival.pooled_difference import (
    ArmsOfStratum,
    PooledDifference,
    Weighting,
    pool_differences,
)
from equipoise.numerics.survival.survival_scales import Interval, has_scale, transform_survival


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Survival of group 1 less group 0 at a time, with interval and test.

    `scale` is that on which the test was made: the one asked for, or plain after a fallback;
    `message` then says why, else it is empty. `lower` and `upper` (MOVER) combine the two log-log
    intervals, `plain_lower` and `plain_upper` come from Greenwood's variance. NaN where the
    follow-up does not reach the time.
    """

    at: float
    survival: tuple[float, float]
    difference: float
    standard_error: float
    lower: float
    upper: float
    plain_lower: float
    plain_upper: float
    scale: Interval
    test: ChiSquare
    message: str


def _transformed(point: SurvivalAt, scale: Interval) -> tuple[float, float]:
    """Survival on the scale of the test, and its variance there (delta method)."""
    value, variance = transform_survival(point.survival, greenwood=point.greenwood, interval=scale)
    return float(value[0]), float(variance[0])


def _limits(point: SurvivalAt, level: float, curve: KaplanMeier) -> tuple[float, float]:
    """Log-log limits of survival; at 0 or 1, where they do not exist, exact binomial ones."""
    survival = float(point.survival[0])
    if math.isnan(survival) or 0 < survival < 1:
        return float(point.lower[0]), float(point.upper[0])
    # nobody or everybody had the event: (alpha/2)^(1/n) of Clopper, Pearson (1934), on those
    # whose state is known: at risk just before the time, or with the event by then
    known = int(point.at_risk[0]) + int(curve.events[curve.time <= point.at[0]].sum())
    bound = ((1 - level) / 2) ** (1 / max(known, 1))
    return (bound, 1.0) if survival == 1 else (0.0, 1 - bound)


def _scale_for(points: Sequence[SurvivalAt], asked: Interval) -> tuple[Interval, str]:
    for group, point in enumerate(points):
        if math.isnan(float(point.survival[0])):
            return asked, f"the follow-up of group {group} ends before the time"
    for group, point in enumerate(points):
        if not has_scale(point.survival, interval=asked)[0]:
            return Interval.PLAIN, (
                f"survival of group {group} is {float(point.survival[0]):.0f}, where the "
                f"{asked.value} scale is undefined: tested on the plain scale, limits of that "
                "group exact binomial"
            )
    return asked, ""


def _test(points: Sequence[SurvivalAt], scale: Interval) -> ChiSquare:
    """Differences from the group of least variance, weighted by their covariance."""
    values, variances = np.array([_transformed(point, scale) for point in points]).T
    freedom = len(points) - 1
    order = np.argsort(variances)
    base, others = order[0], order[1:]
    if not np.isfinite(values).all() or variances[others].min() <= 0:
        return chi_square_of(math.nan, degrees_of_freedom=freedom)
    gaps, weights = values[others] - values[base], 1 / variances[others]
    shrunk = variances[base] * np.sum(weights * gaps) ** 2
    statistic = np.sum(weights * gaps**2) - shrunk / (1 + variances[base] * weights.sum())
    return chi_square_of(float(statistic), degrees_of_freedom=freedom)


def compare_milestone(
    first: KaplanMeier,
    *,
    second: KaplanMeier,
    at: float,
    scale: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> Milestone:
    """Whether survival at one time differs between two groups, `second` less `first`.

    Survival 0 or 1 has no value on most scales (1 has one on the log scale): the test falls back
    to the plain scale, with the variance of the group that has one, and says so in `message`; with
    no variance in either group p is NaN. Source: Klein, Logan, Harhoff, Andersen (2007); interval
    by MOVER: Zou, Donner (2008).
    """
    curves = (first, second)
    points = tuple(estimate_survival_at(curve, at=[at], level=level) for curve in curves)
    pair = (points[0], points[1])
    used, message = _scale_for(pair, scale)
    s0, s1 = (float(point.survival[0]) for point in pair)
    (l0, u0), (l1, u1) = (
        _limits(point, level, curve) for point, curve in zip(pair, curves, strict=True)
    )
    difference = s1 - s0
    variance = sum(_transformed(point, Interval.PLAIN)[1] for point in pair)
    half = normal_quantile(level) * math.sqrt(variance)
    return Milestone(
        at=at,
        survival=(s0, s1),
        difference=difference,
        standard_error=math.sqrt(variance),
        lower=difference - math.hypot(s1 - l1, u0 - s0),
        upper=difference + math.hypot(u1 - s1, s0 - l0),
        plain_lower=difference - half,
        plain_upper=difference + half,
        scale=used,
        test=_test(pair, used),
        message=message,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneGroups:
    """Survival of each group at a time, shape (k,), and the test that all are equal.

    `scale` and `message` as in `Milestone`.
    """

    at: float
    survival: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    scale: Interval
    test: ChiSquare
    message: str


def compare_milestone_groups(
    curves: Sequence[KaplanMeier], *, at: float, scale: Interval = Interval.LOG_LOG
) -> MilestoneGroups:
    """Whether survival at one time differs between any of two or more groups.

    Chi-square on one degree of freedom less than groups; NaN where the follow-up of a group ends
    before the time, and where two groups have no variance. Source: Klein, Logan, Harhoff,
    Andersen (2007), section 4.
    """
    if len(curves) < 2:
        raise ValueError(f"{len(curves)} group: there is nothing to compare")
    points = [estimate_survival_at(curve, at=[at]) for curve in curves]
    used, message = _scale_for(points, scale)
    plain = [_transformed(point, Interval.PLAIN) for point in points]
    return MilestoneGroups(
        at=at,
        survival=np.array([value for value, _ in plain]),
        standard_error=np.sqrt([variance for _, variance in plain]),
        scale=used,
        test=_test(points, used),
        message=message,
    )


def compare_milestone_strata(
    arms: Sequence[ArmsOfStratum],
    *,
    at: float,
    weighting: Weighting = Weighting.SIZE,
    level: float = 0.95,
) -> PooledDifference:
    """Survival of group 1 less group 0 at a time, averaged over strata (`find_arms`).

    A stratum whose follow-up ends before the time makes the whole NaN, as `message` tells.
    Source: Klein, Logan, Harhoff, Andersen (2007), the plain difference; `Weighting` for weights.
    """
    found = []
    for stratum in arms:
        points = [
            estimate_survival_at(curve, at=[at], interval=Interval.PLAIN)
            for curve in stratum.curves
        ]
        found.append([_transformed(point, Interval.PLAIN) for point in points])
    return pool_differences(
        arms,
        difference=np.array([second[0] - first[0] for first, second in found]),
        variance=np.array([second[1] + first[1] for first, second in found]),
        weighting=weighting,
        level=level,
    )
