"""Those at risk and the events at each distinct time: the base of every curve and test."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_times

_TIME_TOLERANCE = 2.0**-26  # R survival 3, aeqSurv: square root of the machine's precision
_DIGIT = 11  # bits of one pass of the radix sort: its counters stay in the nearest cache


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


@njit(cache=True)
def _last_day_kernel(time: NDArray[np.float64], limit: float) -> int:
    """The largest time where all are whole numbers from 0 and below the limit, else -1."""
    last = 0
    whole = True
    for now in time:
        inside = (now >= 0.0) & (now < limit)
        day = int(now if inside else 0.0)
        whole &= inside & (day == now)
        last = max(last, day)
    return last if whole else -1


@njit(cache=True)
def _count_days_kernel(
    time: NDArray[np.float64],
    cause: NDArray[np.int64],
    group: NDArray[np.int64],
    stratum: NDArray[np.int64],
    groups: int,
    table: NDArray[np.int64],
) -> bool:
    """Counts rows into `table`, (strata * groups, causes, days); False at a code outside it.

    A column of one value alone stands for all rows.
    """
    by_group, by_stratum = int(group.size == time.size), int(stratum.size == time.size)
    strata, causes = table.shape[0] // groups, table.shape[1]
    for row in range(time.size):
        code, kind, layer = group[row * by_group], cause[row], stratum[row * by_stratum]
        known = (0 <= code < groups) & (0 <= kind < causes) & (0 <= layer < strata)
        if not known:
            return False
        table[layer * groups + code, kind, int(time[row])] += 1
    return True


@njit(cache=True)
def _radix_sort_kernel(
    key: NDArray[np.uint64], payload: NDArray[np.uint32]
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Keys in order, each with its payload; stable. The arrays given are written over.

    Digits in which all keys agree are skipped.
    """
    differ = np.uint64(0)
    for one in key:
        differ |= one ^ key[0]
    bins = 1 << _DIGIT
    mask = np.uint64(bins - 1)
    keys, loads, free_keys, free_loads = key, payload, np.empty_like(key), np.empty_like(payload)
    for shift in range(0, 64, _DIGIT):
        bits = np.uint64(shift)
        if (differ >> bits) & mask == 0:
            continue
        start = np.zeros(bins + 1, dtype=np.int64)
        for one in keys:
            start[((one >> bits) & mask) + np.uint64(1)] += 1
        for digit in range(bins):
            start[digit + 1] += start[digit]
        for row in range(keys.size):
            digit = (keys[row] >> bits) & mask
            free_keys[start[digit]] = keys[row]
            free_loads[start[digit]] = loads[row]
            start[digit] += 1
        keys, loads, free_keys, free_loads = free_keys, free_loads, keys, loads
    return keys, loads


@njit(cache=True)
def _count_times_kernel(
    time: NDArray[np.float64],
    load: NDArray[np.uint32],
    tolerance: float,
    kinds: int,
    group: int,
    size: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Times, those at risk and the counts (kinds, m) of one group, of `size` rows.

    Walks the sorted times from the last to the first. A load is group * kinds + cause.
    """
    at, at_risk = np.empty(size), np.empty(size, dtype=np.int64)
    table = np.empty((kinds, size), dtype=np.int64)
    place, row, left = size, time.size - 1, 0
    while row >= 0:
        end = row + 1
        while row > 0 and time[row] - time[row - 1] <= tolerance:
            row -= 1
        seen = False
        for one in range(row, end):
            if int(load[one]) // kinds == group:
                if not seen:
                    place -= 1
                    at[place] = time[row]
                    table[:, place] = 0
                seen = True
                table[int(load[one]) % kinds, place] += 1
                left += 1
        if seen:
            at_risk[place] = left
        row -= 1
    return at[place:], at_risk[place:], table[:, place:]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedRows:
    """Rows as counting takes them: times checked in shape, codes as int64, read-only.

    `group` and `stratum` have one value where all rows are alike. What lies in the columns is
    checked while it is counted.
    """

    time: NDArray[np.float64]
    cause: NDArray[np.int64]
    group: NDArray[np.int64]
    stratum: NDArray[np.int64]
    causes: int
    groups: int


def _read_only(column: NDArray[Any]) -> NDArray[Any]:
    """A view that numba always sees as the same type, whatever the caller may do to his array."""
    view = np.ascontiguousarray(column).view()
    view.flags.writeable = False
    return view


def _codes(codes: ArrayLike | None, *, name: str, n: int) -> NDArray[np.int64]:
    """The codes as int64; those that already are, are checked where they are counted."""
    if codes is None:
        return _read_only(np.zeros(1, dtype=np.int64))
    given = np.asarray(codes)
    ready = given.dtype == np.int64 and given.shape == (n,)
    return _read_only(given if ready else check_codes(given, name=name, n=n))


def code_rows(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    causes: int = 1,
    group: ArrayLike | None = None,
    groups: int | None = None,
    stratum: ArrayLike | None = None,
) -> CodedRows:
    """The columns, ready to be counted; without `groups` the largest code tells how many."""
    times = np.ascontiguousarray(time, dtype=np.float64)
    if times.ndim != 1 or times.size == 0:
        check_times(time)
    codes = _codes(group, name="group", n=times.size)
    return CodedRows(
        time=_read_only(times),
        cause=_codes(cause, name="event" if causes == 1 else "cause", n=times.size),
        group=codes,
        stratum=_codes(stratum, name="stratum", n=times.size),
        causes=causes,
        groups=_groups_seen(codes, times.size) if groups is None else groups,
    )


def _groups_seen(codes: NDArray[np.int64], n: int) -> int:
    last = int(codes.max())
    if last >= n:
        row = int(codes.argmax())
        raise ValueError(f"group[{row}] is {last}: number the groups of {n} rows from 0")
    return max(last, 0) + 1


def check_rows(rows: CodedRows) -> None:
    """ValueError names the first row that is no data."""
    n = check_times(rows.time).size
    check_codes(rows.cause, name="event" if rows.causes == 1 else "cause", n=n, upper=rows.causes)
    if rows.group.size == n:
        check_codes(rows.group, name="group", n=n, upper=rows.groups - 1)
    if rows.stratum.size == n:
        check_codes(rows.stratum, name="stratum", n=n)


def count_days(rows: CodedRows) -> NDArray[np.int64] | None:
    """Rows on each day, shape (strata, groups, causes + 1, days), where times are whole days.

    None where they are not, or where the table were larger than the rows.
    """
    n = rows.time.size
    last = _last_day_kernel(rows.time, _day_limit(n))
    strata = int(rows.stratum.max()) + 1
    cells = strata * rows.groups
    if last < 0 or cells <= 0 or cells * (rows.causes + 1) * (last + 1) > 65_536 + 4 * n:
        return None
    table = np.zeros((cells, rows.causes + 1, last + 1), dtype=np.int64)
    if not _count_days_kernel(rows.time, rows.cause, rows.group, rows.stratum, rows.groups, table):
        check_rows(rows)
    return table.reshape(strata, rows.groups, rows.causes + 1, last + 1)


def sort_times(
    time: NDArray[np.float64], *, payload: NDArray[np.uint32]
) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    """Times (not negative) in order, each with its payload; equal ones stay as given."""
    # the bits of numbers from 0 on are ordered like the numbers; adding 0 makes -0.0 one of them
    keys, loads = _radix_sort_kernel((time + 0.0).view(np.uint64), payload)
    return keys.view(np.float64), loads


def _first_of_each(ordered: NDArray[np.float64], *, gap: float) -> NDArray[np.bool_]:
    starts = np.empty(ordered.size, dtype=np.bool_)
    starts[:1] = True
    np.greater(ordered[1:] - ordered[:-1], gap, out=starts[1:])
    return starts


def tie_tolerance(ordered: NDArray[np.float64]) -> float:
    """The gap up to which neighbours among ordered times are one time."""
    mean = ordered[_first_of_each(ordered, gap=0.0)].mean()
    return _TIME_TOLERANCE * max(1.0, float(mean))


def whole_days(time: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """The times as days; None where some are no whole days, or are too late to be counted out."""
    last = _last_day_kernel(_read_only(time), _day_limit(time.size))
    return time.astype(np.int64) if last >= 0 else None


def rank_times(time: NDArray[np.float64]) -> RankedTimes:
    """The distinct times and each row's position among them.

    Times that differ by less than rounding are one: a gap of 2**-26 or less, absolute or
    relative to the mean distinct time, is none, and the first time of the chain stands for all.
    """
    days = whole_days(time)
    if days is not None:
        present = np.bincount(days) > 0
        return RankedTimes(
            distinct=np.flatnonzero(present).astype(np.float64),
            rank=(np.cumsum(present) - 1)[days],
        )
    ordered, order = sort_times(time, payload=np.arange(time.size, dtype=np.uint32))
    starts = _first_of_each(ordered, gap=tie_tolerance(ordered))
    rank = np.empty(time.size, dtype=np.int64)
    rank[order] = np.cumsum(starts) - 1
    return RankedTimes(distinct=ordered[starts], rank=rank)


def _day_limit(n: int) -> float:
    # a gap of one day must not fall under the relative tolerance
    return min(2.0**25, 65_536.0 + 4.0 * n)


def count_events(time: ArrayLike, *, cause: ArrayLike, causes: int = 1) -> EventCounts:
    """Counts at each distinct time; an event on the day of a censoring comes before it.

    `cause` is 0 for censored, else 1 to `causes`.
    """
    return _count_by_group(code_rows(time, cause=cause, causes=causes))[0]


def count_events_by_group(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    group: ArrayLike,
    causes: int = 1,
    groups: int | None = None,
) -> tuple[EventCounts, ...]:
    """The counts of each group at its own times, from one pass over the rows of all.

    What is one time is told from all rows, so that the groups share the times that they have.
    """
    return _count_by_group(code_rows(time, cause=cause, causes=causes, group=group, groups=groups))


def _count_by_group(rows: CodedRows) -> tuple[EventCounts, ...]:
    table = count_days(rows)
    if table is None:
        check_rows(rows)
        return _count_sorted(rows)
    days = np.arange(table.shape[-1], dtype=np.float64)
    return tuple(_counts_of(days, one) for one in table[0])


def _counts_of(time: NDArray[np.float64], table: NDArray[np.int64]) -> EventCounts:
    """The counts of one group; `table` is (causes + 1, m), times at which nobody leaves go."""
    leaving = table.sum(axis=0)
    seen = leaving > 0
    at_risk = np.cumsum(leaving[::-1])[::-1]
    kept = table[:, seen]
    return EventCounts(time=time[seen], at_risk=at_risk[seen], events=kept[1:], censored=kept[0])


def _count_sorted(rows: CodedRows) -> tuple[EventCounts, ...]:
    kinds = rows.causes + 1
    time, load = sort_times(rows.time, payload=_loads(rows, kinds))
    tolerance = tie_tolerance(time)
    sizes = np.bincount(rows.group, minlength=rows.groups)
    counts = []
    for group in range(rows.groups):
        size = int(sizes[group]) if rows.group.size == time.size else time.size
        at, at_risk, table = _count_times_kernel(time, load, tolerance, kinds, group, size)
        counts.append(EventCounts(time=at, at_risk=at_risk, events=table[1:], censored=table[0]))
    return tuple(counts)


def _loads(rows: CodedRows, kinds: int) -> NDArray[np.uint32]:
    cell = rows.group.astype(np.uint32) * np.uint32(kinds)
    return cell + rows.cause.astype(np.uint32)
