"""The interval-censored log-rank: twin of the scores, permutations counted out, odd groups."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.intervals.interval_logrank import (
    IntervalScores,
    compare_interval_logrank,
    score_intervals,
)
from equipoise.numerics.intervals.interval_times import bound_event_times, bound_interval_times
from equipoise.numerics.intervals.turnbull import estimate_turnbull
from equipoise.numerics.ranks.logrank import compare_logrank
from naive.turnbull import Bounds, sun_score
from numerics.interval_samples import bounded_rows, spelled, times_of


def masses(rows: list[Bounds]) -> dict[tuple[float, float], float]:
    curve = estimate_turnbull(times_of(rows, weighted=False))
    pairs = zip(curve.left.tolist(), curve.right.tolist(), strict=True)
    return dict(zip(pairs, curve.mass.tolist(), strict=True))


@given(bounded_rows())
@settings(max_examples=40)
def test_scores_are_means_of_one_less_the_hazards(rows: list[Bounds]) -> None:
    mass = {cell: p for cell, p in masses(rows).items() if p > 1e-9}
    found = score_intervals(times_of(rows, weighted=False))

    for row, score in zip(rows, found, strict=True):
        assert score == pytest.approx(sun_score(row, mass), abs=1e-6)


@given(bounded_rows(10))
@settings(max_examples=30)
def test_every_score_sums_to_nothing_under_equal_groups(rows: list[Bounds]) -> None:
    times = times_of(rows, weighted=False)

    for kind in (IntervalScores.SUN, IntervalScores.FINKELSTEIN, IntervalScores.WILCOXON):
        assert score_intervals(times, scores=kind).sum() == pytest.approx(0, abs=1e-7)


def test_mean_and_variance_are_those_of_all_permutations() -> None:
    times, group = spelled("0-2 1-4 3 4-6 5+ 6+ 2-5"), [1, 1, 0, 1, 0, 0, 0]
    found = compare_interval_logrank(times, group=group)
    sums = [sum(found.scores[i] for i in range(7) if way[i] == 1) for way in permutations(group)]

    assert np.mean(sums) == pytest.approx(0, abs=1e-10)
    assert np.var(sums) == pytest.approx(found.variance[1, 1], rel=1e-9)
    assert found.z == pytest.approx(found.excess[1] / math.sqrt(found.variance[1, 1]))
    assert found.z**2 == pytest.approx(found.test.statistic)
    assert found.z > 0


def test_known_times_have_the_excess_of_the_log_rank() -> None:
    time, event = [2.0, 3.0, 3.0, 5.0, 8.0, 9.0, 11.0], [1, 1, 0, 1, 1, 0, 1]
    group = [0, 1, 1, 0, 1, 0, 0]
    found = compare_interval_logrank(bound_event_times(time, event=event), group=group)
    known = compare_logrank(time, event=event, group=group)

    assert found.excess == pytest.approx(known.observed - known.expected, abs=1e-10)


def test_names_of_groups_do_not_matter() -> None:
    times, group = spelled("0-2 1-4 3 4-6 5+ 6+"), np.array([1, 1, 0, 1, 0, 0])
    one = compare_interval_logrank(times, group=group)
    other = compare_interval_logrank(times, group=1 - group)

    assert one.z == pytest.approx(-other.z)
    assert one.test.statistic == pytest.approx(other.test.statistic)


def test_strata_add_up() -> None:
    times, group = spelled("0-2 1-4 3 4-6 5+ 0-3 2+ 4"), np.array([1, 0, 0, 1, 0, 1, 0, 1])
    stratum = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    both = compare_interval_logrank(times, group=group, stratum=stratum)
    first = compare_interval_logrank(spelled("0-2 1-4 3 4-6 5+"), group=group[:5])
    second = compare_interval_logrank(spelled("0-3 2+ 4"), group=group[5:])

    assert both.excess == pytest.approx(first.excess + second.excess)
    assert both.variance == pytest.approx(first.variance + second.variance)


def test_three_groups_have_a_trend_and_two_degrees_of_freedom() -> None:
    times, group = spelled("0-2 1-4 2 3-5 4-6 5-8 6+ 7+ 9+"), np.repeat([0, 1, 2], 3)
    found = compare_interval_logrank(times, group=group)
    doubled = compare_interval_logrank(times, group=group, doses=[0, 2, 4])

    assert found.test.degrees_of_freedom == 2
    assert math.isnan(found.z)
    assert found.trend < -2
    assert doubled.trend == pytest.approx(found.trend)


@pytest.mark.parametrize(("text", "group"), [
    ("0-2 1-4 3", [0, 0, 0]),  # one group
    ("0-5 2-9 3+", [0, 1, 1]),  # all overlap
    ("3+ 5+", [0, 1]),  # nobody was seen
    ("3", [0]),  # one row
])  # fmt: skip
def test_where_there_is_nothing_to_test_there_is_no_p(text: str, group: list[int]) -> None:
    found = compare_interval_logrank(spelled(text), group=group)

    assert found.test.degrees_of_freedom == 0
    assert math.isnan(found.test.p_value)
    assert math.isnan(found.z)
    assert math.isnan(found.trend)


def test_weights_and_wrong_doses_are_refused() -> None:
    late = bound_interval_times([2.0, 3.0], right=[4.0, 5.0], entry=[0.0, 1.0])
    with pytest.raises(
        ValueError, match=r"entry\[1\] is 1.0: .* score test of estimate_interval_cox"
    ):
        compare_interval_logrank(late, group=[0, 1])
    with pytest.raises(ValueError, match="weights have no meaning"):
        score_intervals(bound_event_times([1.0, 2.0], event=[1, 1], weight=[1.0, 2.0]))
    with pytest.raises(ValueError, match="one finite number for each of 2 groups"):
        compare_interval_logrank(spelled("1 2"), group=[0, 1], doses=[1.0])
