"""The tests whose level and the intervals whose coverage are measured: one line each.

A level is the share of trials without effect in which p < 0.05; a coverage the share of trials
with an effect in which the interval of 95 % holds the truth. Stratified methods meet the hazard
ratio within strata; the others what it comes to over both (`marginal` truths are worked out from
the true curves).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equipoise.numerics.aalen_johansen import estimate_incidence, estimate_incidence_at
from equipoise.numerics.cox import estimate_cox, estimate_hazard_ratio
from equipoise.numerics.kaplan_meier import (
    KaplanMeier,
    estimate_kaplan_meier,
    estimate_quantile,
    estimate_survival_at,
)
from equipoise.numerics.logrank import compare_logrank
from equipoise.numerics.milestone import compare_milestone
from equipoise.numerics.proportions import (
    compare_miettinen_nurminen,
    compare_newcombe,
    estimate_clopper_pearson,
    estimate_wilson,
)
from equipoise.numerics.rmst import compare_rmst
from equipoise.numerics.survival_scales import Interval
from long.level_trials import (
    AT,
    HORIZON,
    Trial,
    incidence,
    median,
    restricted_mean,
    survival,
)

Interval2 = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A test: p of a trial without effect. `exact` tests may keep below 5 %, never above."""

    name: str
    p_value: Callable[[Trial], float]
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """An interval, and what it should hold. `exact` intervals may cover more, never less."""

    name: str
    interval: Callable[[Trial], Interval2]
    truth: Callable[[Trial], float]
    exact: bool = False


def _curve(trial: Trial, arm: int) -> KaplanMeier:
    own = trial.arm == arm
    return estimate_kaplan_meier(trial.time[own], event=trial.event[own])


def _logrank(trial: Trial, *, stratified: bool) -> float:
    return compare_logrank(
        trial.time,
        event=trial.event,
        group=trial.arm,
        stratum=trial.stratum if stratified else None,
    ).test.p_value


def _milestone(trial: Trial, scale: Interval) -> float:
    return compare_milestone(
        _curve(trial, 0), second=_curve(trial, 1), at=AT, scale=scale
    ).test.p_value


def _milestone_limits(trial: Trial) -> Interval2:
    found = compare_milestone(_curve(trial, 0), second=_curve(trial, 1), at=AT)
    return found.lower, found.upper


def _survival_limits(trial: Trial, scale: Interval) -> Interval2:
    found = estimate_survival_at(_curve(trial, 1), at=[AT], interval=scale)
    return float(found.lower[0]), float(found.upper[0])


def _median_limits(trial: Trial) -> Interval2:
    found = estimate_quantile(_curve(trial, 1))
    # a limit that is not reached bounds nothing
    return found.lower, np.inf if np.isnan(found.upper) else found.upper


def _cox(trial: Trial) -> tuple[float, float, float]:
    fit = estimate_cox(trial.time, event=trial.event, covariates=trial.arm, stratum=trial.stratum)
    found = estimate_hazard_ratio(fit)
    return found.p_value, found.lower, found.upper


def _rmst(trial: Trial) -> tuple[float, float, float]:
    found = compare_rmst(trial.time, event=trial.event, group=trial.arm, horizon=HORIZON)
    return found.p_value, found.lower, found.upper


def _incidence_limits(trial: Trial) -> Interval2:
    own = trial.arm == 1
    curve = estimate_incidence(trial.first[own], cause=trial.cause[own])
    found = estimate_incidence_at(curve, at=[AT])
    return float(found.lower[0]), float(found.upper[0])


def responders(trial: Trial) -> tuple[tuple[int, int], tuple[int, int]]:
    """Responders and patients, by arm."""
    own = [trial.response[trial.arm == arm] for arm in (0, 1)]
    return (int(own[0].sum()), int(own[1].sum())), (own[0].size, own[1].size)


def _miettinen_nurminen(trial: Trial) -> tuple[float, float, float]:
    events, n = responders(trial)
    found = compare_miettinen_nurminen(events, n=n)
    return found.test.p_value, found.lower, found.upper


def _newcombe(trial: Trial) -> Interval2:
    events, n = responders(trial)
    found = compare_newcombe(events, n=n)
    return found.lower, found.upper


def _share(trial: Trial, *, exact: bool) -> Interval2:
    events, n = responders(trial)
    estimate = estimate_clopper_pearson if exact else estimate_wilson
    found = estimate(events[1], n=n[1])
    return found.lower, found.upper


def _response_difference(trial: Trial) -> float:
    return trial.truth.response[1] - trial.truth.response[0]


def _response(trial: Trial) -> float:
    return trial.truth.response[1]


def _difference(measure: Callable[..., float], at: float) -> Callable[[Trial], float]:
    return lambda trial: measure(trial.truth, 1, at) - measure(trial.truth, 0, at)


def _in_arm_1(measure: Callable[..., float], at: float) -> Callable[[Trial], float]:
    return lambda trial: measure(trial.truth, 1, at)


LEVELS = (
    Level(name="log-rank", p_value=lambda t: _logrank(t, stratified=False)),
    Level(name="log-rank, stratified", p_value=lambda t: _logrank(t, stratified=True)),
    Level(name="Cox, Wald, stratified", p_value=lambda t: _cox(t)[0]),
    Level(name="milestone, log-log", p_value=lambda t: _milestone(t, Interval.LOG_LOG)),
    Level(name="milestone, log", p_value=lambda t: _milestone(t, Interval.LOG)),
    Level(name="milestone, plain", p_value=lambda t: _milestone(t, Interval.PLAIN)),
    Level(name="restricted mean, difference", p_value=lambda t: _rmst(t)[0]),
    Level(name="Miettinen-Nurminen", p_value=lambda t: _miettinen_nurminen(t)[0]),
)
COVERAGES = (
    Coverage(
        name="survival at 12 months, log-log",
        interval=lambda t: _survival_limits(t, Interval.LOG_LOG),
        truth=_in_arm_1(survival, AT),
    ),
    Coverage(
        name="survival at 12 months, plain",
        interval=lambda t: _survival_limits(t, Interval.PLAIN),
        truth=_in_arm_1(survival, AT),
    ),
    Coverage(
        name="survival at 12 months, log",
        interval=lambda t: _survival_limits(t, Interval.LOG),
        truth=_in_arm_1(survival, AT),
    ),
    Coverage(
        name="median, Brookmeyer-Crowley, log-log",
        interval=_median_limits,
        truth=lambda t: median(t.truth, 1),
    ),
    Coverage(
        name="milestone difference, MOVER",
        interval=_milestone_limits,
        truth=_difference(survival, AT),
    ),
    Coverage(
        name="hazard ratio, Wald, stratified",
        interval=lambda t: _cox(t)[1:],
        truth=lambda t: t.truth.ratio,
    ),
    Coverage(
        name="restricted mean, difference",
        interval=lambda t: _rmst(t)[1:],
        truth=_difference(restricted_mean, HORIZON),
    ),
    Coverage(
        name="cumulative incidence at 12 months, log-log",
        interval=_incidence_limits,
        truth=_in_arm_1(incidence, AT),
    ),
    Coverage(
        name="risk difference, Miettinen-Nurminen",
        interval=lambda t: _miettinen_nurminen(t)[1:],
        truth=_response_difference,
    ),
    Coverage(name="risk difference, Newcombe", interval=_newcombe, truth=_response_difference),
    Coverage(name="share, Wilson", interval=lambda t: _share(t, exact=False), truth=_response),
    Coverage(
        name="share, Clopper-Pearson",
        interval=lambda t: _share(t, exact=True),
        truth=_response,
        exact=True,
    ),
)
