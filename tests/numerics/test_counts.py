"""Counts that are none are refused with their place; rows become tables."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from equipoise.numerics.shares.counts import (
    check_pair,
    check_rate_tables,
    check_share,
    check_tables,
    count_tables,
)


@pytest.mark.parametrize(("events", "n"), [(5, 4), (-1, 4), (2.5, 4), (float("nan"), 4), (1, -1)])
def test_a_share_has_whole_events_up_to_its_size(events: int, n: int) -> None:
    with pytest.raises(ValueError, match="events must be from 0 to n"):
        check_share(events, n=n)


def test_two_groups_are_compared() -> None:
    with pytest.raises(ValueError, match="3 counts and 2 sizes"):
        check_pair((1, 2, 3), n=(4, 4))


@pytest.mark.parametrize(
    ("events", "n", "words"),
    [
        ([[1, 2.5]], [[3, 3]], r"events\[0, 1\] is 2.5"),
        ([[1, 2]], [[3, float("nan")]], r"n\[0, 1\] is nan"),
        ([[1, -2]], [[3, 3]], r"events\[0, 1\] is -2"),
        ([[1, 2], [4, 0]], [[3, 3], [3, 3]], r"events\[1, 0\] is 4 of 3"),
        ([1, 2], [3, 3], "one row a stratum"),
        ([[1, 2]], [[3, 3], [3, 3]], "one row a stratum"),
    ],
)
def test_wrong_tables_are_refused_with_their_place(
    events: ArrayLike, n: ArrayLike, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check_tables(events, n=n)


@pytest.mark.parametrize(
    ("events", "time", "words"),
    [
        ([[1, 2]], [[0.0, 3.0]], r"time\[0, 0\] is 0.0 with 1 events"),
        ([[1, 2]], [[1.0, -3.0]], r"time\[0, 1\]"),
        ([[1, 2]], [[1.0, float("inf")]], r"time\[0, 1\]"),
        ([1, 2], [1.0, 1.0], "one row a stratum"),
    ],
)
def test_wrong_times_at_risk_are_refused(events: ArrayLike, time: ArrayLike, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_rate_tables(events, time=time)


def test_rows_become_tables() -> None:
    events, n = count_tables([1, 0, 1, 1, 0], group=[0, 0, 1, 1, 1], stratum=[4, 4, 4, 9, 9])

    assert events.tolist() == [[1, 1], [0, 1]]
    assert n.tolist() == [[2, 1], [0, 2]]


def test_rows_may_be_read_only_and_apart() -> None:
    rows = np.repeat([1, 0, 1, 1], 2)[::2]
    rows.setflags(write=False)
    events, n = count_tables(rows, group=np.array([0, 0, 1, 1], dtype=np.int8))

    assert (events.tolist(), n.tolist()) == ([[1, 2]], [[2, 2]])


@pytest.mark.parametrize(
    ("event", "group", "words"),
    [
        ([1, 2], [0, 1], r"event\[1\] is 2"),
        ([1, 1], [0, 2], r"group\[1\] is 2"),
        ([1], [0, 1], "of one length"),
        ([], [], "with a row at least"),
    ],
)
def test_wrong_rows_are_refused(event: list[int], group: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        count_tables(event, group=group)
