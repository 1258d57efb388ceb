"""The likelihood of a Fine-Gray model: its value, slope and curvature."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.competing.fine_gray_design import FineGrayDesign
from equipoise.numerics.hazards.cox_sums import add_exactly, sum_products
from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.row_order import Places

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGrayMoments:
    """Those at risk at some coefficients: what likelihood and influence are made of.

    `risk` (n,) is weight * hazard ratio, `hazard` (k,) the step of the baseline at each term,
    `mean` (k, p) the covariates of those at risk (empty where not asked for). `carried` is the
    hazard that each row that competes sees after its own time, at the share to which it stays.
    `value` is the logarithm of those at risk summed over the events, `spread` (p, p) the products
    of the means.
    """

    risk: Floats
    hazard: Floats
    mean: Floats
    carried: Floats
    value: float
    spread: Floats


@njit(cache=True)
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
    hazard: Floats,
    mean: Floats,
    carried: Floats,
    spread: Floats,
) -> float:
    """Walks from the last time to the first: rows come in at their own, go at their first.

    `here` sums, by stratum, risk times covariates (and risk, last) of who is at risk; `stay`, by
    stratum and group of censoring, that over G of who had a competing event before: all are in it
    at the outset and leave at their own time. `tail` sums the hazard times G of later times.
    """
    n, p = x.shape
    groups, strata, width = still.shape[0], int(stratum.max()) + 1, p + 1
    s1, g1, w1 = int(stratum.size == n), int(group.size == n), int(weight.size == n)
    t1 = int(term_stratum.size == term_rank.size)
    here, here_lost = np.zeros((2, strata * width))
    stay, stay_lost = np.zeros((2, strata * groups * width))
    careful = int(late.size > 0)
    tail, due, sums = np.zeros((strata, groups)), np.zeros(strata), np.zeros(width)
    value, other = 0.0, 0
    for row in range(n):
        if cause[row] == 2:
            cell = stratum[row * s1] * groups + group[row * g1]
            add_scaled(stay, stay_lost, cell * width, risk[row] / still_own[other], x, row, 1)
            other += 1
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
                share = risk[row] / still_own[other]
                add_scaled(stay, stay_lost, (s * groups + c) * width, -share, x, row, 1)
                carried[other] = tail[s, c] / still_own[other]
            row -= 1
        fresh = term
        while term >= 0 and term_rank[term] == now:
            s = term_stratum[term * t1]
            for j in range(width):
                sums[j] = here[s * width + j] + here_lost[s * width + j]
            for c in range(groups):
                start, chance = (s * groups + c) * width, still[c, at]
                for j in range(width):
                    sums[j] += chance * (stay[start + j] + stay_lost[start + j])
            total = sums[p]
            step = due[s] / total
            hazard[term] = step
            value += due[s] * math.log(total)
            for i in range(p):
                sums[i] /= total
                for j in range(i + 1):
                    spread[i, j] += due[s] * sums[i] * sums[j]
            if mean.size > 0:
                mean[term] = sums[:p]
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
    hazard: Floats,
    carried: Floats,
    out: Floats,
) -> None:
    """Multiplies `out` by the hazard that each row saw."""
    s1, t1 = int(stratum.size == rank.size), int(term_stratum.size == term_rank.size)
    sums, before = np.zeros(int(stratum.max()) + 1), np.zeros(hazard.size * int(since.size > 0))
    term, other = 0, 0
    for row in range(rank.size):
        while term < term_rank.size and term_rank[term] <= rank[row]:
            s = term_stratum[term * t1]
            sums[s] += hazard[term]
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


def risk_moments(design: FineGrayDesign, *, beta: Floats, with_means: bool) -> FineGrayMoments:
    """The moments of those at risk at scaled coefficients `beta`."""
    terms, p = design.term_rank.size, beta.size
    risk = design.x @ beta
    np.exp(risk, out=risk)
    risk *= design.weight
    hazard, mean = np.empty(terms), np.empty((terms if with_means else 0, p))
    carried, spread = np.empty(design.still_own.size), np.zeros((p, p))
    value = _walk_kernel(
        design.rank, design.cause, design.stratum, design.group, design.weight, design.x, risk,
        design.term_rank, design.term_stratum, design.still, design.still_own,
        design.late.first, design.late.rows, hazard, mean, carried, spread,
    )  # fmt: skip
    return FineGrayMoments(
        risk=risk, hazard=hazard, mean=mean, carried=carried, value=value, spread=spread
    )


def sum_fine_gray(design: FineGrayDesign, *, beta: Floats) -> LikelihoodSums:
    """Log likelihood, score and information at scaled coefficients `beta`. Ties as Breslow.

    The information is the sum over the rows of hazard seen times x x', less the products of the
    means at the terms: so the walk keeps sums of x alone.
    """
    at = risk_moments(design, beta=beta, with_means=False)
    drawn = at.risk
    _seen_kernel(
        design.rank, design.cause, design.stratum, design.term_rank, design.term_stratum,
        design.late.since, at.hazard, at.carried, drawn,
    )  # fmt: skip
    expected, second = sum_products(design.x, weight=drawn)
    return LikelihoodSums(
        log_likelihood=float(design.failed @ beta) - at.value,
        score=design.failed - expected,
        information=second - at.spread,
    )
