"""When a subject is scanned: planned days, jitter, missed visits (D7.1, D8.4)."""

from dataclasses import dataclass

import numpy as np

from equipoise.protocol.model import Visit
from equipoise.protocol.scenario_model import Attendance
from equipoise.simulate.cohort import (
    NEVER,
    Cohort,
    Flags,
    Ints,
    between,
    draw_normal,
    draw_uniform,
)
from equipoise.simulate.purpose import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The scans of each subject, shape (subjects, positions), two positions a visit.

    Even positions are planned visits; odd ones are kept for a confirmatory scan after the visit
    before (rule R12), which `extra_days` later is made only where it is needed.
    """

    code: tuple[str, ...]
    day: Ints
    attended: Flags
    extra_days: Ints


def draw_plan(cohort: Cohort, *, visits: tuple[Visit, ...], attendance: Attendance) -> Plan:
    """The days on which each subject comes, whatever happens to it."""
    count = len(visits)
    codes = tuple(code for visit in visits for code in (visit.code, f"{visit.code}U"))
    day = np.full((cohort.size, 2 * count), NEVER, dtype=np.int64)
    day[:, ::2] = _draw_days(cohort, visits=visits, attendance=attendance)
    attended = np.zeros(day.shape, dtype=np.bool_)
    attended[:, ::2] = ~_draw_missed(cohort, count=count, missed=attendance.missed)
    extra = draw_uniform(cohort, purpose=Purpose.CONFIRMATION, count=count)
    days = between(extra, low=attendance.confirm_from_days, high=attendance.confirm_to_days)
    return Plan(code=codes, day=day, attended=attended, extra_days=days)


def _draw_days(cohort: Cohort, *, visits: tuple[Visit, ...], attendance: Attendance) -> Ints:
    """Normal jitter cut at the window; some visits late, beyond the window; order is kept."""
    count = len(visits)
    normal = draw_normal(cohort, purpose=Purpose.SCAN_DAY, count=count)
    uniform = draw_uniform(cohort, purpose=Purpose.SCAN_MISSED, count=3 * count + 1)
    late = uniform[:, :count] < attendance.outside_window
    beyond = between(uniform[:, count : 2 * count], low=1, high=attendance.outside_window_days)
    before = np.array([visit.before_days for visit in visits])
    after = np.array([visit.after_days for visit in visits])
    jitter = np.rint(normal * attendance.jitter_sd_days).astype(np.int64).clip(-before, after)
    planned = np.array([visit.day for visit in visits], dtype=np.int64)
    return np.maximum.accumulate(planned + np.where(late, after + beyond, jitter), axis=1)


def _draw_missed(cohort: Cohort, *, count: int, missed: float) -> Flags:
    """Missed visits: each patient has a chance of its own, beta(1, b) with the mean `missed`."""
    if missed == 0.0:
        return np.zeros((cohort.size, count), dtype=np.bool_)
    uniform = draw_uniform(cohort, purpose=Purpose.SCAN_MISSED, count=3 * count + 1)
    own = 1.0 - uniform[:, -1:] ** (missed / (1.0 - missed))  # quantile of beta(1, 1/missed - 1)
    return np.asarray(uniform[:, 2 * count : 3 * count] < own, dtype=np.bool_)
