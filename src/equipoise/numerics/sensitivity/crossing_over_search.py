"""Where the log-rank test of times had nobody been treated crosses a level.

Between two jumps of the statistic nothing changes at all: what was found there is remembered.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.sensitivity.crossing_over_ranks import (
    CLOSE,
    MANY,
    CrossingTests,
    sort_untreated,
    statistics_kernel,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_WIDTH, _ROUNDING = 1e-12, 2.0**-50  # a crossing is known to this, and to this of itself
_NEAR = 3e-4  # after so small a step the next may lie between the same two jumps
# a point: a log factor, the statistic above the level, and from where to where it is that much
_AT, _GAP, _FIRST, _LAST = range(4)


@njit(cache=True)
def _narrow_kernel(room: float, rate: float, reach: tuple[float, float]) -> tuple[float, float]:
    """How far one may go down and up, if what has `room` and grows at `rate` is to have some."""
    down, up = reach
    if room < abs(rate) * max(up, -down):
        if rate < 0.0:
            up = min(up, -room / rate)
        else:
            down = max(down, -room / rate)
    return down, up


@njit(cache=True)
def _reach_kernel(
    factor: float, lines: Floats, order: Integers, room: tuple[Floats, ...]
) -> tuple[float, float]:
    """How far the factor may fall and rise before rows change order or tie, or one's censoring.

    Untreated times, and the tolerance, are straight lines in the factor as long as none changes.
    """
    n, share, bend = lines.shape[1], min(1.0, factor), 1.0 if factor < 1.0 else 0.0
    down = 1.0 - factor if factor >= 1.0 else -factor
    reach = max(down, -factor / 2), 1.0 - factor if factor <= 1.0 else factor
    (time, slope), total, growth, distinct = room, 0.0, 0.0, 0
    for place in range(n):
        row = np.uint64(order[place])
        untreated, latest = lines[0, row] + factor * lines[1, row], share * lines[2, row]
        rate, seen = bend * lines[2, row] - lines[1, row], untreated <= latest
        reach = _narrow_kernel(abs(latest - untreated), rate if seen else -rate, reach)
        time[place] = min(untreated, latest)
        slope[place] = lines[1, row] if seen else bend * lines[2, row]
        other = place == 0 or time[place] < time[place - 1]
        total += time[place] if other else 0.0
        growth += slope[place] if other else 0.0
        distinct += other
    tolerance = CLOSE * max(1.0, total / distinct)
    creep = CLOSE * growth / distinct if total > distinct else 0.0
    for place in range(1, n):
        gap, rate = time[place - 1] - time[place], slope[place - 1] - slope[place]
        reach = _narrow_kernel(max(gap, 0.0), rate, reach)
        apart = 1.0 if gap > tolerance else -1.0
        reach = _narrow_kernel(abs(gap - tolerance), apart * (rate - creep), reach)
    return reach


@njit(cache=True)
def _copy_kernel(known: Floats, point: Floats) -> None:
    """Writes what is known at one point on another, but for its place."""
    for k in range(_GAP, _LAST + 1):
        point[k] = known[k]


# where a line through two points is level, the step is not a number and no short one
@njit(cache=True, error_model="numpy")
def _step_kernel(points: Floats, steps: Floats) -> bool:
    """Moves the last point to where to ask next; False where it is the crossing.

    `points` are the last but one, the last, and one beyond the crossing; `steps` the last two.
    Source: Brent (1973), Algorithms for minimization without derivatives, chapter 4.
    """
    before, last, beyond = points[0], points[1], points[2]
    for k in range(points.shape[1] if before[_GAP] * last[_GAP] < 0.0 else 0):
        beyond[k] = before[k]
        steps[0] = steps[1] = last[_AT] - before[_AT]
    for k in range(points.shape[1] if abs(beyond[_GAP]) < abs(last[_GAP]) else 0):
        before[k], last[k], beyond[k] = last[k], beyond[k], last[k]
    least = (_WIDTH + _ROUNDING * abs(last[_AT])) / 2
    half = (beyond[_AT] - last[_AT]) / 2
    if last[_GAP] == 0.0 or abs(half) < least:
        return False
    step, short = half, min(abs(steps[0]), 3 * abs(half) - least) / 2
    if abs(steps[0]) > least and abs(last[_GAP]) < abs(before[_GAP]):
        slope = (before[_GAP] - last[_GAP]) / (before[_AT] - last[_AT])
        line = -last[_GAP] / slope
        if before[_AT] != beyond[_AT]:
            farther = (beyond[_GAP] - last[_GAP]) / (beyond[_AT] - last[_AT])
            bend = beyond[_GAP] * farther - before[_GAP] * slope
            line *= bend / (farther * (beyond[_GAP] - before[_GAP]))
        step = line if abs(line) < short else half
    steps[0], steps[1] = half if step == half else steps[1], step
    for k in range(points.shape[1]):
        before[k] = last[k]
    last[_AT] += step if abs(step) > least else math.copysign(least, half)
    last[_GAP] = math.nan
    return True


@njit(cache=True)
def _search_kernel(
    level: float,
    in_order: int,
    points: Floats,
    steps: Floats,
    factors: Floats,
    many: int,
    lines: Floats,
    codes: Integers,
    begin: Integers,
    order: Integers,
    room: tuple[Floats, ...],
    marks: tuple[Integers, ...],
    statistics: Floats,
) -> bool:
    """Whether the last point is the crossing; else rows must be put in order for it first.

    `in_order` is 1 where they are; with more than `many` they are for no other point after it.
    `factors` and `statistics` are one each, to write on.
    """
    last = points[1]
    while True:
        for k in range(0, 3, 2):
            inside = points[k, _FIRST] <= last[_AT] <= points[k, _LAST]
            if inside and math.isnan(last[_GAP]):
                _copy_kernel(points[k], last)
        if math.isnan(last[_GAP]):
            if in_order == 0:
                return False
            factors[0] = math.exp(last[_AT])
            statistics_kernel(factors, many, lines, codes, begin, order, room, marks, statistics)
            last[_GAP] = 0.0 if math.isnan(statistics[0]) else statistics[0] - level
            last[_FIRST] = last[_LAST] = last[_AT]
            if abs(last[_AT] - points[0, _AT]) < _NEAR:
                down, up = _reach_kernel(factors[0], lines, order, room)
                last[_FIRST], last[_LAST] = math.log(factors[0] + down), math.log(factors[0] + up)
            in_order = 1 if codes.shape[1] <= many else 0
        if not _step_kernel(points, steps):
            return True


def find_crossing(
    tests: CrossingTests, *, ends: tuple[float, float], gaps: tuple[float, float], level: float
) -> float:
    """The log factor between `ends` at which the statistic crosses `level`, a jump of it.

    `gaps` are how far it is above the level at the ends, one of them below 0.
    """
    points = np.array([[ends[k], gaps[k], ends[k], ends[k]] for k in (0, 1, 0)])
    given = tests.lines, tests.codes, tests.begin, tests.order, tests.room, tests.marks
    steps, factors, statistics, in_order = np.zeros(2), np.empty(1), np.empty(1), 0
    while not _search_kernel(level, in_order, points, steps, factors, MANY, *given, statistics):
        sort_untreated(tests, log_factor=float(points[1, _AT]))
        in_order = 1
    return float(points[1, _AT])
