"""Levels and coverages of Cox's model and of parametric ones beside it.

The hazard ratio is that within strata, which models with strata and models adjusted for the
stratum meet alike.
"""

import math

import numpy as np

from equipoise.numerics.hazards.baseline_hazard import predict_survival
from equipoise.numerics.hazards.cause_specific import estimate_cause_specific_cox
from equipoise.numerics.hazards.cox import (
    Cox,
    HazardRatio,
    Ties,
    estimate_cox,
    estimate_hazard_ratio,
)
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.hazards.cox_firth import FirthCox, estimate_firth, estimate_firth_interval
from equipoise.numerics.hazards.cox_profile import estimate_profile_interval
from equipoise.numerics.hazards.effect_over_time import estimate_effect_over_time
from equipoise.numerics.hazards.proportional_hazards import TimeScale, compare_hazards_over_time
from equipoise.numerics.hazards.wei_lin_weissfeld import (
    CommonEffect,
    SeveralEvents,
    combine_kinds,
    estimate_marginal_cox,
)
from equipoise.numerics.heterogeneity import compare_subgroup_effects
from equipoise.numerics.intervals.interval_times import bound_event_times
from equipoise.numerics.models.flexible_parametric import (
    estimate_flexible_parametric,
    trace_flexible,
)
from equipoise.numerics.models.parametric import (
    Parametric,
    estimate_parametric,
    estimate_time_ratio,
    estimate_weibull_hazard_ratio,
    trace_parametric,
)
from equipoise.numerics.models.parametric_curves import (
    ModelCurve,
    compare_restricted_means,
    compare_survival,
    predict_hazard_ratio,
)
from long.level_checks import Check, Limits, coverage, excludes, given, level, once
from long.level_data import late_entry
from long.level_trials import AT, HORIZON, STRATUM_RATIO, Trial, Truth


@once
def _fit(trial: Trial, *, robust: bool = False, ties: Ties = Ties.EFRON) -> Cox:
    """Arm, in strata."""
    return estimate_cox(
        trial.time,
        event=trial.event,
        covariates=trial.arm,
        stratum=trial.stratum,
        sampling=Sampling(robust=robust),
        ties=ties,
    )


@once
def _adjusted(trial: Trial) -> Cox:
    """Arm, stratum and a marker that tells nothing, as covariates."""
    columns = np.c_[trial.arm, trial.stratum, trial.marker]
    return estimate_cox(trial.time, event=trial.event, covariates=columns)


def _ratio(fit: Cox) -> HazardRatio:
    return estimate_hazard_ratio(fit)


@once
def _firth(trial: Trial) -> FirthCox:
    return estimate_firth(_fit(trial))


@once
def _late(trial: Trial) -> HazardRatio:
    late = late_entry(trial)
    return _ratio(
        estimate_cox(
            late.time,
            event=late.event,
            covariates=trial.arm[late.row],
            stratum=trial.stratum[late.row],
            sampling=Sampling(entry=late.entry),
        )
    )


@once
def _by_cause(trial: Trial) -> tuple[HazardRatio, HazardRatio]:
    fits = estimate_cause_specific_cox(
        trial.first, cause=trial.cause, covariates=trial.arm, stratum=trial.stratum
    )
    return _ratio(fits[0]), _ratio(fits[1])


@once
def _common(trial: Trial) -> CommonEffect:
    """Event and competitor as two kinds of event of one patient."""
    n = trial.arm.size
    return combine_kinds(
        estimate_marginal_cox(
            SeveralEvents(
                time=np.r_[trial.time, trial.first],
                event=np.r_[trial.event, (trial.cause > 0).astype(np.int64)],
                kind=np.repeat([0, 1], n),
                subject=np.tile(np.arange(n), 2),
                covariates=np.tile(trial.arm, 2),
            )
        )
    )


def _over_time(trial: Trial, scale: TimeScale) -> float:
    return compare_hazards_over_time(_fit(trial), scale=scale).overall.p_value


def _effect_limits(trial: Trial) -> Limits:
    """The log hazard ratio at the middle of the line over time."""
    found = estimate_effect_over_time(_fit(trial))
    middle = found.line.size // 2
    return float(found.lower[middle]), float(found.upper[middle])


def _predicted(trial: Trial) -> Limits:
    """Survival at `AT` in arm 1 and stratum 0."""
    found = predict_survival(_fit(trial), covariates=[1.0], stratum=0)
    at = np.searchsorted(found.time, AT, side="right") - 1
    return float(found.lower[at]), float(found.upper[at])


def _between_strata(trial: Trial) -> float:
    """Heterogeneity of the effect between the strata, each with a model of its own."""
    ratios = []
    for stratum in (0, 1):
        own = trial.stratum == stratum
        ratios.append(
            _ratio(estimate_cox(trial.time[own], event=trial.event[own], covariates=trial.arm[own]))
        )
    return compare_subgroup_effects(
        [each.log_value for each in ratios], standard_error=[each.standard_error for each in ratios]
    ).test.p_value


@once
def _weibull(trial: Trial) -> Parametric:
    times = bound_event_times(trial.time, event=trial.event)
    return estimate_parametric(times, covariates=np.c_[trial.arm, trial.stratum])


def _weibull_curves(trial: Trial) -> tuple[ModelCurve, ModelCurve]:
    fit = _weibull(trial)
    return trace_parametric(fit, covariates=[1, 0]), trace_parametric(fit, covariates=[0, 0])


@once
def _flexible_curves(trial: Trial) -> tuple[ModelCurve, ModelCurve]:
    fit = estimate_flexible_parametric(
        bound_event_times(trial.time, event=trial.event),
        covariates=np.c_[trial.arm, trial.stratum],
    )
    return trace_flexible(fit, covariates=[1, 0]), trace_flexible(fit, covariates=[0, 0])


def _flexible_ratio(trial: Trial) -> tuple[float, float]:
    curve, other = _flexible_curves(trial)
    found = predict_hazard_ratio(curve, to=other, at=[AT])
    return float(found.lower[0]), float(found.upper[0])


def _difference_at(pair: tuple[ModelCurve, ModelCurve]) -> Limits:
    found = compare_survival(pair[0], to=pair[1], at=[AT])
    return float(found.lower[0]), float(found.upper[0])


def _mean_difference(pair: tuple[ModelCurve, ModelCurve]) -> Limits:
    found = compare_restricted_means(pair[0], to=pair[1], horizon=HORIZON)
    return float(found.lower[0]), float(found.upper[0])


def _true_difference(truth: Truth) -> float:
    """Of survival at `AT` in stratum 0."""
    return math.exp(-truth.hazards[1] * AT) - math.exp(-truth.hazards[0] * AT)


def _true_mean_difference(truth: Truth) -> float:
    """Of times in stratum 0, a day rounded up adding half a day to both arms."""
    first, second = ((1 - math.exp(-h * HORIZON)) / h for h in truth.hazards)
    return second - first


def _hazard_ratio(truth: Truth) -> float:
    return truth.ratio


def _robust_score(fit: Cox) -> float:
    assert fit.robust_score_test is not None
    return fit.robust_score_test.p_value


CHECKS: tuple[Check, ...] = (
    level("Cox, Wald, stratified", lambda t: _ratio(_fit(t)).p_value),
    level("Cox, score, stratified", lambda t: _fit(t).score_test.p_value),
    level("Cox, likelihood ratio, stratified", lambda t: _fit(t).likelihood_ratio_test.p_value),
    level("Cox, robust Wald, stratified", lambda t: _ratio(_fit(t, robust=True)).p_value),
    level(
        "Cox, robust score, stratified",
        lambda t: _robust_score(_fit(t, robust=True)),
    ),
    level("Cox, Breslow's ties, Wald", lambda t: _ratio(_fit(t, ties=Ties.BRESLOW)).p_value),
    level("Cox, adjusted, Wald", lambda t: _ratio(_adjusted(t)).p_value),
    level("Cox, late entry, Wald", lambda t: _late(t).p_value),
    level("Cox, Firth, likelihood ratio", lambda t: _firth(t).likelihood_ratio_test.p_value),
    *(
        level(
            f"proportional hazards, time as {scale.value}",
            given(scale, _over_time),
        )
        for scale in TimeScale
    ),
    level("heterogeneity of the effect between strata", _between_strata),
    level("several kinds of event, common effect", lambda t: _common(t).effect.p_value),
    level("several kinds of event, any effect", lambda t: _common(t).global_test.p_value),
    level("several kinds of event, equal effects", lambda t: _common(t).equality_test.p_value),
    level("cause-specific Cox, event", lambda t: _by_cause(t)[0].p_value),
    level("cause-specific Cox, competitor", lambda t: _by_cause(t)[1].p_value),
    level("Weibull, Wald", lambda t: estimate_weibull_hazard_ratio(_weibull(t)).p_value),
    level(
        "flexible parametric, Wald",
        lambda t: excludes(_flexible_ratio(t), 1.0),
    ),
    coverage("hazard ratio, Wald, stratified", lambda t: _ratio(_fit(t)), _hazard_ratio),
    coverage(
        "hazard ratio, robust Wald, stratified",
        lambda t: _ratio(_fit(t, robust=True)),
        _hazard_ratio,
    ),
    coverage("hazard ratio, adjusted", lambda t: _ratio(_adjusted(t)), _hazard_ratio),
    coverage("hazard ratio, late entry", _late, _hazard_ratio),
    coverage(
        "hazard ratio, profile likelihood",
        lambda t: estimate_profile_interval(_fit(t)),
        _hazard_ratio,
    ),
    coverage(
        "hazard ratio, Firth, profile",
        lambda t: estimate_firth_interval(_firth(t)),
        _hazard_ratio,
    ),
    coverage("cause-specific hazard ratio, event", lambda t: _by_cause(t)[0], _hazard_ratio),
    coverage("cause-specific hazard ratio, competitor", lambda t: _by_cause(t)[1], lambda _: 1.0),
    coverage(
        "hazard ratio at a time, scaled Schoenfeld residuals",
        _effect_limits,
        lambda truth: math.log(truth.ratio),
    ),
    coverage(
        "survival at 12 months by the model",
        _predicted,
        lambda truth: math.exp(-truth.hazards[1] * AT),
    ),
    coverage(
        "hazard ratio, Weibull",
        lambda t: estimate_weibull_hazard_ratio(_weibull(t)),
        _hazard_ratio,
    ),
    coverage(
        "time ratio, Weibull",
        lambda t: estimate_time_ratio(_weibull(t)),
        lambda truth: 1 / truth.ratio,
    ),
    coverage(
        "time ratio of the strata, Weibull",
        lambda t: estimate_time_ratio(_weibull(t), column=1),
        lambda _: 1 / STRATUM_RATIO,
    ),
    coverage(
        "survival difference at 12 months, Weibull",
        lambda t: _difference_at(_weibull_curves(t)),
        _true_difference,
    ),
    coverage(
        "restricted mean difference, Weibull",
        lambda t: _mean_difference(_weibull_curves(t)),
        _true_mean_difference,
    ),
    coverage("hazard ratio, flexible parametric", _flexible_ratio, _hazard_ratio),
    coverage(
        "survival difference at 12 months, flexible parametric",
        lambda t: _difference_at(_flexible_curves(t)),
        _true_difference,
    ),
)
