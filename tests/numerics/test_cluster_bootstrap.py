"""Lesions in patients: resampling equals the twin, order is nothing, p keeps its promise."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.competing.aalen_johansen import estimate_incidence, estimate_incidence_at
from equipoise.numerics.competing.cluster_bootstrap import (
    ClusterBootstrap,
    Patients,
    Resampling,
    compare_clustered_incidence,
    resample_incidence,
)
from equipoise.numerics.hazards.cox_design import weigh_by_patient
from equipoise.numerics.streams import draw_uniforms
from naive.cluster import Row, bootstrap, incidence, weighted_incidence


def compare(rows: list[Row], at: float, replicates: int = 200, seed: int = 7) -> ClusterBootstrap:
    return compare_clustered_incidence(
        [row[0] for row in rows],
        cause=[row[1] for row in rows],
        patients=Patients(label=[row[2] for row in rows], group=[row[3] for row in rows]),
        at=at,
        resampling=Resampling(seed=seed, replicates=replicates),
    )


def trial(patients: int, effect: float, seed: int) -> list[Row]:
    """Three lesions a patient that fail together; `effect` shortens times in group 1."""
    names = np.arange(patients, dtype=np.int64)
    u = draw_uniforms(seed, replicate=0 * names, subject=names, purpose=1, count=4)
    return [
        (float(round(900 * (u[i, 0] + 0.2 * u[i, lesion]) * (effect if i % 2 else 1.0))),
         int(u[i, lesion] < 0.7), f"S{i:04}", i % 2)
        for i in range(patients) for lesion in (1, 2, 3)
    ]  # fmt: skip


ROWS = st.lists(
    st.tuples(st.integers(0, 6).map(float), st.integers(0, 2), st.sampled_from("ABCDEF")),
    min_size=2, max_size=20,
)  # fmt: skip


@settings(deadline=None, max_examples=30)
@given(ROWS, st.floats(0, 5))
def test_resamples_equal_the_twin(lesions: list[tuple[float, int, str]], at: float) -> None:
    rows: list[Row] = [(time, cause, label, int(label > "C")) for time, cause, label in lesions]
    assume(len({row[3] for row in rows}) == 2)
    found = compare(rows, at, replicates=9)
    assume(math.isfinite(found.difference))
    slow = np.array(bootstrap(rows, at, 7, 9))
    differences = slow[:, 1] - slow[:, 0]

    assert found.incidence == pytest.approx((incidence(rows, 0, at), incidence(rows, 1, at)))
    assert found.lower == pytest.approx(np.quantile(slow, 0.025, axis=0, method="weibull"))
    assert found.difference_upper == pytest.approx(
        np.quantile(differences, 0.975, method="weibull")
    )
    assert found.standard_error == pytest.approx(differences.std(ddof=1), abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 8).map(float),
            st.integers(0, 2),
            st.sampled_from([0.1, 1 / 3, 1.0, 7.0]),
            st.sampled_from("ABCDE"),
        ),
        min_size=1,
        max_size=25,
    ),
    st.floats(0, 7),
)
def test_weights_ties_and_censoring_are_those_of_the_sum_written_out(
    lesions: list[tuple[float, int, float, str]], at: float
) -> None:
    time, cause, weight, label = zip(*[*lesions, (9.0, 0, 0.5, "F")], strict=True)
    n = len(time)
    found = compare_clustered_incidence(
        [*time, *time], cause=[*cause, *cause], at=at, resampling=Resampling(seed=1, replicates=3),
        patients=Patients(
            label=[*label, *(each.lower() for each in label)],
            group=np.repeat([0, 1], n), weight=[*weight, *weight],
        ),
    )  # fmt: skip
    slow = weighted_incidence(list(zip(time, cause, weight, strict=True)), at)

    assert found.incidence == pytest.approx((slow, slow), rel=1e-12, abs=1e-14)


def test_the_spread_of_single_rows_is_that_of_the_formula() -> None:
    names = np.arange(400)
    u = draw_uniforms(9, replicate=0 * names, subject=names, purpose=2, count=2)
    time, cause = np.ceil(-np.log(u[:, 0]) * 400), np.where(u[:, 1] < 0.5, 1, (u[:, 1] < 0.8) * 2)
    found = compare_clustered_incidence(
        time, cause=cause, at=365, resampling=Resampling(seed=2),
        patients=Patients(label=names, group=names % 4 == 0),
    )  # fmt: skip
    fits = [
        estimate_incidence_at(estimate_incidence(time[own], cause=cause[own]), at=365)
        for own in (names % 4 != 0, names % 4 == 0)
    ]

    assert found.patients == (300, 100)
    assert found.incidence == pytest.approx([fit.incidence[0] for fit in fits])
    error = math.hypot(*(fit.standard_error[0] for fit in fits))
    assert found.standard_error == pytest.approx(error, rel=0.06)  # 2,000 resamples: 1.6 %


@settings(deadline=None, max_examples=20)
@given(ROWS, st.floats(0, 5))
def test_one_group_alone_is_the_first_of_a_comparison(
    lesions: list[tuple[float, int, str]], at: float
) -> None:
    rows: list[Row] = [(time, cause, label, 0) for time, cause, label in lesions]
    other: list[Row] = [(9.0, 0, "Z", 1)]
    time, cause, label, _ = zip(*rows, strict=True)
    alone = resample_incidence(
        time, cause=cause, label=label, at=at, resampling=Resampling(seed=7, replicates=70)
    )
    beside = compare([*rows, *other], at, replicates=70)
    if math.isnan(alone.value):
        assert math.isnan(beside.incidence[0])
        assert math.isnan(alone.lower)
    else:
        assert alone.value == pytest.approx(incidence(rows, 0, at))
        assert (alone.value, alone.lower, alone.upper) == (
            beside.incidence[0],
            beside.lower[0],
            beside.upper[0],
        )


def test_one_group_alone_asks_for_a_seed_and_resamples_in_range() -> None:
    with pytest.raises(ValueError, match="replicates must be 1 or more"):
        resample_incidence(
            [1.0], cause=[1], label=["A"], at=1, resampling=Resampling(seed=1, replicates=0)
        )


def test_order_of_rows_does_not_matter() -> None:
    rows = trial(30, 0.6, 1)

    assert compare(rows, 400) == compare(rows[::-1], 400)


def test_the_same_seed_gives_the_same_and_another_gives_another() -> None:
    rows = trial(30, 0.6, 1)

    assert compare(rows, 400) == compare(rows, 400)
    assert compare(rows, 400).standard_error != compare(rows, 400, seed=8).standard_error


def test_lesions_that_fail_together_count_as_their_patients() -> None:
    once = [row for i, row in enumerate(trial(60, 0.7, 3)) if i % 3 == 0]
    thrice = [row for row in once for _ in range(3)]
    single, triple = compare(once, 400, 2000), compare(thrice, 400, 2000)

    # the same lesion written down three times adds no information: same resamples, same spread
    assert triple.difference == pytest.approx(single.difference)
    assert triple.standard_error == pytest.approx(single.standard_error)


def test_a_strong_effect_is_found_and_none_is_not() -> None:
    strong, none = compare(trial(120, 0.3, 5), 300, 2000), compare(trial(120, 1.0, 5), 300, 2000)

    assert strong.p_value == pytest.approx(1 / 2001)
    assert strong.difference_lower > 0
    assert none.p_value > 0.05
    assert none.difference_lower < 0 < none.difference_upper


def test_under_no_effect_p_below_a_tenth_is_one_in_ten() -> None:
    small = sum(compare(trial(24, 1.0, seed), 400, 199).p_value <= 0.1 for seed in range(150))

    assert 5 <= small <= 27  # 15 expected; 0.1 and 99.9 percentiles of the binomial


def test_permutations_stay_within_strata() -> None:
    # each stratum is one group: no label can move, every shuffle repeats what was seen
    rows = trial(20, 0.5, 2)
    found = compare_clustered_incidence(
        [row[0] for row in rows],
        cause=[row[1] for row in rows],
        patients=Patients(
            label=[row[2] for row in rows],
            group=[row[3] for row in rows],
            stratum=[row[3] for row in rows],
        ),
        at=300,
        resampling=Resampling(seed=1, replicates=50),
    )

    assert found.p_value == 1.0


def test_before_the_first_event_nothing_differs() -> None:
    found = compare([(5.0, 1, "A", 0), (6.0, 1, "B", 1), (9.0, 0, "A", 0)], at=1)

    assert (found.difference, found.standard_error, found.p_value) == (0.0, 0.0, 1.0)
    assert found.patients == (1, 1)


def test_a_group_followed_too_short_gives_no_number() -> None:
    found = compare([(5.0, 1, "A", 0), (6.0, 0, "B", 0), (9.0, 0, "C", 1)], at=8)

    assert math.isnan(found.difference)
    assert math.isnan(found.difference_lower)
    assert math.isnan(found.p_value)
    assert math.isnan(found.standard_error)


@pytest.mark.parametrize(("rows", "words"), [
    ([(5.0, 1, "A", 0), (6.0, 1, "A", 1)], "group differs"),
    ([(5.0, 1, "A", 0), (6.0, 1, "B", 0)], "both 0 and 1"),
    ([(5.0, 3, "A", 0), (6.0, 1, "B", 1)], "cause"),
    ([(5.0, 1, "A", 0), (6.0, 1, "B", 2)], "group"),
    ([(-5.0, 1, "A", 0), (6.0, 1, "B", 1)], "time"),
])  # fmt: skip
def test_what_is_no_such_trial_is_refused(rows: list[Row], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        compare(rows, at=5)


@pytest.mark.parametrize("resampling", [Resampling(seed=-1), Resampling(seed=1, replicates=0)])
def test_resampling_out_of_range_is_refused(resampling: Resampling) -> None:
    with pytest.raises(ValueError, match="replicates"):
        compare_clustered_incidence(
            [1.0, 2.0], cause=[1, 1], at=1, resampling=resampling,
            patients=Patients(label=["A", "B"], group=[0, 1]),
        )  # fmt: skip


def test_a_label_for_each_row_is_asked_for() -> None:
    with pytest.raises(ValueError, match="one label for each"):
        compare_clustered_incidence(
            [1.0, 2.0], cause=[1, 1], at=1, resampling=Resampling(seed=1),
            patients=Patients(label=["A"], group=[0, 1]),
        )  # fmt: skip


def test_weights_by_patient_count_each_patient_once() -> None:
    """Nine lesions of one patient fail; each other patient has one, and it does not."""
    group = np.r_[np.zeros(9, dtype=np.int64), np.repeat([0, 1], 9)]
    label = np.r_[np.repeat(100, 9), np.arange(18)]
    time, cause = np.full(27, 5.0), np.r_[np.ones(9, dtype=np.int64), np.zeros(18, dtype=np.int64)]
    cause[-1] = 1

    def both(weight: NDArray[np.float64] | None) -> ClusterBootstrap:
        return compare_clustered_incidence(
            time, cause=cause, at=5, resampling=Resampling(seed=3, replicates=300),
            patients=Patients(label=label, group=group, weight=weight),
        )  # fmt: skip

    plain, weighted = both(None), both(weigh_by_patient(label))
    assert plain.incidence == pytest.approx((9 / 18, 1 / 9))
    assert weighted.incidence == pytest.approx((1 / 10, 1 / 9))
    assert weighted.upper[0] < plain.upper[0]
    assert weighted.p_value == 1  # one of 10 against one of 9: any labels are as far


def test_half_a_weight_that_is_followed_beyond_the_time_counts() -> None:
    found = compare_clustered_incidence(
        [1.0, 9.0, 1.0, 9.0], cause=[1, 0, 1, 0], at=5, resampling=Resampling(seed=1, replicates=9),
        patients=Patients(label=list("ABCD"), group=[0, 0, 1, 1], weight=[1.0, 0.5, 1.0, 1.0]),
    )  # fmt: skip

    assert found.incidence == pytest.approx((1 / 1.5, 1 / 2))


def test_equal_weights_change_nothing() -> None:
    rows = trial(20, 0.7, seed=3)
    found = [
        compare_clustered_incidence(
            [row[0] for row in rows],
            cause=[row[1] for row in rows],
            at=300.0,
            resampling=Resampling(seed=1, replicates=100),
            patients=Patients(
                label=[row[2] for row in rows], group=[row[3] for row in rows], weight=weight
            ),
        )
        for weight in (None, np.full(len(rows), 0.25))
    ]

    assert found[0].difference == pytest.approx(found[1].difference)
    assert found[0].difference_lower == pytest.approx(found[1].difference_lower)
    assert found[0].p_value == found[1].p_value
