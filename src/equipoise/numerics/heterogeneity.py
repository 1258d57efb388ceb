"""Whether the effects of subgroups differ: Cochran's Q, I squared, and a trend over levels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """The pooled effect, the test that all are equal, and that of a trend over ordered levels.

    `i_squared` is the share of the spread beyond chance, 0 to 1. `slope` is the change of the
    effect for one more in the score. NaN where fewer than two subgroups have an effect.
    """

    pooled: float
    standard_error: float
    test: ChiSquare
    i_squared: float
    slope: float
    slope_standard_error: float
    trend_test: ChiSquare


def _check(name: str, values: ArrayLike, n: int) -> NDArray[np.float64]:
    checked = np.ascontiguousarray(values, dtype=np.float64)
    if checked.shape != (n,):
        raise ValueError(f"{name} has shape {checked.shape}: one value for each of {n} subgroups")
    return checked


def compare_subgroup_effects(
    effect: ArrayLike, *, standard_error: ArrayLike, score: ArrayLike | None = None
) -> Heterogeneity:
    """Heterogeneity of effects (k,) of groups without a common patient, on the log scale if ratios.

    A subgroup whose effect or error is NaN is left out. `score` (k,) orders the levels (default:
    0 to k - 1). Source: Cochran (1954); Higgins, Thompson (2002); the trend is the slope by
    weighted least squares with known variances.
    """
    given = np.atleast_1d(np.asarray(effect, dtype=np.float64))
    errors = _check("standard_error", standard_error, given.size)
    scores = np.arange(given.size) if score is None else _check("score", score, given.size)
    if (errors <= 0).any():
        row = int(np.argmax(errors <= 0))
        raise ValueError(f"standard_error[{row}] is {errors[row]}: errors are above 0")
    told = np.isfinite(given) & np.isfinite(errors)
    b, weight, at = given[told], errors[told] ** -2.0, scores[told]
    if b.size == 0:
        nothing = chi_square_of(math.nan, degrees_of_freedom=0)
        return Heterogeneity(
            pooled=math.nan, standard_error=math.nan, test=nothing, i_squared=math.nan,
            slope=math.nan, slope_standard_error=math.nan, trend_test=nothing,
        )  # fmt: skip
    pooled = float(np.average(b, weights=weight))
    q = float(weight @ (b - pooled) ** 2)
    away = at - np.average(at, weights=weight)
    spread = float(weight @ away**2)
    slope = float(weight @ (away * b)) / spread if spread > 0 else math.nan
    beyond = max(q - (b.size - 1), 0.0) / q if q > 0 else 0.0
    return Heterogeneity(
        pooled=pooled,
        standard_error=float(weight.sum() ** -0.5),
        test=chi_square_of(q if b.size > 1 else math.nan, degrees_of_freedom=b.size - 1),
        i_squared=beyond if b.size > 1 else math.nan,
        slope=slope,
        slope_standard_error=spread**-0.5 if spread > 0 else math.nan,
        trend_test=chi_square_of(slope**2 * spread, degrees_of_freedom=int(spread > 0)),
    )
