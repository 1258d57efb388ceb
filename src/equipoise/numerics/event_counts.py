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

    All of shape (m,), except `events` of shape (causes, m). Counts have 32 bits: a curve of as
    many times as rows is longer than they are. Convert them before you multiply them.
    """

    time: NDArray[np.float64]
    at_risk: NDArray[np.int32]
    events: NDArray[np.int32]

    @property
    def censored(self) -> NDArray[np.int32]:
        """Who leaves at each time without an event, (m,)."""
        left: NDArray[np.int32] = self.at_risk - self.events.sum(axis=0, dtype=np.int32)
        left[:-1] -= self.at_risk[1:]
        return left


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
    keys: NDArray[np.uint64],
    loads: NDArray[np.uint32],
    free_keys: NDArray[np.uint64],
    free_loads: NDArray[np.uint32],
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Keys in order, each with its load; stable. All four arrays are written over.

    Digits in which all keys agree are skipped.
    """
    differ = np.uint64(0)
    for one in keys:
        differ |= one ^ keys[0]
    bins = 1 << _DIGIT
    mask = np.uint64(bins - 1)
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
    bits: int,
    begins: NDArray[np.int64],
    at: NDArray[np.float64],
    at_risk: NDArray[np.int32],
    events: NDArray[np.int32],
) -> None:
    """Writes times, those at risk and events (causes, n), which are 0, one group after another.

    Walks the sorted times from the last to the first, and fills each group's share of the columns
    from its end on: `begins` holds the ends, and then where each group begins. A load is the
    group, and in its last `bits` the cause.
    """
    left, seen = np.zeros_like(begins), np.full_like(begins, -1)
    mask, first = (1 << bits) - 1, time.size
    for row in range(time.size - 1, -1, -1):
        if row < first:
            first = row
            while first > 0 and time[first] - time[first - 1] <= tolerance:
                first -= 1
        group, cause = int(load[row]) >> bits, int(load[row]) & mask
        if seen[group] != first:
            seen[group] = first
            begins[group] -= 1
            at[begins[group]] = time[first]
        left[group] += 1
        at_risk[begins[group]] = left[group]
        if cause > 0:
            events[cause - 1, begins[group]] += 1


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


def count_rows_by_group(rows: CodedRows) -> NDArray[np.int64]:
    """How many rows each group has, (groups,)."""
    if rows.group.size < rows.time.size:
        return np.array([rows.time.size])
    return np.bincount(rows.group, minlength=rows.groups)  # copies what is read-only


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
    bits = (time + 0.0).view(np.uint64)
    keys, loads = _radix_sort_kernel(bits, payload, np.empty_like(bits), np.empty_like(payload))
    return keys.view(np.float64), loads


@njit(cache=True)
def _mean_distinct_kernel(ordered: NDArray[np.float64]) -> float:
    """The mean of the distinct ones among ordered times."""
    total, count = ordered[0], 1
    for row in range(1, ordered.size):
        if ordered[row] > ordered[row - 1]:
            total += ordered[row]
            count += 1
    return float(total / count)


def _first_of_each(ordered: NDArray[np.float64], *, gap: float) -> NDArray[np.bool_]:
    starts = np.empty(ordered.size, dtype=np.bool_)
    starts[:1] = True
    np.greater(ordered[1:] - ordered[:-1], gap, out=starts[1:])
    return starts


def tie_tolerance(ordered: NDArray[np.float64]) -> float:
    """The gap up to which neighbours among ordered times are one time."""
    return _TIME_TOLERANCE * max(1.0, float(_mean_distinct_kernel(ordered)))


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


def single_out(counts: EventCounts, *, cause: int) -> EventCounts:
    """The same rows with this cause alone as event (0: the censoring); all others are censored."""
    events = counts.events[cause - 1] if cause else counts.censored
    return EventCounts(time=counts.time, at_risk=counts.at_risk, events=events[None])


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
    return EventCounts(
        time=time[seen],
        at_risk=at_risk[seen].astype(np.int32),
        events=table[1:, seen].astype(np.int32),
    )


def _count_sorted(rows: CodedRows) -> tuple[EventCounts, ...]:
    n, bits = rows.time.size, rows.causes.bit_length()
    ends = count_rows_by_group(rows).cumsum()
    load = rows.group.astype(np.uint32) << np.uint32(bits)
    time, load = sort_times(rows.time, payload=load | rows.cause.astype(np.uint32))
    begins = ends.copy()
    at, at_risk = np.empty(n), np.empty(n, dtype=np.int32)
    events = np.zeros((rows.causes, n), dtype=np.int32)
    _count_times_kernel(time, load, tie_tolerance(time), bits, begins, at, at_risk, events)
    return tuple(
        EventCounts(time=at[own], at_risk=at_risk[own], events=events[:, own])
        for own in map(slice, begins, ends)
    )
