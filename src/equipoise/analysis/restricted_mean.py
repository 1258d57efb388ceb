"""The restricted mean of the arms: event-free time up to a horizon, and the difference."""

import math
from dataclasses import replace
from functools import partial

from equipoise.analysis.comparison import with_log_ratio
from equipoise.analysis.milestone import gather_parts, with_pooled
from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival, estimate_arm_curve, with_estimates
from equipoise.analysis.weighted_means import compare_lesion_means, with_weighted_means
from equipoise.analysis.words import check_independence, strata_warnings, strata_words
from equipoise.numerics.survival.pooled_difference import Weighting
from equipoise.numerics.survival.rmst import (
    RmstComparison,
    compare_rmst,
    compare_rmst_strata,
    estimate_rmst,
)
from equipoise.protocol.methods.survival import RmstOptions

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


def _with_ratio(part: Result, mean: RmstComparison, level: float) -> Result:
    """The ratio, with the difference beside it."""
    first, second = mean.groups
    known_means = first.value > 0 and second.value > 0
    log_value = math.log(mean.ratio) if known_means else math.nan
    error = (
        math.hypot(first.standard_error / first.value, second.standard_error / second.value)
        if known_means
        else math.nan
    )
    difference = build_estimate(
        mean.difference,
        lower=mean.lower,
        upper=mean.upper,
        standard_error=mean.standard_error,
        level=level,
    )
    ratio = with_log_ratio(part, log_value=log_value, standard_error=error, level=level)
    return replace(ratio, further={**ratio.further, "difference": difference})


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
    options = take_options(question, kind=RmstOptions)
    if options.variance == "clustered":
        weighed = compare_lesion_means(sample, options=options, horizon=horizon)
        return with_weighted_means(part, found=weighed, contrast=options.contrast, level=level)
    if question.stratified:
        weighting = Weighting(options.weighting)
        pool = partial(compare_rmst_strata, horizon=horizon, weighting=weighting, level=level)
        return with_pooled(part, sample=sample, level=level, pool=pool)
    mean = compare_rmst(
        sample.time, event=sample.event, group=sample.arm, horizon=horizon, level=level
    )
    with_numbers = _with_ratio if options.contrast == "ratio" else _with_comparison
    return with_numbers(part, mean, level)


def _method_words(sample: Sample, *, question: Question, options: RmstOptions) -> str:
    what = f"{options.contrast.capitalize()} of restricted mean survival times"
    if options.variance == "clustered":
        weights = ", each patient of weight 1" if options.weights == "patient" else ""
        return f"{what}, patients as clusters (infinitesimal jackknife){weights}"
    if question.stratified:
        strata = strata_words(sample, question=question)
        return f"Difference in restricted mean survival time{strata}, by {options.weighting}"
    return what if options.contrast == "ratio" else _METHOD


def compare_restricted_means(sample: Sample, *, question: Question) -> Result:
    """The difference in restricted mean time at each horizon, other arm less reference.

    Source: Uno et al. (2014); Klein, Moeschberger, equation 4.4.4; D2.4.
    """
    options = take_options(question, kind=RmstOptions)
    clustered = options.variance == "clustered"
    pooled = question.stratified and not clustered
    base = describe_survival(
        sample,
        question=question,
        method=_method_words(sample, question=question, options=options),
        measure="rmst_difference" if pooled else f"rmst_{options.contrast}",
        arm_measure="rmst",
    )
    naive = () if clustered else check_independence(sample)
    strata = strata_warnings(sample, question=question) if pooled else ()
    base = replace(base, warnings=(*base.warnings, *naive, *strata))
    parts = tuple(
        _compare_at(sample, question=question, base=base, horizon=at) for at in question.at
    )
    return gather_parts(base, parts=parts, question=question)
