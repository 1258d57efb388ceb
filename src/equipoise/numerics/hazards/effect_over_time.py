"""How a log hazard ratio goes over time: scaled residuals of the events and a smooth line."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.checks import check_level
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.hazards.cox import Cox
from equipoise.numerics.hazards.cox_residuals import estimate_schoenfeld
from equipoise.numerics.hazards.cox_sums import event_times_of
from equipoise.numerics.hazards.proportional_hazards import TimeScale, scale_of_events


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectOverTime:
    """Points (d,), one an event, and a line (points,) with its standard error and band.

    `position` and `line_position` are on the scale of the test, `time` and `line_time` in the unit
    of time; `effect` and `line` are log hazard ratios. The line is NaN where the events have fewer
    than four positions.
    """

    time: NDArray[np.float64]
    position: NDArray[np.float64]
    effect: NDArray[np.float64]
    line_time: NDArray[np.float64]
    line_position: NDArray[np.float64]
    line: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def _natural_spline(x: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cubic pieces, linear beyond the outer knots: a column a knot.

    Source: Hastie, Tibshirani, Friedman (2009), equations 5.4 and 5.5.
    """
    cubes = np.maximum(x[:, None] - knots, 0.0) ** 3
    bends = (cubes[:, :-1] - cubes[:, -1:]) / (knots[-1] - knots[:-1])
    return np.column_stack([np.ones(x.size), x, bends[:, :-1] - bends[:, -1:]])


def _smooth(
    x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line at `at`, and its standard error for points of variance 1."""
    untold = np.full(at.size, np.nan)
    if np.unique(x).size < 4:
        return untold, untold
    both = (np.r_[at, x] - x.min()) / (x.max() - x.min())
    # all that is drawn sets the knots, as in plot.cox.zph
    knots = np.quantile(both, [0.0, 1 / 3, 2 / 3, 1.0])
    if (np.diff(knots) <= 0).any():
        return untold, untold
    basis = _natural_spline(both, knots)
    q, r = np.linalg.qr(basis[at.size :])
    turned = np.linalg.solve(r.T, basis[: at.size].T)  # scipy would wake a thread for four rows
    return turned.T @ (q.T @ y), np.sqrt(np.sum(turned**2, axis=0))


def estimate_effect_over_time(
    fit: Cox,
    *,
    column: int = 0,
    scale: TimeScale = TimeScale.KAPLAN_MEIER,
    points: int = 40,
    level: float = 0.95,
) -> EffectOverTime:
    """Scaled Schoenfeld residuals plus coefficient over time, smoothed by a spline of four.

    A level line is a hazard ratio that stays. ValueError where the fit did not settle or does not
    tell the covariate. Source: Grambsch, Therneau (1994); Therneau, Grambsch (2000), 6.4.
    """
    residuals = estimate_schoenfeld(fit)
    if column not in fit.model.kept:
        raise ValueError(f"covariate {column} has no coefficient: {fit.message}")
    design = fit.model.design
    position = scale_of_events(design, scale=scale)[event_times_of(design)]
    at = np.linspace(position.min(), position.max(), points)
    effect = residuals.scaled[:, column]
    line, unit = _smooth(position, effect, at)
    error = unit * np.sqrt(fit.covariance[column, column] * position.size)
    width = normal_quantile(check_level(level)) * error
    place, first = np.unique(position, return_index=True)
    return EffectOverTime(
        time=residuals.time,
        position=position,
        effect=effect,
        line_time=np.interp(at, place, residuals.time[first]),
        line_position=at,
        line=line,
        standard_error=error,
        lower=line - width,
        upper=line + width,
    )
