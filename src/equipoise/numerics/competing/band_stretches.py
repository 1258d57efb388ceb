"""The times at which draws of an incidence are looked at, and how its path varies there."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.competing.band_roots import find_root
from equipoise.numerics.competing.cluster_moves import Moves
from equipoise.numerics.competing.incidences import Codes, Floats, Incidences
from equipoise.numerics.row_order import Places, order_by_codes

_SPREAD = 0.08  # variance between two times, in errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """K stretches of time, each up to one of the times `at` (K,), places among the curve's.

    Paths at their ends, in standard errors, are `root` (K, K) times normal numbers; `spread` (K,)
    is the variance of a Brownian path from the end before to that of the stretch.
    """

    at: Codes
    root: Floats
    spread: Floats


@njit(cache=True)
def _grow(
    rows: Places, cluster: Codes, jump: Floats, stretch: int, moved: Floats, since: Codes
) -> float:
    """How much rows add to the squares of what each cluster has moved since a stretch began."""
    grown = 0.0
    for row in rows:
        own = cluster[row]
        if since[own] != stretch:
            since[own], moved[own] = stretch, 0.0
        grown += jump[row] * (2.0 * moved[own] + jump[row])
        moved[own] += jump[row]
    return grown


@njit(cache=True)
def _choose_kernel(
    told: Codes,
    order: Places,
    last: Codes,
    cluster: Codes,
    jump: Floats,
    moved: Floats,
    limit: float,
    at: Codes,
    spread: Floats,
) -> int:
    """Writes the ends of stretches, and how much the path varies in them; returns how many.

    A stretch takes the next time told as long as it varies little; the first is a time alone.
    """
    since = np.full(moved.size, -1)
    k, within, begin = -1, 0.0, 0
    for now in told:
        end = begin
        while end < order.size and last[order[end]] == now:
            end += 1
        within += _grow(order[begin:end], cluster, jump, k, moved, since)
        if k < 1 or within > limit:
            k += 1
            within = _grow(order[begin:end], cluster, jump, k, moved, since)
        at[k], spread[k], begin = now, within, end
    return k + 1


def _choose_times(
    curves: Incidences, moves: Moves, error: Floats, told: NDArray[np.bool_]
) -> tuple[Codes, Floats]:
    """Of the times told the first, the last and as few as are a little variance apart, and it.

    Events of one cluster within a stretch move it together.
    """
    rows = np.flatnonzero(told[curves.last] & (moves.jump > 0)).astype(np.int32)
    order = rows[order_by_codes(curves.last[rows].astype(np.int32))]
    by_chance = np.sqrt(np.maximum(1 - moves.hazard, 0.0)) / error
    jump = moves.jump * by_chance[curves.last]
    times, moved = np.flatnonzero(told), np.zeros(curves.label.size)
    at, spread = np.empty(times.size, dtype=np.int64), np.empty(times.size)
    k = _choose_kernel(times, order, curves.last, curves.cluster, jump, moved, _SPREAD, at, spread)
    spread[0] = 0.0  # before the first time nothing is asked
    return at[:k], spread[:k]


def lay_out_stretches(
    curves: Incidences, *, moves: Moves, error: Floats, told: NDArray[np.bool_]
) -> Stretches:
    """What draws of the path need, in standard errors, `error` (m,), at the times `told` (m,).

    Times with events that move the path little are passed over: a draw goes on between two times
    as a Brownian path does. So the work of a draw hardly grows with the data.
    """
    at, spread = _choose_times(curves, moves, error, told)
    view = np.stack([moves.run[at], np.ones(at.size), -moves.away[at]]) / error[at]
    stretch = np.searchsorted(at, np.arange(told.size))
    root = find_root(curves, moves=moves, stretch=stretch, view=np.ascontiguousarray(view.T))
    return Stretches(at=at, root=root, spread=spread)
