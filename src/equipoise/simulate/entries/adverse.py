"""Entries of adverse events: term, grade, dates, relation, outcome."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.simulate.cohort import NEVER, Flags, Ints, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    lesion_column,
    name_column,
    number_records,
    only_where,
    partial_date_column,
)
from equipoise.simulate.entries.laboratory import Onsets, write_laboratory
from equipoise.simulate.entries.serious import Serious, write_reports
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.toxicity import Events, draw_events, list_terms
from equipoise.simulate.treatment import draw_treatment
from equipoise.simulate.trial_course import Course
from equipoise.vocab.ctcae import allowed_grades

IMMUNOTHERAPY, KINASE_INHIBITOR, SBRT = range(3)
_FIRST_DETAIL = 100  # columns of ADVERSE_EVENT from here on are for the entries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Details:
    """The events that happened, one a row: when, how bad, and what is told of them."""

    rows: Ints
    slot: Ints
    grade: Ints
    onset: Ints
    end: Ints
    ended: Flags
    vague: Flags
    serious: Flags


def write_adverse_events(
    setting: Setting, *, course: Course, people: People
) -> dict[str, pl.DataFrame]:
    """Adverse events, the laboratory values that show them, and the reports of serious ones.

    A grade that its term does not allow is never written.
    """
    treatment = draw_treatment(setting, course=course)
    events = draw_events(setting, course=course, treatment=treatment)
    terms = list_terms(setting.operations.toxicity)
    each = _draw_details(setting, course=course, events=events, terms=terms)
    rows, slot, grade = each.rows, each.slot, each.grade
    end = np.where(each.ended, each.end, NEVER)
    outcome = np.where(grade == 5, 2, np.where(each.ended, 0, 1))
    irradiated = events.lesion[rows, slot]
    columns = {
        "record": pl.Series(number_records(rows)),
        "term": name_column(terms, place=events.term[rows, slot]),
        "grade": pl.Series(grade),
        "onset_date": partial_date_column(
            people, rows=rows, day=each.onset, day_unknown=each.vague
        ),
        "end_date": partial_date_column(
            people, rows=rows, day=end, day_unknown=np.zeros_like(each.vague)
        ),
        "ongoing": pl.Series(~each.ended),
        "serious": pl.Series(each.serious),
        **_relations(events.cause[rows, slot], fatal=grade == 5),
        "outcome": name_column(("recovered", "not_recovered", "fatal"), place=outcome),
        "lesion": only_where(irradiated >= 0, values=lesion_column(np.maximum(irradiated, 0))),
    }
    onsets = _list_onsets(events, rows=rows, slot=slot, grade=grade, terms=terms)
    reports = _list_serious(each, slots=events.onset.shape[1])
    return {
        "ae": build_rows(people, rows=rows, columns=columns),
        "sae": write_reports(course, people=people, serious=reports),
        **write_laboratory(course, people=people, onsets=onsets),
    }


def _draw_details(
    setting: Setting, *, course: Course, events: Events, terms: tuple[str, ...]
) -> _Details:
    rows, slot = np.nonzero(events.onset < NEVER)
    slots = events.onset.shape[1]
    uniform = draw_uniform(
        course.cohort, purpose=Purpose.ADVERSE_EVENT, count=_FIRST_DETAIL + 3 * slots
    )[:, _FIRST_DETAIL:].reshape(-1, 3, slots)[rows, :, slot]
    toxicity = setting.operations.toxicity
    grade = _allow(
        events.grade[rows, slot],
        term=events.term[rows, slot],
        terms=terms,
        raised=uniform[:, 0] < toxicity.grade_4_share,
    )
    onset = events.onset[rows, slot]
    end = onset + events.days[rows, slot]
    return _Details(
        rows=rows,
        slot=slot,
        grade=grade,
        onset=onset,
        end=end,
        ended=end <= course.fate.stop[rows],
        vague=(uniform[:, 1] < toxicity.onset_day_unknown) & (grade < 5) & (onset > 31),
        serious=(grade >= 4) | ((grade == 3) & (uniform[:, 2] < 0.3)),
    )


def _list_serious(each: _Details, *, slots: int) -> Serious:
    kept = each.serious
    return Serious(
        rows=each.rows[kept],
        slot=each.slot[kept],
        record=number_records(each.rows)[kept],
        grade=each.grade[kept],
        onset=each.onset[kept],
        end=np.where(each.ended, each.end, NEVER)[kept],
        slots=slots,
    )


def _list_onsets(
    events: Events, *, rows: Ints, slot: Ints, grade: Ints, terms: tuple[str, ...]
) -> Onsets:
    return Onsets(
        rows=rows,
        slot=slot,
        day=events.onset[rows, slot],
        term=events.term[rows, slot],
        grade=grade,
        terms=terms,
        slots=events.onset.shape[1],
    )


def _relations(cause: Ints, *, fatal: Flags) -> dict[str, pl.Series]:
    """The relation to each treatment: probable to its cause, none to the others."""
    names = ("none", "probable", "possible")
    strength = np.where(fatal, 2, 1)
    return {
        name: name_column(names, place=np.where(cause == which, strength, 0))
        for name, which in (
            ("related_sbrt", SBRT),
            ("related_ici", IMMUNOTHERAPY),
            ("related_tki", KINASE_INHIBITOR),
        )
    }


def _allow(grade: Ints, *, term: Ints, terms: tuple[str, ...], raised: Flags) -> Ints:
    """Grades that CTCAE allows for the term: 4 where raised and allowed, else the one drawn."""
    allowed = [allowed_grades(name) or frozenset(range(1, 6)) for name in terms]
    has_4 = np.array([4 in grades for grades in allowed])[term]
    lowest = np.array([min(grades) for grades in allowed])[term]
    wanted = np.where((grade == 3) & raised & has_4, 4, grade)
    return np.asarray(np.maximum(wanted, lowest), dtype=np.int64)
