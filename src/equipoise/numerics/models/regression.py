"""Regression of shares, counts and values on covariates: odds ratios, rate ratios, differences."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile, two_sided_p
from equipoise.numerics.likelihood_climb import Climb, Likelihood, LikelihoodSums, climb
from equipoise.numerics.models.likelihood_sums import (
    CLIMBED,
    LAWS,
    Family,
    Law,
    Rows,
    build_rows,
    check_outcome,
    sum_likelihood,
    told_columns,
    unscale,
)
from equipoise.numerics.models.sandwich import Robust, estimate_sandwich


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionSampling:
    """How the rows came about, all (n,): log of the time at risk, weight, label of the cluster."""

    offset: ArrayLike | None = None
    weight: ArrayLike | None = None
    cluster: ArrayLike | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """Coefficients (1 + p,), the intercept first, with covariances and the tests of some of them.

    A coefficient that the data cannot tell (a constant or collinear covariate) is NaN. The tests
    are of the covariates `tested`; `log_likelihood_null` is that without them. Where a risk of 1
    is met on the way (LOG_BINOMIAL), score and likelihood-ratio test are NaN. `message` says in
    words what went wrong where `converged` is false, or which coefficients are missing.
    """

    family: Family
    n: int
    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    robust_covariance: NDArray[np.float64]
    log_likelihood_null: float
    log_likelihood: float
    score_test: ChiSquare
    wald_test: ChiSquare
    likelihood_ratio_test: ChiSquare
    iterations: int
    converged: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A ratio (of odds, risks, rates) or difference with its interval and two-sided p.

    `coefficient` and `standard_error` are on the log scale for ratios.
    """

    value: float
    lower: float
    upper: float
    coefficient: float
    standard_error: float
    z: float
    p_value: float


def first_guess(rows: Rows, *, family: Family) -> NDArray[np.float64]:
    """Scaled coefficients to start from: the mean, through the link, less the largest offset;
    of counts the rate, the best without covariates."""
    weight = np.ones(rows.outcome.size) if rows.weight is None else rows.weight
    mean = float(weight @ rows.outcome / weight.sum())
    offset = 0.0 if rows.offset is None else rows.offset.max()
    if rows.offset is not None and family is Family.POISSON:
        mean /= float(weight @ np.exp(rows.offset - offset) / weight.sum())
    level = {
        Family.LOGISTIC: lambda: math.log(mean / (1 - mean)),
        Family.LINEAR: lambda: mean,
    }.get(family, lambda: math.log(mean))()
    return np.array([level - offset, *[0.0] * rows.centre.size])


def has_one_outcome(rows: Rows, *, family: Family) -> bool:
    """True where nobody or everybody has the outcome, so that no odds, risk or rate is told."""
    all_are = rows.outcome.min() == 1 and family in (Family.LOGISTIC, Family.LOG_BINOMIAL)
    return family is not Family.LINEAR and bool(rows.outcome.max() == 0 or all_are)


def quadratic_test(values: NDArray[np.float64], *, covariance: NDArray[np.float64]) -> ChiSquare:
    """The chi-square test that all `values` are 0; NaN without any, or where some do not vary."""
    statistic = math.nan
    with suppress(np.linalg.LinAlgError):
        statistic = float(values @ np.linalg.solve(covariance, values)) if values.size else math.nan
    return chi_square_of(statistic, degrees_of_freedom=values.size)


def check_tested(tested: Sequence[int] | None, *, p: int) -> NDArray[np.intp]:
    """The columns that are tested, counted with the intercept; all where none is named."""
    columns = np.arange(p) if tested is None else np.array(tested, dtype=np.intp)
    if columns.size and not (columns.min() >= 0 and columns.max() < p):
        raise ValueError(f"tested names covariates 0 to {p - 1}, not {columns.tolist()}")
    return np.asarray(columns + 1, dtype=np.intp)


def split_tested(
    kept: NDArray[np.intp], *, columns: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of the columns told those that are not tested, and those that are."""
    tested = (kept[:, None] == columns).any(axis=1)
    return kept[~tested], kept[tested]


def estimate_regression(
    outcome: ArrayLike,
    *,
    covariates: ArrayLike | None,
    family: Family,
    sampling: RegressionSampling | None = None,
    tested: Sequence[int] | None = None,
    robust: Robust = Robust.HC0,
) -> Regression:
    """Coefficients per unit of each covariate, by the largest likelihood.

    `covariates` has shape (n,) or (n, p), without a column of ones. `tested` says which of them
    the three tests are of (all). The sandwich is by the clusters of `sampling`, else by rows;
    modified Poisson (POISSON on 0 and 1) and LINEAR on 0 and 1 are to be read with it. A likelihood
    without a maximum (an arm without a responder: separation) gives finite coefficients where the
    climb was given up, `converged` false and a message that names the covariates; then
    `estimate_firth` and `estimate_profile_interval` have an answer. Source: Nelder, Wedderburn
    (1972); McCullagh, Nelder (1989); Zou (2004); Cheung (2007).
    """
    if family not in LAWS:
        raise ValueError("estimate_negative_binomial has the theta that this family needs")
    given = sampling or RegressionSampling()
    checked = check_outcome(outcome, family=family)
    rows = build_rows(checked, covariates=covariates, offset=given.offset, weight=given.weight)
    columns = check_tested(tested, p=rows.centre.size)
    kept = told_columns(rows)
    if has_one_outcome(rows, family=family):
        return nothing_told(rows, family=family)
    null, path = _climb_twice(rows, family, columns, kept)
    return summarise(
        rows,
        family=family,
        null=null,
        path=path,
        columns=(kept, split_tested(kept, columns=columns)[1]),
        sandwich=partial(
            estimate_sandwich,
            rows,
            law=LAWS[family],
            beta=path.beta,
            robust=robust,
            cluster=given.cluster,
        ),
    )


def _climb_twice(
    rows: Rows, family: Family, columns: NDArray[np.intp], kept: NDArray[np.intp]
) -> tuple[Climb, Climb]:
    """Without the tested columns, and with all that are told; information as expected."""
    objective, start = objective_of(rows, law=CLIMBED[family]), first_guess(rows, family=family)
    unit = max(float(rows.outcome.var()), 1e-300) if family is Family.LINEAR else 1.0
    untested, _ = split_tested(kept, columns=columns)
    null = climb(objective, start=start, free=untested, unit=unit)
    if null.end.at_edge:
        path = climb(objective, start=start, free=kept, unit=unit)
    else:
        path = climb(objective, start=null.beta, first=null.end, free=kept, unit=unit)
    if CLIMBED[family] is LAWS[family]:
        return null, path
    expected = objective_of(rows, law=LAWS[family])
    return replace(null, end=expected(null.beta)), replace(path, end=expected(path.beta))


def objective_of(rows: Rows, *, law: Law) -> Likelihood:
    """The likelihood of rows under a law, as `climb` wants it."""

    def objective(beta: NDArray[np.float64]) -> LikelihoodSums:
        return sum_likelihood(rows, law=law, beta=beta)

    return objective


def nothing_told(rows: Rows, *, family: Family) -> Regression:
    """The result where nobody or everybody has the outcome."""
    size = rows.centre.size + 1
    test = chi_square_of(math.nan, degrees_of_freedom=0)
    who = "nobody" if rows.outcome.max() == 0 else "everybody"
    return Regression(
        family=family,
        n=rows.outcome.size,
        coefficients=np.full(size, np.nan),
        covariance=np.full((size, size), np.nan),
        robust_covariance=np.full((size, size), np.nan),
        log_likelihood_null=0.0,
        log_likelihood=0.0,
        score_test=test,
        wald_test=test,
        likelihood_ratio_test=test,
        iterations=0,
        converged=False,
        message=f"{who} has the outcome: no coefficient is told",
    )


def _variance_factors(
    rows: Rows, family: Family, null: Climb, path: Climb, k: int
) -> tuple[float, float, float, float]:
    """Dispersion with and without the tested columns, and the two log likelihoods."""
    if family is not Family.LINEAR:
        return 1.0, 1.0, null.end.log_likelihood, path.end.log_likelihood
    n = rows.outcome.size
    squares = (-2 * null.end.log_likelihood, -2 * path.end.log_likelihood)
    own = 0.0 if rows.weight is None else float(np.log(rows.weight).sum())
    with np.errstate(divide="ignore"):
        lone, full = ((own - n * (math.log(2 * math.pi) + 1 + np.log(s / n))) / 2 for s in squares)
    return squares[1] / (n - k) if n > k else math.nan, squares[0] / n, float(lone), float(full)


def _inverse(information: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse; that of what there is where a climb was given up and some of it is gone."""
    try:
        return np.asarray(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(information))


def summarise(
    rows: Rows,
    *,
    family: Family,
    null: Climb,
    path: Climb,
    columns: tuple[NDArray[np.intp], NDArray[np.intp]],
    sandwich: Callable[..., NDArray[np.float64]],
) -> Regression:
    """The result in the units given; `columns` are those told and those tested of them."""
    kept, tested = columns
    size = rows.centre.size + 1
    inverse = np.zeros((size, size))
    inverse[np.ix_(kept, kept)] = _inverse(path.end.information[np.ix_(kept, kept)])
    spread, spread_null, lone, full = _variance_factors(rows, family, null, path, kept.size)
    back, missing = unscale(rows), np.delete(np.arange(size), kept)
    told = {
        "coefficients": back @ path.beta,
        "covariance": spread * back @ inverse @ back.T,
        "robust_covariance": back @ sandwich(inverse=inverse) @ back.T,
    }
    for values in told.values():
        values[missing] = np.nan
        values.T[missing] = np.nan
    block = np.ix_(tested, tested)
    words = f"no information of its own in covariate {', '.join(str(c - 1) for c in missing)}"
    top = math.nan if null.end.at_edge or path.end.at_edge else 1.0  # no slope of 0 at the edge
    gain = chi_square_of(top * max(2 * (full - lone), 0.0), degrees_of_freedom=tested.size)
    null_covariance = spread_null * _inverse(null.end.information[np.ix_(kept, kept)])
    score = null.end.score[kept] / spread_null if spread_null > 0 else np.zeros(kept.size)
    return Regression(
        family=family,
        n=rows.outcome.size,
        **told,
        log_likelihood_null=lone,
        log_likelihood=full,
        score_test=chi_square_of(
            top * float(score @ null_covariance @ score), degrees_of_freedom=tested.size
        ),
        wald_test=quadratic_test(path.beta[tested], covariance=spread * inverse[block]),
        likelihood_ratio_test=gain,
        iterations=path.iterations,
        converged=path.message == "",
        message=path.message or (words if missing.size else ""),
    )


def estimate_effect(
    fit: Regression, *, covariate: int = 0, robust: bool = False, level: float = 0.95
) -> Effect:
    """The ratio (LINEAR: the difference) for one unit of a covariate, with Wald's interval and p.

    `robust` takes the sandwich. NaN where the data cannot tell it or the climb did not settle.
    """
    covariance = fit.robust_covariance if robust else fit.covariance
    known = fit.converged
    return effect_of(
        float(fit.coefficients[covariate + 1]) if known else math.nan,
        standard_error=float(np.sqrt(covariance[covariate + 1, covariate + 1])),
        level=level,
        is_ratio=fit.family is not Family.LINEAR,
    )


def effect_of(
    coefficient: float, *, standard_error: float, level: float = 0.95, is_ratio: bool = True
) -> Effect:
    """The effect of a coefficient and its standard error."""
    half = normal_quantile(level) * standard_error
    z = coefficient / standard_error if standard_error > 0 else math.nan
    ends = (coefficient, coefficient - half, coefficient + half)
    with np.errstate(over="ignore"):  # where next to nothing is told a limit is infinite
        value, lower, upper = (float(np.exp(end)) for end in ends) if is_ratio else ends
    return Effect(
        value=value,
        lower=lower,
        upper=upper,
        coefficient=coefficient,
        standard_error=standard_error,
        z=z,
        p_value=two_sided_p(z),
    )
