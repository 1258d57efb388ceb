"""The lesions of the patients and their biology: the model of D8.3."""

from dataclasses import dataclass

import numpy as np

from equipoise.protocol.scenario_model import Patients, Scenario
from equipoise.simulate.cohort import (
    DAYS_PER_MONTH,
    Cohort,
    Flags,
    Floats,
    Ints,
    choose,
    draw_normal,
    draw_uniform,
    wait,
)
from equipoise.simulate.purpose import Purpose

MOST_LESIONS = 5  # inclusion 1
MOST_ORGANS = 3  # inclusion 1
MOST_TARGETS_AN_ORGAN = 2  # RECIST 1.1, 3.1.1
NODE_MM = 10.0  # RECIST 1.1: a node below 10 mm is no lesion
NODE_TARGET_TENTHS = 150  # RECIST 1.1, 3.1.1
TARGET_TENTHS = 100
LARGEST_MM = 50.0  # inclusion 3
_ORGAN = {
    "node_mediastinal": "nodes",
    "node_other": "nodes",
    "bone_spine": "bone",
    "bone_other": "bone",
    "skin": "soft_tissue",
    "contralateral_kidney": "kidney",
    "renal_bed": "kidney",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesions:
    """The lesions at baseline, all of shape (subjects, 5), and each patient's frailty.

    `site` is a place in the sites of the protocol's operations; `tenths` the baseline reading in
    tenths of a millimetre; `new_day` when a first new lesion becomes visible (days, not scans).
    """

    frailty: Floats
    present: Flags
    site: Ints
    organ: Ints
    nodal: Flags
    target: Flags
    size_mm: Floats
    growth: Floats
    shrinkage: Floats
    sensitive: Floats
    tenths: Ints


def draw_frailty(
    cohort: Cohort, *, scenario: Scenario, patients: Patients, shifts: Floats
) -> Floats:
    """The patients' frailty: the baseline shifts it, its variance stays that of the scenario.

    `shifts` holds, per subject, the flags of intermediate or poor IMDC and of induced disease.
    """
    effects = np.array([patients.imdc_frailty_shift, patients.induced_frailty_shift])
    chance = np.array([1.0 - patients.imdc[0], patients.omd.get("induced", 0.0)])
    explained = float((effects**2 * chance * (1.0 - chance)).sum())
    scale = scenario.frailty_sd
    if explained >= 1.0:
        raise ValueError("the shifts of the frailty explain more than all of its variance")
    normal = draw_normal(cohort, purpose=Purpose.FRAILTY, count=1)[:, 0]
    shifted = ((shifts - chance) * effects).sum(axis=1)
    return np.asarray(scale * (shifted + np.sqrt(1.0 - explained) * normal), dtype=np.float64)


def draw_lesions(
    cohort: Cohort, *, scenario: Scenario, patients: Patients, frailty: Floats
) -> Lesions:
    """The lesions at baseline: number, site, size, kinetics, and which are targets (D8.3)."""
    site, organ, nodal = _draw_sites(cohort, patients=patients)
    counts = draw_uniform(cohort, purpose=Purpose.LESION_COUNT, count=1)
    number = 1 + choose(counts[:, 0], shares=patients.lesions)
    present = np.arange(MOST_LESIONS)[None, :] < number[:, None]
    normal = draw_normal(cohort, purpose=Purpose.LESION_BIOLOGY, count=1 + 4 * MOST_LESIONS)
    shared, own = normal[:, :1], normal[:, 1:].reshape(-1, 4, MOST_LESIONS)
    low = np.where(nodal, NODE_MM, 5.0)
    size = np.exp(np.log(15.0) + 0.5 * own[:, 0]).clip(low, LARGEST_MM)
    logit = scenario.sensitive_logit + 1.5 * shared + 0.7 * own[:, 3]
    tenths = _read_baseline(cohort, size=size, low=low, reading_cv=scenario.reading_cv)
    return Lesions(
        frailty=frailty,
        present=present,
        site=site,
        organ=organ,
        nodal=nodal,
        target=choose_targets(tenths, present=present, organ=organ, nodal=nodal),
        size_mm=size,
        growth=scenario.growth_per_day * np.exp(frailty[:, None] + 0.6 * own[:, 1]),
        shrinkage=scenario.shrinkage_per_day * np.exp(0.6 * own[:, 2]),
        sensitive=1.0 / (1.0 + np.exp(-logit)),
        tenths=np.where(present, tenths, 0),
    )


def draw_new_lesion_day(
    cohort: Cohort, *, scenario: Scenario, frailty: Floats, ratio: Floats
) -> Floats:
    """The time in days at which a first new lesion becomes visible; `ratio` multiplies its rate."""
    uniform = draw_uniform(cohort, purpose=Purpose.NEW_LESION, count=1)[:, 0]
    rate = scenario.new_lesions_per_month / DAYS_PER_MONTH * np.exp(0.6 * frailty - 0.18)  # D8.3
    return wait(uniform, rate=rate * ratio)


def choose_targets(tenths: Ints, *, present: Flags, organ: Ints, nodal: Flags) -> Flags:
    """The target lesions: measurable, the largest first, two an organ (RECIST 1.1, 3.1.1)."""
    fit = present & (tenths >= np.where(nodal, NODE_TARGET_TENTHS, TARGET_TENTHS))
    order = np.argsort(-np.where(fit, tenths, -1), axis=1, kind="stable")
    row = np.arange(len(tenths))
    used = np.zeros((len(tenths), int(organ.max(initial=0)) + 1), dtype=np.int64)
    target = np.zeros_like(present)
    for rank in range(MOST_LESIONS):
        lesion = order[:, rank]
        at = organ[row, lesion]
        takes = fit[row, lesion] & (used[row, at] < MOST_TARGETS_AN_ORGAN)
        target[row, lesion] = takes
        used[row, at] += takes
    return target


def _draw_sites(cohort: Cohort, *, patients: Patients) -> tuple[Ints, Ints, Flags]:
    """Site, organ and whether nodal; a fourth organ is replaced by the site of the first lesion."""
    names = tuple(patients.site)
    organs = tuple(_ORGAN.get(name, name) for name in names)
    known = sorted(set(organs))
    organ_of = np.array([known.index(organ) for organ in organs])
    uniform = draw_uniform(cohort, purpose=Purpose.LESION_SITE, count=MOST_LESIONS)
    site = choose(uniform, shares=tuple(patients.site.values()))
    for place in range(MOST_ORGANS, MOST_LESIONS):
        before = np.sort(organ_of[site[:, :place]], axis=1)
        full = 1 + (np.diff(before, axis=1) != 0).sum(axis=1) >= MOST_ORGANS
        seen = (organ_of[site[:, :place]] == organ_of[site[:, place]][:, None]).any(axis=1)
        site[:, place] = np.where(full & ~seen, site[:, 0], site[:, place])
    nodal = np.isin(site, [i for i, name in enumerate(names) if name.startswith("node_")])
    return site, organ_of[site].astype(np.int64), nodal


def _read_baseline(cohort: Cohort, *, size: Floats, low: Floats, reading_cv: float) -> Ints:
    normal = draw_normal(cohort, purpose=Purpose.BASELINE_READING, count=MOST_LESIONS)
    read = round_reading(size * np.exp(reading_cv * normal), reading_cv=reading_cv)
    floor = np.where(low >= NODE_MM, 10.0 * NODE_MM, 30.0)
    return read.clip(floor.astype(np.int64), int(10 * LARGEST_MM))


def round_reading(size_mm: Floats, *, reading_cv: float) -> Ints:
    """A reading in tenths of a millimetre: whole millimetres, tenths when read without error."""
    if reading_cv == 0.0:
        return np.rint(10.0 * size_mm).astype(np.int64)
    return 10 * np.rint(size_mm).astype(np.int64)
