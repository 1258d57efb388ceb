"""The log-rank test and the hazard ratio of the other arm against the reference."""

from dataclasses import replace

import numpy as np

from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable
from equipoise.analysis.sides import EXCESS
from equipoise.analysis.survival import describe_survival, with_estimates
from equipoise.analysis.words import strata_warnings, strata_words
from equipoise.numerics.cox import Cox, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.logrank import LogRank, compare_logrank
from equipoise.numerics.proportional_hazards import compare_hazards_over_time

NO_RATIO = "the hazard ratio cannot be estimated"


def compare_by_logrank(sample: Sample, *, question: Question) -> Result:
    """Whether the hazards of the arms differ, with events observed and expected by arm."""
    result = describe_survival(
        sample,
        question=question,
        method=f"Log-rank test{strata_words(sample, question=question)}",
        measure="logrank",
    )
    if not is_comparable(sample):
        return result
    test = compare_logrank(
        sample.time,
        event=sample.event,
        group=sample.arm,
        stratum=sample.stratum if question.stratified else None,
        groups=2,
    )
    return _with_logrank(result, test, strata_warnings(sample, question=question))


def _with_logrank(result: Result, test: LogRank, warnings: tuple[str, ...]) -> Result:
    told = known(test.test.p_value) is not None
    untold = () if told else ("no event has both arms at risk: nothing can be tested",)
    arms = tuple(
        with_estimates(arm, estimates={"expected_events": build_estimate(test.expected[i])})
        for i, arm in enumerate(result.arms)
    )
    excess = build_estimate(float(test.observed[1] - test.expected[1]))
    return replace(
        result,
        arms=arms,
        further={EXCESS: excess} if told else {},
        statistic=known(test.test.statistic),
        degrees_of_freedom=test.test.degrees_of_freedom if told else None,
        p_value=known(test.test.p_value),
        warnings=(*result.warnings, *warnings, *untold),
    )


def _why_no_ratio(sample: Sample, fit: Cox) -> str:
    events = [int(sample.event[sample.of_arm(name)].sum()) for name in sample.arms]
    if not sum(events):
        return f"{NO_RATIO}: there is no event"
    if 0 in events:
        return f"{NO_RATIO}: arm {sample.arms[events.index(0)]} has no event"
    if "without end" in fit.message:
        return f"{NO_RATIO}: the likelihood rises without end, as when one arm fails before another"
    return f"{NO_RATIO}: {fit.message}"


def _proportional(fit: Cox, *, base: Result) -> Result:
    """The check that the hazard ratio stays the same over time."""
    check = compare_hazards_over_time(fit).overall
    told = known(check.p_value) is not None
    return replace(
        base,
        name=f"{base.name}/proportional_hazards",
        method="Grambsch-Therneau test of proportional hazards (score version, Kaplan-Meier scale)",
        measure="proportional_hazards",
        statistic=known(check.statistic),
        degrees_of_freedom=check.degrees_of_freedom if told else None,
        p_value=known(check.p_value),
        curves=(),
        rows=(),
    )


def compare_by_cox(sample: Sample, *, question: Question) -> Result:
    """The hazard ratio of the other arm with Wald interval and p, and the check of its constancy.

    Where the likelihood has no maximum there is no ratio and no p; a warning says why.
    """
    result = describe_survival(
        sample,
        question=question,
        method=f"Cox model, Efron ties{strata_words(sample, question=question)}",
        measure="hazard_ratio",
    )
    if not is_comparable(sample):
        return result
    fit = estimate_cox(
        sample.time,
        event=sample.event,
        covariates=sample.arm.astype(np.float64),
        stratum=sample.stratum if question.stratified else None,
    )
    strata = strata_warnings(sample, question=question)
    if not fit.converged or not np.isfinite(fit.coefficients[0]):
        words = _why_no_ratio(sample, fit)
        return replace(
            result,
            estimate=Estimate(value=None, level=question.level),
            warnings=(*result.warnings, *strata, words),
        )
    check = _proportional(fit, base=result)
    return _with_ratio(replace(result, parts=(check,)), fit, question.level, strata)


def _with_ratio(result: Result, fit: Cox, level: float, strata: tuple[str, ...]) -> Result:
    ratio = estimate_hazard_ratio(fit, level=level)
    return replace(
        result,
        estimate=build_estimate(ratio.value, lower=ratio.lower, upper=ratio.upper, level=level),
        further={
            "log_hazard_ratio": build_estimate(
                ratio.log_value, standard_error=ratio.standard_error, level=level
            )
        },
        statistic=known(ratio.z),
        p_value=known(ratio.p_value),
        warnings=(*result.warnings, *strata),
    )
