"""Levels and coverages with a competing event, of states in turn."""

from functools import partial

import numpy as np

from equipoise.numerics.competing.aalen_johansen import estimate_incidence, estimate_incidence_at
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.fine_gray import (
    FineGray,
    estimate_fine_gray,
    estimate_subdistribution_ratio,
)
from equipoise.numerics.competing.fine_gray_design import Censoring
from equipoise.numerics.competing.gray import compare_gray
from equipoise.numerics.competing.incidence_band import estimate_incidence_band
from equipoise.numerics.competing.incidence_comparison import (
    GroupContrast,
    compare_incidences_at,
    compare_lost_time,
    estimate_incidence_pseudo_values,
)
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences,
    estimate_incidences_at,
    estimate_lost_time,
)
from equipoise.numerics.competing.state_comparison import (
    compare_occupation_at,
    compare_time_in_state,
)
from equipoise.numerics.competing.transitions import (
    Transitions,
    build_illness_death,
    estimate_occupation_at,
    estimate_time_in_states,
    estimate_transitions,
)
from equipoise.numerics.hazards.cox import HazardRatio
from equipoise.numerics.survival.pseudo_values import MeanModel, regress_pseudo_values
from equipoise.numerics.survival.survival_scales import Interval
from long.curve_checks import STEPS
from long.level_checks import Check, HasLimits, Limits, coverage, given, level, once
from long.level_data import (
    course,
    proportional_subdistribution,
    share_progressed,
    time_progressed,
)
from long.level_trials import (
    AT,
    DAYS_A_MONTH,
    HORIZON,
    SEED,
    Trial,
    Truth,
    incidence,
    time_lost,
)


@once
def _curves(trial: Trial) -> tuple[Incidences, Incidences]:
    own = [trial.arm == arm for arm in (0, 1)]
    first, second = (estimate_incidences(trial.first[a], cause=trial.cause[a]) for a in own)
    return first, second


@once
def _contrast(trial: Trial, scale: Interval) -> GroupContrast:
    return compare_incidences_at(_curves(trial), at=AT, scale=scale)


@once
def _lost(trial: Trial) -> GroupContrast:
    return compare_lost_time(_curves(trial), horizon=HORIZON)


@once
def _pseudo(trial: Trial) -> MeanModel:
    values = estimate_incidence_pseudo_values(trial.first, cause=trial.cause, at=AT)
    return regress_pseudo_values(values, covariates=np.c_[trial.arm, trial.stratum])


@once
def _fine_gray(trial: Trial) -> FineGray:
    """Where the subdistribution hazards are proportional."""
    time, cause = proportional_subdistribution(trial)
    return estimate_fine_gray(time, cause=cause, covariates=trial.arm)


def _by_finegray(trial: Trial) -> Limits:
    """With the variance of survival's finegray: weights count as known."""
    time, cause = proportional_subdistribution(trial)
    fit = estimate_fine_gray(
        time, cause=cause, covariates=trial.arm, censoring=Censoring(counted=False)
    )
    found = estimate_subdistribution_ratio(fit)
    return found.lower, found.upper


@once
def _fine_gray_strata(trial: Trial) -> HazardRatio:
    return estimate_subdistribution_ratio(
        estimate_fine_gray(
            trial.first, cause=trial.cause, covariates=trial.arm, stratum=trial.stratum
        )
    )


def _gray(trial: Trial, *, stratified: bool = False, rho: float = 0.0) -> float:
    return compare_gray(
        trial.first,
        cause=trial.cause,
        group=trial.arm,
        stratum=trial.stratum if stratified else None,
        rho=rho,
    ).test.p_value


def _incidence_limits(trial: Trial) -> Limits:
    own = trial.arm == 1
    curve = estimate_incidence(trial.first[own], cause=trial.cause[own])
    found = estimate_incidence_at(curve, at=[AT])
    return float(found.lower[0]), float(found.upper[0])


def _incidences_limits(trial: Trial, scale: Interval) -> Limits:
    found = estimate_incidences_at(_curves(trial)[1], at=[AT], interval=scale)
    return float(found.lower[0, 0]), float(found.upper[0, 0])


def _lost_limits(trial: Trial) -> Limits:
    found = estimate_lost_time(_curves(trial)[1], horizon=HORIZON)
    return float(found.lower[0]), float(found.upper[0])


def _band(trial: Trial) -> Limits:
    """How far the band lies from the true incidence from 2 to 24 months: to hold 0.

    Each trial draws multipliers of its own, or the error of one draw would be in all of them.
    """
    curve = _curves(trial)[1]
    multipliers = Resampling(seed=SEED + trial.replicate, replicates=499)
    band = estimate_incidence_band(curve, resampling=multipliers, between=(2.0, 24.0))
    inside = (curve.time >= band.start) & (curve.time <= band.end)
    times = curve.time[inside]
    before = np.append(times[1:] - 1 / DAYS_A_MONTH, times[-1])
    own = np.array([[incidence(trial.truth, 1, t) for t in ends] for ends in (times, before)])
    return band.lower[inside] - own, band.upper[inside] - own


def _of_difference(found: GroupContrast) -> Limits:
    return found.difference_lower, found.difference_upper


@once
def _states(trial: Trial) -> tuple[Transitions, Transitions]:
    own, found = course(trial), []
    for arm in (0, 1):
        rows = trial.arm == arm
        stays = build_illness_death(
            own.end[rows], died=own.died[rows], progression=own.progression[rows]
        )
        found.append(estimate_transitions(stays, states=3))
    return found[0], found[1]


def _occupation(trial: Trial) -> Limits:
    found = estimate_occupation_at(_states(trial)[1], at=[AT])
    return float(found.lower[1, 0]), float(found.upper[1, 0])


def _time_in_state(trial: Trial) -> Limits:
    found = estimate_time_in_states(_states(trial)[1], horizon=HORIZON)
    return float(found.lower[1]), float(found.upper[1])


def _difference(truth: Truth) -> float:
    return incidence(truth, 1, AT) - incidence(truth, 0, AT)


def _subdistribution(trial: Trial) -> HasLimits:
    return estimate_subdistribution_ratio(_fine_gray(trial))


_ENDS = "the last patient of an arm leaves before the 18 months up to which it is counted"
CHECKS: tuple[Check, ...] = (
    level("Gray", _gray),
    level("Gray, stratified", partial(_gray, stratified=True)),
    level("Gray, rho 1", partial(_gray, rho=1.0)),
    *(
        level(
            f"incidence at 12 months, {scale.value} scale",
            given(scale, lambda t, scale: _contrast(t, scale).test.p_value),
        )
        for scale in Interval
    ),
    level("incidence at 12 months, pseudo-values", lambda t: float(_pseudo(t).p_value[1])),
    level("time lost to a cause", lambda t: _lost(t).test.p_value, unanswered=_ENDS),
    level(
        "Fine-Gray, Wald",
        lambda t: estimate_subdistribution_ratio(_fine_gray(t)).p_value,
    ),
    level("Fine-Gray, Wald, stratified", lambda t: _fine_gray_strata(t).p_value),
    level(
        "share alive with progression at 12 months",
        lambda t: compare_occupation_at(_states(t), state=1, at=AT).test.p_value,
    ),
    level(
        "time alive with progression",
        lambda t: compare_time_in_state(_states(t), state=1, horizon=HORIZON).test.p_value,
    ),
    coverage(
        "incidence at 12 months, log-log",
        _incidence_limits,
        lambda truth: incidence(truth, 1, AT),
    ),
    *(
        coverage(
            f"incidence at 12 months by patient, {scale.value}",
            partial(_incidences_limits, scale=scale),
            lambda truth: incidence(truth, 1, AT),
        )
        for scale in Interval
    ),
    coverage(
        "incidence from 2 to 24 months, whole curve, log-log",
        _band,
        lambda _: 0.0,
        one_sided=True,
        why=STEPS,
    ),
    coverage("time lost to a cause", _lost_limits, lambda truth: time_lost(truth, 1)),
    coverage(
        "incidence difference at 12 months, plain",
        lambda t: _of_difference(_contrast(t, Interval.PLAIN)),
        _difference,
    ),
    coverage(
        "incidence difference at 12 months, pseudo-values",
        lambda t: (float(_pseudo(t).lower[1]), float(_pseudo(t).upper[1])),
        _difference,
    ),
    coverage(
        "difference of time lost to a cause",
        lambda t: _of_difference(_lost(t)),
        lambda truth: time_lost(truth, 1) - time_lost(truth, 0),
        unanswered=_ENDS,
    ),
    coverage(
        "ratio of time lost to a cause",
        lambda t: (_lost(t).ratio_lower, _lost(t).ratio_upper),
        lambda truth: time_lost(truth, 1) / time_lost(truth, 0),
        unanswered=_ENDS,
    ),
    coverage(
        "subdistribution hazard ratio (crr's variance)",
        _subdistribution,
        lambda truth: truth.ratio,
    ),
    coverage(
        "subdistribution hazard ratio (finegray's variance)",
        _by_finegray,
        lambda truth: truth.ratio,
    ),
    coverage(
        "share alive with progression at 12 months",
        _occupation,
        lambda truth: share_progressed(truth, 1, AT),
    ),
    coverage(
        "time alive with progression",
        _time_in_state,
        lambda truth: time_progressed(truth, 1, HORIZON),
    ),
    coverage(
        "difference of shares alive with progression",
        lambda t: _of_difference(compare_occupation_at(_states(t), state=1, at=AT)),
        lambda truth: share_progressed(truth, 1, AT) - share_progressed(truth, 0, AT),
    ),
    coverage(
        "difference of times alive with progression",
        lambda t: _of_difference(compare_time_in_state(_states(t), state=1, horizon=HORIZON)),
        lambda truth: time_progressed(truth, 1, HORIZON) - time_progressed(truth, 0, HORIZON),
    ),
)
