"""Entries of laboratory values: at screening, and where an adverse event is one of them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.simulate.cohort import Floats, Ints, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    date_column,
    name_column,
    number_records,
)
from equipoise.simulate.entries.screening import draw_blood
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.trial_course import Course

TESTS = ("haemoglobin", "platelets", "alt", "ast", "lipase")
UNITS = ("g/dL", "10^9/L", "U/L", "U/L", "U/L")
DIGITS = np.array([1, 0, 0, 0, 0])
# Limits of normal; that of haemoglobin is the subject's own.
LOWER = (np.nan, 150.0, 7.0, 8.0, 13.0)
UPPER = (17.5, 400.0, 40.0, 35.0, 60.0)
TERMS = {
    "Anemia": 0,
    "Platelet count decreased": 1,
    "Alanine aminotransferase increased": 2,
    "Aspartate aminotransferase increased": 3,
    "Lipase increased": 4,
}
# Where the value of an event of grade 1 to 4 lies, within the limits of CTCAE v5.0 (D6.4).
LOW = np.array(
    [
        [10.5, 8.2, 6.6, 5.2],
        [80.0, 52.0, 27.0, 8.0],
        [44.0, 130.0, 220.0, 840.0],
        [39.0, 110.0, 190.0, 730.0],
        [64.0, 100.0, 320.0, 320.0],
    ]
)
HIGH = np.array(
    [
        [11.5, 9.8, 7.8, 6.4],
        [140.0, 74.0, 49.0, 24.0],
        [115.0, 195.0, 780.0, 1600.0],
        [100.0, 170.0, 680.0, 1400.0],
        [88.0, 290.0, 900.0, 1500.0],
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Onsets:
    """Adverse events as they are entered: subject, slot, day, term and grade, one row an event."""

    rows: Ints
    slot: Ints
    day: Ints
    term: Ints
    grade: Ints
    terms: tuple[str, ...]
    slots: int


def write_laboratory(course: Course, *, people: People, onsets: Onsets) -> dict[str, pl.DataFrame]:
    """Five values at screening, and one on the first day of each event that is a laboratory value.

    An event's value lies within its grade. The blood count is that of the IMDC form.
    """
    tests = len(TESTS)
    uniform = draw_uniform(course.cohort, purpose=Purpose.LABORATORY, count=tests + onsets.slots)
    test = np.array([TERMS.get(name, -1) for name in onsets.terms], dtype=np.int64)[onsets.term]
    kept = (test >= 0) & (onsets.grade <= 4)
    of_event, grade = test[kept], onsets.grade[kept] - 1
    low, high = LOW[of_event, grade], HIGH[of_event, grade]
    chance = uniform[onsets.rows[kept], tests + onsets.slot[kept]]
    subjects = np.arange(course.cohort.size)
    rows = np.concatenate([np.repeat(subjects, tests), onsets.rows[kept]])
    which = np.concatenate([np.tile(np.arange(tests), subjects.size), of_event])
    day = np.concatenate([np.repeat(-course.baseline.lab_days, tests), onsets.day[kept]])
    value = np.concatenate([_at_screening(course, uniform).ravel(), low + (high - low) * chance])
    order = np.lexsort((which, day, rows))
    return _write(
        course, people, rows=rows[order], which=which[order], day=day[order], value=value[order]
    )


def _at_screening(course: Course, uniform: Floats) -> Floats:
    """Shape (subjects, tests): the blood count of the IMDC form, enzymes within their limits."""
    blood = draw_blood(course)
    upper = np.array(UPPER[2:])
    enzymes = upper * (0.4 + 0.55 * uniform[:, 2 : len(TESTS)])
    return np.column_stack([blood.haemoglobin_g_dl, blood.platelets_10e9_l, enzymes])


def _write(
    course: Course, people: People, *, rows: Ints, which: Ints, day: Ints, value: Floats
) -> dict[str, pl.DataFrame]:
    lower = np.array(LOWER)[which]
    own = draw_blood(course).lower_g_dl[rows]
    columns = {
        "record": pl.Series(number_records(rows)),
        "test": name_column(TESTS, place=which),
        "value": pl.Series(np.where(DIGITS[which] > 0, np.round(value, 1), np.round(value))),
        "unit": name_column(UNITS, place=which),
        "lln": pl.Series(np.where(which == 0, own, lower)),
        "uln": pl.Series(np.array(UPPER)[which]),
        "lab_date": date_column(people, rows=rows, day=day),
    }
    return {"lb": build_rows(people, rows=rows, columns=columns)}
