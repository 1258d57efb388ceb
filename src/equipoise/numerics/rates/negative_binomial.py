"""Rate ratios from counts that vary more than Poisson's: negative-binomial regression."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, polygamma, psi

from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.likelihood_climb import Climb, LikelihoodSums, climb
from equipoise.numerics.models.likelihood_sums import (
    LAWS,
    Block,
    Family,
    Rows,
    RowTerms,
    at_counts,
    build_rows,
    check_outcome,
    read_blocks,
    row_terms,
    sum_likelihood,
    told_columns,
)
from equipoise.numerics.models.regression import (
    Regression,
    RegressionSampling,
    check_tested,
    first_guess,
    has_one_outcome,
    nothing_told,
    objective_of,
    summarise,
)
from equipoise.numerics.models.sandwich import Robust, estimate_sandwich

_HUGE = math.log(1e8)  # a theta beyond it is Poisson's infinity


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeBinomial:
    """The regression with its theta: the variance of a count is mean + mean^2 / theta.

    `overdispersion_test` is the likelihood ratio against Poisson's with half the p of chi-square,
    for theta lies at the edge. Counts that vary no more than Poisson's have theta = inf: then the
    regression is Poisson's, and `regression.message` says so.
    """

    regression: Regression
    theta: float
    theta_standard_error: float
    overdispersion_test: ChiSquare


def _law(theta: float, outcome: NDArray[np.float64], eta: NDArray[np.float64]) -> RowTerms:
    mean = np.exp(eta)
    value = at_counts(
        outcome, function=lambda y: gammaln(y + theta) - gammaln(y + 1)
    ) - math.lgamma(theta)
    value += outcome * (eta - np.log(theta + mean)) - theta * np.log1p(mean / theta)
    share = theta / (theta + mean)
    return RowTerms(log_likelihood=value, slope=(outcome - mean) * share, information=mean * share)


def _theta_terms(block: Block, theta: float, beta: NDArray[np.float64]) -> tuple[float, float]:
    """First and second derivative of the log likelihood along theta, summed over the block."""
    y, mean = block.outcome, np.exp(block.z @ beta + block.offset)
    ratio = (y + theta) / (mean + theta)
    first = (
        at_counts(y, function=lambda count: psi(count + theta))
        - psi(theta)
        - np.log1p(mean / theta)
        + 1
        - ratio
    )
    second = (
        at_counts(y, function=lambda count: polygamma(1, count + theta))
        - polygamma(1, theta)
        + 1 / theta
    )
    second += (ratio - 2) / (mean + theta)
    return float(np.sum(block.weight * first)), float(np.sum(block.weight * second))


def _objective(rows: Rows, at: NDArray[np.float64]) -> LikelihoodSums:
    """The sums at scaled coefficients and, last, the log of theta; no information across them."""
    beta, theta = at[:-1], math.exp(min(at[-1], 2 * _HUGE))
    sums = sum_likelihood(rows, law=partial(_law, theta), beta=beta)
    with np.errstate(over="ignore", invalid="ignore"):
        first, second = np.sum([_theta_terms(b, theta, beta) for b in read_blocks(rows)], axis=0)
    curvature = -(theta**2 * second + theta * first)
    information = np.zeros((at.size, at.size))
    information[:-1, :-1] = sums.information
    information[-1, -1] = max(abs(curvature), 1e-8)
    return LikelihoodSums(
        log_likelihood=sums.log_likelihood,
        score=np.append(sums.score, theta * first),
        information=information,
    )


def _excess(rows: Rows, beta: NDArray[np.float64]) -> tuple[float, float]:
    """Sum of (count - mean)^2 - count, and of mean^2, at Poisson's fit."""
    above = square = 0.0
    for block in read_blocks(rows):
        terms = row_terms(block, law=LAWS[Family.POISSON], beta=beta)
        above += float(np.sum(block.weight * (terms.slope**2 - block.outcome)))
        square += float(np.sum(block.weight * terms.information**2))
    return above, square


def _climb(rows: Rows, poisson: Climb, free: NDArray[np.intp]) -> Climb:
    """From Poisson's fit and the theta of moments to the largest likelihood."""
    above, square = _excess(rows, poisson.beta)
    start = np.append(poisson.beta, math.log(square / above) if above > 0 else _HUGE)
    return climb(partial(_objective, rows), start=start, free=np.append(free, start.size - 1))


def _without_theta(path: Climb) -> Climb:
    end = LikelihoodSums(
        log_likelihood=path.end.log_likelihood,
        score=path.end.score[:-1],
        information=path.end.information[:-1, :-1],
    )
    return replace(path, beta=path.beta[:-1], end=end)


def estimate_negative_binomial(
    count: ArrayLike,
    *,
    covariates: ArrayLike | None,
    sampling: RegressionSampling | None = None,
    tested: Sequence[int] | None = None,
    robust: Robust = Robust.HC0,
) -> NegativeBinomial:
    """Log rate ratios and theta by the largest likelihood (NB2), as `estimate_regression`.

    `sampling.offset` holds the logs of the times at risk. The covariance is the inverse of the
    expected information, in which coefficients and theta have nothing to do with each other; the
    error of theta is from the observed one. Source: Lawless (1987); Venables, Ripley (2002), 7.4.
    """
    given = sampling or RegressionSampling()
    checked = check_outcome(count, family=Family.POISSON)
    rows = build_rows(checked, covariates=covariates, offset=given.offset, weight=given.weight)
    columns, kept = check_tested(tested, p=rows.centre.size), told_columns(rows)
    untold = chi_square_of(math.nan, degrees_of_freedom=1)
    if has_one_outcome(rows, family=Family.POISSON):
        lone = nothing_told(rows, family=Family.NEGATIVE_BINOMIAL)
        return NegativeBinomial(
            regression=lone, theta=math.nan, theta_standard_error=math.nan,
            overdispersion_test=untold,
        )  # fmt: skip
    plain = objective_of(rows, law=LAWS[Family.POISSON])
    less = np.setdiff1d(kept, columns)
    poisson_null = climb(plain, start=first_guess(rows, family=Family.POISSON), free=less)
    poisson = climb(plain, start=poisson_null.beta, first=poisson_null.end, free=kept)
    path = _climb(rows, poisson, kept)
    is_poisson = path.beta[-1] > _HUGE or _excess(rows, poisson.beta)[0] <= 0
    null = poisson_null if is_poisson else _without_theta(_climb(rows, poisson_null, less))
    theta = math.inf if is_poisson else math.exp(path.beta[-1])
    end = poisson if is_poisson else _without_theta(path)
    fit = summarise(
        rows,
        family=Family.NEGATIVE_BINOMIAL,
        null=null,
        path=end,
        columns=(kept, np.intersect1d(kept, columns)),
        sandwich=partial(
            estimate_sandwich,
            rows,
            law=LAWS[Family.POISSON] if is_poisson else partial(_law, theta),
            beta=end.beta,
            robust=robust,
            cluster=given.cluster,
        ),
    )
    return _with_theta(fit, path, theta, poisson.end.log_likelihood)


def _with_theta(
    fit: Regression, path: Climb, theta: float, poisson_log_likelihood: float
) -> NegativeBinomial:
    gain = max(2 * (fit.log_likelihood - poisson_log_likelihood), 0.0)
    test = chi_square_of(gain, degrees_of_freedom=1)
    if math.isinf(theta):
        words = "the counts vary no more than Poisson's: theta is infinite, the fit is Poisson's"
        fit = replace(fit, message="; ".join(filter(None, [fit.message, words])))
    return NegativeBinomial(
        regression=fit,
        theta=theta,
        theta_standard_error=theta / math.sqrt(path.end.information[-1, -1])
        if math.isfinite(theta)
        else math.nan,
        overdispersion_test=replace(test, p_value=test.p_value / 2 if gain > 0 else 1.0),
    )
