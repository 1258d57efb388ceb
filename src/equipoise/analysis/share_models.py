"""Shares compared with covariates: standardised risks, and odds ratios by logistic regression."""

import math
from dataclasses import replace

import numpy as np

from equipoise.analysis.binomial import describe_shares, has_event
from equipoise.analysis.comparison import Numbers, with_comparison, with_log_ratio
from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import with_estimates
from equipoise.analysis.words import adjusted_words, check_adjusted, check_independence
from equipoise.numerics.models.firth import estimate_firth, estimate_firth_interval
from equipoise.numerics.models.likelihood_interval import estimate_profile_interval
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import estimate_effect, estimate_regression
from equipoise.numerics.models.standardisation import (
    RiskMeasure,
    RiskVariance,
    compare_standardised_risks,
    estimate_standardised_risks,
)
from equipoise.protocol.methods.proportions import GComputationOptions, LogisticOptions

_MEASURES = {
    "difference": ("risk_difference", RiskMeasure.DIFFERENCE),
    "ratio": ("risk_ratio", RiskMeasure.RATIO),
    "odds_ratio": ("odds_ratio", RiskMeasure.ODDS_RATIO),
}
_VARIANCES = {
    "randomised": "variance by randomisation",
    "stacked": "variance by stacked equations",
    "sandwich": "sandwich variance",
    "model": "variance of the model",
}


def compare_standardised(sample: Sample, *, question: Question) -> Result:
    """Risks averaged over everybody's covariates (g-computation), and how they compare.

    Stratified, the variance is less by what permuted blocks within strata balance.
    Source: Ge et al. (2011); Ye et al. (2023).
    """
    options = take_options(question, kind=GComputationOptions)
    measure, kind = _MEASURES[options.measure]
    result = describe_shares(
        sample,
        question=question,
        method=f"Risks standardised by logistic regression, {_VARIANCES[options.variance]}"
        f"{adjusted_words(sample)}",
        measure=measure,
    )
    if not is_comparable(sample):
        return result
    columns = sample.design[:, 1:]
    if not columns.shape[1]:
        columns = np.zeros((len(sample.rows), 1))  # nothing to adjust for
    found = estimate_standardised_risks(
        has_event(sample, at=question.headline).astype(np.float64),
        group=sample.arm,
        covariates=columns,
        variance=RiskVariance[options.variance.upper()],
        stratum=sample.stratum if question.stratified else None,
        interaction=options.interaction,
    )
    risks = tuple(
        with_estimates(arm, estimates={"risk": build_estimate(float(risk), level=question.level)})
        for arm, risk in zip(result.arms, found.risk, strict=True)
    )
    effect = compare_standardised_risks(found, measure=kind, level=question.level)
    numbers = Numbers(
        value=effect.value,
        lower=effect.lower,
        upper=effect.upper,
        standard_error=effect.standard_error if options.measure == "difference" else math.nan,
        statistic=effect.z,
        p_value=effect.p_value,
    )
    compared = with_comparison(replace(result, arms=risks), numbers=numbers, level=question.level)
    if options.measure != "difference":
        log = build_estimate(effect.coefficient, standard_error=effect.standard_error)
        compared = replace(compared, further={f"log_{measure}": log})
    return _tell_untold(compared, found.message)


def _tell_untold(result: Result, message: str) -> Result:
    told = result.estimate is not None and result.p_value is not None
    words = message or "the risks cannot be compared: there is no event, or nobody is without one"
    return result if told else replace(result, warnings=(*result.warnings, words))


def compare_by_logistic(sample: Sample, *, question: Question) -> Result:
    """The odds ratio of the other arm by logistic regression on arm and covariates.

    Where an arm has nobody (or everybody) with the event the likelihood rises without end: Firth's
    has an answer. Source: Nelder, Wedderburn (1972); Firth (1993); Heinze, Schemper (2002).
    """
    options = take_options(question, kind=LogisticOptions)
    firth = options.estimate == "firth"
    result = describe_shares(
        sample,
        question=question,
        method=f"Logistic regression{' by Firth' if firth else ''}, {options.interval.capitalize()}"
        f" interval{adjusted_words(sample)}",
        measure="odds_ratio",
    )
    response = has_event(sample, at=question.headline).astype(np.float64)
    if not is_comparable(sample) or response.min() == response.max():
        return _tell_untold(replace(result, estimate=Estimate(value=None)), "")
    if firth:
        fit = estimate_firth(response, covariates=sample.design)
    else:
        fit = estimate_regression(response, covariates=sample.design, family=Family.LOGISTIC)
    untold = check_adjusted(sample, coefficients=fit.coefficients[1:])
    warned = replace(result, warnings=(*result.warnings, *untold, *check_independence(sample)))
    if not fit.converged:
        words = f"the odds ratio cannot be estimated: {fit.message}; ask for estimate = 'firth'"
        empty = replace(warned, estimate=Estimate(value=None, level=question.level))
        return replace(empty, warnings=(*empty.warnings, words))
    effect = estimate_effect(fit, level=question.level)
    ratio = with_log_ratio(
        warned,
        log_value=effect.coefficient,
        standard_error=effect.standard_error,
        level=question.level,
    )
    if options.interval == "wald":
        return ratio
    return _with_profile(ratio, sample=sample, response=response, firth=firth)


def _with_profile(result: Result, *, sample: Sample, response: np.ndarray, firth: bool) -> Result:
    """The same ratio with the limits of the profile likelihood."""
    assert result.estimate is not None
    level = result.estimate.level
    if firth:
        found = estimate_firth_interval(response, covariates=sample.design, level=level)
    else:
        found = estimate_profile_interval(
            response, covariates=sample.design, family=Family.LOGISTIC, level=level
        )
    own = result.estimate
    limits = build_estimate(
        math.nan if own.value is None else own.value,
        lower=float(np.exp(found.lower)),
        upper=float(np.exp(found.upper)),
        level=level,
    )
    return replace(result, estimate=limits)
