"""The comparison had nobody crossed over: the rank preserving structural failure time model."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from equipoise.numerics.checks import check_codes, check_level, check_times
from equipoise.numerics.chi_square import normal_quantile

_CLOSE = 2.0**-26  # times this close are one, as for `rank_times`
_MANY = 10_000  # rows: with more, merging sorts sooner than insertion near the order before
_GRID = 201  # points between the bounds; the statistic is a step function, roots lie at its jumps


@dataclass(frozen=True, slots=True, kw_only=True)
class UntreatedTimes:
    """Times to the event had nobody ever been treated, censored anew, shape (n,)."""

    time: NDArray[np.float64]
    event: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankPreserving:
    """The log of the factor by which a unit of time on treatment counts in untreated time.

    Below 0 treatment prolongs life: untreated time is shorter. `lower` and `upper` are where the
    test of equal untreated times just rejects; NaN, and a `message`, where it does so nowhere
    between the bounds. `roots` are all values at which the statistic crosses 0.
    """

    log_factor: float
    lower: float
    upper: float
    roots: tuple[float, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """Who was treated how long: `group` 0 or 1, `treated_time` from 0 to the time, all (n,).

    `follow_up` is the time until which each could have been followed (not the time of death): it
    censors untreated times anew, so that censoring tells nothing of the treatment.
    """

    group: ArrayLike
    treated_time: ArrayLike
    follow_up: ArrayLike
    stratum: ArrayLike | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    time: NDArray[np.float64]
    event: NDArray[np.int64]
    on: NDArray[np.float64]
    group: NDArray[np.int64]
    follow_up: NDArray[np.float64]
    stratum: NDArray[np.int64]


def untreated_times(
    time: ArrayLike, *, event: ArrayLike, treated: Treated, log_factor: float
) -> UntreatedTimes:
    """The times had nobody been treated, if a treated day is exp(`log_factor`) untreated ones.

    U = off treatment + exp(`log_factor`) on treatment, censored at the least that U could be at the
    end of `follow_up`: C min(1, exp(`log_factor`)). Source: Robins, Tsiatis (1991); recensoring by
    White, Babiker, Walker, Darbyshire (1999).
    """
    rows = _check(time, event, treated)
    return _untreat(rows, log_factor)


def _check(time: ArrayLike, event: ArrayLike, treated: Treated) -> _Rows:
    times = check_times(time)
    n = times.size
    on, follow_up = check_times(treated.treated_time), check_times(treated.follow_up)
    if on.size != n or follow_up.size != n:
        raise ValueError(f"treated_time and follow_up must hold one value for each of {n} times")
    for name, wrong, told in (
        ("treated_time", on > times, "longer than the time"),
        ("follow_up", follow_up < times, "shorter than the time"),
    ):
        if wrong.any():
            raise ValueError(f"{name}[{int(np.argmax(wrong))}] is {told}")
    group = check_codes(treated.group, name="group", n=n, upper=1)
    if np.unique(group).size < 2:
        raise ValueError("both groups must have rows")
    return _Rows(
        time=times,
        event=check_codes(event, name="event", n=n, upper=1),
        on=on,
        group=group,
        follow_up=follow_up,
        stratum=check_codes(treated.stratum, name="stratum", n=n),
    )


def _untreat(rows: _Rows, log_factor: float) -> UntreatedTimes:
    factor = math.exp(log_factor)
    untreated = rows.time - rows.on + factor * rows.on
    latest = rows.follow_up * min(1.0, factor)
    seen = (rows.event == 1) & (untreated <= latest)
    return UntreatedTimes(time=np.minimum(untreated, latest), event=seen.astype(np.int64))


@njit(cache=True)
def _order_kernel(
    factor: float, lines: NDArray[np.float64], order: NDArray[np.int64], time: NDArray[np.float64]
) -> None:
    """Untreated times in order; `order` comes nearly right, which insertion makes use of.

    `lines` (n, 3) holds of each row the time off and on treatment and the follow-up.
    """
    share = min(1.0, factor)
    for place in range(order.size):
        row = order[place]
        time[place] = min(lines[row, 0] + factor * lines[row, 1], share * lines[row, 2])
    for place in range(1, order.size):
        own, row = time[place], order[place]
        free = place
        while free > 0 and time[free - 1] > own:
            time[free], order[free] = time[free - 1], order[free - 1]
            free -= 1
        time[free], order[free] = own, row


@njit(cache=True)
def _tie_kernel(time: NDArray[np.float64], tie: NDArray[np.int64]) -> None:
    """Numbers the times, which are in order: those that are one have one number."""
    total, distinct = time[0], 1
    for place in range(1, time.size):
        later = time[place] > time[place - 1]
        total += time[place] if later else 0.0
        distinct += later
    tolerance, tie[0] = _CLOSE * max(1.0, total / distinct), 0
    for place in range(1, time.size):
        tie[place] = tie[place - 1] + (time[place] - time[place - 1] > tolerance)


# a division can be branchless and done for several times at once: numpy's error model
@njit(cache=True, error_model="numpy")
def _logrank_kernel(
    tie: NDArray[np.int64],
    code: NDArray[np.int64],
    room: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Adds one stratum's to the excess of events in group 1, its variance, and the events.

    `tie` numbers the times, in order; `code` is the group, and 2 more with an event. No branch
    follows the data, so that none is mispredicted.
    """
    risk, own_risk, events, own_events = room[0], room[1], room[2], room[3]
    r, r1, d, d1, times = 0, 0, 0, 0, 0
    for place in range(tie.size - 1, -1, -1):
        group, event = code[place] & 1, code[place] >> 1
        r, r1, d, d1 = r + 1, r1 + group, d + event, d1 + (event & group)
        risk[times], own_risk[times], events[times], own_events[times] = r, r1, d, d1
        same = int(place > 0 and tie[place - 1] == tie[place])
        times += (1 - same) & int(d > 0)
        d, d1 = same * d, same * d1
    for k in range(times):
        share, others = own_risk[k] / risk[k], max(risk[k] - 1.0, 1.0)
        own_risk[k] = own_events[k] - events[k] * share
        risk[k] = events[k] * (risk[k] - events[k]) / others * share * (1.0 - share)
    for k in range(times):
        sums[0] += own_risk[k]
        sums[1] += risk[k]
        sums[2] += events[k]


@njit(cache=True)
def _statistic_kernel(
    factor: float,
    lines: NDArray[np.float64],
    codes: NDArray[np.int64],
    begin: NDArray[np.int64],
    order: NDArray[np.int64],
    room: NDArray[np.float64],
    marks: NDArray[np.int64],
) -> float:
    """The log-rank z of group 1 in untreated times, as `compare_logrank`.

    `codes` (n, 3) are event, group and stratum, `begin` is where each stratum's rows begin;
    `room` (5, n + 1) and `marks` (3, n) are written over.
    """
    time, tie, own_tie, own_code = room[4, : order.size], marks[0], marks[1], marks[2]
    _order_kernel(factor, lines, order, time)
    _tie_kernel(time, tie)
    free, sums = begin.copy(), np.zeros(3)
    for place in range(order.size):
        row = order[place]
        untreated = lines[row, 0] + factor * lines[row, 1]
        seen = untreated <= min(1.0, factor) * lines[row, 2]
        own, free[codes[row, 2]] = free[codes[row, 2]], free[codes[row, 2]] + 1
        own_tie[own], own_code[own] = tie[place], 2 * (codes[row, 0] & seen) + codes[row, 1]
    for layer in range(begin.size - 1):
        rows = slice(begin[layer], begin[layer + 1])
        _logrank_kernel(own_tie[rows], own_code[rows], room, sums)
    return sums[0] / math.sqrt(sums[1]) if 2.0 * sums[1] > 1e-10 * sums[2] else math.nan


def _statistic_of(rows: _Rows, step: float) -> Callable[[float], float]:
    """The log-rank z of group 1 in untreated times; NaN where nothing is left to compare.

    Near the factor before, within a `step`, the rows are nearly in order.
    """
    lines = np.column_stack([rows.time - rows.on, rows.on, rows.follow_up])
    codes = np.column_stack([rows.event, rows.group, rows.stratum])
    begin = np.concatenate([[0], np.cumsum(np.bincount(rows.stratum))])
    n, order, before = rows.time.size, np.arange(rows.time.size), math.inf
    room, marks = np.empty((5, n + 1)), np.empty((3, n), dtype=np.int64)

    def statistic(log_factor: float) -> float:
        nonlocal before
        if abs(log_factor - before) > step or n > _MANY:
            time = _untreat(rows, log_factor).time
            order[:] = order[np.argsort(time[order], kind="stable")]
        before = log_factor
        factor = math.exp(log_factor)
        return float(_statistic_kernel(factor, lines, codes, begin, order, room, marks))

    return statistic


def _crossings(
    statistic: Callable[[float], float],
    grid: NDArray[np.float64],
    statistics: NDArray[np.float64],
    level: float,
) -> list[float]:
    """Where the statistic, known on the grid, crosses `level` between its points."""

    def gap(log_factor: float) -> float:
        z = statistic(log_factor)
        return 0.0 if math.isnan(z) else z - level

    above = statistics - level
    found = [float(grid[i]) for i in np.flatnonzero(above == 0.0)]
    for i in np.flatnonzero(above[:-1] * above[1:] < 0):
        ends = float(grid[i]), float(grid[i + 1])
        found.append(float(brentq(gap, *ends, xtol=1e-12)))
    return sorted(found)


def estimate_rank_preserving(
    time: ArrayLike,
    *,
    event: ArrayLike,
    treated: Treated,
    bounds: tuple[float, float] = (-2.0, 2.0),
    level: float = 0.95,
) -> RankPreserving:
    """By how much treatment stretches time, from arms that were alike before it.

    The value at which the (stratified) log-rank test of untreated times is 0; with several such
    values the middle one, told in `message`. The interval is where the test does not reject: its
    level is that of the comparison as randomised. Source: Robins, Tsiatis (1991).
    """
    rows = _check(time, event, treated)
    check_level(level)
    grid = np.linspace(*bounds, _GRID)
    statistic = _statistic_of(rows, 1.5 * abs(float(grid[1] - grid[0])))
    statistics = np.array([statistic(point) for point in grid.tolist()])
    roots = _crossings(statistic, grid, statistics, 0.0)
    z = normal_quantile(level)
    limits = [limit for sign in (z, -z) for limit in _crossings(statistic, grid, statistics, sign)]
    if not roots:
        nowhere = "the test of equal untreated times crosses 0 nowhere between the bounds"
        return RankPreserving(
            log_factor=math.nan, lower=math.nan, upper=math.nan, roots=(), message=nowhere
        )
    value = roots[len(roots) // 2]
    below = [limit for limit in limits if limit < value]
    above = [limit for limit in limits if limit > value]
    told = [f"the statistic crosses 0 at {len(roots)} values"] if len(roots) > 1 else []
    told += [] if below and above else ["the interval is open: no bound rejects on one side"]
    return RankPreserving(
        log_factor=value,
        lower=min(below) if below else math.nan,
        upper=max(above) if above else math.nan,
        roots=tuple(roots),
        message="; ".join(told),
    )
