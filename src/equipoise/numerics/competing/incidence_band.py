"""The variance of an incidence by patient at every time, and a band that holds the whole curve."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equipoise.numerics.checks import check_level
from equipoise.numerics.competing.band_draws import draw_farthest
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidences import Floats, Incidences
from equipoise.numerics.survival.survival_scales import Interval, limits_of_width

_CELLS = 1_000_000  # of clusters by times, worked on at once


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceBand:
    """Limits between which the whole incidence lies from `start` to `end`; outside NaN, (m,).

    `critical` is the number of standard errors.
    """

    start: float
    end: float
    critical: float
    lower: Floats
    upper: Floats


def _paths(curves: Incidences, cause: int) -> Iterator[tuple[slice, Floats]]:
    """How far each cluster moves the incidence at each time: blocks of shape (clusters, m).

    The running form of `incidence_influence`: sum S(s-) dm_cause - (F(t) - F(s)) R(s) dm, where
    dm is the cluster's events less those due, by one at risk, and R = 1 / (1 - all hazards).
    """
    m, size = curves.time.size, curves.at_risk
    hazard = curves.events / size
    before = np.concatenate([[1.0], curves.survival[:-1]])
    f = curves.incidence[cause - 1]
    left = 1 - hazard.sum(axis=0)
    later = np.where(left > 1e-12, 1 / np.where(left > 1e-12, left, 1.0), 0.0)
    block = max(_CELLS // m, 1)
    for low in range(0, curves.label.size, block):
        chosen = slice(low, min(low + block, curves.label.size))
        own = (curves.cluster >= chosen.start) & (curves.cluster < chosen.stop)
        code, weight = curves.cluster[own] - low, curves.weight[own]
        last, kind = curves.last[own], curves.cause[own]
        present = np.zeros((chosen.stop - low, m + 1))
        np.add.at(present, (code, curves.first[own]), weight)
        np.add.at(present, (code, last + 1), -weight)
        present = np.cumsum(present[:, :-1], axis=1)
        one, any_event = -present * hazard[cause - 1], -present * hazard.sum(axis=0)
        np.add.at(one, (code, last), weight * (kind == cause))
        np.add.at(any_event, (code, last), weight * (kind > 0))
        loss = any_event / size * later
        gained = np.cumsum(one / size * before + loss * f, axis=1)
        yield chosen, gained - f * np.cumsum(loss, axis=1)


def estimate_incidence_variance(curves: Incidences, *, cause: int = 1) -> Floats:
    """The infinitesimal-jackknife variance of the incidence by cluster at every time, (m,).

    For the limits of a whole curve; Aalen's, in `Incidences`, is for rows that are independent.
    Work and time grow with clusters times distinct times.
    """
    total = np.zeros(curves.time.size)
    for _, moved in _paths(curves, cause):
        total += np.einsum("ij,ij->j", moved, moved)
    return total


def estimate_incidence_band(
    curves: Incidences,
    *,
    cause: int = 1,
    resampling: Resampling,
    between: tuple[float, float] | None = None,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> IncidenceBand:
    """Limits that hold the whole incidence between two times with the given chance.

    By default from the first event of the cause to the last. Each cluster's path is multiplied by
    chance, again and again; the critical value is the quantile of how far a continuous path comes
    in standard errors (equal precision), as for a survival curve: draw k of B in order is the
    quantile k / (B + 1). With 2,000 draws it is right to about 0.05. ValueError where fewer than
    two event times lie between, or draws are too few. Source: Lin (1997), with clusters as in
    Spiekerman, Lin (1998); Davison, Hinkley (1997) 2.4 for the quantile.
    """
    check_level(level)
    least = math.ceil(level / (1 - level) - 1e-9)
    if resampling.replicates < least or not 0 <= resampling.seed < 2**64:
        raise ValueError(f"seed must be from 0 to 2**64 - 1 and replicates {least} or more")
    f, variance = curves.incidence[cause - 1], estimate_incidence_variance(curves, cause=cause)
    tells = (curves.events[cause - 1] > 0) & (variance > 0) & (f < 1)
    low, high = (-np.inf, np.inf) if between is None else between
    tells &= (curves.time >= low) & (curves.time <= high)
    if tells.sum() < 2:
        raise ValueError("a band needs two times with an event of the cause between its ends")
    error = np.sqrt(np.where(variance > 0, variance, 1.0))
    far = draw_farthest(curves, cause=cause, error=error, told=tells, resampling=resampling)
    critical = float(np.quantile(far, level, method="weibull"))
    start, end = curves.time[tells][[0, -1]].tolist()
    end = max(end, min(high, float(curves.time[-1]))) if between is not None else end
    covered = (curves.time >= start) & (curves.time <= end) & (variance > 0)
    width = critical * error / np.where(f > 0, f, 1.0)
    limits = limits_of_width(f, width=width, interval=interval)
    return IncidenceBand(
        start=start,
        end=end,
        critical=critical,
        lower=np.where(covered, limits.lower, np.nan),
        upper=np.where(covered, limits.upper, np.nan),
    )
