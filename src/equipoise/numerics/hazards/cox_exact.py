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
def _exact_kernel(
    begin: Places,
    block_stratum: Places,
    last: NDArray[np.int64],
    event: NDArray[np.int8],
    x: NDArray[np.float64],
    risk: NDArray[np.float64],
    first: NDArray[np.int64],
    value: NDArray[np.float64],
    score: NDArray[np.float64],
    information: NDArray[np.float64],
) -> None:
    """For each event time the sum over all subsets of its size, with slope and curvature.

    Row after row enters: a subset of m either lacks it or is one of m - 1 with it.
    """
    n, p = x.shape
    stop = n
    for k in range(begin.size - 1, -1, -1):
        if k + 1 < begin.size and block_stratum[k] != block_stratum[k + 1]:
            stop = begin[k + 1]
        failed, total = 0, 0.0
        for row in range(begin[k], stop):
            if last[row] >= k and (first.size == 0 or first[row] <= k):
                total += risk[row]
                failed += 1 if event[row] == 1 and last[row] == k else 0
        s0, s1, s2 = np.zeros(failed + 1), np.zeros((failed + 1, p)), np.zeros((failed + 1, p, p))
        s0[0] = 1.0
        seen = 0
        for row in range(begin[k], stop):
            if last[row] < k or (first.size > 0 and first[row] > k):
                continue
            seen += 1
            share = risk[row] * failed / total
            for m in range(min(seen, failed), 0, -1):
                for i in range(p):
                    for j in range(i + 1):
                        cross = x[row, i] * s1[m - 1, j] + x[row, j] * s1[m - 1, i]
                        both = x[row, i] * x[row, j] * s0[m - 1]
                        s2[m, i, j] += share * (s2[m - 1, i, j] + cross + both)
                for i in range(p):
                    s1[m, i] += share * (s1[m - 1, i] + x[row, i] * s0[m - 1])
                s0[m] += share * s0[m - 1]
        value[0] -= math.log(s0[failed]) + failed * math.log(total / failed)
        for i in range(p):
            mean = s1[failed, i] / s0[failed]
            score[i] -= mean
            for j in range(i + 1):
                mean_j = s1[failed, j] / s0[failed]
                information[i, j] += s2[failed, i, j] / s0[failed] - mean * mean_j


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
    value, score, information = np.zeros(1), np.zeros(p), np.zeros((p, p))
    _exact_kernel(
        design.begin,
        design.block_stratum,
        last_seen(design),
        design.event,
        design.x,
        relative_risks(design, beta=beta),
        design.first,
        value,
        score,
        information,
    )
    lower = np.tril(information)
    return LikelihoodSums(
        log_likelihood=float(design.failed @ beta) + float(value[0]),
        score=design.failed + score,
        information=lower + np.tril(information, -1).T,
    )
