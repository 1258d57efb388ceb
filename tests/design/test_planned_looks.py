"""Looks counted in events: how many, when, and what the bounds mean."""

import math

import numpy as np
import pytest

from equipoise.design.assumptions import SurvivalPlan
from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.events import EventPlan
from equipoise.design.expected_events import expected_events_at
from equipoise.design.planned_looks import PlannedLooks, expect_look_times, plan_looks
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule
from equipoise.design.truths import assume, expect_trial
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
SHARES, RATES = plan_of_protocol(PROTOCOL)
LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)
HALF = EventPlan(hazard_ratio=0.5)


def looks(
    effect: EventPlan = HALF, *, futility: BoundRule | None = None, events: float | None = None
) -> PlannedLooks:
    plan = SequentialPlan(information=(0.5, 1.0), rates=RATES, futility=futility)
    return plan_looks(plan, effect=effect, events=events)


def course_of(hazard_ratio: float) -> SurvivalPlan:
    truth = assume(PROTOCOL, plan=SHARES, hazard_ratio=hazard_ratio)
    return expect_trial(truth, protocol=PROTOCOL, ratio=1)


def test_looks_cost_few_events_and_keep_the_power() -> None:
    found = looks(futility=LATE_BETA)

    assert found.fixed_events == pytest.approx(65.35, abs=0.01)  # Schoenfeld (1981)
    assert found.events == math.ceil(found.fixed_events * found.design.inflation) == 69
    assert found.power > 0.8
    assert list(found.events_at) == [34.5, 69]


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_on_the_bound_the_hazard_ratio_gives_its_z(ratio: float) -> None:
    found = looks(EventPlan(hazard_ratio=0.6, ratio=ratio), futility=LATE_BETA)
    shares = ratio / (1 + ratio) ** 2
    assert found.lower is not None
    for bounds in (found.upper, found.lower):
        z = -np.log(bounds.hazard_ratio) * np.sqrt(found.events_at * shares)
        assert z == pytest.approx(bounds.z)


def test_given_events_keep_the_bounds_and_move_the_power() -> None:
    asked, given = looks(), looks(events=40)

    assert given.upper.z == pytest.approx(asked.upper.z)
    assert given.events == 40
    assert given.power < 0.65 < asked.power
    assert given.design.drift == pytest.approx(math.log(2) * math.sqrt(10))


def test_events_are_saved_where_the_effect_is_there() -> None:
    found = looks(futility=LATE_BETA)

    assert found.expected_events(0.0) < found.events
    assert found.expected_events(found.design.drift) < found.fixed_events
    assert looks().lower is None


def test_each_look_comes_when_its_events_are_expected() -> None:
    found = looks()
    course = course_of(0.5)
    months, findings = expect_look_times(found, course=course)

    assert findings == ()
    assert months[0] < months[1]
    for month, events in zip(months, found.events_at, strict=True):
        assert expected_events_at(course, at=float(month)) == pytest.approx(events)


def test_a_look_that_never_comes_is_told() -> None:
    found = looks(EventPlan(hazard_ratio=0.7))
    course = course_of(0.7)
    months, findings = expect_look_times(found, course=course)

    assert np.isnan(months).all()
    assert [finding.where for finding in findings] == [
        "design: events, look 1", "design: events, look 2",
    ]  # fmt: skip
    assert "of 88 subjects only" in findings[0].message


@pytest.mark.parametrize(
    ("effect", "events", "code"),
    [
        (EventPlan(hazard_ratio=1.5), None, "effect-other-way"),
        (EventPlan(hazard_ratio=1.0), None, "no-effect"),
        (EventPlan(hazard_ratio=0.0), None, "ratio-of-hazards-impossible"),
        (HALF, 0.0, "no-events"),
        (HALF, math.nan, "no-events"),
    ],
)
def test_what_cannot_be_is_refused(effect: EventPlan, events: float | None, code: str) -> None:
    with pytest.raises(ImpossiblePlanError) as refusal:
        looks(effect, events=events)
    assert code in {finding.code for finding in refusal.value.findings}


def test_every_problem_of_the_plan_is_told_at_once() -> None:
    plan = SequentialPlan(information=(0.5, 0.4, 1.0), rates=ErrorRates(power=0.01))
    with pytest.raises(ImpossiblePlanError) as refusal:
        plan_looks(plan, effect=EventPlan(hazard_ratio=2.0))
    assert {finding.code for finding in refusal.value.findings} == {
        "looks-not-growing", "power-not-above-alpha", "effect-other-way",
    }  # fmt: skip
