"""Levels and coverages of what compares two curves: scales, strata, adjustment, medians."""

import numpy as np

from equipoise.numerics.kaplan_meier import KaplanMeier, estimate_kaplan_meier
from equipoise.numerics.milestone import compare_milestone, compare_milestone_strata
from equipoise.numerics.pooled_difference import PooledDifference, find_arms
from equipoise.numerics.pseudo_values import (
    MeanModel,
    estimate_survival_pseudo_values,
    regress_pseudo_values,
)
from equipoise.numerics.quantile_difference import compare_quantiles
from equipoise.numerics.rmst_regression import regress_rmst
from equipoise.numerics.survival_scales import Interval
from long.level_checks import Coverage, Level
from long.level_trials import AT, HORIZON, Trial, median, restricted_mean, survival

Limits = tuple[float, float]


def _curves(trial: Trial) -> tuple[KaplanMeier, KaplanMeier]:
    rows = [trial.arm == arm for arm in (0, 1)]
    first, second = (estimate_kaplan_meier(trial.time[own], event=trial.event[own]) for own in rows)
    return first, second


def _milestone(trial: Trial, scale: Interval) -> float:
    first, second = _curves(trial)
    return compare_milestone(first, second=second, at=AT, scale=scale).test.p_value


def _in_strata(trial: Trial) -> PooledDifference:
    arms = find_arms(trial.time, event=trial.event, group=trial.arm, stratum=trial.stratum)
    return compare_milestone_strata(arms, at=AT)


def _pseudo(trial: Trial) -> MeanModel:
    values = estimate_survival_pseudo_values(trial.time, event=trial.event, at=AT)
    return regress_pseudo_values(values, covariates=np.c_[trial.arm, trial.stratum])


def _adjusted_mean(trial: Trial) -> MeanModel:
    return regress_rmst(
        trial.time, event=trial.event, group=trial.arm, horizon=HORIZON, covariates=trial.stratum
    )


def _limits(found: PooledDifference | MeanModel) -> Limits:
    if isinstance(found, PooledDifference):
        return found.lower, found.upper
    return float(found.lower[1]), float(found.upper[1])


def _medians(trial: Trial) -> Limits:
    """A limit that is not reached bounds nothing."""
    first, second = _curves(trial)
    found = compare_quantiles(first, second=second)
    return (
        -np.inf if np.isnan(found.lower) else found.lower,
        np.inf if np.isnan(found.upper) else found.upper,
    )


def _survival_difference(trial: Trial) -> float:
    return survival(trial.truth, 1, AT) - survival(trial.truth, 0, AT)


def _mean_difference(trial: Trial) -> float:
    return restricted_mean(trial.truth, 1, HORIZON) - restricted_mean(trial.truth, 0, HORIZON)


def _median_difference(trial: Trial) -> float:
    return median(trial.truth, 1) - median(trial.truth, 0)


CURVE_LEVELS = (
    Level(name="milestone, logit", p_value=lambda t: _milestone(t, Interval.LOGIT)),
    Level(name="milestone, arcsine", p_value=lambda t: _milestone(t, Interval.ARCSINE)),
    Level(name="milestone, stratified", p_value=lambda t: _in_strata(t).p_value),
    Level(name="milestone, pseudo-values", p_value=lambda t: float(_pseudo(t).p_value[1])),
    Level(name="restricted mean, adjusted", p_value=lambda t: float(_adjusted_mean(t).p_value[1])),
)
CURVE_COVERAGES = (
    Coverage(
        name="milestone difference, stratified",
        interval=lambda t: _limits(_in_strata(t)),
        truth=_survival_difference,
    ),
    Coverage(
        name="milestone difference, pseudo-values",
        interval=lambda t: _limits(_pseudo(t)),
        truth=_survival_difference,
    ),
    Coverage(
        name="restricted mean, difference, adjusted",
        interval=lambda t: _limits(_adjusted_mean(t)),
        truth=_mean_difference,
    ),
    Coverage(
        name="difference of medians, MOVER (no less)",
        interval=_medians,
        truth=_median_difference,
        exact=True,
    ),
)
