"""Marginal Cox models of several kinds of event in one patient, and their common effect."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_covariates, check_labels, check_times
from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile, two_sided_p
from equipoise.numerics.hazards.cox import HazardRatio, Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.cox_residuals import influence_of_clusters


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralEvents:
    """A row for each patient and kind of event, all (n,); `covariates` (n,) or (n, p).

    `kind` codes the events from 0 (first, second, third recurrence; local, regional, distant);
    `subject` labels the rows of one patient. A row is at risk of its kind from `entry` (or from
    the start) to `time`.
    """

    time: ArrayLike
    event: ArrayLike
    kind: ArrayLike
    subject: ArrayLike
    covariates: ArrayLike
    stratum: ArrayLike | None = None
    weight: ArrayLike | None = None
    entry: ArrayLike | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalCox:
    """Log hazard ratios (k, p) of the k kinds, and their joint robust covariance (k, p, k, p).

    NaN where a kind does not tell a coefficient; `message` says which and why.
    """

    n_events: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonEffect:
    """The average of one covariate's effects over the kinds, with the tests of all of them.

    `weight` (k,) makes the variance of the average least; `global_test` is of no effect on any
    kind (k degrees of freedom), `equality_test` of one effect on all (k - 1). Kinds that tell no
    effect have weight 0.
    """

    effect: HazardRatio
    weight: NDArray[np.float64]
    global_test: ChiSquare
    equality_test: ChiSquare


def _rows_of(values: ArrayLike | None, rows: NDArray[np.bool_]) -> NDArray[np.generic] | None:
    return None if values is None else np.asarray(values)[rows]


def estimate_marginal_cox(rows: SeveralEvents, *, ties: Ties = Ties.EFRON) -> MarginalCox:
    """A Cox model for each kind of event, with the covariance that one patient's rows share.

    Source: Wei, Lin, Weissfeld (1989); Therneau, Grambsch (2000), 8.5.
    """
    n = check_times(rows.time).size
    kinds = check_codes(rows.kind, name="kind", n=n)
    covariates = check_covariates(rows.covariates, n=n)
    code = check_labels(rows.subject, name="subject", n=n)
    k, p = int(kinds.max()) + 1, covariates.shape[1]
    n_events = np.zeros(k, dtype=np.int64)
    coefficients = np.full((k, p), np.nan)
    influence = np.full((int(code.max()) + 1, k, p), np.nan)
    words = []
    for kind in np.unique(kinds):
        own = kinds == kind
        fit = estimate_cox(
            np.asarray(rows.time)[own],
            event=np.asarray(rows.event)[own],
            covariates=covariates[own],
            stratum=_rows_of(rows.stratum, own),
            sampling=Sampling(weight=_rows_of(rows.weight, own), entry=_rows_of(rows.entry, own)),
            ties=ties,
        )
        n_events[kind] = fit.n_events
        if fit.message:
            words.append(f"kind {kind}: {fit.message}")
        if fit.converged:
            coefficients[kind] = fit.coefficients
            moved = influence_of_clusters(fit, cluster=code[own])
            influence[:, kind] = 0.0
            influence[: len(moved), kind] = moved
    flat = influence.reshape(-1, k * p)
    return MarginalCox(
        n_events=n_events,
        coefficients=coefficients,
        covariance=(flat.T @ flat).reshape(k, p, k, p),
        message="; ".join(words),
    )


def _quadratic(values: NDArray[np.float64], covariance: NDArray[np.float64]) -> ChiSquare:
    if values.size == 0:
        return chi_square_of(math.nan, degrees_of_freedom=0)
    statistic = float(values @ np.linalg.solve(covariance, values))
    return chi_square_of(statistic, degrees_of_freedom=values.size)


def combine_kinds(found: MarginalCox, *, covariate: int = 0, level: float = 0.95) -> CommonEffect:
    """The common effect of one covariate, averaged over the kinds that tell it.

    ValueError where fewer patients than kinds make the covariance singular.
    Source: Wei, Lin, Weissfeld (1989), section 3.
    """
    told = np.flatnonzero(np.isfinite(found.coefficients[:, covariate]))
    effects = found.coefficients[told, covariate]
    covariance = found.covariance[:, covariate, :, covariate][np.ix_(told, told)]
    if told.size and np.linalg.matrix_rank(covariance, hermitian=True) < told.size:
        raise ValueError(f"the effects on {told.size} kinds move together: combine fewer kinds")
    ones = np.ones(told.size)
    share = np.linalg.solve(covariance, ones) if told.size else ones
    precision = float(share.sum())
    weight = np.zeros(found.n_events.size)
    weight[told] = share / precision if told.size else share
    mean = float(weight[told] @ effects) if told.size else math.nan
    apart = np.eye(told.size)[1:] - np.eye(told.size)[:1]
    error = precision**-0.5 if told.size else math.nan
    z, half = mean / error, normal_quantile(level) * error
    return CommonEffect(
        effect=HazardRatio(
            value=math.exp(mean),
            lower=math.exp(mean - half),
            upper=math.exp(mean + half),
            log_value=mean,
            standard_error=error,
            z=z,
            p_value=two_sided_p(z),
        ),
        weight=weight,
        global_test=_quadratic(effects, covariance),
        equality_test=_quadratic(apart @ effects, apart @ covariance @ apart.T)
        if told.size
        else chi_square_of(math.nan, degrees_of_freedom=0),
    )
