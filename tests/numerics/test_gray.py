"""Gray's test: the twin, strata, equal groups, and data that give no test."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.competing.gray import Gray, compare_gray
from naive.gray import covariance, scores

Row = tuple[float, int, int, int]  # time, cause, group, stratum
ROWS = st.lists(
    st.tuples(st.integers(0, 7).map(float), *[st.integers(0, 2)] * 2, st.integers(0, 1)),
    min_size=1,
    max_size=14,
)


def compare(rows: list[Row], groups: int | None = 3, rho: float = 0.0) -> Gray:
    time, cause, group, stratum = (list(column) for column in zip(*rows, strict=True))
    return compare_gray(time, cause=cause, group=group, stratum=stratum, groups=groups, rho=rho)


@settings(deadline=None, max_examples=30)
@given(ROWS, st.sampled_from([0.0, 1.0, -0.5]))
def test_score_and_covariance_equal_the_twin(rows: list[Row], rho: float) -> None:
    found = compare(rows, rho=rho)
    score, variance = np.zeros(3), np.zeros((3, 3))
    for here in (0, 1):
        own = [(time, cause, group) for time, cause, group, stratum in rows if stratum == here]
        score += scores(own, 3, rho)
        variance += covariance(own, 3, rho)

    assert np.allclose(found.score, score, atol=1e-9)
    assert np.allclose(found.variance, variance, atol=1e-9)
    assert found.observed.tolist() == [
        Counter((cause, group) for _, cause, group, _ in rows)[1, k] for k in range(3)
    ]


@settings(deadline=None, max_examples=20)
@given(ROWS)
def test_the_excess_over_all_groups_is_nothing(rows: list[Row]) -> None:
    found = compare(rows)

    assert found.score.sum() == pytest.approx(0, abs=1e-9)
    assert np.allclose(found.variance.sum(axis=0), 0, atol=1e-9)
    assert found.test.degrees_of_freedom <= 2


def test_two_groups_have_a_signed_z_that_turns_with_their_names() -> None:
    rows = [(1.0, 1, 1, 0), (2.0, 1, 1, 0), (3.0, 2, 0, 0), (4.0, 1, 0, 0), (5.0, 0, 1, 0)]
    turned = [(time, cause, 1 - group, stratum) for time, cause, group, stratum in rows]
    found, other = compare(rows, None), compare(turned, None)

    assert found.z > 0
    assert found.z == pytest.approx(-other.z)
    assert found.z**2 == pytest.approx(found.test.statistic)


def test_copies_of_one_group_do_not_differ() -> None:
    half = [(float(day), day % 3, 0, 0) for day in range(1, 12)]
    found = compare(half + [(time, cause, 1, 0) for time, cause, _, _ in half], 2)

    assert found.test.statistic == pytest.approx(0, abs=1e-20)
    assert found.test.p_value == pytest.approx(1)


def test_an_empty_group_and_the_order_of_rows_are_nothing() -> None:
    rows = [(float(day % 6), day % 3, 2 * (day % 2), day % 4 // 2) for day in range(24)]
    close = [(time, cause, group // 2, stratum) for time, cause, group, stratum in rows]
    gap, turned = compare(rows, 4), compare(close[::-1], 2)

    assert gap.test.degrees_of_freedom == 1
    assert gap.test.statistic == pytest.approx(turned.test.statistic)
    assert gap.n.tolist() == [12, 0, 12, 0]


@pytest.mark.parametrize("rows", [
    [(1.0, 0, 0, 0), (2.0, 2, 1, 0), (3.0, 0, 0, 0)],  # no event of cause 1
    [(1.0, 1, 0, 0), (2.0, 1, 0, 0), (3.0, 2, 0, 0)],  # one group
    [(1.0, 1, 0, 0)],  # one subject
    [(1.0, 1, 0, 0), (2.0, 2, 0, 0), (1.0, 1, 1, 1), (2.0, 0, 1, 1)],  # a group a stratum
])  # fmt: skip
def test_without_a_contrast_there_is_no_p(rows: list[Row]) -> None:
    found = compare(rows, None)

    assert found.test.degrees_of_freedom == 0
    assert math.isnan(found.test.statistic)
    assert math.isnan(found.test.p_value)
    assert math.isnan(found.z)


def test_a_stratum_of_one_group_alone_adds_nothing() -> None:
    rows = [(float(day), day % 3, day % 2, 0) for day in range(1, 14)]
    alone = [(float(day), 1, 0, 1) for day in range(4)]

    assert compare(rows + alone).test.statistic == pytest.approx(compare(rows).test.statistic)


def test_a_third_cause_competes_like_the_second() -> None:
    rows = [(float(day), day % 3, day % 2, 0) for day in range(1, 14)]
    named = [(time, 3 if cause == 2 and time > 6 else cause, g, s) for time, cause, g, s in rows]

    assert compare(named).test == compare(rows).test


def test_all_events_on_one_day_compare_proportions() -> None:
    rows = [(5.0, int(i < 8), 0, 0) for i in range(10)] + [
        (5.0, int(i < 3), 1, 0) for i in range(10)
    ]
    found = compare(rows, 2)

    # hypergeometric, on the scale of both arms together: 11 of 20 events, 5.5 due in each
    assert found.score == pytest.approx([2.5, -2.5])
    assert found.test.statistic == pytest.approx(2.5**2 / found.variance[0, 0])
    assert found.test.p_value < 0.05


def test_read_only_arrays_are_taken_and_bad_rows_named() -> None:
    time = np.arange(1.0, 9.0)
    time.flags.writeable = False
    cause, group = np.tile([1, 2, 0, 1], 2), np.repeat([0, 1], 4)
    group.flags.writeable = False

    assert compare_gray(time, cause=cause, group=group).test.degrees_of_freedom == 1
    for wrong, words in (
        ({"group": group + 1, "groups": 2}, r"group\[4\] is 2"),
        ({"cause": cause - 1, "group": group}, r"cause\[2\] is -1"),
    ):
        with pytest.raises(ValueError, match=words):
            compare_gray(time, **({"cause": cause} | wrong))
