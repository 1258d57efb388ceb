"""Levels and coverages of regressions of shares and counts, adjusted for marker and stratum."""

import math

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.likelihood_interval import estimate_profile_interval
from equipoise.numerics.likelihood_sums import Family
from equipoise.numerics.regression import (
    Effect,
    RegressionSampling,
    estimate_effect,
    estimate_regression,
)
from equipoise.numerics.standardisation import (
    compare_standardised_risks,
    estimate_standardised_risks,
)
from long.level_checks import Coverage, Level
from long.level_trials import Trial

Limits = tuple[float, float]


def _columns(trial: Trial) -> NDArray[np.float64]:
    """Arm, stratum and marker; neither of the latter tells the response or the count."""
    return np.asarray(np.c_[trial.arm, trial.stratum, trial.marker], dtype=np.float64)


def _logistic(trial: Trial) -> float:
    fit = estimate_regression(
        trial.response, covariates=_columns(trial), family=Family.LOGISTIC, tested=(0,)
    )
    return fit.likelihood_ratio_test.p_value


def _standardised(trial: Trial) -> Effect:
    return compare_standardised_risks(
        estimate_standardised_risks(
            trial.response, group=trial.arm, covariates=_columns(trial)[:, 1:]
        )
    )


def _standardised_limits(trial: Trial) -> Limits:
    found = _standardised(trial)
    return found.lower, found.upper


def _profile(trial: Trial) -> Limits:
    found = estimate_profile_interval(
        trial.response, covariates=_columns(trial), family=Family.LOGISTIC
    )
    return found.lower, found.upper


def _rate_ratio(trial: Trial) -> Limits:
    fit = estimate_regression(
        trial.count,
        covariates=_columns(trial),
        family=Family.POISSON,
        sampling=RegressionSampling(offset=np.log(trial.time)),
    )
    found = estimate_effect(fit)
    return found.lower, found.upper


def _log_odds_ratio(trial: Trial) -> float:
    control, treated = (math.log(p / (1 - p)) for p in trial.truth.response)
    return treated - control


REGRESSION_LEVELS = (
    Level(name="logistic regression, likelihood ratio", p_value=_logistic),
    Level(name="standardised risk difference", p_value=lambda t: _standardised(t).p_value),
)
REGRESSION_COVERAGES = (
    Coverage(
        name="standardised risk difference",
        interval=_standardised_limits,
        truth=lambda t: t.truth.response[1] - t.truth.response[0],
    ),
    Coverage(name="log odds ratio, profile likelihood", interval=_profile, truth=_log_odds_ratio),
    Coverage(
        name="rate ratio, Poisson regression",
        interval=_rate_ratio,
        truth=lambda t: t.truth.rates[1] / t.truth.rates[0],
    ),
)
