"""The likelihood of z(log t) = spline + effects, with what a climb and a sandwich need of it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.intervals.interval_times import IntervalTimes
from equipoise.numerics.models.latent_distributions import Latent, chance_between, density_at
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
    """The rows as designs of z: known times with slopes, pairs of bounds, late entries.

    Designs are orthogonal: those of the coefficients times the inverse of `triangle`. A bound at
    0 or never has a row of zeros and stands in `at_zero` or `never`.
    """

    latent: Latent
    columns: int
    triangle: Values
    known: NDArray[np.intp]
    log_time: Values
    at_known: Values
    slope_known: Values
    between: NDArray[np.intp]
    at_left: Values
    at_right: Values
    at_zero: NDArray[np.bool_]
    never: NDArray[np.bool_]
    late: NDArray[np.intp]
    at_entry: Values
    weight: Values


def natural_spline(log_time: Values, *, knots: Values) -> tuple[Values, Values]:
    """Log time and one column for each inner knot, and their slopes, shape (n, knots - 1).

    Straight beyond the outer knots. Source: Royston, Parmar (2002), section 2.3.
    """
    first, last = knots[0], knots[-1]
    values, slopes = [log_time], [np.ones_like(log_time)]
    parts = {knot: np.maximum(log_time - knot, 0.0) for knot in knots.tolist()}
    for knot in knots[1:-1].tolist():
        share = (last - knot) / (last - first)
        own, begin, end = parts[knot], parts[float(first)], parts[float(last)]
        values.append(own**3 - share * begin**3 - (1 - share) * end**3)
        slopes.append(3 * (own**2 - share * begin**2 - (1 - share) * end**2))
    return np.stack(values, axis=1), np.stack(slopes, axis=1)


def spread_design(log_time: Values, *, x: Values, design: SplineDesign) -> tuple[Values, Values]:
    """The columns of z at log times for covariates x (n, p), and their slopes by log time."""
    spline, spline_slope = natural_spline(log_time, knots=design.knots)
    values = [np.ones((log_time.size, 1)), spline, x]
    slopes = [np.zeros((log_time.size, 1)), spline_slope, np.zeros_like(x)]
    if design.varying:
        change, change_slope = natural_spline(log_time, knots=design.varying_knots)
        values += [x[:, [column]] * change for column in design.varying]
        slopes += [x[:, [column]] * change_slope for column in design.varying]
    return np.hstack(values), np.hstack(slopes)


def _at(times: Values, there: NDArray[np.bool_], x: Values, design: SplineDesign) -> Values:
    """The design at times, a row of zeros where there is no finite one above 0."""
    values, _ = spread_design(np.log(np.where(there, times, 1.0)), x=x, design=design)
    return values * there[:, None]


def build_rows(
    times: IntervalTimes, *, x: Values, design: SplineDesign, latent: Latent
) -> SplineRows:
    """The designs of all rows; ValueError for columns that are collinear."""
    exact = times.left == times.right
    known, between = np.flatnonzero(exact), np.flatnonzero(~exact)
    late = np.flatnonzero(times.entry > 0)
    log_time = np.log(times.left[known])
    at_known, slope_known = spread_design(log_time, x=x[known], design=design)
    at_zero, never = times.left[between] == 0, np.isinf(times.right[between])
    at_left = _at(times.left[between], ~at_zero, x[between], design)
    at_right = _at(times.right[between], ~never, x[between], design)
    at_entry = _at(times.entry[late], np.ones(late.size, dtype=np.bool_), x[late], design)
    stacked = np.vstack([at_known, at_left, at_right])
    triangle: Values = np.asarray(np.linalg.qr(stacked, mode="r"), dtype=np.float64)
    size = np.abs(np.diag(triangle))
    if triangle.shape[0] < triangle.shape[1] or size.min() < 1e-9 * size.max():
        raise ValueError("the rows are too few or too alike for so many coefficients: use fewer")
    inverse = np.linalg.inv(triangle)
    return SplineRows(
        latent=latent,
        columns=triangle.shape[1],
        triangle=triangle,
        known=known,
        log_time=log_time,
        at_known=at_known @ inverse,
        slope_known=slope_known @ inverse,
        between=between,
        at_left=at_left @ inverse,
        at_right=at_right @ inverse,
        at_zero=at_zero,
        never=never,
        late=late,
        at_entry=at_entry @ inverse,
        weight=times.weight,
    )


def _bounded(
    rows: SplineRows, parameters: Values, kind: str
) -> tuple[Values, Values, Values, Values]:
    """Log chance, scores (n, columns) and second derivatives' weights of rows between bounds."""
    if kind == "late":
        low, design = rows.at_entry @ parameters, rows.at_entry
        found = chance_between(low, high=np.full(low.size, np.inf), latent=rows.latent)
        return found.log_chance, -found.low[:, None] * design, -found.low * found.low_slope, low
    low = np.where(rows.at_zero, -np.inf, rows.at_left @ parameters)
    high = np.where(rows.never, np.inf, rows.at_right @ parameters)
    found = chance_between(low, high=high, latent=rows.latent)
    scores = found.high[:, None] * rows.at_right - found.low[:, None] * rows.at_left
    return (
        found.log_chance,
        scores,
        -found.low * found.low_slope,
        found.high * found.high_slope,
    )


def _cross(design: Values, weight: Values) -> Values:
    return np.asarray((design.T * weight) @ design)


def sum_slopes(rows: SplineRows, *, parameters: Values) -> Slopes:
    """The slopes of the log likelihood; impossible where a curve rises at a known time."""
    p, w = rows.columns, rows.weight
    nothing = Slopes(value=-math.inf, score=np.zeros(p), information=np.zeros((p, p)))
    slope = rows.slope_known @ parameters
    if (slope <= 0).any():
        return nothing
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        at = density_at(rows.at_known @ parameters, latent=rows.latent)
        own, between, late = w[rows.known], w[rows.between], w[rows.late]
        chance, scores, low, high = _bounded(rows, parameters, "between")
        entered, entry_scores, entry_bend, _ = _bounded(rows, parameters, "late")
        value = own @ (at.log_density + np.log(slope) - rows.log_time)
        value += between @ chance - late @ entered
        score = (own * at.slope) @ rows.at_known + (own / slope) @ rows.slope_known
        score += between @ scores - late @ entry_scores
        bend = _cross(rows.at_known, own * at.bend) - _cross(rows.slope_known, own / slope**2)
        bend += _cross(rows.at_left, between * low) + _cross(rows.at_right, between * high)
        bend -= _cross(scores, between) + _cross(rows.at_entry, late * entry_bend)
        bend += _cross(entry_scores, late)
    if not (math.isfinite(value) and np.isfinite(score).all() and np.isfinite(bend).all()):
        return nothing
    return Slopes(value=float(value), score=score, information=-bend)


def row_scores(rows: SplineRows, *, parameters: Values, n: int) -> Values:
    """Each row's share of the score, weights in, shape (n, columns)."""
    out = np.zeros((n, rows.columns))
    at = density_at(rows.at_known @ parameters, latent=rows.latent)
    slope = rows.slope_known @ parameters
    out[rows.known] = at.slope[:, None] * rows.at_known + rows.slope_known / slope[:, None]
    out[rows.between] = _bounded(rows, parameters, "between")[1]
    out[rows.late] -= _bounded(rows, parameters, "late")[1]
    return out * rows.weight[:, None]
