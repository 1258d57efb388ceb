"""Those at risk and the events at each distinct time: the base of every curve and test."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_times

_TIME_TOLERANCE = 2.0**-26  # R survival 3, aeqSurv: square root of the machine's precision


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedTimes:
    """The distinct times in order, shape (m,), and for each row the position of its own, (n,)."""

    distinct: NDArray[np.float64]
    rank: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCounts:
    """At each distinct time: who is at risk just before, who has the event, who is censored.

    All of shape (m,), except `events` of shape (causes, m).
    """

    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    censored: NDArray[np.int64]


def rank_times(time: NDArray[np.float64]) -> RankedTimes:
    """The distinct times and each row's position among them.

    Times that differ by less than rounding are one: a gap of 2**-26 or less, absolute or
    relative to the mean distinct time, is none, and the first time of the chain stands for all.
    """
    days = _whole_days(time)
    if days is not None:
        present = np.bincount(days) > 0
        return RankedTimes(
            distinct=np.flatnonzero(present).astype(np.float64),
            rank=(np.cumsum(present) - 1)[days],
        )
    order = np.argsort(time, kind="stable")
    ordered = time[order]
    gap = np.diff(ordered)
    mean = ordered[np.r_[True, gap > 0]].mean()
    starts = np.r_[True, gap > _TIME_TOLERANCE * max(1.0, float(mean))]
    rank = np.empty(time.size, dtype=np.int64)
    rank[order] = np.cumsum(starts) - 1
    return RankedTimes(distinct=ordered[starts], rank=rank)


def _whole_days(time: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """The times as whole numbers where they are small ones, so that they can be counted."""
    # a gap of one day must not fall under the relative tolerance
    if time.max() >= min(2.0**25, 65_536.0 + 4.0 * time.size):
        return None
    days = time.astype(np.int64)
    return days if np.array_equal(days, time) else None


def count_events(time: ArrayLike, *, cause: ArrayLike, causes: int = 1) -> EventCounts:
    """Counts at each distinct time; an event on the day of a censoring comes before it.

    `cause` is 0 for censored, else 1 to `causes`.
    """
    times = check_times(time)
    codes = check_codes(cause, name="event" if causes == 1 else "cause", n=times.size, upper=causes)
    ranked = rank_times(times)
    m = ranked.distinct.size
    table = np.bincount(codes * m + ranked.rank, minlength=(causes + 1) * m).reshape(causes + 1, m)
    at_risk = np.cumsum(table.sum(axis=0)[::-1])[::-1]
    return EventCounts(time=ranked.distinct, at_risk=at_risk, events=table[1:], censored=table[0])


@njit(cache=True)
def _stable_order_kernel(
    key: NDArray[np.int64], keys: int, order: NDArray[np.int64]
) -> NDArray[np.int64]:
    start = np.zeros(keys + 1, dtype=np.int64)
    for row in order:
        start[key[row] + 1] += 1
    for position in range(keys):
        start[position + 1] += start[position]
    placed = np.empty(order.size, dtype=np.int64)
    for row in order:
        placed[start[key[row]]] = row
        start[key[row]] += 1
    return placed


def order_by_stratum_and_time(
    stratum: NDArray[np.int64], *, rank: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The rows by stratum, then time, then as given: counting sort, the same on every machine."""
    order = np.arange(rank.size, dtype=np.int64)
    order = _stable_order_kernel(rank, int(rank.max()) + 1, order)
    # a copy, for a read-only array would be compiled for anew
    large = stratum.max() > stratum.size
    dense = np.unique(stratum, return_inverse=True)[1] if large else stratum.copy()
    return np.asarray(
        _stable_order_kernel(dense, int(dense.max()) + 1, order) if dense.any() else order
    )
