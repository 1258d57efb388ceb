"""The rules of the site over a whole rehearsed trial: grid, deviations, queries, signatures."""

from datetime import date, timedelta
from functools import cache

import pytest

from equipoise.capture.deviations import Category, list_deviations
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.entry import FormEntry
from equipoise.capture.frames import entries
from equipoise.capture.lifecycle import FormState
from equipoise.capture.queries import AutomaticQuery, QueryState, key_of, reconcile
from equipoise.capture.schedule import Circumstances, Held, Owed, PlannedVisit, build_schedule
from equipoise.capture.signature import changed_since, digests_of
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.dirt import plant_errors
from equipoise.simulate.rehearsal import Rehearsal, rehearse
from naive.visit_windows import visits_outside, visits_without_entry

PROTOCOL = shipped_protocol()
LATE = date(2040, 1, 1)


@cache
def rehearsal() -> Rehearsal:
    return rehearse(PROTOCOL, scenario="S2", seed=11)


@cache
def arms() -> dict[str, str]:
    return dict(rehearsal().allocations.select("subject", "arm").iter_rows())


@cache
def by_subject() -> dict[str, list[FormEntry]]:
    found: dict[str, list[FormEntry]] = {}
    for entry in entries(rehearsal().frames, PROTOCOL):
        found.setdefault(entry.subject, []).append(entry)
    return found


@cache
def grid(subject: str, day: date = LATE) -> tuple[PlannedVisit, ...]:
    given = Circumstances(as_of_date=day, arm=arms().get(subject))
    return build_schedule(held(subject), PROTOCOL, given=given)


def held(subject: str) -> list[Held]:
    return [Held(entry=entry, state=FormState.COMPLETE) for entry in by_subject()[subject]]


@cache
def deviations() -> frozenset[tuple[str, Category, str]]:
    return frozenset(
        (found.subject, found.category, found.about)
        for subject in by_subject()
        for found in list_deviations(
            grid(subject),
            PROTOCOL,
            entries=held(subject),
            subject=subject,
            arm=arms().get(subject),
        )
    )


def after_randomisation(category: Category) -> set[tuple[str, str]]:
    codes = {v.code for v in PROTOCOL.schedule.visit if v.day > 0 and not v.origin}
    return {(s, about) for s, kind, about in deviations() if kind is category and about in codes}


def test_visits_outside_their_window_are_those_that_one_counts_row_by_row() -> None:
    expected = visits_outside(rehearsal().frames, PROTOCOL)

    assert after_randomisation(Category.WINDOW) == expected
    assert len(expected) > 10


def test_visits_missed_are_those_without_any_entry() -> None:
    expected = visits_without_entry(rehearsal().frames, PROTOCOL)

    assert after_randomisation(Category.MISSED) == expected
    assert len(expected) > 20


def test_a_subject_in_the_arm_with_sbrt_never_has_a_form_of_another_arm() -> None:
    crossed = {s for s, category, _ in deviations() if category is Category.ARM}

    assert {arms()[subject] for subject in crossed} <= {"A"}


def test_every_entry_of_a_planned_visit_stands_in_its_cell_and_nowhere_else() -> None:
    for subject, own in by_subject().items():
        placed = [
            (planned.visit.code, entry)
            for planned in grid(subject)
            for cell in planned.cells
            for entry in cell.entries
        ]
        expected = [
            (visit.code, entry.entry)
            for visit in (planned.visit for planned in grid(subject))
            for name in visit.form
            for entry in own
            if entry.form == name and visit_of(entry) in (None, visit.code)
        ]
        assert placed == expected
        assert len(placed) == len(set(placed))


def visit_of(entry: FormEntry) -> str | None:
    """The visit that the key of an entry names, if its form is one of visits."""
    key = PROTOCOL.form_named(entry.form).key
    return entry.key[key.index("visit")] if "visit" in key else None


@pytest.mark.parametrize("months", [0, 6, 24])
def test_nothing_is_overdue_before_its_window_is_over(months: int) -> None:
    for subject in list(by_subject())[:10]:
        day = date(2025, 6, 1) + timedelta(days=30 * months)
        for planned in grid(subject, day):
            for cell in planned.cells:
                if cell.owed is Owed.OVERDUE:
                    assert planned.window is not None
                    assert planned.window.closes_date < day


def test_the_queries_of_a_whole_trial_are_opened_once_and_closed_when_all_is_well() -> None:
    dirty = plant_errors(rehearsal().frames, protocol=PROTOCOL, seed=5)
    findings = check_frames(dirty.frames, PROTOCOL, as_of_date=LATE)
    complete = {finding.entry for finding in findings}

    opened = reconcile(findings, queries=(), complete=complete, confirmed={})
    queries = [
        AutomaticQuery(key=deed.key, state=QueryState.OPEN, found=deed.found) for deed in opened
    ]

    assert len(opened) > 10
    assert {deed.key for deed in opened} == {key_of(finding) for finding in findings}
    assert reconcile(findings, queries=queries, complete=complete, confirmed={}) == ()
    closed = reconcile((), queries=queries, complete=complete, confirmed={})
    assert [deed.key for deed in closed] == [query.key for query in queries]
    assert {deed.subject for deed in closed} == {deed.subject for deed in opened}


def test_a_casebook_signed_stays_signed_until_one_entry_changes() -> None:
    subject, own = next(iter(by_subject().items()))
    covered = digests_of(own)

    assert len(covered) == len(own)
    assert changed_since(covered, entries=reversed(own)) == []
    assert changed_since(covered, entries=own[1:]) == [own[0].entry]
    assert subject == own[0].subject
