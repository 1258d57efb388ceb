"""Risks of each group as if all had been in it: standardised after logistic regression."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from equipoise.numerics.checks import check_codes, check_covariates
from equipoise.numerics.models.likelihood_sums import Family, check_outcome
from equipoise.numerics.models.regression import Effect, Regression, effect_of, estimate_regression


class RiskVariance(Enum):
    """What the variance of standardised risks holds against.

    MODEL: the covariates are those of this trial, the model is right (Ge et al. 2011). SANDWICH:
    the same by the sandwich HC0. STACKED: covariates vary too and the model may be wrong (stacked
    estimating equations). RANDOMISED: as STACKED, from randomisation alone (Ye et al. 2023).
    """

    MODEL = "model"
    SANDWICH = "sandwich"
    STACKED = "stacked"
    RANDOMISED = "randomised"


class RiskMeasure(Enum):
    """How two risks are compared."""

    DIFFERENCE = "difference"
    RATIO = "ratio"
    ODDS_RATIO = "odds ratio"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisedRisks:
    """The risk (k,) of each group over everybody's covariates, with its covariance (k, k).

    NaN for a group without rows. `message` says in words what could not be told.
    """

    n: NDArray[np.int64]
    risk: NDArray[np.float64]
    covariance: NDArray[np.float64]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """The rows with the design of the working model: groups, covariates, their products."""

    response: NDArray[np.float64]
    group: NDArray[np.int64]
    groups: int
    covariates: NDArray[np.float64]
    interaction: bool


def _design(sample: _Sample, group: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """The columns (n, P) of the working model, had everybody been in `group`."""
    n = sample.response.size
    dummies = np.broadcast_to(np.eye(sample.groups)[group, 1:], (n, sample.groups - 1))
    parts = [dummies, sample.covariates]
    if sample.interaction:
        parts += [sample.covariates * dummies[:, [j]] for j in range(sample.groups - 1)]
    return np.hstack(parts)


def _risks(sample: _Sample, fit: Regression) -> NDArray[np.float64]:
    """Each row's risk in each group (n, k)."""
    beta = np.nan_to_num(fit.coefficients)
    each = [expit(_design(sample, g) @ beta[1:] + beta[0]) for g in range(sample.groups)]
    return np.stack(each, axis=1)


def _gradient(sample: _Sample, risks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slopes (k, 1 + P) of the standardised risks along the coefficients."""
    slopes = risks * (1 - risks) / sample.response.size
    return np.stack(
        [np.r_[slopes[:, g].sum(), slopes[:, g] @ _design(sample, g)] for g in range(sample.groups)]
    )


def _stacked(sample: _Sample, fit: Regression, risks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance by influence functions. Source: Stefanski, Boos (2002); Sjolander (2016)."""
    n = sample.response.size
    own = sample.response - risks[np.arange(n), sample.group]
    lever = _gradient(sample, risks) @ np.nan_to_num(fit.covariance)
    design = _design(sample, sample.group)
    through = own[:, None] * (lever[:, 0] + design @ lever[:, 1:].T)
    influence = (risks - risks.mean(axis=0)) / n + through
    return np.asarray(influence.T @ influence)


def _randomised(
    sample: _Sample, risks: NDArray[np.float64], stratum: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """Variance by randomisation; less what permuted blocks in strata take away.

    Source: Ye, Bannick, Yi, Shao (2023), Theorem 2.
    """
    n, k = sample.response.size, sample.groups
    share = np.bincount(sample.group, minlength=k) / n
    own = np.full((k, k), np.nan)
    within = np.full(k, np.nan)
    for g in range(k):
        rows = sample.group == g
        if rows.sum() < 2:
            continue
        y, m = sample.response[rows], risks[rows]
        own[g] = (y - y.mean()) @ (m - m.mean(axis=0)) / (y.size - 1)
        within[g] = (y - m[:, g]).var(ddof=1) / share[g]
    spread = np.diag(within) + own + own.T - np.cov(risks, rowvar=False).reshape(k, k)
    if stratum is not None:
        spread -= _taken_by_blocks(sample, risks, stratum, share)
    return np.asarray(spread / n)


def _taken_by_blocks(
    sample: _Sample,
    risks: NDArray[np.float64],
    stratum: NDArray[np.int64],
    share: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The variance between strata that blocks balance: residual means by stratum and group."""
    n, k = sample.response.size, sample.groups
    code = np.unique(stratum, return_inverse=True)[1].ravel()
    cell = code * k + sample.group
    residual = sample.response - risks[np.arange(n), sample.group]
    size = np.bincount(cell, minlength=(int(code.max()) + 1) * k)
    total = np.bincount(cell, weights=residual, minlength=size.size)
    mean = (total / np.maximum(size, 1)).reshape(-1, k) / share
    weight = np.bincount(code) / n
    return np.asarray((mean.T * weight) @ mean * (np.diag(share) - np.outer(share, share)))


def estimate_standardised_risks(
    response: ArrayLike,
    *,
    group: ArrayLike,
    covariates: ArrayLike,
    variance: RiskVariance = RiskVariance.RANDOMISED,
    stratum: ArrayLike | None = None,
    interaction: bool = False,
) -> StandardisedRisks:
    """The risk in each group, averaged over the covariates of all rows (g-computation).

    Logistic regression on group and `covariates` (n, p), with their products if `interaction`,
    predicts everybody's risk in every group 0 to k - 1; their means are the unconditional risks,
    whether the model is right or not. `stratum` names the strata of permuted blocks: with
    RANDOMISED what they balance leaves the variance. Where the regression has no maximum the
    risks settle all the same: RANDOMISED still holds, other variances are NaN.
    Source: FDA (2023), Adjusting for Covariates; Ge et al. (2011); Ye et al. (2023).
    """
    y = check_outcome(response, family=Family.LOGISTIC)
    codes = check_codes(group, name="group", n=y.size)
    strata = None if stratum is None else check_codes(stratum, name="stratum", n=y.size)
    k = int(codes.max()) + 1
    sample = _Sample(
        response=y,
        group=codes,
        groups=k,
        covariates=check_covariates(covariates, n=y.size),
        interaction=interaction,
    )
    n = np.bincount(codes, minlength=k)
    fit = estimate_regression(y, covariates=_design(sample, codes), family=Family.LOGISTIC)
    if np.isnan(fit.coefficients[0]):
        risk = np.where(n > 0, y[0], np.nan)
        return StandardisedRisks(
            n=n, risk=risk, covariance=np.full((k, k), np.nan), message=fit.message
        )
    risks = _risks(sample, fit)
    risk = np.where(n > 0, risks.mean(axis=0), np.nan)
    spread = _covariance(sample, fit, risks, variance, strata)
    spread[np.isnan(risk)] = np.nan
    spread[:, np.isnan(risk)] = np.nan
    return StandardisedRisks(n=n, risk=risk, covariance=spread, message=fit.message)


def _covariance(
    sample: _Sample,
    fit: Regression,
    risks: NDArray[np.float64],
    variance: RiskVariance,
    strata: NDArray[np.int64] | None,
) -> NDArray[np.float64]:
    if variance is RiskVariance.RANDOMISED:
        return _randomised(sample, risks, strata)
    if not fit.converged:
        return np.full((sample.groups, sample.groups), np.nan)
    if variance is RiskVariance.STACKED:
        return _stacked(sample, fit, risks)
    slopes = _gradient(sample, risks)
    bread = fit.covariance if variance is RiskVariance.MODEL else fit.robust_covariance
    return np.asarray(slopes @ np.nan_to_num(bread) @ slopes.T)


def compare_standardised_risks(
    found: StandardisedRisks,
    *,
    measure: RiskMeasure = RiskMeasure.DIFFERENCE,
    groups: tuple[int, int] = (0, 1),
    level: float = 0.95,
) -> Effect:
    """The second of `groups` against the first: difference, or ratio with limits on the log scale.

    NaN where a risk of 0 or 1 has no ratio. Source: the delta method.
    """
    if min(groups) < 0 or max(groups) >= found.risk.size:
        raise ValueError(f"groups {groups}: there are risks of {found.risk.size}, from 0 on")
    pair = np.array(groups)
    risk, spread = found.risk[pair], found.covariance[np.ix_(pair, pair)]
    if measure is RiskMeasure.DIFFERENCE:
        value, slope = risk, np.ones(2)
    else:
        rest = 1 - risk if measure is RiskMeasure.ODDS_RATIO else np.ones(2)
        if not (np.isfinite(risk).all() and (risk > 0).all() and (rest > 0).all()):
            return effect_of(math.nan, standard_error=math.nan, level=level)
        value, slope = np.log(risk / rest), 1 / (risk * rest)
    turned = slope * np.array([-1.0, 1.0])
    return effect_of(
        float(value[1] - value[0]),
        standard_error=math.sqrt(max(float(turned @ spread @ turned), 0.0)),
        level=level,
        is_ratio=measure is not RiskMeasure.DIFFERENCE,
    )
