"""Levels and coverages of what asks how far a result rests on what was not seen."""

import math
from functools import cache

import numpy as np

from equipoise.numerics.hazards.cox import HazardRatio, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.sensitivity.censoring_weights import WeightedRows, weigh_stayers
from equipoise.numerics.sensitivity.multiple_imputation import (
    Pooled,
    complete_times,
    pool_estimates,
)
from equipoise.numerics.sensitivity.rank_preserving import Treated, estimate_rank_preserving
from equipoise.numerics.survival.kaplan_meier import estimate_band, estimate_kaplan_meier
from equipoise.numerics.survival.weighted_rmst import WeightedRmst, compare_weighted_rmst
from long.level_checks import Check, Limits, coverage, excludes, level, once, open_limits
from long.level_data import Floats, crossing, imputing, leavers, survival_of_all
from long.level_trials import AT, DAYS_A_MONTH, Trial, Truth

_IMPUTATIONS = 10


def _complete(trial: Trial, uniform: Floats) -> HazardRatio:
    """The stratified ratio of times completed by the hazard seen in arm and stratum (delta 1).

    Donors are drawn with return, or the draws would spread too little (Taylor et al. 2002).
    """
    time, event = trial.time.copy(), trial.event.copy()
    for cell in range(4):
        own = np.flatnonzero(2 * trial.stratum + trial.arm == cell)
        drawn = own[(uniform[own, 0] * own.size).astype(np.int64)]
        open_ = own[trial.event[own] == 0]
        if open_.size == 0:
            continue
        done = complete_times(
            trial.time[open_],
            donor=estimate_kaplan_meier(trial.time[drawn], event=trial.event[drawn]),
            uniform=uniform[open_, 1],
        )
        time[open_], event[open_] = done.time, done.event
    fit = estimate_cox(time, event=event, covariates=trial.arm, stratum=trial.stratum)
    return estimate_hazard_ratio(fit)


@once
def _completed(trial: Trial) -> Pooled:
    uniform = imputing(trial, 2 * _IMPUTATIONS).reshape(-1, _IMPUTATIONS, 2)
    found = [_complete(trial, uniform[:, i]) for i in range(_IMPUTATIONS)]
    return pool_estimates(
        [each.log_value for each in found],
        variances=[each.standard_error**2 for each in found],
    )


@once
def _stayers(trial: Trial) -> WeightedRows:
    own = leavers(trial)
    return weigh_stayers(
        own.time, event=own.event, left=own.left, covariates=trial.marker[:, None], group=trial.arm
    )


def _weighed(trial: Trial) -> float:
    rows = _stayers(trial)
    fit = estimate_cox(
        rows.time,
        event=rows.event,
        covariates=trial.arm[rows.row],
        sampling=Sampling(cluster=rows.row, weight=rows.weight, entry=rows.entry),
    )
    return estimate_hazard_ratio(fit).p_value


def _unweighed(trial: Trial) -> float:
    own = leavers(trial)
    fit = estimate_cox(own.time, event=own.event, covariates=trial.arm)
    return estimate_hazard_ratio(fit).p_value


def _weighed_limits(trial: Trial) -> Limits:
    """Survival at `AT` of arm 0, which some leave."""
    rows = _stayers(trial)
    own = trial.arm[rows.row] == 0
    curve = estimate_kaplan_meier(
        rows.time[own],
        event=rows.event[own],
        entry=rows.entry[own],
        weight=rows.weight[own],
        cluster=rows.row[own],
    )
    band, at = estimate_band(curve), np.searchsorted(curve.time, AT, side="right") - 1
    return float(band.lower[at]), float(band.upper[at])


@once
def _weighed_means(trial: Trial) -> WeightedRmst:
    """Of patients chosen by their marker with known chances, weighed back to all."""
    own = leavers(trial)
    chance = 1 / (1 + np.exp(-trial.marker))
    kept = imputing(trial, 1)[:, 0] < chance
    return compare_weighted_rmst(
        own.whole_time[kept],
        event=own.whole_event[kept],
        group=trial.arm[kept],
        weight=1 / chance[kept],
        horizon=AT,
    )


def _stretch(trial: Trial) -> tuple[float, float]:
    own = crossing(trial)
    found = estimate_rank_preserving(
        own.time,
        event=own.event,
        treated=Treated(
            group=trial.arm,
            treated_time=np.minimum(own.treated, own.time),
            follow_up=trial.end,
            stratum=trial.stratum,
        ),
    )
    return open_limits(found.lower, found.upper)


@cache
def _true_mean_difference(truth: Truth) -> float:
    """Of all, over their markers, times rounded up to days."""
    days = np.arange(round(AT * DAYS_A_MONTH)) / DAYS_A_MONTH
    means = [sum(survival_of_all(truth, arm, float(at)) for at in days) for arm in (0, 1)]
    return (means[1] - means[0]) / DAYS_A_MONTH


def _true_stretch(truth: Truth) -> float:
    return math.log(truth.ratio)


_KNOWN = "weights count as known, which widens the interval (Robins, Finkelstein 2000)"
CHECKS: tuple[Check, ...] = (
    level("completed times, hazard as seen, Rubin", lambda t: _completed(t).p_value),
    level(
        "Cox, those who stay weighed for those who left",
        _weighed,
        one_sided=True,
        why=_KNOWN,
    ),
    level(
        "Cox, informative leaving not weighed",
        _unweighed,
        misses=True,
        why="the bias that weighing mends",
    ),
    level(
        "restricted mean to 12 months, weighed by known chances",
        lambda t: _weighed_means(t).p_value,
    ),
    level("rank preserving: no stretch of time", lambda t: excludes(_stretch(t), 0.0)),
    coverage(
        "completed times, hazard ratio, Rubin",
        lambda t: (_completed(t).lower, _completed(t).upper),
        lambda truth: math.log(truth.ratio),
    ),
    coverage(
        "survival at 12 months, those who stay weighed",
        _weighed_limits,
        lambda truth: survival_of_all(truth, 0, AT),
        one_sided=True,
        why=_KNOWN,
    ),
    coverage(
        "restricted mean to 12 months, difference, weighed by known chances",
        _weighed_means,
        _true_mean_difference,
    ),
    coverage("rank preserving: the stretch of time", _stretch, _true_stretch),
)
