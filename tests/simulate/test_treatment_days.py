"""The systemic therapy of everybody in days: what ends it, and holds around SBRT (D1.3, D8.4)."""

from functools import cache

import numpy as np
import pytest

from equipoise.protocol.scenario_model import SystemicTherapy
from equipoise.simulate.cohort import NEVER
from equipoise.simulate.setting import Conditions, Setting, build_setting
from equipoise.simulate.toxic_death import ILL_DAYS, draw_toxic_death
from equipoise.simulate.treatment import REASONS, Treatment, draw_treatment
from equipoise.simulate.trial_course import Course
from simulate.rehearsed import course, setting, trial


@cache
def drawn() -> Treatment:
    return draw_treatment(setting(), course=course())


def with_systemic(**said: float) -> Setting:
    """The setting of the trial with other assumptions about systemic therapy."""
    built = build_setting(trial(), scenario="S2", conditions=Conditions())
    systemic: SystemicTherapy = built.operations.systemic.model_copy(update=said)
    fields = {name: getattr(built, name) for name in Setting.__slots__}
    operations = built.operations.model_copy(update={"systemic": systemic})
    return Setting(**{**fields, "operations": operations})


def test_therapy_ends_for_the_first_of_its_reasons() -> None:
    reasons = np.array([reason or "" for reason in REASONS])[drawn().reason]
    goes_on = drawn().stop == NEVER
    assert (reasons[goes_on] == "").all()
    assert set(reasons[~goes_on]) == {"progression", "toxicity"}
    assert (drawn().stop == drawn().switch)[reasons == "toxicity"].all()


def test_it_goes_on_for_a_week_at_most_after_the_site_has_decided() -> None:
    progressed = drawn().reason == REASONS.index("progression")
    days = (drawn().stop - course().watch.decided)[progressed]
    assert (days.min(), days.max()) == (0, 7)


def test_nobody_switches_after_progression_or_without_having_started() -> None:
    switched = drawn().switch < NEVER
    assert (drawn().switch < course().watch.decided)[switched].all()
    assert (drawn().switch > drawn().start + 14)[switched].all()


def test_kinase_inhibitors_are_held_around_every_fraction_of_sbrt_and_only_there() -> None:
    treated = course().delivery.treated
    held = drawn().hold_to >= 0
    assert (held == treated.any(axis=1)).all()
    first = np.where(treated, course().delivery.first_day, NEVER).min(axis=1)
    last = np.where(treated, course().delivery.last_day, -1).max(axis=1)
    sbrt = setting().operations.sbrt
    for days in ((first - drawn().hold_from)[held], (drawn().hold_to - last)[held]):
        assert (days.min(), days.max()) == (sbrt.hold_from_days, sbrt.hold_to_days)
    assert (drawn().hold_from[~held] == NEVER).all()


# the assumption | what nobody has then
NOBODY = [
    ({"not_started": 1.0}, "started"),
    ({"switch_per_month": 0.0}, "switch"),
    ({"reduction": 0.0}, "reduced"),
]


@pytest.mark.parametrize(("said", "name"), NOBODY)
def test_without_a_chance_of_it_nobody_has_it(said: dict[str, float], name: str) -> None:
    value = getattr(draw_treatment(with_systemic(**said), course=course()), name)
    assert not value.any() if name == "started" else (value == NEVER).all()


def test_reductions_come_at_their_rate_and_four_weeks_after_the_start_at_the_earliest() -> None:
    every = draw_treatment(with_systemic(reduction=1.0), course=course())
    waited = every.reduced - every.start
    assert waited.min() > 28
    assert np.mean(waited - 28) == pytest.approx(120, rel=0.05)
    assert (drawn().reduced < NEVER).mean() == pytest.approx(
        setting().operations.systemic.reduction, abs=0.02
    )


def test_one_assumption_moves_no_other_draw() -> None:
    other = draw_treatment(with_systemic(reduction=1.0), course=course())
    for name in ("regimen", "started", "start", "stop", "reason", "switch", "hold_from"):
        assert (getattr(other, name) == getattr(drawn(), name)).all(), name


def deaths(
    drawn_course: Course, *, treated: bool
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    toxicity = setting().operations.toxicity.model_copy(update={"fatal": 0.3, "sbrt_fatal": 0.4})
    flags = np.full(drawn_course.cohort.size, treated)
    return draw_toxic_death(drawn_course.cohort, toxicity=toxicity, treated=flags)


def test_fatal_events_are_added_by_sbrt_and_none_is_taken_away() -> None:
    """The same subject under SBRT dies of an event on the same day, or in addition."""
    without, given = deaths(course(), treated=False), deaths(course(), treated=True)
    assert (without < NEVER).mean() == pytest.approx(0.3, abs=0.02)
    assert (given < NEVER).mean() == pytest.approx(0.7, abs=0.02)
    assert (given[without < NEVER] == without[without < NEVER]).all()
    assert without.min() > ILL_DAYS
