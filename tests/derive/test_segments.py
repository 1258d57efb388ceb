"""What was so far in each group, beside the same told row by row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from equipoise.derive.segments import (
    NONE,
    any_before,
    any_so_far,
    is_first,
    number_runs,
    smallest_before,
)

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(-5, NONE)), max_size=15).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)


def earlier(rows: list[tuple[int, int]], place: int) -> list[int]:
    """The values before a row in its group."""
    return [value for group, value in rows[:place] if group == rows[place][0]]


@given(rows=ROWS)
def test_the_smallest_before_is_that_of_the_rows_before_in_the_group(
    rows: list[tuple[int, int]],
) -> None:
    group = np.array([row[0] for row in rows], dtype=np.int64)
    values = np.array([row[1] for row in rows], dtype=np.int64)
    found = smallest_before(values, group=group).tolist()
    assert found == [min(earlier(rows, place), default=NONE) for place in range(len(rows))]


@given(rows=ROWS)
def test_a_flag_stays_set_within_its_group_only(rows: list[tuple[int, int]]) -> None:
    group = np.array([row[0] for row in rows], dtype=np.int64)
    flags = np.array([row[1] > 0 for row in rows], dtype=np.bool_)
    before = [any(value > 0 for value in earlier(rows, place)) for place in range(len(rows))]
    assert any_before(flags, group=group).tolist() == before
    assert any_so_far(flags, group=group).tolist() == [
        was or bool(now) for was, now in zip(before, flags, strict=True)
    ]


def test_groups_may_have_any_numbers_and_runs_are_counted() -> None:
    group = np.array([7, 7, 2, 2, 2, 9])
    assert is_first(group).tolist() == [True, False, True, False, False, True]
    assert number_runs(is_first(group)).tolist() == [1, 1, 2, 2, 2, 3]
    assert is_first(np.array([], dtype=np.int64)).tolist() == []
