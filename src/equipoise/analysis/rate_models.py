"""Rates of events by Poisson or negative binomial regression on arm and covariates."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import with_log_ratio
from equipoise.analysis.rates import NO_RATE, counts_of, describe_rates
from equipoise.analysis.result import Estimate, Result
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.words import adjusted_words, check_adjusted
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import (
    Regression,
    RegressionSampling,
    estimate_effect,
    estimate_regression,
)
from equipoise.numerics.rates.negative_binomial import estimate_negative_binomial
from equipoise.protocol.methods.rates import RateRegressionOptions


def compare_by_rate_regression(sample: Sample, *, question: Question) -> Result:
    """The ratio of rates by Poisson or negative binomial regression on arm and covariates.

    Source: McCullagh, Nelder (1989); Lawless (1987).
    """
    options = take_options(question, kind=RateRegressionOptions)
    robust = ", robust variance" if options.variance == "robust" else ""
    result = describe_rates(
        sample,
        question=question,
        method=f"{options.law.replace('_', ' ').capitalize()} regression{robust}"
        f"{adjusted_words(sample)}",
        measure="rate_ratio",
        counted=options.events,
    )
    events, years = counts_of(sample, counted=options.events)
    kept = years > 0
    idle = int((~kept).sum())
    words = (f"{idle} without time at risk tell nothing of a rate",) if idle else ()
    counted = [int(events[kept & sample.of_arm(arm)].sum()) for arm in sample.arms]
    if not is_comparable(sample) or 0 in counted:
        empty = replace(result, estimate=Estimate(value=None, level=question.level))
        return replace(empty, warnings=(*empty.warnings, *words, NO_RATE))
    design = np.ascontiguousarray(sample.design[kept])
    sampling = RegressionSampling(
        offset=np.log(years[kept]),
        cluster=sample.clusters[kept] if sample.clusters is not None else None,
    )
    fit = _fit(events[kept], design, sampling=sampling, law=options.law)
    untold = check_adjusted(sample, coefficients=fit.coefficients[1:])
    effect = estimate_effect(fit, robust=options.variance == "robust", level=question.level)
    ratio = with_log_ratio(
        replace(result, warnings=(*result.warnings, *words, *untold)),
        log_value=effect.coefficient,
        standard_error=effect.standard_error,
        level=question.level,
    )
    if ratio.p_value is not None:
        return ratio
    return replace(ratio, warnings=(*ratio.warnings, fit.message or NO_RATE))


def _fit(
    events: NDArray[np.int64],
    design: NDArray[np.float64],
    *,
    sampling: RegressionSampling,
    law: str,
) -> Regression:
    if law == "negative_binomial":
        return estimate_negative_binomial(events, covariates=design, sampling=sampling).regression
    return estimate_regression(events, covariates=design, family=Family.POISSON, sampling=sampling)
