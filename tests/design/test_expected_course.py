"""How rehearsed trials went, counted again subject by subject."""

from datetime import date
from functools import cache

import polars as pl
import pytest

from equipoise.derive.cut import apply_cut, cut_dates
from equipoise.derive.datasets import derive_datasets, derive_endpoints
from equipoise.derive.schemas import Endpoints
from equipoise.design.expected_course import (
    COURSE,
    CUT_DAYS,
    DIED,
    DUE,
    EVENTS,
    LAST_SUBJECT,
    LEFT,
    MISSED,
    RANDOMISED,
    Spread,
    add_courses,
    count_course,
    last_month,
    read_spread,
)
from equipoise.design.planned_answers import derive_by_cut
from equipoise.report.story.assessments import tell_assessments, tell_missed
from equipoise.report.story.material import gather_material
from equipoise.report.story.person import tell_baseline
from equipoise.simulate.rehearsal import rehearse
from equipoise.simulate.setting import Conditions
from simulate.rehearsed import trial

START = trial().operations.accrual.first_site_date
TRIALS = 3


@cache
def by_cut(*, everyone_followed: bool = False) -> dict[str, Endpoints]:
    conditions = Conditions(everyone_followed=everyone_followed)
    drawn = rehearse(trial(), scenario="S2", seed=7, replicates=TRIALS, conditions=conditions)
    return derive_by_cut(drawn.frames, trial())


def spread(values: list[int]) -> Spread:
    ordered = sorted(values)  # of three: the least, the middle, the greatest
    return Spread(median=ordered[1], low=ordered[0], high=ordered[2], total=sum(values))


def days(subjects: pl.DataFrame, name: str) -> list[int]:
    return [(max(subjects.filter(replicate=number)[name]) - START).days for number in range(TRIALS)]


def by_end_of_month(dates: list[date], month: int) -> int:
    return sum((each - START).days < month * 30.4375 for each in dates)


@pytest.mark.parametrize("month", [1, 12, 30, 300])
def test_subjects_and_events_are_counted_up_to_the_end_of_each_month(month: int) -> None:
    course = count_course(by_cut(), trial())
    last = by_cut()["DC2"]
    events = last.times.filter(endpoint="pfs", convention="ema", cause=1)

    came = [last.subjects.filter(replicate=n)["randomised_date"].to_list() for n in range(TRIALS)]
    failed = [events.filter(replicate=n)["end_date"].to_list() for n in range(TRIALS)]
    assert read_spread(course, measure=RANDOMISED, month=month) == spread(
        [by_end_of_month(own, month) for own in came]
    )
    assert read_spread(course, measure=EVENTS, of="pfs", month=month) == spread(
        [by_end_of_month(own, month) for own in failed]
    )


def test_what_is_told_once_a_trial_is_counted_by_cut() -> None:
    course = count_course(by_cut(), trial())
    for cut, derived in by_cut().items():
        subjects = derived.subjects
        gone = subjects.filter(eos_reason="lost")
        assert read_spread(course, measure=LAST_SUBJECT, cut=cut) == spread(
            days(subjects, "randomised_date")
        )
        assert read_spread(course, measure=CUT_DAYS, cut=cut) == spread(
            days(subjects, "cutoff_date")
        )
        assert read_spread(course, measure=LEFT, cut=cut, of="lost") == spread(
            [gone.filter(replicate=n).height for n in range(TRIALS)]
        )
        assert read_spread(course, measure=DIED, cut=cut) == spread(
            [subjects.filter(replicate=n)["death_date"].count() for n in range(TRIALS)]
        )
    assert read_spread(course, measure=EVENTS, cut="DC1", of="pfs") is not None
    assert read_spread(course, measure=EVENTS, cut="DC1", of="os") is None
    assert read_spread(course, measure=EVENTS, cut="DC2", of="os") is not None


def test_scans_are_missed_as_the_story_of_each_subject_tells_it() -> None:
    drawn = rehearse(trial(), scenario="S2", seed=7)
    cutoffs = cut_dates(drawn.frames, trial(), cut="DC1")
    frames = apply_cut(drawn.frames, trial(), cutoffs=cutoffs)
    material = gather_material(
        derive_datasets(drawn.frames, trial(), cutoffs=cutoffs),
        trial(),
        frames=frames,
        allocations=drawn.allocations,
        cut="DC1",
    )
    stories = [
        tell_assessments(
            material, subject=subject, lesions=tell_baseline(material, subject=subject)
        )
        for subject in material.subjects
    ]
    told = [
        tell_missed(material, subject=subject, assessments=own)
        for subject, own in zip(material.subjects, stories, strict=True)
    ]

    derived = derive_endpoints(drawn.frames, trial(), cutoffs=cutoffs)
    course = count_course({"DC1": derived}, trial())
    missed = read_spread(course, measure=MISSED, cut="DC1")
    due = read_spread(course, measure=DUE, cut="DC1")

    assert missed is not None
    assert due is not None
    assert missed.total == sum(map(len, told)) > 0
    assert due.total > 5 * missed.total


def test_where_everyone_is_followed_no_scan_is_missed_and_nobody_is_lost() -> None:
    course = count_course(by_cut(everyone_followed=True), trial())
    nobody = Spread(median=0, low=0, high=0, total=0)

    assert read_spread(course, measure=MISSED, cut="DC2") == nobody
    for reason in ("lost", "withdrew_follow_up", "withdrew_data"):
        assert read_spread(course, measure=LEFT, cut="DC2", of=reason) == nobody


def test_courses_add_up() -> None:
    course = count_course(by_cut(), trial())
    twice = add_courses([course, course])

    assert twice.drop("trials").equals(course.drop("trials"))
    assert (twice["trials"] == 2 * course["trials"]).all()
    assert dict(course.schema) == COURSE
    assert last_month(course) == course["month"].max()
    assert last_month(course.clear()) == 0


def test_the_range_is_of_nine_trials_in_ten() -> None:
    values = range(1, 101)
    rows = [("died", "DC1", "", None, None, value, 1) for value in values]
    course = pl.DataFrame(rows, schema=COURSE, orient="row")

    assert read_spread(course, measure=DIED, cut="DC1") == Spread(
        median=50, low=5, high=95, total=5050
    )
