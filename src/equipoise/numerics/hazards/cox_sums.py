"""The partial likelihood of a Cox model: its value, slope and curvature."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.row_order import Places

_CHUNK = 4096  # rows whose products stay in the cache


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardSteps:
    """The steps of the cumulative hazard at the event times, (m,), for who stays at risk.

    With Efron's ties those who fail are at risk in part: `fails` has their step for each of the
    event times at which several fail.
    """

    stays: NDArray[np.float64]
    fails: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSets:
    """What each event time gives: the hazard, and the sums over those at risk.

    `sums` (m, 2, p + 1) holds risk times covariates (and risk, last) of those who stay and of those
    who fail; it is empty where not asked for. `spread` (p, p) sums the products of the means.
    """

    value: float
    spread: NDArray[np.float64]
    steps: HazardSteps
    sums: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTerms:
    """The factors of the partial likelihood, one an event (Efron) or an event time (Breslow).

    `block` (t,) is the event time of each, `start` (m,) the first factor of each event time;
    `part` the share to which those who fail are at risk, `share` the weight, `total` the risk,
    `mean` (t, p) that of the covariates.
    """

    block: NDArray[np.int64]
    start: NDArray[np.int64]
    part: NDArray[np.float64]
    share: NDArray[np.float64]
    total: NDArray[np.float64]
    mean: NDArray[np.float64]


@njit(cache=True)
def add_exactly(
    sums: NDArray[np.float64], lost: NDArray[np.float64], place: int, value: float
) -> None:
    """Adds `value` and keeps what rounding lost, so that it can be taken out again whole."""
    total = sums[place] + value
    part = total - sums[place]  # Knuth (1969), 4.2.2, theorem B
    lost[place] += (sums[place] - (total - part)) + (value - part)
    sums[place] = total


@njit(cache=True, inline="always")  # a call takes longer than its sums
def _add_row(
    sign: float,
    row: int,
    risk: NDArray[np.float64],
    x: NDArray[np.float64],
    sums: NDArray[np.float64],
    lost: NDArray[np.float64],
    careful: int,
) -> None:
    p = x.shape[1]
    share = sign * risk[row]
    if careful == 1:
        for j in range(p):
            add_exactly(sums, lost, j, share * x[row, j])
        add_exactly(sums, lost, p, share)
    else:
        for j in range(p):
            sums[j] += share * x[row, j]
        sums[p] += share


@njit(cache=True)
def _risk_set_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    weight: NDArray[np.float64],
    x: NDArray[np.float64],
    risk: NDArray[np.float64],
    first: NDArray[np.int64],
    late: NDArray[np.int64],
    factor: NDArray[np.float64],
    efron: int,
    steps: NDArray[np.float64],
    shared: NDArray[np.float64],
    kept: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> float:
    """Walks from the last event time to the first: rows come in at their last, go at their first.

    `stay` sums risk times covariates (and risk, last) over those at risk who do not fail now,
    `fail` over those who do: k of d failures later, all are at risk with 1 - k/d of the second.
    """
    p = x.shape[1]
    careful = 1 if late.size > 0 else 0
    weighted, tied = int(weight.size == event.size), shared.size
    stay, fail = np.zeros(p + 1), np.zeros(p + 1)
    lost, none, whole_stay = np.zeros(p + 1), np.zeros(p + 1), np.zeros(p)
    value = 0.0
    gone, present = 0, 0
    for k in range(begin.size - 1, -1, -1):
        if k + 1 < begin.size and block_stratum[k] != block_stratum[k + 1]:
            present = 0
            while gone < late.size and first[late[gone]] > k:
                gone += 1
        while gone < late.size and first[late[gone]] > k:
            _add_row(-1.0, late[gone], risk, x, stay, lost, careful)
            present -= 1
            gone += 1
        if present == 0:
            stay[:], lost[:] = 0.0, 0.0
        fail[:] = 0.0
        failed, failed_weight = 0, 0.0
        for row in range(end[k] - 1, begin[k] - 1, -1):
            present += 1 if risk[row] > 0.0 else 0
            if event[row] == 1:
                failed, failed_weight = failed + 1, failed_weight + weight[row * weighted]
                _add_row(1.0, row, risk, x, fail, none, 0)
            else:
                _add_row(1.0, row, risk, x, stay, lost, careful)
        terms = failed if efron == 1 else 1
        share = failed_weight / terms
        if factor.size > 0:
            share *= float(factor[k])
        whole = stay[p] + lost[p] + fail[p]
        product, h0, h1, a, b, c = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for term in range(terms):
            part = (terms - term) / terms
            total = stay[p] + lost[p] + part * fail[p]
            product *= total / whole
            if product < 1e-200:
                value -= share * math.log(product)
                product = 1.0
            inverse = float(1.0 / total)
            step = share * inverse
            h0 += step
            h1 += step * part
            a += step * inverse
            b += step * inverse * part
            c += step * inverse * part * part
        value -= share * terms * math.log(whole)
        if product != 1.0:  # several fail
            value -= share * math.log(product)
        steps[k] = h0
        if terms > 1:
            tied -= 1
            shared[tied] = h1
        for i in range(spread.shape[0]):
            whole_stay[i] = stay[i] + lost[i]
            of_stay, of_fail = a * whole_stay[i] + b * fail[i], b * whole_stay[i] + c * fail[i]
            for j in range(i + 1):
                spread[i, j] += of_stay * whole_stay[j] + of_fail * fail[j]
        if kept.size > 0:
            for i in range(p + 1):
                kept[k, 0, i], kept[k, 1, i] = stay[i] + lost[i], fail[i]
        if careful == 1:
            for row in range(end[k] - 1, begin[k] - 1, -1):
                if event[row] == 1:
                    _add_row(1.0, row, risk, x, stay, lost, careful)
        else:
            for i in range(p + 1):
                stay[i] += fail[i]
    for i in range(spread.shape[0]):
        for j in range(i):
            spread[j, i] = spread[i, j]
    return value


@njit(cache=True)
def _seen_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    first: NDArray[np.int64],
    steps: NDArray[np.float64],
    shared: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Multiplies `out` by the sum of the steps of the event times that saw each row."""
    late, tied = first.size > 0, 0
    before, lost_before = np.zeros(begin.size * late), np.zeros(begin.size * late)
    sums, lost = np.zeros(1), np.zeros(1)
    done = 0
    for k in range(begin.size):
        if k > 0 and block_stratum[k] != block_stratum[k - 1]:
            sums[0], lost[0] = 0.0, 0.0
        if late:
            before[k], lost_before[k] = sums[0], lost[0]
        out[done : begin[k]] = 0.0  # gone before the first event of their stratum
        stays, fails, failing = steps[k], steps[k], 0
        if shared.size > 0:
            for row in range(begin[k], end[k]):
                failing += event[row]
            if failing > 1:
                fails = shared[tied]
                tied += 1
        for row in range(begin[k], end[k]):
            seen = sums[0] + lost[0]
            if late and first[row] <= k:
                seen = sums[0] - before[first[row]] + (lost[0] - lost_before[first[row]])
            if late and first[row] > k:
                out[row] = 0.0
            else:
                out[row] *= seen + (fails if event[row] == 1 else stays)
        done = end[k]
        add_exactly(sums, lost, 0, stays)
    out[done:] = 0.0


def sum_seen(
    design: CoxDesign, *, steps: HazardSteps, times: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """For each row (n,), the sum of the steps over the event times that saw it.

    It is multiplied by `times` (n,), in place: what that held is overwritten.
    """
    out = np.ones(design.event.size) if times is None else times
    _seen_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.first,
        steps.stays, steps.fails, out,
    )  # fmt: skip
    return out


def relative_risks(design: CoxDesign, *, beta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight times hazard of each row (n,) against a row at the centre; 0 for who is never seen."""
    risk = design.x @ beta
    with np.errstate(over="ignore"):
        np.exp(risk, out=risk)
    risk *= design.weight
    risk[design.idle] = 0.0
    return risk


def walk_risk_sets(
    design: CoxDesign,
    *,
    risk: NDArray[np.float64],
    factor: NDArray[np.float64] | None = None,
    with_sums: bool = False,
) -> RiskSets:
    """Hazard steps and sums at the event times; `factor` (m,) multiplies what each gives."""
    m, p = design.begin.size, design.x.shape[1]
    steps = HazardSteps(stays=np.empty(m), fails=np.empty(design.tied))
    sums = np.empty((m if with_sums else 0, 2, p + 1))
    spread = np.zeros((p, p))
    value = _risk_set_kernel(
        design.begin,
        design.end,
        design.block_stratum,
        design.event,
        design.weight,
        design.x,
        risk,
        design.first,
        design.late,
        np.zeros(0) if factor is None else factor,
        int(design.efron),
        steps.stays,
        steps.fails,
        sums,
        spread,
    )
    return RiskSets(value=value, spread=spread, steps=steps, sums=sums)


def sum_products(
    x: NDArray[np.float64], *, weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted sums of the rows (p,) and of their products (p, p)."""
    first, second = np.zeros(x.shape[1]), np.zeros((x.shape[1],) * 2)
    for start in range(0, x.shape[0], _CHUNK):
        rows, share = x[start : start + _CHUNK], weight[start : start + _CHUNK]
        first += share @ rows
        second += (rows * share[:, None]).T @ rows
    return first, second


def count_failing(design: CoxDesign) -> Places:
    """How many rows fail at each event time (m,)."""
    return np.add.reduceat(design.event, design.begin, dtype=np.int32)


def event_times_of(design: CoxDesign) -> NDArray[np.int64]:
    """For each row that fails, in the design's order, its event time (0 to m - 1)."""
    return np.repeat(np.arange(design.begin.size), count_failing(design))


def last_seen(design: CoxDesign) -> NDArray[np.int64]:
    """For each row, in the design's order, the last event time that sees it; -1 for none."""
    row = np.arange(design.event.size)
    last = np.searchsorted(design.begin, row, side="right") - 1
    last[(last < 0) | (row >= np.r_[design.end, 0][last])] = -1
    last[design.idle] = -1
    return last


def split_ties(design: CoxDesign, *, sets: RiskSets) -> RiskTerms:
    """The factors of the likelihood; `sets` from a walk with sums."""
    failed, weight = (
        count_failing(design),
        np.add.reduceat(design.weight * design.event, design.begin),
    )
    terms = failed if design.efron else np.ones_like(failed)
    start = np.cumsum(terms) - terms
    block = np.repeat(np.arange(start.size), terms)
    part = 1.0 - (np.arange(block.size) - start[block]) / terms[block]
    sums = sets.sums[block, 0] + part[:, None] * sets.sums[block, 1]
    total = sums[:, -1]
    return RiskTerms(
        block=block,
        start=start,
        part=part,
        share=(weight / terms)[block],
        total=total,
        mean=sums[:, :-1] / total[:, None],
    )


def _event_total(design: CoxDesign, factor: NDArray[np.float64]) -> NDArray[np.float64]:
    amount = np.zeros(design.event.size)
    amount[design.event == 1] = np.repeat(factor, count_failing(design))
    amount *= design.weight
    return amount @ design.x


def sum_partial_likelihood(
    design: CoxDesign, *, beta: NDArray[np.float64], factor: NDArray[np.float64] | None = None
) -> LikelihoodSums:
    """Log likelihood, score and information at scaled coefficients `beta`.

    `factor` (m,) multiplies what each event time gives.
    The information is the sum over the rows of hazard seen times x x', less the products of the
    means at the event times: so the walk keeps sums of x alone.
    """
    failed = design.failed if factor is None else _event_total(design, factor)
    risk = relative_risks(design, beta=beta)
    sets = walk_risk_sets(design, risk=risk, factor=factor)
    expected = sum_seen(design, steps=sets.steps, times=risk)
    return sums_of(design, beta=beta, sets=sets, expected=expected, failed=failed)


def sums_of(
    design: CoxDesign,
    *,
    beta: NDArray[np.float64],
    sets: RiskSets,
    expected: NDArray[np.float64],
    failed: NDArray[np.float64],
) -> LikelihoodSums:
    """The sums from a walk at `beta`; `expected` (n,) is each row's hazard seen, weighted."""
    expected, second = sum_products(design.x, weight=expected)
    return LikelihoodSums(
        log_likelihood=float(failed @ beta) + sets.value,
        score=failed - expected,
        information=second - sets.spread,
    )
