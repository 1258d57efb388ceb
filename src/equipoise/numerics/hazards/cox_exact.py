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
_FEW = 4  # sizes, which a plain loop is faster for
_MOST_TERMS = 2e8  # about a second for one sum of the likelihood


@njit(cache=True)
def _enter(
    share: float,
    own: NDArray[np.float64],
    most: int,
    sums: NDArray[np.float64],
    came: NDArray[np.float64],
) -> None:
    """A row comes in: a subset of m either lacks it or is one of m - 1 with it.

    `sums` has a row for the value, p for its slopes and one for each curvature, and a column for
    each size. Many sizes take two loops, that the processor makes four of at once.
    """
    p = own.size
    at = sums.shape[0]
    for i in range(p - 1, -1, -1):
        a = share * own[i]
        for j in range(i, -1, -1):
            at -= 1
            b = share * own[j]
            c = own[i] * b
            if most < _FEW:
                for m in range(most, 0, -1):
                    cross = a * sums[1 + j, m - 1] + b * sums[1 + i, m - 1]
                    sums[at, m] += share * sums[at, m - 1] + cross + c * sums[0, m - 1]
            else:
                for m in range(most):
                    cross = a * sums[1 + j, m] + b * sums[1 + i, m]
                    came[m] = share * sums[at, m] + cross + c * sums[0, m]
                for m in range(most):
                    sums[at, m + 1] += came[m]
    for i in range(p):
        for m in range(most, 0, -1):
            sums[1 + i, m] += share * (sums[1 + i, m - 1] + own[i] * sums[0, m - 1])
    for m in range(most, 0, -1):
        sums[0, m] += share * sums[0, m - 1]


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
    size = 1 + p + p * (p + 1) // 2
    sums, room = np.zeros((size, 1)), np.zeros(event.size + 1)
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
            sums = np.zeros((size, most + 1))
            sums[0, 0] = 1.0
        alone = first.size > 0
        if not alone:
            for row in range(begin[k], came):
                seen += 1
                _enter(risk[row] / unit, x[row], min(seen, most), sums, room)
            came = begin[k]
            alone = not 1e-250 < sums[0, failed] < 1e250
        own, scale = sums, unit
        if alone:
            own, total, there = np.zeros((size, failed + 1)), 0.0, 0
            own[0, 0] = 1.0
            for row in range(begin[k], stop):
                if last[row] >= k and (first.size == 0 or first[row] <= k):
                    total += risk[row]
            scale = total / failed
            for row in range(begin[k], stop):
                if last[row] >= k and (first.size == 0 or first[row] <= k):
                    there += 1
                    _enter(risk[row] / scale, x[row], min(there, failed), own, room)
        if not own[0, failed] > 0.0:  # the risks are too far apart for the floats
            score[:] = math.nan
            return -math.inf
        value -= math.log(own[0, failed]) + failed * math.log(scale)
        at = p
        for i in range(p):
            mean = own[1 + i, failed] / own[0, failed]
            score[i] -= mean
            for j in range(i + 1):
                at += 1
                mean_j = own[1 + j, failed] / own[0, failed]
                information[i, j] += own[at, failed] / own[0, failed] - mean * mean_j
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
