"""The systemic therapy of every subject in days: start, holds, reductions, stop, next lines."""

from dataclasses import dataclass

import numpy as np

from equipoise.protocol.scenario_model import SystemicTherapy
from equipoise.simulate.cohort import (
    DAYS_PER_MONTH,
    NEVER,
    Flags,
    Floats,
    Ints,
    between,
    choose,
    draw_uniform,
    wait,
    whole_days,
)
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.trial_course import Course

_REDUCED_DAYS = 120.0  # proposal: mean time to a dose reduction, in those who have one


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Per subject, days from randomisation, `NEVER` where it does not happen.

    `regimen` is a place in the regimens of the protocol; `stop` ends the regimen for `reason`
    (a place in `REASONS`); kinase inhibitors are held from `hold_from` to `hold_to`.
    """

    regimen: Ints
    started: Flags
    start: Ints
    stop: Ints
    reason: Ints
    hold_from: Ints
    hold_to: Ints
    reduced: Ints
    switch: Ints


REASONS = (None, "progression", "toxicity", "choice", "sbrt")


def draw_treatment(setting: Setting, *, course: Course) -> Treatment:
    """The systemic therapy: until progression, a switch for toxicity, death or leaving."""
    systemic = setting.operations.systemic
    uniform = draw_uniform(course.cohort, purpose=Purpose.SYSTEMIC, count=8)
    regimen = choose(uniform[:, 0], shares=[each.share for each in systemic.regimen] or [1.0])
    started = (uniform[:, 1] >= systemic.not_started) & bool(systemic.regimen)
    start = between(uniform[:, 2], low=1, high=max(1.0, systemic.start_to_days))
    waited = whole_days(wait(uniform[:, 3], rate=systemic.switch_per_month / DAYS_PER_MONTH))
    decided = course.watch.decided
    switch = np.minimum(start + 14 + waited, NEVER)
    switch = np.where(started & (switch < decided), switch, NEVER)
    after = np.where(decided < NEVER, decided + between(uniform[:, 4], low=0, high=7), NEVER)
    hold_from, hold_to = _hold(setting, course)
    return Treatment(
        regimen=regimen,
        started=started & (start <= course.fate.stop),
        start=start,
        stop=np.minimum(switch, after),
        reason=np.where(switch < after, 2, np.where(after < NEVER, 1, 0)),
        hold_from=hold_from,
        hold_to=hold_to,
        reduced=_reduction(systemic, uniform[:, 6], uniform[:, 7], start),
        switch=switch,
    )


def _hold(setting: Setting, course: Course) -> tuple[Ints, Ints]:
    """The hold of kinase inhibitors around SBRT (D1.3)."""
    uniform = draw_uniform(course.cohort, purpose=Purpose.SBRT, count=7)
    sbrt = setting.operations.sbrt
    delivery = course.delivery
    treated = delivery.treated
    first = np.where(treated, delivery.first_day, NEVER).min(axis=1)
    last = np.where(treated, delivery.last_day, -1).max(axis=1)
    before = between(uniform[:, 5], low=sbrt.hold_from_days, high=sbrt.hold_to_days)
    after = between(uniform[:, 6], low=sbrt.hold_from_days, high=sbrt.hold_to_days)
    held = treated.any(axis=1)
    return np.where(held, first - before, NEVER), np.where(held, last + after, -1)


def _reduction(systemic: SystemicTherapy, chance: Floats, time: Floats, start: Ints) -> Ints:
    """The first day at a reduced dose; `NEVER` without a reduction."""
    waited = whole_days(wait(time, rate=1.0 / _REDUCED_DAYS))
    return np.where(chance < systemic.reduction, start + 28 + waited, NEVER)
