"""The variance of an incidence by patient at every time, and a band that holds the whole curve."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from equipoise.numerics.checks import check_level
from equipoise.numerics.competing.band_draws import draw_farthest
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidences import Codes, Floats, Incidences
from equipoise.numerics.hazards.cox_sums import add_exactly
from equipoise.numerics.survival.survival_scales import Interval, limits_of_width

_ROUNDING = 1e-14  # a variance this small against its parts is none


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """At each time, (m,): hazard of the cause and of any, survival before, 1 over what is left."""

    own: Floats
    any: Floats
    before: Floats
    later: Floats


def _steps(curves: Incidences, cause: int) -> _Steps:
    hazard = curves.events / curves.at_risk
    every = hazard.sum(axis=0)
    left = 1 - every
    return _Steps(
        own=hazard[cause - 1],
        any=every,
        before=np.concatenate([[1.0], curves.survival[:-1]]),
        later=np.where(left > 1e-12, 1 / np.where(left > 1e-12, left, 1.0), 0.0),
    )


@njit(cache=True)
def _replace_squares(
    sums: Floats, lost: Floats, place: int, cluster: Floats, change: Floats
) -> None:
    """Moves what a cluster has (a, l, b) and with it the sums of a a, a l, a b, l l, l b, b b."""
    for sign in (-1.0, 1.0):
        for i in range(3):
            for j in range(i + 1):
                at = j * (5 - j) // 2 + i
                add_exactly(sums, lost, at, sign * cluster[place, i] * cluster[place, j])
        if sign < 0.0:
            for i in range(3):
                cluster[place, i] += change[i]


@njit(cache=True)
def _variance_kernel(
    entering: Codes,
    leaving: Codes,
    first: Codes,
    last: Codes,
    kind: Codes,
    weight: Floats,
    code: Codes,
    cause: int,
    gain: Floats,
    loss: Floats,
    away: Floats,
    hazard: Floats,
    cluster: Floats,
    out: Floats,
) -> None:
    """Walks the times; a cluster moves the curve by a + b gained - away (l + b lost).

    Away is the incidence less what it comes to, b the cluster's weight at risk; `gain` and `loss`
    are what an event at a time adds to a and l. Only who comes or leaves changes his a, l and b.
    """
    sums, left_over, change = np.zeros(6), np.zeros(6), np.zeros(3)
    came, gone, gained, lost = 0, 0, 0.0, 0.0
    for t in range(out.size):
        while came < entering.size and first[entering[came]] == t:
            row = entering[came]
            change[0], change[1] = -weight[row] * gained, -weight[row] * lost
            change[2] = weight[row]
            _replace_squares(sums, left_over, code[row], cluster, change)
            came += 1
        gained -= hazard[0, t] * gain[t] + hazard[1, t] * loss[t] * away[t]
        lost -= hazard[1, t] * loss[t]
        while gone < leaving.size and last[leaving[gone]] == t:
            row = leaving[gone]
            change[0], change[1] = weight[row] * gained, weight[row] * lost
            change[2] = -weight[row]
            if kind[row] == cause:
                change[0] += weight[row] * gain[t]
            if kind[row] > 0:
                change[0] += weight[row] * loss[t] * away[t]
                change[1] += weight[row] * loss[t]
            _replace_squares(sums, left_over, code[row], cluster, change)
            gone += 1
        now = sums + left_over
        run = gained - away[t] * lost
        total = now[0] + away[t] * (away[t] * now[3] - 2.0 * now[1])
        total += run * (2.0 * (now[2] - away[t] * now[4]) + run * now[5])
        size = now[0] + away[t] ** 2 * now[3] + run**2 * now[5]
        out[t] = total if total > _ROUNDING * size else 0.0


def estimate_incidence_variance(curves: Incidences, *, cause: int = 1) -> Floats:
    """The infinitesimal-jackknife variance of the incidence by cluster at every time, (m,).

    For the limits of a whole curve; Aalen's, in `Incidences`, is for rows that are independent.
    Work grows with rows and distinct times: all clusters at risk move alike, but for their weight.
    """
    steps, f = _steps(curves, cause), curves.incidence[cause - 1]
    out = np.zeros(f.size)
    _variance_kernel(
        np.argsort(curves.first, kind="stable"), np.argsort(curves.last, kind="stable"),
        curves.first, curves.last, curves.cause, curves.weight, curves.cluster, cause,
        steps.before / curves.at_risk, steps.later / curves.at_risk, f - f[-1],
        np.stack([steps.own, steps.any]), np.zeros((curves.label.size, 3)), out,
    )  # fmt: skip
    return out


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
