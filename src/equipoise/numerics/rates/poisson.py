"""Rates of events with exact Poisson limits, and the ratio of two."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from equipoise.numerics.shares.proportions import estimate_clopper_pearson


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Events per unit of time with their limits, each of shape (n,); NaN where there is no time."""

    value: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRatio:
    """Rate 1 over rate 0 with its exact limits; NaN where it cannot be said."""

    value: float
    lower: float
    upper: float


def estimate_rates(events: ArrayLike, *, time: ArrayLike, level: float = 0.95) -> Rates:
    """Rates with exact limits, from counts and times at risk of shape (n,).

    The limits are quantiles of the gamma distribution, half those of chi-square with 2 x and
    2 x + 2 degrees of freedom; 0 events have the lower limit 0. Source: Garwood (1936).
    """
    count = np.atleast_1d(np.asarray(events, dtype=np.float64))
    years = np.atleast_1d(np.asarray(time, dtype=np.float64))
    if count.shape != years.shape:
        raise ValueError(f"{count.size} counts and {years.size} times")
    if not (np.isfinite(count) & (count >= 0) & (count == np.floor(count))).all():
        raise ValueError("events must be counts from 0 on")
    if not (np.isfinite(years) & (years >= 0)).all():
        raise ValueError("time must be finite and not negative")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    tail = (1 - level) / 2
    least = np.where(count > 0, gammaincinv(np.maximum(count, 1), tail), 0.0)
    most = gammaincinv(count + 1, 1 - tail)
    known = np.where(years > 0, years, np.nan)
    return Rates(value=count / known, lower=least / known, upper=most / known)


def compare_rates(
    events: tuple[int, int], *, time: tuple[float, float], level: float = 0.95
) -> RateRatio:
    """The ratio of two rates, group 1 over group 0, exact given the sum of events.

    Source: Przyborowski, Wilenski (1940); the limits are those of a share (Clopper, Pearson).
    """
    if min(time) <= 0 or sum(events) == 0:
        return RateRatio(value=math.nan, lower=math.nan, upper=math.nan)
    share = estimate_clopper_pearson(events[1], n=sum(events), level=level)
    scale = time[0] / time[1]

    def odds(part: float) -> float:
        return math.inf if part >= 1 else scale * part / (1 - part)

    return RateRatio(value=odds(share.value), lower=odds(share.lower), upper=odds(share.upper))
