"""Shares of subjects with an event, and the risk difference between the arms."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import Numbers, with_comparison
from equipoise.analysis.result import ArmResult, Result, build_estimate
from equipoise.analysis.sample import (
    Question,
    Sample,
    check_sample,
    is_comparable,
    take_options,
)
from equipoise.analysis.sides import MARGIN_Z
from equipoise.analysis.words import strata_warnings, strata_words
from equipoise.numerics.shares.counts import count_tables
from equipoise.numerics.shares.exact_difference import ExactDifference, compare_exactly
from equipoise.numerics.shares.mantel_haenszel import (
    CommonDifference,
    DifferenceLimits,
    estimate_common_risk_difference,
)
from equipoise.numerics.shares.proportions import (
    Proportion,
    RiskDifference,
    compare_miettinen_nurminen,
    compare_newcombe,
    estimate_agresti_coull,
    estimate_clopper_pearson,
    estimate_jeffreys,
    estimate_mid_p,
    estimate_wilson,
)
from equipoise.numerics.shares.risk_difference import (
    DifferenceInterval,
    compare_agresti_caffo,
    compare_wald,
    compare_with_margin,
)
from equipoise.numerics.shares.stratified_difference import (
    StratifiedDifference,
    StratumWeights,
    compare_minimum_risk,
    compare_stratified_newcombe,
    compare_stratified_score,
)
from equipoise.protocol.methods.proportions import RiskDifferenceOptions

_NO_DIFFERENCE = "the strata give no common difference"
_SCORE = "Miettinen-Nurminen score interval"
_INTERVALS = {
    "miettinen_nurminen": _SCORE,
    "newcombe": "Newcombe's hybrid score interval",
    "agresti_caffo": "Agresti-Caffo interval",
    "chan_zhang": "exact interval of Chan and Zhang",
    "wald": "Wald's interval",
}
_ARM_INTERVALS: Mapping[str, tuple[Callable[..., Proportion], str]] = {
    "wilson": (estimate_wilson, "Wilson intervals"),
    "clopper_pearson": (estimate_clopper_pearson, "exact intervals of Clopper and Pearson"),
    "mid_p": (estimate_mid_p, "exact mid-p intervals"),
    "jeffreys": (estimate_jeffreys, "Jeffreys intervals"),
    "agresti_coull": (estimate_agresti_coull, "Agresti-Coull intervals"),
}
_WEIGHTS = {
    "miettinen_nurminen": "score interval and test, weights of Miettinen and Nurminen",
    "mantel_haenszel": "score interval and test, weights of Mantel and Haenszel",
    "inverse_variance": "score interval and test, weights by the inverse variance",
    "minimum_risk": "minimum-risk weights (Mehrotra, Railkar 2000), Wald",
    "sato": "weights of Mantel and Haenszel, variance of Sato",
    "klingenberg": "weights of Mantel and Haenszel, limits of Klingenberg",
    "newcombe": "hybrid of Wilson's limits (Yan, Su 2010)",
}


def has_event(sample: Sample, *, at: float | None) -> NDArray[np.bool_]:
    """Which rows have the event, up to the time where there is one."""
    return np.asarray((sample.cause == 1) & (at is None or sample.time <= at))


def _build_arm(
    sample: Sample, *, arm: str, question: Question, estimate: Callable[..., Proportion]
) -> ArmResult:
    at, level = question.headline, question.level
    rows = sample.of_arm(arm)
    events = int(has_event(sample, at=at)[rows].sum())
    share = estimate(events, n=int(rows.sum()), level=level)
    return ArmResult(
        arm=arm,
        n=int(rows.sum()),
        events=events,
        subjects=int(np.unique(sample.subject[rows]).size),
        estimates={
            "risk": build_estimate(share.value, lower=share.lower, upper=share.upper, level=level)
        },
    )


def _check_followed(sample: Sample, at: float | None) -> tuple[str, ...]:
    """Subjects censored before the time: they count as without event."""
    if at is None:
        return ()
    short = int(((sample.cause == 0) & (sample.time < at)).sum())
    words = f"{short} followed less than {at:.3g} {sample.time_unit} count as without event"
    return (words,) if short else ()


def arm_interval_of(question: Question) -> str:
    """The interval of each arm's share that the question asks for; Wilson's by default."""
    options = question.options
    return options.arm_interval if isinstance(options, RiskDifferenceOptions) else "wilson"


def describe_shares(sample: Sample, *, question: Question, method: str, measure: str) -> Result:
    """A result with counts, shares, warnings and rows, before any comparison.

    With a time (`question.headline`), an event counts up to it.
    """
    at = question.headline
    estimate, _ = _ARM_INTERVALS[arm_interval_of(question)]
    strata = strata_warnings(sample, question=question)
    return Result(
        name=question.name,
        endpoint=question.endpoint,
        method=question.words or method,
        measure=measure,
        arm_measure="risk",
        reference_arm=sample.reference,
        arms=tuple(
            _build_arm(sample, arm=name, question=question, estimate=estimate)
            for name in sample.arms
        ),
        at=at,
        time_unit=sample.time_unit,
        warnings=(*check_sample(sample), *_check_followed(sample, at), *strata),
        rows=sample.rows,
    )


def tables_of(sample: Sample, *, question: Question) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Events and sizes of the arms, shape (strata, 2); one stratum where none is asked for."""
    return count_tables(
        has_event(sample, at=question.headline).astype(np.int64),
        group=sample.arm,
        stratum=sample.stratum if question.stratified else None,
    )


def compare_risks(sample: Sample, *, question: Question) -> Result:
    """The difference in the share of subjects with the event, other arm less reference.

    Newcombe's interval stands beside it in `further`. Source: Miettinen, Nurminen (1985);
    Newcombe (1998); D2.6; over strata: Mehrotra, Railkar (2000); Sato (1989); Yan, Su (2010).
    """
    options = take_options(question, kind=RiskDifferenceOptions)
    how = f"{_INTERVALS[options.interval]} and score test"
    if options.interval == "miettinen_nurminen":
        how = f"{_SCORE} and test"
    if question.stratified:
        how = f"{_WEIGHTS[options.weights]}{strata_words(sample, question=question)}"
    _, own = _ARM_INTERVALS[arm_interval_of(question)]
    result = describe_shares(
        sample,
        question=question,
        method=f"Risk difference with {how}; {own} by arm",
        measure="risk_difference",
    )
    if not is_comparable(sample):
        return result
    if not question.stratified:
        return _compare_whole(result, options=options, level=question.level)
    events, n = tables_of(sample, question=question)
    numbers, words = _compare_over_strata(events, n, weights=options.weights, level=question.level)
    told = () if math.isfinite(numbers.value) else (f"{_NO_DIFFERENCE}: {words}",)
    return with_comparison(result, numbers=numbers, level=question.level, warnings=told)


def _compare_whole(result: Result, *, options: RiskDifferenceOptions, level: float) -> Result:
    first, second = result.arms
    events, sizes = (first.events, second.events), (first.n, second.n)
    score = compare_miettinen_nurminen(events, n=sizes, level=level)
    hybrid = compare_newcombe(events, n=sizes, level=level)
    by_name: Mapping[str, Callable[..., RiskDifference | DifferenceInterval | ExactDifference]] = {
        "miettinen_nurminen": compare_miettinen_nurminen,
        "newcombe": compare_newcombe,
        "agresti_caffo": compare_agresti_caffo,
        "chan_zhang": compare_exactly,
        "wald": compare_wald,
    }
    found = by_name[options.interval](events, n=sizes, level=level)
    numbers = Numbers(
        value=score.value,
        lower=found.lower,
        upper=found.upper,
        statistic=score.test.statistic,
        p_value=score.test.p_value,
        degrees_of_freedom=score.test.degrees_of_freedom,
    )
    beside = build_estimate(hybrid.value, lower=hybrid.lower, upper=hybrid.upper, level=level)
    further = {"newcombe": beside}
    if options.margin is not None and abs(options.margin) < 1:
        held = compare_with_margin(events, n=sizes, margin=options.margin, correction=True)
        further[MARGIN_Z] = build_estimate(held.z)
    return with_comparison(replace(result, further=further), numbers=numbers, level=level)


def _compare_over_strata(
    events: NDArray[np.int64], n: NDArray[np.int64], *, weights: str, level: float
) -> tuple[Numbers, str]:
    found: CommonDifference | StratifiedDifference
    error = math.nan
    if weights in ("sato", "klingenberg"):
        limits = DifferenceLimits(weights)
        found = estimate_common_risk_difference(events, n=n, level=level, limits=limits)
        error = found.standard_error
    elif weights == "minimum_risk":
        found = compare_minimum_risk(events, n=n, level=level)
    elif weights == "newcombe":
        found = compare_stratified_newcombe(events, n=n, level=level)
    else:
        found = compare_stratified_score(events, n=n, level=level, weights=StratumWeights(weights))
    numbers = Numbers(
        value=found.value,
        lower=found.lower,
        upper=found.upper,
        standard_error=error,
        statistic=found.test.statistic,
        p_value=found.test.p_value,
        degrees_of_freedom=found.test.degrees_of_freedom,
    )
    return numbers, found.message or "nobody or everybody has the event"
