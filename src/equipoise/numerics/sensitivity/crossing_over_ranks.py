"""The log-rank test of times had nobody been treated, at one factor after another.

A factor is by how much a unit of time on treatment counts. Near another one, rows are nearly in the
same order.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CLOSE = 2.0**-26  # times this close are one, as for `rank_times`
# With more rows merging sorts sooner than neighbours that change places; and up to 2**13 of them,
# no time is so much later than the mean that the bits of the row would hide what is not close.
MANY = 8_000
_FEW = 64  # numbers that are added one after the other
_NONE, _ONE, _FOUR, _LOW_16 = (np.uint64(number) for number in (0, 1, 4, 2**16 - 1))
_LOWER = 2**32 - 1  # the lower half of a count is of all rows, the upper one of group 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedRows:
    """Rows as they were checked, all (n,): `on` is the time on treatment, `group` 0 or 1."""

    time: Floats
    event: Integers
    on: Floats
    group: Integers
    follow_up: Floats
    stratum: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingTests:
    """The columns as kernels take them, room for them to write in, and the order found last.

    `order` is from the last untreated time to the first, and one longer where n is odd.
    """

    lines: Floats
    codes: Integers
    begin: Integers
    order: Integers
    room: tuple[Floats, ...]
    marks: tuple[Integers, ...]


@njit(cache=True)
def _untreat_kernel(
    factor: float, lines: Floats, count: Integers, time: Floats, event: Integers
) -> None:
    """Each row's untreated time; and its count where it has an event then, else 0.

    `lines` (4, n) holds the time off and on treatment, the follow-up, and that again where there
    was an event, else -1; `count` is 1, and 1 in its upper half too in group 1.
    """
    share = min(1.0, factor)
    off, on, latest, seen = lines[0], lines[1], lines[2], lines[3]
    for row in range(count.size):
        untreated = off[row] + factor * on[row]
        time[row] = min(untreated, share * latest[row])
        event[row] = count[row] if untreated <= share * seen[row] else 0


@njit(cache=True)
def _swap_kernel(even: Integers, odd: Integers) -> int:
    """Puts each even place and the next in order, then each odd place and the next.

    Returns how many of the latter were not: with none, the whole is in order. No pair waits for
    another, so that many are done at once.
    """
    moved, last = 0, odd.size - 1
    even[0], before = min(even[0], odd[0]), max(even[0], odd[0])
    for pair in range(1, odd.size):
        low, high = min(even[pair], odd[pair]), max(even[pair], odd[pair])
        moved += before > low
        odd[pair - 1], even[pair] = min(before, low), max(before, low)
        before = high
    odd[last] = before
    return moved


@njit(cache=True)
def _order_kernel(bits: Integers, order: Integers, even: Integers, odd: Integers) -> None:
    """Rows from the last time to the first; `order`, of even length, comes nearly right.

    What is sorted are the bits of the times, ordered as these are, with the row as their last.
    """
    mask = np.int64(1)
    while mask < order.size:
        mask = 2 * mask + 1
    for pair in range(odd.size):
        first, second = order[2 * pair], order[2 * pair + 1]
        even[pair] = (~bits[np.uint64(first)] & ~mask) | first
        odd[pair] = (~bits[np.uint64(second)] & ~mask) | second
    while _swap_kernel(even, odd) > 0:
        pass
    for pair in range(odd.size):
        order[2 * pair], order[2 * pair + 1] = even[pair] & mask, odd[pair] & mask


@njit(cache=True)
def _part_kernel(time: Floats, new: Integers) -> None:
    """Writes 1 where a time, from the last to the first, is another than the one before, else 0."""
    tolerance, near, total, distinct = CLOSE * max(1.0, time[0]), 0, time[0], 1
    for place in range(1, time.size):
        gap = time[place - 1] - time[place]
        near += (gap > 0.0) & (gap <= tolerance)
    if near > 0:  # else the tolerance of the largest time parts as that of the mean does
        for place in range(1, time.size):
            other = time[place] < time[place - 1]
            total += time[place] if other else 0.0
            distinct += other
        tolerance = CLOSE * max(1.0, total / distinct)
    new[0] = 1
    for place in range(1, time.size):
        new[place] = time[place - 1] - time[place] > tolerance


@njit(cache=True)
def _split_kernel(
    stratum: Integers,
    begin: Integers,
    order: Integers,
    new: Integers,
    own_order: Integers,
    own_new: Integers,
) -> None:
    """The rows in order stratum by stratum, and where a time is new to its stratum.

    Where strata are few, the next free place of each stands in one word, 16 bits each: no row
    waits until the memory has that of the one before.
    """
    few, free, places, number = begin.size <= 5 and new.size < 2**16, begin.copy(), _NONE, 0
    for layer in range(begin.size - 1 if few else 0):
        places |= np.uint64(begin[layer]) << np.uint64(16 * layer)
    for place in range(new.size):
        row = order[place]
        mine, number = np.uint64(stratum[np.uint64(row)]), number + new[place]
        if few:
            shift = mine << _FOUR
            own = (places >> shift) & _LOW_16
            places += _ONE << shift
        else:
            own = np.uint64(free[mine])
            free[mine] += 1
        own_order[own], own_new[own] = row, number
    for place in range(new.size - 1, 0, -1):
        own_new[place] = own_new[place] != own_new[place - 1]
    for layer in range(begin.size - 1):
        own_new[begin[layer]] = 1


@njit(cache=True)
def _count_kernel(
    begin: Integers,
    order: Integers,
    new: Integers,
    count: Integers,
    event: Integers,
    at_risk: Integers,
    events: Integers,
) -> np.int64:
    """At each time of each stratum, the last first, from place 1 on: those at risk; events so far.

    Returns how many times there are; one without event is no time of its own. No branch follows
    the data, so that none is mispredicted.
    """
    seen, own, any_event, events[0] = 0, _ONE, 0, 0
    for layer in range(begin.size - 1):
        rows = 0
        for place in range(np.uint64(begin[layer]), np.uint64(begin[layer + 1])):
            row = np.uint64(order[place])
            passed = new[place] & any_event
            own += np.uint64(passed)
            rows, seen = rows + count[row], seen + event[row]
            any_event = (any_event & ~passed) | (event[row] & 1)
            at_risk[own], events[own] = rows, seen
    return np.int64(own)


# a division can be branchless and done for several times at once: numpy's error model
@njit(cache=True, error_model="numpy")
def _logrank_kernel(
    at_risk: Integers, events: Integers, later: Integers, excess: Floats, variance: Floats
) -> None:
    """At each time the excess of events in group 1, and its variance."""
    for k in range(at_risk.size):
        here, r = events[k] - later[k], float(at_risk[k] & _LOWER)
        d, share = float(here & _LOWER), (at_risk[k] >> 32) / r
        excess[k] = (here >> 32) - d * share
        variance[k] = d * (r - d) / max(r - 1.0, 1.0) * share * (1.0 - share)


@njit(cache=True)
def _sum_kernel(values: Floats) -> float:
    """Their sum: halves are added until few are left, so that no addition waits for another.

    Writes on the values.
    """
    left = values.size
    while left > _FEW:
        half = (left + 1) // 2
        for k in range(left // 2):
            values[k] += values[half + k]
        left = half
    total = 0.0
    for k in range(left):
        total += values[k]
    return total


@njit(cache=True)
def statistics_kernel(
    factors: Floats,
    many: int,
    lines: Floats,
    codes: Integers,
    begin: Integers,
    order: Integers,
    room: tuple[Floats, ...],
    marks: tuple[Integers, ...],
    statistics: Floats,
) -> None:
    """The log-rank z of group 1 in untreated times at each factor, as `compare_logrank`.

    `codes` (2, n) are each row's count and stratum, `begin` is where each stratum's rows begin.
    Up to `many` rows `order` comes nearly right, and is put right for each factor; else right.
    """
    count, stratum = codes[0], codes[1]
    n, pairs = count.size, order.size // 2
    time, ordered = room
    bits, event, new, at_risk, events, own_order, own_new = marks
    time[n:] = -1.0
    for test in range(factors.size):
        _untreat_kernel(factors[test], lines, count, time, event)
        if n <= many:
            _order_kernel(bits, order, at_risk[:pairs], events[:pairs])
        for place in range(n):
            ordered[place] = time[np.uint64(order[place])]
        _part_kernel(ordered, new)
        if begin.size > 2:
            _split_kernel(stratum, begin, order, new, own_order, own_new)
        m = _count_kernel(begin, own_order, own_new, count, event, at_risk, events)
        excess, variance = ordered[:m], time[:m]
        _logrank_kernel(at_risk[1 : m + 1], events[1 : m + 1], events[:m], excess, variance)
        u, v, d = _sum_kernel(excess), _sum_kernel(variance), events[m] & _LOWER
        statistics[test] = u / math.sqrt(v) if 2.0 * v > 1e-10 * d else math.nan


def lay_out_tests(rows: CrossedRows) -> CrossingTests:
    """The rows, not yet in order."""
    n = rows.time.size
    seen = np.where(rows.event == 1, rows.follow_up, -1.0)
    order = np.arange(n + n % 2)
    new, strata = np.empty(n, dtype=np.int64), np.bincount(rows.stratum)
    own = (order[:n], new) if strata.size == 1 else (order[:n].copy(), new.copy())
    event, at_risk, events = (np.empty(n + k, dtype=np.int64) for k in (0, 1, 1))
    time = np.empty(order.size)
    return CrossingTests(
        lines=np.array([rows.time - rows.on, rows.on, rows.follow_up, seen]),
        codes=np.array([1 + (rows.group << 32), rows.stratum]),
        begin=np.concatenate([[0], np.cumsum(strata)]),
        order=order,
        room=(time, np.empty(n)),
        marks=(time.view(np.int64), event, new, at_risk, events, *own),
    )


def sort_untreated(tests: CrossingTests, *, log_factor: float) -> None:
    """Puts the rows in order, wherever they come from."""
    (time, ordered), count = tests.room, tests.codes[0]
    _untreat_kernel(math.exp(log_factor), tests.lines, count, time, tests.marks[1])
    order = tests.order[: count.size]
    np.negative(time[order], out=ordered)
    order[:] = order[np.argsort(ordered)]


def find_statistics(tests: CrossingTests, *, log_factors: list[float]) -> Floats:
    """The log-rank z of group 1 at each factor; NaN where nothing is left to compare.

    Soon where each is near the one before, and the first near that of the order.
    """
    factors, found = np.array([math.exp(one) for one in log_factors]), np.empty(len(log_factors))
    given = tests.lines, tests.codes, tests.begin, tests.order, tests.room, tests.marks
    many = tests.codes.shape[1] > MANY
    step = 1 if many else factors.size
    for k in range(0, factors.size, step):
        if many:
            sort_untreated(tests, log_factor=log_factors[k])
        statistics_kernel(factors[k : k + step], MANY, *given, found[k : k + step])
    return found
