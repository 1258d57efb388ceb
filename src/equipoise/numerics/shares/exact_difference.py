"""The difference of two shares with an exact unconditional interval."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import gammaln, ndtri

from equipoise.numerics.checks import check_level
from equipoise.numerics.shares.counts import check_pair
from equipoise.numerics.shares.fisher import log_choose
from equipoise.numerics.shares.region_chances import (
    Region,
    chance_kernel,
    fill_chances_kernel,
    greatest_kernel,
    share_kernel,
)
from equipoise.numerics.shares.score_regions import score_kernel, staircase_kernel

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_TIE = 1e-9  # scores that differ by less are one: tables as extreme as the observed
_EXACT = 1e-14  # of a limit
_NOTHING = 1e-17  # a chance that a limit does not feel
_ROUGH = 1e-4  # of the tail: far from the limit a chance need not be closer
_ROOM = 0.1  # of a table, that a region may be wider there
_FIRST = 0.02  # the first step
_AGAIN = 0.6  # of a step that is in doubt
_FEW = 20  # by how many changes of a table, at most, is stepped when the limit is near
_SINGLY = 2  # so many changes are looked at one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactDifference:
    """Share of group 1 less share of group 0 with its exact interval and test of no difference.

    `p_greater` speaks for a greater share in group 1, `p_less` for a smaller one, and `p_value`
    is twice the smaller of them, which is what the interval inverts.
    """

    value: float
    lower: float
    upper: float
    p_value: float
    p_greater: float
    p_less: float


class _Table(NamedTuple):
    x1: int
    x0: int
    n1: int
    n0: int


@njit(cache=True)
def _score(table: _Table, k: int, j: int, delta: float) -> float:
    return score_kernel(float(k), float(table.n1), float(j), float(table.n0), delta)


@njit(cache=True)
def _fill_region(
    table: _Table, start: float, end: float, top: NDArray[np.int64], room: float
) -> float:
    """All tables that are as extreme as the observed at any difference from `start` to `end`.

    No score rises with the difference: those that reach at the start what the observed has at the
    end; and those that are less than `room` of a table beside. The observed score at the end.
    """
    score = _score(table, table.x1, table.x0, end)
    staircase_kernel(table.n1, table.n0, start, score - _TIE, top, room)
    return score


@njit(cache=True)
def _change(table: _Table, k: int, j: int, start: float, end: float) -> float:
    """The difference where a table comes to be as extreme as the observed, or ceases to be."""
    at_start = _score(table, table.x1, table.x0, start) - _score(table, k, j, start) - _TIE
    at_end = _score(table, table.x1, table.x0, end) - _score(table, k, j, end) - _TIE
    if (at_start > 0) == (at_end > 0):
        return end
    for i in range(100):
        middle = end - at_end * (end - start) / (at_end - at_start)
        if i % 4 == 3 or not start < middle < end:
            middle = (start + end) / 2
        here = _score(table, table.x1, table.x0, middle) - _score(table, k, j, middle) - _TIE
        if abs(here) < _EXACT or end - start < _EXACT / 10:
            return middle
        if (here > 0) == (at_end > 0):
            end, at_end = middle, here
        else:
            start, at_start = middle, here
    return end


@njit(cache=True)
def _reach(region: Region, start: float, end: float, tail: float, alive: Flags) -> float:
    """Where the chance of a region comes to the tail: at the start, or by Newton's steps.

    The greatest chance rises as that of the best angle does.
    """
    if greatest_kernel(region, start, math.inf, alive.copy(), 0, math.inf)[0] > tail:
        return start
    middle = end
    for _ in range(100):
        here, share, _ = greatest_kernel(region, middle, math.inf, alive.copy(), 0, math.inf)
        if here > tail:
            end = middle
        else:
            start = middle
        if abs(here - tail) < _EXACT / 10 or end - start < _EXACT:
            break
        _, slope, by_delta = chance_kernel(region, share, middle)
        part = (share - max(0.0, -middle)) / (1 - abs(middle))
        by_delta -= slope * (part if middle > 0 else 1 - part)
        middle -= (here - tail) / by_delta if by_delta > 0 else 2.0
        if not start < middle < end:
            middle = (start + end) / 2
    return middle


@njit(cache=True)
def _drop_rows(
    region: Region, last: NDArray[np.int64], most: NDArray[np.int64], delta: float, alive: Flags
) -> int:
    """Leave out changes of tables without a chance where it is doubtful; how many are left."""
    n1, n0 = region.ways1.shape[1] - 1, region.ways0.shape[1] - 1
    first1, last1, first0, last0 = n1, 0, n0, 0
    for i in range(alive.size):
        if alive[i]:
            for end in (i, i + 1):
                share = share_kernel(math.pi / 2 * end / alive.size, delta)
                low, high = fill_chances_kernel(share, region.ways0, _NOTHING, region.room)
                first0, last0 = min(first0, low), max(last0, high)
                low, high = fill_chances_kernel(share + delta, region.ways1, _NOTHING, region.room)
                first1, last1 = min(first1, low), max(last1, high)
    many = 0
    for k in range(n1 + 1):
        low, high = min(region.top[k], last[k]), max(region.top[k], last[k], most[k])
        if k < first1 or k > last1 or high < first0 or low > last0:
            region.top[k] = most[k] = last[k]
        many += abs(last[k] - region.top[k])
    return many


@njit(cache=True)
def _come_and_go(
    table: _Table,
    start: float,
    end: float,
    top: NDArray[np.int64],
    last: NDArray[np.int64],
    most: NDArray[np.int64],
) -> bool:
    """May any of the most tables be as extreme as the observed on the way, though not at its ends?

    None where a parabola through its lead at the ends and in the middle, and half of its bend
    more, stays below.
    """
    middle = (start + end) / 2
    at_start = _score(table, table.x1, table.x0, start) - _TIE
    at_middle = _score(table, table.x1, table.x0, middle) - _TIE
    at_end = _score(table, table.x1, table.x0, end) - _TIE
    for k in range(top.size):
        for j in range(max(top[k], last[k]) + 1, most[k] + 1):
            before = _score(table, k, j, start) - at_start
            after = _score(table, k, j, end) - at_end
            bend = before - 2 * (_score(table, k, j, middle) - at_middle) + after
            if max(before, after) + abs(bend) > 0:
                return True
    return False


@njit(cache=True)
def _first_reached(
    table: _Table, region: Region, start: float, end: float, tail: float, alive: Flags, singly: int
) -> float:
    """The first difference from `start` to `end` that is not rejected; infinite if all are.

    The region holds what is as extreme somewhere on the way. From one change of the tables to the
    next, if they are not more than `singly`: between them the greatest chance rises. Else by all of
    them at once; -2 where that is in doubt, between the angles that are left `alive`. So it is
    where a table may come and go, unless the step is the least, where all are looked at singly.
    """
    top, last, most = region.top, np.empty_like(region.top), region.top.copy()
    _fill_region(table, end, end, last, 0.0)
    _fill_region(table, start, start, top, 0.0)
    many, i = _drop_rows(region, last, most, end, alive), 0
    if singly == _SINGLY and _come_and_go(table, start, end, top, last, most):
        return -2.0
    if many > singly:
        for k in range(top.size):
            top[k] = max(top[k], last[k])
        greatest_kernel(region, end, tail, alive, 0, math.inf)
        return -2.0 if alive.any() else math.inf
    changes, counts = np.empty(many + 1), np.zeros(many + 1, dtype=np.int64)
    for k in range(top.size):
        for j in range(min(top[k], last[k]) + 1, max(top[k], last[k]) + 1):
            changes[i], counts[i] = _change(table, k, j, start, end), k
            i += 1
    changes[many] = end
    for _ in range(many + 1):
        i = int(np.argmin(changes))
        live, here = alive.copy(), changes[i]
        greatest_kernel(region, here, tail, live, 0, math.inf)
        if live.any():
            return _reach(region, start, here, tail, live)
        k, start, changes[i] = counts[i], here, math.inf
        top[k] += 1 if last[k] > top[k] else -1
    return math.inf


@njit(cache=True)
def _angles(n1: int, n0: int) -> Flags:
    """Between which angles the greatest chance is looked for: half of them for groups of one size.

    There a table is as extreme as the one with groups and answers changed, and as likely at the
    angle on the other side.
    """
    fours = 4 + int(0.55 * math.sqrt(n1 + n0))
    alive = np.ones(4 * fours, dtype=np.bool_)
    if n1 == n0:
        alive[4 * ((fours + 1) // 2) :] = False
    return alive


@njit(cache=True)
def _ahead(step: float, most: float, tail: float, deviate: float, error: float) -> float:
    """A step that is likely to be rejected, after one with this chance.

    The chance lacks so many deviates of the tail; both grow by the step, as the region does.
    """
    gap = math.sqrt(deviate**2 - 2 * math.log(max(most / tail, 1e-300))) - deviate
    return 0.5 * step + 0.33 * gap * error


@njit(cache=True)
def _next_done(done: Floats, start: float) -> float:
    """Up to where it is rejected at least between some angles; 1 where none is beyond the start."""
    until = 1.0
    for each in done:
        if start < each < until:
            until = each
    return until


@njit(cache=True)
def _reject(done: Floats, live: Flags, end: float) -> None:
    """Note what is rejected up to here: all that does not live."""
    for i in range(done.size):
        if done[i] < end and not live[i]:
            done[i] = end


@njit(cache=True)
def _limit_kernel(table: _Table, region: Region, tail: float, deviate: float) -> float:
    """The least difference that is not rejected in favour of a greater one.

    In steps from -1, each of them rejected whole: the chance of a region never falls with the
    difference, so that at the end of a step it bounds what is before. Between the angles where it
    is rejected (up to `done`) it is not looked for again; those in doubt take smaller steps.
    """
    (x1, x0, n1, n0) = table
    value = x1 / n1 - x0 / n0
    last = value - _TIE  # where the score is still above 0
    alive, below = _angles(n1, n0), tail * (1 - _ROUGH)
    rough = Region(region.top, region.ways1, region.ways0, _ROUGH / 100 * tail, region.room)
    near = min(1e-3, _FEW / (n1 * n0))
    least, step, wide, place = near / 16, _FIRST, 0.0, 0
    start = -((1 - tail) ** (1 / max(n1, n0)))  # before, all groups without events
    done = np.where(alive, start, 1.0)
    while start < last:
        until = _next_done(done, start)
        whole = until == 1
        end = min(start + max(step, least, wide if whole else 0.0), last, until)
        step, live = end - start, done < end
        score = _fill_region(table, start, end, region.top, _ROOM if step > near else 0.0)
        ceiling = below if step > near else math.inf
        most, _, place = greatest_kernel(rough, end, below, live, place, ceiling)
        _reject(done, live, end)
        if whole:
            wide = step if most > below and 4 * live.sum() < alive.sum() else 0.0
        if most <= below:
            start, step = end, _ahead(step, most, tail, deviate, (value - end) / score)
            continue
        if step <= near:
            smallest = step < 1.5 * least
            singly = n1 * n0 if smallest else _SINGLY
            found = _first_reached(table, region, start, end, tail, live, singly)
            _reject(done, live, end)
            if -1 <= found <= end:
                return found
            if found > end or smallest:
                start, step = end, 3 * step
        step *= _AGAIN
    return value


def _log_ways(n: int) -> Floats:
    """The ways to have so many events, as `Region` holds them, (3, n + 1)."""
    counts = np.arange(n + 1.0)
    over, logs = (n + 1 - counts) / np.maximum(counts, 1), gammaln(counts + 1)
    return np.stack([logs[n] - logs - logs[::-1], over, 1 / over])


def _region(ways1: Floats, ways0: Floats, nothing: float) -> Region:
    n1, n0 = ways1.shape[1] - 1, ways0.shape[1] - 1
    top, room = np.empty(n1 + 1, dtype=np.int64), np.empty(n1 + n0 + 2)
    return Region(top=top, ways1=ways1, ways0=ways0, nothing=nothing, room=room)


def _no_difference(table: _Table, ways1: Floats, ways0: Floats) -> float:
    """The greatest chance of tables as extreme as the observed if there is no difference."""
    if table.x1 * table.n0 <= table.x0 * table.n1:
        return 1.0  # that of nobody with the event, where everybody is without
    ways = float(log_choose(table.n1 + table.n0, k=np.array(table.x1 + table.x0)))
    given = math.exp(ways1[0, table.x1] + ways0[0, table.x0] - ways)
    region = _region(ways1, ways0, max(1e-20 * given, 1e-320))
    _fill_region(table, 0.0, 0.0, region.top, 0.0)
    alive = _angles(table.n1, table.n0)
    return float(min(greatest_kernel(region, 0.0, math.inf, alive, 0, math.inf)[0], 1.0))


def _lower(table: _Table, ways1: Floats, ways0: Floats, tail: float) -> float:
    if (table.x1, table.x0) == (0, table.n0):
        return -1.0
    region = _region(ways1, ways0, _NOTHING)
    return float(_limit_kernel(table, region, tail, float(ndtri(1 - tail))))


def compare_exactly(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95
) -> ExactDifference:
    """Share of group 1 less share of group 0 with the exact interval of Chan and Zhang.

    `events` and `n` hold group 0, then group 1. Each limit is the outermost difference that a
    one-sided test at half the rest of the level does not reject; the test counts the tables whose
    score (Farrington, Manning) is as great as the observed, at the shares that make them likeliest.
    Never below its level, for groups of any result. NaN where a group is empty. 0.3 ms for 2 x 44
    subjects, 0.9 for 2 x 500 (at most 1.7), 1.2 for 1,000 in unequal groups (at most 2).
    Source: Chan (1998); Chan, Zhang (1999).
    """
    check_pair(events, n=n)
    tail = (1 - check_level(level)) / 2
    if 0 in n:
        nothing = math.nan
        return ExactDifference(
            value=nothing, lower=nothing, upper=nothing,
            p_value=nothing, p_greater=nothing, p_less=nothing,
        )  # fmt: skip
    (x0, x1), (n0, n1) = (int(count) for count in events), (int(size) for size in n)
    table, turned = _Table(x1=x1, x0=x0, n1=n1, n0=n0), _Table(x1=x0, x0=x1, n1=n0, n0=n1)
    ways1 = _log_ways(n1)
    ways0 = ways1 if n0 == n1 else _log_ways(n0)
    greater = _no_difference(table, ways1, ways0)
    less = _no_difference(turned, ways0, ways1)
    return ExactDifference(
        value=x1 / n1 - x0 / n0,
        lower=_lower(table, ways1, ways0, tail),
        upper=-_lower(turned, ways0, ways1, tail),
        p_value=min(1.0, 2 * min(greater, less)),
        p_greater=greater,
        p_less=less,
    )
