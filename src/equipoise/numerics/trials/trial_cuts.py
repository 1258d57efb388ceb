"""A simulated trial looked at: when its k-th event comes, and its rows at that time in order.

A row in order is one int64: the bits of its time, the last ten of which hold a code, so that one
comparison orders times, events before censorings, strata and arms. The code is
censored * 512 + stratum * 2 + arm; it moves a time by less than 2.3e-13 of it.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.trials.trial_draws import bits_of, number_of

MOST_STRATA = 256
_CODE = np.int64(1023)
_CENSORED = np.int64(512)


@njit(cache=True, inline="always")
def time_of(row: np.int64) -> float:
    """The time of a row in order."""
    return float(number_of(row & ~_CODE))


@njit(cache=True, error_model="numpy")
def kth_smallest_kernel(
    value: NDArray[np.float64],
    k: int,
    span: float,
    slot: NDArray[np.int64],
    start: NDArray[np.int64],
    pool: NDArray[np.float64],
) -> float:
    """The k-th smallest (from 1) of values from 0 to inf; `span` is a guess of twice its size.

    Values are counted in slots of equal width; those of the slot in question are looked through.
    `slot` and `pool` (n,) and `start` are room to work in. The guess changes the speed alone.
    """
    last = start.size - 1
    scale, top = last / span, float(last)
    for i in range(value.size):
        slot[i] = np.int64(min(value[i] * scale, top))
    start[:] = 0
    for one in slot:
        start[one] += 1
    before, chosen = 0, 0
    while before + start[chosen] < k:
        before += start[chosen]
        chosen += 1
    size = 0
    for i in range(value.size):
        pool[size] = value[i]
        size += slot[i] == chosen
    return _select_kernel(pool, k - before - 1, size)


@njit(cache=True, error_model="numpy")
def _select_kernel(pool: NDArray[np.float64], k: int, size: int) -> float:
    """The value at place k (from 0) of the first `size` in order. Source: Hoare (1961), FIND."""
    low, high = 0, size - 1
    while low < high:
        pivot = pool[k]
        i, j = low, high
        while i <= j:
            while pool[i] < pivot:
                i += 1
            while pivot < pool[j]:
                j -= 1
            if i <= j:
                pool[i], pool[j] = pool[j], pool[i]
                i += 1
                j -= 1
        if j < k:
            low = i
        if k < i:
            high = j
    return float(pool[k])


@njit(cache=True, error_model="numpy")
def calendar_kernel(
    entry: NDArray[np.float64],
    time: NDArray[np.float64],
    leaving: NDArray[np.float64],
    calendar: NDArray[np.float64],
) -> None:
    """When each event is seen, counted from the first entry that can be; inf where it never is."""
    for i in range(entry.size):
        calendar[i] = entry[i] + time[i] if time[i] <= leaving[i] else math.inf


@njit(cache=True, error_model="numpy")
def last_seen_kernel(
    entry: NDArray[np.float64], time: NDArray[np.float64], leaving: NDArray[np.float64]
) -> float:
    """When the last subject has had the event or left; inf if some never do either."""
    last = 0.0
    for i in range(entry.size):
        last = max(last, entry[i] + min(time[i], leaving[i]))
    return last


@njit(cache=True, error_model="numpy")
def _encode_kernel(
    entry: NDArray[np.float64],
    time: NDArray[np.float64],
    leaving: NDArray[np.float64],
    calendar: NDArray[np.float64],
    cut: float,
    arm: int,
    slots: int,
    row: NDArray[np.int64],
    slot: NDArray[np.int64],
) -> None:
    """The rows of an arm, and the slot of each: the one beyond all for who enters after the cut."""
    scale, top = slots / cut, slots - 1.0
    for i in range(entry.size):
        followed = min(leaving[i], cut - entry[i])
        seen = calendar[i] <= cut
        now = time[i] if seen else followed
        code = np.int64(arm) if seen else _CENSORED + np.int64(arm)
        row[i] = (bits_of(now) & ~_CODE) | code
        place = max(min(now * scale, top), 0.0)
        slot[i] = np.int64(place if entry[i] < cut else slots)


@njit(cache=True, error_model="numpy")
def scans_before(scans: NDArray[np.float64], time: float) -> int:
    """How many scans, in order, come before the time."""
    low, high = 0, scans.size
    while low < high:
        middle = (low + high) // 2
        if scans[middle] < time:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, error_model="numpy")
def _go_back_to_scan_kernel(
    scans: NDArray[np.float64], row: NDArray[np.int64], slot: NDArray[np.int64], scale: float
) -> None:
    """Moves the censored rows back to the last scan before; to 0 where there was none."""
    for i in range(row.size):
        if row[i] & _CENSORED and slot[i] < row.size:
            place = scans_before(scans, time_of(row[i]))
            now = scans[place - 1] if place > 0 else 0.0
            row[i] = (bits_of(now) & ~_CODE) | (row[i] & _CODE)
            slot[i] = np.int64(min(now * scale, row.size - 1.0))


@njit(cache=True, error_model="numpy")
def order_rows_kernel(
    entry: NDArray[np.float64],
    time: NDArray[np.float64],
    leaving: NDArray[np.float64],
    calendar: NDArray[np.float64],
    stratum: NDArray[np.int64],
    scans: NDArray[np.float64],
    cut: float,
    first_arm: int,
    row: NDArray[np.int64],
    slot: NDArray[np.int64],
    start: NDArray[np.int64],
    ordered: NDArray[np.int64],
) -> int:
    """How many entered before the cut; their rows, in order, are the first of `ordered`.

    Rows are put into as many slots of time as there are subjects, then every one in its place
    among its neighbours. `scans` of size 0: a censored row counts up to its last day. Of `row`,
    `slot` and `ordered` (n,) and `start` (n + 2,) what was there does not matter.
    """
    n = entry.size
    for arm in range(2):
        own = slice(first_arm, n) if arm else slice(0, first_arm)
        _encode_kernel(
            entry[own], time[own], leaving[own], calendar[own], cut, arm, n, row[own], slot[own]
        )
    if stratum.size > 0:
        for i in range(n):
            row[i] |= stratum[i] << np.int64(1)
    if scans.size > 0:
        _go_back_to_scan_kernel(scans, row, slot, n / cut)
    start[:] = 0
    for one in slot:
        start[one + 1] += 1
    for place in range(n):
        start[place + 1] += start[place]
    entered = start[n]
    for i in range(n):
        ordered[start[slot[i]]] = row[i]
        start[slot[i]] += 1
    for i in range(1, entered):
        one, place = ordered[i], i
        while place > 0 and ordered[place - 1] > one:
            ordered[place] = ordered[place - 1]
            place -= 1
        ordered[place] = one
    return int(entered)
