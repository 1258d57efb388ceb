"""Models of the time itself: Weibull and its kin, splines, and lesions that share a frailty."""

import math
from dataclasses import replace

import numpy as np

from equipoise.analysis.comparison import with_log_ratio
from equipoise.analysis.interval_censored import bound_rows
from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival
from equipoise.analysis.words import (
    adjusted_words,
    check_adjusted,
    check_independence,
    strata_warnings,
    strata_words,
)
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.hazards.frailty import estimate_frailty
from equipoise.numerics.hazards.frailty_sums import FrailtyLaw
from equipoise.numerics.intervals.interval_times import IntervalTimes, bound_event_times
from equipoise.numerics.models.flexible_parametric import Spline, estimate_flexible_parametric
from equipoise.numerics.models.latent_distributions import Latent
from equipoise.numerics.models.parametric import (
    Family,
    estimate_parametric,
    estimate_time_ratio,
    estimate_weibull_hazard_ratio,
)
from equipoise.protocol.methods.models import (
    FlexibleOptions,
    FrailtyOptions,
    ParametricOptions,
)

_MOST_NORMAL = 2000
_SCALES = {"hazard": ("hazard_ratio", Latent.HAZARD), "odds": ("odds_ratio", Latent.ODDS)}


def _times_of(sample: Sample, bounds: str) -> IntervalTimes:
    if bounds == "assessments":
        return bound_rows(sample)
    return bound_event_times(sample.time, event=sample.event)


def why_no_model(sample: Sample) -> str:
    """Why no model of the time can be fitted; empty where it can be tried."""
    happened = sample.cause == 1
    if not happened.any():
        return "there is no event"
    if (sample.time[happened] <= 0).any():
        return "an event at time 0 has no logarithm"
    return ""


def without_model(result: Result, *, why: str, level: float) -> Result:
    """The result without an estimate, and why."""
    words = f"the model cannot be fitted: {why}"
    empty = replace(result, estimate=Estimate(value=None, level=level))
    return replace(empty, warnings=(*empty.warnings, words))


def compare_by_parametric(sample: Sample, *, question: Question) -> Result:
    """The time ratio or hazard ratio of the other arm in a model of the time.

    Source: Kalbfleisch, Prentice (2002), 3.
    """
    options = take_options(question, kind=ParametricOptions)
    result = describe_survival(
        sample,
        question=question,
        method=f"{options.family.capitalize()} model{adjusted_words(sample)}"
        f"{', times between assessments' if options.times == 'assessments' else ''}",
        measure=options.measure,
    )
    if not is_comparable(sample):
        return result
    why = why_no_model(sample)
    if why:
        return without_model(result, why=why, level=question.level)
    fit = estimate_parametric(
        _times_of(sample, options.times),
        family=Family(options.family),
        covariates=sample.design,
        cluster=sample.clusters,
    )
    if not fit.converged or not np.isfinite(fit.coefficients[1]):
        return without_model(result, why=fit.message, level=question.level)
    ratio = options.measure == "hazard_ratio"
    estimate = estimate_weibull_hazard_ratio if ratio else estimate_time_ratio
    effect = estimate(fit, level=question.level)
    untold = check_adjusted(sample, coefficients=fit.coefficients[1:])
    return with_log_ratio(
        replace(result, warnings=(*result.warnings, *untold)),
        log_value=effect.coefficient,
        standard_error=effect.standard_error,
        level=question.level,
    )


def bears_knots(sample: Sample, *, knots: int) -> bool:
    """Whether times and covariates tell so many coefficients apart: a polynomial stands in."""
    if np.unique(sample.time[sample.cause == 1]).size < knots + 2:
        return False
    later = sample.time > 0
    log_time = np.log(sample.time[later])
    scaled = (log_time - log_time.mean()) / max(float(log_time.std()), 1e-12)
    powers = np.vander(scaled, knots + 2)
    told = sample.design[later][:, np.ptp(sample.design[later], axis=0) > 0]
    table = np.hstack([powers, told])
    return bool(np.linalg.matrix_rank(table) >= knots + 2 + told.shape[1])


def compare_by_flexible(sample: Sample, *, question: Question) -> Result:
    """The hazard ratio or odds ratio of the other arm over a spline of log time.

    Source: Royston, Parmar (2002).
    """
    options = take_options(question, kind=FlexibleOptions)
    measure, latent = _SCALES[options.scale]
    result = describe_survival(
        sample,
        question=question,
        method=f"Flexible parametric model, {options.knots} inner knots, {options.scale} scale"
        f"{adjusted_words(sample)}",
        measure=measure,
    )
    if not is_comparable(sample):
        return result
    why = why_no_model(sample)
    if not why and not bears_knots(sample, knots=options.knots):
        why = f"the times are too few or too alike for {options.knots} inner knots"
    if why:
        return without_model(result, why=why, level=question.level)
    fit = estimate_flexible_parametric(
        bound_event_times(sample.time, event=sample.event),
        covariates=sample.design,
        spline=Spline(inner_knots=options.knots, scale=latent),
        cluster=sample.clusters,
    )
    place = options.knots + 2
    value, variance = float(fit.coefficients[place]), float(fit.covariance[place, place])
    if fit.robust_covariance is not None:
        variance = float(fit.robust_covariance[place, place])
    if not fit.converged or not (math.isfinite(value) and variance > 0):
        return without_model(
            result, why=fit.message or "the arm tells nothing", level=question.level
        )
    own = fit.coefficients[place : place + sample.design.shape[1]]
    untold = check_adjusted(sample, coefficients=own)
    return with_log_ratio(
        replace(result, warnings=(*result.warnings, *untold)),
        log_value=value,
        standard_error=math.sqrt(variance),
        level=question.level,
    )


def compare_by_frailty(sample: Sample, *, question: Question) -> Result:
    """The hazard ratio given a frailty that a patient's lesions, or a site's patients, share.

    Source: Therneau, Grambsch, Pankratz (2003); Ripatti, Palmgren (2000).
    """
    options = take_options(question, kind=FrailtyOptions)
    result = describe_survival(
        sample,
        question=question,
        method=f"Cox model with {options.law} frailty shared by {options.cluster}"
        f"{strata_words(sample, question=question)}{adjusted_words(sample)}",
        measure="hazard_ratio",
    )
    if not is_comparable(sample):
        return result
    cluster = sample.subject if options.cluster == "patient" else sample.site
    if cluster is None or np.unique(cluster).size in (1, cluster.size):
        words = f"no two rows share a {options.cluster}, or all do: there is no frailty to tell"
        return without_model(result, why=words, level=question.level)
    if not sample.event.any():
        return without_model(result, why="there is no event", level=question.level)
    if options.law == "normal" and np.unique(cluster).size > _MOST_NORMAL:
        words = f"normal frailties are for up to {_MOST_NORMAL} clusters: ask for law = 'gamma'"
        return without_model(result, why=words, level=question.level)
    fit = estimate_frailty(
        sample.time,
        event=sample.event,
        covariates=sample.design,
        sampling=Sampling(cluster=cluster),
        stratum=sample.stratum if question.stratified else None,
        law=FrailtyLaw(options.law),
    )
    value, variance = float(fit.coefficients[0]), float(fit.covariance[0, 0])
    if not fit.converged or not (math.isfinite(value) and variance > 0):
        return without_model(result, why=fit.message, level=question.level)
    untold = check_adjusted(sample, coefficients=fit.coefficients)
    naive = check_independence(sample) if options.cluster == "site" else ()
    strata = strata_warnings(sample, question=question)
    told = replace(result, warnings=(*result.warnings, *naive, *strata, *untold))
    ratio = with_log_ratio(
        told, log_value=value, standard_error=math.sqrt(variance), level=question.level
    )
    frailty = {"frailty_variance": build_estimate(fit.variance)}
    return replace(ratio, further={**ratio.further, **frailty})
