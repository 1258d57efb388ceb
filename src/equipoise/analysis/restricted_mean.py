"""The restricted mean of the arms: event-free time up to a horizon, and the difference."""

from dataclasses import replace

from equipoise.analysis.milestone import NOT_STRATIFIED, gather_parts
from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable
from equipoise.analysis.survival import describe_survival, estimate_arm_curve, with_estimates
from equipoise.numerics.rmst import RmstComparison, compare_rmst, estimate_rmst

_METHOD = "Difference in restricted mean survival time (Klein-Moeschberger variance)"


def rmst_of(sample: Sample, *, arm: str, horizon: float, level: float) -> Estimate:
    """Mean event-free time of one arm up to the horizon; None where its curve ends before."""
    curve = estimate_arm_curve(sample, arm=arm)
    if curve is None:
        return Estimate(value=None, level=level)
    mean = estimate_rmst(curve, horizon=horizon, level=level)
    return build_estimate(
        mean.value,
        lower=mean.lower,
        upper=mean.upper,
        standard_error=mean.standard_error,
        level=level,
    )


def _with_comparison(part: Result, mean: RmstComparison, level: float) -> Result:
    return replace(
        part,
        estimate=build_estimate(
            mean.difference,
            lower=mean.lower,
            upper=mean.upper,
            standard_error=mean.standard_error,
            level=level,
        ),
        further={
            "ratio": build_estimate(
                mean.ratio, lower=mean.ratio_lower, upper=mean.ratio_upper, level=level
            )
        },
        statistic=known(mean.z),
        p_value=known(mean.p_value),
    )


def _compare_at(sample: Sample, *, question: Question, base: Result, horizon: float) -> Result:
    level = question.level
    means = {a: rmst_of(sample, arm=a, horizon=horizon, level=level) for a in sample.arms}
    short = tuple(
        f"at {horizon:g} {sample.time_unit}: the curve of arm {name} ends before the horizon"
        for name in sample.arms
        if sample.size(name) > 0 and means[name].value is None
    )
    part = replace(
        base,
        name=f"{base.name}@{horizon:g}",
        at=horizon,
        arms=tuple(with_estimates(a, estimates={"rmst": means[a.arm]}) for a in base.arms),
        warnings=(*base.warnings, *short),
    )
    if short or not is_comparable(sample):
        return part
    mean = compare_rmst(
        sample.time, event=sample.event, group=sample.arm, horizon=horizon, level=level
    )
    return _with_comparison(part, mean, level)


def compare_restricted_means(sample: Sample, *, question: Question) -> Result:
    """The difference in restricted mean time at each horizon, other arm less reference.

    Source: Uno et al. (2014); Klein, Moeschberger, equation 4.4.4; D2.4.
    """
    base = describe_survival(
        sample,
        question=question,
        method=_METHOD,
        measure="rmst_difference",
        arm_measure="rmst",
    )
    if question.stratified:
        base = replace(base, warnings=(*base.warnings, NOT_STRATIFIED))
    parts = tuple(
        _compare_at(sample, question=question, base=base, horizon=at) for at in question.at
    )
    return gather_parts(base, parts=parts, question=question)
