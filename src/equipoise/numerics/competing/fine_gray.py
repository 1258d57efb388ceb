"""Subdistribution hazard ratios: the Fine-Gray model of one cause, the others competing."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import ChiSquare, normal_quantile, quadratic_test, two_sided_p
from equipoise.numerics.competing.fine_gray_design import (
    Censoring,
    FineGrayDesign,
    Floats,
    build_fine_gray_design,
)
from equipoise.numerics.competing.fine_gray_influence import sum_influence_squares
from equipoise.numerics.competing.fine_gray_sums import risk_moments, sum_fine_gray
from equipoise.numerics.hazards.cox import HazardRatio, Sampling, missing_words
from equipoise.numerics.likelihood_climb import Climb, LikelihoodSums, Rules, climb, told_columns
from equipoise.numerics.row_order import Places, number_clusters

_STEEPEST = 100.0  # no patient's hazard is e^100 times another's: the coefficient runs away
_NOTHING = "no event of cause 1 has covariates that differ among those at risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGray:
    """Log subdistribution hazard ratios (p,) with covariances (p, p).

    `covariance` is the inverse information, `robust_covariance` the sandwich, by cluster where
    named: use that, as the Wald test does. `baseline` (strata, m) holds the steps of the
    subdistribution hazard at the times `time`, at the mean covariates `centre` (p,). A
    coefficient that the data cannot tell is NaN; `message` says what went wrong or which are
    missing, else it is empty.
    """

    n: int
    n_events: int
    n_competing: int
    coefficients: Floats
    covariance: Floats
    robust_covariance: Floats
    log_likelihood_null: float
    log_likelihood: float
    wald_test: ChiSquare
    time: Floats
    baseline: Floats
    centre: Floats
    iterations: int
    converged: bool
    message: str


def _climb(design: FineGrayDesign, null: LikelihoodSums) -> Climb:
    """Newton's steps from zero to the top of the likelihood."""
    reach = design.reach

    def is_steep(beta: Floats, limit: float) -> bool:
        """True where some patient's log hazard is beyond the limit."""
        return bool(reach @ np.abs(beta) > limit and np.abs(design.x @ beta).max() > limit)

    def likelihood(beta: Floats) -> LikelihoodSums:
        if is_steep(beta, 2 * _STEEPEST):
            return replace(null, log_likelihood=-math.inf)
        return sum_fine_gray(design, beta=beta)

    def absurd(beta: Floats) -> NDArray[np.bool_]:
        share = np.abs(beta) * reach
        return np.asarray((share > 0.01 * share.max()) & is_steep(beta, _STEEPEST))

    rules = Rules(enough=1e-22, steady=0.25, absurd=absurd, intercepts=0)
    return climb(likelihood, start=np.zeros(null.score.size), first=null, rules=rules)


def _spread_out(values: Floats, kept: NDArray[np.intp], columns: int) -> Floats:
    """A vector or matrix over all columns, NaN where a column was not told."""
    out = np.full((columns,) * values.ndim, np.nan)
    out[np.ix_(*([kept] * values.ndim))] = values
    return out


def estimate_fine_gray(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike | None = None,
    sampling: Sampling | None = None,
    censoring: Censoring | None = None,
) -> FineGray:
    """Log ratios of the subdistribution hazard of cause 1 per unit of each covariate.

    `cause` is 0 censored, 1 the event, 2 or more competing. Each stratum has a baseline of its
    own; all share one censoring distribution, unless `censoring` has groups. `sampling` names
    rows of one patient, for the robust variance, late entry, and weights, which count in the
    censoring distribution too. Ties as Breslow. Two other programs part where times tie:
    cmprsk::crr holds who has an event for still at risk of censoring that day (the default),
    survival::finegray does not (`FINEGRAY`). A likelihood without a maximum gives the
    coefficients where the climb was given up, `converged` false and a message.
    Source: Fine, Gray (1999); Zhou et al. (2012), clusters; Kawaguchi et al. (2021), the sums;
    Geskus (2011), late entry.
    """
    rows, how = sampling or Sampling(), censoring or Censoring()
    if rows.entry is not None and how.counted:
        raise ValueError("late entry needs Censoring(counted=False): see there")
    cluster = number_clusters(rows.cluster, n=np.size(time))
    design = build_fine_gray_design(
        time,
        cause=cause,
        covariates=covariates,
        stratum=stratum,
        sampling=rows,
        censoring=how,
    )
    columns, events = design.x.shape[1], design.cause == 1
    null = sum_fine_gray(design, beta=np.zeros(columns))
    weighed = float((design.weight * events).sum())
    kept = told_columns(null.information, least=1e-10 * weighed)
    if kept.size < columns:
        x, reach, failed = design.x[:, kept], design.reach[kept], design.failed[kept]
        design = replace(design, x=np.ascontiguousarray(x), reach=reach, failed=failed)
        null = sum_fine_gray(design, beta=np.zeros(kept.size))
    path = _climb(design, null)
    return _summarise(design, path, null, kept, cluster, counted=how.counted)


def _baseline(design: FineGrayDesign, hazard: Floats) -> Floats:
    """The steps at the terms as (strata, times of event), 0 where a stratum has no event."""
    if design.stratum.size == 1:
        return hazard[None].copy()  # of its own, for the terms are large
    out = np.zeros((int(design.stratum.max()) + 1, design.time.size))
    at = np.cumsum(np.diff(design.term_rank, prepend=-1) > 0) - 1
    out[design.term_stratum, at] = hazard
    return out


def _summarise(
    design: FineGrayDesign,
    path: Climb,
    null: LikelihoodSums,
    kept: NDArray[np.intp],
    cluster: Places,
    *,
    counted: bool,
) -> FineGray:
    columns = design.scale.size
    scale = design.scale[kept]
    unit = np.outer(scale, scale)
    message = path.message if kept.size else _NOTHING
    invert = np.linalg.pinv if message else np.linalg.inv
    inverse = np.asarray(invert(path.end.information), dtype=np.float64)
    end = risk_moments(design, beta=path.beta)
    robust = sum_influence_squares(design, at=end, turn=inverse, cluster=cluster, counted=counted)
    beta = path.beta / scale
    return FineGray(
        n=design.order.size,
        n_events=int(np.count_nonzero(design.cause == 1)),
        n_competing=design.still_own.size,
        coefficients=_spread_out(beta, kept, columns),
        covariance=_spread_out(inverse / unit, kept, columns),
        robust_covariance=_spread_out(robust / unit, kept, columns),
        log_likelihood_null=null.log_likelihood,
        log_likelihood=path.end.log_likelihood,
        wald_test=quadratic_test(path.beta, variance=robust),
        time=design.time,
        baseline=_baseline(design, end.terms[:, -1]),
        centre=design.centre,
        iterations=path.iterations,
        converged=message == "",
        message=message or missing_words(kept, columns=columns),
    )


def estimate_subdistribution_ratio(
    fit: FineGray, *, column: int = 0, level: float = 0.95
) -> HazardRatio:
    """The subdistribution hazard ratio of one covariate with Wald interval, robust.

    Where the climb was given up (`converged` false) the number is a direction, not an estimate.
    """
    log_value = float(fit.coefficients[column])
    variance = float(fit.robust_covariance[column, column])
    standard_error = math.sqrt(variance) if variance > 0 else math.nan
    width = normal_quantile(level) * standard_error
    with np.errstate(over="ignore"):  # the climb may have been given up far out
        value, lower, upper = np.exp(np.array([log_value, log_value - width, log_value + width]))
    z = log_value / standard_error
    return HazardRatio(
        value=float(value),
        lower=float(lower),
        upper=float(upper),
        log_value=log_value,
        standard_error=standard_error,
        z=z,
        p_value=two_sided_p(z),
    )


def predict_incidence(fit: FineGray, *, covariates: ArrayLike, stratum: int = 0) -> Floats:
    """The incidence of cause 1 at each of `fit.time` for one patient, (m,).

    `covariates` has one value for each coefficient; those not told take no part. `stratum` counts
    those in the data from 0. Source: Fine, Gray (1999), 4: 1 - exp(-cumulative hazard).
    """
    values = np.atleast_1d(np.asarray(covariates, dtype=np.float64))
    if values.shape != fit.coefficients.shape:
        raise ValueError(f"covariates have shape {values.shape}: one for each coefficient")
    told = np.isfinite(fit.coefficients)
    ratio = np.exp((values - fit.centre)[told] @ fit.coefficients[told])
    return np.asarray(-np.expm1(-ratio * np.cumsum(fit.baseline[stratum])))
