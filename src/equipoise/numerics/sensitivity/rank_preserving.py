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
def _logrank_kernel(
    order: NDArray[np.int64],
    time: NDArray[np.float64],
    event: NDArray[np.int64],
    group: NDArray[np.int64],
    stratum: NDArray[np.int64],
    strata: int,
) -> float:
    """The log-rank z of group 1, as `compare_logrank`; `order` goes from the first to the last."""
    total, distinct, before = 0.0, 0, -1.0
    for row in order:
        if time[row] > before:
            total, distinct, before = total + time[row], distinct + 1, time[row]
    tolerance = _CLOSE * max(1.0, total / distinct)
    risk, fail = np.zeros((strata, 2)), np.zeros((strata, 2))
    excess, variance, events = 0.0, 0.0, 0.0
    low = order.size - 1
    while low >= 0:
        high = low
        while low > 0 and time[order[low]] - time[order[low - 1]] <= tolerance:
            low -= 1
        for row in order[low : high + 1]:
            risk[stratum[row], group[row]] += 1.0
            fail[stratum[row], group[row]] += event[row]
        for row in order[low : high + 1]:
            layer = stratum[row]
            d = fail[layer, 0] + fail[layer, 1]
            if d > 0.0:
                n, share = risk[layer].sum(), risk[layer, 1] / risk[layer].sum()
                excess += fail[layer, 1] - d * share
                events += d
                if n > 1.0:
                    variance += d * (n - d) / (n - 1.0) * share * (1.0 - share)
                fail[layer] = 0.0
        low -= 1
    return excess / math.sqrt(variance) if 2.0 * variance > 1e-10 * events else math.nan


def _statistic_of(rows: _Rows) -> Callable[[float], float]:
    """The log-rank z of group 1 in untreated times; NaN where nothing is left to compare."""
    order, strata = np.arange(rows.time.size), int(rows.stratum.max()) + 1

    def statistic(log_factor: float) -> float:
        nonlocal order
        untreated = _untreat(rows, log_factor)
        # near the factor before the rows are nearly in order, which this kind of sort makes use of
        order = order[np.argsort(untreated.time[order], kind="stable")]
        z = _logrank_kernel(
            order, untreated.time, untreated.event, rows.group, rows.stratum, strata
        )
        return float(z)

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
    statistic = _statistic_of(rows)
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
