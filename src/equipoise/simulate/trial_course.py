"""The whole course of every subject in days, before anything is written as entries."""

from dataclasses import dataclass

import numpy as np

from equipoise.randomise.allocate_many import allocate_many
from equipoise.randomise.plan import build_plan
from equipoise.simulate.arrival import Arrival, draw_arrival
from equipoise.simulate.cohort import (
    DAYS_PER_MONTH,
    Cohort,
    Flags,
    Ints,
    any_of,
    build_cohort,
    draw_uniform,
)
from equipoise.simulate.holding import Watch
from equipoise.simulate.lesions import Lesions, draw_frailty, draw_lesions, draw_new_lesion_day
from equipoise.simulate.local_therapy import (
    Contamination,
    Delivery,
    draw_contamination,
    draw_delivery,
    draw_local_therapy,
)
from equipoise.simulate.patients import Baseline, draw_baseline
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.scans import Scans, Subject, believe, read_scans
from equipoise.simulate.setting import Setting
from equipoise.simulate.survival import Fate, draw_death, draw_fate
from equipoise.simulate.toxic_death import draw_toxic_death
from equipoise.simulate.visits import Plan, draw_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Everything that happens to every subject; days count from its randomisation.

    `arm` is the place in the ratio of the protocol; `end` the day on which the trial stops;
    `toxic_death` the day of death of an adverse event (`NEVER` without).
    """

    cohort: Cohort
    arrival: Arrival
    baseline: Baseline
    arm: Ints
    experimental: Flags
    lesions: Lesions
    delivery: Delivery
    contamination: Contamination
    new_day: Ints
    plan: Plan
    scans: Scans
    toxic_death: Ints
    fate: Fate
    watch: Watch
    end: Ints


def draw_course(setting: Setting, *, seed: int, replicates: range) -> Course:
    """The course of every subject of the trials numbered `replicates`."""
    operations, scenario = setting.operations, setting.scenario
    cohort = build_cohort(seed, replicates=replicates, subjects=setting.subjects)
    arrival = draw_arrival(cohort, accrual=operations.accrual, subjects=setting.subjects)
    baseline = draw_baseline(cohort, patients=operations.patients)
    shifts = np.stack([any_of(baseline.factor), baseline.poly], axis=1).astype(np.float64)
    frailty = draw_frailty(cohort, scenario=scenario, patients=operations.patients, shifts=shifts)
    lesions = draw_lesions(cohort, scenario=scenario, patients=operations.patients, frailty=frailty)
    arm = _draw_arms(setting, cohort, baseline=baseline, lesions=lesions)
    arms = tuple(setting.protocol.randomisation.ratio)
    experimental = np.isin(np.asarray(arms)[arm], setting.experimental_arms)
    return _follow(
        setting,
        _Enrolled(
            cohort=cohort,
            arrival=arrival,
            baseline=baseline,
            lesions=lesions,
            arm=arm,
            experimental=experimental,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Enrolled:
    """Every subject on the day of randomisation."""

    cohort: Cohort
    arrival: Arrival
    baseline: Baseline
    lesions: Lesions
    arm: Ints
    experimental: Flags


def _follow(setting: Setting, who: _Enrolled) -> Course:
    """What happens to every subject from randomisation on: first its local therapy."""
    operations, cohort = setting.operations, who.cohort
    delivery = draw_delivery(
        cohort,
        experimental=who.experimental,
        lesions=who.lesions,
        patients=operations.patients,
        sbrt=operations.sbrt,
        radiotherapy=setting.radiotherapy,
    )
    contamination = draw_contamination(
        cohort, experimental=who.experimental, lesions=who.lesions, sbrt=operations.sbrt
    )
    return _live(setting, who, delivery, contamination)


def _live(
    setting: Setting, who: _Enrolled, delivery: Delivery, contamination: Contamination
) -> Course:
    """Scans, death and leaving of every subject under the treatment it receives."""
    operations, scenario, cohort = setting.operations, setting.scenario, who.cohort
    subject = _describe(setting, who, delivery, contamination)
    plan = draw_plan(
        cohort, visits=setting.protocol.schedule.imaging_visits, attendance=operations.attendance
    )
    scans = read_scans(
        cohort,
        subject=subject,
        plan=plan,
        attendance=operations.attendance,
        reading_cv=scenario.reading_cv,
    )
    toxic = draw_toxic_death(cohort, toxicity=operations.toxicity, treated=any_of(delivery.treated))
    death = draw_death(
        cohort, scenario=scenario, frailty=who.lesions.frailty, first_seen=scans.first_seen
    )
    end = _draw_end(setting, who.arrival)
    fate = draw_fate(cohort, leaving=operations.leaving, death=np.minimum(death, toxic), end=end)
    return Course(
        cohort=cohort,
        arrival=who.arrival,
        baseline=who.baseline,
        arm=who.arm,
        experimental=who.experimental,
        lesions=who.lesions,
        delivery=delivery,
        contamination=contamination,
        new_day=np.ceil(subject.new_day).astype(np.int64),
        plan=plan,
        scans=scans,
        toxic_death=toxic,
        fate=fate,
        watch=believe(scans, stop=fate.stop),
        end=end,
    )


def _describe(
    setting: Setting, who: _Enrolled, delivery: Delivery, contamination: Contamination
) -> Subject:
    """The biology of every subject under the treatment it receives (D8.3)."""
    scenario = setting.scenario
    null = scenario.experimental_as_reference
    affected = who.experimental & (not null)
    local = draw_local_therapy(
        who.cohort,
        delivery=delivery,
        contamination=contamination,
        control=scenario.sbrt_control_probability,
        null=null,
    )
    new_day = draw_new_lesion_day(
        who.cohort,
        scenario=scenario,
        frailty=who.lesions.frailty,
        ratio=np.where(affected, scenario.new_lesion_ratio, 1.0),
    )
    return Subject(lesions=who.lesions, local=local, new_day=new_day)


def _draw_arms(setting: Setting, cohort: Cohort, *, baseline: Baseline, lesions: Lesions) -> Ints:
    """The arms by the protocol's scheme, each trial in the order of arrival."""
    known = {
        "omd_induced": baseline.poly,
        "n_mets": lesions.present.sum(axis=1) >= 4,
        "imdc": any_of(baseline.factor),
    }
    factors = tuple(each.name for each in setting.protocol.stratum if each.item in known)
    levels = [known[each.item] for each in setting.protocol.stratum if each.item in known]
    shape = (cohort.size // setting.subjects, setting.subjects)
    if setting.allocation_uniforms:
        uniform = np.asarray(setting.allocation_uniforms)[: setting.subjects]
    else:
        uniform = draw_uniform(cohort, purpose=Purpose.ALLOCATION, count=1)
    rows = np.array(levels, dtype=np.int64).reshape(len(levels), cohort.size)
    return allocate_many(
        rows.T.reshape(*shape, len(levels)),
        plan=build_plan(setting.protocol.randomisation, factors=factors),
        uniforms=uniform.reshape(shape),
    ).arm.ravel()


def _draw_end(setting: Setting, arrival: Arrival) -> Ints:
    """The last day of the trial for each subject: the last data cut and a little more."""
    by_trial = arrival.randomised.reshape(-1, setting.subjects)
    last = by_trial.max(axis=1, keepdims=True)
    months = max(cut.plus_months for cut in setting.protocol.cut)
    months += setting.operations.leaving.follow_up_beyond_last_cut_months
    end = last + int(months * DAYS_PER_MONTH) - by_trial
    return np.asarray(end.ravel(), dtype=np.int64)
