"""Weighted mean times: the twin of the jackknife, clusters across groups, ends of follow-up."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.survival.rmst import compare_rmst
from equipoise.numerics.survival.weighted_rmst import WeightedRmst, compare_weighted_rmst
from naive.weighted_curves import Row, influences, jackknife_variance, mean_time

ROWS = st.lists(
    st.builds(
        Row, time=st.integers(0, 7).map(float), event=st.integers(0, 1),
        weight=st.sampled_from([0.3, 1.0, 2.5]), cluster=st.integers(0, 3),
    ),
    min_size=1, max_size=9,
)  # fmt: skip


def compare(first: list[Row], second: list[Row], horizon: float, **extra: object) -> WeightedRmst:
    rows = [*first, *second]
    return compare_weighted_rmst(
        [r.time for r in rows], event=[r.event for r in rows], weight=[r.weight for r in rows],
        group=np.repeat([0, 1], [len(first), len(second)]), horizon=horizon, **extra,  # type: ignore[arg-type]
    )  # fmt: skip


def reaches(rows: list[Row], horizon: float) -> bool:
    end = max(r.time for r in rows)
    return horizon <= end or all(r.event for r in rows if r.time == end)


@settings(max_examples=40)
@given(ROWS, ROWS, st.sampled_from([2.0, 4.5, 7.0]))
def test_means_and_errors_equal_the_twin(first: list[Row], second: list[Row], at: float) -> None:
    found = compare(first, second, at, cluster=[r.cluster for r in [*first, *second]])
    if not (reaches(first, at) and reaches(second, at)):
        assert found.message.startswith("the follow-up of group ")
        assert math.isnan(found.difference)
        return
    for arm, rows in enumerate((first, second)):
        mean = mean_time(rows, [r.weight for r in rows], at).real
        assert found.value[arm] == pytest.approx(mean)
        variance = jackknife_variance(mean_time, rows, at)
        assert found.standard_error[arm] ** 2 == pytest.approx(variance, abs=1e-12)
    moved: dict[int, float] = {}
    for sign, rows in ((-1, first), (1, second)):
        for row, move in zip(rows, influences(mean_time, rows, at), strict=True):
            moved[row.cluster] = moved.get(row.cluster, 0.0) + sign * row.weight * move
    assert found.difference_error**2 == pytest.approx(sum(m**2 for m in moved.values()), abs=1e-12)


def test_weights_of_one_give_the_difference_of_the_areas() -> None:
    rng = np.random.default_rng(2)
    time, event, group = rng.exponential(10, 400), rng.integers(0, 2, 400), np.arange(400) % 2
    found = compare_weighted_rmst(time, event=event, group=group, weight=np.ones(400), horizon=12)
    plain = compare_rmst(time, event=event, group=group, horizon=12)

    assert found.difference == pytest.approx(plain.difference)
    assert found.difference_error == pytest.approx(plain.standard_error, rel=0.02)
    assert found.upper - found.lower == pytest.approx(
        2 * 1.959963984540054 * found.difference_error
    )
    assert 0 < found.p_value < 1


def test_a_row_of_weight_two_has_the_mean_of_two_rows() -> None:
    row, other = Row(time=3.0, event=1), Row(time=8.0, event=0)
    heavy = compare([Row(time=3.0, event=1, weight=2.0), other], [other], 6)
    twice = compare([row, row, other], [other], 6)

    assert heavy.value == pytest.approx(twice.value)


def test_without_events_there_is_no_test() -> None:
    found = compare([Row(time=9.0, event=0)], [Row(time=8.0, event=0)], 6)

    assert (found.difference, found.difference_error) == (0, 0)
    assert math.isnan(found.p_value)
    assert found.message == ""


@pytest.mark.parametrize(("weight", "group", "horizon", "words"), [
    ([1.0, 0.0], [0, 1], 2.0, r"weight\[1\] is 0.0"),
    ([1.0, 1.0], [0, 0], 2.0, "at least one row"),
    ([1.0, 1.0], [0, 1], 0.0, "horizon must be"),
])  # fmt: skip
def test_what_cannot_be_compared_is_refused(
    weight: list[float], group: list[int], horizon: float, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        compare_weighted_rmst([3.0, 4.0], event=[1, 1], group=group, weight=weight, horizon=horizon)
