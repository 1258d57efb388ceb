"""The score of weighted log-rank tests, in expectation: the twin, closed forms, refusals."""

import math
from dataclasses import replace

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
    ramp_accrual,
    two_arm_plan,
    uniform_accrual,
)
from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.events import EventPlan, event_power
from equipoise.design.expected_events import expected_events_at
from equipoise.design.weighted_logrank_size import (
    WeightedLogRankPlan,
    expect_score,
    size_weighted_logrank,
    weighted_logrank_power,
)
from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington, ModestlyWeighted
from naive.expected_spread import score_moments

RATES = ErrorRates(power=0.8)
LATE = Piecewise(starts=(0.0, 6.0), rates=(0.05, 0.02))


def plan_of(first: Piecewise, second: Piecewise, ratio: float = 1.0) -> SurvivalPlan:
    stratum = StratumCourse(reference=ArmCourse(event=first), experimental=ArmCourse(event=second))
    accrual = uniform_accrual(200, until=24)
    return SurvivalPlan(accrual=accrual, strata=(stratum,), ratio=ratio)


def asked(ratio: float = 1.0, **rest: object) -> WeightedLogRankPlan:
    plan = plan_of(constant(0.05), LATE, ratio)
    return replace(WeightedLogRankPlan(survival=plan, study_end=30.0), **rest)  # type: ignore[arg-type]


@settings(max_examples=12)
@given(
    st.sampled_from([0.01, 0.05, 0.2]),
    st.sampled_from([0.5, 1.0, 3.0]),
    st.sampled_from([12.0, 40.0]),
    st.sampled_from([(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.5, 0.5)]),
)
def test_the_moments_equal_the_twin(
    hazard: float, ratio: float, end: float, powers: tuple[float, float]
) -> None:
    rho, gamma = powers
    slow = score_moments(
        [(0.0, hazard)], [(0.0, 0.05), (6.0, 0.02)], share=ratio / (1 + ratio), study_end=end,
        accrual=24.0, weigh=lambda _, s: s**rho * (1 - s) ** gamma, steps=2000,
    )  # fmt: skip
    found = expect_score(
        WeightedLogRankPlan(
            survival=plan_of(constant(hazard), LATE, ratio), study_end=end,
            weighting=FlemingHarrington(rho=rho, gamma=gamma),
        )
    )  # fmt: skip

    assert found.score / 200 == pytest.approx(slow[0], rel=2e-4, abs=2e-6)
    assert (found.variance / 200, found.spread / 200) == pytest.approx(slow[1:], rel=2e-4)


def test_modest_weights_rise_until_their_time() -> None:
    weighting = ModestlyWeighted(until=8.0, largest=1.3)
    there = math.exp(-0.05 * 8)
    slow = score_moments(
        [(0.0, 0.05)], [(0.0, 0.05)], share=0.5, study_end=30.0, accrual=24.0,
        weigh=lambda _, s: min(1 / max(s, there), 1.3), steps=2000,
    )  # fmt: skip
    plan = plan_of(constant(0.05), constant(0.05))
    found = expect_score(WeightedLogRankPlan(survival=plan, study_end=30.0, weighting=weighting))

    assert found.variance / 200 == pytest.approx(slow[1], rel=2e-4)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_without_an_effect_the_variance_is_events_by_both_shares(ratio: float) -> None:
    plan = replace(
        two_arm_plan(
            LATE, hazard_ratio=1.0, accrual=ramp_accrual(300, full_from=9, until=20),
            dropout=constant(0.02),
        ),
        ratio=ratio,
    )  # fmt: skip
    found = expect_score(WeightedLogRankPlan(survival=plan, study_end=31.0))
    information = expected_events_at(plan, at=31.0) * ratio / (1 + ratio) ** 2

    assert found.z == 0.0
    assert (found.variance, found.spread) == pytest.approx((information, information), rel=1e-12)


def test_a_small_effect_has_the_power_of_schoenfeld() -> None:
    survival = two_arm_plan(
        hazard_of_median(12), hazard_ratio=0.95, accrual=uniform_accrual(16_000, until=24)
    )
    found = weighted_logrank_power(
        WeightedLogRankPlan(survival=survival, study_end=36.0), rates=RATES
    )
    events = expected_events_at(survival, at=36.0)
    by_formula = event_power(EventPlan(hazard_ratio=0.95), events=events, rates=RATES)

    assert 0.6 < found < 0.9
    assert found == pytest.approx(by_formula, abs=0.002)


@pytest.mark.parametrize("weighting", [FlemingHarrington(), FlemingHarrington(gamma=1.0)])
def test_the_size_has_its_power(weighting: FlemingHarrington) -> None:
    plan = asked(ratio=2.0, weighting=weighting)
    subjects = size_weighted_logrank(plan, rates=RATES)
    survival = replace(plan.survival, accrual=plan.survival.accrual.scaled_to(subjects))

    assert weighted_logrank_power(replace(plan, survival=survival), rates=RATES) == pytest.approx(
        0.8, abs=1e-12
    )


def test_a_late_effect_is_shown_by_fewer_with_late_weights() -> None:
    late, plain, early = (
        size_weighted_logrank(asked(weighting=weighting), rates=RATES)
        for weighting in (FlemingHarrington(gamma=1.0), FlemingHarrington(),
                          FlemingHarrington(rho=1.0))
    )  # fmt: skip

    assert late < plain < early


def test_strata_of_one_kind_change_nothing() -> None:
    plan = asked()
    half = replace(plan.survival.strata[0], share=0.5)
    parted = replace(plan, survival=replace(plan.survival, strata=(half, half)))

    assert expect_score(parted).z == pytest.approx(expect_score(plan).z, rel=1e-12)


def test_months_may_be_whole_numbers() -> None:
    assert expect_score(asked(study_end=30)) == expect_score(asked(study_end=30.0))


def test_who_is_followed_shorter_shows_less_of_a_late_effect() -> None:
    short = replace(asked(), survival=replace(asked().survival, follow_up=9.0))

    assert 0 < expect_score(short).z < expect_score(asked()).z


def test_months_without_anybody_are_no_trouble() -> None:
    accrual = Accrual(starts=(0.0, 6.0), rates=(0.0, 10.0), until=26.0)
    later = replace(asked(), survival=replace(asked().survival, accrual=accrual))
    sooner = replace(later, study_end=24.0, survival=replace(
        later.survival, accrual=uniform_accrual(200, until=20)))  # fmt: skip

    assert expect_score(later).z == pytest.approx(expect_score(sooner).z, rel=1e-12)


def test_what_cannot_be_planned_says_why() -> None:
    none = constant(0.0)
    cases = {
        "nobody-followed": asked(study_end=0.0),
        "no-events": asked(survival=plan_of(none, none)),
        "no-effect": asked(survival=plan_of(LATE, LATE)),
        "ratio-impossible": asked(ratio=0.0),
    }
    for code, plan in cases.items():
        with pytest.raises(ImpossiblePlanError, match=code):
            size_weighted_logrank(plan, rates=RATES)
    with pytest.raises(ImpossiblePlanError, match="power-not-above-alpha"):
        size_weighted_logrank(asked(), rates=ErrorRates(power=0.01))
