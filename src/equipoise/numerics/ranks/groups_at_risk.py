"""Those at risk and the events of every group, at each time of an event, stratum by stratum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_entry
from equipoise.numerics.event_counts import (
    CodedRows,
    EventCounts,
    check_rows,
    code_rows,
    count_days,
    count_rows_by_group,
    rank_times,
    sort_times,
    tie_tolerance,
)

_KINDS = 3  # what a sorted time is: 0 censored, 1 event, 2 entry


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsAtRisk:
    """What the log-rank test and its relatives need to know: m times of events, k groups.

    In order of stratum, then time: `stratum` and `time` (m,); `at_risk`, just before the time,
    and `events` (k, m), of 32 bits. `n` (k,) counts the rows of each group.
    """

    n: NDArray[np.int64]
    stratum: NDArray[np.signedinteger]
    time: NDArray[np.float64]
    at_risk: NDArray[np.int32]
    events: NDArray[np.int32]


@njit(cache=True)
def _count_sets_kernel(
    time: NDArray[np.float64],
    load: NDArray[np.uint32],
    tolerance: float,
    strata: int,
    groups: int,
) -> NDArray[np.int64]:
    """How many times of events each stratum has."""
    sets, seen = np.zeros(strata, dtype=np.int64), np.full(strata, -1)
    first = 0
    for row in range(time.size):
        if row > 0 and time[row] - time[row - 1] > tolerance:
            first = row
        if load[row] % 3 == 1:
            layer = int(load[row]) // 3 // groups
            sets[layer] += seen[layer] != first
            seen[layer] = first
    return sets


@njit(cache=True)
def _groups_at_risk_kernel(
    time: NDArray[np.float64],
    load: NDArray[np.uint32],
    tolerance: float,
    ends: NDArray[np.int64],
    at: NDArray[np.float64],
    at_risk: NDArray[np.int32],
    events: NDArray[np.int32],
) -> None:
    """Writes times, those at risk and events, one stratum after another up to its end.

    Walks the sorted times from the last to the first; fills each stratum's share from its end. A
    load is (stratum * groups + group) * 3 + kind.
    """
    groups = at_risk.shape[0]
    risk = np.zeros((ends.size, groups), dtype=np.int32)
    fail = np.zeros((ends.size, groups), dtype=np.int32)
    places, row = ends.copy(), time.size - 1
    while row >= 0:
        end = row + 1
        while row > 0 and time[row] - time[row - 1] <= tolerance:
            row -= 1
        for one in range(row, end):
            kind, cell = int(load[one]) % 3, int(load[one]) // 3
            risk[cell // groups, cell % groups] += -1 if kind == 2 else 1
            fail[cell // groups, cell % groups] += kind == 1
        for one in range(row, end):
            layer = int(load[one]) // 3 // groups
            if int(load[one]) % 3 == 1 and fail[layer].sum() > 0:
                places[layer] -= 1
                place = places[layer]
                at[place] = time[row]
                for code in range(groups):
                    at_risk[code, place] = risk[layer, code]
                    events[code, place] = fail[layer, code]
                    fail[layer, code] = 0
        row -= 1


def count_groups_at_risk(
    time: ArrayLike,
    *,
    event: ArrayLike,
    group: ArrayLike,
    stratum: ArrayLike | None = None,
    groups: int | None = None,
    entry: ArrayLike | None = None,
) -> GroupsAtRisk:
    """The risk sets of all groups by stratum, in one pass over the rows.

    `group` holds codes 0 to `groups` - 1 (default: to the largest seen). With `entry` (left
    truncation) a row is at risk after its entry and up to its time. An event comes before a
    censoring on its day; times that differ by rounding are one (`rank_times`).
    """
    rows = code_rows(time, cause=event, group=group, groups=groups, stratum=stratum)
    if entry is None:
        table = count_days(rows)
        if table is not None:
            return _from_table(table)
    check_rows(rows)
    return _from_sorted(rows, entry)


def _from_table(table: NDArray[np.int64]) -> GroupsAtRisk:
    leaving = table.sum(axis=2)
    events = table[:, :, 1]
    stratum, day = np.nonzero(events.any(axis=1))
    at_risk = np.cumsum(leaving[..., ::-1], axis=-1)[..., ::-1]
    return GroupsAtRisk(
        n=leaving.sum(axis=(0, 2)),
        stratum=stratum,
        time=day.astype(np.float64),
        at_risk=np.ascontiguousarray(at_risk[stratum, :, day].T, dtype=np.int32),
        events=np.ascontiguousarray(events[stratum, :, day].T, dtype=np.int32),
    )


def _from_sorted(rows: CodedRows, entry: ArrayLike | None) -> GroupsAtRisk:
    groups, last = rows.groups, int(rows.stratum.max())
    codes = np.arange(last + 1) if last < rows.time.size else np.unique(rows.stratum)
    n = count_rows_by_group(rows)
    time, load, tolerance = _sorted(rows.time, _cells(rows, codes), entry)
    sets = _count_sets_kernel(time, load, tolerance, codes.size, groups)
    ends, m = sets.cumsum(), int(sets.sum())
    at, (at_risk, events) = np.empty(m), np.empty((2, groups, m), dtype=np.int32)
    _groups_at_risk_kernel(time, load, tolerance, ends, at, at_risk, events)
    return GroupsAtRisk(
        n=n,
        stratum=np.repeat(codes, sets) if last else _one_stratum(m),
        time=at,
        at_risk=at_risk,
        events=events,
    )


def _one_stratum(m: int) -> NDArray[np.int8]:
    return np.zeros(m, dtype=np.int8)


def _cells(rows: CodedRows, codes: NDArray[np.int64]) -> NDArray[np.uint32]:
    """What each row is: (stratum * groups + group) * 3 + kind, the strata numbered as in codes."""
    dense = codes.size == codes[-1] + 1
    strata = rows.stratum if dense else np.searchsorted(codes, rows.stratum)
    cell = np.zeros(rows.time.size, dtype=np.uint32)
    for column, size in ((strata, rows.groups), (rows.group, _KINDS), (rows.cause, 1)):
        np.add(cell, column, out=cell, casting="unsafe")
        cell *= np.uint32(size)
    return cell


def _sorted(
    time: NDArray[np.float64], cell: NDArray[np.uint32], entry: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.uint32], float]:
    """Ends and, with `entry`, entries in order, each with its load; the gap that is none."""
    if entry is None:
        ordered, load = sort_times(time, payload=cell)
        return ordered, load, tie_tolerance(ordered)
    start, end = _snap(check_entry(entry, time=time), time)
    late = start >= 0
    entries = cell[late] // np.uint32(_KINDS) * np.uint32(_KINDS) + np.uint32(2)
    return *sort_times(np.r_[end, start[late]], payload=np.r_[cell, entries]), 0.0


@njit(cache=True)
def _merge_kernel(
    known: NDArray[np.float64],
    time: NDArray[np.float64],
    events: NDArray[np.int32],
    out: NDArray[np.float64],
) -> int:
    """Writes the times known and those of a group's events in order, each once; says how many."""
    place, put = 0, 0
    for j in range(time.size):
        if events[j] > 0:
            while place < known.size and known[place] <= time[j]:
                out[put] = known[place]
                place, put = place + 1, put + 1
            if put == 0 or out[put - 1] < time[j]:
                out[put] = time[j]
                put += 1
    rest = known.size - place
    out[put : put + rest] = known[place:]
    return put + rest


@njit(cache=True)
def _read_kernel(
    at: NDArray[np.float64],
    time: NDArray[np.float64],
    at_risk: NDArray[np.int32],
    events: NDArray[np.int32],
    risk: NDArray[np.int32],
    fail: NDArray[np.int32],
) -> None:
    """Writes a group's numbers at risk and events at each of the times `at`, (m,)."""
    here = 0
    for place in range(at.size):
        while here < time.size and time[here] < at[place]:
            here += 1
        if here == time.size:
            return
        risk[place] = at_risk[here]
        if time[here] == at[place]:
            fail[place] = events[here]


def groups_at_risk_of(counts: Sequence[EventCounts]) -> GroupsAtRisk:
    """The risk sets of groups that `count_events_by_group` counted: curves and test in one pass."""
    at = np.empty(0)
    for one in counts:
        out = np.empty(at.size + np.count_nonzero(one.events[0]))
        at = out[: _merge_kernel(at, one.time, one.events[0], out)]
    at_risk, events = np.zeros((2, len(counts), at.size), dtype=np.int32)
    for group, one in enumerate(counts):
        _read_kernel(at, one.time, one.at_risk, one.events[0], at_risk[group], events[group])
    return GroupsAtRisk(
        n=np.array([one.at_risk.max(initial=0) for one in counts], dtype=np.int64),
        stratum=_one_stratum(at.size),
        time=at,
        at_risk=at_risk,
        events=events,
    )


def _snap(
    entry: NDArray[np.float64], time: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Entries and times with those that differ by rounding made equal; entries before 0 stay."""
    late = np.flatnonzero(entry >= 0)
    ranked = rank_times(np.r_[time, entry[late]])
    same = ranked.distinct[ranked.rank]
    start = entry.copy()
    start[late] = same[time.size :]
    wrong = start >= same[: time.size]
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"entry[{row}] is {entry[row]}: a row enters before its time, {time[row]}")
    return start, same[: time.size]
