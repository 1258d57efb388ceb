"""Levels and coverages of curves and of what compares two of them: survival, medians, means."""

from functools import partial

import numpy as np

from equipoise.numerics.survival.confidence_bands import BandKind, estimate_simultaneous_band
from equipoise.numerics.survival.kaplan_meier import (
    KaplanMeier,
    estimate_band,
    estimate_kaplan_meier,
    estimate_quantile,
    estimate_survival_at,
)
from equipoise.numerics.survival.landmark import estimate_conditional_survival
from equipoise.numerics.survival.milestone import (
    Milestone,
    compare_milestone,
    compare_milestone_groups,
    compare_milestone_strata,
)
from equipoise.numerics.survival.nelson_aalen import estimate_hazard_band, estimate_nelson_aalen
from equipoise.numerics.survival.pooled_difference import (
    ArmsOfStratum,
    PooledDifference,
    Weighting,
    find_arms,
)
from equipoise.numerics.survival.pseudo_values import (
    Link,
    MeanModel,
    estimate_rmst_pseudo_values,
    estimate_survival_pseudo_values,
    regress_pseudo_values,
)
from equipoise.numerics.survival.quantile_difference import QuantileComparison, compare_quantiles
from equipoise.numerics.survival.rmst import (
    RmstComparison,
    compare_rmst,
    compare_rmst_strata,
    estimate_rmst,
)
from equipoise.numerics.survival.rmst_regression import regress_rmst
from equipoise.numerics.survival.survival_scales import Interval
from long.level_checks import Check, Limits, coverage, given, level, once, open_limits
from long.level_data import late_entry
from long.level_trials import (
    AT,
    DAYS_A_MONTH,
    HORIZON,
    Trial,
    Truth,
    median,
    restricted_mean,
    survival,
)

GIVEN = 91 / DAYS_A_MONTH


@once
def curves(trial: Trial) -> tuple[KaplanMeier, KaplanMeier]:
    rows = [trial.arm == arm for arm in (0, 1)]
    first, second = (estimate_kaplan_meier(trial.time[own], event=trial.event[own]) for own in rows)
    return first, second


@once
def _strata(trial: Trial) -> tuple[ArmsOfStratum, ...]:
    return find_arms(trial.time, event=trial.event, group=trial.arm, stratum=trial.stratum)


@once
def _milestone(trial: Trial, scale: Interval = Interval.LOG_LOG) -> Milestone:
    first, second = curves(trial)
    return compare_milestone(first, second=second, at=AT, scale=scale)


@once
def _milestone_strata(trial: Trial, weighting: Weighting) -> PooledDifference:
    return compare_milestone_strata(_strata(trial), at=AT, weighting=weighting)


@once
def _mean_strata(trial: Trial) -> PooledDifference:
    """Up to 12 months, which every stratum of an arm is followed."""
    return compare_rmst_strata(_strata(trial), horizon=AT)


@once
def _pseudo(trial: Trial, link: Link) -> MeanModel:
    values = estimate_survival_pseudo_values(trial.time, event=trial.event, at=AT)
    columns = trial.arm[:, None] if link is not Link.IDENTITY else np.c_[trial.arm, trial.stratum]
    return regress_pseudo_values(values, covariates=columns, link=link)


@once
def _pseudo_mean(trial: Trial) -> MeanModel:
    values = estimate_rmst_pseudo_values(trial.time, event=trial.event, horizon=HORIZON)
    return regress_pseudo_values(values, covariates=np.c_[trial.arm, trial.stratum])


@once
def _adjusted_mean(trial: Trial) -> MeanModel:
    return regress_rmst(
        trial.time, event=trial.event, group=trial.arm, horizon=HORIZON, covariates=trial.stratum
    )


@once
def _mean(trial: Trial) -> RmstComparison:
    return compare_rmst(trial.time, event=trial.event, group=trial.arm, horizon=HORIZON)


@once
def _quantiles(trial: Trial) -> QuantileComparison:
    first, second = curves(trial)
    return compare_quantiles(first, second=second)


def _groups(trial: Trial) -> float:
    """The four quarters of a trial, alike where there is no effect."""
    quarter = np.arange(trial.arm.size) % 4
    four = [
        estimate_kaplan_meier(trial.time[quarter == q], event=trial.event[quarter == q])
        for q in range(4)
    ]
    return compare_milestone_groups(four, at=AT).test.p_value


def _survival_limits(trial: Trial, scale: Interval) -> Limits:
    found = estimate_survival_at(curves(trial)[1], at=[AT], interval=scale)
    return float(found.lower[0]), float(found.upper[0])


def _hazard_limits(trial: Trial) -> Limits:
    """The cumulative hazard at `AT`."""
    own = trial.arm == 1
    curve = estimate_nelson_aalen(trial.time[own], event=trial.event[own])
    band, at = estimate_hazard_band(curve), np.searchsorted(curve.time, AT, side="right") - 1
    return float(band.lower[at]), float(band.upper[at])


def _late_limits(trial: Trial) -> Limits:
    late = late_entry(trial)
    own = trial.arm[late.row] == 1
    curve = estimate_kaplan_meier(late.time[own], event=late.event[own], entry=late.entry[own])
    band, at = estimate_band(curve), np.searchsorted(curve.time, AT, side="right") - 1
    return float(band.lower[at]), float(band.upper[at])


def _conditional_limits(trial: Trial) -> Limits:
    found = estimate_conditional_survival(curves(trial)[1], given=GIVEN, at=[AT])
    return float(found.lower[0]), float(found.upper[0])


def _median_limits(trial: Trial, scale: Interval) -> Limits:
    found = estimate_quantile(curves(trial)[1], interval=scale)
    return open_limits(found.lower, found.upper)


def _of_arm(limits: MeanModel) -> Limits:
    return float(limits.lower[1]), float(limits.upper[1])


def whole_curve(trial: Trial, kind: BandKind, scale: Interval) -> Limits:
    """How far the band lies from the truth along the curve: to hold 0, on both sides of a step."""
    curve = curves(trial)[1]
    band = estimate_simultaneous_band(curve, kind=kind, interval=scale)
    inside = (curve.time >= band.start) & (curve.time <= band.end)
    times = curve.time[inside]
    before = np.append(times[1:] - 1 / DAYS_A_MONTH, times[-1])  # the last day of each step
    true = [[survival(trial.truth, 1, t) for t in ends] for ends in (times, before)]
    own = np.asarray(true)
    return np.broadcast_to(band.lower[inside], own.shape) - own, band.upper[inside] - own


def _survival_difference(truth: Truth) -> float:
    return survival(truth, 1, AT) - survival(truth, 0, AT)


def _mean_difference(truth: Truth) -> float:
    return restricted_mean(truth, 1) - restricted_mean(truth, 0)


def _lost_ratio(truth: Truth) -> float:
    return (HORIZON - restricted_mean(truth, 1)) / (HORIZON - restricted_mean(truth, 0))


def _hazard_ratio_at(truth: Truth) -> float:
    """What the log-log link speaks of: the ratio of the cumulative hazards at `AT`, as a log."""
    hazards = [-np.log(survival(truth, arm, AT)) for arm in (0, 1)]
    return float(np.log(hazards[1] / hazards[0]))


def _median_difference(truth: Truth) -> float:
    return median(truth, 1) - median(truth, 0)


_RATIO = "made of the intervals of both arms, it covers at least as often as they"
STEPS = (
    "the critical value is that of a continuous path, which comes nearer to the limits than the "
    "steps of few patients at risk do (`test_bands_of_many_patients.py`)"
)
CHECKS: tuple[Check, ...] = (
    *(
        level(
            f"milestone at 12 months, {scale.value} scale",
            given(scale, lambda t, scale: _milestone(t, scale).test.p_value),
        )
        for scale in Interval
    ),
    level("milestone, four groups", _groups),
    *(
        level(
            f"milestone, stratified, weights by {by.value}",
            given(by, lambda t, by: _milestone_strata(t, by).p_value),
        )
        for by in Weighting
    ),
    *(
        level(
            f"milestone, pseudo-values, {link.value} link",
            given(link, lambda t, link: float(_pseudo(t, link).p_value[1])),
        )
        for link in (Link.IDENTITY, Link.LOG_LOG)
    ),
    level("restricted mean, difference", lambda t: _mean(t).p_value),
    level("restricted mean to 12 months, stratified", lambda t: _mean_strata(t).p_value),
    level("restricted mean, adjusted", lambda t: float(_adjusted_mean(t).p_value[1])),
    level("restricted mean, pseudo-values", lambda t: float(_pseudo_mean(t).p_value[1])),
    *(
        coverage(
            f"survival at 12 months, {scale.value}",
            partial(_survival_limits, scale=scale),
            lambda truth: survival(truth, 1, AT),
        )
        for scale in Interval
    ),
    coverage(
        "cumulative hazard at 12 months, log",
        _hazard_limits,
        lambda truth: -np.log(survival(truth, 1, AT)),
    ),
    coverage(
        "survival at 12 months, late entry, log-log",
        _late_limits,
        lambda truth: survival(truth, 1, AT),
    ),
    coverage(
        "survival at 12 months given 3, log-log",
        _conditional_limits,
        lambda truth: survival(truth, 1, AT) / survival(truth, 1, GIVEN),
    ),
    *(
        coverage(
            f"whole curve, {kind.value} band, {scale.value}",
            partial(whole_curve, kind=kind, scale=scale),
            lambda _: 0.0,
            one_sided=kind is BandKind.EQUAL_PRECISION,
            why=STEPS if kind is BandKind.EQUAL_PRECISION else "",
        )
        for kind in BandKind
        for scale in (Interval.LOG_LOG, Interval.ARCSINE)
    ),
    *(
        coverage(
            f"median, Brookmeyer-Crowley, {scale.value}",
            partial(_median_limits, scale=scale),
            lambda truth: median(truth, 1),
        )
        for scale in (Interval.LOG_LOG, Interval.PLAIN)
    ),
    coverage(
        "difference of medians, MOVER",
        lambda t: open_limits(_quantiles(t).lower, _quantiles(t).upper),
        _median_difference,
        one_sided=True,
        why=_RATIO,
    ),
    coverage(
        "ratio of medians, MOVER",
        lambda t: open_limits(_quantiles(t).ratio_lower, _quantiles(t).ratio_upper),
        lambda truth: median(truth, 1) / median(truth, 0),
        one_sided=True,
        why=_RATIO,
    ),
    coverage("milestone difference, MOVER", _milestone, _survival_difference),
    coverage(
        "milestone difference, plain",
        lambda t: (_milestone(t).plain_lower, _milestone(t).plain_upper),
        _survival_difference,
    ),
    coverage(
        "milestone difference, stratified",
        lambda t: _milestone_strata(t, Weighting.SIZE),
        _survival_difference,
    ),
    coverage(
        "milestone difference, pseudo-values",
        lambda t: _of_arm(_pseudo(t, Link.IDENTITY)),
        _survival_difference,
    ),
    coverage(
        "milestone, ratio of cumulative hazards, pseudo-values",
        lambda t: _of_arm(_pseudo(t, Link.LOG_LOG)),
        _hazard_ratio_at,
    ),
    coverage(
        "restricted mean of an arm",
        lambda t: estimate_rmst(curves(t)[1], horizon=HORIZON),
        lambda truth: restricted_mean(truth, 1),
    ),
    coverage("restricted mean, difference", _mean, _mean_difference),
    coverage(
        "restricted mean, ratio",
        lambda t: (_mean(t).ratio_lower, _mean(t).ratio_upper),
        lambda truth: restricted_mean(truth, 1) / restricted_mean(truth, 0),
    ),
    coverage(
        "restricted mean time lost, ratio",
        lambda t: (_mean(t).lost_ratio_lower, _mean(t).lost_ratio_upper),
        _lost_ratio,
    ),
    coverage(
        "restricted mean to 12 months, difference, stratified",
        _mean_strata,
        lambda truth: restricted_mean(truth, 1, AT) - restricted_mean(truth, 0, AT),
    ),
    coverage(
        "restricted mean, difference, adjusted",
        lambda t: _of_arm(_adjusted_mean(t)),
        _mean_difference,
    ),
    coverage(
        "restricted mean, difference, pseudo-values",
        lambda t: _of_arm(_pseudo_mean(t)),
        _mean_difference,
    ),
)
