"""Odds ratios where logistic regression has none or few events: Firth's penalised likelihood."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.likelihood_climb import LikelihoodSums, climb
from equipoise.numerics.models.likelihood_interval import ProfileInterval, profile_limits
from equipoise.numerics.models.likelihood_sums import (
    LAWS,
    Family,
    Rows,
    build_rows,
    check_outcome,
    read_blocks,
    row_terms,
    sum_terms,
    told_columns,
)
from equipoise.numerics.models.regression import (
    Regression,
    RegressionSampling,
    check_tested,
    summarise,
)
from equipoise.numerics.models.sandwich import estimate_sandwich

_LAW = LAWS[Family.LOGISTIC]


def _penalised(rows: Rows, kept: NDArray[np.intp], beta: NDArray[np.float64]) -> LikelihoodSums:
    """Log likelihood plus half the log determinant of the information (of the units given)."""
    terms = [row_terms(each, law=_LAW, beta=beta) for each in read_blocks(rows)]
    plain = sum_terms(zip(read_blocks(rows), terms, strict=True), columns=beta.size)
    block = np.ix_(kept, kept)
    told = plain.information[block]
    sign, size = np.linalg.slogdet(told)
    inverse = np.zeros_like(plain.information)
    if sign > 0:
        inverse[block] = np.linalg.inv(told)
    score = plain.score.copy()
    for each, own in zip(read_blocks(rows), terms, strict=True):
        lever = np.einsum("ij,ij->i", each.z @ inverse, each.z) * own.information
        lever *= each.weight * (own.slope - each.outcome + 0.5)
        score += lever @ each.z  # Heinze, Schemper (2002), (2)
    penalty = size / 2 + float(np.log(rows.scale[kept[1:] - 1]).sum())
    return LikelihoodSums(
        log_likelihood=plain.log_likelihood + penalty if sign > 0 else -math.inf,
        score=score,
        information=plain.information,
    )


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
    columns, kept = check_tested(tested, p=rows.centre.size), told_columns(rows)
    objective = partial(_penalised, rows, kept)
    null = climb(objective, start=_start(rows), free=np.setdiff1d(kept, columns))
    path = climb(objective, start=null.beta, first=null.end, free=kept)
    return summarise(
        rows,
        family=Family.LOGISTIC,
        null=null,
        path=path,
        columns=(kept, np.intersect1d(kept, columns)),
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
    kept = told_columns(rows)
    return profile_limits(
        partial(_penalised, rows, kept), start=_start(rows), free=kept,
        column=covariate + 1, scale=rows.scale[covariate], level=level,
    )  # fmt: skip
