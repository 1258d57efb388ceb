"""Whether a hazard ratio stays the same over time: the test of Grambsch and Therneau."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.cox import Cox, Ties
from equipoise.numerics.cox_sums import CoxDesign, build_design, sum_partial_likelihood
from equipoise.numerics.kaplan_meier import estimate_kaplan_meier


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionalHazards:
    """One test a covariate, and one of all together; p is NaN where nothing can be tested."""

    by_covariate: tuple[ChiSquare, ...]
    overall: ChiSquare


def _event_scale(time: NDArray[np.float64], event: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each row, the share with the event before its time (1 - Kaplan-Meier, all rows)."""
    curve = estimate_kaplan_meier(time, event=event)
    row = np.searchsorted(curve.time, time * (1 + 2.0**-26), side="right") - 1
    return np.asarray(1.0 - np.r_[1.0, curve.survival][row])


def _quadratic(
    slope: NDArray[np.float64], blocks: tuple[NDArray[np.float64], ...], which: list[int]
) -> ChiSquare:
    """Score test that the chosen covariates' slopes over time are zero, beside the fitted ones."""
    base, cross, own = blocks
    cross_part, own_part = cross[:, which], own[np.ix_(which, which)]
    variance = own_part - cross_part.T @ np.linalg.solve(base, cross_part)
    chosen = slope[which]
    # what is left beside the fitted coefficients may be rounding alone
    spread = np.sqrt(np.diag(own_part))
    if not (np.diag(variance) > 1e-10 * spread**2).all() or (
        np.linalg.matrix_rank(variance / np.outer(spread, spread), tol=1e-10) < len(which)
    ):
        return chi_square_of(math.nan, degrees_of_freedom=len(which))
    statistic = float(chosen @ np.linalg.solve(variance, chosen))
    return chi_square_of(statistic, degrees_of_freedom=len(which))


def _told(design: CoxDesign, fit: Cox) -> bool:
    return fit.converged and bool(np.isfinite(fit.coefficients).all()) and design.event.sum() > 1


def compare_hazards_over_time(
    fit: Cox,
    *,
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike | None = None,
    ties: Ties = Ties.EFRON,
) -> ProportionalHazards:
    """The score test that each log hazard ratio has no slope over (1 - Kaplan-Meier) time.

    Give what `fit` was made from, unweighted. NaN where the fit did not settle or a coefficient
    is missing. Source: Grambsch, Therneau (1994), as the score test of survival 3.0 and later.
    """
    design = build_design(
        time,
        event=event,
        covariates=covariates,
        stratum=stratum,
        weight=None,
        efron=ties is Ties.EFRON,
    )
    columns = design.x.shape[1]
    if not _told(design, fit):
        nothing = chi_square_of(math.nan, degrees_of_freedom=0)
        return ProportionalHazards(by_covariate=(nothing,) * columns, overall=nothing)
    beta = fit.coefficients * design.scale
    times = np.asarray(time, dtype=np.float64)[design.order]
    scale = _event_scale(times, design.event)
    scale = scale - scale[design.event == 1].mean()
    sums = [sum_partial_likelihood(design, beta=beta, factor=scale**power) for power in range(3)]
    blocks = tuple(part.information for part in sums)
    return ProportionalHazards(
        by_covariate=tuple(_quadratic(sums[1].score, blocks, [j]) for j in range(columns)),
        overall=_quadratic(sums[1].score, blocks, list(range(columns))),
    )
