"""The comparison had nobody crossed over: those who stay weighed, or the treatment undone."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import Numbers, with_comparison
from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival
from equipoise.analysis.words import adjusted_words, strata_warnings, strata_words
from equipoise.numerics.chi_square import chi_square_of, normal_quantile
from equipoise.numerics.hazards.cox import Sampling, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.sensitivity.censoring_weights import (
    WeightedRows,
    effective_size,
    weigh_stayers,
)
from equipoise.numerics.sensitivity.rank_preserving import (
    RankPreserving,
    Treated,
    estimate_rank_preserving,
    untreated_times,
)
from equipoise.numerics.survival.kaplan_meier import (
    SurvivalAt,
    estimate_kaplan_meier,
    estimate_survival_at,
)
from equipoise.protocol.methods.sensitivity import StayersOptions, SwitchOptions

_NO_SWITCH = "who crossed over is not known here: name the `event` in the options of the plan"


def _switch(sample: Sample) -> NDArray[np.float64] | None:
    """When each crossed over, infinite where not before the end of the time; None if not known."""
    if sample.switch is None:
        return None
    return np.where(sample.switch < sample.time, sample.switch, np.inf)


def _untold(result: Result, question: Question, *words: str) -> Result:
    return replace(
        result,
        estimate=Estimate(value=None, level=question.level),
        warnings=(*result.warnings, *words),
    )


def compare_stayers(sample: Sample, *, question: Question) -> Result:
    """The comparison of those who did not cross over, weighed for those like them who did.

    Follow-up ends where a patient crosses over; those who stay are weighed by the inverse chance
    of having stayed, given the covariates. Source: Robins, Finkelstein (2000).
    """
    options = take_options(question, kind=StayersOptions)
    by_cox = options.compared == "cox"
    base = describe_survival(
        sample,
        question=question,
        method="Censored when crossing over, those who stay weighed by the inverse probability of "
        f"having stayed{adjusted_words(sample)}; robust variance"
        f"{strata_words(sample, question=question) if by_cox else ''}",
        measure="hazard_ratio" if by_cox else "survival_difference",
    )
    switch = _switch(sample)
    covariates = sample.covariates
    words = [_NO_SWITCH] if switch is None else []
    if covariates is None:
        words += ["the plan names no covariates to weigh by"]
    elif covariates.shape[1] == 0:
        words += ["no covariate differs between the patients: there is nothing to weigh by"]
    if switch is None or covariates is None or words or not is_comparable(sample):
        return _untold(base, question, *words)
    rows = weigh_stayers(
        np.minimum(sample.time, switch),
        event=(sample.event == 1) & np.isinf(switch),
        left=np.isfinite(switch),
        covariates=covariates,
        group=sample.arm,
    )
    crossed = np.isfinite(switch)
    told = replace(
        base,
        further={
            "crossed_over": build_estimate(float(crossed.sum()), level=question.level),
            "effective_rows": build_estimate(effective_size(rows.weight), level=question.level),
        },
        warnings=(*base.warnings, *_in_arms(rows.message, sample)),
    )
    if by_cox:
        return _weighed_hazards(sample, rows, base=told, question=question)
    return _weighed_milestone(sample, rows, base=told, question=question)


def _in_arms(message: str, sample: Sample) -> tuple[str, ...]:
    for group, name in enumerate(sample.arms):
        message = message.replace(f"group {group}", f"arm {name}")
    return (message,) if message else ()


def _weighed_hazards(
    sample: Sample, rows: WeightedRows, *, base: Result, question: Question
) -> Result:
    fit = estimate_cox(
        rows.time,
        event=rows.event,
        covariates=sample.arm[rows.row].astype(np.float64),
        stratum=sample.stratum[rows.row] if question.stratified else None,
        sampling=Sampling(entry=rows.entry, weight=rows.weight, cluster=rows.row),
    )
    base = replace(base, warnings=(*base.warnings, *strata_warnings(sample, question=question)))
    if not fit.converged:
        return _untold(base, question, f"the hazard ratio cannot be estimated: {fit.message}")
    ratio = estimate_hazard_ratio(fit, level=question.level)
    numbers = Numbers(
        value=ratio.value,
        lower=ratio.lower,
        upper=ratio.upper,
        statistic=ratio.z,
        p_value=ratio.p_value,
    )
    return with_comparison(base, numbers=numbers, level=question.level)


def _weighed_milestone(
    sample: Sample, rows: WeightedRows, *, base: Result, question: Question
) -> Result:
    at = question.headline
    if at is None:
        return _untold(base, question, "the plan names no time to compare at")
    points = [_weighed_survival(rows, sample.arm[rows.row] == arm, at) for arm in (0, 1)]
    value = float(points[1].survival[0] - points[0].survival[0])
    error = float(np.hypot(points[0].standard_error[0], points[1].standard_error[0]))
    if not math.isfinite(value) or not math.isfinite(error):
        return _untold(base, question, f"a weighed curve ends before {at:g} {base.time_unit}")
    width = normal_quantile(question.level) * error
    statistic = (value / error) ** 2 if error > 0 else math.nan
    numbers = Numbers(
        value=value,
        lower=value - width,
        upper=value + width,
        standard_error=error,
        statistic=statistic,
        p_value=chi_square_of(statistic, degrees_of_freedom=1).p_value,
        degrees_of_freedom=1,
    )
    return with_comparison(replace(base, at=at), numbers=numbers, level=question.level)


def _weighed_survival(rows: WeightedRows, own: NDArray[np.bool_], at: float) -> SurvivalAt:
    curve = estimate_kaplan_meier(
        rows.time[own],
        event=rows.event[own],
        entry=rows.entry[own],
        weight=rows.weight[own],
        cluster=rows.row[own],
    )
    return estimate_survival_at(curve, at=[at])


def undo_crossing_over(sample: Sample, *, question: Question) -> Result:
    """The factor by which the other arm's treatment stretches time, and the hazard ratio without.

    The other arm counts as treated throughout, the reference arm from its crossing over. The
    hazard ratio compares the times of the other arm with those that the reference arm would have
    had untreated; its interval is that of the test as randomised. Source: Robins, Tsiatis (1991);
    White, Babiker, Walker, Darbyshire (1999).
    """
    take_options(question, kind=SwitchOptions)
    base = describe_survival(
        sample,
        question=question,
        method="Rank preserving structural failure time model, log-rank test"
        f"{strata_words(sample, question=question)}, recensored",
        measure="acceleration_factor",
    )
    switch = _switch(sample)
    if switch is None or sample.follow_up is None:
        return _untold(base, question, _NO_SWITCH)
    if not is_comparable(sample):
        return _untold(base, question)
    on = np.where(sample.arm == 1, sample.time, np.maximum(sample.time - switch, 0.0))
    treated = Treated(
        group=sample.arm,
        treated_time=on,
        follow_up=np.maximum(sample.follow_up, sample.time),
        stratum=sample.stratum if question.stratified else None,
    )
    found = estimate_rank_preserving(
        sample.time, event=sample.event, treated=treated, level=question.level
    )
    words = (*base.warnings, *strata_warnings(sample, question=question))
    base = replace(base, warnings=(*words, found.message) if found.message else words)
    if not math.isfinite(found.log_factor):
        return _untold(base, question)
    return _with_factor(sample, found, treated=treated, base=base, question=question)


def _with_factor(
    sample: Sample, found: RankPreserving, *, treated: Treated, base: Result, question: Question
) -> Result:
    stratum = sample.stratum if question.stratified else None
    test = compare_logrank(
        sample.time, event=sample.event, group=sample.arm, stratum=stratum, groups=2
    ).test
    # treated time counts exp(log_factor) untreated: the treatment stretches it by the reverse
    ends = sorted((-found.lower, -found.upper)) if math.isfinite(found.lower + found.upper) else []
    numbers = Numbers(
        value=math.exp(-found.log_factor),
        lower=math.exp(ends[0]) if ends else math.nan,
        upper=math.exp(ends[1]) if ends else math.nan,
        statistic=test.statistic,
        p_value=test.p_value,
        degrees_of_freedom=test.degrees_of_freedom,
    )
    told = with_comparison(base, numbers=numbers, level=question.level)
    ratio = _ratio_without(sample, found, treated, question, test.statistic)
    return replace(told, further={**told.further, "hazard_ratio_without_crossing_over": ratio})


def _ratio_without(
    sample: Sample, found: RankPreserving, treated: Treated, question: Question, statistic: float
) -> Estimate:
    """The hazard ratio against the untreated reference arm; its interval keeps the test's z."""
    untreated = untreated_times(
        sample.time, event=sample.event, treated=treated, log_factor=found.log_factor
    )
    other = sample.arm == 1
    fit = estimate_cox(
        np.where(other, sample.time, untreated.time),
        event=np.where(other, sample.event, untreated.event),
        covariates=sample.arm.astype(np.float64),
        stratum=sample.stratum if question.stratified else None,
    )
    if not fit.converged:
        return Estimate(value=None, level=question.level)
    log_ratio = float(fit.coefficients[0])
    error = abs(log_ratio) / math.sqrt(statistic) if statistic > 0 else math.nan
    width = normal_quantile(question.level) * error
    return build_estimate(
        math.exp(log_ratio),
        lower=math.exp(log_ratio - width),
        upper=math.exp(log_ratio + width),
        level=question.level,
    )
