"""Odds ratios where logistic regression has none or few events: Firth's penalised likelihood."""

import math
from collections.abc import Iterable, Sequence
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
    Block,
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
_Arrays = tuple[Values, Values, Values, Values]  # z, outcome, weight, offset
_LAW = LAWS[Family.LOGISTIC]
_RULES = Rules(rough=True)  # the penalty bends too


@njit(cache=True)
def _sums_kernel(
    z: Values,
    outcome: Values,
    weight: Values,
    offset: Values,
    beta: Values,
    score: Values,
    information: Values,
    risk: Values,
) -> float:
    """Adds to score and information, fills the risks; returns the log likelihood.

    Odds of rows in turn that weigh the same are multiplied, to take one logarithm of a thousand.
    """
    value, p = 0.0, beta.size
    spread = np.empty(outcome.size)
    product, alike = 1.0, 0
    for i in range(outcome.size):
        eta = offset[i]
        for j in range(p):
            eta += beta[j] * z[i, j]
        small = math.exp(-abs(eta))  # the odds of the less likely of yes and no
        inverse = 1.0 / (1.0 + small)
        risk[i] = inverse if eta >= 0.0 else small * inverse
        value += weight[i] * (outcome[i] * eta - max(eta, 0.0))
        product, alike = product * (1.0 + small), alike + 1
        if alike == 1000 or i + 1 == outcome.size or weight[i] != weight[i + 1]:
            value -= weight[i] * math.log(product)
            product, alike = 1.0, 0
        spread[i] = weight[i] * small * inverse * inverse
    for i in range(outcome.size):  # a loop of its own is faster
        slope = weight[i] * (outcome[i] - risk[i])
        for j in range(p):
            score[j] += slope * z[i, j]
            share = spread[i] * z[i, j]
            for k in range(j + 1):
                information[j, k] += share * z[i, k]
    for j in range(p):
        for k in range(j):
            information[k, j] = information[j, k]
    return value


@njit(cache=True)
def _lever_kernel(z: Values, weight: Values, risk: Values, inverse: Values, score: Values) -> None:
    """Adds the slope of the penalty to the score; `inverse` in its lower half."""
    for i in range(risk.size):
        lever = 0.0
        for j in range(score.size):
            part = 0.5 * inverse[j, j] * z[i, j]
            for k in range(j):
                part += inverse[j, k] * z[i, k]
            lever += 2.0 * z[i, j] * part
        pull = weight[i] * lever * risk[i] * (1.0 - risk[i]) * (0.5 - risk[i])
        for j in range(score.size):
            score[j] += pull * z[i, j]  # Heinze, Schemper (2002), (2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The blocks with a weight and offset for each row; the columns told, the log of their units.

    The penalty is of the units given.
    """

    rows: Rows
    kept: NDArray[np.intp]
    log_scale: float
    few: tuple[_Arrays, ...]

    def blocks(self) -> Iterable[_Arrays]:
        return self.few or map(_arrays, read_blocks(self.rows))


def _arrays(block: Block) -> _Arrays:
    n = block.outcome.size
    z = np.ascontiguousarray(block.z)
    return z, block.outcome, np.zeros(n) + block.weight, np.zeros(n) + block.offset


def _told(rows: Rows) -> _Told:
    kept = told_columns(rows)
    log_scale = float(np.log(rows.scale[kept[1:] - 1]).sum())
    few = tuple(map(_arrays, rows.kept))
    return _Told(rows=rows, kept=kept, log_scale=log_scale, few=few)


def _invert(information: Values, kept: NDArray[np.intp]) -> tuple[Values, float]:
    """The inverse over the columns kept, in its lower half, 0 beside; the log determinant."""
    whole = kept.size == information.shape[0]
    within = information if whole else information[np.ix_(kept, kept)]
    factor, failed = dpotrf(within, lower=1)
    inverse = np.zeros_like(information)
    if failed:
        return inverse, -math.inf
    found = dpotri(factor, lower=1)[0]
    if whole:
        inverse[:] = found
    else:
        inverse[np.ix_(kept, kept)] = found
    return inverse, 2 * float(np.log(factor.diagonal()).sum())


def _penalised(told: _Told, beta: Values) -> LikelihoodSums:
    """Log likelihood plus half the log determinant of the information (of the units given)."""
    score, information = np.zeros(beta.size), np.zeros((beta.size, beta.size))
    value, risks = 0.0, []
    for block in told.blocks():
        risks.append(np.empty(block[1].size))
        z, outcome, weight, offset = block
        value += _sums_kernel(z, outcome, weight, offset, beta, score, information, risks[-1])
    inverse, log_determinant = _invert(information, told.kept)
    if math.isfinite(log_determinant):
        for (z, _, weight, _), risk in zip(told.blocks(), risks, strict=True):
            _lever_kernel(z, weight, risk, inverse, score)
    value += log_determinant / 2 + told.log_scale
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
