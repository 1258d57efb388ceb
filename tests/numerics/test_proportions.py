"""Shares and risk differences: the closed form of the paper, nobody and everybody."""

import math
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.proportions import (
    compare_miettinen_nurminen,
    compare_newcombe,
    compare_with_share,
    estimate_agresti_coull,
    estimate_clopper_pearson,
    estimate_jeffreys,
    estimate_mid_p,
    estimate_wilson,
)
from equipoise.numerics.shares.restricted_shares import restricted_share_kernel
from naive.risk_difference import interval, restricted, score

SHARES = (
    estimate_wilson,
    estimate_clopper_pearson,
    estimate_jeffreys,
    estimate_agresti_coull,
    estimate_mid_p,
)
ARM = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(ARM, ARM, st.floats(-0.95, 0.95))
def test_restricted_shares_equal_the_closed_form(
    treated: tuple[int, int], control: tuple[int, int], delta: float
) -> None:
    (x1, n1), (x0, n0) = treated, control
    found = restricted_share_kernel(float(x1), float(n1), float(x0), float(n0), delta)

    # the closed form has half the digits where its roots meet
    assert found == pytest.approx(restricted(*treated, *control, delta)[1], abs=1e-6)


@settings(deadline=None)
@given(ARM, ARM)
def test_the_interval_equals_the_twin(treated: tuple[int, int], control: tuple[int, int]) -> None:
    difference = treated[0] / treated[1] - control[0] / control[1]
    assume(abs(difference) < 1)
    assume(0 < treated[0] + control[0] < treated[1] + control[1])
    found = compare_miettinen_nurminen((control[0], treated[0]), n=(control[1], treated[1]))
    lower, upper = interval(*treated, *control)

    assert found.lower == pytest.approx(lower, abs=2e-6)
    assert found.upper == pytest.approx(upper, abs=2e-6)


def test_the_test_is_the_score_at_no_difference() -> None:
    found = compare_miettinen_nurminen((26, 41), n=(150, 150))

    assert found.test.statistic == pytest.approx(score(41, 150, 26, 150, 0.0) ** 2)


@given(ARM, ARM)
@settings(deadline=None)
def test_the_test_and_the_interval_agree(
    treated: tuple[int, int], control: tuple[int, int]
) -> None:
    found = compare_miettinen_nurminen((control[0], treated[0]), n=(control[1], treated[1]))
    assume(not math.isnan(found.test.p_value))
    assume(abs(found.test.p_value - 0.05) > 1e-6)

    assert (found.test.p_value < 0.05) == (not found.lower <= 0 <= found.upper)


@settings(deadline=None)
@given(ARM, ARM)
def test_changing_the_arms_turns_the_interval_around(
    treated: tuple[int, int], control: tuple[int, int]
) -> None:
    for compare in (compare_miettinen_nurminen, compare_newcombe):
        one = compare((control[0], treated[0]), n=(control[1], treated[1]))
        other = compare((treated[0], control[0]), n=(treated[1], control[1]))

        assert one.value == pytest.approx(-other.value, abs=1e-12)
        assert one.lower == pytest.approx(-other.upper, abs=1e-9)
        assert one.upper == pytest.approx(-other.lower, abs=1e-9)


@pytest.mark.parametrize(("events", "n"), list(product([(0, 0), (0, 9), (7, 0), (7, 9)], [(7, 9)])))
def test_nobody_and_everybody_have_intervals(events: tuple[int, int], n: tuple[int, int]) -> None:
    for compare in (compare_miettinen_nurminen, compare_newcombe):
        found = compare(events, n=n)

        assert -1 <= found.lower <= found.value <= found.upper <= 1
        assert found.upper - found.lower > 0.1


def test_nobody_or_everybody_with_the_event_has_no_p() -> None:
    assert math.isnan(compare_miettinen_nurminen((0, 0), n=(7, 9)).test.p_value)
    assert math.isnan(compare_miettinen_nurminen((7, 9), n=(7, 9)).test.p_value)


def test_an_empty_arm_has_no_interval() -> None:
    for compare in (compare_miettinen_nurminen, compare_newcombe):
        found = compare((0, 3), n=(0, 9))

        assert math.isnan(found.value)
        assert math.isnan(found.lower)
        assert math.isnan(found.test.p_value)


def test_thousands_of_patients_are_no_difficulty() -> None:
    found = compare_miettinen_nurminen((40_000, 41_000), n=(200_000, 200_000))
    error = math.sqrt(2 * 0.2025 * 0.7975 / 200_000)

    assert found.upper - found.lower == pytest.approx(2 * 1.96 * error, rel=1e-3)


def binomial_tail(n: int, least: int, share: float) -> float:
    return sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(least, n + 1))


@given(ARM)
def test_exact_limits_leave_two_and_a_half_percent_on_each_side(arm: tuple[int, int]) -> None:
    events, n = arm
    found = estimate_clopper_pearson(events, n=n)

    if events > 0:
        assert binomial_tail(n, events, found.lower) == pytest.approx(0.025)
    else:
        assert found.lower == 0
    if events < n:
        assert 1 - binomial_tail(n, events + 1, found.upper) == pytest.approx(0.025)
    else:
        assert found.upper == 1


@given(ARM)
def test_score_limits_are_where_the_score_test_just_rejects(arm: tuple[int, int]) -> None:
    events, n = arm
    found = estimate_wilson(events, n=n)
    for limit in (found.lower, found.upper):
        if 0 < limit < 1:
            z = (events / n - limit) / math.sqrt(limit * (1 - limit) / n)
            assert abs(z) == pytest.approx(1.959963984540054, rel=1e-6)


def test_a_share_of_nobody_is_unknown() -> None:
    for function in SHARES:
        assert math.isnan(function(0, n=0).value)
        assert math.isnan(function(0, n=0).lower)
    assert math.isnan(compare_with_share(0, n=0, expected=0.5).p_value)


@pytest.mark.parametrize(("events", "n"), [(5, 4), (-1, 4)])
def test_more_events_than_patients_are_refused(events: int, n: int) -> None:
    for function in SHARES:
        with pytest.raises(ValueError, match="events must be from 0 to n"):
            function(events, n=n)
    with pytest.raises(ValueError, match="events must be from 0 to n"):
        compare_miettinen_nurminen((0, events), n=(3, n))


@given(ARM)
def test_limits_of_mid_p_count_the_observed_by_half(arm: tuple[int, int]) -> None:
    events, n = arm
    found = estimate_mid_p(events, n=n)
    exact = estimate_clopper_pearson(events, n=n)

    assert exact.lower <= found.lower <= found.value <= found.upper <= exact.upper
    for limit, chance in ((found.lower, 0.025), (found.upper, 0.975)):
        if 0 < limit < 1:
            halved = binomial_tail(n, events, limit) + binomial_tail(n, events + 1, limit)
            assert halved / 2 == pytest.approx(chance, rel=1e-8)


@given(ARM)
def test_every_interval_of_a_share_turns_with_the_event(arm: tuple[int, int]) -> None:
    events, n = arm
    for function in SHARES:
        found, turned = function(events, n=n), function(n - events, n=n)

        assert 0 <= found.lower <= found.value <= found.upper <= 1
        assert found.lower == pytest.approx(1 - turned.upper, abs=1e-12)


@given(ARM, st.sampled_from([0.05, 0.2, 0.5, 0.9]))
def test_the_binomial_test_adds_what_is_as_rare(arm: tuple[int, int], expected: float) -> None:
    events, n = arm
    chances = [binomial_tail(n, k, expected) - binomial_tail(n, k + 1, expected)
               for k in range(n + 1)]  # fmt: skip
    found = compare_with_share(events, n=n, expected=expected)
    rare = sum(c for c in chances if c <= chances[events] * (1 + 1e-7) + 1e-15)

    assert found.p_value == pytest.approx(rare, abs=1e-9)
    assert found.p_greater == pytest.approx(binomial_tail(n, events, expected))
    assert found.p_less + found.p_greater == pytest.approx(1 + chances[events])


def test_an_expected_share_lies_inside() -> None:
    with pytest.raises(ValueError, match="expected must lie between 0 and 1"):
        compare_with_share(1, n=3, expected=1.0)
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        estimate_jeffreys(1, n=3, level=95)


def test_without_the_factor_the_interval_is_shorter() -> None:
    longer, shorter = (
        compare_miettinen_nurminen((3, 9), n=(20, 20), correction=c) for c in (True, False)
    )

    assert longer.lower < shorter.lower < shorter.upper < longer.upper
    assert shorter.test.statistic == pytest.approx(longer.test.statistic * 40 / 39)
