"""The order of rows: by stratum, time, then as given, whole days and fractions of them alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.event_counts import rank_times
from equipoise.numerics.row_order import RowOrder, number_strata, order_by_codes, order_rows
from naive.survival import distinct_times

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


def ordered(time: NDArray[np.float64], stratum: list[int]) -> RowOrder:
    return order_rows(time, stratum=number_strata(np.array(stratum))[0])


@given(PAIRS, st.sampled_from([0.0, 0.25]))
def test_rows_are_ordered_by_stratum_then_time_then_as_given(
    pairs: list[tuple[int, int]], fraction: float
) -> None:
    stratum, time = [pair[0] for pair in pairs], np.array([pair[1] for pair in pairs]) + fraction
    rows = ordered(time, stratum)

    assert rows.order.tolist() == sorted(range(len(pairs)), key=lambda row: pairs[row])
    assert rows.time.tolist() == time[rows.order].tolist()
    distinct = distinct_times([(float(now), 0) for now in time])
    assert [distinct[place] for place in rows.rank] == rows.time.tolist()
    assert {column.dtype for column in (rows.order, rows.rank)} == {np.dtype(np.int32)}


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.lists(st.booleans(), min_size=30))
def test_times_that_differ_by_rounding_stay_as_given(tens: list[int], after: list[bool]) -> None:
    time = np.array([ten / 10 + 1e-9 * late for ten, late in zip(tens, after, strict=False)])
    rows, ranked = ordered(time, [0] * time.size), rank_times(time)

    assert rows.order.tolist() == sorted(range(time.size), key=lambda row: tens[row])
    assert rows.rank.tolist() == ranked.rank[rows.order].tolist()
    assert rows.time.tolist() == ranked.distinct[rows.rank].tolist()


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_stratum_codes_may_be_large(shift: float) -> None:
    stratum = np.array([10**12, 5, 10**12])
    number, codes = number_strata(stratum)

    assert codes[number].tolist() == stratum.tolist()
    assert ordered(np.array([1, 0, 0]) + shift, stratum.tolist()).order.tolist() == [1, 2, 0]


def test_read_only_columns_are_taken_and_left_alone() -> None:
    stratum, time = np.array([1, 0, 1]), np.array([1.5, 0.5, 0.5])
    stratum.flags.writeable = time.flags.writeable = False

    assert order_rows(time, stratum=number_strata(stratum)[0]).order.tolist() == [1, 2, 0]
    assert stratum.tolist() == [1, 0, 1]
    assert time.tolist() == [1.5, 0.5, 0.5]


@given(PAIRS)
def test_codes_are_put_in_order_one_after_the_other(pairs: list[tuple[int, int]]) -> None:
    code, then = np.array(pairs, dtype=np.int32).T.copy()

    assert order_by_codes(code, then=then).tolist() == sorted(
        range(len(pairs)), key=pairs.__getitem__
    )
    assert order_by_codes(code[:0]).size == 0
