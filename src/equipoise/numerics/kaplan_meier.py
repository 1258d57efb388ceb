"""Survival by product limit, with its intervals and quantiles."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.event_counts import count_events

_FLAT = 2.0**-26  # a survival this close to the quantile's level lies on it (R survival 3)


class Interval(Enum):
    """The scale on which an interval for survival is symmetric."""

    PLAIN = "plain"
    LOG = "log"
    LOG_LOG = "log-log"


@dataclass(frozen=True, slots=True, kw_only=True)
class KaplanMeier:
    """Survival after each distinct time, shape (m,); `n` rows, `n_events` events.

    `greenwood` is the running sum of d/(n(n-d)), infinite once survival is 0; `at_risk` counts
    those at risk just before the time.
    """

    n: int
    n_events: int
    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    censored: NDArray[np.int64]
    survival: NDArray[np.float64]
    greenwood: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalAt:
    """Survival at chosen times, shape (k,); NaN where it cannot be estimated."""

    at: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    survival: NDArray[np.float64]
    greenwood: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Pointwise limits of a curve, shape (m,); NaN where the scale has none."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeQuantile:
    """A quantile of the time to event with its interval; NaN where it is not reached."""

    value: float
    lower: float
    upper: float


def estimate_kaplan_meier(time: ArrayLike, *, event: ArrayLike) -> KaplanMeier:
    """The product-limit survival of one group of patients.

    Give `event` flipped (1 - event) for the follow-up by reverse Kaplan-Meier.
    Source: Kaplan, Meier (1958); Greenwood (1926).
    """
    counts = count_events(time, cause=event)
    events = counts.events[0]
    left = counts.at_risk - events
    with np.errstate(divide="ignore"):
        terms = np.where(events > 0, events / (counts.at_risk * left.astype(np.float64)), 0.0)
    return KaplanMeier(
        n=int(counts.at_risk[0]),
        n_events=int(events.sum()),
        time=counts.time,
        at_risk=counts.at_risk,
        events=events,
        censored=counts.censored,
        survival=np.cumprod(left / counts.at_risk),
        greenwood=np.cumsum(terms),
    )


def survival_limits(
    survival: NDArray[np.float64],
    *,
    greenwood: NDArray[np.float64],
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> Band:
    """Limits of survival from its Greenwood sum, on the chosen scale.

    Survival 0 has no limits on any scale, survival 1 none on the log-log scale: NaN.
    Plain limits are cut at 0 and 1, log limits at 1. Source: Kalbfleisch, Prentice (1980) 1.3.
    """
    width = normal_quantile(level) * np.sqrt(greenwood)
    inside = (survival > 0) & ((survival < 1) | (interval is not Interval.LOG_LOG))
    s = np.where(inside, survival, 0.5)
    w = np.where(inside, width, 0.0)
    if interval is Interval.PLAIN:
        lower, upper = np.maximum(s - s * w, 0.0), np.minimum(s + s * w, 1.0)
    elif interval is Interval.LOG:
        lower, upper = s * np.exp(-w), np.minimum(s * np.exp(w), 1.0)
    else:
        shift = w / np.abs(np.log(s))
        with np.errstate(over="ignore"):  # a limit of 0 is meant
            lower, upper = s ** np.exp(shift), s ** np.exp(-shift)
    return Band(lower=np.where(inside, lower, np.nan), upper=np.where(inside, upper, np.nan))


def estimate_band(
    curve: KaplanMeier, *, interval: Interval = Interval.LOG_LOG, level: float = 0.95
) -> Band:
    """The pointwise limits of the whole curve, at each of its times."""
    return survival_limits(
        curve.survival, greenwood=curve.greenwood, interval=interval, level=level
    )


def estimate_survival_at(
    curve: KaplanMeier,
    *,
    at: ArrayLike,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> SurvivalAt:
    """Survival, standard error and limits at chosen times.

    Beyond the last observed time survival is 0 if it has reached 0, else unknown: NaN.
    """
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("at must hold finite times, not negative")
    row = np.searchsorted(curve.time, times, side="right")
    survival = np.r_[1.0, curve.survival][row]
    greenwood = np.r_[0.0, curve.greenwood][row]
    unknown = (times > curve.time[-1]) & (survival > 0)
    survival = np.where(unknown, np.nan, survival)
    greenwood = np.where(unknown, np.nan, greenwood)
    limits = survival_limits(survival, greenwood=greenwood, interval=interval, level=level)
    with np.errstate(invalid="ignore"):
        standard_error = survival * np.sqrt(greenwood)
    at_risk = np.r_[curve.at_risk, 0][np.searchsorted(curve.time, times, side="left")]
    return SurvivalAt(
        at=times,
        at_risk=at_risk,
        survival=survival,
        greenwood=greenwood,
        standard_error=standard_error,
        lower=limits.lower,
        upper=limits.upper,
    )


def _first_time_at_or_below(
    time: NDArray[np.float64], values: NDArray[np.float64], target: float
) -> float:
    """The time at which a falling curve reaches the target; the middle of a flat part on it."""
    with np.errstate(invalid="ignore"):
        reached = values < target + _FLAT
    if not reached.any():
        return math.nan
    time, values = time[reached], values[reached]
    later = values < values[0]
    if abs(values[0] - target) < _FLAT and later.any():
        return float((time[0] + time[np.argmax(later)]) / 2)
    return float(time[0])


def estimate_quantile(
    curve: KaplanMeier,
    *,
    probability: float = 0.5,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> TimeQuantile:
    """The time by which this share of patients has had the event (the median for 0.5).

    A limit is where a limit of the curve crosses the level. Where the curve runs flat exactly at
    it, the middle of the flat part is taken; a flat part with no drop behind it counts from its
    start, as R's print and summary have it. Source: Brookmeyer, Crowley (1982), on that scale.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    band = estimate_band(curve, interval=interval, level=level)
    target = 1 - probability
    return TimeQuantile(
        value=_first_time_at_or_below(curve.time, curve.survival, target),
        lower=_first_time_at_or_below(curve.time, band.lower, target),
        upper=_first_time_at_or_below(curve.time, band.upper, target),
    )
