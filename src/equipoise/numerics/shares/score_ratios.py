"""The ratio of two shares, and of their odds, by the score method."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.optimize import brentq

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.shares.counts import check_pair

_Counts = tuple[int, int, int, int]  # events and size of group 1, of group 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRatio:
    """A ratio of group 1 to group 0 with its interval, and the score test that it is 1.

    0 or infinite where one group has nobody (or everybody, for odds) with the event; `value` is
    NaN where both have.
    """

    value: float
    lower: float
    upper: float
    test: ChiSquare


_NOTHING = ShareRatio(
    value=math.nan,
    lower=math.nan,
    upper=math.nan,
    test=chi_square_of(math.nan, degrees_of_freedom=1),
)


def _risk_statistic(counts: _Counts, ratio: float) -> float:
    """The score statistic of a risk ratio. Source: Miettinen, Nurminen (1985), equations 9-10."""
    x1, n1, x0, n0 = counts
    n = n1 + n0
    b = n1 * ratio + x1 + n0 + x0 * ratio
    p0 = 2 * (x1 + x0) / (b + math.sqrt(max(b * b - 4 * n * ratio * (x1 + x0), 0.0)))
    p1 = min(ratio * p0, 1.0)
    variance = (p1 * (1 - p1) / n1 + ratio**2 * p0 * (1 - p0) / n0) * n / (n - 1)
    gap = x1 / n1 - ratio * x0 / n0
    return gap**2 / variance if variance > 0 else (0.0 if gap == 0 else math.inf)


def _odds_statistic(counts: _Counts, ratio: float) -> float:
    """The score statistic of an odds ratio. Source: Miettinen, Nurminen (1985), equations 12-14."""
    x1, n1, x0, n0 = counts
    n, x = n1 + n0, x1 + x0
    b = n1 * ratio + n0 - x * (ratio - 1)
    p0 = 2 * x / (b + math.sqrt(max(b * b + 4 * n0 * (ratio - 1) * x, 0.0)))
    p1 = p0 * ratio / (1 + p0 * (ratio - 1))
    parts = n1 * p1 * (1 - p1), n0 * p0 * (1 - p0)
    if min(parts) <= 0:
        return 0.0
    return (x1 - n1 * p1) ** 2 * (1 / parts[0] + 1 / parts[1]) * (n - 1) / n


def _limit(statistic: Callable[[float], float], start: float, z2: float, towards: int) -> float:
    """Where the score test just rejects, outwards from a log ratio that it does not reject."""
    far = start + towards
    while statistic(math.exp(far)) < z2:
        far += towards * max(1.0, abs(far - start))
        if abs(far) > 700:
            return 0.0 if towards < 0 else math.inf
    inside, outside = sorted((start, far))
    root = brentq(lambda log: statistic(math.exp(log)) - z2, inside, outside, xtol=1e-15)
    return math.exp(float(root))


def _inside(statistic: Callable[[float], float], value: float, z2: float) -> float:
    """A log ratio within the interval: of the estimate, or far out where that is 0 or infinite."""
    if 0 < value < math.inf:
        return math.log(value)
    towards = -1 if value == 0 else 1
    log = 0.0
    while statistic(math.exp(log)) >= z2:
        log += 0.5 * towards * max(1.0, abs(log))
    return log


def _compare(
    counts: _Counts, value: float, statistic: Callable[[_Counts, float], float], level: float
) -> ShareRatio:
    z2 = normal_quantile(level) ** 2

    def at(ratio: float) -> float:
        return statistic(counts, ratio)

    start = _inside(at, value, z2)
    x1, n1, x0, n0 = counts
    told = 0 < x1 + x0 < n1 + n0
    return ShareRatio(
        value=value,
        lower=0.0 if value == 0 else _limit(at, start, z2, -1),
        upper=math.inf if value == math.inf else _limit(at, start, z2, 1),
        test=chi_square_of(at(1.0) if told else math.nan, degrees_of_freedom=1),
    )


def compare_risk_ratio(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95
) -> ShareRatio:
    """Share of group 1 over share of group 0 by the score method of Miettinen and Nurminen.

    `events` and `n` hold group 0, then group 1. Without events in both groups nothing is known:
    NaN, from 0 to infinity; an empty group gives NaN. Source: Miettinen, Nurminen (1985).
    """
    check_pair(events, n=n)
    (x0, x1), (n0, n1) = events, n
    if 0 in n:
        return _NOTHING
    if x0 + x1 == 0:
        return ShareRatio(value=math.nan, lower=0.0, upper=math.inf, test=_NOTHING.test)
    value = math.inf if x0 == 0 else (x1 / n1) / (x0 / n0)
    return _compare((x1, n1, x0, n0), value, _risk_statistic, level)


def compare_odds_ratio(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95
) -> ShareRatio:
    """Odds of group 1 over odds of group 0 by the score method of Miettinen and Nurminen.

    `events` and `n` hold group 0, then group 1. Where nobody or everybody has the event nothing
    is known: NaN, from 0 to infinity; an empty group gives NaN.
    Source: Miettinen, Nurminen (1985).
    """
    check_pair(events, n=n)
    (x0, x1), (n0, n1) = events, n
    if 0 in n:
        return _NOTHING
    if not 0 < x0 + x1 < n0 + n1:
        return ShareRatio(value=math.nan, lower=0.0, upper=math.inf, test=_NOTHING.test)
    against = x0 * (n1 - x1)
    value = math.inf if against == 0 else x1 * (n0 - x0) / against
    return _compare((x1, n1, x0, n0), value, _odds_statistic, level)
