"""Entries of the visit that counts from the last fraction of SBRT, in the arm that has it."""

import numpy as np
import polars as pl

from equipoise.protocol.model import Protocol, Visit
from equipoise.simulate.cohort import Flags, Ints, between, draw_uniform
from equipoise.simulate.entries.columns import People, build_rows, constant, date_column
from equipoise.simulate.entries.visit_forms import measure
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.trial_course import Course

_KEY = ["replicate", "subject"]
_DRAWN = 7  # numbers a subject: whether it came, when, and what was measured


def write_visit_after_sbrt(
    setting: Setting, *, written: dict[str, pl.DataFrame], course: Course, people: People
) -> dict[str, pl.DataFrame]:
    """Performance status and vital signs of the visit by form; none where no visit is planned.

    Only of who was heard of later, so that no day moves on which somebody was last known alive.
    """
    visit = _find_visit(setting.protocol)
    if visit is None:
        return {}
    uniform = draw_uniform(course.cohort, purpose=Purpose.AFTER_SBRT, count=_DRAWN)
    jitter = between(uniform[:, 1], low=-visit.before_days, high=visit.after_days)
    ended, heard = _days(written, people)
    day = ended + visit.day + jitter
    came = _is_asked(setting, visit, course) & (ended > 0) & (day < heard)
    came &= uniform[:, 0] >= setting.operations.attendance.missed
    rows = np.flatnonzero(came)
    at = {"visit": constant(visit.code, rows=rows)}
    dates = date_column(people, rows=rows, day=day[rows])
    worse = day >= course.scans.first_seen
    status = pl.Series(np.minimum(course.baseline.ecog + worse, 3)[rows])
    measured = measure(
        course, rows=rows, each=uniform[rows, 2:], screening=np.zeros(rows.size, bool)
    )
    forms = {
        "ecog": {**at, "ecog_date": dates, "ecog": status},
        "vs": {**at, "vs_date": dates, **measured},
    }
    return {
        name: build_rows(people, rows=rows, columns=columns)
        for name, columns in forms.items()
        if name in visit.form
    }


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


def _days(written: dict[str, pl.DataFrame], people: People) -> tuple[Ints, Ints]:
    """The last fraction and the last contact of each subject, in days from randomisation.

    -1 without one.
    """
    everyone = np.arange(people.randomised.size)
    day = pl.Series(people.randomised.astype(np.int32)).cast(pl.Date)
    found = build_rows(people, rows=everyone, columns={"randomised": day})
    for form, item in (("rt_fx", "fraction_date"), ("surv", "alive_date")):
        last = written[form].group_by(_KEY).agg(pl.col(item).max())
        found = found.join(last, on=_KEY, how="left", maintain_order="left")
    since = (pl.col(name) - pl.col("randomised") for name in ("fraction_date", "alive_date"))
    days = found.select(each.dt.total_days().fill_null(-1) for each in since)
    return days["fraction_date"].to_numpy(), days["alive_date"].to_numpy()
