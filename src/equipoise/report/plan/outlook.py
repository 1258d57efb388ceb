"""What the page of a plan tells, as numbers: powers, courses, sizes by every assumption."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from equipoise.design.events import EventPlan
from equipoise.design.expected_events import ExpectedCourse, expect_course
from equipoise.design.other_assumptions import OtherValue, assume_otherwise
from equipoise.design.planned_looks import PlannedLooks, expect_look_times, plan_looks
from equipoise.design.protocol_size import ProtocolSize, plan_of_protocol, size_protocol
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.truths import (
    PowerRow,
    Truth,
    assume,
    assumed_hazard_ratio,
    expect_trial,
    find_power,
    list_truths,
)
from equipoise.protocol.model import Arm, Protocol
from equipoise.vocab.finding import Finding

MOST = 12  # times the planned subjects, up to which a size is looked for
_STEPS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)  # times the planned subjects
_RATIOS = (0.15, *(round(0.2 + 0.05 * step, 2) for step in range(16)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthTold:
    """A truth, what the planned subjects show under it, and how many would show the effect.

    `by_subjects` are the powers of the milestone test at `subjects`. The needed subjects, by the
    milestone and by the log-rank test, are None without an effect, or beyond `MOST` times.
    """

    truth: Truth
    row: PowerRow
    course: ExpectedCourse
    subjects: tuple[int, ...]
    by_subjects: tuple[float, ...]
    needed_milestone: int | None
    needed_logrank: int | None

    @property
    def has_effect(self) -> bool:
        """Whether the arms differ."""
        return self.truth.hazard_ratio != 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksTold:
    """Looks that were asked for, the month of each (NaN: never), and why it is never."""

    looks: PlannedLooks
    months: tuple[float, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All that the page of a plan tells; the first truth is the assumption of the design.

    `protocol` has the assumptions in force, `written` its own, `others` those that differ.
    `by_ratio` are the powers of the planned subjects by the hazard ratio, with the reference arm
    that is assumed.
    """

    protocol: Protocol
    written: Protocol
    others: tuple[OtherValue, ...]
    size: ProtocolSize
    truths: tuple[TruthTold, ...]
    by_ratio: tuple[PowerRow, ...]
    looks: LooksTold | None

    @property
    def arms(self) -> tuple[Arm, Arm]:
        """The arms that are compared, reference first."""
        found = sorted(self.protocol.arm, key=lambda arm: arm.role != "reference")
        return found[0], found[1]

    def other(self, name: str) -> OtherValue | None:
        """The assumption of this name, where it is another than the protocol's."""
        return next((each for each in self.others if each.name == name), None)

    @property
    def at(self) -> str:
        """The time of the milestone in words."""
        return f"{self.protocol.design.milestone_months:g} months"


def gather_outlook(
    written: Protocol,
    *,
    looks: SequentialPlan | None = None,
    said: Mapping[str, float] | None = None,
) -> Outlook:
    """The outlook of a protocol; ImpossiblePlanError says why its plan, or its looks, cannot be.

    The errors of `looks` are taken from the protocol. What is `said` is assumed instead of what is
    written (`assume_otherwise`).
    """
    protocol, others = assume_otherwise(written, said=said or {})
    plan, rates = plan_of_protocol(protocol)
    size = size_protocol(protocol, plan=plan, rates=rates)
    told = None if looks is None else tell_looks(protocol, looks=looks)
    truths = zip(list_truths(protocol, plan=plan), size.rows, strict=True)
    return Outlook(
        protocol=protocol,
        written=written,
        others=others,
        size=size,
        truths=tuple(_tell(truth, row, protocol, size) for truth, row in truths),
        by_ratio=tuple(
            find_power(
                assume(protocol, plan=plan, hazard_ratio=ratio),
                protocol=protocol,
                rates=rates,
                ratio=plan.ratio,
            )
            for ratio in _RATIOS
        ),
        looks=told,
    )


def _tell(truth: Truth, row: PowerRow, protocol: Protocol, size: ProtocolSize) -> TruthTold:
    @cache
    def power(subjects: int) -> PowerRow:
        return find_power(
            truth, protocol=protocol, rates=size.rates, ratio=size.plan.ratio, subjects=subjects
        )

    course = expect_trial(truth, protocol=protocol, ratio=size.plan.ratio)
    months = np.unique([*np.arange(0.0, size.study_months, 1.0), size.study_months])
    found = expect_course(course, at=months)
    if truth.hazard_ratio == 1:
        return TruthTold(
            truth=truth, row=row, course=found, subjects=(), by_subjects=(),
            needed_milestone=None, needed_logrank=None,
        )  # fmt: skip
    subjects = tuple(round(step * size.planned) for step in _STEPS)
    wanted, tried = size.rates.power, (*subjects, MOST * size.planned)
    return TruthTold(
        truth=truth,
        row=row,
        course=found,
        subjects=subjects,
        by_subjects=tuple(power(count).milestone_power for count in subjects),
        needed_milestone=_find_needed(lambda n: power(n).milestone_power >= wanted, tried),
        needed_logrank=_find_needed(lambda n: power(n).logrank_power >= wanted, tried),
    )


def _find_needed(suffices: Callable[[int], bool], tried: Sequence[int]) -> int | None:
    """The least number of subjects that suffices; None beyond the last that is tried."""
    high = next((count for count in tried if suffices(count)), None)
    if high is None:
        return None
    low = max((count for count in tried if count < high), default=3)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def tell_looks(protocol: Protocol, *, looks: SequentialPlan) -> LooksTold:
    """Looks at the protocol's own assumption and errors; ImpossiblePlanError as in `plan_looks`."""
    shares, rates = plan_of_protocol(protocol)
    effect = EventPlan(hazard_ratio=assumed_hazard_ratio(shares), ratio=shares.ratio)
    planned = plan_looks(replace(looks, rates=rates), effect=effect)
    course = expect_trial(assume(protocol, plan=shares), protocol=protocol, ratio=shares.ratio)
    months, findings = expect_look_times(planned, course=course)
    return LooksTold(looks=planned, months=tuple(map(float, months)), findings=findings)
