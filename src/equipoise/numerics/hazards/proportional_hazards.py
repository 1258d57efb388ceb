"""Whether a hazard ratio stays the same over time: the test of Grambsch and Therneau."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.hazards.cox import Cox
from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_residuals import model_of
from equipoise.numerics.hazards.cox_sums import event_times_of, sum_partial_likelihood


class TimeScale(Enum):
    """On what scale of time the log hazard ratio might have a slope."""

    KAPLAN_MEIER = "km"
    RANK = "rank"
    LOG = "log"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionalHazards:
    """One test a covariate (or term), and one of all together; p is NaN where none can be told."""

    by_covariate: tuple[ChiSquare, ...]
    overall: ChiSquare


def _share_failed(design: CoxDesign, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share with the event before each time (1 - Kaplan-Meier of all rows, unweighted)."""
    times, failed = np.unique(design.time[design.event == 1], return_counts=True)
    at_risk = design.time.size - np.searchsorted(np.sort(design.time), times)
    if design.entry.size:
        at_risk = at_risk - (design.entry.size - np.searchsorted(np.sort(design.entry), times))
    alive = np.r_[1.0, np.cumprod(1.0 - failed / at_risk)]
    return np.asarray(1.0 - alive[np.searchsorted(times, at)])


def scale_of_events(design: CoxDesign, *, scale: TimeScale) -> NDArray[np.float64]:
    """Each event time (m,) on the scale. ValueError for the logarithm of time 0."""
    at = design.time[design.begin]
    if scale is TimeScale.KAPLAN_MEIER:
        return _share_failed(design, at)
    if scale is TimeScale.RANK:
        ordered = np.sort(design.time)
        below, upto = np.searchsorted(ordered, at), np.searchsorted(ordered, at, side="right")
        return np.asarray((below + upto + 1) / 2)
    if scale is TimeScale.LOG and (at <= 0).any():
        raise ValueError("an event at time 0 has no logarithm: take another scale")
    return np.asarray(np.log(at)) if scale is TimeScale.LOG else at


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


def _told(fit: Cox) -> bool:
    return fit.converged and bool(np.isfinite(fit.coefficients).all()) and fit.n_events > 1


def compare_hazards_over_time(
    fit: Cox,
    *,
    scale: TimeScale = TimeScale.KAPLAN_MEIER,
    terms: Sequence[Sequence[int]] | None = None,
) -> ProportionalHazards:
    """The score test that each log hazard ratio has no slope over time.

    `terms` lists the columns that are tested together (default: each alone). Weights, strata and
    late entry are those of the fit; the Kaplan-Meier and rank scales count rows. NaN where the
    fit did not settle or a coefficient is missing.
    Source: Grambsch, Therneau (1994), as the score test of survival 3.0 and later.
    """
    columns = fit.model.columns
    asked = [[j] for j in range(columns)] if terms is None else [list(term) for term in terms]
    if not _told(fit):
        nothing = chi_square_of(math.nan, degrees_of_freedom=0)
        return ProportionalHazards(by_covariate=(nothing,) * len(asked), overall=nothing)
    model = model_of(fit)
    at = scale_of_events(model.design, scale=scale)
    at = at - at[event_times_of(model.design)].mean()
    sums = [
        sum_partial_likelihood(model.design, beta=model.beta, factor=at**power)
        for power in range(3)
    ]
    blocks = tuple(part.information for part in sums)
    return ProportionalHazards(
        by_covariate=tuple(_quadratic(sums[1].score, blocks, term) for term in asked),
        overall=_quadratic(sums[1].score, blocks, list(range(columns))),
    )
