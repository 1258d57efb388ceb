"""The comparison had nobody crossed over: the rank preserving structural failure time model."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_level, check_times
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.sensitivity.crossing_over_ranks import (
    CrossedRows,
    CrossingTests,
    find_statistics,
    lay_out_tests,
    sort_untreated,
)
from equipoise.numerics.sensitivity.crossing_over_search import find_crossing

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


def _check(time: ArrayLike, event: ArrayLike, treated: Treated) -> CrossedRows:
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
    if group.min() == group.max():
        raise ValueError("both groups must have rows")
    return CrossedRows(
        time=times,
        event=check_codes(event, name="event", n=n, upper=1),
        on=on,
        group=group,
        follow_up=follow_up,
        stratum=check_codes(treated.stratum, name="stratum", n=n),
    )


def _untreat(rows: CrossedRows, log_factor: float) -> UntreatedTimes:
    factor = math.exp(log_factor)
    untreated = rows.time - rows.on + factor * rows.on
    latest = rows.follow_up * min(1.0, factor)
    seen = (rows.event == 1) & (untreated <= latest)
    return UntreatedTimes(time=np.minimum(untreated, latest), event=seen.astype(np.int64))


def _crossings(
    tests: CrossingTests, grid: NDArray[np.float64], statistics: NDArray[np.float64], level: float
) -> list[float]:
    """Where the statistic, known on the grid, crosses `level` between its points."""
    above = statistics - level
    found = [float(grid[i]) for i in np.flatnonzero(above == 0.0)]
    for i in np.flatnonzero(above[:-1] * above[1:] < 0):
        ends, gaps = (float(grid[i]), float(grid[i + 1])), (float(above[i]), float(above[i + 1]))
        found.append(find_crossing(tests, ends=ends, gaps=gaps, level=level))
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
    tests = lay_out_tests(rows)
    sort_untreated(tests, log_factor=float(grid[0]))
    statistics = find_statistics(tests, log_factors=grid.tolist())
    roots = _crossings(tests, grid, statistics, 0.0)
    z = normal_quantile(level)
    limits = [limit for sign in (z, -z) for limit in _crossings(tests, grid, statistics, sign)]
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
