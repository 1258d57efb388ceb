"""The log-rank test and the hazard ratio of the other arm against the reference."""

from dataclasses import replace

import numpy as np

from equipoise.analysis.comparison import with_log_ratio, with_test
from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.sides import EXCESS
from equipoise.analysis.survival import describe_survival, with_estimates
from equipoise.analysis.words import (
    adjusted_words,
    check_adjusted,
    check_independence,
    strata_warnings,
    strata_words,
)
from equipoise.numerics.cox import Cox, Ties, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.cox_design import Sampling
from equipoise.numerics.cox_exact import may_count_out
from equipoise.numerics.logrank import LogRank, compare_logrank
from equipoise.numerics.proportional_hazards import compare_hazards_over_time
from equipoise.protocol.methods.hazards import CoxOptions

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
    counted = replace(result, arms=arms, further={EXCESS: excess} if told else {})
    return with_test(counted, test=test.test, warnings=(*warnings, *untold))


def _why_no_ratio(sample: Sample, fit: Cox) -> str:
    events = [int(sample.event[sample.of_arm(name)].sum()) for name in sample.arms]
    if not sum(events):
        return f"{NO_RATIO}: there is no event"
    if 0 in events:
        return f"{NO_RATIO}: arm {sample.arms[events.index(0)]} has no event"
    if "without end" in fit.message:
        return f"{NO_RATIO}: the likelihood rises without end, as when one arm fails before another"
    return f"{NO_RATIO}: {fit.message}"


def _check_constancy(fit: Cox, *, base: Result) -> tuple[Result, ...]:
    """The check that the hazard ratio stays the same over time; exact ties have none."""
    if fit.model.ties is Ties.EXACT:
        return ()
    check = compare_hazards_over_time(fit).by_covariate[0]
    told = known(check.p_value) is not None
    found = replace(
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
    return (found,)


def compare_by_cox(sample: Sample, *, question: Question) -> Result:
    """The hazard ratio of the other arm with Wald interval and p, and the check of its constancy.

    Adjusted for the covariates. Where the likelihood has no maximum there is no ratio and no p; a
    warning says why.
    """
    options = take_options(question, kind=CoxOptions)
    result = describe_survival(
        sample,
        question=question,
        method=f"Cox model, {_cox_words(options)}{strata_words(sample, question=question)}"
        f"{adjusted_words(sample)}",
        measure="hazard_ratio",
    )
    if not is_comparable(sample):
        return result
    fit, words = fit_cox(sample, question=question, options=options)
    naive = check_independence(sample) if options.variance == "model" else ()
    strata = strata_warnings(sample, question=question)
    told = replace(result, warnings=(*result.warnings, *naive, *strata, *words))
    return with_cox(told, fit=fit, sample=sample, level=question.level)


def _cox_words(options: CoxOptions) -> str:
    ties = f"{options.ties.capitalize()} ties"
    return ties if options.variance == "model" else f"{ties}, {options.variance} variance"


def fit_cox(
    sample: Sample, *, question: Question, options: CoxOptions
) -> tuple[Cox, tuple[str, ...]]:
    """Cox's model of arm and covariates, and what a reader should know of how it was fitted."""
    sampling = {
        "model": None,
        "robust": Sampling(robust=True),
        "clustered": Sampling(cluster=sample.subject),
    }[options.variance]

    def fit(ties: Ties) -> Cox:
        return estimate_cox(
            sample.time,
            event=sample.event,
            covariates=sample.design,
            stratum=sample.stratum if question.stratified else None,
            sampling=sampling,
            ties=ties,
        )

    if options.ties != "exact":
        return fit(Ties(options.ties)), ()
    efron = fit(Ties.EFRON)
    if may_count_out(efron.model.design):
        return fit(Ties.EXACT), ()
    return efron, ("too many events tie for exact ties: Efron's were taken",)


def with_cox(result: Result, *, fit: Cox, sample: Sample, level: float) -> Result:
    """The result with the ratio of the arm and the check of proportional hazards, or why not."""
    if not fit.converged or not np.isfinite(fit.coefficients[0]):
        words = _why_no_ratio(sample, fit)
        return replace(
            result,
            estimate=Estimate(value=None, level=level),
            warnings=(*result.warnings, words),
        )
    untold = check_adjusted(sample, coefficients=fit.coefficients)
    ratio = estimate_hazard_ratio(fit, level=level)
    return with_log_ratio(
        replace(
            result,
            parts=_check_constancy(fit, base=result),
            warnings=(*result.warnings, *untold),
        ),
        log_value=ratio.log_value,
        standard_error=ratio.standard_error,
        level=level,
    )
