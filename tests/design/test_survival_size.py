"""Subjects for log-rank, average hazard ratio, milestone and restricted mean."""

import math
from dataclasses import replace

import numpy as np
import pytest

from equipoise.design.assumptions import (
    ArmCourse,
    Piecewise,
    StratumCourse,
    SurvivalPlan,
    constant,
    hazard_of_median,
    hazard_of_share,
    two_arm_plan,
    uniform_accrual,
    weibull_pieces,
)
from equipoise.design.average_hazard_ratio import average_hazard_ratio, size_average_hazard_ratio
from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.expected_events import expected_events_at
from equipoise.design.milestone_size import (
    Measure,
    MilestonePlan,
    least_milestone_effect,
    milestone_power,
    size_milestone,
)
from equipoise.design.survival_size import (
    LogRankPlan,
    Variance,
    find_study_end,
    hazard_ratio_of,
    least_logrank_effect,
    logrank_power,
    size_logrank,
)
from equipoise.numerics.survival.survival_scales import Interval

RATES = ErrorRates()
DROPOUT = hazard_of_share(0.05, by=12)
SURVIVAL = two_arm_plan(
    hazard_of_median(12),
    hazard_ratio=2 / 3,
    accrual=uniform_accrual(300, until=24),
    dropout=DROPOUT,
)
PLAN = LogRankPlan(survival=SURVIVAL, study_end=36)


def scaled(plan: LogRankPlan, subjects: float) -> LogRankPlan:
    accrual = plan.survival.accrual.scaled_to(subjects)
    return replace(plan, survival=replace(plan.survival, accrual=accrual))


@pytest.mark.parametrize("variance", Variance)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_the_subjects_have_the_power_and_the_events(variance: Variance, ratio: float) -> None:
    plan = replace(PLAN, variance=variance, survival=replace(SURVIVAL, ratio=ratio))
    found = size_logrank(plan, rates=RATES)
    grown = scaled(plan, found.subjects)

    assert logrank_power(grown, rates=RATES) == pytest.approx(0.8, abs=1e-10)
    assert expected_events_at(grown.survival, at=36) == pytest.approx(found.events, rel=1e-12)
    assert found.accrual_rate == pytest.approx(found.subjects / 24)


def test_the_end_of_the_study_is_that_of_the_power() -> None:
    found = find_study_end(PLAN, rates=RATES)

    assert found.study_end == pytest.approx(36.0925, abs=1e-4)
    assert logrank_power(replace(PLAN, study_end=found.study_end), rates=RATES) == pytest.approx(
        0.8, abs=1e-9
    )
    early = find_study_end(scaled(PLAN, 3000), rates=RATES)
    assert (early.study_end, early.power > 0.99) == (24, True)


def test_too_few_subjects_never_have_the_events() -> None:
    with pytest.raises(ImpossiblePlanError, match="events-out-of-reach") as refusal:
        find_study_end(scaled(PLAN, 150), rates=RATES)
    assert "150 subjects never" in str(refusal.value)


def test_the_least_effect_of_a_plan_has_its_power() -> None:
    found = least_logrank_effect(PLAN, rates=RATES)
    at = replace(
        PLAN,
        survival=two_arm_plan(
            hazard_of_median(12), hazard_ratio=found, accrual=SURVIVAL.accrual, dropout=DROPOUT
        ),
    )

    assert 0.66 < found < 0.67
    assert logrank_power(at, rates=RATES) == pytest.approx(0.8, abs=1e-9)


def test_strata_of_one_kind_change_nothing() -> None:
    one = SURVIVAL.strata[0]
    two = replace(SURVIVAL, strata=(replace(one, share=0.4), replace(one, share=0.6)))
    found = size_logrank(replace(PLAN, survival=two), rates=RATES)

    assert found.subjects == pytest.approx(size_logrank(PLAN, rates=RATES).subjects, rel=1e-12)


def test_a_non_inferiority_margin_needs_subjects_as_it_is_narrow() -> None:
    equal = two_arm_plan(
        hazard_of_median(12), hazard_ratio=1.0, accrual=SURVIVAL.accrual, dropout=DROPOUT
    )
    sizes = [
        size_logrank(LogRankPlan(survival=equal, study_end=36, margin=m), rates=RATES).subjects
        for m in (1.5, 1.3)
    ]

    assert sizes[1] > 2 * sizes[0]
    schoenfeld = LogRankPlan(survival=equal, study_end=36, margin=1.3, variance=Variance.SCHOENFELD)
    assert size_logrank(schoenfeld, rates=RATES).events == pytest.approx(
        4 * RATES.drift**2 / math.log(1.3) ** 2
    )


def late_effect() -> SurvivalPlan:
    rate = math.log(2) / 12
    late = Piecewise(starts=(0.0, 4.0), rates=(rate, 0.6 * rate))
    stratum = StratumCourse(
        reference=ArmCourse(event=constant(rate)), experimental=ArmCourse(event=late)
    )
    return replace(SURVIVAL, strata=(stratum,))


@pytest.mark.parametrize(("plan", "code"), [
    (replace(PLAN, study_end=20), "accrual-beyond-study"),
    (replace(PLAN, margin=2 / 3), "no-effect"),
    (replace(PLAN, survival=late_effect()), "hazards-not-proportional"),
    (replace(PLAN, survival=replace(SURVIVAL, strata=())), "shares-impossible"),
    (replace(PLAN, variance=Variance.DIFFERENCE,
             survival=replace(SURVIVAL, strata=(replace(SURVIVAL.strata[0], share=0.5),) * 2)),
     "variance-untold"),
])  # fmt: skip
def test_an_impossible_logrank_plan_says_why(plan: LogRankPlan, code: str) -> None:
    with pytest.raises(ImpossiblePlanError, match=code):
        size_logrank(plan, rates=RATES)


def test_proportional_hazards_have_their_ratio_as_average() -> None:
    found = average_hazard_ratio(SURVIVAL, at=[12, 36])

    assert hazard_ratio_of(SURVIVAL) == pytest.approx(2 / 3)
    assert found.ratio == pytest.approx([2 / 3, 2 / 3], rel=1e-12)
    assert found.power(RATES)[1] == pytest.approx(logrank_power(PLAN, rates=RATES), abs=0.01)


def test_a_late_effect_draws_the_average_down_as_time_goes() -> None:
    found = average_hazard_ratio(late_effect(), at=[4, 12, 24, 60])

    assert math.isnan(hazard_ratio_of(late_effect()))
    assert found.ratio[0] == pytest.approx(1)
    assert (np.diff(found.ratio) < 0).all()
    assert found.ratio[-1] > 0.6
    size = size_average_hazard_ratio(late_effect(), at=36, rates=RATES)
    grown = replace(late_effect(), accrual=SURVIVAL.accrual.scaled_to(size))
    assert average_hazard_ratio(grown, at=[36]).power(RATES)[0] == pytest.approx(0.8, abs=1e-10)


def test_no_average_effect_and_a_hazard_of_one_arm_are_refused() -> None:
    with pytest.raises(ImpossiblePlanError, match="no-effect"):
        size_average_hazard_ratio(late_effect(), at=3.0, rates=RATES)
    cured = Piecewise(starts=(0.0, 4.0), rates=(0.05, 0.0))
    stratum = replace(SURVIVAL.strata[0], experimental=ArmCourse(event=cured))
    with pytest.raises(ImpossiblePlanError, match="hazard-of-one-arm"):
        average_hazard_ratio(replace(SURVIVAL, strata=(stratum,)), at=[36])


def milestone_of(s0: float, s1: float, *, pieces: int = 80) -> MilestonePlan:
    """D1.2: 88 subjects, Weibull of shape 0.8, accrual for 36 months, analysis 12 months later."""
    median = 12 * (math.log(2) / -math.log(s0)) ** (1 / 0.8)
    survival = two_arm_plan(
        weibull_pieces(median, shape=0.8, until=48, pieces=pieces),
        hazard_ratio=math.log(s1) / math.log(s0),
        accrual=uniform_accrual(88, until=36),
        dropout=constant(-math.log(0.97) / 12),
    )
    return MilestonePlan(survival=survival, at=12, study_end=48)


def test_the_milestone_test_of_the_reference_trial_needs_88() -> None:
    found = size_milestone(milestone_of(0.5, 0.8), rates=RATES)

    assert found.subjects == pytest.approx(88, abs=0.1)
    assert found.values == pytest.approx((0.5, 0.8), abs=1e-12)


@pytest.mark.parametrize(("s1", "milestone", "logrank"), [
    ((0.60, 0.70), 0.16, 0.24), ((0.606, 0.725), 0.21, 0.33), ((0.61, 0.78), 0.40, 0.62),
    ((0.50, 0.75), 0.67, 0.86), ((0.50, 0.80), 0.84, 0.97),
])  # fmt: skip
def test_powers_of_88_are_those_of_the_simulated_table(
    s1: tuple[float, float], milestone: float, logrank: float
) -> None:
    """3000 trials by simulation (D1.2); the expansion is a little below at a strong effect."""
    plan = milestone_of(*s1)
    found = milestone_power(plan, rates=RATES).power

    assert found == pytest.approx(milestone, abs=0.045)
    assert logrank_power(
        LogRankPlan(survival=plan.survival, study_end=48), rates=RATES
    ) == pytest.approx(logrank, abs=0.025)


@pytest.mark.parametrize("scale", Interval)
def test_the_milestone_size_has_its_power(scale: Interval) -> None:
    plan = replace(milestone_of(0.5, 0.7), scale=scale)
    found = size_milestone(plan, rates=RATES)
    accrual = plan.survival.accrual.scaled_to(found.subjects)
    grown = replace(plan, survival=replace(plan.survival, accrual=accrual))

    assert milestone_power(grown, rates=RATES).power == pytest.approx(0.8, abs=1e-12)


def test_full_follow_up_without_drop_out_is_the_binomial_comparison() -> None:
    survival = two_arm_plan(
        constant(math.log(2) / 12), hazard_ratio=0.5, accrual=uniform_accrual(200, until=1e-3)
    )
    plan = MilestonePlan(survival=survival, at=12, study_end=13, scale=Interval.PLAIN)
    s0, s1 = 0.5, math.sqrt(0.5)
    wanted = 2 * RATES.drift**2 * (s0 * (1 - s0) + s1 * (1 - s1)) / (s1 - s0) ** 2

    assert size_milestone(plan, rates=RATES).subjects == pytest.approx(wanted, rel=1e-10)


def test_strata_and_margin_are_compared_on_the_plain_scale() -> None:
    plan = milestone_of(0.5, 0.7)
    one = plan.survival.strata[0]
    halves = replace(plan.survival, strata=(replace(one, share=0.5),) * 2)
    plain = replace(plan, scale=Interval.PLAIN)
    both = replace(plain, survival=halves)

    assert size_milestone(both, rates=RATES).subjects == pytest.approx(
        size_milestone(plain, rates=RATES).subjects, rel=1e-12
    )
    wider = size_milestone(replace(plain, margin=-0.1), rates=RATES).subjects
    assert wider < size_milestone(plain, rates=RATES).subjects
    for wrong in (replace(plan, margin=-0.1), replace(plan, survival=halves)):
        with pytest.raises(ImpossiblePlanError, match="scale-untold"):
            size_milestone(wrong, rates=RATES)


def test_the_restricted_mean_has_its_size_too() -> None:
    plan = replace(milestone_of(0.5, 0.8), measure=Measure.MEAN)
    found = size_milestone(plan, rates=RATES)

    assert 8 < found.values[0] < found.values[1] < 12
    assert 70 < found.subjects < 110


def test_the_least_milestone_effect_has_the_power() -> None:
    plan = milestone_of(0.5, 0.8, pieces=8)
    more = replace(plan.survival, accrual=uniform_accrual(120, until=36))
    found = least_milestone_effect(replace(plan, survival=more), rates=RATES)

    assert 0.35 < found < 0.45
    few = replace(plan.survival, accrual=uniform_accrual(10, until=36))
    assert math.isnan(least_milestone_effect(replace(plan, survival=few), rates=RATES))


@pytest.mark.parametrize(("changes", "code"), [
    ({"study_end": 12.0}, "milestone-beyond-study"),
    ({"at": 0.0}, "time-impossible"),
    ({"at": math.inf}, "time-impossible"),
    ({"survival": replace(milestone_of(0.5, 0.8).survival, follow_up=6.0)},
     "milestone-beyond-follow-up"),
    ({"survival": milestone_of(0.5, 0.5).survival}, "no-effect"),
    ({"survival": replace(milestone_of(0.5, 0.8).survival, ratio=0.0)}, "ratio-impossible"),
])  # fmt: skip
def test_an_impossible_milestone_says_why(changes: dict[str, object], code: str) -> None:
    plan = replace(milestone_of(0.5, 0.8), **changes)  # type: ignore[arg-type]
    with pytest.raises(ImpossiblePlanError, match=code):
        size_milestone(plan, rates=RATES)
