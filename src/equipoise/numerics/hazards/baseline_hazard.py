"""The cumulative hazard and survival that a Cox model predicts for given covariates."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_level
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.hazards.cox import Cox
from equipoise.numerics.hazards.cox_residuals import model_of
from equipoise.numerics.hazards.cox_sums import relative_risks, split_ties, walk_risk_sets


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedSurvival:
    """Steps (m,) at the event times of one stratum, for one patient whose covariates stay.

    `standard_error` is that of the cumulative hazard; the interval of survival is log-log. Survival
    is exp(-hazard).
    """

    time: NDArray[np.float64]
    hazard: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    survival: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def predict_survival(
    fit: Cox, *, covariates: ArrayLike, stratum: int = 0, level: float = 0.95
) -> PredictedSurvival:
    """The survival curve of a patient with these covariates (p,), in one stratum.

    Zeros give the baseline. Ties as in the fit: Efron's hazard counts those who fail in part.
    The variance holds that of the coefficients (not robust). A stratum without events gives an
    empty curve. ValueError where the fit did not settle or leaves a coefficient untold.
    Source: Breslow (1974); Therneau, Grambsch (2000), 10.2 (variance of Tsiatis, 1981).
    """
    model, z = model_of(fit), normal_quantile(check_level(level))
    design = model.design
    values = np.asarray(covariates, dtype=np.float64)
    if values.shape != (model.columns,) or not np.isfinite(values).all():
        raise ValueError(f"covariates are {values}: {model.columns} numbers, as in the fit")
    if model.kept.size < model.columns:
        raise ValueError(f"{fit.message}: fit without it")
    patient = (values - design.centre) / design.scale
    risk = relative_risks(design, beta=model.beta)
    sets = walk_risk_sets(design, risk=risk, with_sums=True)
    terms = split_ties(design, sets=sets)
    own = design.strata[design.block_stratum[terms.block]] == stratum
    step = (terms.share / terms.total)[own]
    apart = step[:, None] * (terms.mean[own] - patient)
    last = np.flatnonzero(np.diff(np.r_[terms.block[own], -1]))
    ratio = math.exp(float(patient @ model.beta))
    hazard = ratio * np.cumsum(step)[last]
    drift = np.cumsum(apart, axis=0)[last] * design.scale
    noise = np.cumsum(step / terms.total[own])[last]
    spread = np.einsum("ki,ij,kj->k", drift, fit.covariance, drift)
    error = ratio * np.sqrt(noise + spread)
    width = np.exp(z * error / hazard)
    return PredictedSurvival(
        time=design.time[design.begin[terms.block[own][last]]],
        hazard=hazard,
        standard_error=error,
        survival=np.exp(-hazard),
        lower=np.exp(-hazard * width),
        upper=np.exp(-hazard / width),
    )
