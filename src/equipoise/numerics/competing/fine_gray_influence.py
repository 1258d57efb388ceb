"""Each row's influence on a Fine-Gray model, multiplied out for the robust variance as it comes."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.competing.fine_gray_design import FineGrayDesign, Floats
from equipoise.numerics.competing.fine_gray_sums import FineGrayMoments
from equipoise.numerics.hazards.cox_sandwich import (
    add_influence,
    add_scaled,
    products_of,
    room_for_products,
)
from equipoise.numerics.hazards.cox_sums import add_exactly
from equipoise.numerics.row_order import Places


@njit(cache=True)
def _add_term(
    tail: Floats, lost: Floats, start: int, chance: float, terms: Floats, term: int
) -> None:
    """Adds a chance of the hazard's step, and of it times the mean covariates."""
    p = terms.shape[1] - 1
    step = chance * terms[term, p]
    for j in range(p):
        add_exactly(tail, lost, start + j, step * terms[term, j])
    add_exactly(tail, lost, start + p, step)


@njit(cache=True)
def _charge(
    c: int,
    gone: float,
    at_risk: float,
    stay: Floats,
    tail: Floats,
    tail_lost: Floats,
    cost: Floats,
    paid: Floats,
) -> None:
    """What a time of censoring costs in one group, each stratum's share added up."""
    groups, p = cost.shape
    for j in range(p):
        moved = 0.0
        for start in range(c * (p + 1), stay.size, groups * (p + 1)):
            last = start + p
            moved += stay[start + j] * (tail[last] + tail_lost[last])
            moved -= stay[last] * (tail[start + j] + tail_lost[start + j])
        cost[c, j] = moved / at_risk
        paid[c, j] += cost[c, j] * (gone / at_risk)


@njit(cache=True)
def _influence_kernel(
    rank: Places,
    cause: NDArray[np.int8],
    stratum: Places,
    group: Places,
    weight: Floats,
    follow_weight: Floats,
    x: Floats,
    risk: Floats,
    term_rank: Places,
    term_stratum: Places,
    still: Floats,
    still_own: Floats,
    since: Places,
    terms: Floats,
    counted: int,
    turn: Floats,
    cluster: Places,
    sums: Floats,
) -> None:
    """Walks from the first time to the last. `sums` are those of clusters, or else of products.

    By stratum `seen` sums the hazard (last) and hazard times mean covariates; by stratum and group
    of censoring, `tail` sums them times G from now on, `stay` risk over G times covariates (and
    that, last) of who had a competing event before. `cost` is how the score moves with the hazard
    of censoring now, by head at risk of it, `paid` what all who are still followed paid for it.
    """
    n, p = x.shape
    groups, strata, width = still.shape[0], int(stratum.max()) + 1, p + 1
    s1, g1, t1 = (
        int(stratum.size == n),
        int(group.size == n),
        int(term_stratum.size == term_rank.size),
    )
    w1, f1 = int(weight.size == n), int(follow_weight.size == n)
    seen, here = np.zeros((strata, width)), np.zeros(strata, dtype=np.int64)
    before = np.zeros((term_rank.size if since.size > 0 else 0, width))
    stay, tail, tail_lost = np.zeros((3, strata * groups * width))
    followed, followed_lost, gone = np.zeros((3, groups))
    cost, paid, psi, turned = np.zeros((groups, p)), np.zeros((groups, p)), np.zeros(p), np.zeros(p)
    at = -1
    for term in range(term_rank.size):
        at += 1 if term == 0 or term_rank[term] != term_rank[term - 1] else 0
        for c in range(groups):
            start = (term_stratum[term * t1] * groups + c) * width
            _add_term(tail, tail_lost, start, still[c, at], terms, term)
    for row in range(n):
        add_exactly(followed, followed_lost, group[row * g1], follow_weight[row * f1])
    term, at, begin, other = 0, 0, 0, 0
    while begin < n:
        now, end = rank[begin], begin
        while end < n and rank[end] == now:
            if cause[end] == 0:
                gone[group[end * g1]] += follow_weight[end * f1]
            end += 1
        for c in range(groups):
            if counted == 1 and gone[c] > 0.0:
                at_risk = followed[c] + followed_lost[c]
                _charge(c, gone[c], at_risk, stay, tail, tail_lost, cost, paid)
            gone[c] = 0.0
        fresh = term
        while term < term_rank.size and term_rank[term] == now:
            s = term_stratum[term * t1]
            here[s] = term
            for j in range(p):
                seen[s, j] += terms[term, p] * terms[term, j]
            seen[s, p] += terms[term, p]
            if before.size > 0:
                before[term] = seen[s]
            for c in range(groups):
                start = (s * groups + c) * width
                _add_term(tail, tail_lost, start, -still[c, at], terms, term)
            term += 1
        at += 1 if term > fresh else 0
        for row in range(begin, end):
            s, c = stratum[row * s1], group[row * g1]
            late = since.size > 0 and since[row] >= 0
            start = (s * groups + c) * width
            part = 1.0 / still_own[other] if cause[row] == 2 else 0.0
            whole = seen[s, p] - (before[since[row], p] if late else 0.0)
            whole += part * (tail[start + p] + tail_lost[start + p])
            share = follow_weight[row * f1]
            for j in range(p):
                own = seen[s, j] - (before[since[row], j] if late else 0.0)
                own += part * (tail[start + j] + tail_lost[start + j])
                psi[j] = risk[row] * (own - x[row, j] * whole)
                if cause[row] == 1:
                    psi[j] += weight[row * w1] * (x[row, j] - terms[here[s], j])
                if counted == 1:
                    psi[j] -= share * paid[c, j]
                    if cause[row] == 0:
                        psi[j] += share * cost[c, j]
            add_exactly(followed, followed_lost, c, -share)
            if cause[row] == 2:
                add_scaled(stay, tail_lost, start, risk[row] * part, x, row, 0)
                other += 1
            add_influence(psi, turn, turned, cluster, row, sums)
        begin = end


def sum_influence_squares(
    design: FineGrayDesign,
    *,
    at: FineGrayMoments,
    turn: Floats,
    cluster: Places,
    counted: bool,
) -> Floats:
    """The products (p, p) of each cluster's share of the score, weighted, in the design's scale.

    The shares are multiplied by `turn` (p, p) first: with the inverse information their products
    are the robust variance. `cluster` numbers the rows as given; empty: each is one. `counted` adds
    what the estimate of G brings. Source: Fine, Gray (1999), eta, psi and q of (8); Zhou et al.
    (2012), clusters.
    """
    code = cluster[design.order] if cluster.size else cluster
    sums = room_for_products(code, p=design.x.shape[1])
    _influence_kernel(
        design.rank, design.cause, design.stratum, design.group, design.weight,
        design.follow_weight, design.x, at.risk, design.term_rank, design.term_stratum,
        design.still, design.still_own, design.late.since, at.terms, int(counted),
        np.ascontiguousarray(turn), code, sums,
    )  # fmt: skip
    return products_of(sums, turn=turn, cluster=code)
