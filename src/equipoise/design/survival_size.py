"""Subjects for the log-rank test: accrual, drop-out and a hazard ratio, by Lachin and Foulkes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from scipy.special import ndtr

from equipoise.design.assumptions import (
    ArmCourse,
    StratumCourse,
    SurvivalPlan,
    find_plan_problems,
)
from equipoise.design.error_rates import (
    ErrorRates,
    find_error_rates_problems,
    impossible,
    refuse,
    solve_effect,
    solve_rising,
)
from equipoise.design.events import EventFormula, EventPlan, drift_of_one_event
from equipoise.design.expected_events import expect_course
from equipoise.vocab.finding import Finding


class Variance(Enum):
    """How the variance is reckoned that turns a hazard ratio into subjects.

    `RATIO` and `DIFFERENCE` are Lachin and Foulkes's on the log hazard ratio and on the difference
    of the hazards (one stratum, constant hazards); the others count the events of a formula.
    """

    RATIO = "lachin-foulkes"
    DIFFERENCE = "lachin-foulkes-difference"
    SCHOENFELD = "schoenfeld"
    FREEDMAN = "freedman"
    HSIEH_FREEDMAN = "hsieh-freedman"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRankPlan:
    """A survival plan with proportional hazards, when it is analysed, and the ratio to exclude."""

    survival: SurvivalPlan
    study_end: float
    margin: float = 1.0
    variance: Variance = Variance.RATIO


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRankSize:
    """Subjects, events and how long it takes; none is rounded. `power` is for these subjects."""

    subjects: float
    events: float
    accrual_rate: float
    study_end: float
    power: float


def hazard_ratio_of(plan: SurvivalPlan) -> float:
    """The one hazard ratio of a plan; NaN where hazards are not proportional."""
    ratios = []
    for stratum in plan.strata:
        knots = {*stratum.reference.event.starts, *stratum.experimental.event.starts}
        pairs = [tuple(arm.event.at(knot) for arm in stratum.arms) for knot in knots]
        ratios += [math.inf if h0 == 0 else h1 / h0 for h0, h1 in pairs if (h0, h1) != (0, 0)]
    if not ratios or max(ratios) - min(ratios) > 1e-9 * max(ratios):
        return math.nan
    return ratios[0]


def find_logrank_problems(plan: LogRankPlan) -> Iterator[Finding]:
    """What makes the plan impossible."""
    found = list(find_plan_problems(plan.survival))
    yield from found
    if found:
        return
    ratio = hazard_ratio_of(plan.survival)
    if math.isnan(ratio) or not 0 < ratio < math.inf:
        yield impossible(
            "strata", code="hazards-not-proportional",
            message="the hazards of the arms have no one ratio",
            mend="Use the average hazard ratio, which is made for this.",
        )  # fmt: skip
    elif ratio == plan.margin:
        yield impossible(
            "strata", code="no-effect",
            message=f"the assumed hazard ratio is the margin itself, {plan.margin:g}",
            mend="Assume another hazard ratio, or another margin.",
        )  # fmt: skip
    if not plan.study_end >= plan.survival.accrual.until:
        yield impossible(
            "study_end", code="accrual-beyond-study",
            message=f"accrual lasts until {plan.survival.accrual.until:g}, but the study ends "
            f"at {plan.study_end:g}",
            mend="End accrual earlier, or the study later.",
        )  # fmt: skip
    if plan.variance is Variance.DIFFERENCE and not _is_simple(plan.survival):
        yield impossible(
            "variance", code="variance-untold",
            message="the difference of hazards has a variance for one stratum of constant hazards",
            mend="Use that of the log hazard ratio.",
        )  # fmt: skip


def _is_simple(plan: SurvivalPlan) -> bool:
    return len(plan.strata) == 1 and all(len(arm.event.rates) == 1 for arm in plan.strata[0].arms)


def _without_effect(stratum: StratumCourse, *, ratio: float, margin: float) -> StratumCourse:
    """Hazards at the margin with the mean of the assumed ones. Source: Lachin, Foulkes (1986)."""
    h0, h1 = (arm.event for arm in stratum.arms)
    effect = max(
        (b / a for a, b in ((h0.at(t), h1.at(t)) for t in h0.starts) if a > 0), default=1.0
    )
    factor = (1 + ratio * effect) / (1 + ratio * margin)
    return replace(
        stratum,
        reference=ArmCourse(event=h0.times(factor), dropout=stratum.reference.dropout),
        experimental=ArmCourse(
            event=h0.times(factor * margin), dropout=stratum.experimental.dropout
        ),
    )


def _information(plan: SurvivalPlan, *, at: float) -> tuple[float, float]:
    """The information about the log hazard ratio by a time, and the events."""
    events = expect_course(plan, at=[at]).events[0]
    both = events.sum(axis=1)
    each = np.divide(events.prod(axis=1), both, out=np.zeros_like(both), where=both > 0)
    return float(each.sum()), float(both.sum())


def _spreads(plan: LogRankPlan, at: float) -> tuple[float, float, float, float]:
    """Effect, its standard errors without and with it, and the events, of the plan's subjects."""
    survival = plan.survival
    ratio = hazard_ratio_of(survival)
    strata = tuple(
        _without_effect(stratum, ratio=survival.ratio, margin=plan.margin)
        for stratum in survival.strata
    )
    nothing = replace(survival, strata=strata)
    information, events = _information(survival, at=at)
    if plan.variance is Variance.RATIO:
        null, _ = _information(nothing, at=at)
        effect = abs(math.log(ratio / plan.margin))
        return effect, null**-0.5, information**-0.5, events
    if plan.variance is Variance.DIFFERENCE:
        return (*_of_difference(survival, nothing, plan.margin, at), events)
    formula = EventFormula(plan.variance.value)
    one = drift_of_one_event(
        EventPlan(hazard_ratio=ratio, margin=plan.margin, ratio=survival.ratio, formula=formula)
    )
    return one, events**-0.5, events**-0.5, events


def _of_difference(
    plan: SurvivalPlan, nothing: SurvivalPlan, margin: float, at: float
) -> tuple[float, float, float]:
    errors = []
    for one in (nothing, plan):
        rates = np.array([arm.event.rates[0] for arm in one.strata[0].arms])
        events = expect_course(one, at=[at]).events[0, 0]
        errors.append(math.sqrt(float((rates**2 * [margin**2, 1.0] / events).sum())))
    h0, h1 = (arm.event.rates[0] for arm in plan.strata[0].arms)
    return abs(h1 - margin * h0), errors[0], errors[1]


def logrank_power(plan: LogRankPlan, *, rates: ErrorRates) -> float:
    """The power of the log-rank test with the plan's own subjects, at its end."""
    refuse(find_error_rates_problems(rates))
    refuse(find_logrank_problems(plan))
    return _power(plan, plan.study_end, rates)


def _power(plan: LogRankPlan, at: float, rates: ErrorRates) -> float:
    effect, null, under, _ = _spreads(plan, at)
    return float(ndtr((effect - rates.critical * null) / under))


def size_logrank(plan: LogRankPlan, *, rates: ErrorRates) -> LogRankSize:
    """How many subjects show the hazard ratio at the end of the study, accrual scaled to them.

    Not rounded. The course of accrual, drop-outs, strata and the ratio of the arms are those of
    the plan. Source: Lachin, Foulkes (1986); Schoenfeld (1981) and others by `variance`.
    """
    refuse(find_error_rates_problems(rates))
    refuse(find_logrank_problems(plan))
    effect, null, under, events = _spreads(plan, plan.study_end)
    root = (rates.critical * null + (rates.drift - rates.critical) * under) / effect
    return _sized(plan, factor=root**2, events=events, at=plan.study_end, power=rates.power)


def _sized(
    plan: LogRankPlan, *, factor: float, events: float, at: float, power: float
) -> LogRankSize:
    accrual = plan.survival.accrual
    subjects = factor * accrual.subjects
    return LogRankSize(
        subjects=subjects,
        events=factor * events,
        accrual_rate=subjects / accrual.until,
        study_end=at,
        power=power,
    )


def find_study_end(plan: LogRankPlan, *, rates: ErrorRates) -> LogRankSize:
    """When the plan's own subjects, at their own pace, have the power: follow-up is solved for.

    `plan.study_end` is not read. Refused where no follow-up is long enough.
    Source: Kim, Tsiatis (1990).
    """
    until = plan.survival.accrual.until
    refuse(find_error_rates_problems(rates))
    refuse(find_logrank_problems(replace(plan, study_end=until)))

    def power(beyond: float) -> float:
        return _power(plan, until + beyond, rates)

    beyond = 0.0 if power(0.0) >= rates.power else solve_rising(
        power, goal=rates.power, start=until, most=1e4 * until
    )  # fmt: skip
    if not math.isfinite(beyond):
        _refuse_too_few(plan, rates)
    end = until + beyond
    _, _, _, events = _spreads(plan, end)
    return _sized(plan, factor=1.0, events=events, at=end, power=_power(plan, end, rates))


def _refuse_too_few(plan: LogRankPlan, rates: ErrorRates) -> None:
    accrual = plan.survival.accrual
    needed = size_logrank(replace(plan, study_end=1e4 * accrual.until), rates=rates)
    refuse(iter([impossible(
        "accrual", code="events-out-of-reach",
        message=f"{needed.events:.0f} events are needed, and {accrual.subjects:g} subjects never "
        f"have as many: even without end of follow-up {needed.subjects:.0f} subjects are needed",
        mend="Enrol more, or assume a larger effect.",
    )]))  # fmt: skip


def least_logrank_effect(plan: LogRankPlan, *, rates: ErrorRates) -> float:
    """The hazard ratio nearest to the margin, below it, that the plan's subjects show; NaN if none.

    The hazards of the reference arm are kept; those of the experimental arm are not read.
    """

    def excess(ratio: float) -> float:
        strata = tuple(
            replace(
                stratum,
                experimental=replace(
                    stratum.experimental, event=stratum.reference.event.times(ratio)
                ),
            )
            for stratum in plan.survival.strata
        )
        survival = replace(plan.survival, strata=strata)
        return logrank_power(replace(plan, survival=survival), rates=rates) - rates.power

    return solve_effect(excess, margin=plan.margin)
