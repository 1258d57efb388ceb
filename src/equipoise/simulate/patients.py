"""Who the patients are at baseline: age, risk factors, history; in days before randomisation."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from equipoise.protocol.scenario_model import Patients
from equipoise.simulate.cohort import (
    DAYS_PER_MONTH,
    Cohort,
    Flags,
    Floats,
    Ints,
    between,
    choose,
    draw_uniform,
)
from equipoise.simulate.purpose import Purpose

FACTORS = (
    "early_therapy",
    "anaemia",
    "low_kps",
    "thrombocytosis",
    "neutrophilia",
    "hypercalcaemia",
)
_FACTOR_WEIGHT = (0.45, 0.25, 0.12, 0.08, 0.06, 0.04)  # proposal: which IMDC factors are common
_LOW_KPS = 0.13  # computed: the share with a KPS below 80 % that the weights give
_LATE_DAYS = 190  # more than 6 months: metachronous (Guckenberger 2020)
_LONGER = 1.55  # computed: with those treated early, all who are not synchronous have the median


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The patients at randomisation; `*_days` count before it, a negative one after it.

    `factor` has shape (subjects, 6), in the order of `FACTORS`; `omd` is a place in the classes
    that the protocol's operations name.
    """

    age: Ints
    male: Flags
    ecog: Ints
    kps: Ints
    factor: Flags
    omd: Ints
    poly: Flags
    oligo: Flags
    late: Flags
    treated: Flags
    on_therapy: Flags
    progressive: Flags
    therapy_days: Ints
    primary_days: Ints
    metastasis_days: Ints
    consent_days: Ints
    scan_days: Ints
    lab_days: Ints
    nephrectomy_planned: Flags
    histology: Ints


def draw_baseline(cohort: Cohort, *, patients: Patients) -> Baseline:
    """The patients, eligible by construction, with the mix that the protocol says."""
    who = draw_uniform(cohort, purpose=Purpose.PATIENT, count=6)
    days = draw_uniform(cohort, purpose=Purpose.SCREENING, count=3)
    omd = choose(who[:, 0], shares=tuple(patients.omd.values()))
    classes = np.asarray(tuple(patients.omd))[omd]
    factor = _draw_factors(cohort, synchronous=classes == "synchronous", patients=patients)
    therapy, history = _draw_history(cohort, classes=classes, early=factor[:, 0], patients=patients)
    ecog, kps = _draw_performance(factor[:, 2], uniform=who[:, 1], shares=patients.ecog)
    consent = between(days[:, 0], low=1, high=12)
    return Baseline(
        age=_draw_age(who[:, 2], patients=patients),
        male=who[:, 3] < patients.male,
        ecog=ecog,
        kps=kps,
        factor=factor,
        omd=omd,
        poly=classes == "induced",
        oligo=classes == "repeat",
        late=classes == "metachronous",
        treated=therapy["treated"],
        on_therapy=therapy["on_therapy"],
        progressive=therapy["progressive"],
        therapy_days=history["therapy"],
        primary_days=history["primary"],
        metastasis_days=history["metastasis"],
        consent_days=consent,
        scan_days=between(days[:, 1], low=2, high=21),
        lab_days=np.minimum(consent, between(days[:, 2], low=0, high=12)),
        nephrectomy_planned=who[:, 4] < patients.nephrectomy_planned,
        histology=choose(who[:, 5], shares=tuple(patients.histology.values()) or (1.0,)),
    )


def _draw_age(uniform: Floats, *, patients: Patients) -> Ints:
    """Whole years, normal within the limits of eligibility."""
    low = ndtr((patients.age_from - patients.age_mean) / patients.age_sd)
    high = ndtr((patients.age_to - patients.age_mean) / patients.age_sd)
    age = patients.age_mean + patients.age_sd * ndtri(low + uniform * (high - low))
    return np.asarray(np.floor(age).clip(patients.age_from, patients.age_to), dtype=np.int64)


def _draw_performance(
    low_kps: Flags, *, uniform: Floats, shares: tuple[float, ...]
) -> tuple[Ints, Ints]:
    """ECOG and Karnofsky status that agree: below 80 % exactly where the factor says so."""
    active = min(0.95, shares[0] / (1.0 - _LOW_KPS))
    ecog = np.where(low_kps, np.where(uniform < 0.8, 1, 2), np.where(uniform < active, 0, 1))
    kps = np.where(low_kps, np.where(ecog == 1, 70, 60), np.where(ecog == 0, 90, 80))
    kps = np.where((ecog == 0) & (uniform < 0.3), 100, kps)
    return ecog.astype(np.int64), kps.astype(np.int64)


def _draw_factors(cohort: Cohort, *, synchronous: Flags, patients: Patients) -> Flags:
    """The six IMDC factors, so that the classes come out in the shares of the protocol.

    Synchronous disease is treated within a year of diagnosis, hence never favourable.
    """
    uniform = draw_uniform(cohort, purpose=Purpose.IMDC, count=8)
    favourable, intermediate, poor = patients.imdc
    share = patients.omd.get("synchronous", 0.0)
    none = np.where(synchronous, 0.0, min(1.0, favourable / max(1.0 - share, 1e-9)))
    is_none = uniform[:, 0] < none
    rest = (uniform[:, 0] - none) / np.maximum(1.0 - none, 1e-9)
    is_poor = ~is_none & (rest < poor / (intermediate + poor))
    few = np.where(uniform[:, 1] < 0.65, 1, 2)
    many = np.where(uniform[:, 1] < 0.8, 3, 4)
    count = np.where(is_none, 0, np.where(is_poor, many, few))
    keys = -np.log(uniform[:, 2:8]) / np.asarray(_FACTOR_WEIGHT)
    keys[:, 0] = np.where(synchronous, 0.0, keys[:, 0])
    rank = np.argsort(np.argsort(keys, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray(rank < count[:, None], dtype=np.bool_)


def _draw_history(
    cohort: Cohort,
    *,
    classes: np.ndarray[tuple[int], np.dtype[np.str_]],
    early: Flags,
    patients: Patients,
) -> tuple[dict[str, Flags], dict[str, Ints]]:
    """Treatment before the trial, and the days of diagnosis, first metastasis and first therapy."""
    uniform = draw_uniform(cohort, purpose=Purpose.HISTORY, count=6)
    poly, oligo = classes == "induced", classes == "repeat"
    on_therapy = (poly & (uniform[:, 0] < 0.8)) | (oligo & (uniform[:, 0] < 0.3))
    treated = poly | on_therapy
    progressive = on_therapy & (uniform[:, 1] < 0.4)
    therapy = np.where(treated, between(uniform[:, 2], low=130, high=1100), -3)
    late = (classes == "metachronous") * _LATE_DAYS
    brief = late + uniform[:, 3] * np.where(late > 0, 120, 140)
    median_days = _LONGER * patients.disease_free_median_months * DAYS_PER_MONTH
    interval = median_days * np.exp(ndtri(uniform[:, 3]))
    free = np.floor(np.where(early, brief, np.maximum(interval.clip(0, 6000), late)))
    free = np.where(classes == "synchronous", np.floor(uniform[:, 3] * 140), free)
    pause = 31 + np.floor(uniform[:, 4] * np.where(early, 20, 60))
    local = oligo & ~treated & ~early
    pause = np.where(local, 200 + np.floor(uniform[:, 4] * 1200), pause)
    before = np.where(early, free + pause, np.maximum(free + pause, 370))
    primary = therapy + before.astype(np.int64)
    flags = {"treated": treated, "on_therapy": on_therapy, "progressive": progressive}
    days = {
        "therapy": therapy.astype(np.int64),
        "primary": primary,
        "metastasis": primary - free.astype(np.int64),
    }
    return flags, days
