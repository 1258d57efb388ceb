"""The likelihood of a Fine-Gray model: its value, slope and curvature."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.competing.fine_gray_design import FineGrayDesign
from equipoise.numerics.hazards.cox_sandwich import add_scaled
from equipoise.numerics.hazards.cox_sums import sum_products
from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.row_order import Places

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGrayMoments:
    """Those at risk at some coefficients: what likelihood and influence are made of.

    `risk` (n,) is weight * hazard ratio; `terms` (k, p + 1) the mean covariates of those at risk at
    each term and, last, the step of the baseline hazard. `carried` is the hazard that each row that
    competes sees after its own time, at the share to which it stays. `value` is the logarithm of
    those at risk summed over the events, `spread` (p, p) the products of the means.
    """

    risk: Floats
    terms: Floats
    carried: Floats
    value: float
    spread: Floats


@njit(cache=True)
def _sum_stayed(
    rank: Places,
    cause: NDArray[np.int8],
    stratum: Places,
    group: Places,
    x: Floats,
    risk: Floats,
    term_rank: Places,
    term_stratum: Places,
    still: Floats,
    still_own: Floats,
    terms: Floats,
) -> None:
    """At each term: risk times covariates (and risk, last) of who had a competing event before, at
    the share to which he stays."""
    n, width, groups = rank.size, x.shape[1] + 1, still.shape[0]
    s1, g1 = int(stratum.size == n), int(group.size == n)
    t1 = int(term_stratum.size == term_rank.size)
    stay = np.zeros((int(stratum.max()) + 1) * groups * width)
    row, other, at = 0, 0, -1
    for term in range(term_rank.size):
        at += 1 if term == 0 or term_rank[term] != term_rank[term - 1] else 0
        while rank[row] < term_rank[term]:
            if cause[row] == 2:
                cell = stratum[row * s1] * groups + group[row * g1]
                add_scaled(stay, stay, cell * width, risk[row] / still_own[other], x, row, 0)
                other += 1
            row += 1
        terms[term] = 0.0
        for c in range(groups):
            start = (term_stratum[term * t1] * groups + c) * width
            for j in range(width):
                terms[term, j] += still[c, at] * stay[start + j]


@njit(cache=True)
def _walk_kernel(
    rank: Places,
    cause: NDArray[np.int8],
    stratum: Places,
    group: Places,
    weight: Floats,
    x: Floats,
    risk: Floats,
    term_rank: Places,
    term_stratum: Places,
    still: Floats,
    still_own: Floats,
    first: Places,
    late: Places,
    terms: Floats,
    carried: Floats,
    spread: Floats,
) -> float:
    """Walks from the last time to the first: rows come in at their own, go at their first.

    `here` sums, by stratum, risk times covariates (and risk, last) of who is at risk. `tail` sums,
    by stratum and group of censoring, the hazard times G of later times.
    """
    _sum_stayed(
        rank, cause, stratum, group, x, risk, term_rank, term_stratum, still, still_own, terms
    )
    n, p = x.shape
    groups, strata, width = still.shape[0], int(stratum.max()) + 1, p + 1
    s1, g1, w1 = int(stratum.size == n), int(group.size == n), int(weight.size == n)
    t1 = int(term_stratum.size == term_rank.size)
    here, here_lost = np.zeros((2, strata * width))
    careful, value, other = int(late.size > 0), 0.0, still_own.size
    tail, due = np.zeros((strata, groups)), np.zeros(strata)
    term, at, gone, row = term_rank.size - 1, still.shape[1] - 1, 0, n - 1
    while row >= 0:
        now = rank[row]
        while gone < late.size and first[late[gone]] > now:
            one = late[gone]
            add_scaled(here, here_lost, stratum[one * s1] * width, -risk[one], x, one, 1)
            gone += 1
        while row >= 0 and rank[row] == now:
            s, c = stratum[row * s1], group[row * g1]
            add_scaled(here, here_lost, s * width, risk[row], x, row, careful)
            if cause[row] == 1:
                due[s] += weight[row * w1]
            elif cause[row] == 2:
                other -= 1
                carried[other] = tail[s, c] / still_own[other]
            row -= 1
        fresh = term
        while term >= 0 and term_rank[term] == now:
            s = term_stratum[term * t1]
            for j in range(width):
                terms[term, j] += here[s * width + j] + here_lost[s * width + j]
            total = terms[term, p]
            if not total > 0.0:  # beyond the range of floats
                return math.inf
            step = due[s] / total
            value += due[s] * math.log(total)
            for i in range(p):
                terms[term, i] /= total
                for j in range(i + 1):
                    spread[i, j] += due[s] * terms[term, i] * terms[term, j]
            terms[term, p] = step
            for c in range(groups):
                tail[s, c] += step * still[c, at]
            due[s] = 0.0
            term -= 1
        at -= 1 if term < fresh else 0
    for i in range(p):
        for j in range(i):
            spread[j, i] = spread[i, j]
    return value


@njit(cache=True)
def _seen_kernel(
    rank: Places,
    cause: NDArray[np.int8],
    stratum: Places,
    term_rank: Places,
    term_stratum: Places,
    since: Places,
    terms: Floats,
    carried: Floats,
    out: Floats,
) -> None:
    """Multiplies `out` by the hazard that each row saw."""
    s1, t1 = int(stratum.size == rank.size), int(term_stratum.size == term_rank.size)
    sums, last = np.zeros(int(stratum.max()) + 1), terms.shape[1] - 1
    before = np.zeros(term_rank.size * int(since.size > 0))
    term, other = 0, 0
    for row in range(rank.size):
        while term < term_rank.size and term_rank[term] <= rank[row]:
            s = term_stratum[term * t1]
            sums[s] += terms[term, last]
            if before.size > 0:
                before[term] = sums[s]
            term += 1
        seen = sums[stratum[row * s1]]
        if since.size > 0 and since[row] >= 0:
            seen -= before[since[row]]
        if cause[row] == 2:
            seen += carried[other]
            other += 1
        out[row] *= seen


def risk_moments(design: FineGrayDesign, *, beta: Floats) -> FineGrayMoments:
    """The moments of those at risk at scaled coefficients `beta`."""
    p = beta.size
    risk = design.x @ beta
    np.exp(risk, out=risk)
    risk *= design.weight
    terms, carried = np.empty((design.term_rank.size, p + 1)), np.empty(design.still_own.size)
    spread = np.zeros((p, p))
    value = _walk_kernel(
        design.rank, design.cause, design.stratum, design.group, design.weight, design.x, risk,
        design.term_rank, design.term_stratum, design.still, design.still_own,
        design.late.first, design.late.rows, terms, carried, spread,
    )  # fmt: skip
    return FineGrayMoments(risk=risk, terms=terms, carried=carried, value=value, spread=spread)


def sum_fine_gray(design: FineGrayDesign, *, beta: Floats) -> LikelihoodSums:
    """Log likelihood, score and information at scaled coefficients `beta`. Ties as Breslow.

    The information is the sum over the rows of hazard seen times x x', less the products of the
    means at the terms: so the walk keeps sums of x alone.
    """
    at = risk_moments(design, beta=beta)
    drawn = at.risk
    _seen_kernel(
        design.rank, design.cause, design.stratum, design.term_rank, design.term_stratum,
        design.late.since, at.terms, at.carried, drawn,
    )  # fmt: skip
    expected, second = sum_products(design.x, weight=drawn)
    return LikelihoodSums(
        log_likelihood=float(design.failed @ beta) - at.value,
        score=design.failed - expected,
        information=second - at.spread,
    )
