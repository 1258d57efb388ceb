"""From what the rows have to sums over those at risk at each event time, and from steps there back.

Each of the two walks is the other's transpose.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import last_seen
from equipoise.numerics.row_order import Places

Walk = tuple[
    Places, Places, Places, NDArray[np.int8], NDArray[np.int64], NDArray[np.int64],
    NDArray[np.int64], NDArray[np.int64], NDArray[np.int64],
]  # fmt: skip


def build_walk(design: CoxDesign) -> Walk:
    """The arrays of a design that a walk reads, for kernels to take apart.

    Begin, end and stratum of the event times, event, first and late of the rows as a design has
    them; then the place of each row's own step among those of `spread_steps` (n,), the event times
    at which a stratum begins, and the rows that fail.
    """
    last, m = last_seen(design), design.begin.size
    place = np.where(last < 0, 2 * m, 2 * last + design.event)
    fresh = np.flatnonzero(np.diff(design.block_stratum)) + 1
    return (
        design.begin, design.end, design.block_stratum, design.event, design.first, design.late,
        place, np.concatenate([[0], fresh, [m]]), np.flatnonzero(design.event),
    )  # fmt: skip


@njit(cache=True)
def _plus(total: float, lost: float, value: float) -> tuple[float, float]:
    """As `add_exactly`: the sum, and what rounding has lost so far."""
    after = total + value
    part = after - total
    return after, lost + ((total - (after - part)) + (value - part))


@njit(cache=True)
def _collect_late(walk: Walk, value: NDArray[np.float64], totals: NDArray[np.float64]) -> None:
    """As `collect_risk` where rows come late: each must be what is taken out again."""
    begin, end, block_stratum, event, first, late = walk[:6]
    sums, lost = 0.0, 0.0
    gone, present, m = 0, 0, begin.size
    for k in range(m - 1, -1, -1):
        while gone < late.size and first[late[gone]] > k:
            sums, lost = _plus(sums, lost, -value[late[gone]])
            present -= 1
            gone += 1
        if present == 0 or (k + 1 < m and block_stratum[k] != block_stratum[k + 1]):
            sums, lost, present = 0.0, 0.0, 0
        fails = 0.0
        for row in range(begin[k], end[k]):
            if first[row] > k:
                continue
            present += 1
            if event[row] == 1:
                fails += value[row]
            else:
                sums, lost = _plus(sums, lost, value[row])
        totals[k, 0], totals[k, 1] = sums + lost, fails
        for row in range(begin[k], end[k]):
            if event[row] == 1:
                sums, lost = _plus(sums, lost, value[row])


@njit(cache=True)
def _spread_late(walk: Walk, steps: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """As `spread_steps` where rows come late: less what was before they came."""
    begin, end, block_stratum, event, first = walk[:5]
    before = np.zeros((begin.size, 2))
    sums, lost = 0.0, 0.0
    for row in range(out.size):
        out[row] = 0.0
    for k in range(begin.size):
        if k == 0 or block_stratum[k] != block_stratum[k - 1]:
            sums, lost = 0.0, 0.0
        before[k, 0], before[k, 1] = sums, lost
        for row in range(begin[k], end[k]):
            came = first[row]
            if came <= k:
                own = steps[2 * k + event[row]]
                out[row] = sums - before[came, 0] + (lost - before[came, 1]) + own
        sums, lost = _plus(sums, lost, steps[2 * k])


@njit(cache=True)
def collect_risk(
    walk: Walk,
    value: NDArray[np.float64],
    room: NDArray[np.float64],
    totals: NDArray[np.float64],
) -> None:
    """The sums (m, 2) of a value of the rows over those who stay and those who fail.

    No loop goes over the few rows of one event time: the processor would guess its end wrongly.
    `room` (n,) is overwritten.
    """
    begin, end, _, _, first, _, place, strata, failing = walk
    if first.size > 0:
        _collect_late(walk, value, totals)
        return
    for k in range(begin.size):
        totals[k, 1] = 0.0
    for i in range(failing.size):
        totals[place[failing[i]] // 2, 1] += value[failing[i]]
    for s in range(strata.size - 1):
        total = 0.0
        for row in range(end[strata[s + 1] - 1] - 1, begin[strata[s]] - 1, -1):
            total += value[row]
            room[row] = total
    for k in range(begin.size):
        totals[k, 0] = room[begin[k]] - totals[k, 1]


@njit(cache=True)
def spread_steps(walk: Walk, steps: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """For each row (n,) the sum of the steps that it sees, its own for who stays or who fails.

    `steps` (2 m + 1,) has both of each event time, and a 0 for who is never seen; it is
    overwritten.
    """
    first, place, strata = walk[4], walk[6], walk[7]
    if first.size > 0:
        _spread_late(walk, steps, out)
        return
    for s in range(strata.size - 1):
        before = 0.0
        for k in range(strata[s], strata[s + 1]):
            steps[2 * k + 1] += before
            before += steps[2 * k]
            steps[2 * k] = before
    for row in range(out.size):
        out[row] = steps[place[row]]


@njit(cache=True)
def sum_of_products(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Four sums side by side, for each addition waits for the one before."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = a.size - a.size % 4
    for i in range(0, whole, 4):
        one += a[i] * b[i]
        two += a[i + 1] * b[i + 1]
        three += a[i + 2] * b[i + 2]
        four += a[i + 3] * b[i + 3]
    for i in range(whole, a.size):
        one += a[i] * b[i]
    return one + two + (three + four)
