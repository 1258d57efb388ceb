"""The scales on which survival is compared and its limits are symmetric."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.chi_square import normal_quantile


class Interval(Enum):
    """The scale on which an interval for survival is symmetric."""

    PLAIN = "plain"
    LOG = "log"
    LOG_LOG = "log-log"
    LOGIT = "logit"
    ARCSINE = "arcsine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Limits of a curve, shape (m,); NaN where the scale has none."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


_NOT_AT_ONE = (Interval.LOG_LOG, Interval.LOGIT, Interval.ARCSINE)


def has_scale(survival: NDArray[np.float64], *, interval: Interval) -> NDArray[np.bool_]:
    """Where the scale and its slope are defined: plain everywhere, log not at 0, others inside."""
    known = survival >= 0 if interval is Interval.PLAIN else survival > 0
    return np.asarray(known & (survival < 1) if interval in _NOT_AT_ONE else known)


def transform_survival(
    survival: NDArray[np.float64], *, greenwood: NDArray[np.float64], interval: Interval
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Survival on a scale, and its variance there by the delta method; NaN where it has none.

    Source: Klein, Logan, Harhoff, Andersen (2007), the five statistics of section 2.
    """
    known = has_scale(survival, interval=interval)
    s = np.where(known & (survival < 1), survival, 0.5)
    if interval is Interval.PLAIN:
        value, slope = survival, survival
    elif interval is Interval.LOG:
        value, slope = np.log(np.where(known, survival, 1.0)), np.ones_like(survival)
    elif interval is Interval.LOG_LOG:
        value, slope = np.log(-np.log(s)), 1 / np.log(s)
    elif interval is Interval.LOGIT:
        value, slope = np.log(s / (1 - s)), 1 / (1 - s)
    else:
        value, slope = np.arcsin(np.sqrt(s)), 0.5 * np.sqrt(s / (1 - s))
    with np.errstate(invalid="ignore"):
        variance = np.where(survival > 0, slope**2 * greenwood, 0.0)
    return np.where(known, value, np.nan), np.where(known, variance, np.nan)


def limits_of_width(
    survival: NDArray[np.float64], *, width: NDArray[np.float64], interval: Interval
) -> Band:
    """Limits of survival whose log lies `width` to either side, carried to the chosen scale."""
    inside = (survival > 0) & ((survival < 1) | (interval not in _NOT_AT_ONE))
    s = np.where(inside, survival, 0.5)
    w = np.where(inside, width, 0.0)
    if interval is Interval.PLAIN:
        lower, upper = np.maximum(s - s * w, 0.0), np.minimum(s + s * w, 1.0)
    elif interval is Interval.LOG:
        lower, upper = s * np.exp(-w), np.minimum(s * np.exp(w), 1.0)
    elif interval is Interval.LOG_LOG:
        shift = w / np.abs(np.log(s))
        with np.errstate(over="ignore"):  # a limit of 0 is meant
            lower, upper = s ** np.exp(shift), s ** np.exp(-shift)
    elif interval is Interval.LOGIT:
        shift = np.exp(-w / (1 - s))
        lower, upper = s * shift / (1 - s + s * shift), s / (s + (1 - s) * shift)
    else:
        angle, half = np.arcsin(np.sqrt(s)), 0.5 * w * np.sqrt(s / (1 - s))
        lower = np.sin(np.maximum(angle - half, 0.0)) ** 2
        upper = np.sin(np.minimum(angle + half, np.pi / 2)) ** 2
    return Band(lower=np.where(inside, lower, np.nan), upper=np.where(inside, upper, np.nan))


def survival_limits(
    survival: NDArray[np.float64],
    *,
    greenwood: NDArray[np.float64],
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> Band:
    """Limits of survival from its Greenwood sum, on the chosen scale.

    Survival 0 has no limits on any scale, survival 1 none on the log-log, logit and arcsine
    scales: NaN. Plain limits are cut at 0 and 1, log limits at 1.
    Source: Kalbfleisch, Prentice (1980) 1.3; Borgan, Liestol (1990) for logit and arcsine.
    """
    width = normal_quantile(level) * np.sqrt(greenwood)
    return limits_of_width(survival, width=width, interval=interval)
