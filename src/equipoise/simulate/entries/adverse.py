"""Entries of adverse events: term, grade, dates, relation, outcome."""

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


def write_adverse_events(
    setting: Setting, *, course: Course, people: People
) -> dict[str, pl.DataFrame]:
    """Adverse events, the laboratory values that show them, and the reports of serious ones.

    A grade that its term does not allow is never written.
    """
    treatment = draw_treatment(setting, course=course)
    events = draw_events(setting, course=course, treatment=treatment)
    rows, slot = np.nonzero(events.onset < NEVER)
    slots = events.onset.shape[1]
    uniform = draw_uniform(
        course.cohort, purpose=Purpose.ADVERSE_EVENT, count=_FIRST_DETAIL + 3 * slots
    )[:, _FIRST_DETAIL:].reshape(-1, 3, slots)[rows, :, slot]
    toxicity = setting.operations.toxicity
    terms = list_terms(toxicity)
    grade = _allow(
        events.grade[rows, slot],
        term=events.term[rows, slot],
        terms=terms,
        raised=uniform[:, 0] < toxicity.grade_4_share,
    )
    onset = events.onset[rows, slot]
    end = onset + events.days[rows, slot]
    ended = end <= course.fate.stop[rows]
    vague = (uniform[:, 1] < toxicity.onset_day_unknown) & (grade < 5) & (onset > 31)
    outcome = np.where(grade == 5, 2, np.where(ended, 0, 1))
    serious = (grade >= 4) | ((grade == 3) & (uniform[:, 2] < 0.3))
    irradiated = events.lesion[rows, slot]
    record = number_records(rows)
    columns = {
        "record": pl.Series(record),
        "term": name_column(terms, place=events.term[rows, slot]),
        "grade": pl.Series(grade),
        "onset_date": partial_date_column(people, rows=rows, day=onset, day_unknown=vague),
        "end_date": partial_date_column(
            people, rows=rows, day=np.where(ended, end, NEVER), day_unknown=np.zeros_like(vague)
        ),
        "ongoing": pl.Series(~ended),
        "serious": pl.Series(serious),
        **_relations(events.cause[rows, slot], fatal=grade == 5),
        "outcome": name_column(("recovered", "not_recovered", "fatal"), place=outcome),
        "lesion": only_where(irradiated >= 0, values=lesion_column(np.maximum(irradiated, 0))),
    }
    onsets = _list_onsets(events, rows=rows, slot=slot, grade=grade, terms=terms)
    laboratory = write_laboratory(course, people=people, onsets=onsets)
    reports = Serious(
        rows=rows[serious],
        slot=slot[serious],
        record=record[serious],
        grade=grade[serious],
        onset=onset[serious],
        end=np.where(ended, end, NEVER)[serious],
        slots=slots,
    )
    return {
        "ae": build_rows(people, rows=rows, columns=columns),
        "sae": write_reports(course, people=people, serious=reports),
        **laboratory,
    }


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
