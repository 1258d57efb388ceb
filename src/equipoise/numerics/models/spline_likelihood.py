"""The likelihood of z(log t) = spline + effects, with what a climb and a sandwich need of it."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.intervals.interval_times import IntervalTimes
from equipoise.numerics.models.latent_distributions import (
    CODE,
    Latent,
    chance_kernel,
    density_kernel,
)
from equipoise.numerics.models.uneven_climb import Slopes

Values = NDArray[np.float64]
_BLOCK = 16_384  # points at once, so that products of big designs need little more memory


@dataclass(frozen=True, slots=True, kw_only=True)
class SplineDesign:
    """The knots (log times) of the curve and of the effects that change, and which do."""

    knots: Values
    varying_knots: Values
    varying: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplineRows:
    """The points at which the likelihood asks for z or its slope: `design` (columns, points).

    In order: z of `known` times; beyond a bound, late entries with a weight below 0 among them; at
    the left and then at the right bounds of rows between two; last the slopes of z at known times.
    `row` tells whose each point is. A left bound at 0 has a point of zeros and stands in `at_zero`.
    The design is orthogonal: parameters are `triangle` times coefficients, these `inverse` times
    parameters. `weight` is of known, beyond and between; `log_times` the weighted sum of known.
    """

    latent: Latent
    triangle: Values
    inverse: Values
    design: Values
    row: NDArray[np.intp]
    weight: Values
    known: int
    at_zero: NDArray[np.bool_]
    log_times: float


def _bends(log_time: Values, knots: Values, power: int) -> Values:
    """For each inner knot the (power)th powers above it, less what makes it straight at the end."""
    above = np.maximum(log_time - knots[:, None], 0.0)
    above = above * above * above if power == 3 else above * above
    share = ((knots[-1] - knots) / (knots[-1] - knots[0]))[1:-1, None]
    return np.asarray(above[1:-1] - share * above[0] - (1 - share) * above[-1])


def _curve(log_time: Values, knots: Values) -> Values:
    """Log time and one row for each inner knot, shape (knots - 1, n)."""
    return np.concatenate([log_time[None], _bends(log_time, knots, 3)])


def _rise(log_time: Values, knots: Values) -> Values:
    """The slopes of `_curve` by log time."""
    return np.concatenate([np.ones((1, log_time.size)), 3 * _bends(log_time, knots, 2)])


def natural_spline(log_time: Values, *, knots: Values) -> Values:
    """Log time and one column for each inner knot, shape (n, knots - 1).

    Straight beyond the outer knots. Source: Royston, Parmar (2002), section 2.3.
    """
    return _curve(log_time, knots).T


def natural_spline_slopes(log_time: Values, *, knots: Values) -> Values:
    """The slopes of `natural_spline` by log time."""
    return _rise(log_time, knots).T


def _spread(x: Values, design: SplineDesign, log_time: Values) -> Values:
    """The rows of z at log times, shape (columns, n), for covariates (p, n)."""
    parts = [np.ones((1, log_time.size)), _curve(log_time, design.knots), x]
    if design.varying:
        change = _curve(log_time, design.varying_knots)
        parts += [x[column] * change for column in design.varying]
    return np.concatenate(parts)


def _spread_rise(x: Values, design: SplineDesign, log_time: Values) -> Values:
    """The slopes of `_spread` by log time."""
    parts = [np.zeros((1, log_time.size)), _rise(log_time, design.knots), np.zeros_like(x)]
    if design.varying:
        change = _rise(log_time, design.varying_knots)
        parts += [x[column] * change for column in design.varying]
    return np.concatenate(parts)


def spread_design(log_time: Values, *, x: Values, design: SplineDesign) -> Values:
    """The columns of z at log times for covariates x (n, p)."""
    return _spread(x.T, design, log_time).T


def spread_slopes(log_time: Values, *, x: Values, design: SplineDesign) -> Values:
    """The slopes of `spread_design` by log time."""
    return _spread_rise(x.T, design, log_time).T


def _triangle(design: Values) -> Values:
    """What makes a design (columns, points) orthogonal; ValueError if columns are collinear."""
    triangle = np.asarray(np.linalg.qr(design.T, mode="r"), dtype=np.float64)
    size = np.abs(np.diag(triangle))
    if triangle.shape[0] < triangle.shape[1] or size.min() < 1e-9 * size.max():
        raise ValueError("the rows are too few or too alike for so many coefficients: use fewer")
    return triangle


def build_rows(
    times: IntervalTimes, *, x: Values, design: SplineDesign, latent: Latent
) -> SplineRows:
    """The points of rows with covariates x (n, p); ValueError for columns that are collinear."""
    exact, never = times.left == times.right, np.isinf(times.right)
    known, between = np.flatnonzero(exact), np.flatnonzero(~(exact | never))
    censored, late = np.flatnonzero(never & (times.left > 0)), np.flatnonzero(times.entry > 0)
    at_zero = times.left[between] == 0
    left, weight = np.where(at_zero, 1.0, times.left[between]), times.weight
    ends = (times.left[known], times.left[censored], times.entry[late], left, times.right[between])
    log_time = np.log(np.concatenate(ends))
    row = np.concatenate([known, censored, late, between, between])
    wide = np.ascontiguousarray(x.T)[:, row]
    points = _spread(wide, design, log_time)
    k, beyond = known.size, known.size + censored.size + late.size
    points[:, beyond : beyond + between.size] *= ~at_zero
    entries = np.s_[beyond - late.size : beyond]
    triangle = _triangle(np.delete(points, entries, axis=1) if late.size else points)
    inverse = np.asarray(np.linalg.inv(triangle))
    both = np.empty((points.shape[0], row.size + k))
    np.matmul(inverse.T, points, out=both[:, : row.size])
    del points  # big data need no more memory than both of the next two
    np.matmul(inverse.T, _spread_rise(wide[:, :k], design, log_time[:k]), out=both[:, row.size :])
    return SplineRows(
        latent=latent,
        triangle=triangle,
        inverse=inverse,
        design=both,
        row=np.concatenate([row, known]),
        weight=np.concatenate([weight[known], weight[censored], -weight[late], weight[between]]),
        known=k,
        at_zero=at_zero,
        log_times=float(weight[known] @ log_time[:k]),
    )


@njit(cache=True, error_model="numpy")
def _points_kernel(
    latent: int,
    known: int,
    z: Values,
    weight: Values,
    at_zero: NDArray[np.bool_],
    value: Values,
    along: Values,
    bend: Values,
    mixed: Values,
) -> None:
    """Each row's log likelihood, its slope and second derivative along z of each point.

    Those of both bounds of a row between two are `mixed`. -inf where a curve does not rise at a
    known time. Points in the order of `SplineRows`. Source: Royston, Parmar (2002), section 3.
    """
    beyond = weight.size - at_zero.size
    rises = beyond + 2 * at_zero.size
    for i in range(known):
        w, rise = weight[i], z[rises + i]
        log_density, slope, curve = density_kernel(latent, z[i])
        value[i] = w * (log_density + math.log(rise)) if rise > 0 else -math.inf
        along[i], bend[i] = w * slope, w * curve
        along[rises + i], bend[rises + i] = w / rise, -w / (rise * rise)
    for i in range(known, weight.size):
        w, low, high = weight[i], z[i], math.inf
        if i >= beyond:
            low = -math.inf if at_zero[i - beyond] else low
            high = z[i + at_zero.size]
        log_chance, low, high, low_slope, high_slope = chance_kernel(latent, low, high)
        value[i], along[i] = w * log_chance, -w * low
        bend[i] = -w * low * (low_slope + low)
        if i >= beyond:
            j = i + at_zero.size
            along[j], bend[j] = w * high, w * high * (high_slope - high)
            mixed[i - beyond] = w * low * high


@dataclass(frozen=True, slots=True, kw_only=True)
class _Points:
    """What `_points_kernel` fills, with the log likelihood of all rows."""

    total: float
    along: Values
    bend: Values
    mixed: Values


def _look(rows: SplineRows, parameters: Values) -> _Points:
    value, mixed = np.empty(rows.weight.size), np.empty(rows.at_zero.size)
    along, bend = np.empty((2, rows.row.size))
    z = parameters @ rows.design
    _points_kernel(
        CODE[rows.latent], rows.known, z, rows.weight, rows.at_zero, value, along, bend, mixed
    )
    total = float(value.sum()) - rows.log_times
    return _Points(total=total, along=along, bend=bend, mixed=mixed)


def _cross(design: Values, weight: Values, other: Values) -> Values:
    cuts = [slice(at, at + _BLOCK) for at in range(0, weight.size, _BLOCK)]
    return np.asarray(sum((design[:, cut] * weight[cut]) @ other[:, cut].T for cut in cuts))


def sum_slopes(rows: SplineRows, *, parameters: Values) -> Slopes:
    """The slopes of the log likelihood; impossible where a curve does not rise at a known time."""
    p, between = parameters.size, rows.at_zero.size
    nothing = Slopes(value=-math.inf, score=np.zeros(p), information=np.zeros((p, p)))
    with np.errstate(over="ignore", invalid="ignore"):
        points = _look(rows, parameters)
        if not math.isfinite(points.total):
            return nothing
        score = rows.design @ points.along
        bend = _cross(rows.design, points.bend, rows.design)
        if between:
            left, right = rows.weight.size - between, rows.weight.size
            mixed = _cross(
                rows.design[:, left:right], points.mixed, rows.design[:, right : right + between]
            )
            bend = bend + mixed + mixed.T
    if not (np.isfinite(score).all() and np.isfinite(bend).all()):
        return nothing
    return Slopes(value=points.total, score=score, information=-bend)


def point_scores(rows: SplineRows, *, parameters: Values) -> Values:
    """Each point's share of the score, weights in, shape (points, columns)."""
    return (rows.design * _look(rows, parameters).along).T
