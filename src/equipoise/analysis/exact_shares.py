"""Exact tests of the shares of two arms: given the sum of events, and without fixing it."""

import math
from dataclasses import replace

from equipoise.analysis.binomial import describe_shares
from equipoise.analysis.comparison import Numbers, with_comparison
from equipoise.analysis.result import Result, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.numerics.shares.barnard import Ordering, compare_unconditionally
from equipoise.numerics.shares.fisher import compare_fisher
from equipoise.protocol.methods.proportions import BarnardOptions, FisherOptions

_NAMES = {"score": "Barnard's", "fisher": "Boschloo's"}
_NO_RATIO = "the odds ratio cannot be estimated: an arm has nobody or everybody with the event"


def compare_by_fisher(sample: Sample, *, question: Question) -> Result:
    """The conditional odds ratio with exact limits, and Fisher's exact test.

    Source: Fisher (1935); Cornfield (1956).
    """
    options = take_options(question, kind=FisherOptions)
    side = "" if options.alternative == "two-sided" else f", one-sided p: {options.alternative}"
    mid = ", mid-p" if options.mid_p else ""
    result = describe_shares(
        sample,
        question=question,
        method=f"Fisher's exact test{mid}{side}; conditional odds ratio with exact limits",
        measure="odds_ratio",
    )
    if not is_comparable(sample):
        return result
    first, second = result.arms
    found = compare_fisher(
        (first.events, second.events), n=(first.n, second.n), level=question.level
    )
    p_value = {
        "two-sided": found.mid_p if options.mid_p else found.p_value,
        "less": found.p_less,
        "greater": found.p_greater,
    }[options.alternative]
    inside = math.isfinite(found.odds_ratio) and found.odds_ratio > 0
    numbers = Numbers(
        value=found.odds_ratio if inside else math.nan,
        lower=found.lower,
        upper=found.upper,
        p_value=p_value,
    )
    words = () if inside else (_NO_RATIO,)
    return with_comparison(result, numbers=numbers, level=question.level, warnings=words)


def compare_by_barnard(sample: Sample, *, question: Question) -> Result:
    """The exact test that two shares are one, without fixing the sum of events.

    Source: Barnard (1947); Boschloo (1970).
    """
    options = take_options(question, kind=BarnardOptions)
    side = "" if options.alternative == "two-sided" else f", one-sided p: {options.alternative}"
    result = describe_shares(
        sample,
        question=question,
        method=f"{_NAMES[options.ordering]} unconditional exact test{side}",
        measure="unconditional_test",
    )
    if not is_comparable(sample):
        return result
    first, second = result.arms
    found = compare_unconditionally(
        (first.events, second.events), n=(first.n, second.n), ordering=Ordering(options.ordering)
    )
    p_value = {"two-sided": found.p_value, "less": found.p_less, "greater": found.p_greater}
    return replace(result, p_value=known(p_value[options.alternative]))
