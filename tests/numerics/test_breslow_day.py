"""One odds ratio in all strata or not: the twin, equal strata, what cannot be tested."""

import math

import pytest
from hypothesis import given, settings

from equipoise.numerics.shares.breslow_day import compare_odds_ratios
from equipoise.numerics.shares.mantel_haenszel import estimate_common_odds_ratio
from naive.stratified_difference import Stratum, expected_events
from numerics.stratum_samples import STRATA, tables


@settings(deadline=None, max_examples=30)
@given(STRATA)
def test_the_sums_are_those_of_the_twin(strata: list[Stratum]) -> None:
    events, n = tables(strata)
    ratio = estimate_common_odds_ratio(events, n=n).value
    told = [one for one in strata if 0 < one[0] + one[2] < one[1] + one[3]]
    found = compare_odds_ratios(events, n=n)
    if not 0 < ratio < math.inf or len(told) < 2:
        assert math.isnan(found.tarone.p_value)
        assert "are needed" in found.message
        return
    plain = above = spread = 0.0
    for x1, n1, x0, n0 in told:
        m = x1 + x0
        e = expected_events(m, n1, n0, ratio)
        variance = 1 / (1 / e + 1 / (m - e) + 1 / (n1 - e) + 1 / (n0 - m + e))
        plain, above, spread = plain + (x1 - e) ** 2 / variance, above + x1 - e, spread + variance

    assert found.breslow_day.statistic == pytest.approx(plain, rel=1e-6, abs=1e-9)
    assert found.tarone.statistic == pytest.approx(plain - above**2 / spread, rel=1e-6, abs=1e-9)
    assert found.tarone.degrees_of_freedom == len(told) - 1


def test_equal_strata_do_not_differ() -> None:
    found = compare_odds_ratios([[4, 9], [8, 18]], n=[[20, 20], [40, 40]])

    assert found.breslow_day.statistic == pytest.approx(0, abs=1e-12)
    assert found.tarone.p_value == pytest.approx(1)


def test_a_ratio_of_one_is_no_difficulty() -> None:
    found = compare_odds_ratios([[5, 10], [10, 5]], n=[[20, 20], [20, 20]])

    assert found.breslow_day.p_value < 0.05


def test_strata_without_events_are_left_out_and_told() -> None:
    events, n = [[4, 9], [8, 3], [0, 0], [2, 0]], [[20, 20], [40, 40], [5, 5], [3, 0]]
    whole, alone = compare_odds_ratios(events, n=n), compare_odds_ratios(events[:2], n=n[:2])

    assert whole.tarone == alone.tarone
    assert whole.message.startswith("strata 2, 3")


@pytest.mark.parametrize("events", [[[4, 9]], [[0, 9], [0, 3]], [[0, 0], [0, 0]]])
def test_what_cannot_be_tested_is_told(events: list[list[int]]) -> None:
    found = compare_odds_ratios(events, n=[[20, 20]] * len(events))

    assert math.isnan(found.breslow_day.statistic)
    assert "two strata and a common odds ratio above 0 are needed" in found.message
