"""The log-rank test and the hazard ratio of the other arm against the reference."""

import math
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
from equipoise.numerics.hazards.cox import Cox, Ties, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.hazards.cox_design import Sampling, weigh_by_patient
from equipoise.numerics.hazards.cox_exact import may_count_out
from equipoise.numerics.hazards.cox_firth import estimate_firth, estimate_firth_interval
from equipoise.numerics.hazards.cox_profile import ProfileRatio, estimate_profile_interval
from equipoise.numerics.hazards.effect_over_time import estimate_effect_over_time
from equipoise.numerics.hazards.proportional_hazards import compare_hazards_over_time
from equipoise.numerics.ranks.logrank import LogRank, compare_logrank, estimate_one_step_ratio
from equipoise.protocol.methods.hazards import CoxOptions
from equipoise.protocol.methods.ranks import LogrankOptions

NO_RATIO = "the hazard ratio cannot be estimated"


def compare_by_logrank(sample: Sample, *, question: Question) -> Result:
    """Whether the hazards of the arms differ, with events observed and expected by arm.

    With Peto's one-step ratio if it is asked for. Source: Mantel (1966); Peto et al. (1977).
    """
    options = take_options(question, kind=LogrankOptions)
    one_step = options.ratio == "one_step"
    also = "; Peto's one-step hazard ratio" if one_step else ""
    result = describe_survival(
        sample,
        question=question,
        method=f"Log-rank test{strata_words(sample, question=question)}{also}",
        measure="hazard_ratio" if one_step else "logrank",
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
    naive = check_independence(sample)
    warned = (*result.warnings, *naive, *strata_warnings(sample, question=question))
    tested = with_logrank(replace(result, warnings=warned), test=test)
    return _with_one_step(tested, test=test, level=question.level) if one_step else tested


def _with_one_step(result: Result, *, test: LogRank, level: float) -> Result:
    """The result with the ratio; p stays that of the test, whose z it shares."""
    if result.p_value is None:
        return replace(result, estimate=Estimate(value=None, level=level))
    found = estimate_one_step_ratio(test, level=level)
    log = build_estimate(found.log_value, standard_error=found.standard_error, level=level)
    return replace(
        result,
        estimate=build_estimate(found.value, lower=found.lower, upper=found.upper, level=level),
        further={**result.further, "log_hazard_ratio": log},
    )


def with_logrank(result: Result, *, test: LogRank) -> Result:
    """The result of two arms with their log-rank test, and the events that it expects."""
    told = known(test.test.p_value) is not None
    untold = () if told else ("no event has both arms at risk: nothing can be tested",)
    arms = tuple(
        with_estimates(arm, estimates={"expected_events": build_estimate(test.expected[i])})
        for i, arm in enumerate(result.arms)
    )
    excess = build_estimate(float(test.observed[1] - test.expected[1]))
    counted = replace(result, arms=arms, further={EXCESS: excess} if told else {})
    return with_test(counted, test=test.test, warnings=untold)


def _why_no_ratio(sample: Sample, fit: Cox) -> str:
    events = [int(sample.event[sample.of_arm(name)].sum()) for name in sample.arms]
    if not sum(events):
        return f"{NO_RATIO}: there is no event"
    if 0 in events:
        return f"{NO_RATIO}: arm {sample.arms[events.index(0)]} has no event"
    if "without end" in fit.message:
        return f"{NO_RATIO}: the likelihood rises without end, as when one arm fails before another"
    return f"{NO_RATIO}: {fit.message}"


def _check_constancy(fit: Cox, *, base: Result, level: float) -> tuple[Result, ...]:
    """The check that the hazard ratio stays the same, and its course; exact ties have none."""
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
        course=estimate_effect_over_time(fit, level=level) if told and base.curves else None,
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
    return with_cox(told, fit=fit, sample=sample, options=options, level=question.level)


def _cox_words(options: CoxOptions) -> str:
    said = (
        f"{options.ties.capitalize()} ties",
        f"{options.variance} variance" if options.variance != "model" else "",
        "Firth's penalty" if options.estimate == "firth" else "",
        "profile likelihood" if options.interval == "profile" else "",
        "each patient of weight 1" if options.weights == "patient" else "",
    )
    return ", ".join(word for word in said if word)


def fit_cox(
    sample: Sample, *, question: Question, options: CoxOptions
) -> tuple[Cox, tuple[str, ...]]:
    """Cox's model of arm and covariates, and what a reader should know of how it was fitted."""
    by_patient = options.weights == "patient"
    weight = weigh_by_patient(sample.subject) if by_patient else None
    sampling = {
        "model": None,
        "robust": Sampling(robust=True),
        "clustered": Sampling(cluster=sample.subject, weight=weight),
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


def with_cox(
    result: Result, *, fit: Cox, sample: Sample, options: CoxOptions, level: float
) -> Result:
    """The result with the ratio of the arm and the check of proportional hazards, or why not."""
    untold = check_adjusted(sample, coefficients=fit.coefficients)
    told = replace(result, warnings=(*result.warnings, *untold))
    if options.estimate == "firth" and sample.event.any():
        return _with_firth(told, fit=fit, options=options, level=level)
    if options.interval == "profile":
        profile = estimate_profile_interval(fit, level=level)
        return with_profile(told, found=profile, level=level, message=fit.message)
    if not fit.converged or not np.isfinite(fit.coefficients[0]):
        words = _why_no_ratio(sample, fit)
        return replace(
            result,
            estimate=Estimate(value=None, level=level),
            warnings=(*result.warnings, words),
        )
    ratio = estimate_hazard_ratio(fit, level=level)
    return with_log_ratio(
        replace(told, parts=_check_constancy(fit, base=result, level=level)),
        log_value=ratio.log_value,
        standard_error=ratio.standard_error,
        level=level,
    )


def _with_firth(result: Result, *, fit: Cox, options: CoxOptions, level: float) -> Result:
    firth = estimate_firth(fit)
    if options.interval == "profile":
        found = estimate_firth_interval(firth, level=level)
        return with_profile(result, found=found, level=level, message=firth.message)
    log_value, variance = float(firth.coefficients[0]), float(firth.covariance[0, 0])
    error = math.sqrt(variance) if variance > 0 else math.nan
    ratio = with_log_ratio(result, log_value=log_value, standard_error=error, level=level)
    if math.isfinite(log_value):
        return ratio
    return replace(ratio, warnings=(*ratio.warnings, f"{NO_RATIO}: {firth.message}"))


def with_profile(result: Result, *, found: ProfileRatio, level: float, message: str) -> Result:
    """The result with a ratio, the limits of its profile likelihood and the likelihood-ratio test.

    A ratio of 0 or without end is none, but the limit on the other side stands.
    """
    inside = math.isfinite(found.value) and found.value > 0
    log = build_estimate(found.log_value if inside else math.nan, level=level)
    words = f"{NO_RATIO}: {found.message or message or 'the likelihood rises without end'}"
    limits = Estimate(
        value=known(found.value) if inside else None,
        lower=known(found.lower) if found.lower > 0 else None,
        upper=known(found.upper),
        level=level,
    )
    tested = with_test(replace(result, estimate=limits), test=found.test)
    return replace(
        tested,
        further={f"log_{result.measure}": log},
        warnings=tested.warnings if inside else (*tested.warnings, words),
    )
