"""The exact partial likelihood of tied events: which of those at risk fail, given how many do."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import last_seen, relative_risks
from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.row_order import Places

_MOST_TIED = 500  # beyond it the sums over subsets would leave the range of floats
_MOST_TERMS = 2e8  # about a second for one sum of the likelihood


@njit(cache=True)
def _enter(
    share: float,
    own: NDArray[np.float64],
    most: int,
    s0: NDArray[np.float64],
    s1: NDArray[np.float64],
    s2: NDArray[np.float64],
) -> None:
    """A row comes in: a subset of m either lacks it or is one of m - 1 with it."""
    p = own.size
    for m in range(most, 0, -1):
        for i in range(p):
            for j in range(i + 1):
                cross = own[i] * s1[m - 1, j] + own[j] * s1[m - 1, i]
                both = own[i] * own[j] * s0[m - 1]
                s2[m, i, j] += share * (s2[m - 1, i, j] + cross + both)
        for i in range(p):
            s1[m, i] += share * (s1[m - 1, i] + own[i] * s0[m - 1])
        s0[m] += share * s0[m - 1]


@njit(cache=True)
def _exact_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    last: NDArray[np.int64],
    event: NDArray[np.int8],
    x: NDArray[np.float64],
    risk: NDArray[np.float64],
    first: NDArray[np.int64],
    score: NDArray[np.float64],
    information: NDArray[np.float64],
) -> float:
    """For each event time the sum over all subsets of its size, with slope and curvature.

    Where nobody comes late, those at risk at a time are those at risk later and some more: one
    sum goes on through the times of a stratum, up to the most that tie in it. Else, and where it
    has left the range of floats, each time has its own.
    """
    value, p, blocks = 0.0, x.shape[1], begin.size
    stop, came, seen, most, unit = 0, 0, 0, 0, 1.0
    s0, s1, s2 = np.zeros(1), np.zeros((1, p)), np.zeros((1, p, p))
    for k in range(blocks - 1, -1, -1):
        failed = 0
        for row in range(begin[k], end[k]):
            failed += 1 if event[row] == 1 and last[row] == k else 0
        if k == blocks - 1 or block_stratum[k] != block_stratum[k + 1]:
            stop = end[k]
            came, seen, most, low = stop, 0, 0, k
            while low >= 0 and block_stratum[low] == block_stratum[k]:
                tied = 0
                for row in range(begin[low], end[low]):
                    tied += event[row]
                most, low = max(most, tied), low - 1
            unit = np.sum(risk[begin[low + 1] : stop]) / most
            s0, s1, s2 = np.zeros(most + 1), np.zeros((most + 1, p)), np.zeros((most + 1, p, p))
            s0[0] = 1.0
        alone = first.size > 0
        if not alone:
            for row in range(begin[k], came):
                seen += 1
                _enter(risk[row] / unit, x[row], min(seen, most), s0, s1, s2)
            came = begin[k]
            alone = not 1e-250 < s0[failed] < 1e250
        t0, t1, t2, scale = s0, s1, s2, unit
        if alone:
            t0, t1 = np.zeros(failed + 1), np.zeros((failed + 1, p))
            t2, t0[0], total, there = np.zeros((failed + 1, p, p)), 1.0, 0.0, 0
            for row in range(begin[k], stop):
                if last[row] >= k and (first.size == 0 or first[row] <= k):
                    total += risk[row]
            scale = total / failed
            for row in range(begin[k], stop):
                if last[row] >= k and (first.size == 0 or first[row] <= k):
                    there += 1
                    _enter(risk[row] / scale, x[row], min(there, failed), t0, t1, t2)
        if not t0[failed] > 0.0:  # beyond the range of floats even by itself
            score[:] = math.nan
            return -math.inf
        value -= math.log(t0[failed]) + failed * math.log(scale)
        for i in range(p):
            mean = t1[failed, i] / t0[failed]
            score[i] -= mean
            for j in range(i + 1):
                mean_j = t1[failed, j] / t0[failed]
                information[i, j] += t2[failed, i, j] / t0[failed] - mean * mean_j
    return value


def _events_tied(design: CoxDesign) -> NDArray[np.int64]:
    """The number of events at each time."""
    if not design.begin.size:
        return np.zeros(0, dtype=np.int64)
    return np.add.reduceat(design.event, design.begin, dtype=np.int64)


def may_count_out(design: CoxDesign) -> bool:
    """Whether the subsets are few enough for exact ties."""
    tied = _events_tied(design)
    terms = float(np.sum(tied)) * design.event.size * design.scale.size**2
    return int(np.max(tied, initial=0)) <= _MOST_TIED and terms <= _MOST_TERMS


def check_exact_size(design: CoxDesign) -> None:
    """ValueError where the subsets are too many to count out."""
    if not may_count_out(design):
        tied = _events_tied(design)
        most = int(np.max(tied, initial=0))
        raise ValueError(
            f"{most} events tie, {int(np.sum(tied))} in all, among {design.event.size} rows: too"
            " many subsets for exact ties; use Ties.EFRON"
        )


def sum_exact_likelihood(design: CoxDesign, *, beta: NDArray[np.float64]) -> LikelihoodSums:
    """Log likelihood, score and information with exact ties at scaled coefficients `beta`.

    The cost grows with rows at risk times events tied. Source: Gail, Lubin, Rubinstein (1981),
    the recursion (2.3) and its derivatives.
    """
    p = beta.size
    score, information = np.zeros(p), np.zeros((p, p))
    value = _exact_kernel(
        design.begin,
        design.end,
        design.block_stratum,
        last_seen(design),
        design.event,
        design.x,
        relative_risks(design, beta=beta),
        design.first,
        score,
        information,
    )
    lower = np.tril(information)
    return LikelihoodSums(
        log_likelihood=float(design.failed @ beta) + value,
        score=design.failed + score,
        information=lower + np.tril(information, -1).T,
    )
