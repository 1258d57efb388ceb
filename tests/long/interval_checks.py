"""Levels and coverages of times known between two scans only."""

import math

import numpy as np

from equipoise.numerics.intervals.interval_cox import (
    IntervalCox,
    estimate_interval_cox,
    estimate_interval_hazard_ratio,
    estimate_profile_interval,
)
from equipoise.numerics.intervals.interval_logrank import IntervalScores, compare_interval_logrank
from equipoise.numerics.intervals.interval_times import IntervalTimes, bound_interval_times
from equipoise.numerics.models.parametric import (
    Parametric,
    estimate_parametric,
    estimate_weibull_hazard_ratio,
)
from long.level_checks import Check, coverage, given, level, once
from long.level_trials import Trial, scan_intervals


@once
def _times(trial: Trial) -> IntervalTimes:
    left, right = scan_intervals(trial)
    return bound_interval_times(left, right=right)


@once
def _cox(trial: Trial) -> IntervalCox:
    return estimate_interval_cox(
        _times(trial), covariates=np.c_[trial.arm, trial.stratum].astype(np.float64)
    )


@once
def _weibull(trial: Trial) -> Parametric:
    return estimate_parametric(
        _times(trial), covariates=np.c_[trial.arm, trial.stratum].astype(np.float64)
    )


def _no_effect(trial: Trial) -> float:
    """The likelihood ratio test of the arm alone."""
    fit = estimate_interval_cox(_times(trial), covariates=trial.arm.astype(np.float64))
    return fit.likelihood_ratio_test.p_value


def _weibull_p(trial: Trial) -> float:
    return estimate_weibull_hazard_ratio(_weibull(trial)).p_value


CHECKS: tuple[Check, ...] = (
    *(
        level(
            f"log-rank of intervals, scores of {scores.value}",
            given(
                scores,
                lambda t, scores: (
                    compare_interval_logrank(_times(t), group=t.arm, scores=scores).test.p_value
                ),
            ),
        )
        for scores in IntervalScores
    ),
    level(
        "log-rank of intervals, stratified",
        lambda t: compare_interval_logrank(_times(t), group=t.arm, stratum=t.stratum).test.p_value,
    ),
    level(
        "proportional hazards of intervals, likelihood ratio",
        _no_effect,
    ),
    level("Weibull of intervals, Wald", _weibull_p),
    coverage(
        "hazard ratio of intervals, Wald",
        lambda t: estimate_interval_hazard_ratio(_cox(t)),
        lambda truth: truth.ratio,
    ),
    coverage(
        "log hazard ratio of intervals, profile likelihood",
        lambda t: estimate_profile_interval(_times(t), covariates=np.c_[t.arm, t.stratum]),
        lambda truth: math.log(truth.ratio),
    ),
    coverage(
        "hazard ratio of intervals, Weibull",
        lambda t: estimate_weibull_hazard_ratio(_weibull(t)),
        lambda truth: truth.ratio,
    ),
)
