"""Hazard ratios by Cox's partial likelihood, in strata and with ties."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh
from scipy.special import ndtr

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.cox_sums import (
    CoxDesign,
    CoxSums,
    build_design,
    score_residuals,
    sum_partial_likelihood,
)

_STEPS = 50
_ENOUGH = 1e-14  # the step just made was 1e-7 standard errors, so the next is about its square
_STEEPEST = 200.0  # log hazards beyond it would leave the range of floats
_ABSURD = 100.0  # no patient's hazard is e^100 times another's: the coefficient runs away
_VANISHED = 1e-7  # information this small against that at zero: the likelihood has no maximum


class Ties(Enum):
    """How events on one day enter the partial likelihood."""

    EFRON = "efron"
    BRESLOW = "breslow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the rows came about: `cluster` (n,) labels rows of one patient, `weight` (n,) above 0."""

    cluster: ArrayLike | None = None
    weight: ArrayLike | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cox:
    """Log hazard ratios (p,) with covariances (p, p), three tests, and whether the fit settled.

    A coefficient that the data cannot tell (no information: constant or collinear covariate, no
    event) is NaN. `robust_covariance` is the clustered sandwich, None without clusters.
    `message` says in words what went wrong where `converged` is false, or which coefficients are
    missing; else it is empty.
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
    iterations: int
    converged: bool
    message: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    """Where Newton's steps ended, over the columns that carry information."""

    beta: NDArray[np.float64]
    null: CoxSums
    end: CoxSums
    iterations: int
    message: str


def _told_columns(null: CoxSums, n_events: int) -> NDArray[np.intp]:
    """Columns with information of their own at zero, from the left: constant ones drop out."""
    kept: list[int] = []
    for column in range(null.score.size):
        own = null.information[column, column]
        if kept:
            across = null.information[np.ix_(kept, [column])]
            block = null.information[np.ix_(kept, kept)]
            own -= float((across.T @ np.linalg.solve(block, across))[0, 0])
        if own > 1e-10 * n_events and own > 0:
            kept.append(column)
    return np.array(kept, dtype=np.intp)


def _runs_away(
    design: CoxDesign, beta: NDArray[np.float64], sums: CoxSums, null: CoxSums
) -> NDArray[np.bool_]:
    """Which coefficients grow without end: absurd, or in directions without information left."""
    if np.abs(design.x @ beta).max() > _ABSURD:
        share = np.abs(design.x * beta).max(axis=0)
        return np.asarray(share > 0.01 * share.max())
    roots, axes = eigh(sums.information, null.information)
    gone = np.abs(axes[:, roots < _VANISHED])
    if gone.size == 0:
        return np.zeros(null.score.size, dtype=np.bool_)
    return np.asarray((gone > 0.01 * gone.max(axis=0)).any(axis=1))


def _step(
    design: CoxDesign, beta: NDArray[np.float64], now: CoxSums
) -> tuple[NDArray[np.float64], CoxSums, float]:
    """One Newton step, halved until the likelihood does not fall; and the gain it promised."""
    move = np.linalg.solve(now.information, now.score)
    promised = float(now.score @ move)
    slack = 1e-12 * max(1.0, abs(now.log_likelihood))
    for _ in range(40):
        within = bool((np.abs(design.x @ (beta + move)) <= _STEEPEST).all())
        after = sum_partial_likelihood(design, beta=beta + move) if within else now
        if within and after.log_likelihood >= now.log_likelihood - slack:
            return beta + move, after, promised
        move = move / 2
    return beta, now, math.inf


def _climb(design: CoxDesign, null: CoxSums) -> _Path:
    """Newton's steps from zero, where the sums are `null`, to the top of the likelihood."""
    beta = np.zeros(design.x.shape[1])
    now = null
    message = "the climb to the largest likelihood did not settle"
    taken = 0
    while taken < _STEPS:
        beta, now, promised = _step(design, beta, now)
        taken += 1
        away = _runs_away(design, beta, now, null)
        if away.any():
            which = ", ".join(str(column) for column in np.flatnonzero(away))
            message = f"the likelihood rises without end along covariate {which}"
            break
        if promised < _ENOUGH:
            message = ""
        if promised < _ENOUGH or promised == math.inf:
            break
    return _Path(beta=beta, null=null, end=now, iterations=taken, message=message)


def _spread_out(
    values: NDArray[np.float64], kept: NDArray[np.intp], columns: int
) -> NDArray[np.float64]:
    """A vector or matrix over all columns, NaN where a column was not told."""
    out = np.full((columns,) * values.ndim, np.nan)
    out[np.ix_(*([kept] * values.ndim))] = values
    return out


def _sandwich(
    design: CoxDesign, path: _Path, inverse: NDArray[np.float64], cluster: ArrayLike
) -> NDArray[np.float64]:
    """Clustered variance. Source: Lin, Wei (1989); Lee, Wei, Amato (1992)."""
    labels = np.asarray(cluster)
    if labels.shape != design.order.shape:
        raise ValueError(f"cluster has shape {labels.shape}: one label a row")
    residuals = score_residuals(design, beta=path.beta) * design.weight[:, None]
    code = np.unique(labels[design.order], return_inverse=True)[1]
    by_cluster = np.zeros((int(code.max()) + 1, residuals.shape[1]))
    np.add.at(by_cluster, code, residuals @ inverse)
    return np.asarray(by_cluster.T @ by_cluster)


def _nothing_told(design: CoxDesign, null: CoxSums) -> Cox:
    p = design.x.shape[1]
    test = chi_square_of(math.nan, degrees_of_freedom=0)
    return Cox(
        n=design.rank.size,
        n_events=int(design.event.sum()),
        coefficients=np.full(p, np.nan),
        covariance=np.full((p, p), np.nan),
        robust_covariance=None,
        log_likelihood_null=null.log_likelihood,
        log_likelihood=null.log_likelihood,
        score_test=test,
        wald_test=test,
        likelihood_ratio_test=test,
        iterations=0,
        converged=False,
        message="no event has covariates that differ among those at risk",
    )


def _missing_words(kept: NDArray[np.intp], columns: int) -> str:
    missing = [str(column) for column in range(columns) if column not in kept]
    return f"no information of its own in covariate {', '.join(missing)}" if missing else ""


def _restrict_sums(sums: CoxSums, kept: NDArray[np.intp]) -> CoxSums:
    return CoxSums(
        log_likelihood=sums.log_likelihood,
        score=sums.score[kept],
        information=sums.information[np.ix_(kept, kept)],
    )


def _restrict(design: CoxDesign, kept: NDArray[np.intp]) -> CoxDesign:
    return CoxDesign(
        order=design.order,
        rank=design.rank,
        event=design.event,
        stratum=design.stratum,
        weight=design.weight,
        x=np.ascontiguousarray(design.x[:, kept]),
        scale=design.scale[kept],
        efron=design.efron,
    )


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
    variance, and weights. A likelihood without a maximum (an arm with no event) gives the finite
    coefficients where the climb was given up, `converged` false and a message; it never raises.
    Source: Cox (1972); Efron (1977); Breslow (1974); Therneau, Grambsch (2000).
    """
    rows = sampling or Sampling()
    design = build_design(
        time,
        event=event,
        covariates=covariates,
        stratum=stratum,
        weight=rows.weight,
        efron=ties is Ties.EFRON,
    )
    columns = design.x.shape[1]
    null = sum_partial_likelihood(design, beta=np.zeros(columns))
    kept = _told_columns(null, int(design.event.sum()))
    if kept.size == 0:
        return _nothing_told(design, null)
    told = _restrict(design, kept)
    path = _climb(told, _restrict_sums(null, kept))
    return _summarise(told, path, kept, columns, rows.cluster)


def _summarise(
    design: CoxDesign,
    path: _Path,
    kept: NDArray[np.intp],
    columns: int,
    cluster: ArrayLike | None,
) -> Cox:
    inverse = np.asarray(np.linalg.pinv(path.end.information), dtype=np.float64)
    if not (np.diag(inverse) > 0).all():
        inverse = np.full_like(inverse, np.nan)
    unit = np.outer(design.scale, design.scale)
    robust = None if cluster is None else _sandwich(design, path, inverse, cluster) / unit
    df = int(kept.size)
    score = float(path.null.score @ np.linalg.solve(path.null.information, path.null.score))
    wald = float(path.beta @ path.end.information @ path.beta)
    ratio = 2 * (path.end.log_likelihood - path.null.log_likelihood)
    return Cox(
        n=design.rank.size,
        n_events=int(design.event.sum()),
        coefficients=_spread_out(path.beta / design.scale, kept, columns),
        covariance=_spread_out(inverse / unit, kept, columns),
        robust_covariance=None if robust is None else _spread_out(robust, kept, columns),
        log_likelihood_null=path.null.log_likelihood,
        log_likelihood=path.end.log_likelihood,
        score_test=chi_square_of(score, degrees_of_freedom=df),
        wald_test=chi_square_of(wald, degrees_of_freedom=df),
        likelihood_ratio_test=chi_square_of(ratio, degrees_of_freedom=df),
        iterations=path.iterations,
        converged=path.message == "",
        message=path.message or _missing_words(kept, columns),
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
        p_value=float(2 * ndtr(-abs(z))),
    )
