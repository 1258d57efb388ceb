"""Medians compared: the twin, one curve alone, what sets no limit."""

import math

import numpy as np
import pytest
from hypothesis import given

from equipoise.numerics.kaplan_meier import KaplanMeier, estimate_kaplan_meier
from equipoise.numerics.quantile_difference import compare_quantiles
from equipoise.numerics.survival_scales import Interval
from naive.quantile_difference import limits, steps
from numerics.samples import marked, rows, split

BOUND = 1.959963984540054**2


def curve(text: str) -> KaplanMeier:
    time, event = marked(text)
    return estimate_kaplan_meier(time, event=event)


@given(rows(), rows())
def test_the_interval_equals_the_twin(
    first: list[tuple[float, int]], second: list[tuple[float, int]]
) -> None:
    curves = []
    for pairs in (first, second):
        time, event = split(pairs)
        curves.append(estimate_kaplan_meier(time, event=event))
    found = compare_quantiles(curves[0], second=curves[1])
    twin = limits(steps(first, 0.5), steps(second, 0.5), BOUND)

    assert [found.lower, found.upper] == pytest.approx(twin, nan_ok=True)


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
    """A huge group that fails around one time: the other's own interval, by Brookmeyer, Crowley."""
    time = np.repeat([9.99, 9.999, 10.0, 10.01], 2_500)
    sharp = estimate_kaplan_meier(time, event=np.ones(10_000, int))
    found = compare_quantiles(sharp, second=curve(MANY))
    own = found.quantiles[1]

    assert found.lower + 10 == pytest.approx(own.lower, abs=0.01)
    assert found.upper + 10 == pytest.approx(own.upper, abs=0.01)


def test_a_median_that_is_not_reached_leaves_the_limit_that_the_data_set() -> None:
    found = compare_quantiles(curve(MANY), second=curve("50 55 60+ 61+ 62+ 63+ 64+"))

    assert math.isnan(found.difference)
    assert found.lower > 0
    assert math.isnan(found.upper)


def test_a_later_quantile_and_a_lower_level() -> None:
    wide = compare_quantiles(curve(MANY), second=curve(LATER), probability=0.25)
    narrow = compare_quantiles(curve(MANY), second=curve(LATER), probability=0.25, level=0.5)

    assert wide.quantiles[0].value == 15
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_groups_without_events_have_no_number_at_all() -> None:
    found = compare_quantiles(curve("3+ 4+"), second=curve("5+"))

    assert np.isnan([found.difference, found.lower, found.upper, found.ratio_lower]).all()
