"""The partial likelihood of a Cox model: its value, slope, curvature and score residuals."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import (
    check_codes,
    check_covariates,
    check_times,
    check_weights,
)
from equipoise.numerics.event_counts import order_by_stratum_and_time, rank_times


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxDesign:
    """Rows ordered by stratum and time, covariates centred and scaled; `order` leads back.

    `x` has shape (n, p): (covariate - `centre`) / `scale`.
    """

    order: NDArray[np.int64]
    rank: NDArray[np.int64]
    event: NDArray[np.int64]
    stratum: NDArray[np.int64]
    weight: NDArray[np.float64]
    x: NDArray[np.float64]
    scale: NDArray[np.float64]
    efron: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxSums:
    """Log partial likelihood, its score (p,) and its information (p, p) at some coefficients."""

    log_likelihood: float
    score: NDArray[np.float64]
    information: NDArray[np.float64]


@njit(cache=True)
def _add_person(
    row: int,
    which: int,
    share: float,
    x: NDArray[np.float64],
    s1: NDArray[np.float64],
    s2: NDArray[np.float64],
) -> None:
    # by index: a slice of s1 for each person costs more than the sums
    for i in range(x.shape[1]):
        scaled = share * x[row, i]
        s1[which, i] += scaled
        for j in range(i + 1):
            s2[which, i, j] += scaled * x[row, j]


@njit(cache=True)
def _take_mean(
    share: float,
    fraction: float,
    s0: NDArray[np.float64],
    s1: NDArray[np.float64],
    s2: NDArray[np.float64],
    score: NDArray[np.float64],
    information: NDArray[np.float64],
) -> float:
    """One term of Efron's product: index 0 holds all at risk, index 1 those who fail now."""
    total = s0[0] - fraction * s0[1]
    for i in range(score.size):
        mean_i = (s1[0, i] - fraction * s1[1, i]) / total
        score[i] -= share * mean_i
        for j in range(i + 1):
            mean_j = (s1[0, j] - fraction * s1[1, j]) / total
            second = (s2[0, i, j] - fraction * s2[1, i, j]) / total
            information[i, j] += share * (second - mean_i * mean_j)
    return -share * math.log(total)


@njit(cache=True)
def _cox_sums_kernel(
    rank: NDArray[np.int64],
    event: NDArray[np.int64],
    stratum: NDArray[np.int64],
    weight: NDArray[np.float64],
    x: NDArray[np.float64],
    eta: NDArray[np.float64],
    risk: NDArray[np.float64],
    factor: NDArray[np.float64],
    efron: int,
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Walks from the last time of each stratum to its first; `factor` multiplies each event."""
    p = x.shape[1]
    value = 0.0
    score, information = np.zeros(p), np.zeros((p, p))
    s0, s1, s2 = np.zeros(2), np.zeros((2, p)), np.zeros((2, p, p))
    row = rank.size - 1
    while row >= 0:
        now, here = rank[row], stratum[row]
        failed, failed_weight, scale = 0, 0.0, 1.0
        s0[1], s1[1], s2[1] = 0.0, 0.0, 0.0
        while row >= 0 and rank[row] == now and stratum[row] == here:
            s0[0] += risk[row]
            _add_person(row, 0, risk[row], x, s1, s2)
            if event[row] == 1:
                failed, failed_weight, scale = failed + 1, failed_weight + weight[row], factor[row]
                s0[1] += risk[row]
                _add_person(row, 1, risk[row], x, s1, s2)
                value += scale * weight[row] * eta[row]
                for i in range(p):
                    score[i] += scale * weight[row] * x[row, i]
            row -= 1
        terms = failed if efron == 1 else min(failed, 1)
        for k in range(terms):
            share = scale * failed_weight / terms
            value += _take_mean(share, k / failed, s0, s1, s2, score, information)
        if row >= 0 and stratum[row] != here:
            s0[:], s1[:], s2[:] = 0.0, 0.0, 0.0
    return value, score, information


@njit(cache=True)
def _add_hazards(
    terms: int,
    share: float,
    s0: NDArray[np.float64],
    s1: NDArray[np.float64],
    hazard: NDArray[np.float64],
    mean: NDArray[np.float64],
) -> None:
    """Hazard steps and hazard-weighted means of all at risk (0), of those failing (1); mean (2)."""
    p = s1.shape[1]
    hazard[:] = 0.0
    mean[:] = 0.0
    for k in range(terms):
        fraction = k / terms
        total = s0[0] - fraction * s0[1]
        step = share / total
        hazard[0] += step
        hazard[1] += step * (1.0 - fraction)
        for i in range(p):
            average = (s1[0, i] - fraction * s1[1, i]) / total
            mean[0, i] += step * average
            mean[1, i] += step * (1.0 - fraction) * average
            mean[2, i] += average / terms


@njit(cache=True)
def _score_residuals_kernel(
    rank: NDArray[np.int64],
    event: NDArray[np.int64],
    stratum: NDArray[np.int64],
    weight: NDArray[np.float64],
    x: NDArray[np.float64],
    risk: NDArray[np.float64],
    efron: int,
    out: NDArray[np.float64],
) -> None:
    """Per row: x less the mean at its own event, less what its hazard would have brought.

    `out` gets the hazard part by handing each event's step to all at risk: block by block from
    the last time, the risk set's sums are kept; a second walk forward adds the steps up.
    """
    n, p = x.shape
    steps, means = np.zeros((n, 2)), np.zeros((n, 3, p))
    s0, s1 = np.zeros(2), np.zeros((2, p))
    row = n - 1
    while row >= 0:
        last = row
        failed, failed_weight = 0, 0.0
        s0[1], s1[1] = 0.0, 0.0
        while row >= 0 and rank[row] == rank[last] and stratum[row] == stratum[last]:
            s0[0] += risk[row]
            s1[0] += risk[row] * x[row]
            if event[row] == 1:
                failed, failed_weight = failed + 1, failed_weight + weight[row]
                s0[1] += risk[row]
                s1[1] += risk[row] * x[row]
            row -= 1
        if failed > 0:
            terms = failed if efron == 1 else 1
            _add_hazards(terms, failed_weight / terms, s0, s1, steps[last], means[last])
        if row >= 0 and stratum[row] != stratum[last]:
            s0[:], s1[:] = 0.0, 0.0
    _gather_residuals(rank, event, stratum, x, risk / weight, steps, means, out)


@njit(cache=True)
def _gather_residuals(
    rank: NDArray[np.int64],
    event: NDArray[np.int64],
    stratum: NDArray[np.int64],
    x: NDArray[np.float64],
    ratio: NDArray[np.float64],
    steps: NDArray[np.float64],
    means: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Walks forward in time: the steps of a block stand at its last row."""
    n, p = x.shape
    hazard, weighted = 0.0, np.zeros(p)
    row = 0
    while row < n:
        last = row
        while last + 1 < n and rank[last + 1] == rank[row] and stratum[last + 1] == stratum[row]:
            last += 1
        for i in range(row, last + 1):
            own = event[i]
            total = hazard + steps[last, own]
            for j in range(p):
                drawn = x[i, j] * total - weighted[j] - means[last, own, j]
                out[i, j] = own * (x[i, j] - means[last, 2, j]) - ratio[i] * drawn
        hazard += steps[last, 0]
        weighted += means[last, 0]
        row = last + 1
        if row < n and stratum[row] != stratum[last]:
            hazard = 0.0
            weighted[:] = 0.0


def build_design(
    time: ArrayLike,
    *,
    event: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike | None,
    weight: ArrayLike | None,
    efron: bool,
) -> CoxDesign:
    """The rows checked, ordered by stratum and time, covariates centred and scaled."""
    times = check_times(time)
    n = times.size
    x = check_covariates(covariates, n=n)
    events = check_codes(event, name="event", n=n, upper=1)
    strata = check_codes(stratum, name="stratum", n=n)
    weights = check_weights(weight, n=n)
    rank = rank_times(times).rank
    order = order_by_stratum_and_time(strata, rank=rank)
    centred = x - x.mean(axis=0)
    spread = centred.std(axis=0)
    scale = np.where(spread > 1e-12 * np.abs(x).max(axis=0, initial=0.0), spread, 1.0)
    return CoxDesign(
        order=order,
        rank=rank[order],
        event=events[order],
        stratum=strata[order],
        weight=weights[order],
        x=np.ascontiguousarray((centred / scale)[order]),
        scale=scale,
        efron=efron,
    )


def sum_partial_likelihood(
    design: CoxDesign, *, beta: NDArray[np.float64], factor: NDArray[np.float64] | None = None
) -> CoxSums:
    """Log likelihood, score and information at scaled coefficients `beta`.

    `factor` (n,), in the design's order and equal within a tie, multiplies what each event gives.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        eta = design.x @ beta
        risk = design.weight * np.exp(eta)
    value, score, information = _cox_sums_kernel(
        design.rank,
        design.event,
        design.stratum,
        design.weight,
        design.x,
        eta,
        risk,
        np.ones(eta.size) if factor is None else factor,
        int(design.efron),
    )
    lower = np.tril(information)
    return CoxSums(
        log_likelihood=float(value),
        score=score,
        information=lower + np.tril(information, -1).T,
    )


def score_residuals(design: CoxDesign, *, beta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row's share of the score, shape (n, p), in the design's order and scale, unweighted.

    Weighted and summed they give the score. Source: Therneau, Grambsch (2000), 4.6 and 7.1.
    """
    out = np.zeros_like(design.x)
    risk = design.weight * np.exp(design.x @ beta)
    _score_residuals_kernel(
        design.rank,
        design.event,
        design.stratum,
        design.weight,
        design.x,
        risk,
        int(design.efron),
        out,
    )
    return out
