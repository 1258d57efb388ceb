"""Truths of a protocol: what is assumed, the alternatives, and what subjects show under each."""

import math

import pytest

from equipoise.design.protocol_size import plan_of_protocol
from equipoise.design.truths import (
    assume,
    assumed_hazard_ratio,
    end_of_study,
    expect_trial,
    find_power,
    list_truths,
)
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
PLAN, RATES = plan_of_protocol(PROTOCOL)


def test_the_assumption_has_its_survival_at_the_milestone() -> None:
    truth = assume(PROTOCOL, plan=PLAN)

    assert math.exp(-12 * truth.reference.at(0)) == pytest.approx(0.5)
    assert math.exp(-12 * truth.reference.at(0) * truth.hazard_ratio) == pytest.approx(0.8)
    assert truth.hazard_ratio == assumed_hazard_ratio(PLAN)


def test_another_ratio_keeps_the_reference_arm() -> None:
    truth = assume(PROTOCOL, plan=PLAN, hazard_ratio=0.7)

    assert truth.hazard_ratio == 0.7
    assert truth.reference == assume(PROTOCOL, plan=PLAN).reference


def test_alternatives_follow_in_the_order_of_the_protocol() -> None:
    truths = list_truths(PROTOCOL, plan=PLAN)

    assert [t.hazard_ratio for t in truths[1:]] == [
        one.hazard_ratio for one in PROTOCOL.design.alternative
    ]


def test_more_subjects_take_longer_at_the_same_sites() -> None:
    truth = assume(PROTOCOL, plan=PLAN)
    planned, double = (
        expect_trial(truth, protocol=PROTOCOL, ratio=1, subjects=count) for count in (None, 176)
    )

    assert planned.accrual.subjects == pytest.approx(88)
    assert double.accrual.subjects == pytest.approx(176)
    # five sites at half a subject a month bring 88 more in 35.2 months
    assert double.accrual.until - planned.accrual.until == pytest.approx(35.2)
    assert end_of_study(planned, protocol=PROTOCOL) == planned.accrual.until + 12


def test_more_subjects_show_more_and_none_show_nothing_without_an_effect() -> None:
    base = next(t for t in list_truths(PROTOCOL, plan=PLAN) if t.label == "Base")
    null = assume(PROTOCOL, plan=PLAN, hazard_ratio=1.0)
    rows = [
        find_power(base, protocol=PROTOCOL, rates=RATES, ratio=1, subjects=count)
        for count in (44, 88, 176)
    ]
    nothing = find_power(null, protocol=PROTOCOL, rates=RATES, ratio=1, subjects=500)

    assert [row.milestone_power for row in rows] == sorted(row.milestone_power for row in rows)
    assert (nothing.milestone_power, nothing.logrank_power) == (0.05, 0.05)
    assert nothing.reference == nothing.experimental == pytest.approx(0.5)


def test_subjects_leave_as_the_operations_say() -> None:
    course = expect_trial(assume(PROTOCOL, plan=PLAN), protocol=PROTOCOL, ratio=2)

    assert course.strata[0].reference.dropout.at(0) == pytest.approx(0.045 / 12)
    assert course.arm_shares == (1 / 3, 2 / 3)
