"""Incidence of every cause: the twin, what a row moves, late entry, clusters, time lost."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.competing.aalen_johansen import estimate_incidence, estimate_incidence_at
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences,
    estimate_incidences_at,
    estimate_lost_time,
    incidence_influence,
    lost_time_influence,
)
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.survival.survival_scales import Interval
from naive import incidences as naive
from naive.incidences import Row
from numerics.samples import rows as pairs_of
from numerics.samples import split

ROWS = st.lists(
    st.builds(
        lambda time, cause, late, weight, cluster: Row(
            time=float(time), cause=cause, entry=time - 1 - late, weight=weight, cluster=cluster
        ),
        st.integers(1, 7),
        st.integers(0, 3),
        st.sampled_from([0, 2, 8]),
        st.sampled_from([0.5, 1.0, 2.0]),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=12,
)


def curves_of(rows: list[Row]) -> Incidences:
    return estimate_incidences(
        [row.time for row in rows],
        cause=[row.cause for row in rows],
        sampling=Sampling(
            weight=[row.weight for row in rows],
            cluster=[row.cluster for row in rows],
            entry=[row.entry for row in rows],
        ),
        causes=3,
    )


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_incidence_with_weights_and_late_entry_equals_the_twin(rows: list[Row]) -> None:
    found = curves_of(rows)

    for cause in (1, 2, 3):
        slow = [f for _, f in naive.curve(rows, cause)]
        assert np.allclose(found.incidence[cause - 1], slow, atol=1e-13)
    assert np.allclose(found.incidence.sum(axis=0) + found.survival, 1)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.integers(1, 3), st.integers(0, 8))
def test_a_cluster_moves_the_incidence_as_its_weights_do(
    rows: list[Row], cause: int, at: int
) -> None:
    found = curves_of(rows)
    assume(smooth(found))
    slow = naive.moved(rows, lambda changed: naive.incidence(changed, cause, at))
    fast = incidence_influence(found, cause=cause, at=at)

    assert dict(zip(found.label.tolist(), fast, strict=True)) == pytest.approx(slow, abs=1e-8)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.integers(1, 3), st.sampled_from([0.5, 3.0, 4.5]))
def test_a_cluster_moves_the_time_lost_as_its_weights_do(
    rows: list[Row], cause: int, horizon: float
) -> None:
    found = curves_of(rows)
    assume(smooth(found))
    slow = naive.moved(rows, lambda changed: naive.lost(changed, cause, horizon))
    fast = lost_time_influence(found, cause=cause, horizon=horizon)

    assert dict(zip(found.label.tolist(), fast, strict=True)) == pytest.approx(slow, abs=1e-8)
    if horizon <= found.time[-1]:
        total = estimate_lost_time(found, horizon=horizon)
        assert total.value[cause - 1] == pytest.approx(naive.lost(rows, cause, horizon))
        assert total.standard_error[cause - 1] ** 2 == pytest.approx(sum(fast**2))


def smooth(curves: Incidences) -> bool:
    """Whether nobody is left on the way: there the estimate has a kink in the weights."""
    gone = np.flatnonzero(curves.survival == 0)
    return gone.size == 0 or int(gone[0]) == curves.time.size - 1


@given(pairs_of(causes=2))
def test_two_causes_without_clusters_are_those_of_the_plain_estimator(
    pairs: list[tuple[float, int]],
) -> None:
    time, cause = split(pairs)
    found = estimate_incidences(time, cause=cause, causes=2)
    plain = estimate_incidence(time, cause=cause)

    assert found.variance is not None
    assert np.allclose(found.incidence, [plain.incidence, plain.competing])
    assert np.allclose(found.variance[0], plain.variance)
    at = estimate_incidences_at(found, at=[2.0, 30.0])
    one = estimate_incidence_at(plain, at=[2.0, 30.0])
    assert np.allclose(at.standard_error[0], one.standard_error, equal_nan=True)
    assert np.allclose(at.lower[0], one.lower, equal_nan=True)


def test_rows_of_one_patient_are_one_observation() -> None:
    """Copies of each lesion leave the robust error as it is; counted as rows it would shrink."""
    time, cause = np.array([1.0, 2, 3, 4, 5, 6]), np.array([1, 2, 0, 1, 2, 0])
    once = estimate_incidences(time, cause=cause, sampling=Sampling(robust=True))
    again = np.repeat(np.arange(6), 3)
    thrice = estimate_incidences(time[again], cause=cause[again], sampling=Sampling(cluster=again))
    naively = estimate_incidences(time[again], cause=cause[again])

    errors = [
        estimate_incidences_at(curves, at=4).standard_error for curves in (once, thrice, naively)
    ]
    assert np.allclose(errors[0], errors[1])
    assert (errors[2] < 0.7 * errors[1]).all()


def test_a_patient_with_many_lesions_weighs_as_much_as_one_with_one() -> None:
    """Weights 1 / lesions estimate the typical lesion of a typical patient (Williamson 2003)."""
    time, cause, patient = np.r_[[1.0] * 9, 5.0], np.r_[[1] * 9, 0], np.r_[[0] * 9, 1]
    weight = 1 / np.bincount(patient)[patient]
    by_patient = estimate_incidences(
        time, cause=cause, sampling=Sampling(cluster=patient, weight=weight)
    )

    assert by_patient.incidence[0, -1] == pytest.approx(0.5)
    assert estimate_incidences(time, cause=cause).incidence[0, -1] == pytest.approx(0.9)


def test_a_row_is_at_risk_after_its_entry() -> None:
    found = estimate_incidences(
        [3.0, 5.0, 5.0], cause=[1, 1, 0], sampling=Sampling(entry=[0.0, 3.0, 0.0])
    )

    assert found.at_risk.tolist() == [2, 2]
    assert found.incidence[0].tolist() == [0.5, 0.75]


def test_incidence_and_time_lost_are_unknown_beyond_the_follow_up() -> None:
    open_end = estimate_incidences([1.0, 2.0], cause=[1, 0])
    closed = estimate_incidences([1.0, 2.0], cause=[1, 2])

    assert math.isnan(estimate_incidences_at(open_end, at=3).incidence[0, 0])
    assert np.isnan(estimate_lost_time(open_end, horizon=3).value).all()
    assert np.isnan(estimate_lost_time(open_end, horizon=3).standard_error).all()
    assert estimate_incidences_at(closed, at=3).incidence.ravel().tolist() == [0.5, 0.5]
    assert estimate_lost_time(closed, horizon=3).value.tolist() == [1.0, 0.5]


def test_limits_lie_on_the_scale_asked_for() -> None:
    curves = estimate_incidences(np.arange(1.0, 11), cause=[1, 0, 2, 1, 0, 1, 2, 0, 1, 0])
    plain = estimate_incidences_at(curves, at=6, interval=Interval.PLAIN, level=0.9)
    log = estimate_incidences_at(curves, at=6, interval=Interval.LOG, level=0.9)
    f, error = plain.incidence, plain.standard_error

    assert np.allclose((plain.upper - plain.lower)[0], 2 * 1.6448536 * error[0])
    assert plain.lower[1, 0] == 0  # cut
    assert np.allclose(np.log(log.upper / f), 1.6448536 * error / f)


def test_no_event_at_all_has_incidence_zero_and_no_limits() -> None:
    found = estimate_incidences_at(estimate_incidences([1.0, 2.0], cause=[0, 0], causes=2), at=2)

    assert found.incidence.ravel().tolist() == [0, 0]
    assert found.standard_error.ravel().tolist() == [0, 0]
    assert np.isnan(found.lower).all()


@pytest.mark.parametrize(("changed", "words"), [
    ({"cause": [1, 4]}, r"cause\[1\] is 4"),
    ({"sampling": Sampling(entry=[0.0, 2.0])}, r"entry\[1\] is 2"),
    ({"sampling": Sampling(cluster=[1])}, "cluster has shape"),
    ({"sampling": Sampling(weight=[1.0, -1.0])}, r"weight\[1\] is -1"),
])  # fmt: skip
def test_bad_rows_are_named(changed: dict[str, Any], words: str) -> None:
    rows: dict[str, Any] = {"cause": [1, 2], "causes": 3} | changed
    with pytest.raises(ValueError, match=words):
        estimate_incidences([1.0, 2.0], **rows)


def test_times_that_are_none_are_refused() -> None:
    curves = estimate_incidences([1.0, 2.0], cause=[1, 2])
    with pytest.raises(ValueError, match="at must hold finite times"):
        estimate_incidences_at(curves, at=[-1.0])
    with pytest.raises(ValueError, match="horizon must be a time above 0"):
        estimate_lost_time(curves, horizon=0.0)
