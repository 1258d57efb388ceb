"""Mean times of patients weighed by the inverse chance of their arm, given the covariates."""

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.sample import Sample
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import estimate_regression
from equipoise.numerics.survival.weighted_rmst import WeightedRmst, compare_weighted_rmst

Floats = NDArray[np.float64]


def weigh_by_arm(arm: NDArray[np.int64], *, covariates: Floats) -> tuple[Floats, str]:
    """The inverse chance of each row's own arm, (n,), by a logistic model; or why there is none.

    `covariates` has shape (n, p). Source: Rosenbaum, Rubin (1983).
    """
    fit = estimate_regression(
        arm.astype(np.float64),
        covariates=covariates if covariates.shape[1] else None,
        family=Family.LOGISTIC,
    )
    if not fit.converged:
        return np.full(arm.size, np.nan), f"the chance of an arm cannot be told: {fit.message}"
    design = np.column_stack([np.ones(arm.size), covariates])
    chance = 1 / (1 + np.exp(-design @ fit.coefficients))
    return np.where(arm == 1, 1 / chance, 1 / (1 - chance)), ""


def compare_weighed_arms(
    sample: Sample, *, covariates: Floats, horizon: float
) -> tuple[WeightedRmst | None, str]:
    """The mean times of both arms, as if each had everybody's covariates; or why there are none.

    The weights count as known, which makes intervals rather too wide. Source: Conner et al. (2019).
    """
    weight, message = weigh_by_arm(sample.arm, covariates=covariates)
    if message:
        return None, message
    found = compare_weighted_rmst(
        sample.time,
        event=sample.event,
        group=sample.arm,
        weight=weight,
        horizon=horizon,
    )
    return found, found.message
