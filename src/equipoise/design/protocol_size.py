"""The size of a protocol's trial: how many its assumptions ask for, and what they are worth."""

from dataclasses import dataclass

from equipoise.design.error_rates import ErrorRates
from equipoise.design.share_size import SharePlan, SizedArms, size_shares
from equipoise.design.truths import PowerRow, end_of_study, expect_trial, find_power, list_truths
from equipoise.protocol.model import Protocol


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
    truths = list_truths(protocol, plan=plan)
    base = expect_trial(truths[0], protocol=protocol, ratio=plan.ratio)
    return ProtocolSize(
        plan=plan,
        rates=rates,
        sized=sized,
        planned=protocol.randomisation.planned_subjects,
        accrual_months=base.accrual.until,
        study_months=end_of_study(base, protocol=protocol),
        rows=tuple(
            find_power(truth, protocol=protocol, rates=rates, ratio=plan.ratio) for truth in truths
        ),
    )
