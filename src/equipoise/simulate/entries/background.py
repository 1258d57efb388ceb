"""Entries about the person: other illnesses, medication, earlier irradiation, open items."""

import numpy as np
import polars as pl

from equipoise.simulate.cohort import DAYS_PER_YEAR, Ints, between, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    constant,
    date_column,
    name_column,
    number_records,
)
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.trial_course import Course

# proposal: illness, system, how often at 61 years, what is taken for it, its ATC code
ILLNESSES = (
    ("Hypertension", "cardiac", 0.50, "amlodipine", "C08CA01"),
    ("Type 2 diabetes", "endocrine", 0.20, "metformin", "A10BA02"),
    ("Dyslipidaemia", "endocrine", 0.25, "atorvastatin", "C10AA05"),
    ("Gout", "musculoskeletal", 0.06, "allopurinol", "M04AA01"),
    ("Chronic obstructive pulmonary disease", "respiratory", 0.05, "tiotropium", "R03BB04"),
)
_IE_TICKED = "lesions organs age size primary class kps".split()
_INTRAVENOUS = ("pembrolizumab", "nivolumab", "ipilimumab")
_SYNCHRONOUS_DAYS = 90
_PRIOR_DOSE_GY, _PRIOR_FRACTIONS = 30.0, 10  # a palliative course


def write_background(course: Course, *, people: People) -> dict[str, pl.DataFrame]:
    """Illnesses that go on, and what is taken for each."""
    uniform = draw_uniform(course.cohort, purpose=Purpose.BACKGROUND, count=2 * len(ILLNESSES) + 2)
    share = np.array([each[2] for each in ILLNESSES])
    rows, illness = np.nonzero(uniform[:, : len(ILLNESSES)] < share)
    years = between(uniform[rows, len(ILLNESSES) + illness], low=2, high=15)
    since = -course.baseline.consent_days[rows] - (years * DAYS_PER_YEAR).astype(np.int64)
    year = date_column(people, rows=rows, day=since).dt.strftime("%Y")
    common = {
        "record": pl.Series(number_records(rows)),
        "start_date": year,
        "ongoing": constant(value=True, rows=rows),
    }
    history = {
        **common,
        "condition": _named(0, illness),
        "system": _named(1, illness),
        "autoimmune": constant(value=False, rows=rows),
    }
    taken = {
        **common,
        "ingredient": _named(3, illness),
        "atc": _named(4, illness),
        "indication": constant("history", rows=rows),
        "corticosteroid": constant(value=False, rows=rows),
    }
    return {
        "mh": build_rows(people, rows=rows, columns=history),
        "cm": build_rows(people, rows=rows, columns=taken),
    }


def _named(column: int, illness: Ints) -> pl.Series:
    return name_column([str(each[column]) for each in ILLNESSES], place=illness)


def write_earlier_irradiation(lesions: pl.DataFrame) -> pl.DataFrame:
    """A palliative course, a year before the baseline scan, for each lesion irradiated before."""
    irradiated = lesions.filter("prior_rt")
    return irradiated.select(
        "replicate",
        "subject",
        "site",
        "lesion",
        record=pl.int_range(1, pl.len() + 1).over("replicate", "subject"),
        modality=pl.lit("conventional_rt"),
        treated_date=pl.col("scan_date").dt.offset_by("-400d"),
        dose_gy=pl.lit(_PRIOR_DOSE_GY),
        fractions=pl.lit(_PRIOR_FRACTIONS),
        overlap=pl.lit(value=False),
    )


def fill_further_items(
    written: dict[str, pl.DataFrame], *, course: Course
) -> dict[str, pl.DataFrame]:
    """The forms of every rehearsal with the items that no endpoint needs."""
    uniform = draw_uniform(course.cohort, purpose=Purpose.BACKGROUND, count=2 * len(ILLNESSES) + 2)
    biobank = pl.Series(uniform[:, -2] < 0.8)
    left = pl.Series(uniform[:, -1] < 0.5)
    synchronous = pl.col("first_metastasis_date") - pl.col("primary_date")
    is_synchronous = synchronous.dt.total_days() <= _SYNCHRONOUS_DAYS
    further: dict[str, dict[str, pl.Expr | pl.Series]] = {
        "dm": {"race": pl.lit("asian")},  # the sponsor's country
        "icf": {"biobank": biobank},
        "ie": {f"ticked_{name}": pl.lit(value=True) for name in _IE_TICKED},
        "diag": {
            "cm": pl.when(is_synchronous).then(pl.lit("M1")).otherwise(pl.lit("M0")),
            "laterality": pl.when(left).then(pl.lit("left")).otherwise(pl.lit("right")),
            "nephrectomy_type": pl.when(is_synchronous)
            .then(pl.lit("cytoreductive"))
            .otherwise(pl.lit("radical")),
        },
        "prior_sys": {"stop_reason": pl.when(pl.col("stop_date").is_not_null()).then(_CHOICE)},
        "ex_sys": {
            "route": pl.when(pl.col("agent").is_in(_INTRAVENOUS))
            .then(pl.lit("intravenous"))
            .otherwise(pl.lit("oral"))
        },
        "rt_rx": {
            "intent": pl.lit("ablative"),
            "gtv_cc": (pl.col("ptv_cc") * 0.4).round(1).clip(0.1),
            "motion": pl.lit("itv"),
            "itv_cc": (pl.col("ptv_cc") * 0.55).round(1).clip(0.1),
        },
        "rt_fx": {"interrupted": pl.lit(value=False)},
        "surv": {"status": pl.lit("alive")},
    }
    return {name: written[name].with_columns(**items) for name, items in further.items()}


_CHOICE = pl.lit("choice")
