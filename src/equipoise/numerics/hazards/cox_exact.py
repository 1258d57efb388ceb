"""The exact partial likelihood of tied events: which of those at risk fail, given how many do."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_exact_powers import sum_late_subsets
from equipoise.numerics.hazards.cox_exact_subsets import count_subsets, enter_row, read_subsets
from equipoise.numerics.hazards.cox_sums import (
    count_failing,
    event_times_of,
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
def _exact_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    x: NDArray[np.float64],
    risk: NDArray[np.float64],
    score: NDArray[np.float64],
    information: NDArray[np.float64],
) -> float:
    """For each event time the sum over all subsets of its size, with slope and curvature.

    Nobody comes late: those at risk at a time are those at risk later and some more. One sum goes
    on through the times of a stratum, up to the most that tie in it; where it has left the range
    of floats, a time has its own.
    """
    value, p = 0.0, x.shape[1]
    stop, came, seen, most, unit = 0, 0, 0, 0, 1.0
    sums = after = np.zeros((1 + p + p * (p + 1) // 2, 1))
    taken = np.zeros(event.size + 1)
    for k in range(begin.size - 1, -1, -1):
        failed = 0
        for row in range(begin[k], end[k]):
            failed += event[row]
        if k == begin.size - 1 or block_stratum[k] != block_stratum[k + 1]:
            stop = end[k]
            came, seen, most, low = stop, 0, 0, k
            while low >= 0 and block_stratum[low] == block_stratum[k]:
                tied = 0
                for row in range(begin[low], end[low]):
                    tied += event[row]
                most, low = max(most, tied), low - 1
            unit = np.sum(risk[begin[low + 1] : stop]) / most
            sums = np.zeros((sums.shape[0], most + 1))
            sums[0, 0] = 1.0
            after = sums.copy()
        for row in range(begin[k], came):
            seen += 1
            enter_row(risk[row] / unit, x[row], min(seen, most), sums, taken, after)
            sums, after = after, sums
        came = begin[k]
        own, own_unit = sums, unit
        if not 1e-250 < sums[0, failed] < 1e250:
            own, own_unit = count_subsets(np.arange(came, stop), failed, x, risk)
        value += read_subsets(own, own_unit, failed, score, information)
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
    risk = relative_risks(design, beta=beta)
    score, information = np.zeros(beta.size), np.zeros((beta.size,) * 2)
    if design.late.size:
        value = sum_late_subsets(design, risk=risk, score=score, information=information)
    else:
        value = _exact_kernel(
            design.begin,
            design.end,
            design.block_stratum,
            design.event,
            design.x,
            risk,
            score,
            information,
        )
    lower = np.tril(information)
    return LikelihoodSums(
        log_likelihood=float(design.failed @ beta) + value,
        score=design.failed + score,
        information=lower + np.tril(information, -1).T,
    )
