"""Bounds of times: what is refused, and where the innermost intervals lie."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.intervals.interval_times import (
    bound_event_times,
    bound_interval_times,
    find_innermost,
)
from naive.turnbull import Bounds, cells, covers
from numerics.interval_samples import bounded_rows, spelled, times_of


def innermost(text: str) -> list[tuple[float, float]]:
    found = find_innermost(spelled(text))
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_a_known_time_takes_its_day_before_what_begins_on_it() -> None:
    assert innermost("2-5 5 5-8 5+") == [(5, 5), (5, 8)]


def test_intervals_that_touch_do_not_overlap() -> None:
    assert innermost("0-5 5-9") == [(0, 5), (5, 9)]


def test_rows_that_all_overlap_have_one_innermost_interval() -> None:
    assert innermost("0-5 2-9 3+") == [(3, 5)]
    assert innermost("3+ 5+") == [(5, math.inf)]


def test_bounds_closer_than_rounding_are_one() -> None:
    found = find_innermost(bound_interval_times([0.1 + 0.2, 0.3], right=[0.3 + 1e-12, math.inf]))

    assert found.left.size == 2
    assert found.left[0] == found.right[0]


@given(bounded_rows())
@settings(max_examples=40)
def test_what_a_row_covers_is_what_its_bounds_say(rows: list[Bounds]) -> None:
    found = find_innermost(times_of(rows))

    for i, row in enumerate(rows):
        own = range(int(found.first[i]), int(found.beyond[i]))
        assert len(own) > 0
        for j in range(found.left.size):
            cell = (float(found.left[j]), float(found.right[j]))
            inside = [c for c in cells(rows) if covers(Bounds(left=cell[0], right=cell[1]), c)]
            assert all(covers(row, c) for c in inside) == (j in own)


def test_events_and_ends_of_follow_up_as_bounds() -> None:
    found = bound_event_times([3.0, 5.0], event=[1, 0], entry=[0.0, 2.0], weight=[1.0, 2.0])

    assert found.left.tolist() == [3, 5]
    assert found.right.tolist() == [3, math.inf]
    assert found.entry.tolist() == [0, 2]
    assert found.weight.tolist() == [1, 2]


def test_read_only_and_strided_bounds_are_read() -> None:
    left = np.arange(8.0)[::2]
    left.flags.writeable = False

    assert find_innermost(bound_interval_times(left, right=left + 1)).left.size == 4


@pytest.mark.parametrize(("left", "right", "words"), [
    ([1.0, 5.0], [2.0, 4.0], r"right\[1\] is 4.0: it is not before left, 5.0"),
    ([1.0, 5.0], [2.0, math.nan], r"right\[1\] is nan.*infinite where no event was seen"),
    ([-1.0], [2.0], r"time\[0\] is -1.0"),
    ([math.inf], [math.inf], r"time\[0\] is inf"),
    ([1.0], [2.0, 3.0], "right has shape"),
    ([], [], "at least one row"),
])  # fmt: skip
def test_wrong_bounds_are_refused(left: list[float], right: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bound_interval_times(left, right=right)


def test_an_entry_ends_an_interval_and_is_counted_in_those_ended() -> None:
    times = bound_interval_times([0.0, 1.0, 4.0], right=[6.0, 3.0, 5.0], entry=[0.0, 0.0, 2.0])
    found = find_innermost(times)

    assert list(zip(found.left, found.right, strict=True)) == [(1, 2), (4, 5)]
    assert found.entered.tolist() == [0, 0, 1]
    assert (found.first.tolist(), found.beyond.tolist()) == ([0, 0, 1], [2, 1, 2])


def test_an_entry_before_every_left_bound_ends_nothing() -> None:
    found = find_innermost(bound_interval_times([2.0, 3.0], right=[4.0, 6.0], entry=[1.0, 3.0]))

    assert list(zip(found.left, found.right, strict=True)) == [(2, 3), (3, 4)]
    assert found.entered.tolist() == [0, 1]


def test_an_entry_after_left_is_refused() -> None:
    with pytest.raises(ValueError, match=r"entry\[1\] is 3.0: a row enters by its left, 2.0"):
        bound_interval_times([1.0, 2.0], right=[4.0, 5.0], entry=[0.0, 3.0])
    with pytest.raises(ValueError, match=r"entry\[0\] is 1.0: a row enters before its time"):
        bound_interval_times([1.0], right=[1.0], entry=[1.0])
