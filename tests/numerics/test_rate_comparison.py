"""Two rates: the twin, exact tails, turned groups, no events and no time."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.rates.poisson import compare_rates
from equipoise.numerics.rates.rate_comparison import (
    RateLimits,
    compare_rate_difference,
    compare_rate_difference_wald,
    compare_rate_ratio,
)
from naive.rates import Z, chance_of_ratio, difference_score

Group = tuple[int, float]
GROUP = st.tuples(st.integers(0, 30), st.floats(0.5, 80))


@settings(deadline=None, max_examples=30)
@given(GROUP, GROUP)
def test_at_its_limits_the_score_of_the_difference_just_rejects(one: Group, other: Group) -> None:
    found = compare_rate_difference((other[0], one[0]), time=(other[1], one[1]))

    assert difference_score(*one, *other, found.lower) == pytest.approx(Z, rel=1e-4)
    assert difference_score(*one, *other, found.upper) == pytest.approx(-Z, rel=1e-4)


@settings(deadline=None, max_examples=30)
@given(GROUP, GROUP)
def test_the_difference_turns_with_the_groups_and_agrees_with_its_test(
    one: Group, other: Group
) -> None:
    for compare in (compare_rate_difference, compare_rate_difference_wald):
        found = compare((other[0], one[0]), time=(other[1], one[1]))
        turned = compare((one[0], other[0]), time=(one[1], other[1]))

        assert found.lower == pytest.approx(-turned.upper, rel=1e-9, abs=1e-12)
        if abs(found.test.p_value - 0.05) > 1e-6:
            assert (found.test.p_value < 0.05) == (not found.lower <= 0 <= found.upper)


@settings(deadline=None, max_examples=30)
@given(GROUP, GROUP)
def test_exact_limits_have_the_tails_of_the_twin(one: Group, other: Group) -> None:
    (x1, t1), (x0, t0) = one, other
    exact, middle = (
        compare_rate_ratio((x0, x1), time=(t0, t1), limits=limits)
        for limits in (RateLimits.EXACT, RateLimits.MID_P)
    )
    if x1:
        tail, equal = chance_of_ratio(x1, x0, t1, t0, exact.lower)
        assert tail == pytest.approx(0.025, rel=1e-6)
        tail, equal = chance_of_ratio(x1, x0, t1, t0, middle.lower)
        assert tail - equal / 2 == pytest.approx(0.025, rel=1e-6)
    if x0:
        tail, equal = chance_of_ratio(x1, x0, t1, t0, exact.upper)
        assert 1 - tail + equal == pytest.approx(0.025, rel=1e-6)
    if x1 and x0:
        assert exact.lower < middle.lower < middle.value < middle.upper < exact.upper


@settings(deadline=None, max_examples=30)
@given(GROUP, GROUP, st.sampled_from(RateLimits))
def test_the_ratio_turns_over_with_the_groups(one: Group, other: Group, limits: RateLimits) -> None:
    found = compare_rate_ratio((other[0], one[0]), time=(other[1], one[1]), limits=limits)
    turned = compare_rate_ratio((one[0], other[0]), time=(one[1], other[1]), limits=limits)

    if one[0] and other[0]:
        assert found.lower * turned.upper == pytest.approx(1)
    assert found.p_value == pytest.approx(turned.p_value, nan_ok=True)
    assert math.isnan(found.value) or found.lower <= found.value <= found.upper


@given(GROUP, GROUP)
def test_the_exact_ratio_is_that_of_the_rates_alone(one: Group, other: Group) -> None:
    events, time = (other[0], one[0]), (other[1], one[1])
    found, alone = compare_rate_ratio(events, time=time), compare_rates(events, time=time)

    assert (found.lower, found.upper) == pytest.approx((alone.lower, alone.upper), nan_ok=True)


def test_no_events_leave_an_interval_of_the_difference_only() -> None:
    score = compare_rate_difference((0, 0), time=(10.0, 20.0))
    wald = compare_rate_difference_wald((0, 0), time=(10.0, 20.0))

    assert score.lower == pytest.approx(-(Z**2) / 10)
    assert score.upper == pytest.approx(Z**2 / 20)
    assert math.isnan(score.test.p_value)
    assert (wald.lower, wald.upper) == (0, 0)
    assert math.isnan(compare_rate_ratio((0, 0), time=(10.0, 20.0)).upper)


def test_no_time_tells_nothing_and_wrong_counts_are_refused() -> None:
    for compare in (compare_rate_difference, compare_rate_difference_wald, compare_rate_ratio):
        assert math.isnan(compare((0, 3), time=(0.0, 5.0)).lower)
        with pytest.raises(ValueError, match=r"time\[0, 0\] is 0.0 with 1 events"):
            compare((1, 3), time=(0.0, 5.0))
        with pytest.raises(ValueError, match=r"events\[0, 1\] is -1"):
            compare((1, -1), time=(1.0, 5.0))


def test_a_group_without_events_is_nothing_or_infinite() -> None:
    for limits in RateLimits:
        assert compare_rate_ratio((0, 3), time=(1.0, 1.0), limits=limits).upper == math.inf
        assert compare_rate_ratio((3, 0), time=(1.0, 1.0), limits=limits).lower == 0
