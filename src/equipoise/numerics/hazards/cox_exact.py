"""The exact partial likelihood of tied events: which of those at risk fail, given how many do."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import (
    count_failing,
    event_times_of,
    last_seen,
    relative_risks,
    sum_products,
    sum_seen,
    walk_risk_sets,
)
from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.row_order import Places

_MOST_TIED = 500  # beyond it the sums over subsets would leave the range of floats
_MOST_TERMS = 2e8  # about a second for one sum of the likelihood


@njit(cache=True)
def _enter(
    share: float,
    own: NDArray[np.float64],
    most: int,
    sums: NDArray[np.float64],
    taken: NDArray[np.float64],
    after: NDArray[np.float64],
) -> None:
    """A row comes in: a subset of m either lacks it or is one of m - 1 with it.

    `sums` has a row for the value, p for its slopes and one for each curvature, and a column for
    each size. They go over into `after`, for what is read is not written over: so the processor
    makes four sizes at once. `taken` is what comes to a slope. Of subsets of one, it is the row.
    """
    at = own.size
    if most == 1:
        after[0, 1] = sums[0, 1] + share
        for i in range(own.size):
            a = share * own[i]
            after[1 + i, 1] = sums[1 + i, 1] + a
            for j in range(i + 1):
                at += 1
                after[at, 1] = sums[at, 1] + a * own[j]
        return
    for m in range(most):
        after[0, m + 1] = sums[0, m + 1] + share * sums[0, m]
    for i in range(own.size):
        for m in range(most):
            taken[m] = share * (sums[1 + i, m] + own[i] * sums[0, m])
        for m in range(most):
            after[1 + i, m + 1] = sums[1 + i, m + 1] + taken[m]
        a = share * own[i]
        for j in range(i + 1):
            at += 1
            b = own[j]
            for m in range(most):
                cross = a * sums[1 + j, m] + b * taken[m]
                after[at, m + 1] = sums[at, m + 1] + share * sums[at, m] + cross


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
    sums = after = np.zeros((size, 1))
    taken = np.zeros(event.size + 1)
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
            after = sums.copy()
        alone = first.size > 0
        if not alone:
            for row in range(begin[k], came):
                seen += 1
                _enter(risk[row] / unit, x[row], min(seen, most), sums, taken, after)
                sums, after = after, sums
            came = begin[k]
            alone = not 1e-250 < sums[0, failed] < 1e250
        own, scale = sums, unit
        if alone:
            own, total, there = np.zeros((size, failed + 1)), 0.0, 0
            own[0, 0] = 1.0
            spare = own.copy()
            for row in range(begin[k], stop):
                if last[row] >= k and (first.size == 0 or first[row] <= k):
                    total += risk[row]
            scale = total / failed
            for row in range(begin[k], stop):
                if last[row] >= k and (first.size == 0 or first[row] <= k):
                    there += 1
                    _enter(risk[row] / scale, x[row], min(there, failed), own, taken, spare)
                    own, spare = spare, own
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


def may_count_out(design: CoxDesign) -> bool:
    """Whether the subsets are few enough for exact ties."""
    tied = count_failing(design)
    terms = float(np.sum(tied)) * design.event.size * design.scale.size**2
    return int(np.max(tied, initial=0)) <= _MOST_TIED and terms <= _MOST_TERMS


def check_exact_size(design: CoxDesign) -> None:
    """ValueError where the subsets are too many to count out."""
    if not may_count_out(design):
        tied = count_failing(design)
        most = int(np.max(tied, initial=0))
        raise ValueError(
            f"{most} events tie, {int(np.sum(tied))} in all, among {design.event.size} rows: too"
            " many subsets for exact ties; use Ties.EFRON"
        )


def _sums_without_effect(design: CoxDesign) -> LikelihoodSums:
    """The sums at coefficients of 0, where all subsets of a size weigh the same.

    Who fails is a sample without replacement of those at risk. Source: Cochran (1977), theorem 2.2.
    """
    failed, block = count_failing(design), event_times_of(design)
    risk = relative_risks(design, beta=np.zeros(design.x.shape[1]))
    sums = walk_risk_sets(design, risk=risk, with_sums=True).sums.sum(axis=1)
    at_risk = sums[:, -1]
    turn = np.arange(block.size) - (np.cumsum(failed) - failed)[block]
    spared = (at_risk - failed) / np.maximum(at_risk - 1, 1)
    sets = walk_risk_sets(design, risk=risk, factor=spared)
    _, second = sum_products(design.x, weight=sum_seen(design, steps=sets.steps, times=risk))
    return LikelihoodSums(
        log_likelihood=float(np.log((turn + 1) / (at_risk[block] - turn)).sum()),
        score=design.failed - (failed / at_risk) @ sums[:, :-1],
        information=second - sets.spread,
    )


def sum_exact_likelihood(design: CoxDesign, *, beta: NDArray[np.float64]) -> LikelihoodSums:
    """Log likelihood, score and information with exact ties at scaled coefficients `beta`.

    The cost grows with rows at risk times events tied. Source: Gail, Lubin, Rubinstein (1981),
    the recursion (2.3) and its derivatives.
    """
    if not beta.any():
        return _sums_without_effect(design)
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
