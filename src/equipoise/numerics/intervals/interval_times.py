"""Times known between two bounds, and the innermost intervals on which they put their events."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_entry, check_times, check_weights
from equipoise.numerics.event_counts import rank_times


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalTimes:
    """When each row's event came: after `left`, not later than `right`; all of shape (n,).

    `right` is infinite where it was never seen, and equals `left` where the time is known. A row
    is followed after `entry`; `weight` counts it so many times.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    entry: NDArray[np.float64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Innermost:
    """Where the events can lie: after `left`, up to `right` (equal: at that time), shape (m,).

    Row i covers the innermost intervals `first[i]` to `beyond[i]` - 1 and enters after `entered[i]`
    of them, all of shape (n,).
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    first: NDArray[np.int64]
    beyond: NDArray[np.int64]
    entered: NDArray[np.int64]


def bound_interval_times(
    left: ArrayLike,
    *,
    right: ArrayLike,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> IntervalTimes:
    """The checked bounds: `right` infinite where no event was seen, equal to `left` where exact.

    ValueError names the first row that is wrong. An entry lies not after `left`, and before
    `right`: what happened between is not known to have been at risk.
    """
    lower = check_times(left)
    upper = np.ascontiguousarray(right, dtype=np.float64)
    if upper.shape != lower.shape:
        raise ValueError(f"right has shape {upper.shape}: one value for each of {lower.size} rows")
    wrong = ~(upper >= lower)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"right[{row}] is {upper[row]}: it is not before left, {lower[row]}, "
            "and infinite where no event was seen"
        )
    begin = np.zeros(lower.size)
    if entry is not None:
        begin = check_entry(entry, time=upper)
        if (begin > lower).any():
            row = int(np.argmax(begin > lower))
            raise ValueError(
                f"entry[{row}] is {begin[row]}: a row enters by its left, {lower[row]}"
            )
    return IntervalTimes(
        left=lower, right=upper, entry=begin, weight=check_weights(weight, n=lower.size)
    )


def bound_event_times(
    time: ArrayLike,
    *,
    event: ArrayLike,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> IntervalTimes:
    """Times of events (`event` 1) and of the ends of follow-up (0) as bounds."""
    times = check_times(time)
    seen = check_codes(event, name="event", n=times.size, upper=1) == 1
    return bound_interval_times(
        times, right=np.where(seen, times, np.inf), entry=entry, weight=weight
    )


def check_logarithms(times: IntervalTimes) -> None:
    """ValueError names the first event known to be at time 0, which a model of log time refuses."""
    wrong = (times.left == 0) & (times.right == 0)
    if wrong.any():
        raise ValueError(
            f"left[{int(np.argmax(wrong))}] is 0: an event at time 0 has no logarithm; "
            "give a part of a day"
        )


@njit(cache=True)
def _innermost_kernel(
    begin: NDArray[np.int64], end: NDArray[np.int64], entry: NDArray[np.int64], days: int
) -> tuple[NDArray[np.int64], ...]:
    """Days innermost intervals open and close; how many are over for a row's bounds and entries.

    On one day: a known time begins, what ends on the day ends, what begins after it begins.
    """
    opens, closes = np.zeros((2, 3 * days + 2), dtype=np.bool_)
    for i in range(begin.size):
        opens[3 * begin[i] + (0 if begin[i] == end[i] else 2)] = True
        closes[3 * end[i] + 1] = True
    for day in entry:
        closes[3 * day + 1] = True
    opened, closed = np.empty((2, days + 1), dtype=np.int64)
    over = np.empty(opens.size, dtype=np.int64)
    found, last = 0, -1
    for moment in range(opens.size):
        if opens[moment]:
            last = moment
        elif closes[moment] and last >= 0:
            opened[found], closed[found] = last // 3, moment // 3
            found, last = found + 1, -1
        over[moment] = found
    first, beyond, entered = np.empty_like(begin), np.empty_like(begin), np.empty_like(entry)
    for i in range(begin.size):
        first[i] = over[3 * begin[i] + (0 if begin[i] == end[i] else 2)]
        beyond[i] = over[3 * end[i] + 1]
    for i in range(entry.size):
        entered[i] = over[3 * entry[i] + 1]
    return opened[:found], closed[:found], first, beyond, entered


def find_innermost(times: IntervalTimes) -> Innermost:
    """The innermost intervals: each begins at some left bound and ends at the next right bound.

    A known time takes its own day: it lies in intervals that end on it, not in those that begin
    on it. So do late entries end one, for an event before them costs the row nothing. Bounds closer
    than rounding are one. Source: Peto (1973); Turnbull (1976); Frydman (1994) for late entry.
    """
    bounded, late = np.isfinite(times.right), times.entry > 0
    ranked = rank_times(np.concatenate([times.left, times.right[bounded], times.entry[late]]))
    n, known = times.left.size, times.left.size + np.count_nonzero(bounded)
    end = np.full(n, ranked.distinct.size)
    end[bounded] = ranked.rank[n:known]
    opened, closed, first, beyond, over = _innermost_kernel(
        ranked.rank[:n], end, ranked.rank[known:], ranked.distinct.size
    )
    entered = np.zeros(n, dtype=np.int64)
    entered[late] = over
    days = np.append(ranked.distinct, np.inf)
    return Innermost(
        left=days[opened], right=days[closed], first=first, beyond=beyond, entered=entered
    )
