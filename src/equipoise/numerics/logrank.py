"""The log-rank test of two or more groups, in strata if wanted."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh

from equipoise.numerics.checks import check_codes, check_times
from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.event_counts import order_by_stratum_and_time, rank_times


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRank:
    """Events observed and expected in each group, their covariance, and the test.

    `observed` and `expected` have shape (k,), `variance` (k, k), summed over strata. `z` is for
    two groups: above 0 when group 1 has more events than expected; NaN for other numbers.
    """

    n: NDArray[np.int64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    z: float
    test: ChiSquare


@njit(cache=True)
def _add_event_time(
    deaths: NDArray[np.float64],
    at_risk: NDArray[np.float64],
    expected: NDArray[np.float64],
    variance: NDArray[np.float64],
) -> None:
    n = at_risk.sum()
    d = deaths.sum()
    spread = d * (n - d) / (n - 1.0) if n > 1.0 else 0.0
    for i in range(at_risk.size):
        share = at_risk[i] / n
        expected[i] += d * share
        variance[i, i] += spread * share
        for j in range(at_risk.size):
            variance[i, j] -= spread * share * at_risk[j] / n


@njit(cache=True)
def _logrank_kernel(
    rank: NDArray[np.int64],
    event: NDArray[np.int64],
    group: NDArray[np.int64],
    stratum: NDArray[np.int64],
    groups: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Rows ordered by stratum, then time; walked from the last time of a stratum to its first."""
    observed = np.zeros(groups)
    expected = np.zeros(groups)
    variance = np.zeros((groups, groups))
    at_risk = np.zeros(groups)
    deaths = np.zeros(groups)
    row = rank.size - 1
    while row >= 0:
        now, here = rank[row], stratum[row]
        deaths[:] = 0.0
        any_death = False
        while row >= 0 and rank[row] == now and stratum[row] == here:
            at_risk[group[row]] += 1.0
            if event[row] == 1:
                deaths[group[row]] += 1.0
                any_death = True
            row -= 1
        if any_death:
            observed += deaths
            _add_event_time(deaths, at_risk, expected, variance)
        if row >= 0 and stratum[row] != here:
            at_risk[:] = 0.0
    return observed, expected, variance


def _test(
    difference: NDArray[np.float64], variance: NDArray[np.float64], expected: NDArray[np.float64]
) -> ChiSquare:
    """Quadratic form over the groups at risk; its degrees of freedom are the covariance's rank."""
    kept = expected > 0
    if kept.sum() < 2:
        return chi_square_of(math.nan, degrees_of_freedom=0)
    roots, axes = eigh(variance[np.ix_(kept, kept)])
    used = roots > 1e-10 * max(float(expected.sum()), 1.0)
    along = axes[:, used].T @ difference[kept]
    statistic = float(np.sum(along**2 / roots[used]))
    return chi_square_of(statistic, degrees_of_freedom=int(used.sum()))


def compare_logrank(
    time: ArrayLike,
    *,
    event: ArrayLike,
    group: ArrayLike,
    stratum: ArrayLike | None = None,
    groups: int | None = None,
) -> LogRank:
    """Whether the groups' hazards differ: observed against expected events, by stratum.

    `group` holds codes 0 to `groups` - 1 (default: to the largest seen). A group with nobody at
    risk at an event takes no part. Where no event has two groups at risk there is no variance:
    the statistic and p are NaN on 0 degrees of freedom. Variance is hypergeometric, so exact with
    ties. Source: Mantel (1966); Peto, Peto (1972).
    """
    times = check_times(time)
    n = times.size
    upper = None if groups is None else groups - 1
    codes = check_codes(group, name="group", n=n, upper=upper)
    strata = check_codes(stratum, name="stratum", n=n)
    events = check_codes(event, name="event", n=n, upper=1)
    count = int(codes.max()) + 1 if groups is None else groups
    rank = rank_times(times).rank
    order = order_by_stratum_and_time(strata, rank=rank)
    observed, expected, variance = _logrank_kernel(
        rank[order], events[order], codes[order], strata[order], count
    )
    test = _test(observed - expected, variance, expected)
    two = count == 2 and test.degrees_of_freedom == 1
    return LogRank(
        n=np.bincount(codes, minlength=count),
        observed=observed,
        expected=expected,
        variance=variance,
        z=float((observed[1] - expected[1]) / math.sqrt(variance[1, 1])) if two else math.nan,
        test=test,
    )
