"""Cumulative incidence of every cause, with late entry, weights and rows clustered in patients."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_weights
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.competing.aalen_johansen import aalen_variance
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.risk_sets import add_up, find_risk_sets, sum_over_risk_sets
from equipoise.numerics.survival.survival_scales import Interval, survival_limits

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidences:
    """Incidence of causes 1 to k after each distinct time, (k, m), and who made it.

    `at_risk` (m,) and `events` (k, m) are weighted; `survival` (m,) is the share free of all
    causes. `variance` (k, m) is Aalen's, as cmprsk; None where rows have weights or clusters:
    then standard errors come from the rows' influence. Row i is at risk at the times `first[i]`
    to `last[i]`; `cluster` (n,) numbers patients from 0, `label` names them.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    incidence: Floats
    survival: Floats
    variance: Floats | None
    first: Codes
    last: Codes
    cause: Codes
    weight: Floats
    cluster: Codes
    label: NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidencesAt:
    """Incidence of each cause at chosen times with limits, (k, times); NaN where unknown."""

    at: Floats
    incidence: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LostTime:
    """Mean time lost to each cause up to a horizon, (k,): the area under its incidence."""

    horizon: float
    value: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats


def estimate_incidences(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    sampling: Sampling | None = None,
    causes: int | None = None,
) -> Incidences:
    """The cumulative incidence of each cause in one group.

    `cause` is 0 censored, else 1 to `causes` (default: to the largest seen). On one day events
    come before censorings. `sampling` names rows of one patient, weights and late entry; `robust`
    without clusters gives the infinitesimal jackknife by row, as survival::survfit.
    Source: Aalen, Johansen (1978).
    """
    rows = sampling or Sampling()
    codes = check_codes(cause, name="cause", n=np.size(time), upper=causes)
    sets = find_risk_sets(time, event=codes > 0, entry=rows.entry)
    weight = check_weights(rows.weight, n=codes.size)
    robust = rows.robust or rows.weight is not None or rows.cluster is not None
    given = np.arange(codes.size) if rows.cluster is None else np.asarray(rows.cluster)
    if given.shape != codes.shape:
        raise ValueError(f"cluster has shape {given.shape}: one label for each of {codes.size}")
    label, cluster = np.unique(given, return_inverse=True)
    count = max(int(codes.max()), 1) if causes is None else causes
    m = sets.time.size
    at_risk = sum_over_risk_sets(sets, amount=weight).at_risk
    own = codes > 0
    events = add_up(((codes - 1) * m + sets.last)[own], amount=weight[own], m=count * m).reshape(
        count, m
    )
    incidence, survival = _curves(at_risk, events)
    return Incidences(
        time=sets.time,
        at_risk=at_risk,
        events=events,
        incidence=incidence,
        survival=survival,
        variance=None if robust else _aalen(incidence, survival, at_risk, events),
        first=sets.first,
        last=sets.last,
        cause=codes,
        weight=weight,
        cluster=cluster.ravel(),
        label=label,
    )


def _curves(at_risk: Floats, events: Floats) -> tuple[Floats, Floats]:
    left = at_risk - events.sum(axis=0)
    share = np.where(left > 1e-12 * at_risk, left / at_risk, 0.0)  # nobody left is nobody
    survival = np.asarray(np.cumprod(share), dtype=np.float64)
    before = np.concatenate([[1.0], survival[:-1]])
    return np.cumsum(before * events / at_risk, axis=1), survival


def _aalen(incidence: Floats, survival: Floats, at_risk: Floats, events: Floats) -> Floats:
    before = np.concatenate([[1.0], survival[:-1]])
    others = events.sum(axis=0) - events
    return np.array(
        [
            aalen_variance(f, before=before, at_risk=at_risk, events=own, competing=other)
            for f, own, other in zip(incidence, events, others, strict=True)
        ]
    )


def _settle(curves: Incidences, slope: Floats) -> Floats:
    """What each row moves an estimate by, (n,), weighted.

    `slope` (k, m) is the estimate's derivative in the hazard step of each cause at each time.
    """
    drift = (slope * curves.events).sum(axis=0) / curves.at_risk**2
    settled = np.concatenate([[0.0], np.cumsum(drift)])
    own = np.where(
        curves.cause > 0,
        slope[curves.cause - 1, curves.last] / curves.at_risk[curves.last],
        0.0,
    )
    return np.asarray(curves.weight * (own - settled[curves.last + 1] + settled[curves.first]))


def _by_cluster(curves: Incidences, moved: Floats) -> Floats:
    return add_up(curves.cluster, amount=moved, m=curves.label.size)


def incidence_influence(curves: Incidences, *, cause: int, at: float) -> Floats:
    """How far each cluster moves the incidence of a cause at a time, (clusters,).

    The sum of squares is the infinitesimal-jackknife variance: a step of hazard at s raises the
    incidence by S(s-) for its own cause and lowers what is to come, F(t) - F(s), by 1 / (1 - all
    hazards). Source: Andersen et al. (1993), IV.4.1; Jaeckel (1972).
    """
    upto = curves.time <= at
    before = np.concatenate([[1.0], curves.survival[:-1]])
    f = curves.incidence[cause - 1]
    reached = f[upto][-1] if upto.any() else 0.0
    return _by_cluster(curves, _settle(curves, _slope(curves, cause, before, reached - f) * upto))


def _slope(curves: Incidences, cause: int, gain: Floats, loss: Floats) -> Floats:
    """`gain` (m,) for the own cause less `loss` (m,) over the share left, for every cause."""
    left = curves.at_risk - curves.events.sum(axis=0)
    some = left > 1e-12 * curves.at_risk
    lost = np.where(some, loss * curves.at_risk / np.where(some, left, 1.0), 0.0)
    slope = np.tile(-lost, (curves.events.shape[0], 1))
    slope[cause - 1] += gain
    return slope


def lost_time_influence(curves: Incidences, *, cause: int, horizon: float) -> Floats:
    """How far each cluster moves the mean time lost to a cause up to the horizon, (clusters,).

    As `incidence_influence`, integrated over time.
    """
    before = np.concatenate([[1.0], curves.survival[:-1]])
    rest = np.maximum(horizon - curves.time, 0.0)
    f = curves.incidence[cause - 1]
    width = np.diff(np.minimum(np.append(curves.time, horizon), horizon))
    later = np.cumsum((f * width)[::-1])[::-1]  # the area from each time to the horizon
    return _by_cluster(
        curves, _settle(curves, _slope(curves, cause, before * rest, later - f * rest))
    )


def _known(curves: Incidences, at: Floats) -> NDArray[np.bool_]:
    """Beyond the last time nothing is known, unless nobody is left without an event."""
    return np.asarray((at <= curves.time[-1]) | (curves.survival[-1] == 0))


def estimate_incidences_at(
    curves: Incidences,
    *,
    at: ArrayLike,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> IncidencesAt:
    """Incidence of each cause at chosen times, with standard error and limits on the scale.

    The standard error is Aalen's, or by clusters (infinitesimal jackknife) where rows are named
    or weighted. Limits are those of survival::survfit for a state: log-log is log(-log F).
    """
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("at must hold finite times, not negative")
    row = np.searchsorted(curves.time, times, side="right")
    zero = np.zeros((curves.incidence.shape[0], 1))
    known = _known(curves, times)
    f = np.where(known, np.concatenate([zero, curves.incidence], axis=1)[:, row], np.nan)
    if curves.variance is not None:
        variance = np.concatenate([zero, curves.variance], axis=1)[:, row]
    else:
        moved = [
            [np.sum(incidence_influence(curves, cause=c + 1, at=t) ** 2) for t in times]
            for c in range(f.shape[0])
        ]
        variance = np.array(moved)
    variance = np.where(known, variance, np.nan)
    square = np.where(f > 0, variance / np.where(f > 0, f, 1.0) ** 2, np.nan)
    limits = survival_limits(f, greenwood=square, interval=interval, level=level)
    return IncidencesAt(
        at=times,
        incidence=f,
        standard_error=np.sqrt(variance),
        lower=limits.lower,
        upper=limits.upper,
    )


def estimate_lost_time(curves: Incidences, *, horizon: float, level: float = 0.95) -> LostTime:
    """Mean time lost to each cause up to the horizon, with plain limits.

    NaN where the follow-up ends before the horizon. Standard errors are the infinitesimal
    jackknife, by cluster. Source: Andersen (2013).
    """
    if not (math.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be a time above 0, not {horizon}")
    count = curves.events.shape[0]
    value, error = np.full(count, math.nan), np.full(count, math.nan)
    if _known(curves, np.array([horizon]))[0]:
        width = np.diff(np.minimum(np.append(curves.time, horizon), horizon))
        value = curves.incidence @ width
        for c in range(count):
            moved = lost_time_influence(curves, cause=c + 1, horizon=horizon)
            error[c] = math.sqrt(np.sum(moved**2))
    half = normal_quantile(level) * error
    return LostTime(
        horizon=horizon,
        value=value,
        standard_error=error,
        lower=value - half,
        upper=value + half,
    )
