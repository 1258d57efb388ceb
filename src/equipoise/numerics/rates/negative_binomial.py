"""Rate ratios from counts that vary more than Poisson's: negative-binomial regression."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.linalg.lapack import dpotrf

from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.likelihood_climb import Climb, LikelihoodSums, climb
from equipoise.numerics.models.likelihood_sums import (
    LAWS,
    Block,
    Family,
    Rows,
    RowTerms,
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


def _law(theta: float, outcome: Values, eta: Values) -> RowTerms:
    """The likelihood but for what is of the counts alone. Source: Lawless (1987), (2.4), (2.5)."""
    mean = np.exp(eta)
    value = outcome * (eta - np.log(theta)) - (outcome + theta) * np.log1p(mean / theta)
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


def _add_rows(
    block: Block, at: Values, theta: float, score: Values, observed: Values
) -> tuple[float, float, float]:
    """What is not of the counts alone: likelihood and its first two derivatives by theta.

    Adds to the score and the observed information, but for their last place, which is theta's.
    Source: Lawless (1987), (2.4) to (2.8).
    """
    y, z, weight = block.outcome, block.z, np.zeros(block.outcome.size) + block.weight
    eta = z @ at[:-1] + block.offset
    mean, whole = np.exp(eta), y + theta
    inverse, lift = 1.0 / (mean + theta), np.log1p(mean / theta)
    ratio, share = whole * inverse, weight * inverse
    slope = theta * share * (y - mean)
    score[:-1] += slope @ z
    across = (slope * mean * inverse) @ z
    observed[-1, :-1] -= across
    observed[:-1, -1] -= across
    observed[:-1, :-1] += (z.T * (theta * share * mean * ratio)) @ z
    value = weight @ (y * (eta - np.log(theta)) - whole * lift)
    return float(value), float(weight @ (1.0 - ratio - lift)), float(share @ (ratio - 2.0))


def _expected(rows: Rows, at: Values, own: float) -> Values:
    """The information expected, which has nothing across the coefficients and theta."""
    law, expected = partial(_law, math.exp(min(at[-1], 2 * _HUGE))), np.zeros((at.size, at.size))
    for block in read_blocks(rows):
        share = block.weight * row_terms(block, law=law, beta=at[:-1]).information
        expected[:-1, :-1] += (block.z.T * share) @ block.z
    expected[-1, -1] = own
    return expected


def _sums(
    rows: Rows, counts: _Counts, climbed: tuple[NDArray[np.intp], ...], at: Values
) -> LikelihoodSums:
    """The sums at scaled coefficients and, last, the log of theta.

    With the information observed, or where that is not positive in what is climbed with the one
    expected.
    """
    theta = math.exp(min(at[-1], 2 * _HUGE))
    value, first, second = _counts_kernel(counts.value, counts.weight, theta)
    score, information = np.zeros(at.size), np.zeros((at.size, at.size))
    with np.errstate(all="ignore"):  # a step that leaves the floats is taken back
        for block in read_blocks(rows):
            found = _add_rows(block, at, theta, score, information)
            value, first, second = value + found[0], first + found[1], second + found[2]
    score[-1] = theta * first
    own = max(abs(theta**2 * second + theta * first), 1e-8)
    information[-1, -1] = own
    if not _is_positive(information[climbed]):
        information = _expected(rows, at, own)
    return LikelihoodSums(log_likelihood=value, score=score, information=information)


def _is_positive(information: Values) -> bool:
    return math.isfinite(information.sum()) and dpotrf(information)[1] == 0


def _excess(rows: Rows, beta: NDArray[np.float64]) -> tuple[float, float]:
    """Sum of (count - mean)^2 - count, and of mean^2, at Poisson's fit."""
    above = square = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for block in read_blocks(rows):
            y, mean = block.outcome, np.exp(block.z @ beta + block.offset)
            above += float(np.sum(block.weight * ((y - mean) ** 2 - y)))
            square += float(np.sum(block.weight * mean**2))
    return above, square


def _climb(
    rows: Rows, counts: _Counts, *, start: Values, log_theta: float, free: NDArray[np.intp]
) -> Climb:
    """From Poisson's fit and some theta to the largest likelihood; the information as expected."""
    begin = np.append(start, log_theta)
    free = np.append(free, start.size)
    path = climb(partial(_sums, rows, counts, np.ix_(free, free)), start=begin, free=free)
    expected = _expected(rows, path.beta, float(path.end.information[-1, -1]))
    return replace(path, end=replace(path.end, information=expected))


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
    counts, log_theta = _tally(rows), math.log(square / above)
    path = _climb(rows, counts, start=full[0].beta, log_theta=log_theta, free=full[1])
    if path.beta[-1] > _HUGE:
        return less[0], None
    log_theta = float(path.beta[-1])  # near that without the tested columns
    null = _climb(rows, counts, start=less[0].beta, log_theta=log_theta, free=less[1])
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
