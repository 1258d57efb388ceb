"""Levels and coverages of regressions of shares and counts, adjusted for marker and stratum."""

import math

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.models.firth import estimate_firth, estimate_firth_interval
from equipoise.numerics.models.likelihood_interval import estimate_profile_interval
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import (
    Effect,
    Regression,
    RegressionSampling,
    estimate_effect,
    estimate_regression,
)
from equipoise.numerics.models.standardisation import (
    RiskMeasure,
    RiskVariance,
    StandardisedRisks,
    compare_standardised_risks,
    estimate_standardised_risks,
)
from equipoise.numerics.rates.negative_binomial import NegativeBinomial, estimate_negative_binomial
from long.level_checks import Check, coverage, given, level, once
from long.level_data import overdispersed
from long.level_trials import Trial, Truth


@once
def _columns(trial: Trial) -> NDArray[np.float64]:
    """Arm, stratum and marker; neither of the latter tells the response or the count."""
    return np.asarray(np.c_[trial.arm, trial.stratum, trial.marker], dtype=np.float64)


@once
def _response(trial: Trial, family: Family) -> Regression:
    return estimate_regression(
        trial.response, covariates=_columns(trial), family=family, tested=(0,)
    )


@once
def _firth(trial: Trial) -> Regression:
    return estimate_firth(trial.response, covariates=_columns(trial), tested=(0,))


@once
def _standardised(trial: Trial, variance: RiskVariance) -> StandardisedRisks:
    return estimate_standardised_risks(
        trial.response, group=trial.arm, covariates=_columns(trial)[:, 1:], variance=variance
    )


def _difference(trial: Trial, variance: RiskVariance = RiskVariance.RANDOMISED) -> Effect:
    return compare_standardised_risks(_standardised(trial, variance))


def _measure(trial: Trial, measure: RiskMeasure) -> Effect:
    return compare_standardised_risks(
        _standardised(trial, RiskVariance.RANDOMISED), measure=measure
    )


@once
def _poisson(trial: Trial, *, dispersed: bool = False) -> Regression:
    return estimate_regression(
        overdispersed(trial) if dispersed else trial.count,
        covariates=_columns(trial),
        family=Family.POISSON,
        sampling=RegressionSampling(offset=np.log(trial.time)),
        tested=(0,),
    )


@once
def _negative_binomial(trial: Trial) -> NegativeBinomial:
    return estimate_negative_binomial(
        overdispersed(trial),
        covariates=_columns(trial),
        sampling=RegressionSampling(offset=np.log(trial.time)),
        tested=(0,),
    )


def _odds_ratio(truth: Truth) -> float:
    control, treated = (p / (1 - p) for p in truth.response)
    return treated / control


def _log_odds_ratio(truth: Truth) -> float:
    return math.log(_odds_ratio(truth))


def _risk_ratio(truth: Truth) -> float:
    return truth.response[1] / truth.response[0]


def _rate_ratio(truth: Truth) -> float:
    return truth.rates[1] / truth.rates[0]


_TRUE_MEASURE = {
    RiskMeasure.DIFFERENCE: lambda truth: truth.response[1] - truth.response[0],
    RiskMeasure.RATIO: _risk_ratio,
    RiskMeasure.ODDS_RATIO: _odds_ratio,
}
_SPREAD = "counts spread more than Poisson's law: take the robust variance or the negative binomial"
_AT_EDGE = "the largest likelihood lies where a patient's risk is 1: modified Poisson has one"
CHECKS: tuple[Check, ...] = (
    level("logistic, Wald", lambda t: estimate_effect(_response(t, Family.LOGISTIC)).p_value),
    level("logistic, score", lambda t: _response(t, Family.LOGISTIC).score_test.p_value),
    level(
        "logistic, likelihood ratio",
        lambda t: _response(t, Family.LOGISTIC).likelihood_ratio_test.p_value,
    ),
    level(
        "logistic, Firth, likelihood ratio",
        lambda t: _firth(t).likelihood_ratio_test.p_value,
    ),
    level(
        "log-binomial, Wald",
        lambda t: estimate_effect(_response(t, Family.LOG_BINOMIAL)).p_value,
        unanswered=_AT_EDGE,
    ),
    *(
        level(
            f"standardised risk difference, {variance.value} variance",
            given(variance, lambda t, variance: _difference(t, variance).p_value),
        )
        for variance in RiskVariance
    ),
    level("Poisson, Wald", lambda t: estimate_effect(_poisson(t)).p_value),
    level("Poisson, likelihood ratio", lambda t: _poisson(t).likelihood_ratio_test.p_value),
    level(
        "Poisson, robust Wald, spread counts",
        lambda t: estimate_effect(_poisson(t, dispersed=True), robust=True).p_value,
    ),
    level(
        "Poisson, Wald, spread counts",
        lambda t: estimate_effect(_poisson(t, dispersed=True)).p_value,
        misses=True,
        why=_SPREAD,
    ),
    level(
        "negative binomial, Wald, spread counts",
        lambda t: estimate_effect(_negative_binomial(t).regression).p_value,
    ),
    level(
        "negative binomial, likelihood ratio, spread counts",
        lambda t: _negative_binomial(t).regression.likelihood_ratio_test.p_value,
    ),
    coverage(
        "odds ratio, Wald", lambda t: estimate_effect(_response(t, Family.LOGISTIC)), _odds_ratio
    ),
    coverage(
        "log odds ratio, profile likelihood",
        lambda t: estimate_profile_interval(
            t.response, covariates=_columns(t), family=Family.LOGISTIC
        ),
        _log_odds_ratio,
    ),
    coverage(
        "log odds ratio, Firth, profile",
        lambda t: estimate_firth_interval(t.response, covariates=_columns(t)),
        _log_odds_ratio,
    ),
    coverage(
        "ratio of shares, log-binomial",
        lambda t: estimate_effect(_response(t, Family.LOG_BINOMIAL)),
        _risk_ratio,
        unanswered=_AT_EDGE,
    ),
    *(
        coverage(
            f"standardised {measure.value}",
            given(measure, _measure),
            truth,
        )
        for measure, truth in _TRUE_MEASURE.items()
    ),
    coverage("rate ratio, Poisson", lambda t: estimate_effect(_poisson(t)), _rate_ratio),
    coverage(
        "rate ratio, Poisson, robust, spread counts",
        lambda t: estimate_effect(_poisson(t, dispersed=True), robust=True),
        _rate_ratio,
    ),
    coverage(
        "rate ratio, Poisson, spread counts",
        lambda t: estimate_effect(_poisson(t, dispersed=True)),
        _rate_ratio,
        misses=True,
        why=_SPREAD,
    ),
    coverage(
        "rate ratio, negative binomial, spread counts",
        lambda t: estimate_effect(_negative_binomial(t).regression),
        _rate_ratio,
    ),
)
