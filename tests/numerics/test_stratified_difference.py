"""Differences over strata: the twin, one stratum, the weights of least risk, empty groups."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.shares.proportions import compare_miettinen_nurminen, compare_newcombe
from equipoise.numerics.shares.stratified_difference import (
    StratifiedDifference,
    StratumWeights,
    compare_minimum_risk,
    compare_stratified_newcombe,
    compare_stratified_score,
)
from naive.stratified_difference import Stratum, score_interval
from numerics.stratum_samples import STRATA, tables

METHODS: list[Callable[..., StratifiedDifference]] = [
    compare_stratified_score,
    compare_minimum_risk,
    compare_stratified_newcombe,
]


@settings(deadline=None, max_examples=40)
@given(STRATA)
def test_the_score_interval_is_the_twin(strata: list[Stratum]) -> None:
    events, n = tables(strata)
    found = compare_stratified_score(events, n=n, weights=StratumWeights.MANTEL_HAENSZEL)
    if abs(found.value) > 0.999 or not 0 < events.sum() < n.sum():
        return
    lower, upper = score_interval(strata, found.value)

    # the closed form of the twin has half the digits where its roots meet
    assert found.lower == pytest.approx(lower, abs=5e-6)
    assert found.upper == pytest.approx(upper, abs=5e-6)


@settings(deadline=None, max_examples=40)
@given(STRATA, st.sampled_from(StratumWeights))
def test_the_score_test_and_its_interval_agree(
    strata: list[Stratum], weights: StratumWeights
) -> None:
    events, n = tables(strata)
    found = compare_stratified_score(events, n=n, weights=weights)
    if math.isnan(found.test.p_value) or abs(found.test.p_value - 0.05) < 1e-6:
        return

    assert found.lower <= found.value <= found.upper
    assert (found.test.p_value < 0.05) == (not found.lower <= 0 <= found.upper)


@settings(deadline=None, max_examples=30)
@given(STRATA, st.sampled_from(METHODS))
def test_the_groups_may_be_turned_and_the_strata_mixed(
    strata: list[Stratum], compare: Callable[..., StratifiedDifference]
) -> None:
    events, n = tables(strata)
    found = compare(events, n=n)
    turned = compare(events[::-1, ::-1], n=n[::-1, ::-1])

    assert found.value == pytest.approx(-turned.value, abs=1e-9)
    assert found.lower == pytest.approx(-turned.upper, abs=1e-8)
    assert found.weights.sum() == pytest.approx(1)
    assert np.allclose(found.weights, turned.weights[::-1], atol=1e-7)


@settings(deadline=None, max_examples=25)
@given(STRATA)
def test_one_stratum_is_the_table_itself(strata: list[Stratum]) -> None:
    events, n = tables(strata[:1])
    (x0, x1), (n0, n1) = (tuple(map(int, row[0])) for row in (events, n))
    plain = compare_miettinen_nurminen((x0, x1), n=(n0, n1))
    hybrid = compare_newcombe((x0, x1), n=(n0, n1))
    score, newcombe = (
        compare_stratified_score(events, n=n),
        compare_stratified_newcombe(events, n=n),
    )

    assert (score.lower, score.upper) == pytest.approx((plain.lower, plain.upper), abs=1e-9)
    assert score.test.statistic == pytest.approx(plain.test.statistic, nan_ok=True)
    assert (newcombe.lower, newcombe.upper) == pytest.approx(
        (hybrid.lower, hybrid.upper), abs=2e-2 if 0 in (x0, x1, n0 - x0, n1 - x1) else 1e-2
    )


@settings(deadline=None, max_examples=30)
@given(STRATA, st.integers(0, 10_000))
def test_no_other_weights_have_less_risk(strata: list[Stratum], seed: int) -> None:
    events, n = tables(strata)
    found = compare_minimum_risk(events, n=n)
    shares = events / n
    difference = shares[:, 1] - shares[:, 0]
    variance = (shares * (1 - shares) / n).sum(axis=1)
    if (variance == 0).any():
        return
    target = np.average(difference, weights=n.sum(axis=1))

    def risk(weights: NDArray[np.float64]) -> float:
        return float(weights**2 @ variance + (weights @ difference - target) ** 2)

    for shift in np.random.default_rng(seed).normal(scale=0.1, size=(20, len(strata))):
        assert risk(found.weights) <= risk(found.weights + shift - shift.mean()) + 1e-12


def test_strata_without_events_count_and_empty_groups_are_told() -> None:
    events, n = [[2, 5], [0, 0], [3, 0]], [[10, 10], [10, 10], [8, 0]]
    for compare in METHODS:
        found = compare(events, n=n)

        assert found.message == "stratum 2: a group is empty: left out"
        assert found.weights[2] == 0
        assert found.weights[1] > 0
        assert found.value < 0.3


def test_inverse_variance_leaves_out_strata_of_one_kind() -> None:
    found = compare_stratified_score(
        [[2, 5], [0, 0]], n=[[10, 10], [10, 10]], weights=StratumWeights.INVERSE_VARIANCE
    )

    assert found.value == pytest.approx(0.3)
    assert found.message.startswith("stratum 1: a group is empty, or nobody")


@pytest.mark.parametrize("compare", METHODS)
def test_without_a_stratum_of_both_groups_there_is_nothing(
    compare: Callable[..., StratifiedDifference],
) -> None:
    found = compare([[2, 0], [0, 1]], n=[[10, 0], [0, 10]])

    assert math.isnan(found.value)
    assert math.isnan(found.test.p_value)
    assert found.weights.tolist() == [0, 0]
    with pytest.raises(ValueError, match="3 groups"):
        compare([[1, 0, 1]], n=[[10, 2, 2]])


@pytest.mark.parametrize("compare", METHODS)
def test_nobody_with_the_event_has_an_interval(
    compare: Callable[..., StratifiedDifference],
) -> None:
    found = compare([[0, 0], [0, 0]], n=[[29, 20], [15, 15]])

    assert found.value == 0
    assert -0.2 < found.lower < 0 < found.upper < 0.2
