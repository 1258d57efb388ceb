"""One share, means, and events: sizes that have their power, effects that have their size."""

import math

import pytest

from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError, round_up, solve_rising
from equipoise.design.events import (
    EventFormula,
    EventPlan,
    count_planned_events,
    event_power,
    least_hazard_ratio,
)
from equipoise.design.mean_size import MeanPlan, least_mean_effect, mean_power, size_means
from equipoise.design.one_share_size import OneSharePlan, one_share_power, size_one_share

RATES = ErrorRates()


def binomial_tail(n: int, p: float, least: int) -> float:
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(least, n + 1))


@pytest.mark.parametrize(("expected", "hoped"), [(0.2, 0.4), (0.4, 0.2), (0.9, 0.7)])
def test_the_exact_size_of_one_share_is_the_least(expected: float, hoped: float) -> None:
    plan = OneSharePlan(expected=expected, hoped=hoped)
    found = size_one_share(plan, rates=RATES)
    reached = [n for n in range(2, 90) if one_share_power(plan, n=n, rates=RATES).power >= 0.8]

    assert found.n == reached[0]
    assert found.level <= 0.025
    least = found.events if hoped > expected else found.n - found.events
    p = hoped if hoped > expected else 1 - hoped
    assert found.power == pytest.approx(binomial_tail(found.n, p, least), rel=1e-12)


def test_a_size_that_can_never_reject_has_no_power() -> None:
    found = one_share_power(OneSharePlan(expected=0.5, hoped=0.9), n=3, rates=RATES)

    assert (found.events, found.level, found.power) == (4, 0, 0)


def test_the_normal_test_of_one_share_may_break_its_level() -> None:
    plan = OneSharePlan(expected=0.2, hoped=0.4, exact=False)
    found = size_one_share(plan, rates=RATES)

    assert (found.n, found.events) == (36, 12)
    assert found.level > 0.025


@pytest.mark.parametrize(("plan", "code"), [
    (OneSharePlan(expected=0.2, hoped=0.2), "no-effect"),
    (OneSharePlan(expected=0.0, hoped=0.2), "share-impossible"),
    (OneSharePlan(expected=0.2, hoped=math.nan), "share-impossible"),
])  # fmt: skip
def test_an_impossible_single_share_says_why(plan: OneSharePlan, code: str) -> None:
    with pytest.raises(ImpossiblePlanError, match=code):
        size_one_share(plan, rates=RATES)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_the_size_for_means_has_the_power(ratio: float) -> None:
    plan = MeanPlan(difference=-0.5, standard_deviation=1.2, ratio=ratio, dropout=0.1)
    found = size_means(plan, rates=RATES)
    n = (found.exact, ratio * found.exact)

    assert mean_power(plan, n=n, rates=RATES) == pytest.approx(0.8, abs=1e-10)
    assert found.power >= 0.8
    assert found.enrolled_reference == round_up(found.reference / 0.9)
    assert least_mean_effect(1.2, n=n, rates=RATES) == pytest.approx(0.5, abs=1e-8)


def test_two_subjects_have_no_power_for_means() -> None:
    plan = MeanPlan(difference=5, standard_deviation=1)

    assert mean_power(plan, n=(1, 1), rates=RATES) == 0
    assert math.isnan(least_mean_effect(1.0, n=(1, 1), rates=RATES))


@pytest.mark.parametrize(("plan", "code"), [
    (MeanPlan(difference=0, standard_deviation=1), "no-effect"),
    (MeanPlan(difference=math.inf, standard_deviation=1), "no-effect"),
    (MeanPlan(difference=1, standard_deviation=0), "spread-impossible"),
    (MeanPlan(difference=1, standard_deviation=1, dropout=1.0), "dropout-impossible"),
])  # fmt: skip
def test_an_impossible_plan_for_means_says_why(plan: MeanPlan, code: str) -> None:
    with pytest.raises(ImpossiblePlanError, match=code):
        size_means(plan, rates=RATES)


def test_events_of_domain_tables() -> None:
    """Schoenfeld's events, 1:1, two-sided 0.05, rounded up."""
    wanted = {0.45: (50, 66), 0.5: (66, 88), 0.6: (121, 162), 0.65: (170, 227), 0.7: (247, 331),
              0.75: (380, 508)}  # fmt: skip
    for ratio, (at_80, at_90) in wanted.items():
        plan = EventPlan(hazard_ratio=ratio)
        found = [round_up(count_planned_events(plan, rates=ErrorRates(power=power)))
                 for power in (0.8, 0.9)]  # fmt: skip
        assert found == pytest.approx([at_80, at_90], abs=1)


@pytest.mark.parametrize("formula", EventFormula)
@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_the_events_have_the_power(formula: EventFormula, ratio: float) -> None:
    plan = EventPlan(hazard_ratio=0.6, ratio=ratio, formula=formula)
    events = count_planned_events(plan, rates=RATES)

    assert event_power(plan, events=events, rates=RATES) == pytest.approx(0.8, abs=1e-12)


def test_the_ratio_that_events_show_needs_those_events() -> None:
    ratio = least_hazard_ratio(150, rates=RATES, margin=1.3, ratio=2.0)
    plan = EventPlan(hazard_ratio=ratio, margin=1.3, ratio=2.0)

    assert count_planned_events(plan, rates=RATES) == pytest.approx(150, rel=1e-12)
    with pytest.raises(ImpossiblePlanError, match="no-events"):
        least_hazard_ratio(0, rates=RATES)


@pytest.mark.parametrize(("plan", "code"), [
    (EventPlan(hazard_ratio=1.0), "no-effect"),
    (EventPlan(hazard_ratio=1.3, margin=1.3), "no-effect"),
    (EventPlan(hazard_ratio=0.0), "ratio-of-hazards-impossible"),
    (EventPlan(hazard_ratio=math.nan), "ratio-of-hazards-impossible"),
    (EventPlan(hazard_ratio=0.9, margin=1.3, formula=EventFormula.FREEDMAN), "margin-untested"),
    (EventPlan(hazard_ratio=0.9, ratio=-1), "ratio-impossible"),
])  # fmt: skip
def test_an_impossible_plan_of_events_says_why(plan: EventPlan, code: str) -> None:
    with pytest.raises(ImpossiblePlanError, match=code):
        count_planned_events(plan, rates=RATES)


def test_a_rising_function_is_solved_from_0_to_infinity() -> None:
    assert solve_rising(lambda x: x**2, goal=1e-8, start=16) == pytest.approx(1e-4, rel=1e-9)
    assert solve_rising(lambda x: x**2, goal=1e8, start=16) == pytest.approx(1e4, rel=1e-12)
    assert math.isinf(solve_rising(lambda x: 1 - 1 / (1 + x), goal=2, start=1))
    assert (round_up(39.0 + 1e-12), round_up(39.001)) == (39, 40)
