"""Rates of events by time at risk: their ratio and difference, and by regression."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import Numbers, with_comparison, with_log_ratio, with_test
from equipoise.analysis.competing import describe_incidence
from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import with_estimates
from equipoise.analysis.words import (
    check_independence,
    strata_warnings,
    strata_words,
)
from equipoise.numerics.rates.poisson import estimate_rates
from equipoise.numerics.rates.rate_comparison import (
    RateDifference,
    RateLimits,
    compare_rate_difference,
    compare_rate_difference_wald,
    compare_rate_ratio,
)
from equipoise.numerics.rates.stratified_rates import (
    compare_rate_ratios,
    estimate_common_rate_difference,
    estimate_common_rate_ratio,
)
from equipoise.numerics.shares.mantel_haenszel import CommonDifference
from equipoise.protocol.methods.rates import (
    RateDifferenceOptions,
    RateRatioOptions,
)

MONTHS = 12  # rates are printed by year
NO_RATE = "the rates cannot be compared: an arm, or both, has no event or no time at risk"
Counts = tuple[NDArray[np.int64], NDArray[np.float64]]


def counts_of(sample: Sample, *, counted: str) -> Counts:
    """Each row's events and years at risk: the first event, or all of them where they are known."""
    if counted == "all" and sample.count is not None and sample.exposure is not None:
        return sample.count, sample.exposure / MONTHS
    return sample.event, sample.time / MONTHS


def describe_rates(
    sample: Sample, *, question: Question, method: str, measure: str, counted: str
) -> Result:
    """A result with the counts, and each arm's rate a year with exact limits."""
    result = describe_incidence(
        sample,
        question=question,
        method=f"{method}, {'all events' if counted == 'all' else 'first events'} a year at risk",
        measure=measure,
        arm_measure="rate",
    )
    events, years = counts_of(sample, counted=counted)
    arms = []
    for arm in result.arms:
        rows = sample.of_arm(arm.arm)
        own = {"rate": Estimate(value=None), "years": build_estimate(float(years[rows].sum()))}
        if rows.any():
            rate = estimate_rates(
                [int(events[rows].sum())], time=[float(years[rows].sum())], level=question.level
            )
            own["rate"] = build_estimate(
                float(rate.value[0]),
                lower=float(rate.lower[0]),
                upper=float(rate.upper[0]),
                level=question.level,
            )
        arms.append(with_estimates(arm, estimates=own))
    words = (*check_independence(sample), *strata_warnings(sample, question=question))
    unknown = counted == "all" and sample.count is None
    lost = ("further events are not known here: first events are counted",) if unknown else ()
    return replace(result, arms=tuple(arms), warnings=(*result.warnings, *words, *lost))


def _tables(sample: Sample, *, question: Question, counted: str) -> Counts:
    """Events and years of the two arms by stratum, shape (strata, 2)."""
    events, years = counts_of(sample, counted=counted)
    stratum = sample.stratum if question.stratified else np.zeros_like(sample.arm)
    _, code = np.unique(stratum, return_inverse=True)
    shape = (int(code.max()) + 1, 2)
    counts, times = np.zeros(shape, dtype=np.int64), np.zeros(shape)
    np.add.at(counts, (code, sample.arm), events)
    np.add.at(times, (code, sample.arm), years)
    return counts, times


def _compare_rates(
    sample: Sample, *, question: Question, measure: str, limits: str, counted: str
) -> tuple[Result, Counts | None]:
    """The result with each arm's rate, and the tables to compare; None where they cannot be."""
    how = limits
    if question.stratified:
        how = f"Mantel-Haenszel{strata_words(sample, question=question)}"
    kind = measure.removeprefix("rate_").capitalize()
    result = describe_rates(
        sample,
        question=question,
        method=f"{kind} of rates, {how}",
        measure=measure,
        counted=counted,
    )
    if not is_comparable(sample):
        return result, None
    events, years = _tables(sample, question=question, counted=counted)
    if (events[years <= 0] > 0).any() or (years.sum(axis=0) <= 0).any():
        return replace(result, warnings=(*result.warnings, NO_RATE)), None
    return result, (events, years)


def compare_by_rate_ratio(sample: Sample, *, question: Question) -> Result:
    """The rate of the other arm over that of the reference.

    Source: Przyborowski, Wilenski (1940); over strata: Greenland, Robins (1985).
    """
    options = take_options(question, kind=RateRatioOptions)
    result, tables = _compare_rates(
        sample,
        question=question,
        measure="rate_ratio",
        limits=f"{options.limits.replace('_', '-')} limits",
        counted=options.events,
    )
    if tables is None:
        return result
    events, years = tables
    if question.stratified:
        return _with_common_ratio(result, events, years, level=question.level)
    found = compare_rate_ratio(
        (int(events[0, 0]), int(events[0, 1])),
        time=(float(years[0, 0]), float(years[0, 1])),
        level=question.level,
        limits=RateLimits(options.limits),
    )
    inside = math.isfinite(found.value) and found.value > 0
    numbers = Numbers(
        value=found.value if inside else math.nan,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
    )
    words = () if inside else (NO_RATE,)
    return with_comparison(result, numbers=numbers, level=question.level, warnings=words)


def _with_common_ratio(
    result: Result, events: NDArray[np.int64], years: NDArray[np.float64], *, level: float
) -> Result:
    common = estimate_common_rate_ratio(events, time=years, level=level)
    inside = math.isfinite(common.value) and common.value > 0
    ratio = with_log_ratio(
        replace(result, parts=(_homogeneity(result, events, years),)),
        log_value=math.log(common.value) if inside else math.nan,
        standard_error=common.log_standard_error,
        level=level,
    )
    return ratio if inside else replace(ratio, warnings=(*ratio.warnings, NO_RATE))


def _homogeneity(base: Result, events: NDArray[np.int64], years: NDArray[np.float64]) -> Result:
    """Whether the rate ratios of the strata are one, by the score test."""
    found = compare_rate_ratios(events, time=years)
    bare = replace(
        base,
        name=f"{base.name}/homogeneity",
        method="Score test of one rate ratio in all strata",
        measure="homogeneity",
        warnings=(),
        curves=(),
        rows=(),
    )
    untold = "fewer than two strata have events, or one arm has none: nothing is tested"
    words = () if known(found.test.p_value) is not None else (found.message or untold,)
    return with_test(bare, test=found.test, warnings=words)


def compare_by_rate_difference(sample: Sample, *, question: Question) -> Result:
    """The rate of the other arm less that of the reference, a year at risk.

    Source: Miettinen, Nurminen (1985); over strata: Greenland, Robins (1985).
    """
    options = take_options(question, kind=RateDifferenceOptions)
    result, tables = _compare_rates(
        sample,
        question=question,
        measure="rate_difference",
        limits=f"{options.limits} limits and test",
        counted=options.events,
    )
    if tables is None:
        return result
    numbers = _difference(*tables, limits=options.limits, level=question.level)
    words = () if math.isfinite(numbers.p_value) else (NO_RATE,)
    return with_comparison(result, numbers=numbers, level=question.level, warnings=words)


def _difference(
    events: NDArray[np.int64], years: NDArray[np.float64], *, limits: str, level: float
) -> Numbers:
    """Over strata by Mantel and Haenszel, in one stratum by the limits asked for."""
    found: CommonDifference | RateDifference
    error = math.nan
    if events.shape[0] > 1:
        found = estimate_common_rate_difference(events, time=years, level=level)
        error = found.standard_error
    else:
        compare = compare_rate_difference if limits == "score" else compare_rate_difference_wald
        counts = (int(events[0, 0]), int(events[0, 1]))
        found = compare(counts, time=(float(years[0, 0]), float(years[0, 1])), level=level)
    return Numbers(
        value=found.value,
        lower=found.lower,
        upper=found.upper,
        standard_error=error,
        statistic=found.test.statistic,
        p_value=found.test.p_value,
        degrees_of_freedom=found.test.degrees_of_freedom,
    )
