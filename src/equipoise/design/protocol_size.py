"""The size of a protocol's trial: how many its assumptions ask for, and what they are worth."""

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
from equipoise.design.share_size import SharePlan, SizedArms, size_shares
from equipoise.protocol.model import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRow:
    """What the planned subjects show if this is the truth; survival at the milestone, both arms.

    Without an effect the powers are the type I error.
    """

    label: str
    reference: float
    experimental: float
    hazard_ratio: float
    milestone_power: float
    logrank_power: float
    events: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolSize:
    """The size, the subjects that the protocol plans, when they have come, the powers."""

    plan: SharePlan
    rates: ErrorRates
    sized: SizedArms
    planned: int
    accrual_months: float
    study_months: float
    rows: tuple[PowerRow, ...]


def plan_of_protocol(protocol: Protocol) -> tuple[SharePlan, ErrorRates]:
    """The assumptions of the protocol's design."""
    design, ratio = protocol.design, protocol.randomisation.ratio
    parts = {role: [ratio[a.code] for a in protocol.arm if a.role == role] for role in _ROLES}
    plan = SharePlan(
        reference=design.reference_rate,
        experimental=design.experimental_rate,
        ratio=parts["experimental"][0] / parts["reference"][0],
        dropout=design.dropout,
    )
    return plan, ErrorRates(alpha=design.alpha, sides=design.sides, power=design.power)


_ROLES = ("reference", "experimental")


def size_protocol(protocol: Protocol, *, plan: SharePlan, rates: ErrorRates) -> ProtocolSize:
    """The subjects that a plan asks for, and the power of those planned under every alternative.

    The first row is the assumption of `plan` with exponential times; the others are those of the
    protocol. Sites open, subjects come and leave as the protocol's operations say, and the trial is
    analysed at its first cut, by the milestone test (log-log scale) and by the log-rank test.
    """
    sized = size_shares(plan, rates=rates)
    planned = protocol.randomisation.planned_subjects
    base = course_of_protocol(protocol, plan=plan)
    end = base.accrual.until + protocol.cut[0].plus_months
    at = protocol.design.milestone_months
    reference = base.strata[0].reference.event
    cases = [("Assumption of the design", reference, assumed_hazard_ratio(plan))]
    for one in protocol.design.alternative:
        pieces = weibull_pieces(one.reference_median_months, shape=one.shape, until=4 * at)
        cases.append((one.label, pieces, one.hazard_ratio))
    rows = tuple(
        _row(label, _with_course(base, event, ratio), protocol, end, rates)
        for label, event, ratio in cases
    )
    return ProtocolSize(
        plan=plan, rates=rates, sized=sized, planned=planned,
        accrual_months=base.accrual.until, study_months=end, rows=rows,
    )  # fmt: skip


def assumed_hazard_ratio(plan: SharePlan) -> float:
    """The ratio of the hazards of exponential times with the survival that is assumed."""
    return math.log(plan.experimental) / math.log(plan.reference)


def course_of_protocol(
    protocol: Protocol, *, plan: SharePlan, hazard_ratio: float | None = None
) -> SurvivalPlan:
    """How the planned subjects come, fail and leave, in months.

    Sites, accrual and leaving are those of the protocol's operations. Times are exponential with
    the reference survival of `plan` at the milestone and this hazard ratio; else with both.
    """
    accrual, leaving = protocol.operations.accrual, protocol.operations.leaving
    openings = [place * accrual.activation_months for place in range(accrual.sites)]
    planned = protocol.randomisation.planned_subjects
    lost = constant((leaving.lost_per_year + leaving.withdrawn_per_year) / 12)
    arm = ArmCourse(event=constant(0.0), dropout=lost)
    course = SurvivalPlan(
        accrual=staggered_accrual(openings, rate=accrual.rate_per_month, subjects=planned),
        strata=(StratumCourse(reference=arm, experimental=arm),),
        ratio=plan.ratio,
    )
    event = constant(-math.log(plan.reference) / protocol.design.milestone_months)
    ratio = assumed_hazard_ratio(plan) if hazard_ratio is None else hazard_ratio
    return _with_course(course, event, ratio)


def _with_course(plan: SurvivalPlan, event: Piecewise, ratio: float) -> SurvivalPlan:
    old = plan.strata[0]
    stratum = StratumCourse(
        reference=replace(old.reference, event=event),
        experimental=replace(old.experimental, event=event.times(ratio)),
    )
    return replace(plan, strata=(stratum,))


def _row(
    label: str, plan: SurvivalPlan, protocol: Protocol, end: float, rates: ErrorRates
) -> PowerRow:
    average = average_hazard_ratio(plan, at=[end])
    ratio = float(average.ratio[0])
    milestone = MilestonePlan(survival=plan, at=protocol.design.milestone_months, study_end=end)
    if abs(math.log(ratio)) < 1e-12:
        nothing = replace(milestone, survival=_with_course(plan, plan.strata[0].reference.event, 2))
        value = milestone_power(nothing, rates=rates).values[0]
        values, power, logrank = (value, value), rates.alpha, rates.alpha
    else:
        found = milestone_power(milestone, rates=rates)
        values, power, logrank = found.values, found.power, float(average.power(rates)[0])
    return PowerRow(
        label=label, reference=values[0], experimental=values[1], hazard_ratio=ratio,
        milestone_power=power, logrank_power=logrank, events=float(average.events[0]),
    )  # fmt: skip
