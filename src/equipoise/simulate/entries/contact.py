"""Entries of being there: performance status, contacts, death, end of study."""

import numpy as np
import polars as pl

from equipoise.simulate.cohort import DAYS_PER_MONTH, NEVER, Ints, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    constant,
    date_column,
    name_column,
    partial_date_column,
)
from equipoise.simulate.entries.lesion_forms import Seen, list_scans
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.trial_course import Course

_SWEEP_DAYS = 7  # before a data cut every subject is asked about


def write_contact(setting: Setting, *, course: Course, people: People) -> dict[str, pl.DataFrame]:
    """The forms of contact by name."""
    seen = list_scans(course)
    planned = seen.position % 2 == 0
    visits = Seen(rows=seen.rows[planned], position=seen.position[planned])
    return {
        "ecog": _write_performance(course, people, visits),
        "surv": _write_contacts(setting, course, people, visits),
        "dth": _write_death(setting, course, people),
        "eos": _write_end(course, people),
    }


def _write_performance(course: Course, people: People, visits: Seen) -> pl.DataFrame:
    """Performance status at screening and at every planned visit; worse once it grows."""
    screened = np.arange(course.cohort.size)
    rows = np.concatenate([screened, visits.rows])
    day = course.scans.day[visits.rows, visits.position]
    worse = day >= course.scans.first_seen[visits.rows]
    base = course.baseline.ecog
    later = np.minimum(base[visits.rows] + worse, 3)
    columns = {
        "visit": pl.concat(
            [constant("SCR", rows=screened), name_column(course.plan.code, place=visits.position)]
        ),
        "ecog_date": date_column(
            people, rows=rows, day=np.concatenate([-course.baseline.consent_days, day])
        ),
        "ecog": pl.Series(np.concatenate([base, later])),
    }
    return _in_order(rows, build_rows(people, rows=rows, columns=columns))


def _write_contacts(setting: Setting, course: Course, people: People, visits: Seen) -> pl.DataFrame:
    """Visits, calls in between and beyond the scans, and a sweep before each data cut."""
    day = course.scans.day[visits.rows, visits.position]
    at_visit = {
        "visit": name_column(course.plan.code, place=visits.position),
        "alive_date": date_column(people, rows=visits.rows, day=day),
        "source": constant("visit", rows=visits.rows),
    }
    visited = build_rows(people, rows=visits.rows, columns=at_visit)
    parts = [
        (visits.rows, visited),
        _write_calls(setting, course, people),
        *_write_sweeps(setting, course, people),
    ]
    return _in_order(
        np.concatenate([rows for rows, _ in parts]), pl.concat([part for _, part in parts])
    )


def _in_order(rows: Ints, table: pl.DataFrame) -> pl.DataFrame:
    """The table with the rows of a subject together, in the order of the subjects."""
    return table[np.argsort(rows, kind="stable")]


def _write_calls(setting: Setting, course: Course, people: People) -> tuple[Ints, pl.DataFrame]:
    """A call every so many months once scans have stopped."""
    attendance = setting.operations.attendance
    step = max(1, round(attendance.contact_months * DAYS_PER_MONTH))
    count = int(course.fate.stop.max(initial=0)) // step
    uniform = draw_uniform(course.cohort, purpose=Purpose.CONTACT, count=count)
    call = np.arange(1, count + 1) * step
    planned = np.where(course.plan.day < NEVER, course.plan.day, 0).max(axis=1, initial=0)
    last_scan = np.minimum(course.watch.decided, planned)
    made = (call > last_scan[:, None]) & (call < course.fate.stop[:, None])
    made &= uniform >= attendance.contact_missed
    rows, place = np.nonzero(made)
    columns = {
        "visit": name_column([f"F{number:02d}" for number in range(1, count + 1)], place=place),
        "alive_date": date_column(people, rows=rows, day=call[place]),
        "source": constant("phone", rows=rows),
    }
    return rows, build_rows(people, rows=rows, columns=columns)


def _write_sweeps(
    setting: Setting, course: Course, people: People
) -> list[tuple[Ints, pl.DataFrame]]:
    """The last contact before each data cut, of everybody alive and in the trial."""
    by_trial = course.arrival.randomised.reshape(-1, setting.subjects)
    last = np.repeat(by_trial.max(axis=1), setting.subjects) - course.arrival.randomised
    uniform = draw_uniform(course.cohort, purpose=Purpose.LEAVING, count=3)[:, 2]
    sweeps = []
    for cut in setting.protocol.cut:
        day = last + int(cut.plus_months * DAYS_PER_MONTH)
        day = day - np.floor(uniform * _SWEEP_DAYS).astype(np.int64)
        rows = np.nonzero(day < course.fate.stop)[0]
        columns = {
            "visit": constant(cut.id, rows=rows),
            "alive_date": date_column(people, rows=rows, day=day[rows]),
            "source": constant("registry", rows=rows),
        }
        sweeps.append((rows, build_rows(people, rows=rows, columns=columns)))
    return sweeps


def _write_death(setting: Setting, course: Course, people: People) -> pl.DataFrame:
    rows = np.nonzero(course.fate.dies)[0]
    uniform = draw_uniform(course.cohort, purpose=Purpose.DEATH, count=4)[rows, 2:]
    day = course.fate.death[rows]
    unknown = uniform[:, 0] < setting.operations.leaving.death_day_unknown
    columns = {
        "death_date": partial_date_column(people, rows=rows, day=day, day_unknown=unknown),
        "cause": name_column(("rcc", "ae", "other", "unknown"), place=_cause(course, rows)),
    }
    return build_rows(people, rows=rows, columns=columns)


def _cause(course: Course, rows: Ints) -> Ints:
    """Mostly the disease after progression, often something else before it."""
    uniform = draw_uniform(course.cohort, purpose=Purpose.DEATH, count=4)[rows, 3]
    day = course.fate.death[rows]
    progressed = course.scans.first_seen[rows] < day
    cause = np.where(uniform < np.where(progressed, 0.92, 0.4), 0, 2)
    cause = np.where(uniform > 0.97, 3, cause)
    return np.where(course.toxic_death[rows] == day, 1, cause)


def _write_end(course: Course, people: People) -> pl.DataFrame:
    fate = course.fate
    rows = np.nonzero(fate.dies | fate.leaves)[0]
    reason = np.where(fate.dies[rows], 0, np.where(fate.withdrew[rows], 2, 1))
    day = np.where(fate.dies[rows], fate.death[rows], fate.leaving[rows])
    columns = {
        "eos_date": date_column(people, rows=rows, day=day),
        "reason": name_column(("death", "lost", "withdrew_follow_up"), place=reason),
    }
    return build_rows(people, rows=rows, columns=columns)
