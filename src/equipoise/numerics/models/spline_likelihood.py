"""The likelihood of z(log t) = spline + effects, with what a climb and a sandwich need of it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.intervals.interval_times import IntervalTimes
from equipoise.numerics.models.latent_distributions import (
    Chance,
    Latent,
    chance_between,
    density_at,
)
from equipoise.numerics.models.uneven_climb import Slopes

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplineDesign:
    """The knots (log times) of the curve and of the effects that change, and which do."""

    knots: Values
    varying_knots: Values
    varying: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplineRows:
    """The rows as designs of z: known times with slopes, one bound, pairs of bounds.

    Designs are orthogonal: those of the coefficients times the inverse of `triangle`. Late
    entries stand among those `beyond` a bound with a weight below 0. Of those `between` two, a
    lower bound at 0 has a row of zeros and stands in `at_zero`.
    """

    latent: Latent
    columns: int
    triangle: Values
    known: NDArray[np.intp]
    known_weight: Values
    log_time: Values
    at_known: Values
    slope_known: Values
    beyond: NDArray[np.intp]
    beyond_weight: Values
    at_beyond: Values
    between: NDArray[np.intp]
    between_weight: Values
    at_left: Values
    at_right: Values
    at_zero: NDArray[np.bool_]


def _bends(log_time: Values, knots: Values, power: int) -> list[Values]:
    """For each inner knot the (power)th powers above it, less what makes it straight at the end."""
    first, last = knots[0], knots[-1]
    above = [np.maximum(log_time - knot, 0.0) for knot in knots.tolist()]
    above = [one * one * one if power == 3 else one * one for one in above]
    shares = ((last - knots) / (last - first)).tolist()
    return [
        own - share * above[0] - (1 - share) * above[-1]
        for own, share in zip(above[1:-1], shares[1:-1], strict=True)
    ]


def natural_spline(log_time: Values, *, knots: Values) -> Values:
    """Log time and one column for each inner knot, shape (n, knots - 1).

    Straight beyond the outer knots. Source: Royston, Parmar (2002), section 2.3.
    """
    return np.stack([log_time, *_bends(log_time, knots, 3)], axis=1)


def natural_spline_slopes(log_time: Values, *, knots: Values) -> Values:
    """The slopes of `natural_spline` by log time."""
    bends = [3 * bend for bend in _bends(log_time, knots, 2)]
    return np.stack([np.ones_like(log_time), *bends], axis=1)


def spread_design(log_time: Values, *, x: Values, design: SplineDesign) -> Values:
    """The columns of z at log times for covariates x (n, p)."""
    spline = natural_spline(log_time, knots=design.knots)
    parts = [np.ones((log_time.size, 1)), spline, x]
    if design.varying:
        change = natural_spline(log_time, knots=design.varying_knots)
        parts += [x[:, [column]] * change for column in design.varying]
    return np.concatenate(parts, axis=1)


def spread_slopes(log_time: Values, *, x: Values, design: SplineDesign) -> Values:
    """The slopes of `spread_design` by log time."""
    spline = natural_spline_slopes(log_time, knots=design.knots)
    parts = [np.zeros((log_time.size, 1)), spline, np.zeros_like(x)]
    if design.varying:
        change = natural_spline_slopes(log_time, knots=design.varying_knots)
        parts += [x[:, [column]] * change for column in design.varying]
    return np.concatenate(parts, axis=1)


def _triangle(*designs: Values) -> Values:
    """What makes the designs orthogonal; ValueError for columns that are collinear."""
    triangle = np.asarray(np.linalg.qr(np.vstack(designs), mode="r"), dtype=np.float64)
    size = np.abs(np.diag(triangle))
    if triangle.shape[0] < triangle.shape[1] or size.min() < 1e-9 * size.max():
        raise ValueError("the rows are too few or too alike for so many coefficients: use fewer")
    return triangle


def build_rows(
    times: IntervalTimes, *, x: Values, design: SplineDesign, latent: Latent
) -> SplineRows:
    """The designs of all rows; ValueError for columns that are collinear."""
    exact, never = times.left == times.right, np.isinf(times.right)
    known, between = np.flatnonzero(exact), np.flatnonzero(~(exact | never))
    censored, late = np.flatnonzero(never & (times.left > 0)), np.flatnonzero(times.entry > 0)
    beyond = np.r_[censored, late]

    def at(time: Values, rows: NDArray[np.intp]) -> Values:
        return spread_design(np.log(time), x=x[rows], design=design)

    left = times.left[between]
    at_zero = left == 0
    at_known, at_right = at(times.left[known], known), at(times.right[between], between)
    at_left = at(np.where(at_zero, 1.0, left), between) * ~at_zero[:, None]
    at_beyond = at(np.r_[times.left[censored], times.entry[late]], beyond)
    triangle = _triangle(at_known, at_beyond[: censored.size], at_left, at_right)
    inverse, log_time = np.linalg.inv(triangle), np.log(times.left[known])
    return SplineRows(
        latent=latent,
        columns=triangle.shape[1],
        triangle=triangle,
        known=known,
        known_weight=times.weight[known],
        log_time=log_time,
        at_known=at_known @ inverse,
        slope_known=spread_slopes(log_time, x=x[known], design=design) @ inverse,
        beyond=beyond,
        beyond_weight=np.r_[times.weight[censored], -times.weight[late]],
        at_beyond=at_beyond @ inverse,
        between=between,
        between_weight=times.weight[between],
        at_left=at_left @ inverse,
        at_right=at_right @ inverse,
        at_zero=at_zero,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """The log likelihood of some rows, its slope and second derivative."""

    value: float
    slope: Values
    bend: Values


def _cross(design: Values, weight: Values, other: Values) -> Values:
    return np.asarray((design.T * weight) @ other)


def _sum_known(rows: SplineRows, parameters: Values, slope: Values) -> _Sums:
    """At known times, where the curve rises by `slope`."""
    at, weight = density_at(rows.at_known @ parameters, latent=rows.latent), rows.known_weight
    own = weight / slope
    bend = _cross(rows.at_known, weight * at.bend, rows.at_known)
    return _Sums(
        value=float(weight @ (at.log_density + np.log(slope) - rows.log_time)),
        slope=(weight * at.slope) @ rows.at_known + own @ rows.slope_known,
        bend=bend - _cross(rows.slope_known, own / slope, rows.slope_known),
    )


def _sum_beyond(rows: SplineRows, parameters: Values) -> _Sums:
    found = chance_between(rows.at_beyond @ parameters, high=None, latent=rows.latent)
    weight = rows.beyond_weight * found.low
    bend = -weight * (found.low_slope + found.low)
    return _Sums(
        value=float(rows.beyond_weight @ found.log_chance),
        slope=-weight @ rows.at_beyond,
        bend=_cross(rows.at_beyond, bend, rows.at_beyond),
    )


def _chances_between(rows: SplineRows, parameters: Values) -> Chance:
    low = np.where(rows.at_zero, -np.inf, rows.at_left @ parameters)
    return chance_between(low, high=rows.at_right @ parameters, latent=rows.latent)


def _sum_between(rows: SplineRows, parameters: Values) -> _Sums:
    found, weight = _chances_between(rows, parameters), rows.between_weight
    low, high = weight * found.low, weight * found.high
    mixed = _cross(rows.at_left, low * found.high, rows.at_right)
    bend = _cross(rows.at_right, high * (found.high_slope - found.high), rows.at_right)
    bend -= _cross(rows.at_left, low * (found.low_slope + found.low), rows.at_left)
    return _Sums(
        value=float(weight @ found.log_chance),
        slope=high @ rows.at_right - low @ rows.at_left,
        bend=bend + mixed + mixed.T,
    )


def sum_slopes(rows: SplineRows, *, parameters: Values) -> Slopes:
    """The slopes of the log likelihood; impossible where a curve rises at a known time."""
    p = rows.columns
    nothing = Slopes(value=-math.inf, score=np.zeros(p), information=np.zeros((p, p)))
    slope = rows.slope_known @ parameters
    if (slope <= 0).any():
        return nothing
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        parts = [_sum_known(rows, parameters, slope)] if rows.known.size else []
        parts += [_sum_beyond(rows, parameters)] if rows.beyond.size else []
        parts += [_sum_between(rows, parameters)] if rows.between.size else []
        value = math.fsum(part.value for part in parts)
        score = sum((part.slope for part in parts), np.zeros(p))
        bend = sum((part.bend for part in parts), np.zeros((p, p)))
    if not (math.isfinite(value) and np.isfinite(score).all() and np.isfinite(bend).all()):
        return nothing
    return Slopes(value=value, score=score, information=-bend)


def row_scores(rows: SplineRows, *, parameters: Values, n: int) -> Values:
    """Each row's share of the score, weights in, shape (n, columns)."""
    out = np.zeros((n, rows.columns))
    at = density_at(rows.at_known @ parameters, latent=rows.latent)
    slope = rows.slope_known @ parameters
    scores = at.slope[:, None] * rows.at_known + rows.slope_known / slope[:, None]
    out[rows.known] = rows.known_weight[:, None] * scores
    found = _chances_between(rows, parameters)
    scores = found.high[:, None] * rows.at_right - found.low[:, None] * rows.at_left
    out[rows.between] = rows.between_weight[:, None] * scores
    found = chance_between(rows.at_beyond @ parameters, high=None, latent=rows.latent)
    # a row may stand there twice: by its end and, late, by its entry
    np.subtract.at(out, rows.beyond, (rows.beyond_weight * found.low)[:, None] * rows.at_beyond)
    return out
