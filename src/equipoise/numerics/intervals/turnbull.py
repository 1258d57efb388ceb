"""Survival of rows known only between two bounds, without a model (Turnbull)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.intervals.interval_hazard import NOBODY, IntervalRows, fit_settled_hazard
from equipoise.numerics.intervals.interval_times import Innermost, IntervalTimes, find_innermost

_FLAT = 2.0**-26  # a survival this close to the quantile's level lies on it, as for Kaplan-Meier


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnbull:
    """The masses on the innermost intervals that have any, shape (m,), in order.

    The event falls with probability `mass` after `left` and not later than `right` (equal: at
    that time; infinite: never seen to the end); where inside, the data do not say. `survival` is
    what is left after each. `missed` bounds how far the log likelihood lies below the largest (NaN
    where rows enter late).
    """

    n: int
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    mass: NDArray[np.float64]
    survival: NDArray[np.float64]
    log_likelihood: float
    missed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundedSurvival:
    """Survival at chosen times, shape (k,): `lower` and `upper` are equal where it is determined.

    `survival` runs straight between them inside an innermost interval; NaN after the last left
    bound, where the last mass lies anywhere.
    """

    at: NDArray[np.float64]
    survival: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundedQuantile:
    """A quantile that lies anywhere from `earliest` to `latest`; `value` if mass is even between.

    `latest` is infinite, `value` NaN where only the mass never seen reaches it.
    """

    value: float
    earliest: float
    latest: float


def interval_rows(times: IntervalTimes, *, innermost: Innermost) -> IntervalRows:
    """The rows between the nodes of the cumulative hazard, one after each innermost interval.

    After them once more those that enter late, with the weight below 0: the chance of a row is
    over that to be without event at its entry.
    """
    late, end = times.entry > 0, innermost.left.size
    return IntervalRows(
        low=np.concatenate([innermost.first, innermost.entered[late]]),
        high=np.concatenate([innermost.beyond, np.full(late.sum(), end)]),
        weight=np.concatenate([times.weight, -times.weight[late]]),
        risk=np.ones(times.left.size + int(late.sum())),
        nodes=end,
    )


def _together(
    rows: IntervalRows, innermost: Innermost
) -> tuple[IntervalRows, NDArray[np.float64], NDArray[np.float64]]:
    """Rows over the same innermost intervals as one row of their weight, and the bounds of these.

    Where one row enters when another was last seen they cancel: if no more begins or ends there,
    nothing tells the masses before and after it apart, and their intervals are one.
    """
    keys, place = np.unique(rows.low * (rows.nodes + 1) + rows.high, return_inverse=True)
    weight = np.bincount(place, weights=rows.weight).astype(np.float64)
    low = np.where(weight == 0, 0, keys // (rows.nodes + 1))
    high = np.where(weight == 0, rows.nodes, keys % (rows.nodes + 1))
    nodes = np.unique(np.r_[0, low, high, rows.nodes])
    together = IntervalRows(
        low=np.searchsorted(nodes, low),
        high=np.searchsorted(nodes, high),
        weight=weight,
        risk=np.ones(keys.size),
        nodes=nodes.size - 1,
    )
    return together, innermost.left[nodes[:-1]], innermost.right[nodes[1:] - 1]


def _missed(rows: IntervalRows, hazard: NDArray[np.float64]) -> float:
    """Bound on the likelihood missed: weight times the largest excess of the slope of a mass.

    By concavity, log L* - log L <= sum w (max_j d_j - 1) with d_j the mean of 1 / P(row) over the
    rows that cover j. Source: Gentleman, Geyer (1994), eq. 3.
    """
    with np.errstate(invalid="ignore"):
        part = -np.expm1(hazard[rows.low] - hazard[rows.high])
    pull = rows.weight / (np.exp(-hazard[rows.low]) * part)
    change = np.bincount(rows.low, weights=pull, minlength=rows.nodes + 1)
    change -= np.bincount(rows.high, weights=pull, minlength=rows.nodes + 1)
    return float(max(np.cumsum(change)[:-1].max() - rows.weight.sum(), 0.0))


def estimate_turnbull(times: IntervalTimes) -> Turnbull:
    """The survival of one group that makes its bounds most likely, at rest on few intervals.

    Without late entry the masses are unique: every innermost interval ends at the right bound of
    a row that begins not after it. Rows known exactly or never seen alone give Kaplan-Meier. No
    standard error is given: the curve converges slower than root n and has no normal limit.

    Rows that enter late tell of what follows their entry; the curve is that of whoever had no
    event before the first entry. Where all at risk have had it before others enter, it is 0 from
    there on, as Kaplan-Meier: begin later. Intervals that entries leave untold apart are one.
    ValueError where the likelihood could not be climbed to its top.
    Source: Peto (1973); Turnbull (1976); Gentleman, Geyer (1994); Frydman (1994) for late entry.
    """
    innermost = find_innermost(times)
    rows, left, right = _together(interval_rows(times, innermost=innermost), innermost)
    fit = fit_settled_hazard(rows)
    survival = np.where(fit.hazard < NOBODY, np.exp(-fit.hazard), 0.0)
    mass = survival[:-1] * -np.expm1(-np.diff(fit.hazard))
    there = mass > 0
    return Turnbull(
        n=times.left.size,
        left=left[there],
        right=right[there],
        mass=mass[there],
        survival=survival[1:][there],
        log_likelihood=fit.log_likelihood,
        missed=math.nan if (times.entry > 0).any() else _missed(rows, fit.hazard),
    )


def estimate_turnbull_at(curve: Turnbull, *, at: ArrayLike) -> BoundedSurvival:
    """Survival at chosen times, with the bounds between which any value is as likely.

    Time t counts the events up to t, t included.
    """
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("at must hold finite times, not negative")
    level = np.r_[1.0, curve.survival]
    ended = np.searchsorted(curve.right, times, side="right")
    exact = curve.left == curve.right
    begin = np.where(exact, np.nextafter(curve.left, -np.inf), curve.left)
    begun = np.searchsorted(begin, times, side="left")
    lower, upper = level[begun], level[ended]
    inside = np.minimum(ended, curve.left.size - 1)
    width = curve.right[inside] - curve.left[inside]
    share = (times - curve.left[inside]) / np.where(exact[inside], 1.0, width)
    survival = np.where(begun > ended, upper + (lower - upper) * share, upper)
    unknown = (begun > ended) & np.isinf(width)
    return BoundedSurvival(
        at=times, survival=np.where(unknown, np.nan, survival), lower=lower, upper=upper
    )


def _first_at_or_below(
    time: NDArray[np.float64], values: NDArray[np.float64], target: float
) -> float:
    """When a curve that falls to `values` at `time` reaches the target; mid of a flat part."""
    place = int(np.argmax(values < target + _FLAT))
    flat = abs(values[place] - target) < _FLAT and place + 1 < time.size
    return float((time[place] + time[place + 1]) / 2 if flat else time[place])


def estimate_turnbull_quantile(curve: Turnbull, *, probability: float = 0.5) -> BoundedQuantile:
    """The time by which this share of patients has had the event (the median for 0.5).

    Where the curve runs flat exactly on the level, the middle of the flat part is taken.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    target = 1 - probability
    earliest = _first_at_or_below(curve.left, curve.survival, target)
    latest = _first_at_or_below(curve.right, curve.survival, target)
    place = int(np.argmax(curve.survival < target + _FLAT))
    before = np.r_[1.0, curve.survival][place]
    share = min((before - target) / curve.mass[place], 1.0)
    value = (1 - share) * curve.left[place] + share * curve.right[place] if share < 1 else latest
    if abs(curve.survival[place] - target) < _FLAT:
        value = (earliest + latest) / 2
    return BoundedQuantile(
        value=float(value) if math.isfinite(value) else math.nan, earliest=earliest, latest=latest
    )
