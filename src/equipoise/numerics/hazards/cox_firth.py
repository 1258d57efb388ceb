"""Firth's penalised Cox model: finite hazard ratios from sparse or separated data."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import scipy  # its linalg is loaded when it is first used
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.checks import check_level
from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.hazards.cox import Cox, CoxModel, Ties, missing_words
from equipoise.numerics.hazards.cox_climb import within_floats
from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_means import mean_covariates
from equipoise.numerics.hazards.cox_profile import (
    Profile,
    ProfileRatio,
    ascend,
    profile_around,
    untold_ratio,
)
from equipoise.numerics.hazards.cox_sums import (
    relative_risks,
    sum_partial_likelihood,
    sum_seen,
    sums_of,
    walk_risk_sets,
)
from equipoise.numerics.likelihood_climb import Likelihood, LikelihoodSums
from equipoise.numerics.profile_end import solve_equations

_CHUNK = 4096  # rows turned at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class FirthCox:
    """Log hazard ratios (p,) with covariance (p, p) by Firth's penalty, finite also without events.

    The likelihoods are penalised: half the log determinant of the information is added. NaN for
    a covariate without information, and all where the search did not settle; `message` says so.
    """

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    log_likelihood_null: float
    log_likelihood: float
    likelihood_ratio_test: ChiSquare
    converged: bool
    message: str
    model: CoxModel = field(repr=False, compare=False)


@njit(cache=True)
def _penalty_slope_kernel(
    x: NDArray[np.float64],
    turned: NDArray[np.float64],
    risk: NDArray[np.float64],
    expected: NDArray[np.float64],
    seen: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> None:
    """Adds what the rows give to the slope of the penalty; `turned` is x V."""
    p = slope.size
    for i in range(risk.size):
        square, along = 0.0, 0.0
        for j in range(p):
            square += turned[i, j] * x[i, j]
            along += turned[i, j] * seen[i, j]
        own, means = 0.5 * expected[i] * square - risk[i] * along, 0.5 * risk[i] * square
        for j in range(p):
            slope[j] += own * x[i, j] - means * seen[i, j]


def _penalised(design: CoxDesign, sums: LikelihoodSums) -> tuple[float, NDArray[np.float64]]:
    """The log likelihood plus half the log determinant of the information, of the units given.

    With the inverse of the information.
    """
    factor, failed = scipy.linalg.lapack.dpotrf(sums.information, lower=1)
    if failed:
        return -math.inf, np.zeros_like(sums.information)
    penalty = float(np.log(factor.diagonal() * design.scale).sum())
    half = scipy.linalg.lapack.dpotri(factor, lower=1)[0]
    half.ravel(order="K")[:: len(half) + 1] /= 2
    return sums.log_likelihood + penalty, np.add(half, half.T, order="C")


def sum_firth_likelihood(design: CoxDesign, *, beta: NDArray[np.float64]) -> LikelihoodSums:
    """Penalised log likelihood and score at scaled coefficients; the information is unpenalised.

    The penalty's slope is half the sum of third central moments E[(x-m)' V (x-m) (x-m)], m the
    mean of x at risk and V the covariance: with q = x' V x, E[q x] - E[q] m - 2 cov(x, x) V m.
    Its sums over the event times are those over the rows of what each row saw.
    Source: Firth (1993); Heinze, Schemper (2001), equation 3.
    """
    risk = relative_risks(design, beta=beta)
    sets = walk_risk_sets(design, risk=risk, with_sums=True)
    expected = sum_seen(design, steps=sets.steps, times=risk.copy())
    sums = sums_of(design, beta=beta, sets=sets, expected=expected, failed=design.failed)
    value, variance = _penalised(design, sums)
    if value == -math.inf:
        return replace(sums, log_likelihood=value, score=np.full(beta.size, math.inf))
    means = mean_covariates(design, sets=sets, variance=variance)
    slope = sums.score + means.bent
    for start in range(0, risk.size, _CHUNK):
        rows = slice(start, start + _CHUNK)
        x = design.x[rows]
        _penalty_slope_kernel(x, x @ variance, risk[rows], expected[rows], means.seen[rows], slope)
    return LikelihoodSums(log_likelihood=value, score=slope, information=sums.information)


def _likelihood(design: CoxDesign) -> Likelihood:
    return within_floats(lambda beta: sum_firth_likelihood(design, beta=beta), design=design)


def _top(design: CoxDesign, start: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Where the penalised score is zero; None where the search does not settle."""

    likelihood = _likelihood(design)

    def slope(beta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        now = likelihood(beta)
        return now.score, -now.information

    p = design.scale.size
    with np.errstate(all="ignore"):
        found = solve_equations(slope, start=start)
        if found is not None:
            return found
        nearer, _ = ascend(likelihood, start=np.zeros(p), free=np.arange(p))
        return solve_equations(slope, start=nearer)


def estimate_firth(fit: Cox) -> FirthCox:
    """The penalised counterpart of a Cox fit, with the same rows, strata, entry and weights.

    It exists where the likelihood itself has no top: an arm without events. ValueError for exact
    ties. Ties and weights as in the fit; clusters are not heeded. The covariance is the inverse
    of the information at the penalised coefficients.
    Source: Firth (1993); Heinze, Schemper (2001).
    """
    model = fit.model
    if model.ties is Ties.EXACT:
        raise ValueError("Firth's penalty is not defined for exact ties: fit with Ties.EFRON")
    start = model.beta if fit.converged else np.zeros(model.kept.size)
    beta = _top(model.design, start) if model.kept.size else None
    if beta is None:
        return _not_settled(fit)
    end = sum_firth_likelihood(model.design, beta=beta)
    null, _ = _penalised(
        model.design, sum_partial_likelihood(model.design, beta=np.zeros(beta.size))
    )
    scale, where = model.design.scale, np.ix_(model.kept, model.kept)
    coefficients = np.full(model.columns, np.nan)
    coefficients[model.kept] = beta / scale
    covariance = np.full((model.columns,) * 2, np.nan)
    covariance[where] = np.linalg.inv(end.information) / np.outer(scale, scale)
    return FirthCox(
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood_null=null,
        log_likelihood=end.log_likelihood,
        likelihood_ratio_test=chi_square_of(
            2 * (end.log_likelihood - null), degrees_of_freedom=beta.size
        ),
        converged=True,
        message=missing_words(model.kept, columns=model.columns),
        model=replace(model, beta=beta),
    )


def _not_settled(fit: Cox) -> FirthCox:
    p = fit.model.columns
    return FirthCox(
        coefficients=np.full(p, np.nan),
        covariance=np.full((p, p), np.nan),
        log_likelihood_null=math.nan,
        log_likelihood=math.nan,
        likelihood_ratio_test=chi_square_of(math.nan, degrees_of_freedom=fit.model.kept.size),
        converged=False,
        message="the search for the largest penalised likelihood did not settle"
        if fit.model.kept.size
        else fit.message,
        model=fit.model,
    )


def estimate_firth_interval(fit: FirthCox, *, column: int = 0, level: float = 0.95) -> ProfileRatio:
    """The hazard ratio of one covariate with its profile penalised-likelihood interval and p.

    NaN where the fit did not settle or the covariate tells nothing.
    Source: Heinze, Schemper (2001), section 2.3.
    """
    model, fall = fit.model, normal_quantile(check_level(level)) ** 2 / 2
    places = np.flatnonzero(model.kept == column)
    if places.size == 0 or not fit.converged:
        return untold_ratio(fit.message)
    own, scale = int(places[0]), model.design.scale
    profile = Profile(
        likelihood=_likelihood(model.design), own=own, scale=float(scale[own]), fall=fall
    )
    covariance = fit.covariance[np.ix_(model.kept, model.kept)] * np.outer(scale, scale)
    end = LikelihoodSums(
        log_likelihood=fit.log_likelihood,
        score=np.zeros(scale.size),
        information=np.asarray(np.linalg.inv(covariance), dtype=np.float64),
    )
    return profile_around(profile, top=model.beta, end=end)
