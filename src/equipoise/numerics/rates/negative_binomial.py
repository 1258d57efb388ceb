"""Rate ratios from counts that vary more than Poisson's: negative-binomial regression."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.linalg.lapack import dpotrf
from scipy.special import gammaln

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
    split_tested,
    summarise,
)
from equipoise.numerics.models.sandwich import Robust, estimate_sandwich

Values = NDArray[np.float64]
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


@njit(cache=True, error_model="numpy")  # a theta too small for its square: the step is taken back
def _polygamma(x: float) -> tuple[float, float]:
    """The first two derivatives of the log of the gamma function, by Stirling's series from 12 on.

    Source: Abramowitz, Stegun (1964), 6.3.18 and 6.4.12, with 6.3.6 and 6.4.6.
    """
    first, second = 0.0, 0.0
    while x < 12.0:
        first -= 1.0 / x
        second += 1.0 / (x * x)
        x += 1.0
    r = 1.0 / (x * x)
    series = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132)))))
    bent = 1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - r * (5 / 66 - r * (691 / 2730)))))
    first += math.log(x) - 0.5 / x - series
    return first, second + (1.0 + 0.5 / x + r * bent) / x


@njit(cache=True)
def _beyond_stirling(x: float) -> float:
    """By how much the log of gamma(x), x >= 12, is more than (x - 1/2) log x - x + log(2 pi) / 2.

    Source: Abramowitz, Stegun (1964), 6.1.41.
    """
    r = 1.0 / (x * x)
    return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / x


@njit(cache=True, error_model="numpy")
def _rise(y: float, theta: float) -> float:
    """The log of gamma(y + theta) / gamma(theta), whose digits no large theta takes away."""
    if theta < 12.0:
        return math.lgamma(y + theta) - math.lgamma(theta)
    steep = (y + theta - 0.5) * math.log1p(y / theta) - y + y * math.log(theta)
    return steep + _beyond_stirling(y + theta) - _beyond_stirling(theta)


@njit(cache=True, error_model="numpy")
def _counts_kernel(value: Values, weight: Values, theta: float) -> tuple[float, float, float]:
    """What is of the counts alone: the log of gamma(y + theta) / gamma(theta) y!, twice derived.

    The second derivative has the 1 / theta, too, of each row.
    """
    own_first, own_second = _polygamma(theta)
    log_likelihood, first, second = 0.0, 0.0, 0.0
    for k in range(value.size):
        slope, bend = _polygamma(value[k] + theta)
        log_likelihood += weight[k] * (_rise(value[k], theta) - math.lgamma(value[k] + 1.0))
        first += weight[k] * (slope - own_first)
        second += weight[k] * (bend - own_second + 1.0 / theta)
    return log_likelihood, first, second


@njit(cache=True, error_model="numpy")
def _sums_kernel(
    y: Values,
    z: Values,
    weight: Values,
    offset: Values,
    beta: Values,
    theta: float,
    score: Values,
    expected: Values,
    observed: Values,
) -> tuple[float, float, float]:
    """What is not of the counts alone: likelihood and its first two derivatives by theta.

    Adds to the score and both kinds of information, but for their last place, which is theta's.
    Source: Lawless (1987), (2.4) to (2.8).
    """
    value, first, second, p = 0.0, 0.0, 0.0, beta.size
    log_theta = math.log(theta)
    for i in range(y.size):
        eta = offset[i]
        for j in range(beta.size):
            eta += beta[j] * z[i, j]
        mean = math.exp(eta)
        inverse, lift = 1.0 / (mean + theta), math.log1p(mean / theta)
        ratio = (y[i] + theta) * inverse
        value += weight[i] * (y[i] * (eta - log_theta) - (y[i] + theta) * lift)
        first += weight[i] * (1.0 - ratio - lift)
        second += weight[i] * (ratio - 2.0) * inverse
        slope = weight[i] * theta * inverse * (y[i] - mean)
        bend = weight[i] * theta * inverse * mean
        for j in range(beta.size):
            score[j] += slope * z[i, j]
            observed[p, j] -= slope * mean * inverse * z[i, j]
            mine = bend * z[i, j]
            curved = mine * ratio
            for k in range(j + 1):
                expected[j, k] += mine * z[i, k]
                observed[j, k] += curved * z[i, k]
    for j in range(p + 1):
        for k in range(j):
            expected[k, j], observed[k, j] = expected[j, k], observed[j, k]
    return value, first, second


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """The sums with the information observed, and with the one expected of the coefficients.

    The latter has nothing across them and theta; it stands for the observed where that is not
    positive.
    """

    observed: LikelihoodSums
    expected: LikelihoodSums


def _sums(rows: Rows, counts: _Counts, at: Values) -> _Sums:
    """The sums at scaled coefficients and, last, the log of theta."""
    theta = math.exp(min(at[-1], 2 * _HUGE))
    value, first, second = _counts_kernel(counts.value, counts.weight, theta)
    score, (expected, observed) = np.zeros(at.size), np.zeros((2, at.size, at.size))
    for block in read_blocks(rows):
        nothing = np.zeros(block.outcome.size)
        found = _sums_kernel(
            block.outcome, block.z, nothing + block.weight, nothing + block.offset, at[:-1], theta,
            score, expected, observed,
        )  # fmt: skip
        value, first, second = value + found[0], first + found[1], second + found[2]
    score[-1] = theta * first
    own = max(abs(theta**2 * second + theta * first), 1e-8)
    expected[-1, -1] = observed[-1, -1] = own
    plain = LikelihoodSums(log_likelihood=value, score=score, information=expected)
    fits = _is_positive(observed)
    return _Sums(observed=replace(plain, information=observed) if fits else plain, expected=plain)


def _is_positive(information: Values) -> bool:
    return bool(dpotrf(information)[1] == 0 and np.isfinite(information).all())


def _excess(rows: Rows, beta: NDArray[np.float64]) -> tuple[float, float]:
    """Sum of (count - mean)^2 - count, and of mean^2, at Poisson's fit."""
    above = square = 0.0
    for block in read_blocks(rows):
        terms = row_terms(block, law=LAWS[Family.POISSON], beta=beta)
        above += float(np.sum(block.weight * (terms.slope**2 - block.outcome)))
        square += float(np.sum(block.weight * terms.information**2))
    return above, square


def _climb(
    rows: Rows,
    counts: _Counts,
    poisson: Climb,
    excess: tuple[float, float],
    free: NDArray[np.intp],
) -> Climb:
    """From Poisson's fit and the theta of moments to the largest likelihood."""
    above, square = excess
    start = np.append(poisson.beta, math.log(square / above) if above > 0 else _HUGE)
    tried: list[_Sums] = []

    def objective(at: Values) -> LikelihoodSums:
        tried.append(_sums(rows, counts, at))
        return tried[-1].observed

    path = climb(objective, start=start, free=np.append(free, start.size - 1))
    return replace(path, end=next(s.expected for s in tried if s.observed is path.end))


def _climb_both(
    rows: Rows, less: tuple[Climb, NDArray[np.intp]], full: tuple[Climb, NDArray[np.intp]]
) -> tuple[Climb, Climb | None]:
    """The fit without the tested columns, less theta, and the full one; from Poisson's fits.

    Poisson's and none where the counts vary no more than it says: then the likelihood falls with
    1 / theta, whose score at 0 is half the excess. Source: Dean, Lawless (1989).
    """
    above, square = _excess(rows, full[0].beta)
    if above <= 0:
        return less[0], None
    counts = _tally(rows)
    path = _climb(rows, counts, full[0], (above, square), full[1])
    if path.beta[-1] > _HUGE:
        return less[0], None
    null = _climb(rows, counts, less[0], _excess(rows, less[0].beta), less[1])
    return _without_theta(null), path


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
    less, are_tested = split_tested(kept, columns=columns)
    poisson_null = climb(plain, start=first_guess(rows, family=Family.POISSON), free=less)
    poisson = climb(plain, start=poisson_null.beta, first=poisson_null.end, free=kept)
    null, path = _climb_both(rows, (poisson_null, less), (poisson, kept))
    theta = math.inf if path is None else math.exp(path.beta[-1])
    is_poisson, end = path is None, poisson if path is None else _without_theta(path)
    fit = summarise(
        rows,
        family=Family.NEGATIVE_BINOMIAL,
        null=null,
        path=end,
        columns=(kept, are_tested),
        sandwich=partial(
            estimate_sandwich,
            rows,
            law=LAWS[Family.POISSON] if is_poisson else partial(_law, theta),
            beta=end.beta,
            robust=robust,
            cluster=given.cluster,
        ),
    )
    return _with_theta(fit, path, poisson.end.log_likelihood)


def _with_theta(
    fit: Regression, path: Climb | None, poisson_log_likelihood: float
) -> NegativeBinomial:
    gain = max(2 * (fit.log_likelihood - poisson_log_likelihood), 0.0)
    test = chi_square_of(gain, degrees_of_freedom=1)
    theta, error = math.inf, math.nan
    if path is None:
        words = "the counts vary no more than Poisson's: theta is infinite, the fit is Poisson's"
        fit = replace(fit, message="; ".join(filter(None, [fit.message, words])))
    else:
        theta = math.exp(path.beta[-1])
        error = theta / math.sqrt(path.end.information[-1, -1])
    return NegativeBinomial(
        regression=fit,
        theta=theta,
        theta_standard_error=error,
        overdispersion_test=replace(test, p_value=test.p_value / 2 if gain > 0 else 1.0),
    )
