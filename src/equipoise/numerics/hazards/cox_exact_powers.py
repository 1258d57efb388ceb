"""Sums over subsets of those at risk, where rows come late, from sums of powers of the risks."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_exact_subsets import count_subsets, read_subsets
from equipoise.numerics.hazards.cox_sums import add_exactly, count_failing, sum_products
from equipoise.numerics.row_order import Places

_POWERS = 16  # further ones of many that tie add less than rounding, or are not asked
_LEAST = 1e-17  # of the sum over subsets: less of it is left out
_ALTERNATING = 100.0  # times the sum, that its terms without their signs may be
_GONE = 1e14  # times what is left, that what is taken out may have been: sums have some 32 digits

Floats = NDArray[np.float64]


@njit(cache=True)
def _enter_powers(sign: float, risk: float, own: Floats, sums: Floats, lost: Floats) -> None:
    """Adds (or takes out) each power of a risk times the covariates, and the power itself."""
    p = own.size
    share = sign * risk
    for place in range(0, sums.size, p + 1):
        for i in range(p):
            add_exactly(sums, lost, place + i, share * own[i])
        add_exactly(sums, lost, place + p, share)
        share *= risk


@njit(cache=True)
def _sum_subsets(failed: int, power: Floats, held: Floats, subsets: Floats) -> bool:
    """The sum over subsets of each size up to `failed`; whether that of this size is exact.

    `power` (K,) has the sums of the powers of those at risk, `held` the most they have been.
    Source: Newton's identities (Macdonald 1995, Symmetric functions, I.2.11').
    """
    most, unsigned = power.size, np.ones(failed + 1)
    subsets[0] = 1.0
    for m in range(1, failed + 1):
        signed, whole, sign = 0.0, 0.0, 1.0
        for j in range(min(m, most)):
            signed += sign * subsets[m - j - 1] * power[j]
            whole += unsigned[m - j - 1] * power[j]
            sign = -sign
        subsets[m], unsigned[m] = signed / m, whole / m
    last = subsets[failed]
    exact = last > 0.0 and unsigned[failed] <= _ALTERNATING * last
    if failed > most:
        exact = exact and subsets[failed - most] * power[most - 1] <= _LEAST * last
    for j in range(min(failed, most)):
        exact = exact and held[j] <= _GONE
    return bool(exact)


@njit(cache=True)
def _read_powers(
    failed: int,
    subsets: Floats,
    moment: Floats,
    step: Floats,
    score: Floats,
    information: Floats,
) -> float:
    """As `read_subsets`; `moment` (K, p) has the sums of the powers times the covariates.

    The part of the curvature that goes row by row is left to `_weigh_rows`: each power of the
    risks times its `step` (K,), which is written.
    """
    whole, p = subsets[failed], score.size
    most = min(failed, step.size)
    mean, sign = np.zeros(p), 1.0
    step[:] = 0.0
    for a in range(most):
        ratio = sign * subsets[failed - a - 1] / whole
        step[a] = (a + 1) * ratio
        for i in range(p):
            mean[i] += ratio * moment[a, i]
        other, turn = np.zeros(p), sign
        for b in range(min(most, failed - a - 1)):
            ratio = turn * subsets[failed - a - b - 2] / whole
            for i in range(p):
                other[i] += ratio * moment[b, i]
            turn = -turn
        for i in range(p):
            for j in range(i + 1):
                information[i, j] += moment[a, i] * other[j]
        sign = -sign
    for i in range(p):
        score[i] -= mean[i]
        for j in range(i + 1):
            information[i, j] -= mean[i] * mean[j]
    return -math.log(whole)


# no risk left is no unit of the powers, and the subsets are counted: numpy's error model
@njit(cache=True, error_model="numpy")
def _power_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    x: Floats,
    risk: Floats,
    first: NDArray[np.int64],
    late: NDArray[np.int64],
    steps: Floats,
    score: Floats,
    information: Floats,
) -> float:
    """Walks from the last event time to the first: rows come in at their last, go at their first.

    Writes `steps`, shape (m, K). Where the sums of powers are not exact, few at risk or risks far
    apart, the subsets are counted row by row.
    """
    p, most, value = x.shape[1], steps.shape[1], 0.0
    sums = np.zeros(most * (p + 1))
    lost, held = np.zeros(most * (p + 1)), np.zeros(most)
    power, most_held, moment = np.zeros(most), np.zeros(most), np.zeros((most, p))
    gone, present, stop, subsets = 0, 0, 0, np.zeros(event.size + 1)
    for k in range(begin.size - 1, -1, -1):
        if k + 1 == begin.size or block_stratum[k] != block_stratum[k + 1]:
            present, stop = 0, end[k]
            while gone < late.size and first[late[gone]] > k:
                gone += 1
        while gone < late.size and first[late[gone]] > k:
            _enter_powers(-1.0, risk[late[gone]], x[late[gone]], sums, lost)
            present, gone = present - 1, gone + 1
        if present == 0:
            sums[:], lost[:], held[:] = 0.0, 0.0, 0.0
        failed = 0
        for row in range(begin[k], end[k]):
            present += 1 if risk[row] > 0.0 else 0
            failed += event[row]
            _enter_powers(1.0, risk[row], x[row], sums, lost)
        unit, scale = float((sums[p] + lost[p]) / failed), 1.0
        for j in range(most):  # in units that make the first power the number that fail
            at = j * (p + 1)
            scale /= unit
            held[j] = max(held[j], sums[at + p])
            power[j], most_held[j] = scale * (sums[at + p] + lost[at + p]), scale * held[j]
            for i in range(p):
                moment[j, i] = scale * (sums[at + i] + lost[at + i])
        if 1e-250 < scale < 1e250 and _sum_subsets(failed, power, most_held, subsets):
            value += _read_powers(failed, subsets, moment, steps[k], score, information)
            value -= failed * math.log(unit)
            scale = 1.0
            for j in range(most):
                scale /= unit
                steps[k, j] *= scale
        else:
            there = np.arange(begin[k], stop)
            own, unit = count_subsets(there[first[there] <= k], failed, x, risk)
            value += read_subsets(own, unit, failed, score, information)
            steps[k] = 0.0
    return value


@njit(cache=True)
def _weigh_rows(
    begin: Places,
    end: Places,
    block_stratum: Places,
    first: NDArray[np.int64],
    risk: Floats,
    steps: Floats,
    out: Floats,
) -> None:
    """For each row, the steps of the event times that saw it, times the powers of its risk."""
    most = steps.shape[1]
    sums, lost = np.zeros(most), np.zeros(most)
    before, lost_before = np.zeros(steps.shape), np.zeros(steps.shape)
    out[:] = 0.0
    for k in range(begin.size):
        if k > 0 and block_stratum[k] != block_stratum[k - 1]:
            sums[:], lost[:] = 0.0, 0.0
        before[k], lost_before[k] = sums, lost
        for j in range(most):
            add_exactly(sums, lost, j, steps[k, j])
        for row in range(begin[k], end[k]):
            came, power = first[row], 1.0
            if came <= k:
                for j in range(most):
                    power *= risk[row]
                    seen = sums[j] - before[came, j] + (lost[j] - lost_before[came, j])
                    if abs(before[came, j]) * power > _GONE:
                        seen = np.sum(steps[came : k + 1, j])
                    out[row] += power * seen


def sum_late_subsets(
    design: CoxDesign, *, risk: Floats, score: Floats, information: Floats
) -> float:
    """For each event time the sum over all subsets of its size, where rows come late.

    Adds to the slope (p,) and the lower half of the curvature (p, p). Source: Gail, Lubin,
    Rubinstein (1981), the likelihood; Newton's identities, its sums from those of powers.
    """
    most = min(_POWERS, int(np.max(count_failing(design))))
    steps, weight = np.empty((design.begin.size, most)), np.empty(risk.size)
    unit = math.exp(np.log(risk[risk > 0.0]).mean())
    if math.isinf(unit):
        score[:] = math.nan
        return -math.inf
    shares = risk / unit  # around 1, as their powers are then
    value = _power_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.x, shares,
        design.first, design.late, steps, score, information,
    )  # fmt: skip
    _weigh_rows(design.begin, design.end, design.block_stratum, design.first, shares, steps, weight)
    information += sum_products(design.x, weight=weight)[1]
    return value - float(design.event.sum()) * math.log(unit)
