"""Two medians (or other quantiles) compared: their difference and ratio with an interval."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.kaplan_meier import KaplanMeier, TimeQuantile, estimate_quantile
from equipoise.numerics.survival_scales import Interval, transform_survival

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileComparison:
    """The quantile of group 1 less, and over, that of group 0; NaN where it is not known.

    A limit is NaN where the data set none, as when a curve does not fall far enough.
    """

    probability: float
    quantiles: tuple[TimeQuantile, TimeQuantile]
    difference: float
    lower: float
    upper: float
    ratio: float
    ratio_lower: float
    ratio_upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """The steps of a curve that may hold the quantile: from, to, squared distance in errors."""

    begin: FloatArray
    end: FloatArray
    distance: FloatArray


def compare_quantiles(
    first: KaplanMeier,
    *,
    second: KaplanMeier,
    probability: float = 0.5,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> QuantileComparison:
    """How much later, and by which factor, the second group reaches this share of events.

    The interval holds every difference that is between two times at which the summed squared
    distances of both curves from the level, in standard errors on the scale `interval`, stay
    below the chi-square quantile on one degree of freedom: no density is estimated. For one
    curve that is Brookmeyer and Crowley's interval. Source: Su, Wei (1993).
    """
    curves = (first, second)
    quantiles = tuple(
        estimate_quantile(curve, probability=probability, interval=interval, level=level)
        for curve in curves
    )
    bound = normal_quantile(level) ** 2
    one, other = (_find_steps(curve, 1 - probability, interval, bound) for curve in curves)
    difference = _reach(one, other, bound)
    ratio = _reach(_on_log_scale(one), _on_log_scale(other), bound)
    values = (quantiles[0].value, quantiles[1].value)
    return QuantileComparison(
        probability=probability,
        quantiles=(quantiles[0], quantiles[1]),
        difference=values[1] - values[0],
        lower=difference[0],
        upper=difference[1],
        ratio=values[1] / values[0] if values[0] > 0 else math.nan,
        ratio_lower=math.exp(ratio[0]),
        ratio_upper=math.exp(ratio[1]),
    )


def _find_steps(curve: KaplanMeier, target: float, interval: Interval, bound: float) -> _Steps:
    """Those nearer than the bound; a curve at 0 is as far as just before, at 1 it is too far."""
    value, variance = transform_survival(
        curve.survival, greenwood=curve.greenwood, interval=interval
    )
    goal, _ = transform_survival(np.array([target]), greenwood=np.zeros(1), interval=interval)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (value - goal[0]) ** 2 / variance
    distance[curve.survival == 1] = math.inf
    ended = np.flatnonzero(curve.survival == 0)
    if ended.size:
        distance[ended] = distance[ended[0] - 1] if ended[0] > 0 else math.inf
    near = distance <= bound
    return _Steps(
        begin=curve.time[near],
        end=np.r_[curve.time[1:], math.inf][near],
        distance=distance[near],
    )


def _on_log_scale(steps: _Steps) -> _Steps:
    with np.errstate(divide="ignore"):
        return _Steps(begin=np.log(steps.begin), end=np.log(steps.end), distance=steps.distance)


def _reach(first: _Steps, second: _Steps, bound: float) -> tuple[float, float]:
    """The least and the largest difference between steps whose distances add up to the bound."""
    order = np.argsort(second.distance, kind="stable")
    count = np.searchsorted(second.distance[order], bound - first.distance, side="right")
    paired = count > 0
    if not paired.any():
        return math.nan, math.nan
    last = count[paired] - 1
    least = np.minimum.accumulate(second.begin[order])[last] - first.end[paired]
    most = np.maximum.accumulate(second.end[order])[last] - first.begin[paired]
    low, high = float(least.min()), float(most.max())
    return low if math.isfinite(low) else math.nan, high if math.isfinite(high) else math.nan
