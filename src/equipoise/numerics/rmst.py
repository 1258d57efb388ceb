"""Restricted mean survival time: the area under the survival curve up to a horizon."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.kaplan_meier import KaplanMeier, estimate_kaplan_meier


@dataclass(frozen=True, slots=True, kw_only=True)
class Rmst:
    """Mean event-free time up to the horizon, with its standard error and interval.

    `complete` is false where the curve ends, above 0, before the horizon: then all are NaN.
    """

    horizon: float
    value: float
    standard_error: float
    lower: float
    upper: float
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RmstComparison:
    """Group 1 less group 0: the difference in mean event-free time, and the ratio."""

    groups: tuple[Rmst, Rmst]
    difference: float
    standard_error: float
    lower: float
    upper: float
    z: float
    p_value: float
    ratio: float
    ratio_lower: float
    ratio_upper: float


def estimate_rmst(curve: KaplanMeier, *, horizon: float, level: float = 0.95) -> Rmst:
    """Mean time without event up to the horizon.

    Variance: sum over event times of (area from there to the horizon) squared times d/(n(n-d)).
    Source: Klein, Moeschberger, Survival analysis, equation 4.4.4 of the first edition.
    """
    if not (math.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be finite and above 0, not {horizon}")
    if horizon > curve.time[-1] and curve.survival[-1] > 0:
        nan = math.nan
        return Rmst(
            horizon=horizon, value=nan, standard_error=nan, lower=nan, upper=nan, complete=False
        )
    before = curve.time < horizon
    steps = np.diff(np.r_[0.0, curve.time[before], horizon])
    rectangles = steps * np.r_[1.0, curve.survival[before]]
    remaining = np.cumsum(rectangles[::-1])[::-1][1:]
    terms = np.diff(np.r_[0.0, curve.greenwood[before & (curve.survival > 0)]])
    variance = float(np.sum(remaining[: terms.size] ** 2 * terms))
    value, standard_error = float(rectangles.sum()), math.sqrt(variance)
    width = normal_quantile(level) * standard_error
    return Rmst(
        horizon=horizon,
        value=value,
        standard_error=standard_error,
        lower=value - width,
        upper=value + width,
        complete=True,
    )


def compare_rmst(
    time: ArrayLike, *, event: ArrayLike, group: ArrayLike, horizon: float, level: float = 0.95
) -> RmstComparison:
    """How much longer group 1 stays without event than group 0, up to the horizon.

    `group` holds 0 and 1, both present (else ValueError). NaN where a curve ends before the
    horizon, and p where neither group has variance. The ratio's interval is symmetric on the log
    scale. Source: Uno et al. (2014).
    """
    times, events, codes = np.asarray(time), np.asarray(event), np.asarray(group)
    groups = tuple(
        estimate_rmst(
            estimate_kaplan_meier(times[codes == code], event=events[codes == code]),
            horizon=horizon,
            level=level,
        )
        for code in (0, 1)
    )
    first, second = groups
    difference = second.value - first.value
    standard_error = math.hypot(first.standard_error, second.standard_error)
    z = difference / standard_error if standard_error > 0 else math.nan
    width = normal_quantile(level)
    # everybody fails on day 0: no ratio to a mean of 0
    known = first.value > 0 and second.value > 0
    ratio = second.value / first.value if known else math.nan
    relative = (
        math.hypot(first.standard_error / first.value, second.standard_error / second.value)
        if known
        else math.nan
    )
    return RmstComparison(
        groups=(first, second),
        difference=difference,
        standard_error=standard_error,
        lower=difference - width * standard_error,
        upper=difference + width * standard_error,
        z=z,
        p_value=float(2 * ndtr(-abs(z))),
        ratio=ratio,
        ratio_lower=ratio * math.exp(-width * relative),
        ratio_upper=ratio * math.exp(width * relative),
    )
