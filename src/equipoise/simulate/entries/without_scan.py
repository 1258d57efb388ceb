"""Entries of visits at which nobody is scanned: six weeks after SBRT, and once scans have stopped.

Only of who was heard of later, so that no day moves on which somebody was last known alive.
"""

import numpy as np
import polars as pl

from equipoise.protocol.model import Protocol, Visit
from equipoise.simulate.cohort import Flags, Ints, between, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    constant,
    date_column,
    name_column,
)
from equipoise.simulate.entries.visit_forms import Visits, measure
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.trial_course import Course

_KEY = ["replicate", "subject"]
_DRAWN = 7  # numbers a subject: whether it came, when, and what was measured


def list_later_visits(
    course: Course, *, written: dict[str, pl.DataFrame], people: People
) -> Visits:
    """The planned visits once scans have stopped, on the days on which a scan would have been."""
    heard = _last_day(written["surv"], "alive_date", people)
    planned, attended = course.plan.day[:, ::2], course.plan.attended[:, ::2]
    came = attended & ~course.scans.made[:, ::2] & (planned > course.watch.decided[:, None])
    rows, place = np.nonzero(came & (planned < heard[:, None]))
    return Visits(rows=rows, place=place + 1, day=planned[rows, place])


def write_later_visits(
    visits: Visits, *, course: Course, people: People
) -> dict[str, pl.DataFrame]:
    """Performance status and contact at the visits; the other forms are those of every visit."""
    rows = visits.rows
    codes = name_column(course.plan.code[::2], place=visits.place - 1)
    dates = date_column(people, rows=rows, day=visits.day)
    status = _performance(course, rows=rows, day=visits.day)
    source = constant("visit", rows=rows)
    forms = {
        "ecog": {"visit": codes, "ecog_date": dates, "ecog": status},
        "surv": {"visit": codes, "alive_date": dates, "source": source},
    }
    return {n: build_rows(people, rows=rows, columns=columns) for n, columns in forms.items()}


def write_visit_after_sbrt(
    setting: Setting, *, written: dict[str, pl.DataFrame], course: Course, people: People
) -> dict[str, pl.DataFrame]:
    """Performance status and vital signs of the visit by form; none where no visit is planned."""
    visit = _find_visit(setting.protocol)
    if visit is None:
        return {}
    uniform = draw_uniform(course.cohort, purpose=Purpose.AFTER_SBRT, count=_DRAWN)
    jitter = between(uniform[:, 1], low=-visit.before_days, high=visit.after_days)
    ended = _last_day(written["rt_fx"], "fraction_date", people)
    day = ended + visit.day + jitter
    came = _is_asked(setting, visit, course) & (ended > 0)
    came &= day < _last_day(written["surv"], "alive_date", people)
    came &= uniform[:, 0] >= setting.operations.attendance.missed
    rows = np.flatnonzero(came)
    dates = date_column(people, rows=rows, day=day[rows])
    screening = np.zeros(rows.size, dtype=np.bool_)
    forms = {
        "ecog": {"ecog_date": dates, "ecog": _performance(course, rows=rows, day=day[rows])},
        "vs": {"vs_date": dates}
        | measure(course, rows=rows, each=uniform[rows, 2:], screening=screening),
    }
    code = constant(visit.code, rows=rows)
    return {
        name: build_rows(people, rows=rows, columns={"visit": code, **columns})
        for name, columns in forms.items()
        if name in visit.form
    }


def _performance(course: Course, *, rows: Ints, day: Ints) -> pl.Series:
    """As at the visits with a scan: worse once the disease grows."""
    worse = day >= course.scans.first_seen[rows]
    return pl.Series(np.minimum(course.baseline.ecog[rows] + worse, 3))


def _find_visit(protocol: Protocol) -> Visit | None:
    """The visit that counts from fractions of SBRT."""
    fractions = {
        anchor.id
        for anchor in protocol.anchor
        if any(source.frame == "rt_fx" for source in anchor.source)
    }
    return next((visit for visit in protocol.schedule.visit if visit.origin in fractions), None)


def _is_asked(setting: Setting, visit: Visit, course: Course) -> Flags:
    arms = tuple(setting.protocol.randomisation.ratio)
    asked = np.array([not visit.arm or arm in visit.arm for arm in arms])
    return np.asarray(asked[course.arm], dtype=np.bool_)


def _last_day(entries: pl.DataFrame, item: str, people: People) -> Ints:
    """The last date of each subject in days from its randomisation; -1 without one."""
    everyone = np.arange(people.randomised.size)
    day = pl.Series(people.randomised.astype(np.int32)).cast(pl.Date)
    order = build_rows(people, rows=everyone, columns={"randomised": day})
    last = entries.group_by(_KEY).agg(pl.col(item).max())
    found = order.join(last, on=_KEY, how="left", maintain_order="left")
    since = (pl.col(item) - pl.col("randomised")).dt.total_days()
    return found.select(since.fill_null(-1)).to_series().to_numpy()
