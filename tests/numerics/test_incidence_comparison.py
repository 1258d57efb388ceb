"""Groups compared by incidence at a time or time lost, and pseudo-values: each left out in turn."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from equipoise.numerics.competing.incidence_comparison import (
    compare_incidences_at,
    compare_lost_time,
    estimate_incidence_pseudo_values,
)
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences,
    estimate_incidences_at,
    estimate_lost_time,
)
from equipoise.numerics.survival.survival_scales import Interval
from naive.survival import aalen_johansen
from numerics.samples import rows, split


def group(shift: int, n: int = 40) -> Incidences:
    """Lesions that fail (1), die (2) or are censored (0) in turn; a shift makes more fail."""
    number = np.arange(n)
    cause = np.where((number * 7 + shift) % 10 < 3 + shift, 1, 2 * (number % 2))
    return estimate_incidences(1.0 + number * 5 % 13, cause=cause, causes=2)


@given(rows(causes=2), st.integers(0, 9), st.sampled_from([1, 2]))
def test_pseudo_values_are_those_of_leaving_each_out(
    pairs: list[tuple[float, int]], at: int, of: int
) -> None:
    time, cause = split(pairs)
    assume(at <= time.max())
    found = estimate_incidence_pseudo_values(time, cause=cause, at=at, of=of)

    def reached(some: list[tuple[float, int]]) -> float:
        return ([0.0] + [f for now, f in aalen_johansen(some, of) if now <= at])[-1]

    n = len(pairs)
    slow = [n * reached(pairs) - (n - 1) * reached(pairs[:i] + pairs[i + 1 :]) for i in range(n)]
    assert np.allclose(found, slow, atol=1e-11)


def test_without_censoring_a_pseudo_value_is_what_happened() -> None:
    found = estimate_incidence_pseudo_values([1.0, 2.0, 3.0, 4.0], cause=[1, 2, 1, 2], at=3)

    assert found == pytest.approx([1, 0, 1, 0])


def test_pseudo_values_beyond_the_follow_up_are_refused() -> None:
    with pytest.raises(ValueError, match="the follow-up ends at 2, before 3"):
        estimate_incidence_pseudo_values([1.0, 2.0], cause=[1, 0], at=3)
    assert estimate_incidence_pseudo_values([1.0, 2.0], cause=[1, 2], at=3).tolist() == [1, 0]


@pytest.mark.parametrize("scale", list(Interval))
def test_the_sign_is_that_of_the_difference_on_every_scale(scale: Interval) -> None:
    few, many = group(0), group(3)
    found = compare_incidences_at([few, many], at=8, scale=scale)
    turned = compare_incidences_at([many, few], at=8, scale=scale)

    assert found.difference > 0.1
    assert found.z > 0
    assert turned.z == pytest.approx(-found.z)
    assert found.z**2 == pytest.approx(found.test.statistic)
    assert turned.ratio == pytest.approx(1 / found.ratio)
    assert turned.ratio_lower == pytest.approx(1 / found.ratio_upper)


def test_the_plain_test_is_the_interval_turned_round() -> None:
    curves = [group(0), group(2)]
    found = compare_incidences_at(curves, at=6, cause=2, level=0.9)
    each = [estimate_incidences_at(one, at=6) for one in curves]

    assert found.value == pytest.approx([one.incidence[1, 0] for one in each])
    assert found.difference_standard_error**2 == pytest.approx(
        sum(one.standard_error[1, 0] ** 2 for one in each)
    )
    assert found.z == pytest.approx(found.difference / found.difference_standard_error)
    half = (found.difference_upper - found.difference_lower) / 2
    assert half == pytest.approx(1.6448536 * found.difference_standard_error)


def test_the_complementary_log_log_test_is_klein_s() -> None:
    found = compare_incidences_at([group(0), group(3)], at=8, scale=Interval.LOG_LOG)
    f, error = found.value, found.standard_error
    place = np.log(-np.log(1 - f))
    spread = error / ((1 - f) * np.abs(np.log(1 - f)))

    assert found.test.statistic == pytest.approx((place[1] - place[0]) ** 2 / sum(spread**2))


def test_time_lost_is_compared_group_by_group() -> None:
    curves = [group(0), group(3)]
    found = compare_lost_time(curves, horizon=10)
    each = [estimate_lost_time(one, horizon=10) for one in curves]

    assert found.difference == pytest.approx(each[1].value[0] - each[0].value[0])
    assert found.z == pytest.approx(found.difference / found.difference_standard_error)
    assert found.test.degrees_of_freedom == 1


def test_three_groups_have_two_degrees_of_freedom_and_no_difference() -> None:
    found = compare_incidences_at([group(0), group(1), group(3)], at=8)
    value, weight = found.value, found.standard_error**-2
    mean = np.sum(value * weight) / np.sum(weight)

    assert found.test.degrees_of_freedom == 2
    assert found.test.statistic == pytest.approx(np.sum(weight * (value - mean) ** 2))
    assert math.isnan(found.difference)
    assert math.isnan(found.ratio)
    assert math.isnan(found.z)


def test_equal_groups_do_not_differ() -> None:
    found = compare_incidences_at([group(1), group(1)], at=8)

    assert found.difference == 0
    assert found.test.p_value == pytest.approx(1)


def test_a_group_without_the_event_or_the_follow_up_has_no_test() -> None:
    none = estimate_incidences(np.arange(1.0, 20), cause=np.tile([2], 19), causes=2)
    short = estimate_incidences([1.0, 2.0], cause=[1, 0], causes=2)

    empty = compare_incidences_at([none, group(1)], at=8)
    assert empty.difference == pytest.approx(empty.value[1])
    assert math.isnan(empty.ratio)
    assert math.isnan(empty.test.p_value)
    unknown = compare_incidences_at([short, group(1)], at=8)
    assert math.isnan(unknown.difference)
    assert math.isnan(unknown.test.p_value)
    assert math.isnan(compare_lost_time([short, group(1)], horizon=8).difference)


def test_one_curve_or_an_unknown_cause_is_refused() -> None:
    with pytest.raises(ValueError, match="two groups or more"):
        compare_incidences_at([group(0)], at=3)
    with pytest.raises(ValueError, match="cause 3 is not among those"):
        compare_lost_time([group(0), group(1)], horizon=3, cause=3)
