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
    rank_times,
    sort_times,
    tie_tolerance,
)

_KINDS = 3  # what a sorted time is: 0 censored, 1 event, 2 entry


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsAtRisk:
    """What the log-rank test and its relatives need to know: m times of events, k groups.

    In order of stratum, then time: `stratum` and `time` (m,); `at_risk`, just before the time,
    and `events` (k, m). `n` (k,) counts the rows of each group.
    """

    n: NDArray[np.int64]
    stratum: NDArray[np.int64]
    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]


@njit(cache=True)
def _groups_at_risk_kernel(
    time: NDArray[np.float64],
    load: NDArray[np.uint32],
    tolerance: float,
    strata: int,
    groups: int,
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Walks the sorted times from the last to the first; fills the answer from its end.

    A load is (stratum * groups + group) * 3 + kind; there are at most `most` risk sets.
    """
    risk = np.zeros((strata, groups), dtype=np.int64)
    fail = np.zeros((strata, groups), dtype=np.int64)
    stratum, at = np.empty(most, dtype=np.int64), np.empty(most)
    at_risk = np.empty((groups, most), dtype=np.int64)
    events = np.empty((groups, most), dtype=np.int64)
    place, row = most, time.size - 1
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
                place -= 1
                stratum[place], at[place] = layer, time[row]
                for code in range(groups):
                    at_risk[code, place] = risk[layer, code]
                    events[code, place] = fail[layer, code]
                    fail[layer, code] = 0
        row -= 1
    return stratum[place:], at[place:], at_risk[:, place:], events[:, place:]


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
        at_risk=np.ascontiguousarray(at_risk[stratum, :, day].T),
        events=np.ascontiguousarray(events[stratum, :, day].T),
    )


def _from_sorted(rows: CodedRows, entry: ArrayLike | None) -> GroupsAtRisk:
    n = rows.time.size
    strata, last = rows.stratum, int(rows.stratum.max())
    codes = np.arange(last + 1) if last < n else np.unique(strata)
    if last >= n:
        strata = np.searchsorted(codes, strata)
    cell = np.zeros(n, dtype=np.uint32)
    for column, size in ((strata, rows.groups), (rows.group, _KINDS), (rows.cause, 1)):
        np.add(cell, column, out=cell, casting="unsafe")
        cell *= np.uint32(size)
    if entry is None:
        time, load = sort_times(rows.time, payload=cell)
        tolerance = tie_tolerance(time)
    else:
        start, end = _snap(check_entry(entry, time=rows.time), rows.time)
        late = start >= 0
        entries = cell[late] // np.uint32(_KINDS) * np.uint32(_KINDS) + np.uint32(2)
        time, load = sort_times(np.r_[end, start[late]], payload=np.r_[cell, entries])
        tolerance = 0.0
    most = int(np.count_nonzero(rows.cause))
    stratum, at, at_risk, events = _groups_at_risk_kernel(
        time, load, tolerance, codes.size, rows.groups, most
    )
    order = np.argsort(stratum, kind="stable") if codes.size > 1 else slice(None)
    return GroupsAtRisk(
        n=np.bincount(rows.group, minlength=rows.groups) if rows.group.size == n else np.array([n]),
        stratum=codes[stratum[order]],
        time=at[order],
        at_risk=at_risk[:, order],
        events=events[:, order],
    )


@njit(cache=True)
def _merge_kernel(
    time: NDArray[np.float64],
    at_risk: NDArray[np.int64],
    events: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Walks the groups, one after another in the columns up to their `ends`, side by side."""
    groups, most = ends.size, int((events > 0).sum())
    at = np.empty(most)
    risk = np.zeros((groups, most), dtype=np.int64)
    fail = np.zeros((groups, most), dtype=np.int64)
    here = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    following = here.copy()  # the next row of each group with an event
    place = 0
    while True:
        now = np.inf
        for group in range(groups):
            while following[group] < ends[group] and events[following[group]] == 0:
                following[group] += 1
            if following[group] < ends[group]:
                now = min(now, time[following[group]])
        if now == np.inf:
            return at[:place], risk[:, :place], fail[:, :place]
        at[place] = now
        for group in range(groups):
            while here[group] < ends[group] and time[here[group]] < now:
                here[group] += 1
            if here[group] < ends[group]:
                risk[group, place] = at_risk[here[group]]
                if time[here[group]] == now:
                    fail[group, place] = events[here[group]]
                    following[group] = here[group] + 1
        place += 1


def groups_at_risk_of(counts: Sequence[EventCounts]) -> GroupsAtRisk:
    """The risk sets of groups that `count_events_by_group` counted: curves and test in one pass."""
    time, at_risk, events = _merge_kernel(
        np.concatenate([one.time for one in counts]),
        np.concatenate([one.at_risk for one in counts]),
        np.concatenate([one.events[0] for one in counts]),
        np.cumsum([one.time.size for one in counts]),
    )
    return GroupsAtRisk(
        n=np.array([one.at_risk[0] if one.at_risk.size else 0 for one in counts]),
        stratum=np.zeros(time.size, dtype=np.int64),
        time=time,
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
