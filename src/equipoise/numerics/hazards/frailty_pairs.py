"""Normal frailties: their information, pair of rows by pair, and Laplace's likelihood from it."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri

from equipoise.numerics.hazards.cox_sums import last_seen
from equipoise.numerics.hazards.frailty_sums import (
    FrailtyModel,
    FrailtyState,
    bend_steps,
    move_hazards,
    penalty_of,
    solve_information,
    sum_at_risk,
)

Values = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The rows that some event time sees, in the design's order.

    `row` is their place there, `last` the last event time that sees each, `low` the first, `stop`
    where the rows of its stratum end.
    """

    row: Codes
    event: NDArray[np.int8]
    group: Codes
    last: Codes
    low: Codes
    stop: Codes


@njit(cache=True)
def _together_kernel(
    i: int,
    event: NDArray[np.int8],
    last: Codes,
    low: Codes,
    stop: Codes,
    bends: Values,
    before: Values,
    out: Values,
) -> None:
    """For the rows from i to the end of its stratum, the bends over the times that saw both."""
    k, fails = last[i], event[i]
    whole = before[k] - before[low[i]] + bends[k, fails]
    out[i : stop[i]] = whole
    j = i
    while j < stop[i] and last[j] == k:
        if event[j] == 1:
            out[j] += bends[k, fails + 1] - bends[k, fails]
        j += 1
    for j in range(i, stop[i]):
        if low[j] > k:
            out[j] = 0.0
        elif low[j] > low[i]:
            out[j] -= before[low[j]] - before[low[i]]


@njit(cache=True)
def _information_kernel(
    event: NDArray[np.int8],
    group: Codes,
    last: Codes,
    low: Codes,
    stop: Codes,
    risk: Values,
    bends: Values,
    before: Values,
    out: Values,
) -> None:
    """Takes off `out` what each row and the later ones of its stratum have in common."""
    together = np.zeros(event.size)
    for i in range(event.size):
        _together_kernel(i, event, last, low, stop, bends, before, together)
        own = out[group[i]]
        together[i] /= 2.0
        for j in range(i, stop[i]):
            own[group[j]] -= risk[i] * risk[j] * together[j]


@njit(cache=True)
def _trace_kernel(
    event: NDArray[np.int8],
    group: Codes,
    last: Codes,
    low: Codes,
    stop: Codes,
    risk: Values,
    along: Values,
    bends: Values,
    before: Values,
    moved: Values,
    moved_before: Values,
    inverse: Values,
) -> float:
    """The sum of the inverse times how the same moves where the log risks move by `along`."""
    together, change = np.zeros((2, event.size))
    total = 0.0
    for i in range(event.size):
        _together_kernel(i, event, last, low, stop, bends, before, together)
        _together_kernel(i, event, last, low, stop, moved, moved_before, change)
        own, sums = inverse[group[i]], 0.0
        for j in range(i, stop[i]):
            shift = (along[i] + along[j]) * together[j] + change[j]
            sums += risk[j] * own[group[j]] * shift * (0.5 if i == j else 1.0)
        total += 2.0 * risk[i] * sums
    return total


def _seen(model: FrailtyModel) -> _Seen:
    design = model.design
    last = last_seen(design)
    row = np.flatnonzero(last >= 0)
    last = last[row]
    stratum = design.block_stratum
    low = np.searchsorted(stratum, stratum)[last]
    stop = np.searchsorted(low, low, side="right")
    if design.first.size:
        low = np.maximum(low, design.first[row])
    return _Seen(
        row=row, event=design.event[row], group=model.group[row], last=last, low=low, stop=stop
    )


def _before(bends: Values) -> Values:
    """Sums over the event times before each, of rows that stay."""
    return np.cumsum(bends[:, 0]) - bends[:, 0]


def dense_information(model: FrailtyModel, *, state: FrailtyState) -> Values:
    """The penalised information of the log frailties alone, (q, q).

    Work grows with the square of the rows. Source: Cox (1972), (12), row by row.
    """
    seen = _seen(model)
    hazard = np.bincount(model.group, weights=state.risk * state.seen, minlength=model.deaths.size)
    own = hazard + penalty_of(model.law, logs=state.logs, variance=state.variance)[2]
    shared = np.zeros((own.size, own.size))
    _information_kernel(
        seen.event, seen.group, seen.last, seen.low, seen.stop, state.risk[seen.row], state.bends,
        _before(state.bends), shared,
    )  # fmt: skip
    shared += shared.T
    shared.flat[:: own.size + 1] += own
    return shared


def laplace_likelihood(model: FrailtyModel, *, state: FrailtyState) -> float:
    """Source: Ripatti, Palmgren (2000), (5): Laplace's integral of the partial likelihood."""
    size = np.linalg.slogdet(dense_information(model, state=state))[1]
    return state.penalised - (state.logs.size * math.log(state.variance) + float(size)) / 2


def _invert(information: Values) -> Values:
    half = dpotri(dpotrf(information, lower=1)[0], lower=1)[0]  # nothing above the diagonal
    whole = np.ascontiguousarray(half + half.T)
    whole.flat[:: len(half) + 1] /= 2
    return whole


def laplace_slope(model: FrailtyModel, *, state: FrailtyState) -> float:
    """The slope of that along the log variance, at the top of the penalised likelihood.

    The determinant moves with the penalty and, as coefficients and frailties follow the variance,
    with the information.
    """
    p, design, variance = state.beta.size, model.design, state.variance
    q = state.logs.size
    inverse = _invert(dense_information(model, state=state))
    follow = solve_information(model, state=state, right=np.r_[np.zeros(p), state.logs / variance])
    along = design.x @ follow[:p] + follow[p:][model.group]
    changed = bend_steps(
        design, totals=state.totals, moved=sum_at_risk(design, values=state.risk * along)
    )
    own = np.diag(inverse)[model.group] @ move_hazards(model, state=state, along=along)
    seen = _seen(model)
    shared = _trace_kernel(
        seen.event, seen.group, seen.last, seen.low, seen.stop, state.risk[seen.row],
        along[seen.row], state.bends, _before(state.bends), changed, _before(changed), inverse,
    )  # fmt: skip
    moved = float(own) - shared - float(np.trace(inverse)) / variance
    return float(state.logs @ state.logs) / (2 * variance) - (q + moved) / 2
