"""Firth's penalised Cox model: finite hazard ratios from sparse or separated data."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.checks import check_level
from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.hazards.cox import Cox, CoxModel, Ties, missing_words
from equipoise.numerics.hazards.cox_climb import Likelihood, within_floats
from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_profile import (
    Profile,
    ProfileRatio,
    ascend,
    profile_around,
    solve_equations,
    untold_ratio,
)
from equipoise.numerics.hazards.cox_sums import (
    CoxSums,
    RiskTerms,
    relative_risks,
    split_ties,
    sum_partial_likelihood,
    walk_risk_sets,
)


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


def _wide(design: CoxDesign, beta: NDArray[np.float64], variance: NDArray[np.float64]) -> RiskTerms:
    """The factors of the likelihood with the means of x, x x', q and q x, where q = x' V x."""
    x = design.x
    q = np.sum((x @ variance) * x, axis=1)[:, None]
    products = (x[:, :, None] * x[:, None, :]).reshape(x.shape[0], -1)
    columns = np.ascontiguousarray(np.hstack([x, products, q, q * x]))
    sets = walk_risk_sets(
        replace(design, x=columns), risk=relative_risks(design, beta=beta), with_sums=True
    )
    return split_ties(design, sets=sets)


def _penalty_slope(
    design: CoxDesign, beta: NDArray[np.float64], variance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Slope of half the log determinant of the information: sums of third central moments.

    With m the mean of x: E[(x-m)' V (x-m) (x-m)] = cov(q, x) - 2 cov(x, x) V m.
    """
    terms, p = _wide(design, beta, variance), beta.size
    mean, rest = terms.mean[:, :p], terms.mean[:, p:]
    second = rest[:, : p * p].reshape(-1, p, p)
    q, qx = rest[:, p * p, None], rest[:, p * p + 1 :]
    turned = mean @ variance
    along = np.matmul(second, turned[:, :, None])[:, :, 0]
    along -= mean * np.sum(mean * turned, axis=1)[:, None]
    return np.asarray(terms.share @ (qx - q * mean - 2 * along) / 2)


def sum_firth_likelihood(design: CoxDesign, *, beta: NDArray[np.float64]) -> CoxSums:
    """Penalised log likelihood and score at scaled coefficients; the information is unpenalised.

    Source: Firth (1993); Heinze, Schemper (2001), equation 3.
    """
    sums = sum_partial_likelihood(design, beta=beta)
    sign, determinant = np.linalg.slogdet(sums.information)
    if sign <= 0:
        return replace(sums, log_likelihood=-math.inf, score=np.full(beta.size, math.inf))
    units = np.log(design.scale).sum()
    variance = np.asarray(np.linalg.inv(sums.information), dtype=np.float64)
    slope = _penalty_slope(design, beta, variance)
    return CoxSums(
        log_likelihood=sums.log_likelihood + float(determinant / 2 + units),
        score=sums.score + slope,
        information=sums.information,
    )


def _likelihood(design: CoxDesign) -> Likelihood:
    return within_floats(lambda beta: sum_firth_likelihood(design, beta=beta), design=design)


def _top(design: CoxDesign) -> NDArray[np.float64] | None:
    """Where the penalised score is zero; None where the search does not settle."""

    likelihood = _likelihood(design)

    def slope(beta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        now = likelihood(beta)
        return now.score, -now.information

    p = design.scale.size
    with np.errstate(all="ignore"):
        found = solve_equations(slope, start=np.zeros(p))
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
    beta = _top(model.design) if model.kept.size else None
    if beta is None:
        return _not_settled(fit)
    end = sum_firth_likelihood(model.design, beta=beta)
    null = sum_firth_likelihood(model.design, beta=np.zeros(beta.size))
    scale, where = model.design.scale, np.ix_(model.kept, model.kept)
    coefficients = np.full(model.columns, np.nan)
    coefficients[model.kept] = beta / scale
    covariance = np.full((model.columns,) * 2, np.nan)
    covariance[where] = np.linalg.inv(end.information) / np.outer(scale, scale)
    return FirthCox(
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood_null=null.log_likelihood,
        log_likelihood=end.log_likelihood,
        likelihood_ratio_test=chi_square_of(
            2 * (end.log_likelihood - null.log_likelihood), degrees_of_freedom=beta.size
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
    own = int(places[0])
    profile = Profile(
        likelihood=_likelihood(model.design),
        own=own,
        scale=float(model.design.scale[own]),
        fall=fall,
    )
    return profile_around(profile, top=model.beta, end=profile.likelihood(model.beta))
