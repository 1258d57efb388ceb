"""What may be true of a protocol's trial, and what its subjects show if it is."""

import math
from dataclasses import dataclass, replace

from equipoise.design.assumptions import (
    ArmCourse,
    Piecewise,
    StratumCourse,
    SurvivalPlan,
    constant,
    staggered_accrual,
    weibull_pieces,
)
from equipoise.design.average_hazard_ratio import average_hazard_ratio
from equipoise.design.error_rates import ErrorRates
from equipoise.design.milestone_size import MilestonePlan, milestone_power
from equipoise.design.share_size import SharePlan
from equipoise.protocol.model import Protocol

NO_EFFECT = 1e-12  # a log hazard ratio nearer to 0 is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The hazard of the event in the reference arm, by month, and the hazard ratio."""

    label: str
    reference: Piecewise
    hazard_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRow:
    """What the subjects show if this is the truth; survival at the milestone, both arms.

    Without an effect the powers are the type I error.
    """

    label: str
    reference: float
    experimental: float
    hazard_ratio: float
    milestone_power: float
    logrank_power: float
    events: float


def assumed_hazard_ratio(plan: SharePlan) -> float:
    """The ratio of the hazards of exponential times with the survival that is assumed."""
    return math.log(plan.experimental) / math.log(plan.reference)


def assume(protocol: Protocol, *, plan: SharePlan, hazard_ratio: float | None = None) -> Truth:
    """The assumption of a plan: exponential times with its survival at the milestone.

    Another hazard ratio changes the experimental arm alone.
    """
    return Truth(
        label="Assumption of the design",
        reference=constant(-math.log(plan.reference) / protocol.design.milestone_months),
        hazard_ratio=assumed_hazard_ratio(plan) if hazard_ratio is None else hazard_ratio,
    )


def list_truths(protocol: Protocol, *, plan: SharePlan) -> tuple[Truth, ...]:
    """The assumption of a plan, and every alternative of the protocol (Weibull times)."""
    until = 4 * protocol.design.milestone_months
    others = (
        Truth(
            label=one.label,
            reference=weibull_pieces(one.reference_median_months, shape=one.shape, until=until),
            hazard_ratio=one.hazard_ratio,
        )
        for one in protocol.design.alternative
    )
    return (assume(protocol, plan=plan), *others)


def expect_trial(
    truth: Truth, *, protocol: Protocol, ratio: float, subjects: int | None = None
) -> SurvivalPlan:
    """How the subjects (else those planned) come, fail and leave under a truth, in months.

    Sites, accrual and leaving are those of the protocol's operations; more subjects take longer.
    """
    accrual, leaving = protocol.operations.accrual, protocol.operations.leaving
    openings = [place * accrual.activation_months for place in range(accrual.sites)]
    planned = protocol.randomisation.planned_subjects if subjects is None else subjects
    lost = constant((leaving.lost_per_year + leaving.withdrawn_per_year) / 12)
    arms = [
        ArmCourse(event=event, dropout=lost)
        for event in (truth.reference, truth.reference.times(truth.hazard_ratio))
    ]
    return SurvivalPlan(
        accrual=staggered_accrual(openings, rate=accrual.rate_per_month, subjects=planned),
        strata=(StratumCourse(reference=arms[0], experimental=arms[1]),),
        ratio=ratio,
    )


def end_of_study(course: SurvivalPlan, *, protocol: Protocol) -> float:
    """The month of the primary analysis: the protocol's first data cut."""
    return course.accrual.until + protocol.cut[0].plus_months


def find_power(
    truth: Truth,
    *,
    protocol: Protocol,
    rates: ErrorRates,
    ratio: float,
    subjects: int | None = None,
) -> PowerRow:
    """What the subjects show under a truth, by the milestone test (log-log) and the log-rank."""
    course = expect_trial(truth, protocol=protocol, ratio=ratio, subjects=subjects)
    end = end_of_study(course, protocol=protocol)
    average = average_hazard_ratio(course, at=[end])
    found = float(average.ratio[0])
    milestone = MilestonePlan(survival=course, at=protocol.design.milestone_months, study_end=end)
    if abs(math.log(found)) < NO_EFFECT:
        other = expect_trial(
            replace(truth, hazard_ratio=2), protocol=protocol, ratio=ratio, subjects=subjects
        )
        value = milestone_power(replace(milestone, survival=other), rates=rates).values[0]
        values, power, logrank = (value, value), rates.alpha, rates.alpha
    else:
        sized = milestone_power(milestone, rates=rates)
        values, power, logrank = sized.values, sized.power, float(average.power(rates)[0])
    return PowerRow(
        label=truth.label, reference=values[0], experimental=values[1], hazard_ratio=found,
        milestone_power=power, logrank_power=logrank, events=float(average.events[0]),
    )  # fmt: skip
