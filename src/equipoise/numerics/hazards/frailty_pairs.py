"""Normal frailties: the information of pairs of clusters, and Laplace's likelihood from it."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri

from equipoise.numerics.hazards.cox_sums import add_exactly
from equipoise.numerics.hazards.frailty_climb import solve_information
from equipoise.numerics.hazards.frailty_sums import (
    FrailtyModel,
    FrailtyMove,
    FrailtyState,
    move_hazards,
)
from equipoise.numerics.row_order import Places

_NEARLY = 1e-7  # a solution for a slope that is only about right

Values = NDArray[np.float64]
Codes = NDArray[np.int64]


@njit(cache=True)
def _add_seen_by(share: float, place: int, present: Values, out: Values) -> None:
    """To the cluster's row of `out` a share of what is present: of every cluster, or of its own."""
    if out.shape[1] == 1:
        out[place, 0] += share * present[place]
        return
    own = out[place]
    for column in range(own.size):
        own[column] += share * present[column]


@njit(cache=True)
def _shared_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    group: Codes,
    first: Codes,
    late: Codes,
    left: Values,
    right: Values,
    bends: Values,
    out: Values,
) -> None:
    """Walks from the last event time to the first, as the walk over the risk sets.

    A pair of rows shares the bends from when the later came to when the earlier goes: those up to
    the end are added when the earlier goes, those before the start taken off when the later came.
    """
    whole = int(out.shape[1] > 1)
    present, lost, before = np.zeros(out.shape[0]), np.zeros(out.shape[0]), np.zeros(begin.size)
    for k in range(1, begin.size):
        if block_stratum[k] == block_stratum[k - 1]:
            before[k] = before[k - 1] + bends[k - 1, 0]
    gone = 0
    for k in range(begin.size - 1, -2, -1):
        while gone < late.size and first[late[gone]] > k:
            row = late[gone]
            place, since = group[row], before[first[row]]
            add_exactly(present, lost, place, -right[row])
            present[place] += lost[place]
            lost[place] = 0.0
            _add_seen_by(-since * left[row], place, present, out)
            out[place, place * whole] -= 0.5 * since * left[row] * right[row]
            gone += 1
        if k < 0:
            break
        if k + 1 < begin.size and block_stratum[k] != block_stratum[k + 1]:
            present[:], lost[:] = 0.0, 0.0
        for row in range(begin[k], end[k]):
            if event[row] == 0 and (first.size == 0 or first[row] <= k):
                place, share = group[row], left[row] * (before[k] + bends[k, 0])
                _add_seen_by(share, place, present, out)
                out[place, place * whole] += 0.5 * share * right[row]
                add_exactly(present, lost, place, right[row])
        for row in range(begin[k], end[k]):
            if event[row] == 1 and (first.size == 0 or first[row] <= k):
                place, share = group[row], left[row] * (before[k] + bends[k, 2])
                _add_seen_by(left[row] * (before[k] + bends[k, 1]), place, present, out)
                out[place, place * whole] += 0.5 * share * right[row]
                for other in range(begin[k], row):
                    seen = event[other] == 1 and (first.size == 0 or first[other] <= k)
                    if seen and (whole == 1 or group[other] == place):
                        out[place, group[other] * whole] += share * right[other]
        for row in range(begin[k], end[k]):
            if event[row] == 1 and (first.size == 0 or first[row] <= k):
                add_exactly(present, lost, group[row], right[row])


@njit(cache=True)
def _moved_bends_kernel(
    begin: Places,
    end: Places,
    event: NDArray[np.int8],
    totals: Values,
    moved: Values,
    bends: Values,
) -> None:
    """How the bends move where the totals move as `moved` says."""
    for k in range(begin.size):
        failed = 0
        for row in range(begin[k], end[k]):
            failed += event[row]
        for term in range(failed):
            part = (failed - term) / failed
            total = totals[k, 0] + part * totals[k, 1]
            bend = -2.0 * (moved[k, 0] + part * moved[k, 1]) / total**3
            bends[k, 0] += bend
            bends[k, 1] += bend * part
            bends[k, 2] += bend * part**2


@njit(cache=True)
def _fold_kernel(out: Values) -> None:
    """Adds to a square matrix what stands across the diagonal, in place."""
    for row in range(out.shape[0]):
        out[row, row] *= 2.0
        for column in range(row):
            both = out[row, column] + out[column, row]
            out[row, column], out[column, row] = both, both


def _share_bends(
    model: FrailtyModel, *, left: Values, right: Values, bends: Values, out: Values
) -> None:
    """Adds what each pair of rows has in common, in the row of the one's cluster, (q, q).

    It is the `left` of the one times the `right` of the other, times the bends over the event times
    that saw both; half of it for a row with itself. One column keeps the pairs within clusters.
    """
    design = model.design
    _shared_kernel(
        design.begin, design.end, design.block_stratum, design.event, model.group, design.first,
        design.late, left, right, bends, out,
    )  # fmt: skip


def own_information(model: FrailtyModel, *, state: FrailtyState) -> Values:
    """The information of each log frailty alone, (q,), without the penalty; in linear time."""
    shared = np.zeros((state.logs.size, 1))
    _share_bends(model, left=state.risk, right=state.risk, bends=state.bends, out=shared)
    return np.asarray(state.hazard - 2 * shared[:, 0])


def dense_information(
    model: FrailtyModel, *, state: FrailtyState, room: Values | None = None
) -> Values:
    """The penalised information of the log frailties alone, (q, q); in the `room` of zeros given.

    Work grows with rows times clusters. Source: Cox (1972), (12), row by row.
    """
    q = state.logs.size
    out = np.zeros((q, q)) if room is None else room
    _share_bends(model, left=-state.risk, right=state.risk, bends=state.bends, out=out)
    _fold_kernel(out)
    out.flat[:: q + 1] += state.alone[-q:]
    return out


def _penalised_size(state: FrailtyState, size: float) -> float:
    """Source: Ripatti, Palmgren (2000), (5): Laplace's integral of the partial likelihood."""
    return state.penalised - (state.logs.size * math.log(state.variance) + size) / 2


def laplace_likelihood(model: FrailtyModel, *, state: FrailtyState) -> float:
    """The log likelihood with normal frailties integrated out."""
    # the transpose is the same matrix, in the order that LAPACK wants
    factor = dpotrf(dense_information(model, state=state).T, lower=1, overwrite_a=1)[0]
    return _penalised_size(state, 2 * float(np.log(np.diag(factor)).sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LaplaceSlope:
    """Laplace's log likelihood and its slope along the log variance.

    Without and with what clusters have in common at the times at which they are at risk together:
    the first takes linear time, the second and the likelihood a matrix (NaN where not asked for).
    `follow` (p + q,) is how coefficients and log frailties move with the log variance.
    """

    apart: float
    whole: float
    likelihood: float
    follow: Values


def _move_shares(model: FrailtyModel, state: FrailtyState, move: FrailtyMove, out: Values) -> None:
    """Adds what pairs of rows take of the information, and how that moves, in one.

    Of the rows' risks, once of each of a pair's, and of the bends.
    """
    design, bends, risk = model.design, np.zeros_like(state.bends), state.risk
    _moved_bends_kernel(design.begin, design.end, design.event, state.totals, move.totals, bends)
    left, right = risk * move.along, risk * (1 + move.along)
    _share_bends(model, left=left, right=risk, bends=state.bends, out=out)
    _share_bends(model, left=risk, right=right, bends=state.bends, out=out)
    _share_bends(model, left=risk, right=risk, bends=bends, out=out)


def laplace_slope(model: FrailtyModel, *, state: FrailtyState, whole: bool = True) -> LaplaceSlope:
    """The slope of Laplace's likelihood at the top of the penalised likelihood.

    The determinant of the variance times the information moves with the variance and, as
    coefficients and frailties follow it, with the information of the rows.
    """
    p, q = state.beta.size, state.logs.size
    cross, tolerance = np.concatenate([np.zeros(p), state.pull]), 1e-13 if whole else _NEARLY
    follow = solve_information(model, state=state, right=cross, tolerance=tolerance)
    move = move_hazards(model, state=state, towards=follow)
    rows = state.hazard + np.bincount(model.group, weights=move.hazards, minlength=q)
    if not whole:
        moved = np.zeros((q, 1))
        _move_shares(model, state, move, moved)
        own = own_information(model, state=state) + 1 / state.variance
        apart = float(np.sum((rows - 2 * moved[:, 0]) / own))
        return LaplaceSlope(
            apart=state.penalty - apart / 2, whole=math.nan, likelihood=math.nan, follow=follow
        )
    room, shares = np.zeros((2, q, q))  # two by themselves take twice as long to get
    matrix = dense_information(model, state=state, room=room)
    _move_shares(model, state, move, shares)
    _fold_kernel(shares)
    rows -= np.diag(shares)
    apart = float(np.sum(rows / np.diag(matrix)))
    factor = dpotrf(matrix.T, lower=1, overwrite_a=1)[0]
    size = 2 * float(np.log(np.diag(factor)).sum())
    inverse = dpotri(factor, lower=1, overwrite_c=1)[0]  # nothing above the diagonal
    np.fill_diagonal(shares, -rows / 2)
    trace = -2 * float(np.vdot(inverse.T, shares))
    return LaplaceSlope(
        apart=state.penalty - apart / 2,
        whole=state.penalty - trace / 2,
        likelihood=_penalised_size(state, size),
        follow=follow,
    )
