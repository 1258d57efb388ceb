"""Expected Greenwood's sums and average hazard ratios: the twins, and where they grow."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.assumptions import (
    ArmCourse,
    Piecewise,
    StratumCourse,
    SurvivalPlan,
    constant,
    uniform_accrual,
)
from equipoise.design.average_hazard_ratio import average_hazard_ratio
from equipoise.design.expected_variance import Watch, curve_of, expected_greenwood
from naive.expected_spread import average_ratio, greenwood

RATES = st.sampled_from([0.01, 0.03, 0.08])


@st.composite
def pieces(draw: st.DrawFn) -> Piecewise:
    starts = (0.0, *sorted(draw(st.sets(st.sampled_from([3.0, 6.0, 9.0]), max_size=2))))
    return Piecewise(starts=starts, rates=tuple(draw(RATES) for _ in starts))


def said(course: Piecewise) -> list[tuple[float, float]]:
    return list(zip(course.starts, course.rates, strict=True))


def plan_of(first: ArmCourse, second: ArmCourse) -> SurvivalPlan:
    return SurvivalPlan(
        accrual=uniform_accrual(1.0, until=24.0),
        strata=(StratumCourse(reference=first, experimental=second),),
    )


@settings(max_examples=15)
@given(pieces(), pieces(), st.sampled_from([14.0, 24.0, 40.0]))
def test_greenwoods_sum_equals_the_twin(event: Piecewise, dropout: Piecewise, end: float) -> None:
    arm = ArmCourse(event=event, dropout=dropout)
    found = expected_greenwood(plan_of(arm, arm), arm=arm, watch=Watch(until=12.0, study_end=end))
    slow = greenwood(
        said(event), said(dropout), until=12.0, study_end=end, accrual=24.0, steps=1200
    )

    assert found == pytest.approx(slow, rel=1e-3)


@settings(max_examples=15)
@given(pieces(), pieces(), st.sampled_from([9.0, 30.0]))
def test_the_average_hazard_ratio_equals_the_twin(
    first: Piecewise, second: Piecewise, at: float
) -> None:
    plan = plan_of(ArmCourse(event=first), ArmCourse(event=second))
    found = average_hazard_ratio(plan, at=[at])
    ratio, events, information = average_ratio(
        said(first), said(second), at=at, accrual=24.0, steps=1500
    )

    assert found.ratio[0] == pytest.approx(ratio, rel=2e-3)
    assert found.events[0] == pytest.approx(events, rel=2e-3)
    # pieces of equal hazards count as one in the twin, which may only add to the information
    assert found.information[0] <= information * (1 + 2e-3)
    assert found.information[0] == pytest.approx(information, rel=0.02)


def test_without_censoring_the_sum_is_the_odds_of_the_event() -> None:
    arm = ArmCourse(event=constant(0.05))
    plan = replace(plan_of(arm, arm), accrual=uniform_accrual(1.0, until=1e-6))
    found = expected_greenwood(plan, arm=arm, watch=Watch(until=10.0, study_end=11.0))
    survival = math.exp(-0.5)

    assert found == pytest.approx((1 - survival) / survival, rel=1e-12)


def test_a_later_end_of_the_study_makes_the_sum_smaller() -> None:
    arm = ArmCourse(event=constant(0.05), dropout=constant(0.01))
    sums = [
        expected_greenwood(plan_of(arm, arm), arm=arm, watch=Watch(until=12.0, study_end=end))
        for end in (12.5, 16, 24, 36, 60)
    ]

    assert sums == sorted(sums, reverse=True)
    assert sums[-1] == pytest.approx(sums[-2])


def test_the_variance_of_the_mean_without_censoring_is_that_of_the_shorter_time() -> None:
    """Var(min(T, tau)) of an exponential time, from its two moments."""
    rate, tau = 0.1, 12.0
    arm = ArmCourse(event=constant(rate))
    plan = replace(plan_of(arm, arm), accrual=uniform_accrual(1.0, until=1e-6))
    curve = curve_of(arm)

    def rest(t: np.ndarray) -> np.ndarray:
        return np.asarray((tau - curve.at(np.array([tau]))[1]) - (t - curve.at(t)[1]))

    found = expected_greenwood(
        plan, arm=arm, watch=Watch(until=tau, study_end=tau + 1), weight=rest
    )
    left = math.exp(-rate * tau)
    mean = (1 - left) / rate
    second = 2 * (1 - left * (1 + rate * tau)) / rate**2
    assert found == pytest.approx(second - mean**2, rel=1e-10)
