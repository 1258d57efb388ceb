"""The swimmer plot is told what happened to each patient, and when, as derivation dates it."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from equipoise.derive.schemas import (
    ASSESSMENTS,
    BEST_RESPONSES,
    DOSE,
    EXPOSURE,
    LATER_LINES,
    PROGRESSION_PATTERNS,
)
from equipoise.report.facts import Facts
from equipoise.report.follow_up import FollowUp, list_follow_ups
from equipoise.vocab.partial_date import MONTH_DAYS
from report.test_response_tables import rows_of
from report.trial_rows import START, subject_name

NAME = subject_name(0)  # randomised on START


def day(days: int) -> date:
    """The day so many days after randomisation."""
    return START + timedelta(days=days)


@pytest.fixture(name="told", scope="module")
def _told(facts: Facts) -> Facts:
    """The small trial, in which one patient has had everything and the others nothing."""
    own = {"subject": NAME, "replicate": 0}
    agents = [(0, 200), (21, 180)]
    lesions = [(14, 20), (18, 26)]
    known = pl.col("subject") == NAME
    subjects = facts.subjects.with_columns(
        death_date=pl.when(known).then(pl.lit(day(400))),
        last_alive_date=pl.when(known).then(pl.lit(day(399))).otherwise("last_alive_date"),
        eos_reason=pl.when(known).then(pl.lit("death")),
    )
    best = {**own, "confirmation": "none", "response_date": day(84), "duration_days": 100}
    other = {**own, "confirmation": "confirmed", "response_date": day(168), "duration_days": 5}
    return replace(
        facts,
        subjects=subjects,
        exposure=rows_of(
            EXPOSURE, [{**own, "start_date": day(a), "stop_date": day(b)} for a, b in agents]
        ),
        dose=rows_of(
            DOSE, [{**own, "start_date": day(a), "last_date": day(b)} for a, b in lesions]
        ),
        best_responses=rows_of(BEST_RESPONSES, [best, other]),
        progression_patterns=rows_of(
            PROGRESSION_PATTERNS, [{**own, "pattern": "mixed", "date": day(183)}]
        ),
        assessments=rows_of(
            ASSESSMENTS, [{**own, "first_date": day(183), "new_lesion": True, "visit": "M6"}]
        ),
        later_lines=rows_of(LATER_LINES, [{**own, "first_systemic_date": day(190)}]),
    )


def find(facts: Facts, subject: str = NAME) -> FollowUp:
    """The follow-up of a subject."""
    return next(each for each in list_follow_ups(facts) if each.subject == subject)


def test_each_stretch_runs_from_its_first_day_to_the_end_of_its_last(told: Facts) -> None:
    found = find(told)

    assert found.therapy == (0.0, 201 / MONTH_DAYS)
    assert found.sbrt == (14 / MONTH_DAYS, 27 / MONTH_DAYS)
    assert found.response == (84 / MONTH_DAYS, 184 / MONTH_DAYS)  # 100 days, no confirmation asked


def test_death_ends_the_follow_up_and_progression_tells_a_new_lesion(told: Facts) -> None:
    found = find(told)

    assert (found.months, found.died, found.goes_on) == (400 / MONTH_DAYS, True, False)
    assert (found.progression, found.new_lesion) == (183 / MONTH_DAYS, True)
    assert found.later == 190 / MONTH_DAYS


def test_everybody_randomised_has_a_lane_also_where_nothing_happened(told: Facts) -> None:
    found = list_follow_ups(told)
    other = find(told, subject_name(1))

    assert [each.subject for each in found] == sorted(told.subjects["subject"].to_list())
    assert (other.goes_on, other.died) == (True, False)
    assert (other.therapy, other.sbrt, other.response) == (None, None, None)
    assert (other.progression, other.new_lesion, other.later) == (None, False, None)


def test_death_before_progression_is_no_progression(told: Facts) -> None:
    died = {"subject": NAME, "replicate": 0, "pattern": "death", "date": day(183)}
    found = find(replace(told, progression_patterns=rows_of(PROGRESSION_PATTERNS, [died])))

    assert found.progression is None


def test_one_who_left_the_study_does_not_go_on(told: Facts) -> None:
    left = told.subjects.with_columns(death_date=pl.lit(None, pl.Date), eos_reason=pl.lit("lost"))
    found = find(replace(told, subjects=left))

    assert (found.died, found.goes_on) == (False, False)
    assert found.months == 399 / MONTH_DAYS


def test_without_a_contact_the_follow_up_is_nothing_and_stretches_stay_in_order(
    told: Facts,
) -> None:
    unknown = told.subjects.with_columns(
        death_date=pl.lit(None, pl.Date), last_alive_date=pl.lit(None, pl.Date)
    )
    found = find(replace(told, subjects=unknown))

    assert found.months == 0.0
    for stretch in (found.therapy, found.sbrt, found.response):
        assert stretch is not None
        assert stretch[0] < stretch[1]


def test_the_order_of_rows_moves_nothing_and_the_unallocated_have_no_lane(told: Facts) -> None:
    turned = replace(told, subjects=told.subjects.reverse(), exposure=told.exposure.reverse())
    nobody = told.subjects.with_columns(allocated_arm=pl.lit(None, pl.String))

    assert list_follow_ups(turned) == list_follow_ups(told)
    assert list_follow_ups(replace(told, subjects=nobody)) == ()
