"""Tests by rank beside the log-rank test: weighted, the largest of several, of many arms."""

import math
from dataclasses import replace

from equipoise.analysis.comparison import with_test
from equipoise.analysis.hazards import with_logrank
from equipoise.analysis.result import Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival, with_estimates
from equipoise.analysis.words import check_independence, has_two_arms, strata_warnings, strata_words
from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk, count_groups_at_risk
from equipoise.numerics.ranks.logrank import compare_groups_at_risk, compare_trend
from equipoise.numerics.ranks.maxcombo import Side, TooManyDimensionsError, compare_maxcombo
from equipoise.numerics.ranks.weighted_logrank import (
    FlemingHarrington,
    ModestlyWeighted,
    PetoPeto,
    PiecewiseWeights,
    Prentice,
    TaroneWare,
    Weighting,
    compare_weighted_logrank,
)
from equipoise.protocol.methods.ranks import (
    FlemingHarringtonOptions,
    MaxComboOptions,
    ModestOptions,
    PetoPetoOptions,
    PiecewiseOptions,
    TaroneWareOptions,
    TrendOptions,
)

NOTHING = "no event has two arms at risk: nothing can be tested"
_SIDES = {"two-sided": Side.TWO_SIDED, "less": Side.FEWER_EVENTS, "greater": Side.MORE_EVENTS}
_VERSIONS: dict[str, Weighting] = {
    "peto": PetoPeto(),
    "modified": PetoPeto(modified=True),
    "prentice": Prentice(),
}


def risk_sets_of(sample: Sample, *, question: Question) -> GroupsAtRisk:
    """Those at risk and the events of each arm, by stratum where asked."""
    return count_groups_at_risk(
        sample.time,
        event=sample.event,
        group=sample.arm,
        stratum=sample.stratum if question.stratified else None,
        groups=len(sample.arms),
    )


def _describe(sample: Sample, question: Question, method: str, measure: str) -> Result:
    result = describe_survival(
        sample,
        question=question,
        method=f"{method}{strata_words(sample, question=question)}",
        measure=measure,
    )
    warned = (*check_independence(sample), *strata_warnings(sample, question=question))
    return replace(result, warnings=(*result.warnings, *warned))


def _weigh(sample: Sample, *, question: Question, weighting: Weighting, words: str) -> Result:
    result = _describe(sample, question, words, "logrank")
    if not is_comparable(sample):
        return result
    sets = risk_sets_of(sample, question=question)
    return with_logrank(result, test=compare_weighted_logrank(sets, weighting=weighting))


def compare_by_fleming_harrington(sample: Sample, *, question: Question) -> Result:
    """The log-rank test with weights S^rho (1 - S)^gamma. Source: Fleming, Harrington (1991)."""
    options = take_options(question, kind=FlemingHarringtonOptions)
    words = f"Fleming-Harrington test, rho {options.rho:g}, gamma {options.gamma:g}"
    weighting = FlemingHarrington(rho=options.rho, gamma=options.gamma)
    return _weigh(sample, question=question, weighting=weighting, words=words)


def compare_by_tarone_ware(sample: Sample, *, question: Question) -> Result:
    """The log-rank test weighted by a power of those at risk. Source: Tarone, Ware (1977)."""
    options = take_options(question, kind=TaroneWareOptions)
    words = f"Tarone-Ware test, number at risk to the power {options.power:g}"
    return _weigh(sample, question=question, weighting=TaroneWare(power=options.power), words=words)


def compare_by_peto_peto(sample: Sample, *, question: Question) -> Result:
    """The log-rank test weighted by survival. Source: Peto, Peto (1972); Prentice (1978)."""
    options = take_options(question, kind=PetoPetoOptions)
    weighting = _VERSIONS[options.version]
    words = f"Peto-Peto test, version {options.version}"
    return _weigh(sample, question=question, weighting=weighting, words=words)


def compare_by_modest_weights(sample: Sample, *, question: Question) -> Result:
    """The modestly weighted log-rank test. Source: Magirr, Burman (2019)."""
    options = take_options(question, kind=ModestOptions)
    until = math.inf if options.t_star_months is None else options.t_star_months
    largest = math.inf if options.largest_weight is None else options.largest_weight
    limit = f", until {until:g} {sample.time_unit}" if math.isfinite(until) else ""
    limit += f", at most {largest:g}" if math.isfinite(largest) else ""
    weighting = ModestlyWeighted(until=until, largest=largest)
    words = f"Modestly weighted log-rank test{limit}"
    return _weigh(sample, question=question, weighting=weighting, words=words)


def compare_by_piecewise_weights(sample: Sample, *, question: Question) -> Result:
    """The log-rank test with a weight for each stretch of time. Source: Xu et al. (2017)."""
    options = take_options(question, kind=PiecewiseOptions)
    cuts = ", ".join(f"{cut:g}" for cut in options.cuts_months)
    weights = ", ".join(f"{weight:g}" for weight in options.weights)
    words = f"Log-rank test with weights {weights}, changing at {cuts} {sample.time_unit}"
    weighting = PiecewiseWeights(cuts=options.cuts_months, weights=options.weights)
    return _weigh(sample, question=question, weighting=weighting, words=words)


def compare_by_maxcombo(sample: Sample, *, question: Question) -> Result:
    """The largest of several weighted tests, with p for having looked at all of them.

    Source: Karrison (2016); Lin et al. (2020).
    """
    options = take_options(question, kind=MaxComboOptions)
    names = ", ".join(f"({each.rho:g}, {each.gamma:g})" for each in options.weights)
    side = "" if options.alternative == "two-sided" else f", one-sided p: {options.alternative}"
    result = _describe(sample, question, f"MaxCombo test of weights {names}{side}", "maxcombo")
    if not is_comparable(sample):
        return result
    try:
        found = compare_maxcombo(
            risk_sets_of(sample, question=question),
            weightings=[FlemingHarrington(rho=w.rho, gamma=w.gamma) for w in options.weights],
            side=_SIDES[options.alternative],
        )
    except TooManyDimensionsError as refusal:
        return replace(result, warnings=(*result.warnings, str(refusal)))
    if known(found.p_value) is None:
        return replace(result, warnings=(*result.warnings, NOTHING))
    each = {
        f"z_{w.rho:g}_{w.gamma:g}": build_estimate(float(z))
        for w, z in zip(options.weights, found.z, strict=True)
    }
    return replace(
        result, statistic=known(found.largest), p_value=known(found.p_value), further=each
    )


def compare_all_arms(sample: Sample, *, question: Question) -> Result:
    """Whether the hazards of all arms are the same: one log-rank test of them.

    Source: Mantel (1966); Peto, Peto (1972).
    """
    result = _describe(sample, question, "Log-rank test of all arms", "logrank")
    if not has_two_arms(sample):
        return result
    found = compare_groups_at_risk(risk_sets_of(sample, question=question))
    expected = [build_estimate(float(each)) for each in found.expected]
    arms = tuple(
        with_estimates(arm, estimates={"expected_events": own})
        for arm, own in zip(result.arms, expected, strict=True)
    )
    words = () if known(found.test.p_value) is not None else (NOTHING,)
    return with_test(replace(result, arms=arms), test=found.test, warnings=words)


def compare_by_trend(sample: Sample, *, question: Question) -> Result:
    """Whether the hazard rises or falls from arm to arm, in their order or by their scores.

    Source: Tarone (1975).
    """
    options = take_options(question, kind=TrendOptions)
    scored = f", scores {', '.join(f'{s:g}' for s in options.scores)}" if options.scores else ""
    result = _describe(sample, question, f"Log-rank test for trend{scored}", "logrank_trend")
    if not has_two_arms(sample):
        return result
    if options.scores and len(options.scores) != len(sample.arms):
        why = f"{len(options.scores)} scores for {len(sample.arms)} arms: nothing is tested"
        return replace(result, warnings=(*result.warnings, why))
    found = compare_trend(risk_sets_of(sample, question=question), scores=options.scores or None)
    words = () if known(found.test.p_value) is not None else (NOTHING,)
    further = {} if known(found.z) is None else {"z": build_estimate(found.z)}
    return with_test(replace(result, further=further), test=found.test, warnings=words)
