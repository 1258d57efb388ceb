"""Agreement of readers: the twins, published tables, weights, one category only, bad readings."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.reader_agreement import (
    Weighting,
    compare_readers,
    compare_two_readers,
)
from naive.kappa import cohen, fleiss, jackknife_error

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20)


def read(table: list[list[int]]) -> list[tuple[int, int]]:
    """The pairs of readings of a table of counts, first reader by row."""
    return [(i, j) for i, row in enumerate(table) for j, x in enumerate(row) for _ in range(x)]


def ratings(counts: list[list[int]]) -> list[list[int]]:
    """The readings of each case from its counts by category."""
    return [[c for c, x in enumerate(row) for _ in range(x)] for row in counts]


@settings(max_examples=40)
@given(PAIRS, st.sampled_from(list(Weighting)))
def test_kappa_of_two_is_the_twins(pairs: list[tuple[int, int]], weighting: Weighting) -> None:
    assume(len({code for pair in pairs for code in pair}) > 1)
    power = {Weighting.LINEAR: 1, Weighting.QUADRATIC: 2}.get(weighting)
    weight = [
        [1 - (abs(i - j) / 3) ** power if power else float(i == j) for j in range(4)]
        for i in range(4)
    ]
    found = compare_two_readers(pairs, categories=4, weighting=weighting)

    assert found.value == pytest.approx(cohen(pairs, weight))
    if found.standard_error > 0:
        assert found.lower < found.value < found.upper or found.upper == 1


@settings(max_examples=40)
@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=2, max_size=15))
def test_kappa_of_many_is_the_twins(cases: list[tuple[int, ...]]) -> None:
    assume(len({code for case in cases for code in case}) > 1)

    assert compare_readers(cases).value == pytest.approx(fleiss(cases))


def test_both_errors_are_near_those_of_the_jackknife() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 300)
    cases = np.stack([np.where(rng.random(300) < 0.7, truth, rng.integers(0, 3, 300))
                      for _ in range(3)], axis=1)  # fmt: skip
    without = [np.delete(cases, i, axis=0) for i in range(300)]
    two = jackknife_error([compare_two_readers(left[:, :2]).value for left in without])
    three = jackknife_error([compare_readers(left).value for left in without])

    assert compare_two_readers(cases[:, :2]).standard_error == pytest.approx(two, rel=0.02)
    assert compare_readers(cases).standard_error == pytest.approx(three, rel=0.02)


def test_the_worked_example_of_fourteen_readers() -> None:
    """10 cases, 5 categories: agreement 0.378, by chance 0.213, kappa 0.210, often printed."""
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    found = compare_readers(ratings(counts))

    assert found.observed == pytest.approx(0.378, abs=5e-4)
    assert found.expected == pytest.approx(0.213, abs=5e-4)
    assert found.value == pytest.approx(0.210, abs=5e-4)
    assert found.p_value < 1e-6


def test_high_agreement_of_a_rare_finding_has_a_low_kappa_and_a_high_adjusted_one() -> None:
    """Feinstein, Cicchetti (1990): 85 of 100 agree, kappa 0.70 or 0.32 by prevalence alone."""
    even = compare_two_readers(read([[40, 9], [6, 45]]))
    rare = compare_two_readers(read([[80, 10], [5, 5]]))

    assert even.observed == rare.observed == pytest.approx(0.85)
    assert even.value == pytest.approx(0.70, abs=5e-3)
    assert rare.value == pytest.approx(0.32, abs=5e-3)
    assert rare.adjusted == even.adjusted == pytest.approx(0.70)
    assert rare.by_category == pytest.approx([rare.value] * 2)


def test_a_weight_forgives_near_misses() -> None:
    table = [[20, 6, 1], [5, 18, 6], [0, 4, 15]]
    plain, linear, quadratic = (
        compare_two_readers(read(table), weighting=w).value for w in Weighting
    )

    assert plain < linear < quadratic


@pytest.mark.parametrize("weighting", list(Weighting))
def test_readers_that_always_agree_have_a_kappa_of_one(weighting: Weighting) -> None:
    found = compare_two_readers(read([[4, 0, 0], [0, 3, 0], [0, 0, 5]]), weighting=weighting)

    assert found.value == found.upper == pytest.approx(1)
    assert found.standard_error == pytest.approx(0, abs=1e-12)
    assert found.standard_error_null > 0


def test_two_categories_have_one_kappa_whatever_the_weights() -> None:
    table = read([[12, 3], [4, 9]])
    values = [compare_two_readers(table, weighting=w) for w in Weighting]

    assert len({round(v.value, 12) for v in values}) == 1
    assert len({round(v.standard_error, 12) for v in values}) == 1


@pytest.mark.parametrize("readings", [[[1, 1], [1, 1]], [[0, 0]]])
def test_readings_of_one_category_tell_nothing(readings: list[list[int]]) -> None:
    for found in (compare_two_readers(readings), compare_readers(readings)):
        assert math.isnan(found.value)
        assert math.isnan(found.lower)
        assert math.isnan(found.upper)
        assert math.isnan(found.p_value)
        assert found.message.startswith("all readings are of one category")


def test_a_category_that_nobody_reads_changes_no_kappa_without_weights() -> None:
    table = read([[12, 3], [4, 9]])
    wide = compare_two_readers(table, categories=5)

    assert wide.value == pytest.approx(compare_two_readers(table).value)
    assert np.isnan(wide.by_category[2:]).all()
    assert wide.adjusted > compare_two_readers(table).adjusted


def test_one_case_alone_has_no_interval() -> None:
    found = compare_readers([[0, 1, 1]])

    assert found.value == pytest.approx(fleiss([[0, 1, 1]]))
    assert math.isnan(found.lower)


@pytest.mark.parametrize(("readings", "words"), [
    ([0, 1], "one row a case, two readers or more"),
    ([[0], [1]], "one row a case, two readers or more"),
    ([[0, 1], [-1, 0]], r"readings of reader 0\[1\] is -1"),
    ([[0, 4], [1, 0]], r"readings of reader 1\[0\] is 4: codes are from 0 to 3"),
    ([[0.5, 1.0]], "must be whole numbers"),
])  # fmt: skip
def test_wrong_readings_are_refused(readings: list[list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        compare_two_readers(readings, categories=4)


def test_three_readers_are_sent_to_fleiss() -> None:
    with pytest.raises(ValueError, match="compare_readers takes more than two"):
        compare_two_readers([[0, 1, 1], [0, 0, 0]])
