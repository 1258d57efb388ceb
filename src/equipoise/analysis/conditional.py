"""Survival at a time among those who were without event at an earlier one."""

import math
from dataclasses import replace

from equipoise.analysis.comparison import with_wald
from equipoise.analysis.milestone import gather_parts
from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival, estimate_arm_curve, with_estimates
from equipoise.numerics.survival.landmark import estimate_conditional_survival
from equipoise.protocol.methods.survival import ConditionalOptions


def compare_given_earlier(sample: Sample, *, question: Question) -> Result:
    """The difference in survival at each time among those without event at an earlier one.

    Those who came so far are no longer those randomised: this describes, and does not tell what a
    treatment does. Source: Andersen, Borgan, Gill, Keiding (1993), IV.3.
    """
    options = take_options(question, kind=ConditionalOptions)
    base = describe_survival(
        sample,
        question=question,
        method=f"Kaplan-Meier probabilities given {options.given_months:g} {sample.time_unit} "
        "without event, plain difference; not a comparison of those randomised",
        measure="survival_difference",
        arm_measure="survival",
    )
    parts = tuple(_part(sample, base=base, question=question, at=at) for at in question.at)
    return gather_parts(base, parts=parts, question=question)


def _part(sample: Sample, *, base: Result, question: Question, at: float) -> Result:
    given = take_options(question, kind=ConditionalOptions).given_months
    when, level = f"at {at:g} {sample.time_unit}", question.level
    own = {
        name: _survival(sample, arm=name, given=given, at=at, level=level) for name in sample.arms
    }
    arms = tuple(with_estimates(arm, estimates={"survival": own[arm.arm]}) for arm in base.arms)
    early = (f"{when}: not after {given:g}",) if at < given else ()
    short = tuple(
        f"{when}: the follow-up of arm {name} ends before, or nobody is left at {given:g}"
        for name, each in own.items()
        if not early and sample.size(name) and each.value is None
    )
    words = (*base.warnings, *early, *short)
    part = replace(base, name=f"{base.name}@{at:g}", at=at, arms=arms, warnings=words)
    if early or short or not is_comparable(sample):
        return part
    first, second = (own[name] for name in sample.arms)
    error = math.hypot(first.standard_error or 0.0, second.standard_error or 0.0)
    value = (second.value or 0.0) - (first.value or 0.0)
    told = with_wald(part, value=value, standard_error=error, level=level)
    flat = f"{when}: no event between in either arm, so no interval and no test"
    return told if error > 0 else replace(told, warnings=(*told.warnings, flat))


def _survival(sample: Sample, *, arm: str, given: float, at: float, level: float) -> Estimate:
    curve = estimate_arm_curve(sample, arm=arm)
    if curve is None or at < given:
        return Estimate(value=None, level=level)
    found = estimate_conditional_survival(curve, given=given, at=[at], level=level)
    numbers = (found.survival, found.lower, found.upper, found.standard_error)
    value, lower, upper, error = (float(each[0]) for each in numbers)
    return build_estimate(value, lower=lower, upper=upper, standard_error=error, level=level)
