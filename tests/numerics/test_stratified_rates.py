"""Rates over strata: the twin, one stratum, strata that tell nothing, one ratio in all."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.rates.stratified_rates import (
    compare_rate_ratios,
    compare_stratified_rates,
    estimate_common_rate_difference,
    estimate_common_rate_ratio,
)
from naive.rates import mantel_haenszel

Stratum = tuple[int, float, int, float]
STRATA = st.lists(
    st.tuples(st.integers(0, 20), st.floats(1, 50), st.integers(0, 20), st.floats(1, 50)),
    min_size=1,
    max_size=5,
)


def tables(strata: list[Stratum]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    counts = np.array(strata)
    return counts[:, [2, 0]], counts[:, [3, 1]]


@settings(deadline=None, max_examples=30)
@given(STRATA)
def test_ratio_and_difference_are_those_of_the_twin(strata: list[Stratum]) -> None:
    events, time = tables(strata)
    ratio, difference = mantel_haenszel(strata)
    found = estimate_common_rate_ratio(events, time=time)

    assert estimate_common_rate_difference(events, time=time).value == pytest.approx(difference)
    if math.isfinite(found.value):
        assert found.value == pytest.approx(ratio)


@settings(deadline=None, max_examples=30)
@given(STRATA)
def test_groups_may_be_turned(strata: list[Stratum]) -> None:
    events, time = tables(strata)
    turned = events[:, ::-1], time[:, ::-1]
    ratio, other = (estimate_common_rate_ratio(x, time=t) for x, t in ((events, time), turned))

    if not math.isnan(ratio.lower):
        assert ratio.lower * other.upper == pytest.approx(1)
    for compare in (compare_stratified_rates, compare_rate_ratios):
        one, two = compare(events, time=time).test, compare(turned[0], time=turned[1]).test
        assert one.statistic == pytest.approx(two.statistic, rel=1e-7, abs=1e-9, nan_ok=True)


@settings(deadline=None, max_examples=30)
@given(STRATA)
def test_at_the_most_likely_ratio_no_stratum_is_beyond_its_events(strata: list[Stratum]) -> None:
    events, time = tables(strata)
    found = compare_rate_ratios(events, time=time).test
    told = events.sum(axis=1) > 0
    if events[:, 0].sum() and events[:, 1].sum() and told.sum() > 1:
        assert found.statistic >= 0
        assert found.degrees_of_freedom == told.sum() - 1
    else:
        assert math.isnan(found.p_value)


def test_strata_of_one_ratio_do_not_differ() -> None:
    found = compare_rate_ratios([[4, 8], [10, 20], [3, 3]], time=[[10, 10], [25, 25], [8, 4]])

    assert found.test.statistic == pytest.approx(0, abs=1e-20)
    assert found.test.p_value == pytest.approx(1)


def test_one_stratum_gives_the_rates_themselves() -> None:
    ratio = estimate_common_rate_ratio([[21, 11]], time=[[3011.0, 800.0]])
    difference = estimate_common_rate_difference([[21, 11]], time=[[3011.0, 800.0]])

    assert ratio.value == pytest.approx(11 / 800 / (21 / 3011))
    assert ratio.log_standard_error**2 == pytest.approx(1 / 11 + 1 / 21)
    assert difference.standard_error**2 == pytest.approx(11 / 800**2 + 21 / 3011**2)


def test_strata_that_tell_nothing_are_named() -> None:
    events, time = [[4, 9], [0, 0], [5, 6], [3, 0]], [[10, 10], [5, 5], [12, 9], [8, 0]]
    whole, alone = (
        compare_rate_ratios(x, time=t)
        for x, t in ((events, time), ([events[0], events[2]], [time[0], time[2]]))
    )

    assert whole.test == alone.test
    assert "stratum 3: a group has no time at risk" in whole.message
    assert "stratum 1: no event" in whole.message


def test_events_in_one_group_only_have_no_interval() -> None:
    found = estimate_common_rate_ratio([[0, 9], [0, 2]], time=[[10, 10], [5, 5]])

    assert found.value == math.inf
    assert math.isnan(found.upper)
    assert found.message == "events in both groups are needed"
    assert math.isnan(compare_rate_ratios([[0, 9], [0, 2]], time=[[10, 10], [5, 5]]).test.p_value)


def test_without_a_stratum_of_both_groups_there_is_nothing() -> None:
    found = estimate_common_rate_difference([[0, 9]], time=[[0, 10]])

    assert math.isnan(found.value)
    assert math.isnan(found.test.p_value)
    assert math.isnan(compare_stratified_rates([[0, 0]], time=[[5, 10]]).test.p_value)
