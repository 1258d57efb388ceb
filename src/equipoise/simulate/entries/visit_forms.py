"""Entries of visits that no endpoint needs: vital signs and questionnaires."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.simulate.cohort import Flags, Floats, Ints, between, draw_normal, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    date_column,
    name_column,
    only_where,
)
from equipoise.simulate.entries.lesion_forms import list_scans
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.trial_course import Course

SCREENING = "SCR"
SYMPTOMS = "gp1 gp4 c2 hi7 b1 brm3 bp1 l2 hi12 rcc2 ge6 gp2 c5 gp5".split()  # 0 is best
WELL = "c6 gf5 gf1 gf3 gf7".split()  # 4 is best
TOTAL_MEAN, TOTAL_SD, WITHIN_SD, FALL = 60.0, 10.0, 7.0, 3.0  # D8.4
MISSING, MISSING_MORE = 0.10, 0.02  # D8.4: at baseline, and more at each visit
_WHY = ("unwell", "forgotten", "refused", "other")
_DETAILS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits of subjects: `place` 0 is screening, then those with a planned scan in order."""

    rows: Ints
    place: Ints
    day: Ints


def write_visit_forms(
    setting: Setting, *, course: Course, people: People, later: Visits
) -> dict[str, pl.DataFrame]:
    """Vital signs at every visit, questionnaires where the schedule has them.

    `later` are the visits once scans have stopped.
    """
    visits = _list_visits(course, later)
    return {
        "vs": _write_vitals(course, people, visits),
        **_write_questionnaires(setting, course, people, visits),
    }


def _list_visits(course: Course, later: Visits) -> Visits:
    """Screening, the visits with a scan, and the later ones, subject by subject."""
    seen = list_scans(course)
    planned = seen.position % 2 == 0
    scanned, position = seen.rows[planned], seen.position[planned]
    everyone = np.arange(course.cohort.size)
    rows = np.concatenate([everyone, scanned, later.rows])
    place = np.concatenate([np.zeros_like(everyone), position // 2 + 1, later.place])
    days = [-course.baseline.consent_days, course.scans.day[scanned, position], later.day]
    order = np.argsort(rows, kind="stable")
    return Visits(rows=rows[order], place=place[order], day=np.concatenate(days)[order])


def _codes(course: Course) -> tuple[str, ...]:
    """The visits by place: screening, then those with a scan."""
    return (SCREENING, *course.plan.code[::2])


def _write_vitals(course: Course, people: People, visits: Visits) -> pl.DataFrame:
    rows, place = visits.rows, visits.place
    count = 5 * len(_codes(course))
    uniform = draw_uniform(course.cohort, purpose=Purpose.VITAL_VALUE, count=count)
    each = uniform.reshape(-1, len(_codes(course)), 5)[rows, place]
    columns = {
        "visit": name_column(_codes(course), place=place),
        "vs_date": date_column(people, rows=rows, day=visits.day),
        **measure(course, rows=rows, each=each, screening=place == 0),
    }
    return build_rows(people, rows=rows, columns=columns)


def measure(course: Course, *, rows: Ints, each: Floats, screening: Flags) -> dict[str, pl.Series]:
    """Weight within 7 % of that at screening, and the rest within its usual range.

    `each` are five uniform numbers a row; the height is measured at `screening` alone.
    """
    size = draw_normal(course.cohort, purpose=Purpose.VITALS, count=2)
    male = course.baseline.male
    weight = np.clip(np.where(male, 71.0, 58.0) + 9.0 * size[:, 0], 40.0, 120.0)
    height = np.clip(np.where(male, 170.0, 158.0) + 6.0 * size[:, 1], 140.0, 195.0)
    change = np.where(screening, 0.0, 0.14 * each[:, 0] - 0.07)
    return {
        "weight_kg": pl.Series(np.round(weight[rows] * (1.0 + change), 1)),
        "height_cm": only_where(screening, values=np.round(height[rows])),
        "systolic_mm_hg": pl.Series(between(each[:, 1], low=102, high=158)),
        "diastolic_mm_hg": pl.Series(between(each[:, 2], low=58, high=94)),
        "temperature_c": pl.Series(np.round(36.1 + 1.1 * each[:, 3], 1)),
        "spo2_percent": pl.Series(between(each[:, 4], low=94, high=100)),
    }


def _write_questionnaires(
    setting: Setting, course: Course, people: People, visits: Visits
) -> dict[str, pl.DataFrame]:
    """NFKSI-19 and EQ-5D-5L: one state of health behind both, lower once the disease grows."""
    asked = {visit.code for visit in setting.protocol.schedule.visit if "nfksi" in visit.form}
    kept = np.isin(visits.place, [p for p, code in enumerate(_codes(course)) if code in asked])
    rows, place, day = visits.rows[kept], visits.place[kept], visits.day[kept]
    count = len(_codes(course)) + 1
    normal = draw_normal(course.cohort, purpose=Purpose.QUESTIONNAIRE, count=count)
    fallen = day >= course.scans.first_seen[rows]
    mean = TOTAL_MEAN + TOTAL_SD * normal[rows, 0] - FALL * fallen
    change = WITHIN_SD * normal[rows, place + 1] * (place > 0)
    total = np.clip(mean + change, 25.0, 76.0)
    uniform = draw_uniform(
        course.cohort, purpose=Purpose.ANSWER, count=len(_codes(course)) * _details()
    )
    each = uniform.reshape(-1, len(_codes(course)), _details())[rows, place]
    answered = each[:, 0] >= MISSING + MISSING_MORE * place
    common = {
        "visit": name_column(_codes(course), place=place),
        "completed_date": date_column(people, rows=rows, day=day),
        "mode": only_where(
            answered,
            values=name_column(("paper", "electronic"), place=(each[:, 1] < 0.6).astype(np.int64)),
        ),
        "not_answered": only_where(
            ~answered, values=name_column(_WHY, place=np.floor(each[:, 1] * 4).astype(np.int64))
        ),
    }
    forms = {
        "nfksi": _answer_symptoms(total, each=each[:, _DETAILS:], answered=answered),
        "eq5d": _answer_health(total, each=each[:, 2:_DETAILS], answered=answered),
    }
    return {
        name: build_rows(people, rows=rows, columns={**common, **answers})
        for name, answers in forms.items()
    }


def _details() -> int:
    return _DETAILS + len(SYMPTOMS) + len(WELL)


def _answer_symptoms(total: Floats, *, each: Floats, answered: Flags) -> dict[str, pl.Series]:
    """Answers whose scores add up to the total, but for the rounding of each."""
    names = [*SYMPTOMS, *WELL]
    score = np.clip(np.floor(total[:, None] / len(names) + each), 0, 4).astype(np.int64)
    raw = np.where(np.arange(len(names)) < len(SYMPTOMS), 4 - score, score)
    return {name: only_where(answered, values=raw[:, place]) for place, name in enumerate(names)}


def _answer_health(total: Floats, *, each: Floats, answered: Flags) -> dict[str, pl.Series]:
    """Levels that rise and a scale that falls with the burden of symptoms."""
    burden = 1.0 - total / 76.0
    level = np.clip(1 + np.floor(4.0 * burden[:, None] + each[:, :5] - 0.3), 1, 5).astype(np.int64)
    scale = np.clip(np.rint(100.0 * (1.0 - burden) + 20.0 * each[:, 5] - 10.0), 0, 100)
    scale = np.where(level.sum(axis=1) <= 6, np.maximum(scale, 60), scale).astype(np.int64)
    levels = {
        f"dimension_{place + 1}": only_where(answered, values=level[:, place]) for place in range(5)
    }
    return {**levels, "vas": only_where(answered, values=scale)}
