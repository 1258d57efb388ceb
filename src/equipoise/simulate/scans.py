"""The scans of every subject one after the other: sizes, readings, progression (D8.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from equipoise.protocol.scenario_model import Attendance
from equipoise.simulate.cohort import (
    NEVER,
    Cohort,
    Flags,
    Floats,
    Ints,
    any_of,
    draw_normal,
    draw_uniform,
)
from equipoise.simulate.holding import CONFIRM_AFTER_DAYS, Watch, build_watch, settle, watch_scan
from equipoise.simulate.lesions import MOST_LESIONS, Lesions, round_reading
from equipoise.simulate.local_therapy import LocalTherapy, measure_true_diameter
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.site_reading import (
    Memory,
    Reading,
    build_memory,
    is_growing,
    read_scan,
    remember,
)
from equipoise.simulate.visits import Plan

SMALLEST_TENTHS = 30  # D8.3: a lesion under 3 mm is absent
CONFIRM_UNTIL_DAYS = 84  # D2.3 R12: at most 12 weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Scans:
    """Every scan of every subject, shape (subjects, positions) or (subjects, positions, 5).

    `made` says which were made if the subject lives and stays; `failure_day` is the first day,
    per lesion, on which scans on the planned grid show growth, whoever looks (`NEVER` without).
    """

    day: Ints
    made: Flags
    tenths: Ints
    unread: Flags
    growing: Flags
    suspicious: Flags
    new: Flags
    target: Ints
    non_target: Ints
    first_seen: Ints
    failure_day: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is true of each subject before anybody looks."""

    lesions: Lesions
    local: LocalTherapy
    new_day: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where every subject stands between two scans."""

    memory: Memory
    watch: Watch
    failure_day: Ints


def read_scans(
    cohort: Cohort, *, subject: Subject, plan: Plan, attendance: Attendance, reading_cv: float
) -> Scans:
    """The scans of subjects who live and stay: what happens to them is applied afterwards."""
    positions = plan.day.shape[1]
    noise = draw_normal(cohort, purpose=Purpose.READING, count=positions * MOST_LESIONS)
    unread = _draw_unread(cohort, subject.lesions, positions, attendance.target_not_evaluable)
    memory = build_memory(subject.lesions)
    failure = np.full(subject.lesions.present.shape, NEVER, dtype=np.int64)
    course = Course(memory=memory, watch=build_watch(cohort.size), failure_day=failure)
    rows: list[Mapping[str, Any]] = []
    for position in range(positions):
        day, seen = _when(position, plan=plan, watch=course.watch)
        part = noise[:, position * MOST_LESIONS : (position + 1) * MOST_LESIONS]
        tenths = _measure(subject, day=day, error=np.exp(reading_cv * part), reading_cv=reading_cv)
        scan = (tenths, unread[:, position], seen)
        row, course = _step(course, subject=subject, day=day, scan=scan)
        rows.append(row)
    stacked: dict[str, Any] = {
        name: np.stack([row[name] for row in rows], axis=1) for name in rows[0]
    }
    return Scans(
        first_seen=course.watch.first_seen,
        failure_day=course.failure_day,
        **{field.name: stacked[field.name] for field in fields(Scans) if field.name in stacked},
    )


def believe(scans: Scans, *, stop: Ints) -> Watch:
    """What the site comes to believe of the scans made on or before each subject's last day."""
    watch = build_watch(len(stop))
    for position in range(scans.day.shape[1]):
        watch = watch_scan(
            watch,
            day=scans.day[:, position],
            seen=scans.made[:, position] & (scans.day[:, position] <= stop),
            suspicious=scans.suspicious[:, position],
            new=scans.new[:, position],
            cleared=~any_of(scans.unread[:, position]),
        )
    return settle(watch)


def _when(position: int, *, plan: Plan, watch: Watch) -> tuple[Ints, Flags]:
    """The day of a scan and who comes: a confirmatory one where the next visit is too far off."""
    if position % 2 == 0:
        return plan.day[:, position], plan.attended[:, position]
    before = plan.day[:, position - 1]
    last = position + 1 >= plan.day.shape[1]
    ahead = np.full_like(before, NEVER) if last else plan.day[:, position + 1]
    opened = (watch.suspected == before) & (watch.decided == NEVER)
    day = before + np.maximum(plan.extra_days[:, position // 2], CONFIRM_AFTER_DAYS)
    needed = opened & (ahead - before > CONFIRM_UNTIL_DAYS)
    return np.where(needed, day, before), needed


def _measure(subject: Subject, *, day: Ints, error: Floats, reading_cv: float) -> Ints:
    true = measure_true_diameter(subject.lesions, local=subject.local, day=day)
    tenths = round_reading((true * error).clip(0.0, 300.0), reading_cv=reading_cv)
    return np.where(subject.lesions.present & (tenths >= SMALLEST_TENTHS), tenths, 0)


def _step(
    course: Course, *, subject: Subject, day: Ints, scan: tuple[Ints, Flags, Flags]
) -> tuple[Mapping[str, Any], Course]:
    """What one scan shows, and where every subject stands after it."""
    tenths, unread, planned = scan
    seen = planned & (course.watch.decided == NEVER)
    reading = read_scan(subject.lesions, tenths=tenths, unread=unread, memory=course.memory)
    new = subject.new_day <= day
    growing = is_growing(tenths, lowest=course.memory.lowest) & subject.lesions.present
    failed = planned[:, None] & growing & ~unread
    after = Course(
        memory=remember(
            course.memory, reading=reading, lesions=subject.lesions, scan=(tenths, unread, planned)
        ),
        watch=watch_scan(
            course.watch,
            day=day,
            seen=seen,
            suspicious=reading.suspicious,
            new=new,
            cleared=~any_of(unread),
        ),
        failure_day=np.where(
            failed, np.minimum(course.failure_day, day[:, None]), course.failure_day
        ),
    )
    return _row(reading, day=day, seen=seen, new=new, scan=scan), after


def _row(
    reading: Reading, *, day: Ints, seen: Flags, new: Flags, scan: tuple[Ints, Flags, Flags]
) -> Mapping[str, Any]:
    return {
        "day": day,
        "made": seen,
        "tenths": scan[0],
        "unread": scan[1],
        "growing": reading.growing,
        "suspicious": reading.suspicious,
        "new": new,
        "target": reading.target,
        "non_target": reading.non_target,
    }


def _draw_unread(cohort: Cohort, lesions: Lesions, positions: int, chance: float) -> Flags:
    """Lesions that cannot be judged, shape (subjects, positions, 5): one target at a time."""
    if chance == 0.0:
        return np.zeros((cohort.size, positions, MOST_LESIONS), dtype=np.bool_)
    uniform = draw_uniform(cohort, purpose=Purpose.NOT_EVALUABLE, count=2 * positions)
    hit = uniform[:, :positions] < chance
    rank = np.cumsum(lesions.target, axis=1)
    wanted = 1 + np.floor(uniform[:, positions:] * rank[:, -1:])
    chosen = lesions.target[:, None, :] & (rank[:, None, :] == wanted[:, :, None])
    return np.asarray(hit[:, :, None] & chosen, dtype=np.bool_)
