"""Ratios of the shares of the arms: of risks and of odds, and the test over strata."""

import math
from dataclasses import replace

from equipoise.analysis.binomial import describe_shares, tables_of
from equipoise.analysis.comparison import Numbers, with_comparison, with_log_ratio, with_test
from equipoise.analysis.result import Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable
from equipoise.analysis.sides import EXCESS
from equipoise.analysis.words import strata_words
from equipoise.numerics.shares.breslow_day import compare_odds_ratios
from equipoise.numerics.shares.mantel_haenszel import (
    compare_cmh,
    estimate_common_odds_ratio,
    estimate_common_risk_ratio,
)
from equipoise.numerics.shares.score_ratios import compare_odds_ratio, compare_risk_ratio

_RATIOS = {
    "risk_ratio": ("Risk ratio", compare_risk_ratio, estimate_common_risk_ratio),
    "odds_ratio": ("Odds ratio", compare_odds_ratio, estimate_common_odds_ratio),
}
_UNTOLD = "the ratio cannot be estimated: an arm, or both, has nobody or everybody with the event"


def compare_by_risk_ratio(sample: Sample, *, question: Question) -> Result:
    """The risk of the other arm over that of the reference.

    Source: Miettinen, Nurminen (1985); over strata: Greenland, Robins (1985).
    """
    return _compare_ratio(sample, question=question, measure="risk_ratio")


def compare_by_odds_ratio(sample: Sample, *, question: Question) -> Result:
    """The odds of the other arm over those of the reference; over strata a test that it is one.

    Source: Miettinen, Nurminen (1985); over strata: Mantel, Haenszel (1959); Tarone (1985).
    """
    return _compare_ratio(sample, question=question, measure="odds_ratio")


def _compare_ratio(sample: Sample, *, question: Question, measure: str) -> Result:
    name, compare, estimate_common = _RATIOS[measure]
    how = "score interval and test"
    if question.stratified:
        how = f"Mantel-Haenszel{strata_words(sample, question=question)}"
    result = describe_shares(sample, question=question, method=f"{name}, {how}", measure=measure)
    if not is_comparable(sample):
        return result
    if question.stratified:
        events, n = tables_of(sample, question=question)
        common = estimate_common(events, n=n, level=question.level)
        log_value = math.log(common.value) if common.value > 0 else math.nan
        result = with_log_ratio(
            result,
            log_value=log_value if math.isfinite(log_value) else math.nan,
            standard_error=common.log_standard_error,
            level=question.level,
        )
        parts = (_homogeneity(sample, question, result),) if measure == "odds_ratio" else ()
        return _with_untold(replace(result, parts=parts))
    first, second = result.arms
    found = compare((first.events, second.events), n=(first.n, second.n), level=question.level)
    numbers = Numbers(
        value=found.value,
        lower=found.lower,
        upper=found.upper,
        statistic=found.test.statistic,
        p_value=found.test.p_value,
        degrees_of_freedom=found.test.degrees_of_freedom,
    )
    inside = math.isfinite(found.value) and found.value > 0
    whole = numbers if inside else replace(numbers, value=math.nan)
    return _with_untold(with_comparison(result, numbers=whole, level=question.level))


def _with_untold(result: Result) -> Result:
    told = result.estimate is not None and result.estimate.value is not None
    return result if told else replace(result, warnings=(*result.warnings, _UNTOLD))


def _homogeneity(sample: Sample, question: Question, base: Result) -> Result:
    """Whether the odds ratios of the strata are one: Tarone's test, Breslow and Day's beside."""
    events, n = tables_of(sample, question=question)
    found = compare_odds_ratios(events, n=n)
    bare = replace(
        base,
        name=f"{base.name}/homogeneity",
        method="Breslow-Day test of one odds ratio in all strata, as Tarone corrected it",
        measure="homogeneity",
        estimate=None,
        further={"breslow_day": build_estimate(found.breslow_day.statistic)},
        statistic=None,
        p_value=None,
        warnings=(),
        rows=(),
    )
    words = () if known(found.tarone.p_value) is not None else (found.message or _UNTOLD,)
    return with_test(bare, test=found.tarone, warnings=words)


def compare_by_cmh(sample: Sample, *, question: Question) -> Result:
    """Whether the shares of the arms differ within the strata.

    Source: Mantel, Haenszel (1959); Birch (1965).
    """
    strata = replace(question, stratified=True)
    result = describe_shares(
        sample,
        question=strata,
        method=f"Cochran-Mantel-Haenszel test{strata_words(sample, question=strata)}",
        measure="cmh",
    )
    if not is_comparable(sample):
        return result
    events, n = tables_of(sample, question=strata)
    found = compare_cmh(events, n=n)
    told = known(found.test.p_value) is not None
    expected = events.sum(axis=1) * n[:, 1] / n.sum(axis=1)
    excess = build_estimate(float((events[:, 1] - expected).sum()))
    warned = () if told else ("nothing can be tested: no stratum has both arms and both outcomes",)
    further = {EXCESS: excess} if told else {}
    parts = (_homogeneity(sample, strata, result),)
    return with_test(
        replace(result, further=further, parts=parts), test=found.test, warnings=warned
    )
