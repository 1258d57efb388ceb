"""Survival and mean times as a fitted model draws them, also beyond the follow-up."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.adjusted_curves import independent_columns
from equipoise.analysis.comparison import with_wald
from equipoise.analysis.milestone import gather_parts
from equipoise.analysis.parametric import bears_knots, why_no_model, without_model
from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival, with_estimates
from equipoise.analysis.words import adjusted_words, check_independence, join_words
from equipoise.numerics.intervals.interval_times import bound_event_times
from equipoise.numerics.models.flexible_parametric import (
    Spline,
    estimate_flexible_parametric,
    trace_flexible,
)
from equipoise.numerics.models.parametric import Family, estimate_parametric, trace_parametric
from equipoise.numerics.models.parametric_curves import (
    CurveEstimate,
    ModelCurve,
    compare_restricted_means,
    compare_survival,
    predict_restricted_mean,
    predict_survival,
)
from equipoise.protocol.methods.models import ModelCurveOptions

Curves = tuple[ModelCurve, ModelCurve]  # of the reference arm, and of the other


def compare_model_curves(sample: Sample, *, question: Question) -> Result:
    """Survival at each time, or the mean time up to it, under one model of both arms.

    The arm shifts the law (or the spline), so that arms differ as the model says; covariates stand
    at their means. Source: delta method; Kalbfleisch, Prentice (2002), 3; Royston, Parmar (2002).
    """
    options = take_options(question, kind=ModelCurveOptions)
    law = f"the {options.model.replace('weibull', 'Weibull')} model"
    law = f"a spline of {options.knots} inner knots" if options.model == "flexible" else law
    of_mean = options.measure == "rmst"
    base = describe_survival(
        sample,
        question=question,
        method=f"{'Mean time' if of_mean else 'Survival'} by {law}{adjusted_words(sample)}"
        f"{', at the mean of the covariates' if sample.covariate_names else ''}",
        measure="rmst_difference" if of_mean else "survival_difference",
        arm_measure="rmst" if of_mean else "survival",
    )
    base = replace(base, warnings=(*base.warnings, *check_independence(sample)))
    if not is_comparable(sample):
        return _bare(base, question=question)
    curves, words = _fit(sample, options=options)
    if curves is None:
        return _bare(without_model(base, why=words, level=question.level), question=question)
    base = replace(base, warnings=(*base.warnings, words) if words else base.warnings)
    parts = tuple(
        _part(base, curves, at=at, longest=float(sample.time.max()), level=question.level)
        for at in question.at
        if at > 0
    )
    return gather_parts(base, parts=parts, question=question)


def _bare(result: Result, *, question: Question) -> Result:
    own = {result.arm_measure: Estimate(value=None, level=question.level)}
    return replace(result, arms=tuple(with_estimates(arm, estimates=own) for arm in result.arms))


def _fit(sample: Sample, *, options: ModelCurveOptions) -> tuple[Curves | None, str]:
    """The curves of both arms at the mean of the covariates, or why there are none."""
    flexible = options.model == "flexible"
    why = why_no_model(sample)
    if not why and flexible and not bears_knots(sample, knots=options.knots):
        why = f"the times are too few or too alike for {options.knots} inner knots"
    kept = independent_columns(sample.design)
    if why or 0 not in kept:
        return None, why or "the arm tells nothing"
    design = np.ascontiguousarray(sample.design[:, kept])
    draw = _fit_spline if flexible else _fit_law
    trace, why = draw(sample, design, options)
    if trace is None:
        return None, why
    means = design[:, 1:].mean(axis=0)
    lost = [name for k, name in enumerate(sample.covariate_names, 1) if k not in kept]
    words = f"not adjusted for {join_words(lost)}: the data do not tell it apart" if lost else ""
    return (trace(np.r_[0.0, means]), trace(np.r_[1.0, means])), words


Trace = Callable[[NDArray[np.float64]], ModelCurve]


def _fit_law(
    sample: Sample, design: NDArray[np.float64], options: ModelCurveOptions
) -> tuple[Trace | None, str]:
    times = bound_event_times(sample.time, event=sample.event)
    fit = estimate_parametric(times, family=Family(options.model), covariates=design)
    if not fit.converged or not np.isfinite(fit.coefficients).all():
        return None, fit.message or "a coefficient cannot be told"
    return lambda x: trace_parametric(fit, covariates=x), ""


def _fit_spline(
    sample: Sample, design: NDArray[np.float64], options: ModelCurveOptions
) -> tuple[Trace | None, str]:
    fit = estimate_flexible_parametric(
        bound_event_times(sample.time, event=sample.event),
        covariates=design,
        spline=Spline(inner_knots=options.knots),
    )
    if not fit.converged or not np.isfinite(fit.coefficients).all():
        return None, fit.message or "a coefficient cannot be told"
    return lambda x: trace_flexible(fit, covariates=x), ""


def _part(base: Result, curves: Curves, *, at: float, longest: float, level: float) -> Result:
    """Each arm's number at the time, and their difference."""
    first, second = curves
    if base.arm_measure == "rmst":
        own = [predict_restricted_mean(curve, horizon=at, level=level) for curve in curves]
        found = compare_restricted_means(second, to=first, horizon=at, level=level)
    else:
        own = [predict_survival(curve, at=at, level=level) for curve in curves]
        found = compare_survival(second, to=first, at=at, level=level)
    arms = tuple(
        with_estimates(arm, estimates={base.arm_measure: _estimate(each, level=level)})
        for arm, each in zip(base.arms, own, strict=True)
    )
    beyond = f"{at:g} {base.time_unit} lie beyond all follow-up: the model alone speaks there"
    words = (beyond,) if at > longest else ()
    part = replace(
        base, name=f"{base.name}@{at:g}", at=at, arms=arms, warnings=(*base.warnings, *words)
    )
    value, error = float(found.value[0]), float(found.standard_error[0])
    return with_wald(part, value=value, standard_error=error, level=level)


def _estimate(found: CurveEstimate, *, level: float) -> Estimate:
    numbers = (found.value, found.lower, found.upper, found.standard_error)
    value, lower, upper, error = (float(each[0]) for each in numbers)
    return build_estimate(value, lower=lower, upper=upper, standard_error=error, level=level)
