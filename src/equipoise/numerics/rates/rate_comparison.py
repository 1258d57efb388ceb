"""Two rates of events: their ratio and their difference, exact or by the score."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from scipy.optimize import brentq
from scipy.special import bdtr

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.shares.counts import check_rate_tables
from equipoise.numerics.shares.proportions import (
    Proportion,
    compare_with_share,
    estimate_clopper_pearson,
    estimate_mid_p,
    estimate_wilson,
)


class RateLimits(Enum):
    """How the limits and the p value of a ratio of rates are found, given the sum of events."""

    EXACT = "exact"
    MID_P = "mid_p"
    SCORE = "score"


_SHARES = {
    RateLimits.EXACT: estimate_clopper_pearson,
    RateLimits.MID_P: estimate_mid_p,
    RateLimits.SCORE: estimate_wilson,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RateComparison:
    """Rate of group 1 over that of group 0 with limits and the p value that they are one."""

    value: float
    lower: float
    upper: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDifference:
    """Rate of group 1 less that of group 0 with limits, and the test of no difference."""

    value: float
    lower: float
    upper: float
    test: ChiSquare


def _odds(share: float, scale: float) -> float:
    return math.inf if share >= 1 else scale * share / (1 - share)


def compare_rate_ratio(
    events: tuple[int, int],
    *,
    time: tuple[float, float],
    level: float = 0.95,
    limits: RateLimits = RateLimits.EXACT,
) -> RateComparison:
    """Rate of group 1 over rate of group 0, from events and times at risk, group 0 first.

    Given their sum, the events of group 1 are a share of it. 0 or infinite where one group has no
    event, NaN where none has or a time is 0. The p value counts what is as rare as the observed
    or rarer (less half the chance of the observed for mid-p). Source: Przyborowski, Wilenski
    (1940); the score limits are those of Miettinen and Nurminen (1985) without N/(N - 1).
    """
    check_rate_tables([events], time=[time])
    m, (t0, t1) = sum(events), time
    if m == 0 or min(time) == 0:
        nothing: Proportion = estimate_wilson(0, n=0)
        return RateComparison(
            value=nothing.value, lower=nothing.lower, upper=nothing.upper, p_value=math.nan
        )
    share = _SHARES[limits](events[1], n=m, level=level)
    value, lower, upper = (_odds(part, t0 / t1) for part in (share.value, share.lower, share.upper))
    expected = t1 / (t0 + t1)
    if limits is RateLimits.SCORE:
        spread = m * expected * (1 - expected)
        p_value = chi_square_of(
            (events[1] - m * expected) ** 2 / spread, degrees_of_freedom=1
        ).p_value
    else:
        p_value = compare_with_share(events[1], n=m, expected=expected).p_value
        if limits is RateLimits.MID_P:
            below = float(bdtr(events[1] - 1, m, expected)) if events[1] else 0.0
            p_value -= (float(bdtr(events[1], m, expected)) - below) / 2
    return RateComparison(value=value, lower=lower, upper=upper, p_value=p_value)


def _score_variance(events: tuple[int, int], time: tuple[float, float], delta: float) -> float:
    """Variance of the difference with the most likely rates at this true difference."""
    (x0, x1), (t0, t1) = events, time
    x, t = x0 + x1, t0 + t1
    if delta < 0:  # turned, so that the root below never cancels
        return _score_variance((x1, x0), (t1, t0), -delta)
    spread = math.sqrt((t * delta - x) ** 2 + 4 * t * delta * x0)
    free = x - t * delta
    rate0 = (
        (free + spread) / (2 * t) if free > 0 else (2 * x0 * delta / (spread - free) if x0 else 0.0)
    )
    return (rate0 + delta) / t1 + rate0 / t0


def compare_rate_difference(
    events: tuple[int, int], *, time: tuple[float, float], level: float = 0.95
) -> RateDifference:
    """Rate of group 1 less rate of group 0 by the score, from events and times, group 0 first.

    NaN where a time is 0; without any event the test is NaN, and the limits stand.
    Source: Miettinen, Nurminen (1985), section 5.
    """
    check_rate_tables([events], time=[time])
    z = normal_quantile(level)
    if min(time) == 0:
        return RateDifference(
            value=math.nan, lower=math.nan, upper=math.nan,
            test=chi_square_of(math.nan, degrees_of_freedom=1),
        )  # fmt: skip
    value = events[1] / time[1] - events[0] / time[0]

    def excess(delta: float) -> float:
        return abs(value - delta) - z * math.sqrt(_score_variance(events, time, delta))

    variance = _score_variance(events, time, 0.0)
    unit = (sum(events) + z * z) / min(time)
    lower, upper = (_limit(excess, value, unit, towards) for towards in (-1, 1))
    statistic = value**2 / variance if variance > 0 else math.nan
    test = chi_square_of(statistic, degrees_of_freedom=1)
    return RateDifference(value=value, lower=lower, upper=upper, test=test)


def _limit(excess: Callable[[float], float], value: float, unit: float, towards: int) -> float:
    far = unit
    while excess(value + towards * far) < 0:
        far *= 2
    near = value + towards * unit * 1e-9
    inside, outside = sorted((near, value + towards * far))
    return float(brentq(excess, inside, outside, xtol=1e-300, rtol=1e-14, maxiter=300))


def compare_rate_difference_wald(
    events: tuple[int, int], *, time: tuple[float, float], level: float = 0.95
) -> RateDifference:
    """Rate of group 1 less rate of group 0 with Wald's limits and test, for tables that ask so.

    Of no width without events, where the test is NaN. Source: Rothman, Greenland (1998), 14-6.
    """
    check_rate_tables([events], time=[time])
    z = normal_quantile(level)
    if min(time) == 0:
        value = variance = math.nan
    else:
        value = events[1] / time[1] - events[0] / time[0]
        variance = events[1] / time[1] ** 2 + events[0] / time[0] ** 2
    half = z * math.sqrt(variance)
    statistic = value**2 / variance if variance > 0 else math.nan
    test = chi_square_of(statistic, degrees_of_freedom=1)
    return RateDifference(value=value, lower=value - half, upper=value + half, test=test)
