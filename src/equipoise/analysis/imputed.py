"""Censored times completed under an assumption, many times over; and the assumption that tips."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.measures import NAMES, UNTOLD, Measured, as_estimate, measure
from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival
from equipoise.analysis.words import NOT_STRATIFIED
from equipoise.numerics.chi_square import chi_square_of
from equipoise.numerics.sensitivity.multiple_imputation import complete_times, pool_estimates
from equipoise.numerics.streams import draw_uniforms
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.protocol.methods.sensitivity import (
    DeltaOptions,
    ImputationOptions,
    TippingOptions,
)

_BOOTSTRAP, _AFTER = 41, 42  # purposes of this file's streams


def _changed(arm: int, options: ImputationOptions, ratio: float) -> float:
    """By what the hazard of an arm is multiplied after a censoring."""
    named = {"experimental": (1,), "reference": (0,), "both": (0, 1)}[options.worsened]
    return ratio if arm in named else 1.0


def _uniforms(sample: Sample, question: Question, purpose: int, count: int) -> NDArray[np.float64]:
    """A number for each row and imputation, (n, count)."""
    subject = np.arange(sample.time.size)
    replicate = np.zeros_like(subject)
    return draw_uniforms(
        question.seed, replicate=replicate, subject=subject, purpose=purpose, count=count
    )


def _complete(
    sample: Sample,
    *,
    options: ImputationOptions,
    ratio: float,
    at: float,
    chance: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Sample:
    """One data set in which nobody is censored before the time; donors are drawn with return."""
    time, cause = sample.time.copy(), sample.event.copy()
    for arm in (0, 1):
        donors = np.flatnonzero(sample.arm == (0 if options.donors == "reference" else arm))
        drawn = donors[(chance[0][donors] * donors.size).astype(np.int64)]
        curve = estimate_kaplan_meier(sample.time[drawn], event=sample.event[drawn])
        own = np.flatnonzero((sample.arm == arm) & (sample.event == 0) & (sample.time < at))
        if own.size == 0:
            continue
        completed = complete_times(
            sample.time[own],
            donor=curve,
            uniform=chance[1][own],
            hazard_ratio=_changed(arm, options, ratio),
            horizon=at,
        )
        time[own], cause[own] = completed.time, completed.event
    return replace(sample, time=time, cause=cause)


def _measure_completed(
    sample: Sample, *, question: Question, options: ImputationOptions, ratio: float, at: float
) -> tuple[Measured, float, float, int]:
    """The pooled measure, its p, the share of information missing, and how many told nothing."""
    count = options.imputations
    first = _uniforms(sample, question, _BOOTSTRAP, count)
    after = _uniforms(sample, question, _AFTER, count)
    found = [
        measure(
            _complete(
                sample, options=options, ratio=ratio, at=at, chance=(first[:, i], after[:, i])
            ),
            compared=options.compared,
            at=at,
        )
        for i in range(count)
    ]
    told = [one for one in found if one.told]
    if len(told) < 2:
        return UNTOLD, math.nan, math.nan, count - len(told)
    pooled = pool_estimates([one.value for one in told], variances=[one.variance for one in told])
    whole = Measured(value=pooled.value, variance=pooled.standard_error**2)
    return whole, pooled.p_value, pooled.missing_information, count - len(told)


def _words(options: ImputationOptions, at: float, sample: Sample) -> str:
    whose = "the reference arm" if options.donors == "reference" else "the own arm"
    return (
        f"Times censored before {at:g} {sample.time_unit} completed {options.imputations} times "
        f"from the Kaplan-Meier curve of {whose} (donors resampled), pooled by Rubin's rules"
    )


def _describe(sample: Sample, question: Question, options: ImputationOptions) -> Result:
    base = describe_survival(
        sample,
        question=question,
        method=_words(options, question.headline or 0.0, sample),
        measure=NAMES[options.compared],
    )
    told = (*base.warnings, NOT_STRATIFIED) if question.stratified else base.warnings
    return replace(base, warnings=told, at=question.headline)


def _impute(
    sample: Sample, *, question: Question, options: ImputationOptions, ratio: float, base: Result
) -> Result:
    """The result under one factor of the hazard after a censoring."""
    at = question.headline
    named = replace(base, method=f"{base.method}; hazard after a censoring times {ratio:g}")
    if at is None or not is_comparable(sample):
        told = () if at is not None else ("the plan names no time to compare at",)
        untold = Estimate(value=None, level=question.level)
        return replace(named, estimate=untold, warnings=(*named.warnings, *told))
    pooled, p_value, missing, lost = _measure_completed(
        sample, question=question, options=options, ratio=ratio, at=at
    )
    waiting = int(((sample.event == 0) & (sample.time < at)).sum())
    lines = [f"{lost} completed data sets tell no {named.measure}"] if lost else []
    return replace(
        named,
        estimate=as_estimate(pooled, compared=options.compared, level=question.level),
        further={
            "completed": build_estimate(float(waiting), level=question.level),
            "missing_information": build_estimate(missing, level=question.level),
        },
        p_value=p_value if math.isfinite(p_value) else None,
        warnings=(*named.warnings, *lines),
    )


def impute_censored(sample: Sample, *, question: Question) -> Result:
    """The comparison with times censored early completed under a changed hazard.

    `further` counts the times completed and says which share of the information they lack.
    Source: Lipkovich, Ratitch, O'Kelly (2016); Rubin (1987).
    """
    options = take_options(question, kind=DeltaOptions)
    base = _describe(sample, question, options)
    return _impute(
        sample, question=question, options=options, ratio=options.hazard_ratio, base=base
    )


def find_tipping_point(sample: Sample, *, question: Question) -> Result:
    """The smallest change of the hazard after a censoring that turns a significant result.

    On top stands the result under the first factor, in `further` the factor that tips
    (`tipping_point`; none where all factors leave the conclusion); a part a factor.
    """
    options = take_options(question, kind=TippingOptions)
    base = _describe(sample, question, options)
    parts = tuple(
        replace(
            _impute(sample, question=question, options=options, ratio=ratio, base=base),
            name=f"{base.name}@{ratio:g}",
            curves=(),
        )
        for ratio in options.hazard_ratios
    )
    alpha = 1 - question.level
    tipped = [
        ratio
        for ratio, part in zip(options.hazard_ratios, parts, strict=True)
        if part.p_value is None or part.p_value >= alpha
    ]
    point = tipped[0] if tipped else math.nan
    words = _tell(parts[0], point, options, alpha)
    return replace(
        parts[0],
        name=base.name,
        method=f"{base.method}; hazard after a censoring times {options.hazard_ratios[0]:g} and on",
        curves=base.curves,
        further={
            **parts[0].further,
            "tipping_point": build_estimate(point, level=question.level),
        },
        warnings=(*parts[0].warnings, words),
        parts=parts,
    )


def _tell(first: Result, point: float, options: TippingOptions, alpha: float) -> str:
    if first.p_value is None or first.p_value >= alpha:
        return "there is no significant result to tip"
    if math.isnan(point):
        return f"no factor up to {max(options.hazard_ratios):g} tips the conclusion"
    return f"the conclusion tips where the hazard after a censoring is {point:g} times as high"


def chi_square_p(found: Measured) -> float:
    """The two-sided p of Wald; NaN where nothing is told."""
    if not found.told:
        return math.nan
    return chi_square_of(found.value**2 / found.variance, degrees_of_freedom=1).p_value
