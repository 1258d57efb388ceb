"""Rehearse a trial: its entries, its allocations, and the truth behind them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.capture.frames import Frames, empty_frame, to_frame
from equipoise.protocol.model import Protocol
from equipoise.simulate.cohort import NEVER
from equipoise.simulate.entries.adverse import write_adverse_events
from equipoise.simulate.entries.columns import People, build_people, build_rows, name_column
from equipoise.simulate.entries.contact import write_contact
from equipoise.simulate.entries.further_forms import write_further_forms
from equipoise.simulate.entries.lesion_forms import write_imaging
from equipoise.simulate.entries.radiotherapy import write_radiotherapy
from equipoise.simulate.entries.screening import write_screening
from equipoise.simulate.entries.systemic import write_systemic
from equipoise.simulate.setting import Conditions, Setting, build_setting
from equipoise.simulate.trial_course import Course, draw_course

AS_PLANNED = Conditions()
SUBJECTS_AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the entries hide, in days from randomisation; null where it never happened.

    `subjects` has a row a subject: frailty, progression as the site believes it (R12) and as
    first seen, death, last day; `lesions` a row a lesion: growth on the planned scans, whoever
    looked.
    """

    subjects: pl.DataFrame
    lesions: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Rehearsed trials: entered items as capture knows them, allocations, and the truth."""

    frames: Frames
    allocations: pl.DataFrame
    truth: Truth


def rehearse(
    protocol: Protocol,
    *,
    scenario: str,
    seed: int,
    replicates: int = 1,
    conditions: Conditions = AS_PLANNED,
) -> Rehearsal:
    """The trials numbered from `conditions.first_replicate`, drawn by a scenario.

    The same seed gives the same bytes, whatever the number of trials, chunks or workers.
    Raises KeyError for an unknown scenario, RehearsalRefusedError for a protocol it cannot draw.
    """
    setting = build_setting(protocol, scenario=scenario, conditions=conditions)
    first = conditions.first_replicate
    step = max(1, min(SUBJECTS_AT_A_TIME // setting.subjects, -(-replicates // conditions.workers)))
    chunks = [
        range(start, min(start + step, first + replicates))
        for start in range(first, first + replicates, step)
    ]
    with ThreadPoolExecutor(max_workers=conditions.workers) as pool:
        parts = list(pool.map(lambda chunk: _rehearse_chunk(setting, seed, chunk), chunks))
    return _join(parts, protocol)


def _rehearse_chunk(setting: Setting, seed: int, replicates: range) -> Rehearsal:
    course = draw_course(setting, seed=seed, replicates=replicates)
    people = build_people(course)
    written = {
        **write_screening(setting, course=course, people=people),
        **write_imaging(setting, course=course, people=people),
        **write_radiotherapy(course, people=people),
        **write_systemic(setting, course=course, people=people),
        **write_adverse_events(setting, course=course, people=people),
        **write_contact(setting, course=course, people=people),
    }
    if setting.every_form:
        written |= write_further_forms(setting, written=written, course=course, people=people)
    frames = {
        form.form: to_frame(written[form.form], form=form)
        if form.form in written
        else empty_frame(form)
        for form in setting.protocol.form
    }
    arms = tuple(setting.protocol.randomisation.ratio)
    everyone = np.arange(course.cohort.size)
    allocations = build_rows(
        people, rows=everyone, columns={"arm": name_column(arms, place=course.arm)}
    )
    return Rehearsal(frames=frames, allocations=allocations, truth=_tell_truth(course, people))


def _tell_truth(course: Course, people: People) -> Truth:
    everyone = np.arange(course.cohort.size)
    rows, lesion = np.nonzero(course.lesions.present)
    days = {
        "progression_days": course.watch.progressed,
        "first_seen_days": course.scans.first_seen,
        "death_days": course.fate.death,
        "last_days": course.fate.stop,
    }
    columns = {"frailty": pl.Series(course.lesions.frailty)}
    columns |= {name: _days_or_null(values) for name, values in days.items()}
    failures = {
        "lesion": pl.Series(lesion + 1),
        "failure_days": _days_or_null(course.scans.failure_day[rows, lesion]),
    }
    return Truth(
        subjects=build_rows(people, rows=everyone, columns=columns),
        lesions=build_rows(people, rows=rows, columns=failures),
    )


def _days_or_null(days: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    frame = pl.DataFrame({"days": days})
    return frame.select(pl.when(pl.col("days") < NEVER).then("days")).to_series()


def _join(parts: list[Rehearsal], protocol: Protocol) -> Rehearsal:
    return Rehearsal(
        frames={
            form.form: pl.concat([part.frames[form.form] for part in parts])
            for form in protocol.form
        },
        allocations=pl.concat([part.allocations for part in parts]),
        truth=Truth(
            subjects=pl.concat([part.truth.subjects for part in parts]),
            lesions=pl.concat([part.truth.lesions for part in parts]),
        ),
    )
