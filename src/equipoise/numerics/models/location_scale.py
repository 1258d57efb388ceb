"""The likelihood of log T = line + scale z, with what a climb and a sandwich need of it."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.intervals.interval_times import IntervalTimes
from equipoise.numerics.models.latent_distributions import (
    CODE,
    SPREAD,
    Latent,
    chance_kernel,
    density_kernel,
)
from equipoise.numerics.models.uneven_climb import Slopes

Values = NDArray[np.float64]
Bends = tuple[float, float, float, float, float, float]
_BLOCK = 1024  # rows whose log likelihoods are added up before the others', to keep its digits


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationScale:
    """log T = x . line + scale of the stratum times z; no `scales`: the scale is 1.

    The event came after `low` and not after `high`, log times (n,) of which any may be infinite;
    it is known where they are one. `entered` is the log time of entry, with no rows where none is
    late. `x` (n, at least `columns`) holds ones, then the covariates, centred and scaled.
    """

    latent: Latent
    low: Values
    high: Values
    entered: Values
    weight: Values
    x: Values
    stratum: NDArray[np.int64]
    columns: int
    scales: int


def build_model(
    times: IntervalTimes, *, latent: Latent, x: Values, stratum: NDArray[np.int64], scales: int
) -> LocationScale:
    """The rows as log times, with all columns of `x`."""
    late = bool((times.entry > 0).any())
    with np.errstate(divide="ignore"):
        return LocationScale(
            latent=latent,
            low=np.log(times.left),
            high=np.log(times.right),
            entered=np.log(times.entry) if late else np.zeros(0),
            weight=times.weight,
            x=x,
            stratum=stratum,
            columns=x.shape[1],
            scales=scales,
        )


@njit(cache=True, error_model="numpy")
def _known_kernel(latent: int, z: float) -> Bends:
    """The log density at z; its slopes and bends along line and log scale, times the scale.

    In the order value, line, scale; line twice, line and scale, scale twice.
    """
    value, slope, bend = density_kernel(latent, z)
    line_scale = bend * z
    return value, slope, slope * z, bend, line_scale, line_scale * z


@njit(cache=True, error_model="numpy")
def _between_kernel(latent: int, a: float, b: float) -> Bends:
    """As `_known_kernel`, of the log chance to lie between two bounds, which may be infinite."""
    value, low, high, low_slope, high_slope = chance_kernel(latent, a, b)
    from_a = a if math.isfinite(a) else 0.0
    from_b = b if math.isfinite(b) else 0.0
    line, scale = high - low, from_b * high - from_a * low
    bend_a, bend_b = low * low_slope, high * high_slope
    return (
        value,
        line,
        scale,
        bend_b - bend_a - line * line,
        bend_b * from_b - bend_a * from_a - line * scale,
        bend_b * from_b * from_b - bend_a * from_a * from_a - scale * scale,
    )


@njit(cache=True, error_model="numpy")
def _sum_kernel(
    latent: int,
    line: Values,
    log_scale: Values,
    inverse: Values,
    low: Values,
    high: Values,
    entered: Values,
    weight: Values,
    x: Values,
    stratum: NDArray[np.int64],
    score: Values,
    information: Values,
    scores: Values,
) -> float:
    """Adds up score and information of line and log scales; returns the log likelihood.

    z is (log t - line) / scale. `scores` (n, parameters) takes each row's share of the score where
    it has rows. -inf where a sum is not finite. Source: Kalbfleisch, Prentice (2002) 3.4.
    """
    q, size = line.size, score.size
    total, some = 0.0, 0.0
    for i in range(weight.size):
        own = stratum[i] if log_scale.size > 1 else 0
        inv, w, at = inverse[own], weight[i], 0.0
        for j in range(q):
            at += x[i, j] * line[j]
        known = low[i] == high[i]
        if known:
            value, by_line, by_scale, ll, ls, ss = _known_kernel(latent, (low[i] - at) * inv)
            value -= log_scale[own] + low[i]
        else:
            value, by_line, by_scale, ll, ls, ss = _between_kernel(
                latent, (low[i] - at) * inv, (high[i] - at) * inv
            )
        if entered.size > 0 and entered[i] > -math.inf:  # given that it came so far
            gone = _between_kernel(latent, (entered[i] - at) * inv, math.inf)
            value -= gone[0]
            by_line, by_scale = by_line - gone[1], by_scale - gone[2]
            ll, ls, ss = ll - gone[3], ls - gone[4], ss - gone[5]
        some += w * value
        if i % _BLOCK == _BLOCK - 1:
            total, some = total + some, 0.0
        slope, bend = -w * by_line * inv, -w * ll * inv * inv
        slope_scale, cross = -w * (by_scale + known), -w * (ls + by_line) * inv
        for j in range(q):
            one = x[i, j]
            share = bend * one
            score[j] += slope * one
            for k in range(j + 1):
                information[j, k] += share * x[i, k]
            if size > q:
                information[q + own, j] += cross * one
        if size > q:
            score[q + own] += slope_scale
            information[q + own, q + own] -= w * (ss + by_scale)
        if scores.size > 0:
            for j in range(q):
                scores[i, j] = slope * x[i, j]
            if size > q:
                scores[i, q + own] = slope_scale
    total += some
    checked = total
    for j in range(size):
        checked += score[j]
        for k in range(j):
            checked += information[j, k]
            information[k, j] = information[j, k]
        checked += information[j, j]
    return total if math.isfinite(checked) else -math.inf


def _sum(model: LocationScale, parameters: Values, scores: Values) -> Slopes:
    size = model.columns + model.scales
    score, information = np.zeros(size), np.zeros((size, size))
    log_scale = parameters[model.columns :] if model.scales else np.zeros(1)
    with np.errstate(over="ignore"):
        inverse = np.exp(-log_scale)
    value = _sum_kernel(
        CODE[model.latent],
        parameters[: model.columns],
        log_scale,
        inverse,
        model.low,
        model.high,
        model.entered,
        model.weight,
        model.x,
        model.stratum,
        score,
        information,
        scores,
    )
    return Slopes(value=value, score=score, information=information)


def sum_slopes(model: LocationScale, *, parameters: Values) -> Slopes:
    """The slopes of the log likelihood over all rows; a value of -inf where one is not finite."""
    return _sum(model, parameters, np.zeros((0, 0)))


def row_scores(model: LocationScale, *, parameters: Values) -> Values:
    """Each row's share of the score, weights in, shape (n, parameters)."""
    scores = np.zeros((model.weight.size, model.columns + model.scales))
    _sum(model, parameters, scores)
    return scores


def _middle(times: IntervalTimes) -> Values:
    """A log time for each row to start from: the middle of its bounds, else its left one."""
    bounded = np.isfinite(times.right)
    middle = np.where(bounded, (times.left + np.where(bounded, times.right, 0.0)) / 2, times.left)
    least = float(middle[middle > 0].min()) if (middle > 0).any() else 1.0
    return np.log(np.maximum(middle, least))


def start_of(times: IntervalTimes, *, latent: Latent, scales: int) -> Values:
    """The line level, the scale that of the log times; the line is the best for it if in closed
    form: for hazards exp(line / scale) is the sum of t^(1 / scale) over the number of events.
    """
    middle, weight = _middle(times), times.weight
    rows = float(weight.sum())
    centre = float(weight @ middle) / rows
    middle -= centre
    spread = math.sqrt(float(weight @ middle**2) / rows)
    scale = max(spread / SPREAD[latent], 0.1) if scales else 1.0
    start = np.full(1 + scales, math.log(scale))
    start[0] = centre
    events = float(weight[np.isfinite(times.right)].sum())
    if latent is Latent.HAZARD and events > 0:
        start[0] += scale * math.log(float(weight @ np.exp(middle / scale)) / events)
    return start
