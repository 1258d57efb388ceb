"""Counting those at risk: ties, rounding, order, and refusal of what is no data."""

import numpy as np
import pytest
from hypothesis import given

from equipoise.numerics.event_counts import count_events, rank_times, single_out
from naive.survival import distinct_times
from numerics.samples import rows, split


@given(rows(causes=2))
def test_counts_equal_counting_by_hand(pairs: list[tuple[float, int]]) -> None:
    time, cause = split(pairs)
    counts = count_events(time, cause=cause, causes=2)

    assert counts.time.tolist() == distinct_times(pairs)
    for i, now in enumerate(counts.time):
        assert counts.at_risk[i] == sum(t >= now for t, _ in pairs)
        assert counts.censored[i] == sum((t, c) == (now, 0) for t, c in pairs)
        assert counts.events[0, i] == sum((t, c) == (now, 1) for t, c in pairs)
        assert counts.events[1, i] == sum((t, c) == (now, 2) for t, c in pairs)


@given(rows(causes=2))
def test_one_cause_singled_out_is_counted_as_if_all_others_were_censored(
    pairs: list[tuple[float, int]],
) -> None:
    time, cause = split(pairs)
    counts = count_events(time, cause=cause, causes=2)

    for own in (0, 1, 2):
        alone = single_out(counts, cause=own)
        afresh = count_events(time, cause=(cause == own).astype(np.int64))
        assert alone.time.tolist() == afresh.time.tolist()
        assert alone.at_risk.tolist() == afresh.at_risk.tolist()
        assert alone.events.tolist() == afresh.events.tolist()
        assert alone.censored.tolist() == afresh.censored.tolist()


@given(rows(causes=2))
def test_fractions_of_a_day_are_counted_like_whole_days(pairs: list[tuple[float, int]]) -> None:
    time, cause = split(pairs)
    days, fractions = (count_events(at, cause=cause, causes=2) for at in (time, time + 0.25))

    assert np.array_equal(days.time + 0.25, fractions.time)
    assert np.array_equal(days.at_risk, fractions.at_risk)
    assert np.array_equal(days.events, fractions.events)
    assert np.array_equal(days.censored, fractions.censored)


@pytest.mark.parametrize("later", [0.0, 0.25])
def test_counts_take_four_bytes_each(later: float) -> None:
    counts = count_events(np.arange(5.0) + later, cause=np.array([1, 0, 2, 0, 1]), causes=2)

    counted = (counts.at_risk, counts.events, counts.censored)
    assert [column.nbytes for column in counted] == [20, 40, 20]


def test_very_late_whole_days_are_sorted_instead_of_counted() -> None:
    counts = count_events(np.array([5.0, 1e12, 5.0]), cause=np.array([1, 1, 0]))

    assert counts.time.tolist() == [5.0, 1e12]
    assert counts.at_risk.tolist() == [3, 1]


def test_times_that_differ_by_rounding_are_one_time() -> None:
    ranked = rank_times(np.array([0.3, 0.1 + 0.2, 0.7, 0.3 + 1e-9]))

    assert ranked.distinct.tolist() == [0.3, 0.7]
    assert ranked.rank.tolist() == [0, 0, 1, 0]


def test_rounding_is_relative_to_the_mean_time() -> None:
    assert rank_times(np.array([1e4, 1e4 + 1e-4])).distinct.size == 1
    assert rank_times(np.array([1e4, 1e4 + 1e-3])).distinct.size == 2
