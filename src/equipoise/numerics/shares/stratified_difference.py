"""The difference of two shares over strata: by the score, with minimum risk, by Wilson's limits."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.shares.counts import check_tables, tell_strata
from equipoise.numerics.shares.restricted_shares import restricted_share_kernel

Floats = NDArray[np.float64]


class StratumWeights(Enum):
    """How much a stratum counts in the score of a difference."""

    MANTEL_HAENSZEL = "mantel_haenszel"  # n1 n0 / (n1 + n0)
    MIETTINEN_NURMINEN = "miettinen_nurminen"  # from the shares standardised at each difference
    INVERSE_VARIANCE = "inverse_variance"  # 1 / variance at each difference; mixed strata only


_CODES = {weights: code for code, weights in enumerate(StratumWeights)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StratifiedDifference:
    """Share of group 1 less share of group 0 over strata, its interval and test of no difference.

    `weights` have the shape of the strata, sum to 1, and are 0 where a group is empty; `message`
    names those.
    """

    value: float
    lower: float
    upper: float
    test: ChiSquare
    weights: Floats
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strata:
    """Events and sizes of both groups in the strata that have both."""

    x1: Floats
    n1: Floats
    x0: Floats
    n0: Floats
    kept: NDArray[np.bool_]
    message: str

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.x1, self.n1, self.x0, self.n0


def _strata(events: ArrayLike, n: ArrayLike, *, mixed: bool = False) -> _Strata:
    x, size = check_tables(events, n=n)
    if x.shape[1] != 2:
        raise ValueError(f"{x.shape[1]} groups: a difference is of two")
    kept = np.asarray((size > 0).all(axis=1))
    why = "a group is empty: left out"
    if mixed:
        told = (x.sum(axis=1) > 0) & (x.sum(axis=1) < size.sum(axis=1))
        kept = kept & told
        why = "a group is empty, or nobody or everybody has the event: left out"
    x1, n1, x0, n0 = (
        np.ascontiguousarray(part[kept], dtype=np.float64)
        for part in (x[:, 1], size[:, 1], x[:, 0], size[:, 0])
    )
    message = tell_strata(idle=~kept, why=why)
    return _Strata(x1=x1, n1=n1, x0=x0, n0=n0, kept=kept, message=message)


def _build(
    strata: _Strata, numbers: tuple[float, float, float], statistic: float, weights: Floats
) -> StratifiedDifference:
    spread = np.zeros(strata.kept.size)
    spread[strata.kept] = weights
    value, lower, upper = numbers
    return StratifiedDifference(
        value=value,
        lower=lower,
        upper=upper,
        test=chi_square_of(statistic, degrees_of_freedom=1),
        weights=spread,
        message=strata.message,
    )


_NO_NUMBERS = (math.nan, math.nan, math.nan)


@njit(cache=True)
def _stratified_score_kernel(
    x1: Floats, n1: Floats, x0: Floats, n0: Floats, delta: float, weighting: int
) -> tuple[float, float, Floats]:
    """Weighted difference less `delta`, its variance and the weights, at this difference."""
    strata = x1.size
    p0 = np.empty(strata)
    variance = np.empty(strata)
    for j in range(strata):
        p0[j] = restricted_share_kernel(x1[j], n1[j], x0[j], n0[j], delta)
        p1 = min(max(p0[j] + delta, 0.0), 1.0)
        n = n1[j] + n0[j]
        variance[j] = (p1 * (1 - p1) / n1[j] + p0[j] * (1 - p0[j]) / n0[j]) * n / (n - 1)
    weight = n1 * n0 / (n1 + n0)
    weight /= weight.sum()
    if weighting == 2 and variance.min() > 0:
        weight = (1 / variance) / (1 / variance).sum()
    if weighting == 1:
        for _ in range(500):
            r0 = (weight * p0).sum()
            r1 = min(max(r0 + delta, 0.0), 1.0)
            spread = r1 * (1 - r1) / n1 + r0 * (1 - r0) / n0
            if spread.min() <= 0:
                break
            following = (1 / spread) / (1 / spread).sum()
            change = np.abs(following - weight).max()
            weight = following
            if change < 1e-16:
                break
    gap = (weight * (x1 / n1 - x0 / n0 - delta)).sum()
    return gap, (weight**2 * variance).sum(), weight


def _edge(excess: Callable[[float], float], start: float, towards: int) -> float:
    near = start + towards * 1e-9
    if abs(near) >= 1 or excess(near) > 0:
        return start
    return float(brentq(excess, near, float(towards), xtol=1e-15, rtol=1e-14, maxiter=200))


def compare_stratified_score(
    events: ArrayLike,
    *,
    n: ArrayLike,
    level: float = 0.95,
    weights: StratumWeights = StratumWeights.MIETTINEN_NURMINEN,
) -> StratifiedDifference:
    """Share of group 1 less share of group 0 over strata, by the score of Miettinen, Nurminen.

    `events` and `n` have shape (strata, 2), group 0 first. Strata without events count (but for
    weights by the inverse variance, which they would have without end); those with an empty group
    are left out and told. The variance of a stratum has the factor N/(N - 1). The test
    is NaN where nobody or everybody has the event.
    Source: Miettinen, Nurminen (1985), equations 16-18.
    """
    strata = _strata(events, n, mixed=weights is StratumWeights.INVERSE_VARIANCE)
    z, code = normal_quantile(level), _CODES[weights]
    if strata.x1.size == 0:
        return _build(strata, _NO_NUMBERS, math.nan, strata.x1)

    def gap(delta: float) -> float:
        return float(_stratified_score_kernel(*strata.arrays, delta, code)[0])

    def excess(delta: float) -> float:
        away, variance, _ = _stratified_score_kernel(*strata.arrays, delta, code)
        return abs(away) - z * math.sqrt(variance)

    value = float(brentq(gap, -1.0, 1.0, xtol=1e-15, rtol=1e-14)) if abs(gap(0.0)) > 0 else 0.0
    away, variance, _ = _stratified_score_kernel(*strata.arrays, 0.0, code)
    limits = (_edge(excess, value, -1), _edge(excess, value, 1))
    return _build(
        strata,
        (value, *limits),
        away**2 / variance if variance > 0 else math.nan,
        _stratified_score_kernel(*strata.arrays, value, code)[2],
    )


def compare_minimum_risk(
    events: ArrayLike, *, n: ArrayLike, level: float = 0.95
) -> StratifiedDifference:
    """Share of group 1 less share of group 0 over strata, with the weights of least mean squared
    error: they balance variance against the bias where the strata differ.

    `events` and `n` have shape (strata, 2), group 0 first. Interval and test are Wald's, without
    correction of continuity; where a stratum has no variance, half an event and half a non-event
    are added to its groups for the weights and the variance. Source: Mehrotra, Railkar (2000).
    """
    strata = _strata(events, n)
    z = normal_quantile(level)
    x1, n1, x0, n0 = strata.arrays
    if x1.size == 0:
        return _build(strata, _NO_NUMBERS, math.nan, x1)
    difference = x1 / n1 - x0 / n0
    variance = _wald_variance(x1, n1, x0, n0)
    none = variance == 0
    variance[none] = _wald_variance(x1 + 0.5, n1 + 1, x0 + 0.5, n0 + 1)[none]
    target = float((n1 + n0) @ difference) / float((n1 + n0).sum())
    weights = _least_risk(difference, variance, target)
    value, error = float(weights @ difference), math.sqrt(float(weights**2 @ variance))
    limits = max(value - z * error, -1.0), min(value + z * error, 1.0)
    return _build(strata, (value, *limits), (value / error) ** 2, weights)


def _wald_variance(x1: Floats, n1: Floats, x0: Floats, n0: Floats) -> Floats:
    p1, p0 = x1 / n1, x0 / n0
    return p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0


def _least_risk(difference: Floats, variance: Floats, target: float) -> Floats:
    """Weights of sum 1 with the least variance plus squared distance from `target`."""
    k = difference.size
    system = np.ones((k + 1, k + 1))
    system[:k, :k] = np.diag(variance) + np.outer(difference, difference)
    system[k, k] = 0.0
    return np.asarray(np.linalg.solve(system, np.r_[target * difference, 1.0])[:k])


def _wilson(x: Floats, n: Floats, weights: Floats, z: float) -> tuple[float, float]:
    """The stratified limits of Wilson: each stratum's at the z that gives the whole its level."""
    share = x / n
    spread = np.sqrt(share * (1 - share) / n)
    if not spread.any():  # nobody or everybody: as if the strata's shares were one
        spread = 1 / np.sqrt(n)
    z2 = (z * math.sqrt(float(weights**2 @ spread**2)) / float(weights @ spread)) ** 2
    middle = (x + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (x * (1 - share) + z2 / 4)) / (n + z2)
    return float(weights @ (middle - half)), float(weights @ (middle + half))


def compare_stratified_newcombe(
    events: ArrayLike, *, n: ArrayLike, level: float = 0.95
) -> StratifiedDifference:
    """Share of group 1 less share of group 0 over strata with the hybrid of Wilson's limits.

    `events` and `n` have shape (strata, 2), group 0 first; weights of Mantel and Haenszel. The
    test is the stratified score test with the same weights. Source: Yan, Su (2010).
    """
    strata = _strata(events, n)
    z = normal_quantile(level)
    x1, n1, x0, n0 = strata.arrays
    if x1.size == 0:
        return _build(strata, _NO_NUMBERS, math.nan, x1)
    weights = n1 * n0 / (n1 + n0)
    weights /= weights.sum()
    value = float(weights @ (x1 / n1 - x0 / n0))
    (low1, high1), (low0, high0) = _wilson(x1, n1, weights, z), _wilson(x0, n0, weights, z)
    factor1, factor0 = float(weights**2 @ (1 / n1)), float(weights**2 @ (1 / n0))

    def reach(share1: float, share0: float) -> float:
        inside = factor1 * share1 * (1 - share1) + factor0 * share0 * (1 - share0)
        return z * math.sqrt(max(inside, 0.0))

    limits = value - reach(low1, high0), value + reach(high1, low0)
    code = _CODES[StratumWeights.MANTEL_HAENSZEL]
    away, variance, _ = _stratified_score_kernel(*strata.arrays, 0.0, code)
    statistic = away**2 / variance if variance > 0 else math.nan
    return _build(strata, (value, *limits), statistic, weights)
