"""What is no time, code, weight, entry or covariate is refused, with its row."""

import numpy as np
import pytest

from equipoise.numerics.checks import (
    check_codes,
    check_covariates,
    check_entry,
    check_labels,
    check_level,
    check_times,
    check_weights,
    sum_by_code,
)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ([], "at least one row"),
        ([[1.0]], "flat"),
        ([1.0, float("nan")], r"time\[1\] is nan"),
        ([1.0, 2.0, -3.0], r"time\[2\] is -3"),
        ([float("inf")], r"time\[0\] is inf"),
    ],
)
def test_what_is_no_time_is_refused_with_its_row(time: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_times(time)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ([0, 1], r"shape \(2,\)"),
        ([0, 1, 2], r"event\[2\] is 2: codes are from 0 to 1"),
        ([0, -1, 0], r"event\[1\] is -1"),
        ([0.0, 1.0, 0.5], "whole numbers"),
    ],
)
def test_what_is_no_code_is_refused_with_its_row(codes: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_codes(codes, name="event", n=3, upper=1)


def test_group_codes_have_no_upper_end() -> None:
    assert check_codes([0, 7], name="group", n=2).tolist() == [0, 7]
    with pytest.raises(ValueError, match="0 or more"):
        check_codes([0, -7], name="group", n=2)


def test_events_may_be_booleans_and_codes_may_be_left_out() -> None:
    assert check_codes([True, False], name="event", n=2, upper=1).tolist() == [1, 0]
    assert check_codes(None, name="stratum", n=2).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("weight", "words"),
    [([1.0, 2.0], r"shape \(2,\)"), ([1.0, 0.0, 1.0], r"weight\[1\] is 0"),
     ([1.0, 1.0, float("nan")], r"weight\[2\] is nan")],
)  # fmt: skip
def test_what_is_no_weight_is_refused_with_its_row(weight: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_weights(weight, n=3)


def test_without_weights_every_row_counts_once() -> None:
    assert check_weights(None, n=2).tolist() == [1.0, 1.0]


def test_a_row_enters_before_its_time() -> None:
    time = np.array([3.0, 4.0])

    assert check_entry([-1, 2], time=time).tolist() == [-1.0, 2.0]
    with pytest.raises(ValueError, match=r"entry\[1\] is 4.0: a row enters before its time, 4.0"):
        check_entry([0, 4], time=time)
    with pytest.raises(ValueError, match=r"shape \(1,\)"):
        check_entry([0], time=time)


def test_covariates_are_a_table_without_gaps() -> None:
    assert check_covariates([1, 2], n=2).shape == (2, 1)
    with pytest.raises(ValueError, match=r"covariates\[1, 0\] is nan"):
        check_covariates([[1.0, 2.0], [float("nan"), 3.0]], n=2)
    with pytest.raises(ValueError, match="one row for each of 3 times"):
        check_covariates([1, 2], n=3)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, float("nan")])
def test_a_level_lies_between_0_and_1(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        check_level(level)


def test_labels_may_be_numbers_or_words_and_are_added_up_by_code() -> None:
    words = check_labels(["p2", "p1", "p2"], name="cluster", n=3)
    numbers = check_labels([7.5, -1.0, 7.5], name="cluster", n=3)
    values = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])

    assert words.tolist() == numbers.tolist() == [1, 0, 1]
    assert sum_by_code(values, code=words).tolist() == [[2.0, 20.0], [5.0, 50.0]]
    assert sum_by_code(values[:, :0], code=words).shape == (2, 0)
    with pytest.raises(ValueError, match=r"cluster has shape \(2,\): one label for each of 3"):
        check_labels(["a", "b"], name="cluster", n=3)


@pytest.mark.parametrize("spread", [3, 40, 10**9])
def test_whole_numbers_are_coded_in_their_order_however_far_apart(spread: int) -> None:
    labels = np.random.default_rng(spread).integers(-spread, spread, 30)
    far = np.append(labels, [np.iinfo(np.int64).min, np.iinfo(np.int64).max])

    for given in (labels, labels.clip(-128, 127).astype(np.int8), far):
        ordered = sorted(set(given.tolist()))
        code = check_labels(given, name="cluster", n=given.size)
        assert code.tolist() == [ordered.index(label) for label in given.tolist()]
        assert code.dtype == np.int64
    assert check_labels(labels[:0], name="cluster", n=0).size == 0
