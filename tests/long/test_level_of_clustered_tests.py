"""Lesions clustered in patients: tests that know it hold their level, one that does not errs."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.competing.clustered_tests import Hazard, compare_clustered
from equipoise.numerics.competing.fine_gray import estimate_fine_gray
from equipoise.numerics.competing.gray import compare_gray
from equipoise.numerics.competing.incidence_comparison import (
    compare_incidences_at,
    compare_lost_time,
)
from equipoise.numerics.competing.incidences import estimate_incidences
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.hazards.cox_design import weigh_by_patient
from equipoise.numerics.streams import draw_uniforms

PATIENTS, TRIALS = 300, 2000


def draw(trial: int) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """No effect. One to five lesions a patient: the more, the sooner they fail; death ends all."""
    who = np.arange(PATIENTS, dtype=np.int64)
    u = draw_uniforms(77, replicate=0 * who + trial, subject=who, purpose=1, count=9)
    patient = np.repeat(who, 1 + np.floor(5 * u[:, 0] ** 2).astype(np.int64))
    lesion = np.arange(patient.size) - np.searchsorted(patient, patient)
    rate = 0.03 * (1 + 3 * u[:, 0]) * -np.log(u[:, 1])
    failure = -np.log(u[patient, 2 + lesion]) / rate[patient]
    death, end = -np.log(u[:, 7]) / 0.03, 6 + 30 * u[:, 8]
    last = np.minimum(death, end)[patient]
    return {
        "time": np.ceil(30.4 * np.minimum(failure, last)),
        "cause": np.where(failure <= last, 1, np.where(death <= end, 2, 0)[patient]),
        "group": patient % 2,
        "patient": patient,
    }


def p_values(trial: int) -> list[float]:
    rows = draw(trial)
    time, cause = rows["time"], rows["cause"]
    group, patient = rows["group"], rows["patient"]
    once = Sampling(cluster=patient, weight=weigh_by_patient(patient))
    curves = [
        estimate_incidences(
            time[group == arm], cause=cause[group == arm], causes=2,
            sampling=Sampling(cluster=patient[group == arm]),
        )
        for arm in (0, 1)
    ]  # fmt: skip
    tests = [
        compare_clustered(
            time, cause=cause, group=group, sampling=Sampling(cluster=patient), hazard=hazard
        ).test
        for hazard in Hazard
    ]
    return [
        *[test.p_value for test in tests],
        compare_clustered(time, cause=cause, group=group, sampling=once).test.p_value,
        compare_incidences_at(curves, at=365).test.p_value,
        compare_lost_time(curves, horizon=365).test.p_value,
        estimate_fine_gray(
            time, cause=cause, covariates=group, sampling=Sampling(cluster=patient)
        ).wald_test.p_value,
        compare_gray(time, cause=cause, group=group).test.p_value,  # takes lesions for patients
    ]


@pytest.fixture(scope="module")
def levels() -> NDArray[np.float64]:
    return np.asarray(np.mean([np.array(p_values(i)) < 0.05 for i in range(TRIALS)], axis=0))


def test_tests_by_patient_hold_their_level(levels: NDArray[np.float64]) -> None:
    """Within three Monte-Carlo errors of 5 %, and what 300 clusters leave of it."""
    reach = 3 * math.sqrt(0.05 * 0.95 / TRIALS)

    assert levels[:6] == pytest.approx(np.full(6, 0.05), abs=reach)


def test_gray_s_test_of_lesions_finds_effects_that_are_not_there(
    levels: NDArray[np.float64],
) -> None:
    assert levels[6] > 0.08
