"""Entries of serious adverse events: the report that each has, with its clocks."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.simulate.cohort import NEVER, Flags, Floats, Ints, between, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    constant,
    date_column,
    name_column,
    only_where,
)
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.trial_course import Course

SAME_DAY = 0.75  # of the reports; the others follow early on the next day
UNEXPECTED = 0.08  # proposal: few events of known drugs are not in their safety information
_HOURS = tuple(f"{hour:02d}:{minute}" for hour in range(8, 18) for minute in ("10", "40"))
_LATER = ("18:05", "18:50", "19:30", "20:15")
_EARLY = ("06:10", "06:45", "07:20", "07:55")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serious:
    """The serious events: subject, slot of `slots`, record, grade, first and last day."""

    rows: Ints
    slot: Ints
    record: Ints
    grade: Ints
    onset: Ints
    end: Ints
    slots: int


def write_reports(course: Course, *, people: People, serious: Serious) -> pl.DataFrame:
    """A report within 24 hours for each serious event; the authority told in time."""
    rows, grade = serious.rows, serious.grade
    uniform = draw_uniform(course.cohort, purpose=Purpose.SERIOUS, count=6 * serious.slots)
    uniform = uniform.reshape(-1, 6, serious.slots)[rows, :, serious.slot]
    aware = serious.onset + between(uniform[:, 0], low=0, high=2)
    unexpected = uniform[:, 2] < UNEXPECTED
    limit = np.where(grade >= 4, 6, 14)
    columns = {
        "record": pl.Series(serious.record),
        "report": name_column(("initial", "final"), place=(serious.end < NEVER).astype(np.int64)),
        **_criteria(grade),
        "aware_date": date_column(people, rows=rows, day=aware),
        **_clock(people, rows=rows, aware=aware, uniform=uniform),
        **_stay(people, serious=serious, nights=between(uniform[:, 3], low=2, high=12)),
        "expectedness": name_column(("expected", "unexpected"), place=unexpected.astype(np.int64)),
        "authority_date": only_where(
            unexpected,
            values=date_column(
                people, rows=rows, day=aware + 2 + np.floor(uniform[:, 4] * (limit - 2))
            ),
        ),
        "narrative": constant("A rehearsed event: there is no story behind it.", rows=rows),
    }
    return build_rows(people, rows=rows, columns=columns)


def _criteria(grade: Ints) -> dict[str, pl.Series]:
    """Death at grade 5, life-threatening at 4, in hospital up to 4."""
    return {
        "is_death": pl.Series(grade == 5),
        "is_life_threatening": pl.Series(grade == 4),
        "is_hospitalisation": pl.Series(grade < 5),
        **dict.fromkeys(
            ("is_disability", "is_birth_defect", "is_important"),
            pl.Series(np.zeros(grade.size, dtype=np.bool_)),
        ),
    }


def _clock(people: People, *, rows: Ints, aware: Ints, uniform: Floats) -> dict[str, pl.Series]:
    """When the site knew, and when it reported: the same evening, or early on the next day."""
    same = uniform[:, 1] < SAME_DAY
    knew = np.floor(uniform[:, 5] * len(_HOURS)).astype(np.int64)
    told = np.floor(uniform[:, 5] * len(_LATER)).astype(np.int64)
    return {
        "aware_time": name_column(_HOURS, place=knew),
        "reported_date": date_column(people, rows=rows, day=aware + ~same),
        "reported_time": name_column((*_LATER, *_EARLY), place=told + len(_LATER) * ~same),
    }


def _stay(people: People, *, serious: Serious, nights: Ints) -> dict[str, pl.Series]:
    """In hospital from the onset; home when the event has ended, or after some nights."""
    inside: Flags = serious.grade < 5
    home = np.minimum(serious.onset + nights, serious.end)
    admitted = date_column(people, rows=serious.rows, day=serious.onset)
    discharged = date_column(people, rows=serious.rows, day=home)
    return {
        "admitted_date": only_where(inside, values=admitted),
        "discharged_date": only_where(inside, values=discharged),
    }
