"""The rows in the order of their times, in numbers of 32 bits: what the regressions walk along."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_labels
from equipoise.numerics.event_counts import sort_times, tie_tolerance, whole_days

Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOrder:
    """The rows by stratum, then time, then as given.

    `order` (n,) leads back to the rows as given. In that order: `time` (n,) as it is told apart,
    and `rank` (n,), its place among the distinct times of all strata.
    """

    order: Places
    time: NDArray[np.float64]
    rank: Places


@njit(cache=True)
def _stable_order_kernel(key: Places, keys: int, order: Places) -> Places:
    start = np.zeros(keys + 1, dtype=np.int32)
    for row in order:
        start[key[row] + 1] += 1
    for position in range(keys):
        start[position + 1] += start[position]
    placed = np.empty_like(order)
    for row in order:
        placed[start[key[row]]] = row
        start[key[row]] += 1
    return placed


@njit(cache=True)
def _rank_kernel(time: NDArray[np.float64], tolerance: float, rank: Places) -> bool:
    """Ranks of ordered times; each becomes the first of its chain. True where one was another."""
    before, place, rounded = time[0], 0, False
    for row in range(time.size):
        now = time[row]
        if now - before > tolerance:
            place += 1
        elif row > 0:
            rounded |= now > time[row - 1]
            time[row] = time[row - 1]
        rank[row], before = place, now
    return rounded


def _as_given(n: int) -> Places:
    return np.arange(n, dtype=np.int32)


def _order_by(key: Places, order: Places) -> Places:
    """The order by key, rows of one key staying: counting sort, the same on every machine."""
    return np.asarray(_stable_order_kernel(key, int(key.max(initial=0)) + 1, order))


def number_strata(stratum: NDArray[np.int64]) -> tuple[Places, NDArray[np.int64]]:
    """A number for each row (n,), and the stratum that each number stands for."""
    if stratum.max() > stratum.size:
        codes, number = np.unique(stratum, return_inverse=True)
        return number.astype(np.int32), codes
    return stratum.astype(np.int32), np.arange(int(stratum.max()) + 1)


def number_clusters(cluster: ArrayLike | None, *, n: int) -> Places:
    """A number for each row's cluster, as given; none where each row is a cluster of its own."""
    if cluster is None:
        return np.zeros(0, dtype=np.int32)
    code = check_labels(cluster, name="cluster", n=n).astype(np.int32)
    return code if int(code.max()) + 1 < n else code[:0]


def order_by_codes(code: Places, *, then: Places | None = None) -> Places:
    """The rows by their code from 0, `then` by another, then as given."""
    order = _as_given(code.size) if then is None else _order_by(then, _as_given(code.size))
    return _order_by(code, order)


def _order_days(days: NDArray[np.int64]) -> RowOrder:
    present = np.bincount(days) > 0
    rank = (np.cumsum(present, dtype=np.int32) - 1)[days]
    order = _order_by(rank, _as_given(days.size))
    return RowOrder(order=order, time=days[order].astype(np.float64), rank=rank[order])


def _order_moments(time: NDArray[np.float64]) -> RowOrder:
    ordered, loads = sort_times(time, payload=np.arange(time.size, dtype=np.uint32))
    order, rank = loads.view(np.int32), np.empty(time.size, dtype=np.int32)
    if _rank_kernel(ordered, tie_tolerance(ordered), rank):  # one time but for rounding: as given
        own = np.empty_like(rank)
        own[order] = rank
        order = _order_by(own, _as_given(time.size))
    return RowOrder(order=order, time=ordered, rank=rank)


def order_rows(time: NDArray[np.float64], *, stratum: Places) -> RowOrder:
    """The rows ordered by the number of their stratum and by time, as `rank_times` tells it."""
    days = whole_days(time)
    line = _order_moments(time) if days is None else _order_days(days)
    if not stratum.any():
        return line
    place = _order_by(stratum[line.order], _as_given(time.size))
    return RowOrder(order=line.order[place], time=line.time[place], rank=line.rank[place])
