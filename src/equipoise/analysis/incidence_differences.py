"""Incidences and lost time of the arms compared by their variances, without resampling."""

import math
from collections.abc import Callable
from dataclasses import replace

from equipoise.analysis.comparison import Numbers, with_comparison, with_log_ratio
from equipoise.analysis.competing import describe_incidence
from equipoise.analysis.milestone import gather_parts
from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, is_comparable, select_arms, take_options
from equipoise.analysis.survival import with_estimates
from equipoise.numerics.competing.incidence_comparison import (
    GroupContrast,
    compare_incidences_at,
    compare_lost_time,
)
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences,
    estimate_incidences_at,
    estimate_lost_time,
)
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.survival.survival_scales import Interval
from equipoise.protocol.methods.competing import IncidenceDifferenceOptions, LostTimeOptions


def _clustered(sample: Sample) -> str:
    return "patients as clusters" if sample.clusters is not None else "Aalen's variance"


def _curve_of(sample: Sample, arm: str) -> Incidences | None:
    """The incidences of an arm; None where it has no row."""
    own = select_arms(sample, arms=(arm,))
    if not own.rows:
        return None
    sampling = None if sample.clusters is None else Sampling(cluster=own.subject)
    return estimate_incidences(own.time, cause=own.cause, sampling=sampling, causes=2)


def _read_at(curve: Incidences, at: float, level: float) -> Estimate:
    found = estimate_incidences_at(curve, at=[at], level=level)
    numbers = (found.incidence, found.lower, found.upper, found.standard_error)
    value, lower, upper, error = (float(each[0, 0]) for each in numbers)
    return build_estimate(value, lower=lower, upper=upper, standard_error=error, level=level)


def incidence_at(sample: Sample, *, arm: str, at: float, level: float) -> Estimate:
    """The incidence of an arm at a time by the variance of its curve; None beyond its follow-up."""
    curve = _curve_of(sample, arm)
    return Estimate(value=None, level=level) if curve is None else _read_at(curve, at, level)


def compare_incidence_at(sample: Sample, *, question: Question) -> Result:
    """The difference in incidence at each time, with the variance of the curves.

    The patients of lesions are clusters. Source: Aalen, Johansen (1978); Klein et al. (2007).
    """
    options = take_options(question, kind=IncidenceDifferenceOptions)
    base = describe_incidence(
        sample,
        question=question,
        method=f"Difference of Aalen-Johansen incidences, {_clustered(sample)}, test on the "
        f"{options.scale} scale",
        measure="incidence_difference",
        arm_measure="incidence",
    )
    level = question.level

    def own(curve: Incidences, at: float) -> Estimate:
        return _read_at(curve, at, level)

    def compare(curves: list[Incidences], at: float) -> GroupContrast:
        return compare_incidences_at(curves, at=at, scale=Interval(options.scale), level=level)

    return _compare_in_turn(sample, question, base, own, compare)


def compare_lost_times(sample: Sample, *, question: Question) -> Result:
    """The difference or ratio of the mean time lost to the event up to each horizon.

    Source: Andersen (2013).
    """
    options = take_options(question, kind=LostTimeOptions)
    base = describe_incidence(
        sample,
        question=question,
        method=f"{options.contrast.capitalize()} of the mean time lost to the event, "
        f"infinitesimal jackknife{', by patient' if sample.clusters is not None else ''}",
        measure=f"lost_time_{options.contrast}",
        arm_measure="rmtl",
    )
    level = question.level

    def own(curve: Incidences, horizon: float) -> Estimate:
        found = estimate_lost_time(curve, horizon=horizon, level=level)
        numbers = (found.value, found.lower, found.upper, found.standard_error)
        value, lower, upper, error = (float(each[0]) for each in numbers)
        return build_estimate(value, lower=lower, upper=upper, standard_error=error, level=level)

    def compare(curves: list[Incidences], at: float) -> GroupContrast:
        return compare_lost_time(curves, horizon=at, level=level)

    return _compare_in_turn(sample, question, base, own, compare)


def _compare_in_turn(
    sample: Sample,
    question: Question,
    base: Result,
    own: Callable[[Incidences, float], Estimate],
    compare: Callable[[list[Incidences], float], GroupContrast],
) -> Result:
    """The comparison at each time of the question, with each arm's `own` estimate."""
    fill = _with_ratio if base.measure.endswith("_ratio") else with_contrast
    curves = {arm: _curve_of(sample, arm) for arm in sample.arms}
    present = [curve for curve in curves.values() if curve is not None]
    parts = []
    for at in question.at:
        told = {a: own(c, at) if c else Estimate(value=None) for a, c in curves.items()}
        part = _with_arms(base, told, at)
        if is_comparable(sample):
            part = fill(part, found=compare(present, at), level=question.level)
        parts.append(part)
    return gather_parts(base, parts=tuple(parts), question=question)


def _with_arms(base: Result, own: dict[str, Estimate], at: float) -> Result:
    arms = tuple(with_estimates(a, estimates={base.arm_measure: own[a.arm]}) for a in base.arms)
    short = tuple(
        f"at {at:g} {base.time_unit}: the follow-up of arm {arm.arm} ends before"
        for arm in base.arms
        if arm.n and own[arm.arm].value is None
    )
    name = f"{base.name}@{at:g}"
    return replace(base, name=name, arms=arms, at=at, warnings=(*base.warnings, *short))


def with_contrast(part: Result, *, found: GroupContrast, level: float) -> Result:
    """The part with the difference of two groups, or that there is no test."""
    numbers = Numbers(
        value=found.difference,
        lower=found.difference_lower,
        upper=found.difference_upper,
        standard_error=found.difference_standard_error,
        statistic=found.test.statistic,
        p_value=found.test.p_value,
        degrees_of_freedom=found.test.degrees_of_freedom,
    )
    return _tell_untold(with_comparison(part, numbers=numbers, level=level))


def _with_ratio(part: Result, *, found: GroupContrast, level: float) -> Result:
    first, second = (float(each) for each in found.value)
    told = first > 0 and second > 0
    errors = [float(each) for each in found.standard_error]
    log_value = math.log(second / first) if told else math.nan
    error = math.hypot(errors[0] / first, errors[1] / second) if told else math.nan
    return _tell_untold(
        with_log_ratio(part, log_value=log_value, standard_error=error, level=level)
    )


def _tell_untold(part: Result) -> Result:
    words = (
        f"at {part.at:g} {part.time_unit}: no test, as an arm has nobody with the event so far, "
        "or is not followed so long"
    )
    return part if part.p_value is not None else replace(part, warnings=(*part.warnings, words))
