"""Gray's test: whether the incidence of one cause differs between groups, others competing."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_times
from equipoise.numerics.chi_square import ChiSquare, quadratic_test
from equipoise.numerics.row_order import Places, number_strata, order_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Gray:
    """Events of cause 1 observed in each group, their excess and its covariance, and the test.

    `observed` and `score` have shape (k,), `variance` (k, k), summed over strata; the score is
    weighted. `z` is for two groups: above 0 when group 1 has more events than expected; NaN for
    other numbers.
    """

    n: NDArray[np.int64]
    observed: NDArray[np.int64]
    score: NDArray[np.float64]
    variance: NDArray[np.float64]
    z: float
    test: ChiSquare


@njit(cache=True)
def _add_group(
    k: int,
    pull: NDArray[np.float64],
    slope: float,
    spread: float,
    sums: NDArray[np.float64],
    variance: NDArray[np.float64],
) -> None:
    """The martingale of one group and cause: its part in the variance so far.

    The whole is (pull + slope * (C - c))(...)' spread with C the last c, which is not known yet:
    `sums` keeps by group what C will multiply, below c (rows 0 to k - 1): the sums of
    (pull - slope c) slope spread (rows k to 2k - 1) and of slope^2 spread (row 2k).
    """
    groups = pull.size
    for i in range(groups):
        first = pull[i] - slope * sums[i, k]
        sums[groups + i, k] += first * slope * spread
        for j in range(groups):
            variance[i, j] += first * (pull[j] - slope * sums[j, k]) * spread
    sums[2 * groups, k] += slope**2 * spread


@njit(cache=True)
def _ties(events: float, at_risk: float) -> float:
    """What ties take off a variance: events without replacement."""
    return 1.0 - (events - 1.0) / (at_risk - 1.0) if events > 1.0 and at_risk > 1.0 else 1.0


@njit(cache=True)
def _move(
    counts: NDArray[np.float64],
    state: NDArray[np.float64],
    weight: float,
    score: NDArray[np.float64],
) -> float:
    """The curves of each group past a time with events; returns the total exposure before it.

    `state` holds by group: at risk (0), survival (1) and incidence (2) after the time, survival
    before it (3), exposure R / S (4).
    """
    total, expected, events = 0.0, 0.0, 0.0
    for k in range(counts.shape[1]):
        if state[0, k] > 0:
            state[3, k] = state[1, k]
            state[4, k] = state[0, k] / state[1, k]
            total += state[4, k]
            expected += state[4, k] * (1.0 - state[2, k])
            events += counts[1, k]
    for k in range(counts.shape[1]):
        if state[0, k] > 0:
            if events > 0:
                due = state[4, k] * (1.0 - state[2, k]) / expected
                score[k] += weight * (counts[1, k] - events * due)
            state[2, k] += state[1, k] * counts[1, k] / state[0, k]
            state[1, k] *= (state[0, k] - counts[1, k] - counts[2, k]) / state[0, k]
        else:
            state[4, k] = 0.0
    return total


@njit(cache=True)
def _add_time(
    counts: NDArray[np.float64],
    state: NDArray[np.float64],
    pooled: float,
    rho: float,
    pull: NDArray[np.float64],
    sums: NDArray[np.float64],
    score: NDArray[np.float64],
    variance: NDArray[np.float64],
) -> float:
    """One time with events; returns the pooled incidence after it. `pull` is (2, k), row 1 zero."""
    groups, events = counts.shape[1], float(counts[1].sum())
    weight = (1.0 - pooled) ** rho if pooled < 1.0 else 0.0
    total = _move(counts, state, weight, score)
    after = pooled + events / total
    step = events / (total * (1.0 - pooled)) if pooled < 1.0 else 0.0
    for k in range(groups):
        at_risk, before = state[0, k], state[3, k]
        if at_risk <= 0:
            continue
        left = (1.0 - after) / state[1, k] if state[1, k] > 0 else 0.0
        if events > 0:
            for i in range(groups):
                own = 1.0 if i == k else 0.0
                pull[0, i] = weight * state[4, k] * (own - state[4, i] / total)
                sums[i, k] += pull[0, i] * step
            spread = before * events / (total * at_risk) * _ties(events, total * before)
            _add_group(k, pull[0], 1.0 - left, spread, sums, variance)
        if counts[2, k] > 0:
            spread = (before / at_risk) ** 2 * counts[2, k] * _ties(counts[2, k], at_risk)
            _add_group(k, pull[1], -left, spread, sums, variance)
    return float(after)


@njit(cache=True)
def _close_stratum(sums: NDArray[np.float64], variance: NDArray[np.float64]) -> None:
    groups = variance.shape[0]
    for k in range(groups):
        for i in range(groups):
            for j in range(groups):
                variance[i, j] += sums[i, k] * sums[j, k] * sums[2 * groups, k]
                variance[i, j] += sums[i, k] * sums[groups + j, k]
                variance[i, j] += sums[j, k] * sums[groups + i, k]


@njit(cache=True)
def _gray_kernel(
    rank: Places,
    cause: NDArray[np.int64],
    group: NDArray[np.int64],
    stratum: Places,
    groups: int,
    rho: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows ordered by stratum, then time; each stratum walked forward, then closed."""
    score, variance = np.zeros(groups), np.zeros((groups, groups))
    counts = np.zeros((3, groups))  # by group: leaving, of them with cause 1, with another
    pull, row = np.zeros((2, groups)), 0
    while row < rank.size:
        here, end, pooled = stratum[row], row, 0.0
        state, sums = np.zeros((5, groups)), np.zeros((2 * groups + 1, groups))
        state[1] = 1.0
        while end < rank.size and stratum[end] == here:
            state[0, group[end]] += 1.0
            end += 1
        while row < end:
            now = rank[row]
            counts[:] = 0.0
            while row < end and rank[row] == now:
                counts[0, group[row]] += 1.0
                if cause[row] > 0:
                    counts[min(cause[row], 2), group[row]] += 1.0
                row += 1
            if counts[1].sum() + counts[2].sum() > 0:
                pooled = _add_time(counts, state, pooled, rho, pull, sums, score, variance)
            for k in range(groups):
                state[0, k] -= counts[0, k]
        _close_stratum(sums, variance)
    return score, variance


def compare_gray(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    group: ArrayLike,
    stratum: ArrayLike | None = None,
    groups: int | None = None,
    rho: float = 0.0,
) -> Gray:
    """Whether the groups' incidence of cause 1 differs, by stratum: Gray's K-sample test.

    `cause` is 0 censored, 1 the event, 2 or more competing; `group` holds codes 0 to `groups` - 1
    (default: to the largest seen). Weight is (1 - pooled incidence)^`rho`. Where no event has two
    groups at risk there is no variance: the statistic and p are NaN on 0 degrees of freedom; ties
    are hypergeometric. Source: Gray (1988), 2.2, as cmprsk::cuminc.
    """
    times = check_times(time)
    n = times.size
    causes = check_codes(cause, name="cause", n=n)
    codes = check_codes(group, name="group", n=n, upper=None if groups is None else groups - 1)
    strata, _ = number_strata(check_codes(stratum, name="stratum", n=n))
    count = int(codes.max()) + 1 if groups is None else groups
    rows = order_rows(times, stratum=strata)
    order = rows.order
    score, variance = _gray_kernel(
        rows.rank, causes[order], codes[order], strata[order], count, float(rho)
    )
    test = quadratic_test(score, variance=variance)
    two = count == 2 and test.degrees_of_freedom == 1
    return Gray(
        n=np.bincount(codes, minlength=count),
        observed=np.bincount(codes[causes == 1], minlength=count),
        score=score,
        variance=variance,
        z=float(score[1] / math.sqrt(variance[1, 1])) if two else math.nan,
        test=test,
    )
