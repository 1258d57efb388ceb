"""Death of an adverse event: rare, and another cause of death beside the disease (D8.4)."""

import numpy as np

from equipoise.protocol.scenario_model import Toxicity
from equipoise.simulate.cohort import NEVER, Cohort, Flags, Ints, draw_uniform, wait, whole_days
from equipoise.simulate.purpose import Purpose

ILL_DAYS = 7  # a fatal event starts at most so long before death


def draw_toxic_death(cohort: Cohort, *, toxicity: Toxicity, treated: Flags) -> Ints:
    """The day of death of an adverse event, `NEVER` without; likelier in those given SBRT."""
    uniform = draw_uniform(cohort, purpose=Purpose.ADVERSE_FATAL, count=4)
    chance = toxicity.fatal + toxicity.sbrt_fatal * treated
    onset = whole_days(wait(uniform[:, 1], rate=1.0 / toxicity.onset_mean_days)) + ILL_DAYS
    return np.where(uniform[:, 0] < chance, onset, NEVER)
