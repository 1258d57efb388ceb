"""What is read from the ordered rows of a simulated trial: tests, ratios and differences.

Every number equals that of the public estimator on the same rows (`logrank`, `weighted_logrank`,
`cox` with Efron's ties, `milestone`, `rmst`), but that only equal times are tied: times that
differ by rounding are drawn as they are.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.trials.trial_cuts import time_of
from equipoise.numerics.trials.trial_draws import bits_of

_CENSORED = np.int64(512)
_TIME = np.int64(10)
_NOTHING = 1e-10  # of the events' weights: a variance below is none, as in `logrank`
_SETTLED = 1e-12
_STEPS = 50


@njit(cache=True, error_model="numpy")
def _signed(score: float, variance: float, scale: float) -> float:
    return score / math.sqrt(variance) if 2.0 * variance > _NOTHING * scale else math.nan


@njit(cache=True, error_model="numpy")
def is_tied_kernel(ordered: NDArray[np.int64]) -> bool:
    """Whether any two rows in order have one time."""
    tied = False
    for i in range(ordered.size - 1):
        tied |= (ordered[i] >> _TIME) == (ordered[i + 1] >> _TIME)
    return tied


@njit(cache=True, error_model="numpy")
def logrank_kernel(ordered: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """Events of arm 0 and 1 and the log-rank z into `out`, in one pass: no strata, no ties."""
    risk_1 = 0
    for row in ordered:
        risk_1 += row & 1
    risk, events_1, events = ordered.size, 0, 0
    score, variance = 0.0, 0.0
    for row in ordered:
        arm, event = row & 1, 1 - ((row >> 9) & 1)
        share = risk_1 / float(risk)
        score += event * (arm - share)
        variance += event * share * (1.0 - share)
        events += event
        events_1 += event & arm
        risk -= 1
        risk_1 -= arm
    out[0], out[1] = events - events_1, events_1
    out[2] = _signed(score, variance, float(events))


@njit(cache=True, error_model="numpy")
def find_sets_kernel(
    ordered: NDArray[np.int64],
    risk: NDArray[np.int64],
    fail: NDArray[np.int64],
    sets: NDArray[np.float64],
    at: NDArray[np.float64],
    layer: NDArray[np.int64],
) -> int:
    """The number of risk sets, by time, then stratum.

    Into `sets` (4, n): those at risk in arm 0 and 1 and their events; `at` and `layer` (n,): time
    and stratum. `risk` and `fail` (strata, 2) are room to work in.
    """
    risk[:], fail[:] = 0, 0
    for row in ordered:
        risk[(row & 511) >> 1, row & 1] += 1
    found, i = 0, 0
    while i < ordered.size:
        end, events = i, i
        while end < ordered.size and ordered[end] >> _TIME == ordered[i] >> _TIME:
            events += not ordered[end] & _CENSORED
            end += 1
        for row in ordered[i:events]:
            fail[(row & 511) >> 1, row & 1] += 1
        for row in ordered[i:events]:
            code = (row & 511) >> 1
            if fail[code, 0] + fail[code, 1] > 0:
                sets[0, found], sets[1, found] = risk[code, 0], risk[code, 1]
                sets[2, found], sets[3, found] = fail[code, 0], fail[code, 1]
                at[found], layer[found] = time_of(row), code
                fail[code, 0], fail[code, 1] = 0, 0
                found += 1
        for row in ordered[i:end]:
            risk[(row & 511) >> 1, row & 1] -= 1
        i = end
    return found


@njit(cache=True, error_model="numpy")
def _spread(n_0: float, n_1: float, d: float) -> float:
    """The hypergeometric variance of the events of arm 1."""
    n = n_0 + n_1
    return d * (n - d) / (n - 1.0) * (n_0 / n) * (n_1 / n) if n > 1.0 else 0.0


@njit(cache=True, error_model="numpy")
def compare_sets_kernel(sets: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Events of arm 0 and 1 and the (stratified) log-rank z into `out`; `sets` (4, m)."""
    score, variance = 0.0, 0.0
    out[0], out[1] = 0.0, 0.0
    for j in range(sets.shape[1]):
        n_0, n_1, d = sets[0, j], sets[1, j], sets[2, j] + sets[3, j]
        score += sets[3, j] - d * (n_1 / (n_0 + n_1))
        variance += _spread(n_0, n_1, d)
        out[0] += sets[2, j]
        out[1] += sets[3, j]
    out[2] = _signed(score, variance, out[0] + out[1])


@njit(cache=True, error_model="numpy")
def _power(base: float, exponent: float) -> float:
    if exponent == 0.0:
        return 1.0
    return base if exponent == 1.0 else base**exponent


@njit(cache=True, error_model="numpy")
def compare_weighted_kernel(
    sets: NDArray[np.float64],
    at: NDArray[np.float64],
    layer: NDArray[np.int64],
    weighting: NDArray[np.float64],
    survival: NDArray[np.float64],
    floor: NDArray[np.float64],
    sums: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """The z of q weightings into `out`, then their correlations: (0, 1), (0, 2), (1, 2), (0, 3) ...

    A row of `weighting` (q, 3) is (0, rho, gamma) of Fleming-Harrington or (1, until, largest) of
    modest weights. `survival` (strata,), `floor` (q, strata) and `sums` (q + 3, q) are room.
    """
    q = weighting.shape[0]
    survival[:], floor[:], sums[:] = 1.0, 1.0, 0.0
    for j in range(at.size):
        kept = 1.0 - (sets[2, j] + sets[3, j]) / (sets[0, j] + sets[1, j])
        for a in range(q):
            if weighting[a, 0] == 1.0 and at[j] <= weighting[a, 1]:
                floor[a, layer[j]] *= kept
    for j in range(at.size):
        n_0, n_1, d = sets[0, j], sets[1, j], sets[2, j] + sets[3, j]
        excess, spread = sets[3, j] - d * (n_1 / (n_0 + n_1)), _spread(n_0, n_1, d)
        before = survival[layer[j]]
        for a in range(q):
            if weighting[a, 0] == 0.0:
                w = _power(before, weighting[a, 1]) * _power(1.0 - before, weighting[a, 2])
            else:
                w = min(1.0 / max(before, floor[a, layer[j]]), weighting[a, 2])
            sums[q, a] = w
            sums[q + 1, a] += w * excess
            sums[q + 2, a] += w * w * d
            for b in range(a + 1):
                sums[a, b] += w * sums[q, b] * spread
        survival[layer[j]] = before * (1.0 - d / (n_0 + n_1))
    place = q
    for a in range(q):
        out[a] = _signed(sums[q + 1, a], sums[a, a], sums[q + 2, a])
        for b in range(a):
            out[place] = sums[a, b] / math.sqrt(sums[a, a] * sums[b, b])
            place += 1


@njit(cache=True, error_model="numpy")
def _differentiate_kernel(sets: NDArray[np.float64], ratio: float) -> tuple[float, float]:
    """Score and information of the log hazard ratio. Source: Efron (1977)."""
    score, information = 0.0, 0.0
    for j in range(sets.shape[1]):
        d = sets[2, j] + sets[3, j]
        score += sets[3, j]
        for gone in range(int(d)):
            one = ratio * (sets[1, j] - gone * sets[3, j] / d)
            share = one / (one + sets[0, j] - gone * sets[2, j] / d)
            score -= share
            information += share * (1.0 - share)
    return score, information


@njit(cache=True, error_model="numpy")
def estimate_ratio_kernel(sets: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Cox's log hazard ratio of arm 1 and its standard error into `out`, by stratum.

    NaN where the ratio would be 0 or infinite, or nothing is told of it.
    """
    out[0], out[1] = math.nan, math.nan
    alone_0, alone_1 = 0.0, 0.0
    for j in range(sets.shape[1]):
        if sets[0, j] > 0.0 and sets[1, j] > 0.0:
            alone_0 += sets[2, j] > 0.0
            alone_1 += sets[3, j] > 0.0
    if alone_0 == 0.0 or alone_1 == 0.0:
        return
    log_ratio = 0.0
    for _ in range(_STEPS):
        score, information = _differentiate_kernel(sets, math.exp(log_ratio))
        step = max(-1.0, min(1.0, score / information))
        log_ratio += step
        if abs(step) < _SETTLED * max(1.0, abs(log_ratio)):
            break
    _, information = _differentiate_kernel(sets, math.exp(log_ratio))
    out[0], out[1] = log_ratio, 1.0 / math.sqrt(information)


@njit(cache=True, error_model="numpy")
def _follow_kernel(
    ordered: NDArray[np.int64], arm: int, at: float, horizon: float
) -> tuple[float, float, float, float]:
    """Of an arm: survival at a time and Greenwood's sum; mean time up to a horizon, its variance.

    Row by row: at a tie one event after another gives the same product and the same sum.
    """
    left, last, survival, greenwood = 0, -math.inf, 1.0, 0.0
    for row in ordered:
        left += (row & 1) == arm
    then, spread = 1.0, 0.0
    area, since, height = 0.0, 0.0, 1.0
    sum_0, sum_1, sum_2 = 0.0, 0.0, 0.0
    for row in ordered:
        if (row & 1) != arm:
            continue
        last = time_of(row)
        if not row & _CENSORED:
            term = 1.0 / (float(left) * (left - 1.0))  # infinite at the last
            survival *= (left - 1.0) / left
            greenwood += term
            if last <= at:
                then, spread = survival, greenwood
            if last < horizon:
                area += height * (last - since)
                since, height = last, survival
                if left > 1:
                    sum_0 += term
                    sum_1 += term * area
                    sum_2 += term * area * area
        left -= 1
    area += height * (horizon - since)
    if at > last and then > 0.0:
        then = math.nan
    if horizon > last and survival > 0.0:
        area = math.nan
    return then, spread, area, max(area * area * sum_0 - 2.0 * area * sum_1 + sum_2, 0.0)


@njit(cache=True, error_model="numpy")
def _compare_survival(s_0: float, g_0: float, s_1: float, g_1: float) -> float:
    """The z of the log-log difference, above 0 where arm 1 has more events; plain at 0 or 1.

    Source: Klein, Logan, Harhoff, Andersen (2007).
    """
    if math.isnan(s_0) or math.isnan(s_1):
        return math.nan
    if 0.0 < s_0 < 1.0 and 0.0 < s_1 < 1.0:
        l_0, l_1 = math.log(s_0), math.log(s_1)
        return math.log(l_1 / l_0) / math.sqrt(g_0 / l_0**2 + g_1 / l_1**2)
    v_0 = s_0 * s_0 * g_0 if s_0 > 0.0 else 0.0
    v_1 = s_1 * s_1 * g_1 if s_1 > 0.0 else 0.0
    return (s_0 - s_1) / math.sqrt(v_0 + v_1) if v_0 + v_1 > 0.0 else math.nan


@njit(cache=True, error_model="numpy")
def compare_curves_kernel(
    ordered: NDArray[np.int64],
    at: float,
    horizon: float,
    milestone: NDArray[np.float64],
    means: NDArray[np.float64],
) -> None:
    """Arm 1 less arm 0: survival at a time, mean time, each with a z (above 0: more events).

    An array of size 0 is left alone. All rows together, without strata. Both times lose the bits
    that those of rows have lost.
    """
    at, horizon = time_of(bits_of(at)), time_of(bits_of(horizon))
    s_0, g_0, mean_0, v_0 = _follow_kernel(ordered, 0, at, horizon)
    s_1, g_1, mean_1, v_1 = _follow_kernel(ordered, 1, at, horizon)
    if milestone.size > 0:
        milestone[0], milestone[1] = s_1 - s_0, _compare_survival(s_0, g_0, s_1, g_1)
    if means.size > 0:
        means[0] = mean_1 - mean_0
        means[1] = (mean_0 - mean_1) / math.sqrt(v_0 + v_1) if v_0 + v_1 > 0.0 else math.nan
