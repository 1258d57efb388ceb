"""The adverse events of every subject in days: systemic therapy's and SBRT's (D8.4)."""

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import ndtri

from equipoise.protocol.scenario_model import Toxicity
from equipoise.simulate.cohort import (
    DAYS_PER_YEAR,
    NEVER,
    Flags,
    Floats,
    Ints,
    any_of,
    choose,
    draw_normal,
    draw_uniform,
    whole_days,
)
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.toxic_death import ILL_DAYS
from equipoise.simulate.toxicity_rates import count_poisson, solve_mean
from equipoise.simulate.treatment import Treatment
from equipoise.simulate.trial_course import Course
from equipoise.vocab.ctcae import allowed_grades

ACUTE_DAYS = 183  # D2.6
MOST = 6  # events of a kind in one subject
LASTING_DAYS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Adverse events, shape (subjects, slots): what, how bad, from when and for how long.

    `term` is a place in `list_terms`; `cause` 0 immunotherapy, 1 kinase inhibitor, 2 SBRT;
    `lesion` the irradiated lesion, -1 without; `onset` is `NEVER` in an empty slot.
    """

    onset: Ints
    days: Ints
    term: Ints
    grade: Ints
    cause: Ints
    lesion: Ints


def list_terms(toxicity: Toxicity) -> tuple[str, ...]:
    """Every term that an event may have, once."""
    named = {**toxicity.immunotherapy, **toxicity.kinase_inhibitor, **toxicity.low_grade}
    local = {term: 0.0 for site in toxicity.site for term in (site.acute, site.late)}
    return tuple({**named, **local, "Pneumonitis": 0.0, "Fatigue": 0.0})


def draw_events(setting: Setting, *, course: Course, treatment: Treatment) -> Events:
    """The adverse events of everybody, until the last day of each."""
    drugs = _drugs(setting, treatment)
    parts = [
        _draw_systemic(setting, course, treatment, drugs),
        _draw_low_grade(setting, course, treatment, drugs),
        _draw_sbrt(setting, course, drugs),
        _draw_fatal(setting, course),
    ]
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts], axis=1)
        for field in fields(Events)
    }
    alive = joined["onset"] <= course.fate.stop[:, None]
    order = np.argsort(np.where(alive, joined["onset"], NEVER), axis=1, kind="stable")
    joined["onset"] = np.where(alive, joined["onset"], NEVER)
    return Events(**{k: np.take_along_axis(v, order, axis=1) for k, v in joined.items()})


def _drugs(setting: Setting, treatment: Treatment) -> Flags:
    """Per subject: immunotherapy, kinase inhibitor."""
    regimens = setting.operations.systemic.regimen
    has = np.array(
        [
            [
                any(not agent.kinase_inhibitor for agent in each.agent),
                any(agent.kinase_inhibitor for agent in each.agent),
            ]
            for each in regimens
        ]
        or [[False, False]],
        dtype=np.bool_,
    )
    return np.asarray(has[treatment.regimen] & treatment.started[:, None], dtype=np.bool_)


def _draw_systemic(setting: Setting, course: Course, treatment: Treatment, drugs: Flags) -> Events:
    """Grade 3 or 4 under systemic therapy: early ones at a falling rate, later at a steady one."""
    toxicity = setting.operations.toxicity
    uniform = draw_uniform(course.cohort, purpose=Purpose.ADVERSE_COUNT, count=2 + 2 * MOST)
    sd = toxicity.patient_sd
    factor = np.exp(sd * ndtri(uniform[:, 0]) - sd**2 / 2.0)
    early_mean = solve_mean(toxicity.acute_g3, patient_sd=sd) * factor
    late_mean = solve_mean(toxicity.late_g3, patient_sd=sd) * factor
    count = count_poisson(uniform[:, 1], mean=early_mean, most=MOST)
    within = 1.0 - np.exp(-ACUTE_DAYS / toxicity.onset_mean_days)
    early = -toxicity.onset_mean_days * np.log1p(-uniform[:, 2 : 2 + MOST] * within)
    early = np.where(np.arange(MOST) < count[:, None], whole_days(early), NEVER)
    rate = np.maximum(late_mean / (2.0 * DAYS_PER_YEAR), 1e-12)[:, None]  # over one to three years
    gaps = -np.log(uniform[:, 2 + MOST :]) / rate
    late = ACUTE_DAYS + whole_days(np.cumsum(gaps, axis=1))
    onset = treatment.start[:, None] - 1 + np.concatenate([early, late], axis=1)
    onset = np.where(any_of(drugs)[:, None], np.minimum(onset, NEVER), NEVER)
    kind = draw_uniform(course.cohort, purpose=Purpose.ADVERSE_EVENT, count=4 * 2 * MOST)
    part = kind.reshape(-1, 4, 2 * MOST)
    cause = np.where((~any_of(~drugs))[:, None], part[:, 0] < 0.5, drugs[:, 1:2]).astype(np.int64)
    weights = (toxicity.immunotherapy, toxicity.kinase_inhibitor)
    return Events(
        onset=onset,
        days=_duration(part[:, 2], toxicity=toxicity, lasting=part[:, 3] < toxicity.lasting),
        term=_choose_terms(toxicity, weights=weights, cause=cause, uniform=part[:, 1]),
        grade=np.full(onset.shape, 3, dtype=np.int64),
        cause=cause,
        lesion=np.full(onset.shape, -1, dtype=np.int64),
    )


def _choose_terms(
    toxicity: Toxicity,
    *,
    weights: tuple[dict[str, float], dict[str, float]],
    cause: Ints,
    uniform: Floats,
) -> Ints:
    terms = list_terms(toxicity)
    chosen = np.zeros(cause.shape, dtype=np.int64)
    for which, table in enumerate(weights):
        if table:
            places = np.array([terms.index(name) for name in table])
            here = places[choose(uniform, shares=tuple(table.values()))]
            chosen = np.where(cause == which, here, chosen)
    return chosen


def _duration(uniform: Floats, *, toxicity: Toxicity, lasting: Flags) -> Ints:
    """Days from onset to end: lognormal, a few for ever."""
    days = toxicity.duration_median_days * np.exp(0.8 * ndtri(uniform))
    return np.where(lasting, LASTING_DAYS, whole_days(days))


def _draw_low_grade(setting: Setting, course: Course, treatment: Treatment, drugs: Flags) -> Events:
    """Grade 1 or 2 under systemic therapy."""
    toxicity = setting.operations.toxicity
    uniform = draw_uniform(course.cohort, purpose=Purpose.ADVERSE_LOW_GRADE, count=1 + 4 * MOST)
    part = uniform[:, 1:].reshape(-1, 4, MOST)
    mean = np.full(course.cohort.size, toxicity.low_grade_mean)
    count = count_poisson(uniform[:, 0], mean=mean, most=MOST)
    onset = treatment.start[:, None] + whole_days(
        -1.5 * toxicity.onset_mean_days * np.log(part[:, 0])
    )
    used = (np.arange(MOST) < count[:, None]) & any_of(drugs)[:, None]
    cause = np.broadcast_to(drugs[:, 1:2], used.shape).astype(np.int64)
    return Events(
        onset=np.where(used, onset, NEVER),
        days=_duration(part[:, 1], toxicity=toxicity, lasting=part[:, 1] > 0.85),
        term=_choose_terms(
            toxicity,
            weights=(toxicity.low_grade, toxicity.low_grade),
            cause=cause,
            uniform=part[:, 2],
        ),
        grade=1 + (part[:, 3] < 0.4).astype(np.int64),
        cause=cause,
        lesion=np.full(used.shape, -1, dtype=np.int64),
    )


def _draw_sbrt(setting: Setting, course: Course, drugs: Flags) -> Events:
    """After SBRT: early of grade 3, pneumonitis with immunotherapy, late of grade 3, low grade."""
    toxicity = setting.operations.toxicity
    uniform = draw_uniform(course.cohort, purpose=Purpose.ADVERSE_SBRT, count=12)
    normal = draw_normal(course.cohort, purpose=Purpose.ADVERSE_SBRT, count=16)[:, 12:]
    lung, lesion, site = _irradiated(setting, course, uniform[:, 8])
    treated = any_of(course.delivery.treated)
    chance = np.stack(
        [
            np.full(treated.size, toxicity.sbrt_acute_g3),
            np.where(lung & drugs[:, 0], toxicity.sbrt_pneumonitis_g3, 0.0),
            np.full(treated.size, toxicity.sbrt_late_g3),
            np.full(treated.size, toxicity.sbrt_low_grade),
        ],
        axis=1,
    )
    median = (
        toxicity.sbrt_onset_median_days,
        toxicity.pneumonitis_median_days,
        toxicity.sbrt_late_median_days,
        toxicity.sbrt_onset_median_days,
    )
    happens = treated[:, None] & (uniform[:, :4] < chance)
    begin = np.where(course.delivery.treated, course.delivery.first_day, NEVER).min(axis=1)
    onset = begin[:, None] + whole_days(np.asarray(median) * np.exp(0.5 * normal))
    early = [s.acute for s in toxicity.site] or ["Fatigue"]
    late = [s.late for s in toxicity.site] or ["Fatigue"]
    names = list_terms(toxicity)
    acute, after = (np.array([names.index(t) for t in ts])[site] for ts in (early, late))
    pneumonitis = np.full(treated.size, names.index("Pneumonitis"))
    short = _duration(uniform[:, 4:8], toxicity=toxicity, lasting=np.zeros_like(happens))
    return Events(
        onset=np.where(happens, onset, NEVER),
        days=short * np.array([1, 2, 20, 1]),  # late effects of radiation last
        term=np.stack([acute, pneumonitis, after, acute], axis=1),
        grade=np.broadcast_to(np.array([3, 3, 3, 2]), happens.shape),
        cause=np.full(happens.shape, 2, dtype=np.int64),
        lesion=np.broadcast_to(lesion[:, None], happens.shape),
    )


def _irradiated(setting: Setting, course: Course, uniform: Floats) -> tuple[Flags, Ints, Ints]:
    """Whether lung was irradiated; one irradiated lesion, and its site among the toxicities."""
    names = tuple(setting.operations.patients.site)
    treated = course.delivery.treated
    is_lung = np.array([name == "lung" for name in names])[course.lesions.site]
    rank = np.cumsum(treated, axis=1)
    wanted = 1 + np.floor(uniform[:, None] * rank[:, -1:])
    lesion = np.argmax(treated & (rank == wanted), axis=1)
    known = [site.site for site in setting.operations.toxicity.site]
    place = np.array([known.index(name) if name in known else 0 for name in names])
    site = place[course.lesions.site[np.arange(len(lesion)), lesion]]
    return any_of(treated & is_lung), lesion, site


def _draw_fatal(setting: Setting, course: Course) -> Events:
    """The grade 5 event of a subject who dies of one: it starts days before death."""
    toxicity = setting.operations.toxicity
    uniform = draw_uniform(course.cohort, purpose=Purpose.ADVERSE_FATAL, count=4)[:, 2:]
    fatal = course.fate.dies & (course.fate.death == course.toxic_death)
    ill = 1 + np.floor(uniform[:, :1] * (ILL_DAYS - 1)).astype(np.int64)
    terms = list_terms(toxicity)
    lethal = [t for t in toxicity.immunotherapy if 5 in (allowed_grades(t) or ())]
    places = np.array([terms.index(name) for name in lethal or ["Pneumonitis"]])
    chosen = places[np.floor(uniform[:, 1:] * len(places)).astype(np.int64)]
    return Events(
        onset=np.where(fatal[:, None], course.fate.death[:, None] - ill, NEVER),
        days=ill,
        term=chosen,
        grade=np.full(chosen.shape, 5, dtype=np.int64),
        cause=np.zeros(chosen.shape, dtype=np.int64),
        lesion=np.full(chosen.shape, -1, dtype=np.int64),
    )
