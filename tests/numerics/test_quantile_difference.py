"""Medians compared: the twin, one curve alone, what sets no limit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.survival.kaplan_meier import KaplanMeier, estimate_kaplan_meier
from equipoise.numerics.survival.quantile_difference import compare_quantiles
from equipoise.numerics.survival.survival_scales import Interval
from numerics.samples import marked, rows, split


def curve(text: str) -> KaplanMeier:
    time, event = marked(text)
    return estimate_kaplan_meier(time, event=event)


@settings(max_examples=40)
@given(rows(), rows())
def test_the_limits_enclose_the_difference_and_turn_with_the_groups(
    first: list[tuple[float, int]], second: list[tuple[float, int]]
) -> None:
    curves = []
    for pairs in (first, second):
        time, event = split(pairs)
        curves.append(estimate_kaplan_meier(time, event=event))
    one = compare_quantiles(curves[0], second=curves[1])
    other = compare_quantiles(curves[1], second=curves[0])

    turned = [-other.difference, -other.upper, -other.lower]
    assert [one.difference, one.lower, one.upper] == pytest.approx(turned, nan_ok=True)
    assert math.isnan(one.lower) or one.lower <= one.difference
    assert math.isnan(one.upper) or one.difference <= one.upper
    assert math.isnan(one.ratio) or one.ratio == pytest.approx(
        one.quantiles[1].value / one.quantiles[0].value
    )


def test_limits_are_the_distances_of_both_medians_from_theirs() -> None:
    found = compare_quantiles(curve(MANY), second=curve(LATER))
    one, other = found.quantiles
    below = math.hypot(other.value - other.lower, one.upper - one.value)
    above = math.hypot(math.log(other.upper / other.value), math.log(one.value / one.lower))

    assert found.lower == pytest.approx(found.difference - below)
    assert found.ratio_upper == pytest.approx(found.ratio * math.exp(above))


MANY = " ".join(str(day) for day in range(1, 60))
LATER = " ".join(str(2 * day + 1) for day in range(1, 60))


@pytest.mark.parametrize("interval", list(Interval))
def test_the_interval_holds_difference_and_ratio(interval: Interval) -> None:
    found = compare_quantiles(curve(MANY), second=curve(LATER), interval=interval)

    assert found.difference == 31
    assert found.ratio == pytest.approx(61 / 30)
    assert 0 < found.lower < found.difference < found.upper
    assert 1 < found.ratio_lower < found.ratio < found.ratio_upper


def test_turned_around_the_difference_changes_its_sign_and_the_ratio_is_its_inverse() -> None:
    one = compare_quantiles(curve(MANY), second=curve(LATER))
    other = compare_quantiles(curve(LATER), second=curve(MANY))

    assert (other.lower, other.upper) == (-one.upper, -one.lower)
    assert other.ratio_lower == pytest.approx(1 / one.ratio_upper)


def test_beside_a_curve_that_falls_at_once_it_is_the_interval_of_one_median() -> None:
    time = np.repeat([9.99, 9.999, 10.0, 10.01], 2_500)  # a huge group that fails at one time
    sharp = estimate_kaplan_meier(time, event=np.ones(10_000, int))
    found = compare_quantiles(sharp, second=curve(MANY))
    own = found.quantiles[1]

    assert found.lower + 10 == pytest.approx(own.lower, abs=0.01)
    assert found.upper + 10 == pytest.approx(own.upper, abs=0.01)


def test_a_median_that_is_not_reached_has_no_difference() -> None:
    found = compare_quantiles(curve(MANY), second=curve("50 55 60+ 61+ 62+ 63+ 64+"))

    assert np.isnan([found.difference, found.ratio, found.lower, found.upper]).all()


def test_a_limit_that_is_not_reached_leaves_the_other() -> None:
    found = compare_quantiles(curve(MANY), second=curve("50 55 60 61 62+ 63+ 64+"))

    assert found.lower > 0
    assert math.isnan(found.upper)


def test_a_median_on_day_0_has_a_difference_but_no_ratio() -> None:
    found = compare_quantiles(curve("0 0 0 5"), second=curve(MANY))

    assert found.difference == 30
    assert math.isnan(found.ratio)


def test_a_later_quantile_and_a_lower_level() -> None:
    wide = compare_quantiles(curve(MANY), second=curve(LATER), probability=0.25)
    narrow = compare_quantiles(curve(MANY), second=curve(LATER), probability=0.25, level=0.5)

    assert wide.quantiles[0].value == 15
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_groups_without_events_have_no_number_at_all() -> None:
    found = compare_quantiles(curve("3+ 4+"), second=curve("5+"))

    assert np.isnan([found.difference, found.lower, found.upper, found.ratio_lower]).all()
