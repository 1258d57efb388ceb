"""Entries before randomisation: subject, consent, diagnosis, history, risk, eligibility."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.simulate.cohort import Flags, Floats, Ints, any_of, between, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    constant,
    date_column,
    name_column,
    only_where,
)
from equipoise.simulate.patients import Baseline
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.trial_course import Course

_STAGES = ("T1a", "T1b", "T2a", "T2b", "T3a", "T3b", "T4")


def write_screening(setting: Setting, *, course: Course, people: People) -> dict[str, pl.DataFrame]:
    """The forms of screening by name; who is enrolled is eligible by construction."""
    rows = np.arange(course.cohort.size)
    forms = {
        "dm": _write_subject(course, people, rows),
        "icf": _write_consent(course.baseline, people, rows),
        "diag": _write_diagnosis(setting, course, people, rows),
        "omd": _write_oligometastasis(course),
        "imdc": _write_risk(course, people, rows),
        "ie": _write_eligibility(course.baseline, people, rows),
        "rand": _write_randomisation(course, people, rows),
    }
    framed = {
        name: build_rows(people, rows=rows, columns=columns) for name, columns in forms.items()
    }
    return {**framed, "prior_sys": _write_earlier_therapy(course, people)}


def nephrectomy_day(course: Course) -> Ints:
    """The day of nephrectomy: before randomisation, or one to four months after it (D8.4)."""
    uniform = draw_uniform(course.cohort, purpose=Purpose.SURGERY, count=1)[:, 0]
    done = np.minimum(-course.baseline.primary_days + between(uniform, low=14, high=60), -10)
    planned = between(uniform, low=30, high=120)
    return np.where(course.baseline.nephrectomy_planned, planned, done)


def _write_subject(course: Course, people: People, rows: Ints) -> dict[str, pl.Series]:
    site = pl.Series(course.arrival.site).cast(pl.String).str.zfill(2)
    consent = date_column(people, rows=rows, day=-course.baseline.consent_days)
    return {
        "site": site,
        "sex": name_column(("F", "M"), place=course.baseline.male.astype(np.int64)),
        "birth_year": consent.dt.year() - pl.Series(course.baseline.age),
    }


def _write_consent(baseline: Baseline, people: People, rows: Ints) -> dict[str, pl.Series]:
    return {
        "consent_date": date_column(people, rows=rows, day=-baseline.consent_days),
        "consent_version": constant("1.0", rows=rows),
    }


def _write_diagnosis(
    setting: Setting, course: Course, people: People, rows: Ints
) -> dict[str, pl.Series]:
    baseline = course.baseline
    uniform = draw_uniform(course.cohort, purpose=Purpose.LABS, count=10)
    histology = name_column(tuple(setting.operations.patients.histology), place=baseline.histology)
    planned = baseline.nephrectomy_planned.astype(np.int64)
    grade = np.clip(1 + np.floor(uniform[:, 6] * 4), 1, 4).astype(np.int64)
    graded = (histology != "chromophobe").to_numpy()
    return {
        "primary_date": date_column(people, rows=rows, day=-baseline.primary_days),
        "histology": histology,
        "sarcomatoid_percent": pl.Series(np.where(uniform[:, 7] < 0.08, 20, 0)),
        "isup_grade": only_where(graded, values=grade),
        "pt": name_column(_STAGES, place=np.floor(uniform[:, 8] * len(_STAGES)).astype(np.int64)),
        "pn": name_column(("N0", "N1"), place=(uniform[:, 9] < 0.12).astype(np.int64)),
        "nephrectomy": name_column(("done", "planned"), place=planned),
        "nephrectomy_date": date_column(people, rows=rows, day=nephrectomy_day(course)),
        "first_metastasis_date": date_column(people, rows=rows, day=-baseline.metastasis_days),
    }


def _write_oligometastasis(course: Course) -> dict[str, pl.Series]:
    """The five questions of the ESTRO/EORTC classification; hidden ones stay empty."""
    baseline = course.baseline
    uniform = draw_uniform(course.cohort, purpose=Purpose.PATIENT, count=7)[:, 6]
    number = course.lesions.present.sum(axis=1)
    genuine = ~baseline.poly
    de_novo = genuine & ~baseline.oligo
    asked = baseline.poly | baseline.oligo | baseline.late
    more = between(uniform, low=3, high=12)
    return {
        "poly_history": pl.Series(baseline.poly),
        "oligo_history": only_where(genuine, values=baseline.oligo),
        "late_metastasis": only_where(de_novo, values=baseline.late),
        "on_systemic_therapy": only_where(asked, values=baseline.on_therapy),
        "progressive_lesion": only_where(
            (baseline.poly | baseline.oligo) & baseline.on_therapy, values=baseline.progressive
        ),
        "max_lesions_ever": pl.Series(
            np.where(baseline.poly, np.maximum(number + more, 6), number)
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Blood:
    """Haemoglobin with its lower limit of normal, and platelets, of the sample at screening."""

    haemoglobin_g_dl: Floats
    lower_g_dl: Floats
    platelets_10e9_l: Floats


def draw_blood(course: Course) -> Blood:
    """The blood count at screening, on the side of the limits that the IMDC factors say."""
    uniform = draw_uniform(course.cohort, purpose=Purpose.LABS, count=10)
    _, anaemia, _, platelets, _, _ = course.baseline.factor.T
    lower = np.where(course.baseline.male, 13.5, 12.0)
    return Blood(
        haemoglobin_g_dl=np.where(
            anaemia, lower - 0.2 - 3.0 * uniform[:, 0], lower + 3.0 * uniform[:, 0]
        ),
        lower_g_dl=lower,
        platelets_10e9_l=_lab(platelets, uniform[:, 3], low=150, limit=400, high=600),
    )


def _write_risk(course: Course, people: People, rows: Ints) -> dict[str, pl.Series]:
    """The six factors of the IMDC score, each on its side of the limit of normal."""
    baseline = course.baseline
    uniform = draw_uniform(course.cohort, purpose=Purpose.LABS, count=10)
    _, _, _, _, neutrophils, calcium = baseline.factor.T
    blood = draw_blood(course)
    return {
        "kps": pl.Series(baseline.kps),
        "therapy_start_date": date_column(people, rows=rows, day=-baseline.therapy_days),
        "lab_date": date_column(people, rows=rows, day=-baseline.lab_days),
        "hb_g_dl": _rounded(blood.haemoglobin_g_dl, 1),
        "hb_lln_g_dl": pl.Series(blood.lower_g_dl),
        "calcium_mg_dl": _rounded(_lab(calcium, uniform[:, 1], low=8.6, limit=10.2, high=11.8), 1),
        "calcium_uln_mg_dl": pl.Series(np.full(rows.size, 10.2)),
        "anc_10e9_l": _rounded(_lab(neutrophils, uniform[:, 2], low=1.8, limit=7.0, high=12.0), 1),
        "anc_uln_10e9_l": pl.Series(np.full(rows.size, 7.0)),
        "platelets_10e9_l": _rounded(blood.platelets_10e9_l, 0),
        "platelets_uln_10e9_l": pl.Series(np.full(rows.size, 400.0)),
    }


def _lab(raised: Flags, uniform: Floats, *, low: float, limit: float, high: float) -> Floats:
    normal = low + (limit - low) * 0.95 * uniform
    over = limit + (high - limit) * (0.1 + 0.9 * uniform)
    return np.where(raised, over, normal)


def _rounded(values: Floats, digits: int) -> pl.Series:
    return pl.Series(np.round(values, digits))


def _write_eligibility(baseline: Baseline, people: People, rows: Ints) -> dict[str, pl.Series]:
    absent = ("cns_metastases", "ild", "autoimmune", "second_malignancy", "overlap_rt")
    no = constant(value=False, rows=rows)
    return {
        "sbrt_amenable": constant(value=True, rows=rows),
        "staging_date": date_column(people, rows=rows, day=-baseline.scan_days),
        **dict.fromkeys(absent, no),
        "pregnant": only_where(~baseline.male, values=no),
    }


def _write_randomisation(course: Course, people: People, rows: Ints) -> dict[str, pl.Series]:
    many = (course.lesions.present.sum(axis=1) >= 4).astype(np.int64)
    induced = course.baseline.poly.astype(np.int64)
    risk = any_of(course.baseline.factor).astype(np.int64)
    return {
        "randomised_date": date_column(people, rows=rows, day=np.zeros(rows.size, dtype=np.int64)),
        "omd_induced": name_column(("N", "Y"), place=induced),
        "n_mets": name_column(("1-3", "4-5"), place=many),
        "imdc": name_column(("fav", "int_poor"), place=risk),
    }


def _write_earlier_therapy(course: Course, people: People) -> pl.DataFrame:
    """One earlier line where there was one; no stop date while it goes on."""
    baseline = course.baseline
    rows = np.nonzero(baseline.treated)[0]
    uniform = draw_uniform(course.cohort, purpose=Purpose.HISTORY, count=7)[rows, 5:]
    pause = between(uniform[:, 0], low=20, high=90)
    stopped = ~baseline.on_therapy[rows]
    best = baseline.progressive[rows].astype(np.int64)
    columns = {
        "line": constant(1, rows=rows),
        "agents": name_column(
            ("sunitinib", "pazopanib", "pembrolizumab + axitinib"),
            place=np.floor(uniform[:, 1] * 3).astype(np.int64),
        ),
        "start_date": date_column(people, rows=rows, day=-baseline.therapy_days[rows]),
        "stop_date": only_where(stopped, values=date_column(people, rows=rows, day=-pause)),
        "best_response": name_column(("PR", "SD"), place=best),
    }
    return build_rows(people, rows=rows, columns=columns)
