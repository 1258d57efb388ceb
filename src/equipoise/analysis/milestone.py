"""Survival of the arms at a milestone: the difference, its interval and its test."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from equipoise.analysis.comparison import Numbers, with_comparison, with_test
from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival, estimate_arm_curve, with_estimates
from equipoise.analysis.words import strata_warnings, strata_words
from equipoise.numerics.survival.kaplan_meier import estimate_survival_at
from equipoise.numerics.survival.milestone import (
    Milestone,
    compare_milestone,
    compare_milestone_groups,
    compare_milestone_strata,
)
from equipoise.numerics.survival.pooled_difference import (
    ArmsOfStratum,
    PooledDifference,
    Weighting,
    find_arms,
)
from equipoise.numerics.survival.survival_scales import Interval
from equipoise.protocol.methods.survival import MilestoneOptions, ScaleOptions

_SCALES = {
    "log-log": "complementary log-log",
    "plain": "plain",
    "log": "log",
    "logit": "logit",
    "arcsine": "arcsine",
}


def choose_headline(parts: tuple[Result, ...], *, question: Question) -> Result | None:
    """The part at the time that stands for the whole; else the last; None without parts."""
    chosen = [part for part in parts if part.at == question.headline]
    return (*chosen, *parts[-1:])[0] if parts else None


def gather_parts(base: Result, *, parts: tuple[Result, ...], question: Question) -> Result:
    """One result over its times: the headline's numbers on top, all times below."""
    top = choose_headline(parts, question=question)
    if top is None:
        return replace(base, warnings=(*base.warnings, "the plan names no time to compare at"))
    warnings = tuple(dict.fromkeys(word for part in parts for word in part.warnings))
    bare = tuple(replace(part, curves=()) for part in parts)
    return replace(top, name=base.name, curves=base.curves, warnings=warnings, parts=bare)


def survival_at(sample: Sample, *, arm: str, at: float, level: float) -> Estimate:
    """Survival of one arm at a time with its log-log interval; None beyond the follow-up."""
    curve = estimate_arm_curve(sample, arm=arm)
    if curve is None:
        return Estimate(value=None, level=level)
    point = estimate_survival_at(curve, at=[at], level=level)
    return build_estimate(
        float(point.survival[0]),
        lower=float(point.lower[0]),
        upper=float(point.upper[0]),
        standard_error=float(point.standard_error[0]),
        level=level,
    )


def _in_words(message: str, sample: Sample, at: float) -> tuple[str, ...]:
    if not message:
        return ()
    for group, name in enumerate(sample.arms):
        message = message.replace(f"group {group}", f"arm {name}")
    return (f"at {at:g} {sample.time_unit}: {message.replace('that group', 'that arm')}",)


def _with_comparison(part: Result, test: Milestone, words: tuple[str, ...], level: float) -> Result:
    told = known(test.test.p_value) is not None
    return replace(
        part,
        estimate=build_estimate(
            test.difference,
            lower=test.lower,
            upper=test.upper,
            standard_error=test.standard_error,
            level=level,
        ),
        further={
            "plain_interval": build_estimate(
                test.difference,
                lower=test.plain_lower,
                upper=test.plain_upper,
                standard_error=test.standard_error,
                level=level,
            )
        },
        statistic=known(test.test.statistic),
        degrees_of_freedom=test.test.degrees_of_freedom if told else None,
        p_value=known(test.test.p_value),
        warnings=(*part.warnings, *words),
    )


def _compare_at(sample: Sample, *, question: Question, base: Result, at: float) -> Result:
    level = question.level
    points = {arm.arm: survival_at(sample, arm=arm.arm, at=at, level=level) for arm in base.arms}
    arms = tuple(with_estimates(arm, estimates={"survival": points[arm.arm]}) for arm in base.arms)
    part = replace(base, name=f"{base.name}@{at:g}", arms=arms, at=at)
    curves = [estimate_arm_curve(sample, arm=name) for name in sample.arms]
    if not is_comparable(sample) or curves[0] is None or curves[1] is None:
        return part
    options = take_options(question, kind=MilestoneOptions)
    if question.stratified:
        weighting = Weighting(options.weighting)
        pool = partial(compare_milestone_strata, at=at, weighting=weighting, level=level)
        return with_pooled(part, sample=sample, level=level, pool=pool)
    scale = Interval(options.scale)
    test = compare_milestone(curves[0], second=curves[1], at=at, scale=scale, level=level)
    return _with_comparison(part, test, _in_words(test.message, sample, at), level)


def with_pooled(
    part: Result,
    *,
    sample: Sample,
    level: float,
    pool: Callable[[Sequence[ArmsOfStratum]], PooledDifference],
) -> Result:
    """The part with the mean of the strata's differences, or why there is none."""
    pairs = np.unique(np.column_stack([sample.stratum, sample.arm]), axis=0)[:, 0]
    if pairs.size == np.unique(pairs).size:
        return replace(part, warnings=(*part.warnings, "no stratum has both arms"))
    arms = find_arms(sample.time, event=sample.event, group=sample.arm, stratum=sample.stratum)
    found = pool(arms)
    message = re.sub(
        r"stratum (\d+)", lambda m: f"stratum {sample.strata[int(m[1])]}", found.message
    )
    numbers = Numbers(
        value=found.difference,
        lower=found.lower,
        upper=found.upper,
        standard_error=found.standard_error,
        statistic=found.z,
        p_value=found.p_value,
    )
    words = (f"at {part.at:g} {part.time_unit}: {message}",) if message else ()
    return with_comparison(part, numbers=numbers, level=level, warnings=words)


def compare_at_milestone(sample: Sample, *, question: Question) -> Result:
    """The difference in survival at each milestone, other arm less reference.

    Where survival is 0 or 1 the log-log scale is undefined: the test falls back to the plain
    scale, and a warning says so. Beyond the follow-up of an arm there is no estimate.
    Source: Klein, Logan, Harhoff, Andersen (2007); D2.4.
    """
    options = take_options(question, kind=MilestoneOptions)
    how = (
        f"compared on the {_SCALES[options.scale]} scale (Klein 2007); "
        "interval of the difference by MOVER from the two log-log intervals"
    )
    if question.stratified:
        how = f"compared{strata_words(sample, question=question)}, weights by {options.weighting}"
    base = describe_survival(
        sample,
        question=question,
        method=f"Kaplan-Meier probabilities {how}",
        measure="survival_difference",
        arm_measure="survival",
    )
    base = replace(base, warnings=(*base.warnings, *strata_warnings(sample, question=question)))
    parts = tuple(_compare_at(sample, question=question, base=base, at=at) for at in question.at)
    return gather_parts(base, parts=parts, question=question)


def compare_all_at_milestone(sample: Sample, *, question: Question) -> Result:
    """Whether survival at each milestone is the same in all arms.

    Source: Klein, Logan, Harhoff, Andersen (2007), section 4.
    """
    options = take_options(question, kind=ScaleOptions)
    base = describe_survival(
        sample,
        question=question,
        method="Kaplan-Meier probabilities of all arms compared on the "
        f"{_SCALES[options.scale]} scale (Klein 2007)",
        measure="survival_test",
        arm_measure="survival",
    )
    parts = tuple(_test_all_at(sample, question=question, base=base, at=at) for at in question.at)
    return gather_parts(base, parts=parts, question=question)


def _test_all_at(sample: Sample, *, question: Question, base: Result, at: float) -> Result:
    options, level = take_options(question, kind=ScaleOptions), question.level
    arms = tuple(
        with_estimates(
            arm, estimates={"survival": survival_at(sample, arm=arm.arm, at=at, level=level)}
        )
        for arm in base.arms
    )
    part = replace(base, name=f"{base.name}@{at:g}", arms=arms, at=at)
    curves = [estimate_arm_curve(sample, arm=name) for name in sample.arms]
    present = [curve for curve in curves if curve is not None]
    if len(present) < 2 or len(present) < len(curves):
        return part
    found = compare_milestone_groups(present, at=at, scale=Interval(options.scale))
    return with_test(part, test=found.test, warnings=_in_words(found.message, sample, at))
