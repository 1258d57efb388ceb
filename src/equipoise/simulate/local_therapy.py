"""SBRT as delivered to each lesion, and ablation outside the protocol (D5.2, D8.3, D8.4)."""

from dataclasses import dataclass

import numpy as np

from equipoise.protocol.model import Radiotherapy, SbrtSchedule
from equipoise.protocol.scenario_model import Patients, SbrtDelivery
from equipoise.simulate.cohort import (
    DAYS_PER_MONTH,
    NEVER,
    Cohort,
    Flags,
    Floats,
    Ints,
    between,
    draw_uniform,
    wait,
    whole_days,
)
from equipoise.simulate.lesions import MOST_LESIONS, Lesions
from equipoise.simulate.purpose import Purpose

COMPLETE_REST = 0.25  # D8.3: the residue is 0 with this probability, else uniform
REST_FROM, REST_TO = 0.25, 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """SBRT per lesion, shape (subjects, 5), days from randomisation; 0 fractions: not treated.

    `fraction_gap` are the days from one fraction to the next, `given` the fractions delivered.
    """

    prescribed: Flags
    dose_gy: Floats
    fractions: Ints
    given: Ints
    first_day: Ints
    fraction_gap: Ints
    planned_day: Ints

    @property
    def treated(self) -> Flags:
        """The lesions that received at least one fraction."""
        return self.given > 0

    @property
    def complete(self) -> Flags:
        """The lesions that received every fraction prescribed."""
        return np.asarray(self.prescribed & (self.given == self.fractions), dtype=np.bool_)

    @property
    def last_day(self) -> Ints:
        """The day of the last fraction given; `NEVER` without one."""
        last = self.first_day + (self.given - 1) * self.fraction_gap
        return np.where(self.treated, last, NEVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTherapy:
    """What local therapy does to each lesion, shape (subjects, 5): when, and how well."""

    day: Ints
    controlled: Flags
    rest: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """Ablation of an index lesion outside the protocol: day (`NEVER` without), lesion (from 0)."""

    day: Ints
    lesion: Ints


def draw_delivery(
    cohort: Cohort,
    *,
    experimental: Flags,
    lesions: Lesions,
    patients: Patients,
    sbrt: SbrtDelivery,
    radiotherapy: Radiotherapy,
) -> Delivery:
    """SBRT to every index lesion of the experimental arm, as the prescription library says."""
    who = draw_uniform(cohort, purpose=Purpose.SBRT, count=5)
    each = draw_uniform(cohort, purpose=Purpose.SBRT_LESION, count=2 * MOST_LESIONS)
    started = experimental & (who[:, 0] >= sbrt.not_started)
    prescribed = started[:, None] & lesions.present
    de_escalated = who[:, 1] < sbrt.de_escalated
    dose, fractions = _prescribe(
        lesions.site, de_escalated, each[:, :MOST_LESIONS], patients, radiotherapy
    )
    start = between(who[:, 2], low=sbrt.start_from_days, high=sbrt.start_to_days)
    later = between(each[:, MOST_LESIONS:], low=0, high=3)
    later -= np.where(lesions.present, later, 99).min(axis=1)[:, None]
    given = _given(prescribed, fractions, incomplete=who[:, 3] < sbrt.incomplete)
    return Delivery(
        prescribed=prescribed,
        dose_gy=np.where(prescribed, dose, 0.0),
        fractions=np.where(prescribed, fractions, 0),
        given=given,
        first_day=start[:, None] + later,
        fraction_gap=np.where(fractions > 5, 1, 2),  # D5.6: 40 hours where there is time
        planned_day=np.maximum(start - between(who[:, 4], low=5, high=10), 1),
    )


def _given(prescribed: Flags, fractions: Ints, *, incomplete: Flags) -> Ints:
    """The fractions given: the last lesion of an incomplete course loses half of them."""
    last = prescribed.sum(axis=1) - 1
    cut = incomplete[:, None] & (np.arange(MOST_LESIONS)[None, :] == last[:, None])
    return np.where(prescribed, np.where(cut, fractions // 2, fractions), 0)


def _prescribe(
    site: Ints, de_escalated: Flags, uniform: Floats, patients: Patients, radiotherapy: Radiotherapy
) -> tuple[Floats, Ints]:
    """Dose and fractions of each lesion: a preferred schedule of its site, or the fallback."""
    dose = np.zeros(site.shape)
    fractions = np.zeros(site.shape, dtype=np.int64)
    for place, name in enumerate(patients.site):
        for fallback in (False, True):
            options = _options(radiotherapy, site=name, fallback=fallback)
            chosen = np.minimum((uniform * len(options)).astype(np.int64), len(options) - 1)
            here = (site == place) & (de_escalated[:, None] == fallback)
            dose = np.where(here, np.array([o.dose_gy for o in options])[chosen], dose)
            count = np.array([o.fractions for o in options])[chosen]
            fractions = np.where(here, count, fractions)
    return dose, fractions


def _options(radiotherapy: Radiotherapy, *, site: str, fallback: bool) -> list[SbrtSchedule]:
    """The preferred schedules of a site; as fallback the one that spreads its dose most."""
    own = [line for line in radiotherapy.schedule if line.site == site]
    anywhere = [line for line in radiotherapy.schedule if line.site == "any" and line.preferred]
    if not fallback:
        return [line for line in own if line.preferred] or anywhere
    return [max(anywhere, key=lambda line: line.fractions)]


def draw_contamination(
    cohort: Cohort, *, experimental: Flags, lesions: Lesions, sbrt: SbrtDelivery
) -> Contamination:
    """Ablation of one index lesion in the reference arm, at a constant hazard."""
    uniform = draw_uniform(cohort, purpose=Purpose.CONTAMINATION, count=2)
    times = wait(uniform[:, 0], rate=sbrt.contamination_per_month / DAYS_PER_MONTH)
    count = lesions.present.sum(axis=1)
    return Contamination(
        day=np.where(experimental, NEVER, whole_days(times) + 14),
        lesion=np.minimum((uniform[:, 1] * count).astype(np.int64), count - 1),
    )


def draw_local_therapy(
    cohort: Cohort, *, delivery: Delivery, contamination: Contamination, control: float, null: bool
) -> LocalTherapy:
    """When local therapy takes effect and how well; with `null` it never does (D8.3)."""
    uniform = draw_uniform(cohort, purpose=Purpose.SBRT_LESION, count=5 * MOST_LESIONS)
    part = uniform.reshape(-1, 5, MOST_LESIONS)
    ablated = np.arange(MOST_LESIONS)[None, :] == contamination.lesion[:, None]
    day = np.where(delivery.complete, delivery.last_day, NEVER)
    day = np.minimum(day, np.where(ablated, contamination.day[:, None], NEVER))
    rest = REST_FROM + (REST_TO - REST_FROM) * part[:, 4]
    return LocalTherapy(
        day=np.full_like(day, NEVER) if null else day,
        controlled=part[:, 2] < control,
        rest=np.where(part[:, 3] < COMPLETE_REST, 0.0, rest),
    )


def measure_true_diameter(lesions: Lesions, *, local: LocalTherapy, day: Ints) -> Floats:
    """The true diameter in mm of each lesion on a day of each subject, shape (subjects, 5)."""
    at = np.broadcast_to(day[:, None], local.day.shape)
    before = _natural(lesions, np.minimum(at, local.day))
    since = np.maximum(at - local.day, 0).astype(np.float64)
    fall = np.exp(-0.006 * since)  # D8.3
    regrowth = np.exp(np.minimum(np.maximum(lesions.growth, 0.0025) * since, 50.0))  # D8.3
    controlled = local.rest + (1.0 - local.rest) * fall
    factor = np.where(local.controlled, controlled, 0.5 * fall + 0.5 * regrowth)
    return np.asarray(before * np.where(since > 0, factor, 1.0), dtype=np.float64)


def _natural(lesions: Lesions, day: Ints) -> Floats:
    """Under systemic therapy: the sensitive part shrinks, the resistant part grows (D8.3)."""
    shrunk = lesions.sensitive * np.exp(-lesions.shrinkage * day)
    grown = (1.0 - lesions.sensitive) * np.exp(np.minimum(lesions.growth * day, 50.0))
    return np.asarray(lesions.size_mm * (shrunk + grown), dtype=np.float64)
