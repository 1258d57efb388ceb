"""Two survival curves compared at one time: the milestone test and the difference."""

import math
from dataclasses import dataclass

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.kaplan_meier import (
    KaplanMeier,
    SurvivalAt,
    estimate_survival_at,
)
from equipoise.numerics.survival_scales import Interval


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
    survival, greenwood = float(point.survival[0]), float(point.greenwood[0])
    if scale is Interval.PLAIN:
        return survival, survival**2 * greenwood if survival > 0 else 0.0
    if scale is Interval.LOG:
        return math.log(survival), greenwood
    return math.log(-math.log(survival)), greenwood / math.log(survival) ** 2


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


def _scale_for(points: tuple[SurvivalAt, SurvivalAt], asked: Interval) -> tuple[Interval, str]:
    for group, point in enumerate(points):
        survival = float(point.survival[0])
        if math.isnan(survival):
            return asked, f"the follow-up of group {group} ends before the time"
        undefined = survival == 0 or (survival == 1 and asked is Interval.LOG_LOG)
        if undefined and asked is not Interval.PLAIN:
            return Interval.PLAIN, (
                f"survival of group {group} is {survival:.0f}, where the {asked.value} scale is "
                "undefined: tested on the plain scale, limits of that group exact binomial"
            )
    return asked, ""


def _test(points: tuple[SurvivalAt, SurvivalAt], scale: Interval) -> ChiSquare:
    if any(math.isnan(float(point.survival[0])) for point in points):
        return chi_square_of(math.nan, degrees_of_freedom=1)
    values = [_transformed(point, scale) for point in points]
    variance = values[0][1] + values[1][1]
    if variance <= 0:
        return chi_square_of(math.nan, degrees_of_freedom=1)
    return chi_square_of((values[1][0] - values[0][0]) ** 2 / variance, degrees_of_freedom=1)


def compare_milestone(
    first: KaplanMeier,
    *,
    second: KaplanMeier,
    at: float,
    scale: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> Milestone:
    """Whether survival at one time differs between two groups, `second` less `first`.

    Survival 0 or 1 has no log-log (0 no log) value: the test falls back to the plain scale, with
    the variance of the group that has one, and says so in `message`; with no variance in either
    group p is NaN. Source: Klein, Logan, Harhoff, Andersen (2007); interval by MOVER: Zou,
    Donner (2008).
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
