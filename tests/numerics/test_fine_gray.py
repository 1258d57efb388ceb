"""The Fine-Gray model: the twin, what influence means, ties, and data that tell nothing."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.chi_square import quadratic_test
from equipoise.numerics.competing.fine_gray import (
    FineGray,
    estimate_fine_gray,
    estimate_subdistribution_ratio,
    predict_incidence,
)
from equipoise.numerics.competing.fine_gray_design import (
    FINEGRAY,
    Censoring,
    build_fine_gray_design,
)
from equipoise.numerics.competing.fine_gray_sums import sum_fine_gray
from equipoise.numerics.hazards.cox import Sampling, Ties, estimate_cox
from equipoise.numerics.streams import draw_uniforms
from naive import fine_gray as naive
from naive.fine_gray import Lesion

LESIONS = st.lists(
    st.builds(
        Lesion,
        time=st.integers(1, 8).map(float),
        cause=st.integers(0, 2),
        x=st.sampled_from([0.0, 1.0, 1.0, 2.5]),
        group=st.integers(0, 1),
        stratum=st.integers(0, 1),
        weight=st.sampled_from([0.5, 1.0, 2.0]),
    ),
    min_size=6,
    max_size=18,
)


def fit(rows: list[Lesion], cluster: list[int] | None = None, **how: Any) -> FineGray:
    return estimate_fine_gray(
        [row.time for row in rows],
        cause=[row.cause for row in rows],
        covariates=[row.x for row in rows],
        stratum=[row.stratum for row in rows],
        sampling=Sampling(weight=[row.weight for row in rows], cluster=cluster),
        censoring=Censoring(group=[row.group for row in rows], **how),
    )


def drawn(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Distinct times, causes 0 to 2 and two covariates of n rows."""
    subject = np.arange(n, dtype=np.int64)
    u = draw_uniforms(seed, replicate=0 * subject, subject=subject, purpose=1, count=4)
    x = np.stack([np.floor(2 * u[:, 0]), u[:, 1]], axis=1)
    return -np.log(u[:, 2]) * np.exp(-0.5 * x[:, 0]), np.floor(3 * u[:, 3]).astype(np.int64), x


@settings(deadline=None, max_examples=40)
@given(LESIONS)
def test_likelihood_information_and_influence_equal_the_twin(rows: list[Lesion]) -> None:
    found = fit(rows)
    assume(found.converged)
    beta = float(found.coefficients[0])
    shares = naive.influence(rows, beta)
    curvature = naive.information(rows, beta)

    assert found.log_likelihood == pytest.approx(naive.likelihood(rows, beta), abs=1e-9)
    assert found.log_likelihood_null == pytest.approx(naive.likelihood(rows, 0.0), abs=1e-9)
    assert sum(shares) == pytest.approx(0, abs=1e-7)
    assert found.covariance[0, 0] == pytest.approx(1 / curvature)
    meat = sum(one**2 for one in shares)
    assert found.robust_covariance[0, 0] == pytest.approx(meat / curvature**2)


@settings(deadline=None, max_examples=25)
@given(LESIONS, st.lists(st.integers(0, 4), min_size=18, max_size=18))
def test_rows_of_a_cluster_count_together(rows: list[Lesion], labels: list[int]) -> None:
    cluster = labels[: len(rows)]
    found = fit(rows, cluster)
    assume(found.converged)
    beta = float(found.coefficients[0])
    total = dict.fromkeys(cluster, 0.0)
    for label, one in zip(cluster, naive.influence(rows, beta), strict=True):
        total[label] += one
    meat = sum(one**2 for one in total.values())

    assert found.robust_covariance[0, 0] == pytest.approx(
        meat / naive.information(rows, beta) ** 2, rel=1e-6, abs=1e-12
    )


@settings(deadline=None, max_examples=25)
@given(LESIONS, st.lists(st.sampled_from([-1.0, 0.0, 1.5, 3.0]), min_size=18, max_size=18))
def test_late_entry_weighs_the_twin_s_risk_sets(rows: list[Lesion], late: list[float]) -> None:
    rows = [
        replace(row, stratum=0, group=0, weight=1.0, entry=min(entry, row.time - 1))
        for row, entry in zip(rows, late, strict=False)
    ]
    competing = [row.time for row in rows if row.cause == 2]
    assume(all(naive.followed(rows, 0, time) > 0 for time in competing))
    found = estimate_fine_gray(
        [row.time for row in rows],
        cause=[row.cause for row in rows],
        covariates=[row.x for row in rows],
        sampling=Sampling(entry=[row.entry for row in rows]),
        censoring=Censoring(counted=False),
    )
    assume(found.converged)
    beta = float(found.coefficients[0])

    assert found.log_likelihood == pytest.approx(naive.likelihood(rows, beta), abs=1e-9)
    assert found.covariance[0, 0] == pytest.approx(1 / naive.information(rows, beta))
    seen = naive.moments(rows, beta)
    shares = [naive.eta(rows, row, seen, beta) for row in rows]
    assert sum(shares) == pytest.approx(0, abs=1e-7)
    meat = sum(one**2 for one in shares)
    assert found.robust_covariance[0, 0] == pytest.approx(meat * found.covariance[0, 0] ** 2)


def test_late_entry_without_its_cost_is_asked_for() -> None:
    with pytest.raises(ValueError, match="late entry needs"):
        estimate_fine_gray([1.0], cause=[1], covariates=[0.0], sampling=Sampling(entry=[0.0]))
    with pytest.raises(ValueError, match="competing event at 1 cannot be weighted later"):
        estimate_fine_gray(
            [1.0, 3.0], cause=[2, 1], covariates=[0.0, 1.0], sampling=Sampling(entry=[0.0, 2.0]),
            censoring=FINEGRAY,
        )  # fmt: skip


def test_groups_of_censoring_that_are_copies_change_nothing() -> None:
    """Each group pays for its own G alone: cmprsk::crr charges it the events of all groups."""
    time, cause, x = drawn(60, seed=3)
    both, copy = np.r_[0:60, 0:60], np.repeat([0, 1], 60)
    rows: dict[str, Any] = {"cause": cause[both], "covariates": x[both]}
    apart = estimate_fine_gray(time[both], **rows, censoring=Censoring(group=copy))
    together = estimate_fine_gray(time[both], **rows)
    unaware = estimate_fine_gray(time[both], **rows, censoring=Censoring(counted=False))

    assert np.allclose(apart.robust_covariance, together.robust_covariance, rtol=1e-10)
    assert not np.allclose(unaware.robust_covariance, together.robust_covariance, rtol=1e-4)


def test_a_weight_of_two_is_a_row_twice() -> None:
    time, cause, x = drawn(50, seed=5)
    weight = 1 + np.arange(50) % 2
    again = np.repeat(np.arange(50), weight)
    once = estimate_fine_gray(
        time, cause=cause, covariates=x, sampling=Sampling(weight=weight, cluster=np.arange(50))
    )
    twice = estimate_fine_gray(
        time[again], cause=cause[again], covariates=x[again], sampling=Sampling(cluster=again)
    )

    assert once.coefficients == pytest.approx(twice.coefficients, rel=1e-11)
    assert np.allclose(once.robust_covariance, twice.robust_covariance, rtol=1e-10)


def test_without_competing_events_it_is_a_cox_model() -> None:
    time, cause, x = drawn(80, seed=1)
    event = (cause > 0).astype(np.int64)
    cox = estimate_cox(time, event=event, covariates=x, ties=Ties.BRESLOW)
    found = estimate_fine_gray(time, cause=event, covariates=x)

    assert found.coefficients == pytest.approx(cox.coefficients, rel=1e-9)
    assert np.allclose(found.covariance, cox.covariance, rtol=1e-9)


def test_two_programs_part_where_an_event_and_a_censoring_share_a_day() -> None:
    time, cause, x = drawn(80, seed=2)
    apart = [
        estimate_fine_gray(time, cause=cause, covariates=x, censoring=how).coefficients
        for how in (Censoring(), FINEGRAY)
    ]
    tied = [
        estimate_fine_gray(np.ceil(4 * time), cause=cause, covariates=x, censoring=how).coefficients
        for how in (Censoring(), FINEGRAY)
    ]

    assert apart[0] == pytest.approx(apart[1], rel=1e-11)
    assert tied[0] != pytest.approx(tied[1], rel=1e-5)


def test_the_order_of_rows_and_a_shift_of_a_covariate_are_nothing() -> None:
    time, cause, x = drawn(70, seed=4)
    turned = np.arange(70)[::-1]
    one = estimate_fine_gray(time, cause=cause, covariates=x)
    other = estimate_fine_gray(time[turned], cause=cause[turned], covariates=x[turned] + [0, 1e4])

    assert one.coefficients == pytest.approx(other.coefficients, rel=1e-7)
    for row in (0, 5):
        assert predict_incidence(one, covariates=x[row]) == pytest.approx(
            predict_incidence(other, covariates=x[row] + [0, 1e4]), rel=1e-6
        )


def test_a_prediction_rises_from_the_first_event_and_stays_below_one() -> None:
    time, cause, x = drawn(70, seed=6)
    found = estimate_fine_gray(time, cause=cause, covariates=x)
    curve = predict_incidence(found, covariates=[1.0, 0.5])

    assert found.time.tolist() == sorted(time[cause == 1])
    assert (np.diff(curve) > 0).all()
    assert 0 < curve[0] < curve[-1] < 1
    with pytest.raises(ValueError, match="one for each coefficient"):
        predict_incidence(found, covariates=[1.0])


def test_an_arm_without_the_event_is_told_as_such() -> None:
    time, cause, x = drawn(60, seed=7)
    cause = np.where((x[:, 0] == 1) & (cause == 1), 2, cause)
    found = estimate_fine_gray(time, cause=cause, covariates=x[:, 0])

    assert not found.converged
    assert found.message == "the likelihood rises without end along covariate 0"
    assert found.coefficients[0] < -5
    assert estimate_subdistribution_ratio(found).value < 0.01


@pytest.mark.parametrize("second", [np.ones(60), None])
def test_a_covariate_that_tells_nothing_is_missing(second: NDArray[np.float64] | None) -> None:
    time, cause, x = drawn(60, seed=8)
    added = x[:, 0] * 2 - 1 if second is None else second
    found = estimate_fine_gray(time, cause=cause, covariates=np.stack([x[:, 0], added], axis=1))
    alone = estimate_fine_gray(time, cause=cause, covariates=x[:, 0])

    assert found.coefficients[0] == pytest.approx(alone.coefficients[0], rel=1e-9)
    assert math.isnan(found.coefficients[1])
    assert np.isnan(found.robust_covariance[1]).all()
    assert found.message == "no information of its own in covariate 1"
    assert np.isfinite(predict_incidence(found, covariates=[1.0, 7.0])).all()


@pytest.mark.parametrize(("time", "cause", "x"), [
    ([1.0, 2.0, 3.0], [0, 2, 0], [0.0, 1.0, 0.0]),  # no event of cause 1
    ([4.0], [1], [1.0]),  # one subject
    ([1.0, 2.0, 3.0], [1, 2, 1], [1.0, 1.0, 1.0]),  # one group
])  # fmt: skip
def test_data_without_contrast_give_nan_and_a_word(
    time: list[float], cause: list[int], x: list[float]
) -> None:
    found = estimate_fine_gray(time, cause=cause, covariates=x)

    assert np.isnan(found.coefficients).all()
    assert np.isnan(found.robust_covariance).all()
    assert found.wald_test.degrees_of_freedom == 0
    assert math.isnan(found.wald_test.p_value)
    assert found.message.startswith("no event of cause 1")


def test_risks_beyond_the_range_of_floats_have_no_likelihood() -> None:
    design = build_fine_gray_design(
        np.arange(1.0, 11.0),
        cause=[1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        covariates=[0.0, 0, 0, 0, 0, 0, 0, 0, 0, -1],
        stratum=None,
        sampling=Sampling(),
        censoring=Censoring(),
    )

    assert sum_fine_gray(design, beta=np.array([300.0])).log_likelihood == -math.inf


def test_all_events_on_one_day_are_one_risk_set() -> None:
    found = estimate_fine_gray([5.0] * 6, cause=[1, 1, 1, 2, 0, 0], covariates=[0, 1, 1, 0, 0, 1])

    assert found.converged
    # two of three with x = 1 fail, one of three with x = 0: Breslow's odds of one draw
    assert found.coefficients[0] == pytest.approx(math.log(2))


def test_ratio_and_its_interval() -> None:
    time, cause, x = drawn(90, seed=9)
    found = estimate_fine_gray(time, cause=cause, covariates=x)
    ratio = estimate_subdistribution_ratio(found, column=1, level=0.9)

    assert ratio.value == pytest.approx(math.exp(found.coefficients[1]))
    assert ratio.standard_error**2 == pytest.approx(found.robust_covariance[1, 1])
    assert math.log(ratio.upper / ratio.lower) == pytest.approx(
        2 * 1.6448536 * ratio.standard_error
    )
    assert ratio.z**2 == pytest.approx(
        quadratic_test(found.coefficients[1:], variance=found.robust_covariance[1:, 1:]).statistic
    )


def test_arrays_that_are_read_only_or_not_contiguous_are_taken() -> None:
    time, cause, x = drawn(40, seed=10)
    table = np.asfortranarray(np.repeat(x, 2, axis=0))[::2]
    time.flags.writeable = False
    cause.flags.writeable = False

    assert estimate_fine_gray(time, cause=cause, covariates=table).coefficients == pytest.approx(
        estimate_fine_gray(time.copy(), cause=cause.copy(), covariates=x).coefficients
    )


@pytest.mark.parametrize(("changed", "words"), [
    ({"time": [1.0, -1.0, 2.0]}, r"time\[1\] is -1"),
    ({"time": [1.0, math.inf, 2.0]}, r"time\[1\] is inf"),
    ({"cause": [1, -1, 0]}, r"cause\[1\] is -1"),
    ({"covariates": [0.0, 1.0, math.nan]}, r"covariates\[2, 0\] is nan"),
    ({"sampling": Sampling(weight=[1.0, 0.0, 1.0])}, r"weight\[1\] is 0"),
    ({"sampling": Sampling(cluster=[1, 2])}, "cluster has shape"),
    ({"censoring": replace(FINEGRAY, group=[0, 1])}, "group of censoring has shape"),
])  # fmt: skip
def test_bad_rows_are_named(changed: dict[str, Any], words: str) -> None:
    rows: dict[str, Any] = {"cause": [1, 2, 1], "covariates": [0.0, 1.0, 1.0]} | changed
    with pytest.raises(ValueError, match=words):
        estimate_fine_gray(rows.pop("time", [1.0, 2.0, 3.0]), **rows)
