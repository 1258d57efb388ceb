"""Mantel and Haenszel over strata: the twin, one stratum, order, strata that tell nothing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.shares.mantel_haenszel import (
    DifferenceLimits,
    compare_cmh,
    estimate_common_odds_ratio,
    estimate_common_risk_difference,
    estimate_common_risk_ratio,
)
from naive.stratified_difference import Stratum, cmh
from numerics.stratum_samples import STRATA, tables


@settings(deadline=None, max_examples=30)
@given(STRATA)
def test_the_test_is_the_twin(strata: list[Stratum]) -> None:
    events, n = tables(strata)

    assert compare_cmh(events, n=n).test.statistic == pytest.approx(cmh(strata), nan_ok=True)


@settings(deadline=None, max_examples=30)
@given(STRATA)
def test_the_correction_makes_the_statistic_smaller(strata: list[Stratum]) -> None:
    events, n = tables(strata)
    plain, corrected = (compare_cmh(events, n=n, correction=c).test for c in (False, True))

    assert math.isnan(plain.statistic) or 0 <= corrected.statistic <= plain.statistic


@settings(deadline=None, max_examples=30)
@given(STRATA)
def test_values_are_weighted_sums_and_turn_with_the_groups(strata: list[Stratum]) -> None:
    events, n = tables(strata)
    weights = np.prod(n, axis=1) / n.sum(axis=1)
    shares = events / n
    found = estimate_common_risk_difference(events, n=n)
    turned = estimate_common_risk_difference(events[:, ::-1], n=n[:, ::-1])

    assert found.value == pytest.approx(np.average(shares[:, 1] - shares[:, 0], weights=weights))
    assert found.lower == pytest.approx(-turned.upper)
    for estimate in (estimate_common_odds_ratio, estimate_common_risk_ratio):
        one, other = estimate(events, n=n), estimate(events[:, ::-1], n=n[:, ::-1])
        if 0 < one.value < math.inf:
            assert one.value * other.value == pytest.approx(1)
            assert one.log_standard_error == pytest.approx(other.log_standard_error)


def test_one_stratum_gives_the_ratio_of_the_table() -> None:
    events, n = [[26, 41]], [[150, 150]]
    odds, risk = (f(events, n=n) for f in (estimate_common_odds_ratio, estimate_common_risk_ratio))

    assert odds.value == pytest.approx(41 * 124 / (26 * 109))
    assert odds.log_standard_error**2 == pytest.approx(1 / 41 + 1 / 109 + 1 / 26 + 1 / 124)
    assert risk.value == pytest.approx(41 / 26)
    assert risk.log_standard_error**2 == pytest.approx(1 / 41 + 1 / 26 - 2 / 150)


def test_the_test_of_groups_is_the_log_rank_test_of_one_day() -> None:
    n = np.array([[9, 12, 7], [5, 0, 8]])
    events = np.array([[3, 8, 2], [1, 0, 6]])
    rows = [
        (stratum, group, person < events[stratum, group])
        for stratum in range(2)
        for group in range(3)
        for person in range(n[stratum, group])
    ]
    stratum, group, event = np.array(rows, dtype=np.int64).T
    day = compare_logrank(np.ones(len(rows)), event=event, group=group, stratum=stratum)
    found = compare_cmh(events, n=n)

    assert found.test.statistic == pytest.approx(day.test.statistic)
    assert found.test.degrees_of_freedom == 2


def test_strata_that_tell_nothing_are_named_and_change_nothing() -> None:
    events, n = [[2, 5], [0, 0], [3, 0]], [[10, 10], [6, 4], [8, 0]]
    whole, alone = compare_cmh(events, n=n), compare_cmh(events[:1], n=n[:1])
    ratio = estimate_common_odds_ratio(events, n=n)

    assert whole.test == alone.test
    assert whole.message.startswith("strata 1, 2: one group only")
    assert ratio.message == "stratum 2: a group is empty"
    assert ratio.value == pytest.approx(estimate_common_odds_ratio(events[:1], n=n[:1]).value)


def test_a_stratum_without_events_counts_for_the_difference() -> None:
    with_it = estimate_common_risk_difference([[2, 5], [0, 0]], n=[[10, 10], [10, 10]])

    assert with_it.value == pytest.approx(0.15)
    assert with_it.message == ""


def test_events_in_one_group_only_give_no_interval_of_the_ratio() -> None:
    found = estimate_common_odds_ratio([[0, 5], [0, 2]], n=[[10, 10], [6, 4]])

    assert found.value == math.inf
    assert math.isnan(found.lower)
    assert "events in both groups" in found.message


def test_nobody_with_the_event_has_a_difference_of_nothing() -> None:
    sato, klingenberg = (
        estimate_common_risk_difference([[0, 0], [0, 0]], n=[[10, 12], [6, 4]], limits=limits)
        for limits in DifferenceLimits
    )

    assert (sato.value, sato.lower, sato.upper) == (0, 0, 0)
    assert math.isnan(sato.test.p_value)
    assert klingenberg.upper - klingenberg.lower > 0
    assert compare_cmh([[0, 0]], n=[[10, 12]]).test.degrees_of_freedom == 0


def test_no_stratum_with_both_groups_gives_nothing() -> None:
    found = estimate_common_risk_difference([[1, 0]], n=[[10, 0]])

    assert math.isnan(found.value)
    assert found.message == "stratum 0: a group is empty"
    with pytest.raises(ValueError, match="3 groups"):
        estimate_common_risk_ratio([[1, 0, 1]], n=[[10, 2, 2]])
