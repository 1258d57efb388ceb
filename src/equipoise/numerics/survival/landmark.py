"""From a landmark on: the patients still at risk, and survival given survival up to it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_times
from equipoise.numerics.survival.kaplan_meier import KaplanMeier, SurvivalAt, estimate_survival_at
from equipoise.numerics.survival.survival_scales import Interval, survival_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLandmark:
    """The rows still at risk after the landmark, and their times counted from it, both (k,)."""

    landmark: float
    row: NDArray[np.int64]
    time: NDArray[np.float64]


def select_at_landmark(time: ArrayLike, *, landmark: float) -> AtLandmark:
    """Who is without event and under observation after the landmark.

    Groups formed by what happened up to it (response, a second treatment) are then fixed at the
    new start. Whoever has the event or is censored on the day of the landmark is left out.
    ValueError where nobody is left. Source: Anderson, Cain, Gelber (1983).
    """
    times = check_times(time)
    if not (math.isfinite(landmark) and landmark >= 0):
        raise ValueError(f"landmark must be finite and not negative, not {landmark}")
    row = np.flatnonzero(times > landmark)
    if row.size == 0:
        raise ValueError(f"nobody is at risk after {landmark:g}: choose an earlier landmark")
    return AtLandmark(landmark=landmark, row=row, time=times[row] - landmark)


def estimate_conditional_survival(
    curve: KaplanMeier,
    *,
    given: float,
    at: ArrayLike,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> SurvivalAt:
    """Survival at times (not before `given`) among those who are event-free at `given`.

    The ratio of the curve's two values; its Greenwood sum is that of the events between. NaN
    where nobody is left at `given`. Weighted and clustered curves are refused, whose variance
    does not grow as a sum. Source: Andersen, Borgan, Gill, Keiding (1993) IV.3.
    """
    if curve.robust:
        raise ValueError("conditional survival is for curves without weights and clusters")
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if (times < given).any():
        raise ValueError(f"at must not lie before {given:g}")
    start = estimate_survival_at(curve, at=[given])
    found = estimate_survival_at(curve, at=times)
    left = float(start.survival[0])
    survival = found.survival / left if left > 0 else np.full(times.size, math.nan)
    with np.errstate(invalid="ignore"):
        greenwood = found.greenwood - start.greenwood
        error = survival * np.sqrt(greenwood)
    limits = survival_limits(survival, greenwood=greenwood, interval=interval, level=level)
    return SurvivalAt(
        at=times,
        at_risk=found.at_risk,
        survival=survival,
        greenwood=greenwood,
        standard_error=error,
        lower=limits.lower,
        upper=limits.upper,
    )
