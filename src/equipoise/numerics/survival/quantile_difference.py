"""Two medians (or other quantiles) compared: their difference and ratio with an interval."""

import math
from dataclasses import dataclass

from equipoise.numerics.survival.kaplan_meier import KaplanMeier, TimeQuantile, estimate_quantile
from equipoise.numerics.survival.survival_scales import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileComparison:
    """The quantile of group 1 less, and over, that of group 0; NaN where one is not reached.

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


def compare_quantiles(
    first: KaplanMeier,
    *,
    second: KaplanMeier,
    probability: float = 0.5,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> QuantileComparison:
    """How much later, and by which factor, the second group reaches this share of events.

    The limits combine the distances of the two quantiles from their own limits (on the log scale
    for the ratio), so no density is estimated; they cover somewhat more than the level in small
    groups. Source: Brookmeyer, Crowley (1982) for each; MOVER: Zou, Donner (2008), equation 9.
    """
    one, other = (
        estimate_quantile(curve, probability=probability, interval=interval, level=level)
        for curve in (first, second)
    )
    difference, lower, upper = _combine(one, other)
    ratio, ratio_lower, ratio_upper = _combine(_on_log_scale(one), _on_log_scale(other))
    return QuantileComparison(
        probability=probability,
        quantiles=(one, other),
        difference=difference,
        lower=lower,
        upper=upper,
        ratio=math.exp(ratio),
        ratio_lower=math.exp(ratio_lower),
        ratio_upper=math.exp(ratio_upper),
    )


def _combine(first: TimeQuantile, second: TimeQuantile) -> tuple[float, float, float]:
    difference = second.value - first.value
    below = math.hypot(second.value - second.lower, first.upper - first.value)
    above = math.hypot(second.upper - second.value, first.value - first.lower)
    return difference, difference - below, difference + above


def _on_log_scale(quantile: TimeQuantile) -> TimeQuantile:
    """Logarithms; NaN for a time of 0, which has no ratio."""
    value, lower, upper = (
        math.log(time) if time > 0 else math.nan
        for time in (quantile.value, quantile.lower, quantile.upper)
    )
    return TimeQuantile(value=value, lower=lower, upper=upper)
