"""Events seen at assessments: survival between bounds, and the test of arms on bounds."""

import math
from dataclasses import replace

import numpy as np

from equipoise.analysis.comparison import with_log_ratio, with_test
from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.sides import EXCESS
from equipoise.analysis.survival import describe_survival, with_estimates
from equipoise.analysis.words import (
    adjusted_words,
    check_adjusted,
    check_independence,
    has_two_arms,
    strata_warnings,
    strata_words,
)
from equipoise.numerics.intervals.interval_cox import (
    estimate_interval_cox,
    estimate_profile_interval,
)
from equipoise.numerics.intervals.interval_logrank import IntervalScores, compare_interval_logrank
from equipoise.numerics.intervals.interval_times import IntervalTimes, bound_interval_times
from equipoise.numerics.intervals.turnbull import (
    estimate_turnbull,
    estimate_turnbull_at,
    estimate_turnbull_quantile,
)
from equipoise.protocol.methods.intervals import IntervalCoxOptions, IntervalLogrankOptions

NO_BOUNDS = "the data have no bounds of the events: their times were taken as exact"


def bound_rows(sample: Sample, *, rows: np.ndarray | None = None) -> IntervalTimes:
    """When each row's event came: a competing event ends the follow-up as a censoring does.

    An event without bounds of its own came at its time.
    """
    kept = np.ones(sample.time.size, dtype=np.bool_) if rows is None else rows
    left, right = sample.time, sample.time
    if sample.left is not None and sample.right is not None:
        bounded = np.isfinite(sample.left) & np.isfinite(sample.right)
        left = np.where(bounded, np.minimum(sample.left, sample.right), sample.time)
        right = np.where(bounded, sample.right, sample.time)
    happened = sample.cause == 1
    return bound_interval_times(
        np.where(happened, left, sample.time)[kept], right=np.where(happened, right, np.inf)[kept]
    )


def _check_bounds(sample: Sample) -> tuple[str, ...]:
    return (NO_BOUNDS,) if sample.left is None else ()


def estimate_between_bounds(sample: Sample, *, question: Question) -> Result:
    """Each arm's median, or its survival at the times asked, from events between two bounds.

    No interval is given: the curve has no normal limit. Source: Turnbull (1976).
    """
    result = describe_survival(
        sample,
        question=question,
        method="Turnbull's survival between assessments; the curves drawn are Kaplan-Meier's",
        measure="survival",
        arm_measure="turnbull_median" if question.headline is None else "survival",
    )
    arms = []
    for arm in result.arms:
        rows = sample.of_arm(arm.arm)
        estimates = {"turnbull_median": Estimate(value=None, level=question.level)}
        if rows.any():
            curve = estimate_turnbull(bound_rows(sample, rows=rows))
            median = estimate_turnbull_quantile(curve)
            estimates["turnbull_median"] = build_estimate(
                median.value, lower=median.earliest, upper=median.latest
            )
            found = estimate_turnbull_at(curve, at=question.at)
            for at, value in zip(question.at, found.survival, strict=True):
                estimates[f"survival_at_{at:g}"] = build_estimate(float(value))
                if at == question.headline:
                    estimates["survival"] = build_estimate(float(value))
        arms.append(with_estimates(arm, estimates=estimates))
    warnings = (*result.warnings, *_check_bounds(sample))
    return replace(result, arms=tuple(arms), at=question.headline, warnings=warnings)


def compare_by_interval_cox(sample: Sample, *, question: Question) -> Result:
    """The hazard ratio of the other arm from events between two assessments, the baseline free.

    Source: Finkelstein (1986).
    """
    options = take_options(question, kind=IntervalCoxOptions)
    result = describe_survival(
        sample,
        question=question,
        method=f"Proportional hazards between assessments, {options.interval.capitalize()} interval"
        f"{strata_words(sample, question=question)}{adjusted_words(sample)}",
        measure="hazard_ratio",
    )
    if not is_comparable(sample):
        return result
    warned = (
        *_check_bounds(sample),
        *check_independence(sample),
        *strata_warnings(sample, question=question),
    )
    told = replace(result, warnings=(*result.warnings, *warned))
    bounds, stratum = bound_rows(sample), sample.stratum if question.stratified else None
    fit = estimate_interval_cox(bounds, covariates=sample.design, stratum=stratum)
    value, variance = float(fit.coefficients[0]), float(fit.covariance[0, 0])
    if not fit.converged or not (math.isfinite(value) and variance > 0):
        words = f"the hazard ratio cannot be estimated: {fit.message or 'the arms overlap'}"
        empty = replace(told, estimate=Estimate(value=None, level=question.level))
        return replace(empty, warnings=(*empty.warnings, words))
    untold = check_adjusted(sample, coefficients=fit.coefficients)
    ratio = with_log_ratio(
        replace(told, warnings=(*told.warnings, *untold)),
        log_value=value,
        standard_error=math.sqrt(variance),
        level=question.level,
    )
    if options.interval == "wald":
        return ratio
    profile = estimate_profile_interval(
        bounds, covariates=sample.design, stratum=stratum, level=question.level
    )
    return _with_limits(ratio, value=math.exp(value), log_limits=profile, level=question.level)


def _with_limits(
    ratio: Result, *, value: float, log_limits: tuple[float, float], level: float
) -> Result:
    """The same ratio with the limits of its profile likelihood."""
    lower, upper = (float(np.exp(limit)) for limit in log_limits)
    return replace(ratio, estimate=build_estimate(value, lower=lower, upper=upper, level=level))


def compare_by_interval_logrank(sample: Sample, *, question: Question) -> Result:
    """Whether events known between two assessments come at different times in the arms.

    Source: Finkelstein (1986); Sun (1996); Fay, Shaw (2010).
    """
    options = take_options(question, kind=IntervalLogrankOptions)
    result = describe_survival(
        sample,
        question=question,
        method=f"Log-rank test of interval-censored times, scores of {options.scores.capitalize()}"
        f"{strata_words(sample, question=question)}",
        measure="logrank",
    )
    if not has_two_arms(sample):
        return result
    found = compare_interval_logrank(
        bound_rows(sample),
        group=sample.arm,
        stratum=sample.stratum if question.stratified else None,
        scores=IntervalScores(options.scores),
    )
    warned = (
        *_check_bounds(sample),
        *check_independence(sample),
        *strata_warnings(sample, question=question),
    )
    if known(found.test.p_value) is None:
        warned = (*warned, "the bounds overlap in all rows: nothing can be tested")
    elif len(sample.arms) == 2:
        result = replace(result, further={EXCESS: build_estimate(float(found.excess[1]))})
    return with_test(result, test=found.test, warnings=warned)
