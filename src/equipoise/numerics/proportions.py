"""Shares of patients and the difference of two, with intervals that hold in small groups."""

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import betaincinv

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A share with its interval; NaN where there is nobody."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskDifference:
    """Share of group 1 less share of group 0, with interval and score test of no difference."""

    value: float
    lower: float
    upper: float
    test: ChiSquare


def _check_counts(events: int, n: int) -> None:
    if not 0 <= events <= n:
        raise ValueError(f"{events} of {n}: events must be from 0 to n")


def estimate_wilson(events: int, *, n: int, level: float = 0.95) -> Proportion:
    """A share with Wilson's score interval. Source: Wilson (1927); Newcombe (1998), method 3."""
    _check_counts(events, n)
    if n == 0:
        return Proportion(value=math.nan, lower=math.nan, upper=math.nan)
    z2 = normal_quantile(level) ** 2
    share = events / n
    middle = (events + z2 / 2) / (n + z2)
    half = math.sqrt(z2 * (events * (1 - share) + z2 / 4)) / (n + z2)
    return Proportion(
        value=share,
        lower=0.0 if events == 0 else middle - half,
        upper=1.0 if events == n else middle + half,
    )


def estimate_clopper_pearson(events: int, *, n: int, level: float = 0.95) -> Proportion:
    """A share with the exact binomial interval. Source: Clopper, Pearson (1934)."""
    _check_counts(events, n)
    if n == 0:
        return Proportion(value=math.nan, lower=math.nan, upper=math.nan)
    tail = (1 - level) / 2
    lower = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    upper = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return Proportion(value=events / n, lower=lower, upper=upper)


def _restricted_share(counts: tuple[int, int, int, int], delta: float) -> float:
    """The most likely share of group 0 when group 1's is greater by `delta`.

    The slope of the log likelihood falls throughout, so its root is found by halving, to the last
    bit; the closed cubic of Miettinen, Nurminen (1985) loses half the digits near its double roots.
    """
    x1, n1, x0, n0 = counts
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    while True:
        p0 = (low + high) / 2
        if not low < p0 < high:
            return p0
        p1 = p0 + delta
        gain = x0 / p0 + (x1 / p1 if x1 else 0.0)
        loss = (n0 - x0) / (1 - p0) + ((n1 - x1) / (1 - p1) if n1 > x1 else 0.0)
        low, high = (p0, high) if gain > loss else (low, p0)


def _score_variance(counts: tuple[int, int, int, int], delta: float) -> float:
    """Variance of the difference at this true difference. Source: Miettinen, Nurminen (1985)."""
    _, n1, _, n0 = counts
    p0 = _restricted_share(counts, delta)
    p1 = min(max(p0 + delta, 0.0), 1.0)
    n = n1 + n0
    return (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * n / (n - 1)


def _score_limit(counts: tuple[int, int, int, int], z: float, towards: int) -> float:
    """Where the score test just rejects, below (-1) or above (1) the observed difference."""
    x1, n1, x0, n0 = counts
    observed = x1 / n1 - x0 / n0
    if abs(observed) == 1 and observed == towards:
        return observed

    def excess(delta: float) -> float:
        return abs(observed - delta) - z * math.sqrt(_score_variance(counts, delta))

    near = observed + towards * 1e-9  # at the observed difference itself 0/n v 0/n has a root
    return float(brentq(excess, near, float(towards), xtol=1e-15, rtol=1e-14, maxiter=200))


def compare_miettinen_nurminen(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95
) -> RiskDifference:
    """Share of group 1 less share of group 0 by the score method of Miettinen and Nurminen.

    `events` and `n` hold group 0, then group 1. Groups of any result, also none or all; an empty
    group gives NaN. The test is the score test of no difference, with the factor N/(N - 1);
    NaN when nobody or everybody has the event. Source: Miettinen, Nurminen (1985).
    """
    for x, size in zip(events, n, strict=True):
        _check_counts(x, size)
    if 0 in n:
        nothing = chi_square_of(math.nan, degrees_of_freedom=1)
        return RiskDifference(value=math.nan, lower=math.nan, upper=math.nan, test=nothing)
    z = normal_quantile(level)
    counts = (events[1], n[1], events[0], n[0])
    difference = events[1] / n[1] - events[0] / n[0]
    variance = _score_variance(counts, 0.0) if 0 < sum(events) < sum(n) else 0.0
    statistic = difference**2 / variance if variance > 0 else math.nan
    return RiskDifference(
        value=difference,
        lower=_score_limit(counts, z, -1),
        upper=_score_limit(counts, z, 1),
        test=chi_square_of(statistic, degrees_of_freedom=1),
    )


def compare_newcombe(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95
) -> RiskDifference:
    """Share of group 1 less share of group 0 with the hybrid of two Wilson intervals.

    `events` and `n` hold group 0, then group 1. The test is that of Miettinen and Nurminen.
    Source: Newcombe (1998), method 10.
    """
    score = compare_miettinen_nurminen(events, n=n, level=level)
    control, treated = (
        estimate_wilson(x, n=size, level=level) for x, size in zip(events, n, strict=True)
    )
    below = math.hypot(treated.value - treated.lower, control.upper - control.value)
    above = math.hypot(treated.upper - treated.value, control.value - control.lower)
    return RiskDifference(
        value=score.value, lower=score.value - below, upper=score.value + above, test=score.test
    )
