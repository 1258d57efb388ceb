"""Odds ratios where logistic regression has none or few events: Firth's penalised likelihood."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.linalg.lapack import dpotrf, dpotri

from equipoise.numerics.likelihood_climb import LikelihoodSums, Rules, climb
from equipoise.numerics.models.likelihood_interval import ProfileInterval, profile_limits
from equipoise.numerics.models.likelihood_sums import (
    LAWS,
    Family,
    Rows,
    build_rows,
    check_outcome,
    read_blocks,
    told_columns,
)
from equipoise.numerics.models.regression import (
    Regression,
    RegressionSampling,
    check_tested,
    split_tested,
    summarise,
)
from equipoise.numerics.models.sandwich import estimate_sandwich

Values = NDArray[np.float64]
_LAW = LAWS[Family.LOGISTIC]
_RULES = Rules(rough=True)  # the penalty bends too


@njit(cache=True)
def _rows_kernel(
    eta: Values, outcome: Values, weight: Values, slope: Values, spread: Values, pull: Values
) -> float:
    """Fills each row's weighted slope, information and pull to 1/2; returns the log likelihood.

    Odds of rows in turn that weigh the same are multiplied, to take one logarithm of a thousand.
    """
    value, product, alike = 0.0, 1.0, 0
    for i in range(eta.size):
        small = math.exp(-abs(eta[i]))  # the odds of the less likely of yes and no
        inverse = 1.0 / (1.0 + small)
        risk = inverse if eta[i] >= 0.0 else small * inverse
        value += weight[i] * (outcome[i] * eta[i] - max(eta[i], 0.0))
        product, alike = product * (1.0 + small), alike + 1
        if alike == 1000 or i + 1 == eta.size or weight[i] != weight[i + 1]:
            value -= weight[i] * math.log(product)
            product, alike = 1.0, 0
        slope[i], spread[i] = weight[i] * (outcome[i] - risk), weight[i] * small * inverse * inverse
        pull[i] = spread[i] * (0.5 - risk)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The rows, the columns told, and the log of their units: the penalty is of the units given."""

    rows: Rows
    kept: NDArray[np.intp]
    log_scale: float


def _told(rows: Rows) -> _Told:
    kept = told_columns(rows)
    return _Told(rows=rows, kept=kept, log_scale=float(np.log(rows.scale[kept[1:] - 1]).sum()))


def _invert(information: Values, kept: NDArray[np.intp]) -> tuple[Values, float]:
    """What with its transpose is the inverse over the columns kept; the log determinant."""
    whole = kept.size == information.shape[0]
    factor, failed = dpotrf(information if whole else information[np.ix_(kept, kept)], lower=1)
    if failed:
        return np.zeros_like(information), -math.inf
    half = dpotri(factor, lower=1)[0]
    half.ravel(order="K")[:: kept.size + 1] /= 2
    if not whole:
        told, half = half, np.zeros_like(information)
        half[np.ix_(kept, kept)] = told
    return half, 2 * float(np.log(factor.diagonal()).sum())


def _penalised(told: _Told, beta: Values) -> LikelihoodSums:
    """Log likelihood plus half the log determinant of the information (of the units given)."""
    score, information = np.zeros(beta.size), np.zeros((beta.size, beta.size))
    value, sums = told.log_scale, []
    for block in read_blocks(told.rows):
        slope, spread, pull = np.empty((3, block.outcome.size))
        weight = np.zeros(block.outcome.size) + block.weight
        eta = block.z @ beta + block.offset
        value += _rows_kernel(eta, block.outcome, weight, slope, spread, pull)
        information += (block.z.T * spread) @ block.z
        sums.append((slope, pull))
    half, log_determinant = _invert(information, told.kept)
    for block, (slope, pull) in zip(read_blocks(told.rows), sums, strict=True):
        lever = 2 * ((half @ block.z.T) * block.z.T).sum(axis=0)
        score += (slope + pull * lever) @ block.z  # Heinze, Schemper (2002), (2)
    value += log_determinant / 2
    return LikelihoodSums(log_likelihood=value, score=score, information=information)


def _build(response: ArrayLike, covariates: ArrayLike | None, given: RegressionSampling) -> Rows:
    checked = check_outcome(response, family=Family.LOGISTIC)
    return build_rows(checked, covariates=covariates, offset=given.offset, weight=given.weight)


def _start(rows: Rows) -> NDArray[np.float64]:
    mean = (rows.outcome.sum() + 0.5) / (rows.outcome.size + 1)
    return np.array([math.log(mean / (1 - mean)), *[0.0] * rows.centre.size])


def estimate_firth(
    response: ArrayLike,
    *,
    covariates: ArrayLike | None,
    sampling: RegressionSampling | None = None,
    tested: Sequence[int] | None = None,
) -> Regression:
    """Log odds ratios by Firth's penalised likelihood: finite whatever the data, less biased.

    As `estimate_regression` with `Family.LOGISTIC`; the log likelihoods are penalised ones, the
    likelihood ratio test is that of Heinze and Schemper, the covariance is the inverse of the
    information. With few events read that test and `estimate_firth_interval`, not Wald's.
    Source: Firth (1993); Heinze, Schemper (2002).
    """
    given = sampling or RegressionSampling()
    rows = _build(response, covariates, given)
    columns, told = check_tested(tested, p=rows.centre.size), _told(rows)
    objective, kept = partial(_penalised, told), told.kept
    untested, are_tested = split_tested(kept, columns=columns)
    null = climb(objective, start=_start(rows), free=untested, rules=_RULES)
    path = climb(objective, start=null.beta, first=null.end, free=kept, rules=_RULES)
    return summarise(
        rows,
        family=Family.LOGISTIC,
        null=null,
        path=path,
        columns=(kept, are_tested),
        sandwich=partial(estimate_sandwich, rows, law=_LAW, beta=path.beta, cluster=given.cluster),
    )


def estimate_firth_interval(
    response: ArrayLike,
    *,
    covariates: ArrayLike,
    covariate: int = 0,
    sampling: RegressionSampling | None = None,
    level: float = 0.95,
) -> ProfileInterval:
    """A log odds ratio by Firth's likelihood with its profile limits: finite on both sides.

    Where few patients or events stand against the covariates, the likelihood of the others may have
    several tops beside a coefficient: the limits are then those of a top that the estimate leads
    to, another may be higher (docs/validation/shares.md says how often); NaN where none is reached.
    Source: Heinze, Schemper (2002), section 2.2.
    """
    rows = _build(response, covariates, sampling or RegressionSampling())
    return profile_limits(
        partial(_penalised, _told(rows)),
        rows=rows,
        start=_start(rows),
        covariate=covariate,
        level=level,
        rules=_RULES,
    )
