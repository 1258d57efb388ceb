"""Death, and leaving the trial: each subject's last day (D8.2, D8.3, D8.4)."""

from dataclasses import dataclass

import numpy as np

from equipoise.protocol.scenario_model import Leaving, Scenario
from equipoise.simulate.cohort import (
    DAYS_PER_MONTH,
    DAYS_PER_YEAR,
    NEVER,
    Cohort,
    Flags,
    Floats,
    Ints,
    draw_uniform,
    wait,
    whole_days,
)
from equipoise.simulate.purpose import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """Days from randomisation: death, leaving (`NEVER` without), the last day with any entry.

    `dies` marks the deaths that the trial learns of, `leaves` those who left before.
    """

    death: Ints
    leaving: Ints
    withdrew: Flags
    stop: Ints
    dies: Flags
    leaves: Flags


def draw_death(cohort: Cohort, *, scenario: Scenario, frailty: Floats, first_seen: Ints) -> Ints:
    """The day of death: an illness-death course, its second clock started by progression."""
    uniform = draw_uniform(cohort, purpose=Purpose.DEATH, count=2)
    before = wait(uniform[:, 0], rate=scenario.death_before_progression_per_month / DAYS_PER_MONTH)
    rate = scenario.death_after_progression_per_month / DAYS_PER_MONTH
    after = wait(uniform[:, 1], rate=rate * np.exp(0.5 * frailty - 0.125))  # D8.3
    early = whole_days(before)
    late = np.where(first_seen < NEVER, first_seen + whole_days(after), NEVER)
    return np.where(early <= first_seen, early, late)


def draw_fate(cohort: Cohort, *, leaving: Leaving, death: Ints, end: Ints) -> Fate:
    """Who dies and who leaves first; `end` is the day on which the trial stops for each."""
    uniform = draw_uniform(cohort, purpose=Purpose.LEAVING, count=2)
    lost = whole_days(wait(uniform[:, 0], rate=leaving.lost_per_year / DAYS_PER_YEAR))
    withdrawn = whole_days(wait(uniform[:, 1], rate=leaving.withdrawn_per_year / DAYS_PER_YEAR))
    left = np.minimum(lost, withdrawn)
    stop = np.minimum(np.minimum(death, left), end)
    return Fate(
        death=death,
        leaving=left,
        withdrew=withdrawn < lost,
        stop=stop,
        dies=death <= np.minimum(left, end),
        leaves=(left < death) & (left <= end),
    )
