"""Mean time without event up to a horizon where rows count by weights: two groups compared."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_times, check_weights, sum_by_cluster
from equipoise.numerics.chi_square import normal_quantile, two_sided_p
from equipoise.numerics.risk_sets import count_rows, find_risk_sets, sum_over_risk_sets

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedRmst:
    """The mean of each group, and that of group 1 less group 0 with its interval of 95 %.

    NaN where the follow-up of a group ends before the horizon, as `message` tells.
    """

    horizon: float
    value: tuple[float, float]
    standard_error: tuple[float, float]
    difference: float
    difference_error: float
    lower: float
    upper: float
    p_value: float
    message: str


def compare_weighted_rmst(
    time: ArrayLike,
    *,
    event: ArrayLike,
    group: ArrayLike,
    weight: ArrayLike,
    horizon: float,
    cluster: ArrayLike | None = None,
) -> WeightedRmst:
    """How much longer group 1 stays without event, each row counting by its weight.

    For inverse probabilities: their variance is the infinitesimal jackknife's over rows, or over
    clusters, which may have rows of both groups; weights count as known. ValueError where a group
    is missing. Source: Therneau, Grambsch (2000) 7.2; the derivative of the area under the curve.
    """
    if not (math.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be finite and above 0, not {horizon}")
    times = check_times(time)
    n = times.size
    groups = check_codes(group, name="group", n=n, upper=1)
    events = check_codes(event, name="event", n=n, upper=1)
    weights = check_weights(weight, n=n)
    values, moved, message = [], np.zeros((n, 2)), ""
    for arm in (0, 1):
        own = np.flatnonzero(groups == arm)
        value, moved[own, arm] = _find_mean(times[own], events[own], weights[own], horizon)
        values.append(value)
        if math.isnan(value) and not message:
            message = f"the follow-up of group {arm} ends before the horizon"
    summed = sum_by_cluster(moved, cluster=cluster)
    errors = np.sqrt(np.sum(summed**2, axis=0))
    difference = values[1] - values[0]
    error = math.sqrt(float(np.sum((summed[:, 1] - summed[:, 0]) ** 2)))
    width = normal_quantile(0.95) * error
    return WeightedRmst(
        horizon=horizon,
        value=(values[0], values[1]),
        standard_error=(float(errors[0]), float(errors[1])),
        difference=difference,
        difference_error=error,
        lower=difference - width,
        upper=difference + width,
        p_value=two_sided_p(difference / error) if error > 0 else math.nan,
        message=message,
    )


def _find_mean(
    time: FloatArray, event: NDArray[np.int64], weight: FloatArray, horizon: float
) -> tuple[float, FloatArray]:
    """The area under the curve, and for each row its weight times what a unit of it moves."""
    sets = find_risk_sets(time, event=event)
    counts, total = count_rows(sets), sum_over_risk_sets(sets, amount=weight)
    over = counts.at_risk == counts.events  # exactly 0, whatever the weights add up to
    left = np.where(over, 0.0, total.at_risk - total.events)
    survival = np.cumprod(left / total.at_risk)
    if horizon > sets.time[-1] and not over[-1]:
        return math.nan, np.full(time.size, math.nan)
    m = int(np.searchsorted(sets.time, horizon, side="left"))
    steps = np.diff(np.r_[0.0, sets.time[:m], horizon])
    ahead = np.r_[np.cumsum((steps[1:] * survival[:m])[::-1])[::-1], 0.0]
    per_left = np.where(left > 0, 1 / np.where(left > 0, left, 1.0), 0.0)[:m]
    jump = np.r_[per_left * ahead[:m], 0.0]
    drift = np.cumsum(jump[:m] * (total.events / total.at_risk)[:m])
    place = np.minimum(sets.last, m)
    grown = np.r_[drift, drift[-1] if m else 0.0]
    return float(steps[0] + ahead[0]), weight * (grown[place] - event * jump[place])
