"""The design scenario has the progression-free survival that the trial was sized for."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.setting import Conditions, build_setting
from equipoise.simulate.trial_course import Course, draw_course

YEAR = 365.25


def draw_design(*, subjects: int, replicates: int, seed: int) -> Course:
    protocol = shipped_protocol("oligo_rcc")
    conditions = Conditions(subjects=subjects, operations=False)
    setting = build_setting(protocol, scenario="design", conditions=conditions)
    return draw_course(setting, seed=seed, replicates=range(replicates))


def event_free(course: Course) -> NDArray[np.bool_]:
    """By the primary convention: held progression or death, the day of randomisation is day 1."""
    days = np.minimum(course.watch.progressed, course.fate.death) + 1
    return np.asarray(days > YEAR, dtype=np.bool_)


def test_one_year_progression_free_survival_is_one_half_against_four_fifths() -> None:
    course = draw_design(subjects=60_000, replicates=1, seed=11)
    free, b = event_free(course), course.experimental
    assert free[~b].mean() == pytest.approx(0.50, abs=0.01)
    assert free[b].mean() == pytest.approx(0.80, abs=0.01)


def test_eighty_eight_subjects_give_the_milestone_test_its_power() -> None:
    """D8.5, 4. Nobody is censored before a year, so Greenwood's sum is (1 - S) / (n S)."""
    course = draw_design(subjects=88, replicates=700, seed=12)
    free = event_free(course).reshape(-1, 88)
    b = course.experimental.reshape(-1, 88)
    theta, variance = [], []
    for arm in (~b, b):
        n = arm.sum(axis=1)
        survival = np.clip((free & arm).sum(axis=1) / n, 0.01, 0.99)
        greenwood = (1.0 - survival) / (n * survival)
        theta.append(np.log(-np.log(survival)))
        variance.append(greenwood / np.log(survival) ** 2)
    statistic = (theta[1] - theta[0]) ** 2 / (variance[0] + variance[1])
    power = (statistic > chi2.ppf(0.95, 1)).mean()
    assert 0.80 <= power <= 0.86
