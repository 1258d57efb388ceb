"""The times at which draws of an incidence are looked at, and what moves them in between."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.competing.cluster_moves import Moves
from equipoise.numerics.competing.incidences import Codes, Floats, Incidences
from equipoise.numerics.risk_sets import add_up

_SPREAD = 0.08  # variance between two times, in errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """K stretches of time, each up to one of the times `at` (K,), places among the curve's.

    A path at the end of stretch k, in standard errors, is `view[k, :3]` times the sums (b, a, l):
    multipliers, each of mean 0 and variance 1, times their `load` (n, 3) in the stretches so far.
    Those of stretch k are from `begin[k]` on; `who` (n,) is the number of the multiplier, below
    `multipliers`. `view[k, 3]` is the variance of a Brownian path from time k - 1 to k.
    """

    at: Codes
    view: Floats
    begin: Codes
    who: Codes
    load: Floats
    multipliers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loads:
    stretch: Codes
    who: Codes
    load: Floats


def _choose_times(curves: Incidences, told: NDArray[np.bool_], jump: Floats) -> Codes:
    """The first and last of the times told and as few between as are a little variance apart.

    An event counts for as many as its cluster has: they may come close together.
    """
    events = np.bincount(curves.cluster, weights=jump > 0, minlength=curves.label.size)
    squares = add_up(curves.last, amount=jump**2 * events[curves.cluster], m=told.size)
    at = np.flatnonzero(told)
    spread = np.cumsum(squares)[at]
    cell = np.floor((spread - spread[0]) / _SPREAD)
    kept = np.append(cell[1:] != cell[:-1], True)
    kept[0] = True
    chosen: Codes = at[kept]
    return chosen


def _spread(curves: Incidences, stretch: Codes, jump: Floats, k: int) -> Floats:
    """The squares of what each cluster's events within a stretch move, added up, (k,)."""
    rows = (jump > 0) & (stretch > 0) & (stretch < k)  # before the first time nothing is asked
    place = stretch[rows] * curves.label.size + curves.cluster[rows]
    pair, which = np.unique(place, return_inverse=True)
    moved = add_up(which, amount=jump[rows], m=pair.size)
    return add_up(pair // curves.label.size, amount=moved**2, m=k)


def _roots(square: Floats) -> Floats:
    """Lower triangles L with L L' the square, (k, 3, 3), of full rank or not (Cholesky)."""
    root = np.zeros(square.shape)
    for j in range(3):
        rest = square[:, j:, j] - (root[:, j:, :j] * root[:, j : j + 1, :j]).sum(axis=2)
        some = rest[:, 0] > 1e-14 * square[:, j, j]
        pivot = np.sqrt(np.where(some, rest[:, 0], 1.0))
        root[:, j:, j] = np.where(some[:, None], rest / pivot[:, None], 0.0)
    return root


def _fold(moves: Floats, stretch: Codes, k: int) -> _Loads:
    """Clusters that are there from the start and leave at once, those of a stretch as three.

    Normal multipliers times moves (c, 3), added up, have the law of three times a root of the
    moves' sum of squares. At the start the weights come that leave in a stretch or after all.
    """
    i, j = np.divmod(np.arange(9), 3)
    products = (moves[:, i] * moves[:, j]).T
    square = np.stack([add_up(stretch, amount=each, m=k + 1) for each in products], axis=1)
    root = _roots(square.reshape(-1, 3, 3))
    start = np.zeros((k + 1, 3))
    start[:, 0] = -root[:, 0, 0]
    return _Loads(
        stretch=np.append(np.zeros(k + 1, dtype=np.int64), np.repeat(np.arange(k), 3)),
        who=np.append(3 * np.arange(k + 1), np.arange(3 * k)),
        load=np.concatenate([start, root[:k].transpose(0, 2, 1).reshape(-1, 3)]),
    )


def _merge(moves: Floats, stretch: Codes, who: Codes) -> _Loads:
    """Moves (r, 3) with their multipliers, those of one multiplier in one stretch as one load."""
    n = int(who.max(initial=0)) + 1
    pair, which = np.unique(stretch * n + who, return_inverse=True)
    columns = [add_up(which, amount=each, m=pair.size) for each in moves.T]
    return _Loads(stretch=pair // n, who=pair % n, load=np.stack(columns, axis=1))


def _lay_out_loads(
    curves: Incidences, moves: Moves, enter: Codes, leave: Codes, k: int
) -> tuple[_Loads, int]:
    """The loads of the k stretches in order, and how many multipliers they have.

    Rows enter and leave in stretches (n,); k is after the last.
    """
    end = np.empty(curves.label.size, dtype=np.int64)
    end[curves.cluster] = leave
    other = (end[curves.cluster] != leave) | (curves.first > 0)
    folds = np.bincount(curves.cluster, weights=other, minlength=end.size) == 0
    sums = [add_up(curves.cluster, amount=each, m=end.size) for each in moves.leave.T]
    folded = _fold(np.stack(sums, axis=1)[folds], end[folds], k)
    rows, number = ~folds[curves.cluster], 3 * k + np.cumsum(~folds)
    comes, goes = rows & (enter < k), rows & (leave < k)
    kept = _merge(
        np.append(moves.enter[comes], moves.leave[goes], axis=0),
        np.append(enter[comes], leave[goes]),
        number[np.append(curves.cluster[comes], curves.cluster[goes])],
    )
    stretch = np.append(folded.stretch, kept.stretch)
    order = np.argsort(stretch, kind="stable")
    return _Loads(
        stretch=stretch[order],
        who=np.append(folded.who, kept.who)[order],
        load=np.append(folded.load, kept.load, axis=0)[order],
    ), int(number[-1]) + 1


def lay_out_stretches(
    curves: Incidences, *, moves: Moves, error: Floats, told: NDArray[np.bool_]
) -> Stretches:
    """What draws of the path need, in standard errors, `error` (m,), at the times `told` (m,).

    Times with events that move the path little are passed over: a draw goes on between two times
    as a Brownian path does. Clusters that move in one stretch alone share multipliers. So the work
    of a draw grows with the other clusters' rows, and but for them hardly with the data.
    """
    jump = moves.jump * np.where(told, 1 / error, 0.0)[curves.last]
    at = _choose_times(curves, told, jump)
    stretch = np.searchsorted(at, np.arange(told.size))
    leave = stretch[curves.last]
    loads, multipliers = _lay_out_loads(curves, moves, stretch[curves.first], leave, at.size)
    by_chance = jump * np.sqrt(np.maximum(1 - moves.hazard, 0.0))[curves.last]
    spread = error[at] * _spread(curves, leave, by_chance, at.size)
    view = [moves.run[at], np.ones(at.size), -moves.away[at], spread]
    return Stretches(
        at=at,
        view=np.ascontiguousarray((np.stack(view) / error[at]).T),
        begin=np.searchsorted(loads.stretch, np.arange(at.size + 1)),
        who=loads.who,
        load=loads.load,
        multipliers=multipliers,
    )
