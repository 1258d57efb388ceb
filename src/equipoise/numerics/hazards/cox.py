"""Hazard ratios by Cox's partial likelihood, in strata and with ties."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile, two_sided_p
from equipoise.numerics.hazards.cox_climb import climb_hazards, within_floats
from equipoise.numerics.hazards.cox_design import CoxDesign, Sampling, build_designs
from equipoise.numerics.hazards.cox_exact import check_exact_size, sum_exact_likelihood
from equipoise.numerics.hazards.cox_sandwich import sum_score_squares
from equipoise.numerics.hazards.cox_sums import sum_partial_likelihood
from equipoise.numerics.likelihood_climb import (
    Climb,
    Likelihood,
    LikelihoodSums,
    is_full,
    solve_slopes,
    told_columns,
)
from equipoise.numerics.row_order import Places, number_clusters

__all__ = [
    "Cox",
    "CoxModel",
    "CoxTop",
    "HazardRatio",
    "Sampling",
    "Ties",
    "climb_cox",
    "estimate_cox",
    "estimate_hazard_ratio",
    "fit_events",
    "likelihood_of",
    "missing_words",
    "restrict_design",
    "spread_out",
    "summarise_top",
]

_OFFER = ": see estimate_firth and estimate_profile_interval for finite answers"


class Ties(Enum):
    """How events on one day enter the partial likelihood.

    `EXACT` takes the day as the unit: which of those at risk fail, given how many do (the
    conditional likelihood of discrete times). It is for small data.
    """

    EFRON = "efron"
    BRESLOW = "breslow"
    EXACT = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxModel:
    """What a fit rests on, for what is computed after it: residuals, hazards, other intervals.

    `design` holds the covariates that carry information, `kept` says which; `beta` are their
    coefficients in its scale, `away` tells which of them grow without end.
    """

    design: CoxDesign
    kept: NDArray[np.intp]
    columns: int
    ties: Ties
    beta: NDArray[np.float64]
    away: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cox:
    """Log hazard ratios (p,) with covariances (p, p), three tests, and whether the fit settled.

    A coefficient that the data cannot tell (no information: constant or collinear covariate, no
    event) is NaN. `robust_covariance` is the sandwich over the clusters, None where not asked for;
    with it comes the robust score test. `message` says in words what went wrong where `converged`
    is false, or which coefficients are missing; else it is empty.
    """

    n: int
    n_events: int
    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    robust_covariance: NDArray[np.float64] | None
    log_likelihood_null: float
    log_likelihood: float
    score_test: ChiSquare
    wald_test: ChiSquare
    likelihood_ratio_test: ChiSquare
    robust_score_test: ChiSquare | None
    iterations: int
    converged: bool
    message: str
    model: CoxModel = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxTop:
    """Where the climb of a model ended, None where no covariate tells anything; its sums at 0."""

    model: CoxModel
    null: LikelihoodSums
    path: Climb | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardRatio:
    """A hazard ratio with its interval and Wald p; NaN where the data cannot tell it."""

    value: float
    lower: float
    upper: float
    log_value: float
    standard_error: float
    z: float
    p_value: float


def spread_out(
    values: NDArray[np.float64], *, kept: NDArray[np.intp], columns: int
) -> NDArray[np.float64]:
    """A vector or matrix over all columns, NaN where a column was not told."""
    if kept.size == columns:
        return values
    out = np.full((columns,) * values.ndim, np.nan)
    out[np.ix_(*([kept] * values.ndim))] = values
    return out


def _sandwich(
    design: CoxDesign, beta: NDArray[np.float64], inverse: NDArray[np.float64], cluster: Places
) -> tuple[NDArray[np.float64], ChiSquare]:
    """Robust variance and score test. Source: Lin, Wei (1989); Lee, Wei, Amato (1992)."""
    code = cluster[design.order] if cluster.size else cluster
    robust, _ = sum_score_squares(design, beta=beta, turn=inverse, cluster=code)
    null, straight = np.zeros(beta.size), np.eye(beta.size)
    meat, total = sum_score_squares(design, beta=null, turn=straight, cluster=code)
    statistic = math.nan
    least = 1e-9 * float(meat.diagonal().max())
    if is_full(meat, least=least) or np.linalg.matrix_rank(meat, hermitian=True) == total.size:
        statistic = float(total @ solve_slopes(meat, value=total))
    return robust, chi_square_of(statistic, degrees_of_freedom=total.size)


def _nothing_told(model: CoxModel, null: LikelihoodSums) -> Cox:
    p = model.columns
    test = chi_square_of(math.nan, degrees_of_freedom=0)
    return Cox(
        n=model.design.order.size,
        n_events=int(model.design.event.sum()),
        coefficients=np.full(p, np.nan),
        covariance=np.full((p, p), np.nan),
        robust_covariance=None,
        log_likelihood_null=null.log_likelihood,
        log_likelihood=null.log_likelihood,
        score_test=test,
        wald_test=test,
        likelihood_ratio_test=test,
        robust_score_test=None,
        iterations=0,
        converged=False,
        message="no event has covariates that differ among those at risk",
        model=model,
    )


def missing_words(kept: NDArray[np.intp], *, columns: int) -> str:
    """Which covariates tell nothing, in words; empty where all do."""
    missing = [str(column) for column in range(columns) if column not in kept]
    return f"no information of its own in covariate {', '.join(missing)}" if missing else ""


def _restrict_sums(sums: LikelihoodSums, kept: NDArray[np.intp]) -> LikelihoodSums:
    if kept.size == sums.score.size:
        return sums
    return LikelihoodSums(
        log_likelihood=sums.log_likelihood,
        score=sums.score[kept],
        information=sums.information[np.ix_(kept, kept)],
    )


def restrict_design(design: CoxDesign, *, kept: NDArray[np.intp]) -> CoxDesign:
    """The design with some of its covariates."""
    if kept.size == design.scale.size:
        return design
    return replace(
        design,
        x=np.ascontiguousarray(design.x[:, kept]),
        centre=design.centre[kept],
        scale=design.scale[kept],
        reach=design.reach[kept],
        failed=design.failed[kept],
    )


def likelihood_of(design: CoxDesign, *, ties: Ties) -> Likelihood:
    """The sums of the partial likelihood as a function of the scaled coefficients."""
    sums = sum_exact_likelihood if ties is Ties.EXACT else sum_partial_likelihood
    return within_floats(lambda beta: sums(design, beta=beta), design=design)


def _check_exact(design: CoxDesign, rows: Sampling) -> None:
    if rows.weight is not None or rows.cluster is not None or rows.robust:
        raise ValueError("exact ties have no weights and no robust variance: use Ties.EFRON")
    check_exact_size(design)


def estimate_cox(
    time: ArrayLike,
    *,
    event: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike | None = None,
    sampling: Sampling | None = None,
    ties: Ties = Ties.EFRON,
) -> Cox:
    """Log hazard ratios per unit of each covariate, each stratum with a baseline of its own.

    `covariates` has shape (n,) or (n, p). `sampling` names rows of one patient, for the robust
    variance, weights, and late entry. A likelihood without a maximum (an arm with no event) gives
    the finite coefficients where the climb was given up, `converged` false and a message; it never
    raises. `Ties.EXACT` refuses weights, clusters, and data too large to count out.
    Source: Cox (1972); Efron (1977); Breslow (1974); Therneau, Grambsch (2000); exact ties: Gail,
    Lubin, Rubinstein (1981).
    """
    return fit_events(
        time,
        events=[event],
        covariates=covariates,
        stratum=stratum,
        sampling=sampling,
        ties=ties,
    )[0]


def fit_events(
    time: ArrayLike,
    *,
    events: Sequence[ArrayLike],
    covariates: ArrayLike,
    stratum: ArrayLike | None = None,
    sampling: Sampling | None = None,
    ties: Ties = Ties.EFRON,
) -> tuple[Cox, ...]:
    """`estimate_cox` for each kind of event, of the same rows: checked and ordered once."""
    rows, cluster = sampling or Sampling(), None
    if rows.robust or rows.cluster is not None:
        cluster = number_clusters(rows.cluster, n=np.size(time))
    designs = build_designs(
        time,
        events=events,
        covariates=covariates,
        stratum=stratum,
        sampling=rows,
        efron=ties is Ties.EFRON,
    )
    if ties is Ties.EXACT:
        for design in designs:
            _check_exact(design, rows)
    return tuple(summarise_top(climb_cox(one, ties=ties), cluster=cluster) for one in designs)


def climb_cox(design: CoxDesign, *, ties: Ties) -> CoxTop:
    """The largest likelihood over the covariates that tell something, not yet summarised."""
    columns = design.scale.size
    null = likelihood_of(design, ties=ties)(np.zeros(columns))
    kept = told_columns(null.information, least=1e-10 * float(design.event.sum()))
    told = restrict_design(design, kept=kept)
    model = CoxModel(
        design=told,
        kept=kept,
        columns=columns,
        ties=ties,
        beta=np.zeros(kept.size),
        away=np.zeros(kept.size, dtype=np.bool_),
    )
    if kept.size == 0:
        return CoxTop(model=model, null=null, path=None)
    null = _restrict_sums(null, kept)
    path = climb_hazards(likelihood_of(told, ties=ties), design=told, null=null)
    return CoxTop(model=replace(model, beta=path.beta, away=path.away), null=null, path=path)


def summarise_top(top: CoxTop, *, cluster: Places | None = None) -> Cox:
    """What is read of the largest likelihood; by clusters, the robust variance and test too."""
    model, null, path = top.model, top.null, top.path
    if path is None:
        return _nothing_told(model, null)
    design, kept, columns = model.design, model.kept, model.columns
    spread = partial(spread_out, kept=kept, columns=columns)
    invert = np.linalg.pinv if path.message else np.linalg.inv
    inverse = np.asarray(invert(path.end.information), dtype=np.float64)
    if not (np.diag(inverse) > 0).all():
        inverse = np.full_like(inverse, np.nan)
    unit = np.outer(design.scale, design.scale)
    message = path.message + (_OFFER if path.away.any() else "")
    robust, robust_score = None, None
    if cluster is not None:
        robust, robust_score = _sandwich(design, path.beta, inverse, cluster)
    df = int(kept.size)
    score = float(null.score @ solve_slopes(null.information, value=null.score))
    wald = float(path.beta @ path.end.information @ path.beta)
    ratio = 2 * (path.end.log_likelihood - null.log_likelihood)
    return Cox(
        n=design.order.size,
        n_events=int(design.event.sum()),
        coefficients=spread(path.beta / design.scale),
        covariance=spread(inverse / unit),
        robust_covariance=None if robust is None else spread(robust / unit),
        log_likelihood_null=null.log_likelihood,
        log_likelihood=path.end.log_likelihood,
        score_test=chi_square_of(score, degrees_of_freedom=df),
        wald_test=chi_square_of(wald, degrees_of_freedom=df),
        likelihood_ratio_test=chi_square_of(ratio, degrees_of_freedom=df),
        robust_score_test=robust_score,
        iterations=path.iterations,
        converged=path.message == "",
        message=message or missing_words(kept, columns=columns),
        model=model,
    )


def estimate_hazard_ratio(fit: Cox, *, column: int = 0, level: float = 0.95) -> HazardRatio:
    """The hazard ratio of one covariate with Wald interval, by the robust variance if there is one.

    Where the climb was given up (`converged` false) the number is a direction, not an estimate.
    """
    covariance = fit.covariance if fit.robust_covariance is None else fit.robust_covariance
    log_value = float(fit.coefficients[column])
    variance = float(covariance[column, column])
    standard_error = math.sqrt(variance) if variance > 0 else math.nan
    z = log_value / standard_error
    width = normal_quantile(level) * standard_error
    # where the climb was given up the interval may leave the range of floats
    with np.errstate(over="ignore"):
        value, lower, upper = np.exp(np.array([log_value, log_value - width, log_value + width]))
    return HazardRatio(
        value=float(value),
        lower=float(lower),
        upper=float(upper),
        log_value=log_value,
        standard_error=standard_error,
        z=z,
        p_value=two_sided_p(z),
    )
