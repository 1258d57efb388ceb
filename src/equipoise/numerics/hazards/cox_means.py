"""What each row of a Cox model saw: the mean covariates of those at risk, and its score."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import (
    RiskSets,
    add_exactly,
    event_times_of,
    relative_risks,
    sum_seen,
    walk_risk_sets,
)
from equipoise.numerics.row_order import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMeans:
    """Mean covariates of those at risk, as the rows and the event times have them.

    `seen` (n, p) is each row's sum of the means over the event times that saw it, each weighing as
    its step of the hazard; `at_events` (m, p) the means when events happen (with Efron's ties the
    average over them); `bent` (p,) the weighted sum over the events of (mean' V mean) mean.
    """

    seen: NDArray[np.float64]
    at_events: NDArray[np.float64]
    bent: NDArray[np.float64]


@njit(cache=True)
def _seen_means_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    weight: NDArray[np.float64],
    first: NDArray[np.int64],
    efron: int,
    kept: NDArray[np.float64],
    variance: NDArray[np.float64],
    seen: NDArray[np.float64],
    at_events: NDArray[np.float64],
    bent: NDArray[np.float64],
) -> None:
    """Walks from the first event time to the last; `seen` is 0 for who none of them sees."""
    p = seen.shape[1]
    late, weighted = first.size > 0, int(weight.size == event.size)
    before, lost_before = np.zeros((2, begin.size * late, p))
    sums, lost, mean, stays, fails = np.zeros((5, p))
    for k in range(begin.size):
        if k > 0 and block_stratum[k] != block_stratum[k - 1]:
            sums[:], lost[:] = 0.0, 0.0
        if late:
            before[k], lost_before[k] = sums, lost
        failed, failed_weight = 0, 0.0
        for row in range(begin[k], end[k]):
            if event[row] == 1:
                failed, failed_weight = failed + 1, failed_weight + weight[row * weighted]
        terms = failed if efron == 1 else 1
        each, share = 1.0 / terms, failed_weight / terms
        stays[:], fails[:] = 0.0, 0.0
        for term in range(terms):
            part = (terms - term) / terms
            inverse = 1.0 / (kept[k, 0, p] + part * kept[k, 1, p])
            step, square = share * inverse, 0.0
            for i in range(p):
                mean[i] = (kept[k, 0, i] + part * kept[k, 1, i]) * inverse
                at_events[k, i] += mean[i] * each
                stays[i] += step * mean[i]
                fails[i] += step * part * mean[i]
                along = 0.5 * variance[i, i] * mean[i]
                for j in range(i):
                    along += variance[i, j] * mean[j]
                square += 2.0 * mean[i] * along
            for i in range(p):
                bent[i] += share * square * mean[i]
        for row in range(begin[k], end[k]):
            own = fails if event[row] == 1 else stays
            if not late:
                for i in range(p):
                    seen[row, i] = sums[i] + own[i]
            elif first[row] <= k:
                gone, lost_gone = before[first[row]], lost_before[first[row]]
                for i in range(p):
                    seen[row, i] = sums[i] - gone[i] + (lost[i] - lost_gone[i]) + own[i]
        for i in range(p):
            if late:
                add_exactly(sums, lost, i, stays[i])
            else:
                sums[i] += stays[i]


def mean_covariates(
    design: CoxDesign, *, sets: RiskSets, variance: NDArray[np.float64] | None = None
) -> SeenMeans:
    """The means at risk of a walk with sums; `variance` (p, p) is the V of `bent`."""
    p = design.x.shape[1]
    found = SeenMeans(
        seen=np.zeros((design.event.size, p)),
        at_events=np.zeros((design.begin.size, p)),
        bent=np.zeros(p),
    )
    _seen_means_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.weight, design.first,
        int(design.efron), sets.sums, np.zeros((p, p)) if variance is None else variance,
        found.seen, found.at_events, found.bent,
    )  # fmt: skip
    return found


def score_residuals(design: CoxDesign, *, beta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row's share of the score, shape (n, p), in the design's order and scale, unweighted.

    Weighted and summed they give the score. Source: Therneau, Grambsch (2000), 4.6 and 7.1.
    """
    risk = relative_risks(design, beta=beta)
    sets = walk_risk_sets(design, risk=risk, with_sums=True)
    risk /= design.weight
    means = mean_covariates(design, sets=sets)
    out = means.seen
    out *= risk[:, None]
    out += design.x * (design.event - sum_seen(design, steps=sets.steps, times=risk))[:, None]
    out[design.event == 1] -= means.at_events[event_times_of(design)]
    return out


def mean_at_events(design: CoxDesign, *, sets: RiskSets) -> NDArray[np.float64]:
    """For each row that fails, in the design's order, the mean covariates at risk then."""
    return mean_covariates(design, sets=sets).at_events[event_times_of(design)]
