"""The expected course: the twin, what must add up, the time of events, what cannot be."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.assumptions import (
    Accrual,
    ArmCourse,
    Piecewise,
    StratumCourse,
    SurvivalPlan,
    constant,
    hazard_of_median,
    hazard_of_share,
    ramp_accrual,
    staggered_accrual,
    two_arm_plan,
    uniform_accrual,
    weibull_pieces,
)
from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.expected_events import (
    build_incidence,
    expect_course,
    expected_events_at,
    time_of_events,
)
from naive.expected_course import befallen, events_by

RATES = st.sampled_from([0.0, 0.01, 0.05, 0.3])
PLAN = two_arm_plan(
    hazard_of_median(12),
    hazard_ratio=2 / 3,
    accrual=uniform_accrual(300, until=24),
    dropout=hazard_of_share(0.05, by=12),
)


@st.composite
def pieces(draw: st.DrawFn) -> Piecewise:
    starts = (0.0, *sorted(draw(st.sets(st.integers(1, 20), max_size=2))))
    return Piecewise(starts=starts, rates=tuple(draw(RATES) for _ in starts))


@st.composite
def accruals(draw: st.DrawFn) -> Accrual:
    starts = (0.0, *sorted(draw(st.sets(st.integers(1, 9), max_size=1))))
    first = tuple(draw(st.sampled_from([1.0, 4.0])) for _ in starts)
    last = tuple(draw(st.sampled_from([0.5, 4.0])) for _ in starts)
    return Accrual(starts=starts, rates=first, final_rates=last, until=12.0)


@settings(max_examples=15)
@given(accruals(), pieces(), pieces(), st.sampled_from([3.0, 14.0, 30.0]),
       st.sampled_from([math.inf, 8.0]))  # fmt: skip
def test_events_and_dropouts_equal_the_twin(
    accrual: Accrual, event: Piecewise, dropout: Piecewise, at: float, follow_up: float
) -> None:
    arm = ArmCourse(event=event, dropout=dropout)
    plan = SurvivalPlan(
        accrual=accrual,
        strata=(StratumCourse(reference=arm, experimental=arm),),
        follow_up=follow_up,
    )
    found = expect_course(plan, at=[at])
    h = list(zip(event.starts, event.rates, strict=True))
    g = list(zip(dropout.starts, dropout.rates, strict=True))
    events = events_by(accrual.pieces(), h, g, at=at, follow_up=follow_up, steps=40)
    dropouts = events_by(accrual.pieces(), g, h, at=at, follow_up=follow_up, steps=40)

    assert found.events.sum() == pytest.approx(events, rel=0.02, abs=1e-9)
    assert found.dropouts.sum() == pytest.approx(dropouts, rel=0.02, abs=1e-9)
    assert (found.at_risk > -1e-9).all()


@pytest.mark.parametrize("rate", [0.0, 1e-12, 1e-3, 0.5, 40.0])
def test_a_constant_hazard_has_its_closed_form(rate: float) -> None:
    found = build_incidence(ArmCourse(event=constant(rate)), of=constant(rate))
    chance, once, twice = found.at(np.array([2.0]))[:, 0]

    assert chance == pytest.approx(-math.expm1(-2 * rate), rel=1e-14)
    if rate > 0.1:
        assert once == pytest.approx(2 - chance / rate, rel=1e-13)
        assert twice == pytest.approx(2 - (2 - chance / rate) / rate, rel=1e-13)
    else:
        assert once == pytest.approx(2 * rate, rel=1e-2)
        assert twice == pytest.approx(4 * rate / 3, rel=1e-2)


def test_the_chance_in_pieces_equals_small_steps() -> None:
    event = Piecewise(starts=(0.0, 3.0, 5.0), rates=(0.1, 0.0, 0.4))
    found = build_incidence(ArmCourse(event=event, dropout=constant(0.05)), of=event)
    walked = befallen([(0, 0.1), (3, 0.0), (5, 0.4)], [(0, 0.05)], 8.0, steps=4000)

    assert found.at(np.array([8.0]))[0, 0] == pytest.approx(walked, rel=1e-3)


def test_everybody_is_somewhere() -> None:
    found = expect_course(replace(PLAN, follow_up=10.0), at=[-1.0, 0.0, 5.0, 20.0, 60.0])

    assert found.all_subjects.tolist() == [0, 0, 62.5, 250, 300]
    assert np.allclose(found.at_risk[-1], 0)
    assert (found.at_risk[2:4] > 0).all()
    assert (found.completed[-1] > 0).all()
    assert (found.events[:2] == 0).all()


def test_strata_and_unequal_arms_add_up() -> None:
    arm = PLAN.strata[0]
    two = replace(PLAN, strata=(replace(arm, share=0.3), replace(arm, share=0.7)), ratio=2.0)
    found = expect_course(two, at=[30.0])
    whole = expect_course(replace(PLAN, ratio=2.0), at=[30.0])

    assert found.events.sum(axis=1) == pytest.approx(whole.events.sum(axis=1), rel=1e-14)
    assert found.subjects[0].sum(axis=0).tolist() == pytest.approx([100, 200])
    assert found.events[0, 0] == pytest.approx(found.events[0, 1] * 3 / 7)


def test_the_time_of_events_is_when_they_are_expected() -> None:
    time = time_of_events(PLAN, events=200)

    assert time == pytest.approx(38.567448, abs=1e-6)
    assert expected_events_at(PLAN, at=time) == pytest.approx(200, abs=1e-8)


def test_more_events_than_there_will_ever_be_are_refused() -> None:
    with pytest.raises(ImpossiblePlanError, match="events-out-of-reach") as refusal:
        time_of_events(PLAN, events=290)
    assert "of 300 subjects only 27" in refusal.value.findings[0].message
    with pytest.raises(ValueError, match="above 0"):
        time_of_events(PLAN, events=0)


def test_a_ramp_brings_as_many_in_more_time() -> None:
    ramp = ramp_accrual(100, full_from=10, until=30)

    assert ramp.subjects == pytest.approx(100)
    assert ramp.pieces()[0] == pytest.approx((0.0, 10.0, 0.0, 4.0))
    assert ramp.scaled_to(50).subjects == pytest.approx(50)
    with pytest.raises(ValueError, match="must begin before"):
        ramp_accrual(100, full_from=30, until=30)


def test_sites_open_one_after_the_other() -> None:
    found = staggered_accrual([0, 2, 4], rate=0.5, subjects=10)

    assert found.rates == (0.5, 1.0, 1.5)
    assert found.until == pytest.approx(4 + 7 / 1.5)
    assert found.subjects == pytest.approx(10)
    early = staggered_accrual([0, 2, 40], rate=0.5, subjects=10)
    assert early.starts == (0.0, 2.0)
    assert early.subjects == pytest.approx(10)


def test_weibull_pieces_have_the_survival_of_the_curve() -> None:
    found = weibull_pieces(18.0, shape=0.8, until=48.0)
    curve = build_incidence(ArmCourse(event=found), of=found)

    for time in (12.0, 27.0, 48.0):
        left = 1 - curve.at(np.array([time]))[0, 0]
        assert left == pytest.approx(math.exp(-math.log(2) * (time / 18) ** 0.8), rel=1e-12)


def test_times_that_are_none_are_a_bug() -> None:
    with pytest.raises(ValueError, match="flat array of times"):
        expect_course(PLAN, at=[math.nan])


def plan_with(**changes: object) -> SurvivalPlan:
    return replace(PLAN, **changes)  # type: ignore[arg-type]


def course(event: Piecewise) -> tuple[StratumCourse, ...]:
    return (replace(PLAN.strata[0], reference=ArmCourse(event=event)),)


@pytest.mark.parametrize(("plan", "code"), [
    (plan_with(ratio=0.0), "ratio-impossible"),
    (plan_with(ratio=math.nan), "ratio-impossible"),
    (plan_with(follow_up=0.0), "no-follow-up"),
    (plan_with(strata=()), "shares-impossible"),
    (plan_with(strata=(replace(PLAN.strata[0], share=0.4),)), "shares-impossible"),
    (plan_with(accrual=Accrual(rates=(0.0,), until=12)), "nobody-comes"),
    (plan_with(accrual=Accrual(rates=(5.0,), until=0)), "nobody-comes"),
    (plan_with(accrual=Accrual(rates=(-5.0,), until=12)), "rate-impossible"),
    (plan_with(accrual=Accrual(rates=(5.0,), final_rates=(math.inf,), until=12)),
     "rate-impossible"),
    (plan_with(accrual=Accrual(starts=(0.0, 5.0), rates=(5.0,), until=12)), "pieces-impossible"),
    (plan_with(strata=course(Piecewise(starts=(0.0, 4.0, 3.0), rates=(0.1, 0.1, 0.1)))),
     "pieces-impossible"),
    (plan_with(strata=course(Piecewise(starts=(1.0,), rates=(0.1,)))), "pieces-impossible"),
    (plan_with(strata=course(constant(-0.1))), "rate-impossible"),
    (plan_with(strata=course(constant(math.nan))), "rate-impossible"),
])  # fmt: skip
def test_an_impossible_plan_says_why(plan: SurvivalPlan, code: str) -> None:
    with pytest.raises(ImpossiblePlanError) as refusal:
        expect_course(plan, at=[12.0])

    finding = next(f for f in refusal.value.findings if f.code == code)
    assert finding.mend
    assert finding.where.startswith("design: ")
