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
    Family,
    Rows,
    RowTerms,
    at_counts,
    build_rows,
    check_outcome,
    read_blocks,
    row_terms,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """The distinct counts (k,) and the weights of the rows that have them."""

    value: NDArray[np.float64]
    weight: NDArray[np.float64]


def _tally(rows: Rows) -> _Counts:
    y, weight = rows.outcome, rows.weight
    if y.max() < y.size:
        total = np.bincount(y.astype(np.intp), weights=weight)
        seen = np.flatnonzero(total)
        return _Counts(value=seen.astype(np.float64), weight=total[seen].astype(np.float64))
    value, code = np.unique(y, return_inverse=True)
    return _Counts(value=value, weight=np.bincount(code, weights=weight).astype(np.float64))


def _objective(
    rows: Rows, counts: _Counts, at: NDArray[np.float64], *, observed: bool = True
) -> LikelihoodSums:
    """The sums at scaled coefficients and, last, the log of theta.

    The information is the one observed; without `observed`, and where that is not positive, the
    one expected of the coefficients, with nothing across them and theta.
    """
    beta, theta = at[:-1], math.exp(min(at[-1], 2 * _HUGE))
    each, weight = counts.value, counts.weight
    value = float(weight @ (gammaln(each + theta) - math.lgamma(theta) - gammaln(each + 1)))
    first = float(weight @ (psi(each + theta) - psi(theta)))
    second = float(weight @ (polygamma(1, each + theta) - polygamma(1, theta) + 1 / theta))
    score, across = np.zeros(at.size), np.zeros(beta.size)
    expected, curved = np.zeros((2, at.size, at.size))
    with np.errstate(over="ignore", invalid="ignore"):
        for block in read_blocks(rows):
            y, z, w = block.outcome, block.z, block.weight
            eta = z @ beta + block.offset
            mean = np.exp(eta)
            whole, lift = mean + theta, np.log1p(mean / theta)
            ratio, share = (y + theta) / whole, w * theta / whole
            value += float(np.sum(w * (y * (eta - math.log(theta)) - (y + theta) * lift)))
            first += float(np.sum(w * (1 - ratio - lift)))
            second += float(np.sum(w * (ratio - 2) / whole))
            slope, bend = share * (y - mean), share * mean
            score[:-1] += slope @ z
            across -= (slope * mean / whole) @ z
            expected[:-1, :-1] += (z.T * bend) @ z
            curved[:-1, :-1] += (z.T * (bend * ratio)) @ z if observed else 0.0
    score[-1] = theta * first
    curved[:-1, -1] = curved[-1, :-1] = across
    expected[-1, -1] = curved[-1, -1] = max(abs(theta**2 * second + theta * first), 1e-8)
    fits = observed and _is_positive(curved)
    return LikelihoodSums(
        log_likelihood=value, score=score, information=curved if fits else expected
    )


def _is_positive(information: NDArray[np.float64]) -> bool:
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return False
    return bool(np.isfinite(information).all())


def _excess(rows: Rows, beta: NDArray[np.float64]) -> tuple[float, float]:
    """Sum of (count - mean)^2 - count, and of mean^2, at Poisson's fit."""
    above = square = 0.0
    for block in read_blocks(rows):
        terms = row_terms(block, law=LAWS[Family.POISSON], beta=beta)
        above += float(np.sum(block.weight * (terms.slope**2 - block.outcome)))
        square += float(np.sum(block.weight * terms.information**2))
    return above, square


def _climb(rows: Rows, counts: _Counts, poisson: Climb, free: NDArray[np.intp]) -> Climb:
    """From Poisson's fit and the theta of moments to the largest likelihood."""
    above, square = _excess(rows, poisson.beta)
    start = np.append(poisson.beta, math.log(square / above) if above > 0 else _HUGE)
    objective = partial(_objective, rows, counts)
    path = climb(objective, start=start, free=np.append(free, start.size - 1))
    return replace(path, end=objective(path.beta, observed=False))


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
    counts = _tally(rows)
    path = _climb(rows, counts, poisson, kept)
    is_poisson = path.beta[-1] > _HUGE or _excess(rows, poisson.beta)[0] <= 0
    null = poisson_null if is_poisson else _without_theta(_climb(rows, counts, poisson_null, less))
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
