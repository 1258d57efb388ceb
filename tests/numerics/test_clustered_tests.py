"""Tests of clustered rows: the twin's influence by patient, copies, and weights by patient."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.competing.clustered_tests import (
    ClusteredTest,
    Hazard,
    compare_clustered,
)
from equipoise.numerics.competing.incidences import estimate_incidences
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.hazards.cox_design import weigh_by_patient
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.streams import draw_uniforms
from naive import fine_gray as naive
from naive.fine_gray import Lesion

LESIONS = st.lists(
    st.tuples(
        st.integers(1, 7).map(float), *[st.integers(0, 2)] * 2, st.integers(0, 4), st.integers(0, 1)
    ),
    min_size=2,
    max_size=14,
)


def trial(
    patients: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Time, cause, group and patient of one to three lesions that share a frailty."""
    who = np.arange(patients, dtype=np.int64)
    u = draw_uniforms(seed, replicate=0 * who, subject=who, purpose=1, count=8)
    patient = np.repeat(who, 1 + np.floor(3 * u[:, 0]).astype(np.int64))
    lesion = np.arange(patient.size) - np.searchsorted(patient, patient)
    share = u[patient, 1] ** 2
    time = -np.log(u[patient, 2 + lesion]) * (0.1 + share)
    cause = np.floor(3 * u[patient, 5 + lesion]).astype(np.int64)
    return time, cause, patient % 2, patient


@settings(deadline=None, max_examples=30)
@given(LESIONS, st.sampled_from(list(Hazard)))
def test_score_and_variance_are_the_twin_s_influence_summed_by_patient(
    rows: list[tuple[float, int, int, int, int]], hazard: Hazard
) -> None:
    time, cause, group, cluster, stratum = (list(column) for column in zip(*rows, strict=True))
    seen = cause if hazard is Hazard.SUBDISTRIBUTION else [int(code == 1) for code in cause]
    found = compare_clustered(
        time, cause=cause, group=group, sampling=Sampling(cluster=cluster), stratum=stratum,
        hazard=hazard,
    )  # fmt: skip
    by_group = []
    for code in range(found.score.size):
        lesions = [
            Lesion(time=t, cause=c, x=float(g == code), stratum=s)
            for t, c, g, s in zip(time, seen, group, stratum, strict=True)
        ]
        moments = naive.moments(lesions, 0.0)
        shares = [naive.eta(lesions, one, moments, 0.0) for one in lesions]
        if hazard is Hazard.SUBDISTRIBUTION:
            shares = naive.influence(lesions, 0.0)
        by_group.append(np.bincount(cluster, weights=shares, minlength=5))

    assert np.allclose(found.score, np.sum(by_group, axis=1), atol=1e-9)
    assert np.allclose(found.variance, np.inner(by_group, by_group), atol=1e-9)


def test_the_score_is_that_of_the_log_rank_test() -> None:
    time, cause, group, patient = trial(40, seed=1)
    found = compare_clustered(time, cause=cause, group=group, sampling=Sampling(cluster=patient))
    plain = compare_logrank(time, event=(cause == 1).astype(np.int64), group=group)

    assert found.score == pytest.approx(plain.observed - plain.expected)
    assert found.clusters == 40
    assert found.z**2 == pytest.approx(found.test.statistic)
    assert math.copysign(1, found.z) == math.copysign(1, plain.z)


@pytest.mark.parametrize("hazard", list(Hazard))
def test_copies_of_lesions_add_no_evidence(hazard: Hazard) -> None:
    time, cause, group, patient = trial(40, seed=2)
    again = np.repeat(np.arange(time.size), 3)

    def test_of(rows: NDArray[np.int64], cluster: NDArray[np.int64]) -> ClusteredTest:
        return compare_clustered(
            time[rows], cause=cause[rows], group=group[rows], hazard=hazard,
            sampling=Sampling(cluster=cluster),
        )  # fmt: skip

    once = test_of(np.arange(time.size), patient)
    assert test_of(again, patient[again]).test.statistic == pytest.approx(once.test.statistic)
    assert test_of(again, np.arange(again.size)).test.statistic > 1.5 * once.test.statistic


def test_three_groups_have_two_degrees_of_freedom_and_no_z() -> None:
    time, cause, _, patient = trial(60, seed=3)
    found = compare_clustered(
        time, cause=cause, group=patient % 3, sampling=Sampling(cluster=patient)
    )

    assert found.test.degrees_of_freedom == 2
    assert found.score.sum() == pytest.approx(0, abs=1e-9)
    assert math.isnan(found.z)


@pytest.mark.parametrize(("cause", "group"), [
    ([0, 2, 0, 0], [0, 1, 0, 1]),  # no event of cause 1
    ([1, 1, 2, 0], [0, 0, 0, 0]),  # one group
    ([1, 1, 0, 0], [1, 1, 1, 1]),  # the other group alone
])  # fmt: skip
def test_without_a_contrast_there_is_no_p(cause: list[int], group: list[int]) -> None:
    found = compare_clustered(
        [1.0, 2.0, 3.0, 4.0], cause=cause, group=group, sampling=Sampling(cluster=[1, 1, 2, 3])
    )

    assert found.test.degrees_of_freedom == 0
    assert math.isnan(found.test.p_value)
    assert math.isnan(found.z)


def test_weights_leave_no_contrast_of_rounding_alone() -> None:
    """The one event is of a stratum of group 0 alone; its weighted mean is 1 but for rounding."""
    found = compare_clustered(
        [786.0, 778, 128, 1297, 1071, 1241, 983, 404, 1282, 917],
        cause=[0, 0, 0, 0, 0, 0, 0, 1, 0, 0],
        group=[0, 0, 1, 0, 0, 0, 0, 0, 0, 1],
        stratum=[1, 0, 1, 1, 1, 1, 1, 1, 1, 0],
        sampling=Sampling(cluster=np.arange(10) // 2, weight=0.7 + 0.1 * np.arange(10)),
    )

    assert found.test.degrees_of_freedom == 0
    assert math.isnan(found.test.p_value)
    assert math.isnan(found.z)


def test_weights_by_patient_add_up_to_the_patients() -> None:
    _, _, _, patient = trial(30, seed=4)
    weight = weigh_by_patient(patient)

    assert np.bincount(patient, weights=weight) == pytest.approx(np.ones(30))
    assert weigh_by_patient(["a", "b", "a"]).tolist() == [0.5, 1, 0.5]


def test_weights_by_patient_are_one_lesion_of_each_drawn_many_times() -> None:
    """Within-cluster resampling, Hoffman, Sen, Weinberg (2001); without censoring its mean."""
    time, _, _, patient = trial(25, seed=5)
    cause = 1 + (time > 0.3).astype(np.int64)
    weighted = estimate_incidences(
        time, cause=cause, sampling=Sampling(weight=weigh_by_patient(patient), cluster=patient)
    )
    drawn = []
    for replicate in range(300):
        who = np.arange(25, dtype=np.int64)
        u = draw_uniforms(9, replicate=0 * who + replicate, subject=who, purpose=2, count=1)[:, 0]
        first, size = np.searchsorted(patient, who), np.bincount(patient)
        chosen = first + np.floor(u * size).astype(np.int64)
        drawn.append(np.mean(cause[chosen] == 1))

    assert weighted.incidence[0, -1] == pytest.approx(np.mean(drawn), abs=0.02)
    assert weighted.incidence[0, -1] == pytest.approx(
        np.mean([np.mean(cause[patient == who] == 1) for who in range(25)])
    )


def test_a_cluster_for_each_row_is_asked_for() -> None:
    with pytest.raises(ValueError, match="cluster has shape"):
        compare_clustered([1.0, 2.0], cause=[1, 1], group=[0, 1], sampling=Sampling(cluster=[1]))
    with pytest.raises(ValueError, match=r"only Hazard.CAUSE is tested"):
        compare_clustered(
            [1.0, 2.0], cause=[1, 1], group=[0, 1], hazard=Hazard.SUBDISTRIBUTION,
            sampling=Sampling(cluster=[1, 2], entry=[0.0, 0.0]),
        )  # fmt: skip
