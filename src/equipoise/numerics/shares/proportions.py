"""Shares of patients and the difference of two, with intervals that hold in small groups."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, betaincinv, gammaln, xlog1py, xlogy

from equipoise.numerics.checks import check_level
from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.shares.counts import check_pair, check_share
from equipoise.numerics.shares.restricted_shares import score_variance_kernel


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTest:
    """Exact p values that a share is an expected one: other than it, below it, above it."""

    p_value: float
    p_less: float
    p_greater: float


_Counts = tuple[float, float, float, float]  # events and size of group 1, of group 0
_UNKNOWN = Proportion(value=math.nan, lower=math.nan, upper=math.nan)


def estimate_wilson(events: int, *, n: int, level: float = 0.95) -> Proportion:
    """A share with Wilson's score interval. Source: Wilson (1927); Newcombe (1998), method 3."""
    check_share(events, n=n)
    if n == 0:
        return _UNKNOWN
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
    check_share(events, n=n)
    if n == 0:
        return _UNKNOWN
    tail = (1 - check_level(level)) / 2
    lower = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    upper = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return Proportion(value=events / n, lower=lower, upper=upper)


def estimate_jeffreys(events: int, *, n: int, level: float = 0.95) -> Proportion:
    """A share with the interval of Jeffreys' prior, up to 0 and 1 where all are alike.

    Quantiles of Beta(x + 1/2, n - x + 1/2). Source: Brown, Cai, DasGupta (2001), section 4.
    """
    check_share(events, n=n)
    if n == 0:
        return _UNKNOWN
    tail, a, b = (1 - check_level(level)) / 2, events + 0.5, n - events + 0.5
    return Proportion(
        value=events / n,
        lower=0.0 if events == 0 else float(betaincinv(a, b, tail)),
        upper=1.0 if events == n else float(1 - betaincinv(b, a, tail)),
    )


def estimate_agresti_coull(events: int, *, n: int, level: float = 0.95) -> Proportion:
    """A share with Wald's interval after z^2/2 events and as many others are added, within 0 to 1.

    Source: Agresti, Coull (1998); Brown, Cai, DasGupta (2001).
    """
    check_share(events, n=n)
    if n == 0:
        return _UNKNOWN
    z2 = normal_quantile(level) ** 2
    middle = (events + z2 / 2) / (n + z2)
    half = math.sqrt(z2 * middle * (1 - middle) / (n + z2))
    return Proportion(
        value=events / n, lower=max(middle - half, 0.0), upper=min(middle + half, 1.0)
    )


def _upper_mid_p(events: int, n: int, share: float) -> float:
    """Chance of more events at this share, and half that of as many."""
    as_many = 1.0 if events == 0 else float(betainc(events, n - events + 1, share))
    more = 0.0 if events == n else float(betainc(events + 1, n - events, share))
    return (as_many + more) / 2


def estimate_mid_p(events: int, *, n: int, level: float = 0.95) -> Proportion:
    """A share with the exact interval that counts the chance of the observed by half.

    Shorter than that of Clopper and Pearson, and not quite of the level everywhere.
    Source: Lancaster (1961); Berry, Armitage (1995).
    """
    check_share(events, n=n)
    if n == 0:
        return _UNKNOWN
    tail = (1 - check_level(level)) / 2

    def limit(chance: float) -> float:
        return float(
            brentq(lambda p: _upper_mid_p(events, n, p) - chance, 0, 1, xtol=1e-300, rtol=1e-14)
        )

    return Proportion(
        value=events / n,
        lower=0.0 if events == 0 else limit(tail),
        upper=1.0 if events == n else limit(1 - tail),
    )


def compare_with_share(events: int, *, n: int, expected: float) -> ShareTest:
    """The exact binomial test that a share is `expected`; NaN where there is nobody.

    Two-sided: the chance of all counts that are as rare as the observed one or rarer.
    Source: Clopper, Pearson (1934).
    """
    check_share(events, n=n)
    if not 0 < expected < 1:
        raise ValueError(f"expected must lie between 0 and 1, not {expected}")
    if n == 0:
        return ShareTest(p_value=math.nan, p_less=math.nan, p_greater=math.nan)
    counts = np.arange(n + 1)
    chance = np.exp(
        gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
        + xlogy(counts, expected) + xlog1py(n - counts, -expected)
    )  # fmt: skip
    rare = chance <= chance[events] * (1 + 1e-7)  # as R does: equal but for rounding
    above = 1.0 if events == 0 else float(betainc(events, n - events + 1, expected))
    below = 1.0 if events == n else float(betainc(n - events, events + 1, 1 - expected))
    both = 1.0 if rare.all() else min(1.0, float(chance[rare].sum()))
    return ShareTest(p_value=both, p_less=below, p_greater=above)


def _score_limit(counts: _Counts, z: float, towards: int) -> float:
    """Where the score test just rejects, below (-1) or above (1) the observed difference.

    `z` has the factor of the variance in it.
    """
    x1, n1, x0, n0 = counts
    observed = x1 / n1 - x0 / n0
    if abs(observed) == 1 and observed == towards:
        return observed

    def excess(delta: float) -> float:
        return abs(observed - delta) - z * math.sqrt(score_variance_kernel(*counts, delta))

    near = observed + towards * 1e-9  # at the observed difference itself 0/n v 0/n has a root
    return float(brentq(excess, near, float(towards), xtol=1e-15, rtol=1e-14, maxiter=200))


def compare_miettinen_nurminen(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95, correction: bool = True
) -> RiskDifference:
    """Share of group 1 less share of group 0 by the score method of Miettinen and Nurminen.

    `events` and `n` hold group 0, then group 1. Groups of any result, also none or all; an empty
    group gives NaN. The test is the score test of no difference, with the factor N/(N - 1);
    NaN when nobody or everybody has the event. Without `correction` the factor is left out: the
    interval of Mee. Source: Miettinen, Nurminen (1985); Mee (1984).
    """
    check_pair(events, n=n)
    if 0 in n:
        nothing = chi_square_of(math.nan, degrees_of_freedom=1)
        return RiskDifference(value=math.nan, lower=math.nan, upper=math.nan, test=nothing)
    scale = sum(n) / (sum(n) - 1) if correction else 1.0
    z = normal_quantile(level) * math.sqrt(scale)
    counts = float(events[1]), float(n[1]), float(events[0]), float(n[0])
    difference = events[1] / n[1] - events[0] / n[0]
    told = 0 < sum(events) < sum(n)
    variance = scale * score_variance_kernel(*counts, 0.0) if told else math.nan
    return RiskDifference(
        value=difference,
        lower=_score_limit(counts, z, -1),
        upper=_score_limit(counts, z, 1),
        test=chi_square_of(difference**2 / variance, degrees_of_freedom=1),
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
