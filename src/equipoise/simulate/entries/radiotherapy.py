"""Entries of SBRT: the prescription of each lesion and each fraction given."""

import numpy as np
import polars as pl

from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    constant,
    date_column,
    lesion_column,
)
from equipoise.simulate.trial_course import Course

MOST_FRACTIONS = 10


def write_radiotherapy(course: Course, *, people: People) -> dict[str, pl.DataFrame]:
    """The forms of SBRT by name, up to the last day of each subject."""
    return {"rt_rx": _write_prescription(course, people), "rt_fx": _write_fractions(course, people)}


def _write_prescription(course: Course, people: People) -> pl.DataFrame:
    delivery = course.delivery
    planned = delivery.prescribed & (delivery.planned_day <= course.fate.stop)[:, None]
    rows, lesion = np.nonzero(planned)
    volume = (course.lesions.tenths[rows, lesion] / 20.0 + 5.0) ** 3 * 4.18879 / 1000.0  # sphere
    columns = {
        "lesion": lesion_column(lesion),
        "planned_date": date_column(people, rows=rows, day=delivery.planned_day[rows]),
        "dose_gy": pl.Series(delivery.dose_gy[rows, lesion]),
        "fractions": pl.Series(delivery.fractions[rows, lesion]),
        "technique": constant("vmat", rows=rows),
        "isodose_percent": pl.Series(np.full(rows.size, 80.0)),
        "ptv_cc": pl.Series(np.round(volume, 1).clip(0.1, 1000.0)),
    }
    return build_rows(people, rows=rows, columns=columns)


def _write_fractions(course: Course, people: People) -> pl.DataFrame:
    delivery = course.delivery
    number = np.arange(MOST_FRACTIONS)
    day = delivery.first_day[:, :, None] + number * delivery.fraction_gap[:, :, None]
    made = number < delivery.given[:, :, None]
    made &= day <= course.fate.stop[:, None, None]
    made &= (delivery.planned_day <= course.fate.stop)[:, None, None]
    rows, lesion, fraction = np.nonzero(made)
    dose = delivery.dose_gy[rows, lesion] / delivery.fractions[rows, lesion]
    columns = {
        "lesion": lesion_column(lesion),
        "fraction": pl.Series(fraction + 1),
        "fraction_date": date_column(people, rows=rows, day=day[rows, lesion, fraction]),
        "dose_gy": pl.Series(np.round(dose, 3)),
        "igrt": constant("cbct", rows=rows),
    }
    return build_rows(people, rows=rows, columns=columns)
