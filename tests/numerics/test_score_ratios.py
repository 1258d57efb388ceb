"""Ratios of shares and odds by the score: the twin, the limits as the test's edge, nobody."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.proportions import compare_miettinen_nurminen
from equipoise.numerics.shares.score_ratios import (
    ShareRatio,
    compare_odds_ratio,
    compare_risk_ratio,
)
from naive.score_ratio import Z2, odds_score, risk_score

ARM = st.integers(2, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
BOTH: list[tuple[Callable[..., ShareRatio], Callable[..., float]]] = [
    (compare_risk_ratio, risk_score),
    (compare_odds_ratio, odds_score),
]


@settings(deadline=None, max_examples=25)
@given(ARM, ARM, st.sampled_from(BOTH))
def test_at_its_limits_the_score_test_of_the_twin_just_rejects(
    one: tuple[int, int],
    other: tuple[int, int],
    pair: tuple[Callable[..., ShareRatio], Callable[..., float]],
) -> None:
    compare, score = pair
    found = compare((other[0], one[0]), n=(other[1], one[1]))

    for limit in (found.lower, found.upper):
        if 0 < limit < math.inf:
            assert score(*one, *other, limit) == pytest.approx(Z2, rel=1e-4)


@given(ARM, ARM, st.sampled_from([compare_risk_ratio, compare_odds_ratio]))
@settings(deadline=None, max_examples=30)
def test_changing_the_arms_turns_the_ratio_over(
    one: tuple[int, int], other: tuple[int, int], compare: Callable[..., ShareRatio]
) -> None:
    found = compare((other[0], one[0]), n=(other[1], one[1]))
    turned = compare((one[0], other[0]), n=(one[1], other[1]))

    for mine, theirs in ((found.lower, turned.upper), (found.upper, turned.lower)):
        product = 1.0 if {mine, theirs} == {0.0, math.inf} else mine * theirs
        assert product == pytest.approx(1, rel=1e-9)
    assert found.test.statistic == pytest.approx(turned.test.statistic, nan_ok=True)


@given(ARM, ARM, st.sampled_from([compare_risk_ratio, compare_odds_ratio]))
@settings(deadline=None, max_examples=30)
def test_difference_and_ratios_have_one_test_of_no_difference(
    one: tuple[int, int], other: tuple[int, int], compare: Callable[..., ShareRatio]
) -> None:
    events, n = (other[0], one[0]), (other[1], one[1])
    difference = compare_miettinen_nurminen(events, n=n).test

    assert compare(events, n=n).test.statistic == pytest.approx(
        difference.statistic, rel=1e-9, abs=1e-12, nan_ok=True
    )


@given(ARM, ARM, st.sampled_from([compare_risk_ratio, compare_odds_ratio]))
@settings(deadline=None, max_examples=30)
def test_the_interval_holds_the_estimate(
    one: tuple[int, int], other: tuple[int, int], compare: Callable[..., ShareRatio]
) -> None:
    found = compare((other[0], one[0]), n=(other[1], one[1]))

    assert math.isnan(found.value) or found.lower <= found.value <= found.upper


def test_one_empty_of_events_gives_nothing_and_infinity() -> None:
    none = compare_risk_ratio((9, 0), n=(30, 34))
    only = compare_odds_ratio((0, 10), n=(20, 10))

    assert (none.value, none.lower) == (0, 0)
    assert 0 < none.upper < 1
    assert (only.value, only.upper) == (math.inf, math.inf)
    assert only.lower > 1


def test_everybody_in_both_groups_has_a_ratio_of_risks_but_not_of_odds() -> None:
    risk, odds = (
        compare((20, 10), n=(20, 10)) for compare in (compare_risk_ratio, compare_odds_ratio)
    )

    assert risk.lower < risk.value == 1 < risk.upper
    assert math.isnan(odds.value)
    assert (odds.lower, odds.upper) == (0, math.inf)
    assert math.isnan(odds.test.p_value)


@pytest.mark.parametrize("compare", [compare_risk_ratio, compare_odds_ratio])
def test_nobody_and_empty_groups_tell_nothing(compare: Callable[..., ShareRatio]) -> None:
    nobody, empty = compare((0, 0), n=(7, 9)), compare((0, 3), n=(0, 9))

    assert math.isnan(nobody.value)
    assert (nobody.lower, nobody.upper) == (0, math.inf)
    assert math.isnan(nobody.test.p_value)
    assert math.isnan(empty.lower)
    with pytest.raises(ValueError, match="5 of 4"):
        compare((5, 1), n=(4, 4))


def test_hundreds_of_thousands_are_no_difficulty() -> None:
    found = compare_risk_ratio((40_000, 41_000), n=(200_000, 200_000))
    error = math.sqrt(1 / 40_000 + 1 / 41_000 - 2 / 200_000)

    assert math.log(found.upper / found.lower) == pytest.approx(2 * 1.96 * error, rel=1e-3)
