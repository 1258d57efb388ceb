"""Each row's share of a Cox score, multiplied out for the robust variance as the rows pass."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import add_exactly, relative_risks
from equipoise.numerics.row_order import Places

Floats = NDArray[np.float64]

_CHUNK = 4096  # clusters turned at a time
_LITTLE = 1e-12  # of the most that was at risk


@njit(cache=True, inline="always")  # a call takes longer than its sums
def add_scaled(
    sums: Floats, lost: Floats, start: int, share: float, x: Floats, row: int, careful: int
) -> None:
    """Adds a share of a row's covariates and, last, the share; carefully: to be taken out whole."""
    p = x.shape[1]
    if careful == 1:
        for j in range(p):
            add_exactly(sums, lost, start + j, share * x[row, j])
        add_exactly(sums, lost, start + p, share)
    else:
        for j in range(p):
            sums[start + j] += share * x[row, j]
        sums[start + p] += share


@njit(cache=True)
def add_influence(
    psi: Floats, turn: Floats, turned: Floats, cluster: Places, row: int, sums: Floats
) -> None:
    """Adds a row's share to its cluster's, or where there are no clusters its products, turned."""
    p = psi.size
    if cluster.size > 0:
        for j in range(p):
            sums[cluster[row], j] += psi[j]
    else:
        for i in range(p):
            turned[i] = 0.0
            for j in range(p):
                turned[i] += psi[j] * turn[j, i]
            for j in range(i + 1):
                sums[i, j] += turned[i] * turned[j]


def room_for_products(cluster: Places, *, p: int) -> Floats:
    """Zeros for `add_influence`: a row for each cluster, or (p, p) without clusters."""
    return np.zeros((int(cluster.max()) + 1 if cluster.size else p, p))


def products_of(sums: Floats, *, turn: Floats, cluster: Places) -> Floats:
    """The products (p, p) of the clusters' turned shares, from what `add_influence` added up."""
    if cluster.size == 0:
        return np.tril(sums) + np.tril(sums, -1).T
    products = np.zeros(turn.shape)
    for start in range(0, len(sums), _CHUNK):
        turned = sums[start : start + _CHUNK] @ turn
        products += turned.T @ turned
    return products


@njit(cache=True)
def _sum_at_risk(
    k: int,
    begin: Places,
    end: Places,
    block_stratum: Places,
    x: Floats,
    risk: Floats,
    first: NDArray[np.int64],
    here: Floats,
    lost: Floats,
) -> None:
    """Sums risk times covariates (and risk, last) of who is at risk at an event time, afresh."""
    here[:], lost[:] = 0.0, 0.0
    last = k
    while last < begin.size and block_stratum[last] == block_stratum[k]:
        for row in range(begin[last], end[last]):
            if first.size == 0 or first[row] <= k:
                add_scaled(here, lost, 0, risk[row], x, row, 1)
        last += 1


@njit(cache=True)
def _add_terms(
    failed: int, weight: float, here: Floats, lost: Floats, fail: Floats, moves: Floats
) -> None:
    """What an event time gives: mean covariates at risk (moves[0]), hazard steps (last) and times
    means of who stays (moves[1]) and who fails (moves[2])."""
    p = fail.size - 1
    moves[:] = 0.0
    for term in range(failed):
        part = (failed - term) / failed
        total = here[p] + lost[p] + part * fail[p]
        step = weight / (failed * total)
        for j in range(p):
            mean = (here[j] + lost[j] + part * fail[j]) / total
            moves[0, j] += mean / failed
            moves[1, j] += step * mean
            moves[2, j] += step * part * mean
        moves[1, p] += step
        moves[2, p] += step * part


@njit(cache=True)
def _score_squares_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    weight: Floats,
    x: Floats,
    risk: Floats,
    first: NDArray[np.int64],
    late: NDArray[np.int64],
    efron: int,
    turn: Floats,
    cluster: Places,
    sums: Floats,
    score: Floats,
) -> None:
    """Walks from the first event time to the last; who leaves is taken out of the sums at risk.

    Where little is left of them, they are summed afresh: what is left would be rounding.
    """
    p, weighted = x.shape[1], int(weight.size == event.size)
    here, lost, fail, seen = np.zeros((4, p + 1))
    before = np.zeros((begin.size if first.size > 0 else 0, p + 1))
    moves, psi, turned = np.zeros((3, p + 1)), np.zeros(p), np.zeros(p)
    come, most = late.size - 1, 0.0
    for k in range(begin.size):
        if k == 0 or block_stratum[k] != block_stratum[k - 1]:
            seen[:], most = 0.0, math.inf
        while come >= 0 and first[late[come]] <= k:
            add_scaled(here, lost, 0, risk[late[come]], x, late[come], 1)
            come -= 1
        if here[p] < _LITTLE * most:
            _sum_at_risk(k, begin, end, block_stratum, x, risk, first, here, lost)
            most = 0.0
        most = max(most, here[p])
        if before.size > 0:
            before[k] = seen
        fail[:] = 0.0
        failed, failed_weight = 0, 0.0
        for row in range(begin[k], end[k]):
            if event[row] == 1:
                failed, failed_weight = failed + 1, failed_weight + weight[row * weighted]
                add_scaled(fail, fail, 0, risk[row], x, row, 0)
                add_scaled(here, lost, 0, -risk[row], x, row, 1)
        _add_terms(failed if efron == 1 else 1, failed_weight, here, lost, fail, moves)
        for row in range(begin[k], end[k]):
            come_late = first.size > 0
            if come_late and first[row] > k:
                continue
            kind = 2 if event[row] == 1 else 1
            whole = moves[kind, p] + (seen[p] - (before[first[row], p] if come_late else 0.0))
            for j in range(p):
                own = moves[kind, j] + (seen[j] - (before[first[row], j] if come_late else 0.0))
                psi[j] = risk[row] * (own - x[row, j] * whole)
                if event[row] == 1:
                    psi[j] += weight[row * weighted] * (x[row, j] - moves[0, j])
                score[j] += psi[j]
            add_influence(psi, turn, turned, cluster, row, sums)
            if event[row] == 0:
                add_scaled(here, lost, 0, -risk[row], x, row, 1)
        for j in range(p + 1):
            seen[j] += moves[1, j]


def sum_scores(
    design: CoxDesign, *, beta: Floats, turn: Floats, cluster: Places
) -> tuple[Floats, Floats]:
    """Each cluster's weighted share of the score (c, p), and the score (p,), in the design's scale.

    `cluster` numbers the rows in the design's order; empty: each is one, and their shares' products
    come out, turned, as `sum_score_squares` has them.
    """
    sums, score = room_for_products(cluster, p=beta.size), np.zeros(beta.size)
    _score_squares_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.weight, design.x,
        relative_risks(design, beta=beta), design.first, design.late, int(design.efron),
        np.ascontiguousarray(turn), cluster, sums, score,
    )  # fmt: skip
    return sums, score


def sum_score_squares(
    design: CoxDesign, *, beta: Floats, turn: Floats, cluster: Places
) -> tuple[Floats, Floats]:
    """The products (p, p) of each cluster's weighted share of the score, and the score (p,).

    The shares are multiplied by `turn` (p, p) first: with the inverse information their products
    are the robust variance. `cluster` as in `sum_scores`.
    Source: Lin, Wei (1989); Lee, Wei, Amato (1992); Therneau, Grambsch (2000), 4.6 and 7.1.
    """
    sums, score = sum_scores(design, beta=beta, turn=turn, cluster=cluster)
    return products_of(sums, turn=turn, cluster=cluster), score
