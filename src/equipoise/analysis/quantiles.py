"""The median, or another quantile of the time to the event, compared between the arms."""

import math
from dataclasses import replace

from equipoise.analysis.comparison import Numbers, with_comparison
from equipoise.analysis.result import Result, build_estimate
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival, estimate_arm_curve, with_estimates
from equipoise.numerics.survival.quantile_difference import QuantileComparison, compare_quantiles
from equipoise.numerics.survival.survival_scales import Interval
from equipoise.protocol.methods.survival import QuantileOptions


def compare_by_quantile(sample: Sample, *, question: Question) -> Result:
    """How much later, or by which factor, the other arm reaches a share of events.

    There is no p; whether the interval holds no difference is the test.
    Source: Brookmeyer, Crowley (1982) for each arm; Zou, Donner (2008) for both.
    """
    options = take_options(question, kind=QuantileOptions)
    share = "median" if options.probability == 0.5 else f"quantile {options.probability:g}"
    result = describe_survival(
        sample,
        question=question,
        method=f"{options.contrast.capitalize()} of the {share} times "
        f"(Brookmeyer, Crowley; MOVER), {options.interval} scale",
        measure=f"quantile_{options.contrast}",
        arm_measure="quantile",
    )
    curves = [estimate_arm_curve(sample, arm=name) for name in sample.arms]
    if not is_comparable(sample) or curves[0] is None or curves[1] is None:
        return result
    found = compare_quantiles(
        curves[0],
        second=curves[1],
        probability=options.probability,
        interval=Interval(options.interval),
        level=question.level,
    )
    return _fill(result, found, contrast=options.contrast, level=question.level)


def _fill(result: Result, found: QuantileComparison, *, contrast: str, level: float) -> Result:
    arms = tuple(
        with_estimates(
            arm,
            estimates={
                "quantile": build_estimate(own.value, lower=own.lower, upper=own.upper, level=level)
            },
        )
        for arm, own in zip(result.arms, found.quantiles, strict=True)
    )
    value = found.difference if contrast == "difference" else found.ratio
    lower = found.lower if contrast == "difference" else found.ratio_lower
    upper = found.upper if contrast == "difference" else found.ratio_upper
    numbers = Numbers(value=value, lower=lower, upper=upper)
    short = [
        a.arm for a, q in zip(result.arms, found.quantiles, strict=True) if math.isnan(q.value)
    ]
    words = tuple(f"the quantile is not reached in arm {name}" for name in short)
    if not short and not math.isfinite(value):
        words = ("the ratio cannot be estimated: the quantile of the reference is 0",)
    return with_comparison(replace(result, arms=arms), numbers=numbers, level=level, warnings=words)
