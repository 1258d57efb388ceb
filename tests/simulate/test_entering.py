"""A rehearsed trial as it is typed: nothing before it is known, and in the end all of it."""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import polars as pl

from equipoise.capture.folder_write import written_form
from equipoise.simulate.entering import Entering, Typed, plan_entering
from equipoise.simulate.rehearsal import Rehearsal, rehearse
from equipoise.simulate.setting import Conditions
from simulate.rehearsed import trial

# What is planned may lie ahead when it is typed; every other date has come.
PLANNED = {("imdc", "therapy_start_date"), ("diag", "nephrectomy_date")}
SCREENING = {"dm", "icf", "diag", "ie", "omd", "les_bl", "imdc", "prior_sys", "prior_loc"}


@cache
def rehearsed() -> Rehearsal:
    conditions = Conditions(subjects=60, every_form=True)
    return rehearse(trial(), scenario="S2", seed=4, conditions=conditions)


@cache
def planned() -> Entering:
    return plan_entering(rehearsed(), trial())


@cache
def steps() -> dict[tuple[str, str, tuple[str, ...]], list[Typed]]:
    """What is typed into each entry, in order."""
    found = defaultdict(list)
    for typed in planned().typed:
        found[typed.subject, typed.form, typed.key].append(typed)
    return found


def days_in(typed: Typed) -> dict[str, date]:
    """The dates among the values, a month by its first day."""
    texts = {n: v for n, v in typed.values.items() if re.fullmatch(r"\d{4}-\d\d(-\d\d)?", v)}
    return {name: date.fromisoformat(f"{text}-01"[:10]) for name, text in texts.items()}


def test_subjects_come_in_the_order_of_randomisation_with_the_rehearsed_arms() -> None:
    subjects = planned().subjects
    assert [each.day for each in subjects] == sorted(each.day for each in subjects)
    arms = dict(rehearsed().allocations.select("subject", "arm").iter_rows())
    assert {each.subject: each.arm for each in subjects} == arms
    assert all(each.consent_day <= each.day for each in subjects)
    assert all(each.subject.startswith(f"{each.site}-") for each in subjects)


def test_strata_are_those_of_the_randomisation_form() -> None:
    factors = {factor.name: factor.item for factor in trial().stratum}
    rows = {row["subject"]: row for row in rehearsed().frames["rand"].iter_rows(named=True)}
    for each in planned().subjects:
        said = {name: rows[each.subject][item] for name, item in factors.items()}
        assert each.strata == said


def test_no_date_is_typed_before_it_has_come_unless_it_is_planned() -> None:
    ahead = {
        (typed.form, name)
        for typed in planned().typed
        for name, day in days_in(typed).items()
        if day > typed.day
    }
    assert ahead == PLANNED  # and such plans are there, or this says less than it seems


def test_nothing_is_typed_before_consent_and_screening_is_typed_by_randomisation() -> None:
    of = {each.subject: each for each in planned().subjects}
    for typed in planned().typed:
        assert typed.day >= of[typed.subject].consent_day
        if typed.form in SCREENING:
            assert typed.day <= of[typed.subject].day


def test_a_visit_is_typed_within_three_days() -> None:
    delays = {(typed.day - days_in(typed)["vs_date"]).days
              for typed in planned().typed
              if typed.form == "vs" and typed.key != ("scr",)}  # fmt: skip
    assert delays == {0, 1, 2, 3}


def test_in_the_end_every_entry_is_typed_as_it_was_rehearsed() -> None:
    wanted = {}
    for form in trial().form:
        if form.form == trial().randomisation.form:
            continue
        frame = rehearsed().frames[form.form]
        texts = written_form(frame, form=form).drop("replicate", "subject")
        for row, text in zip(frame.rows(named=True), texts.rows(named=True), strict=True):
            place = (row["subject"], form.form, tuple(str(row[name]) for name in form.key))
            wanted[place] = {name: value for name, value in text.items() if value is not None}
    assert {place: typed[-1].values for place, typed in steps().items()} == wanted


def test_an_entry_is_new_once_and_later_only_grows() -> None:
    assert any(len(typed) == 2 for typed in steps().values())
    for typed in steps().values():
        assert [each.is_new for each in typed] == [True, False][: len(typed)]
        assert typed[0].values.items() <= typed[-1].values.items()
        assert typed[0].day <= typed[-1].day


def test_days_run_forward() -> None:
    days = [typed.day for typed in planned().typed]
    assert days == sorted(days)


@cache
def course_of() -> tuple[pl.DataFrame, date]:
    """One course of systemic therapy, and the day on which its subject was randomised."""
    row = rehearsed().frames["ex_sys"].head(1)
    (day,) = (each.day for each in planned().subjects if each.subject == row["subject"][0])
    return row, day


def type_course(start: date, end: date | None) -> list[Typed]:
    """What is typed of the course when it has these dates."""
    dates = {"start_date": start, "stop_date": end}
    row = course_of()[0].with_columns(pl.lit(on, dtype=pl.Date).alias(n) for n, on in dates.items())
    plan = plan_entering(
        replace(rehearsed(), frames={**rehearsed().frames, "ex_sys": row}), trial()
    )
    return [typed for typed in plan.typed if typed.form == "ex_sys"]


def test_a_course_is_typed_when_it_starts_and_its_end_when_it_has_come() -> None:
    start = course_of()[1] + timedelta(days=7)
    end = start + timedelta(weeks=10)
    first, last = type_course(start, end)
    assert start <= first.day <= start + timedelta(days=3)
    assert "stop_date" not in first.values
    assert end <= last.day <= end + timedelta(days=3)
    assert last.values == {**first.values, "stop_date": end.isoformat()}


def test_a_course_without_an_end_or_ended_the_same_day_is_typed_once() -> None:
    start = course_of()[1] + timedelta(days=7)
    (ongoing,) = type_course(start, None)
    (ended,) = type_course(start, start)
    assert ongoing.day == ended.day
    assert ended.values["stop_date"] == start.isoformat()
