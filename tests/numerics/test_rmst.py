"""Mean time without event up to a horizon: the twin, ends of follow-up, differences."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.rmst import RmstComparison, compare_rmst, estimate_rmst
from naive.survival import restricted_mean
from numerics.samples import marked, rows, split


def compare(first: str, second: str, horizon: float) -> RmstComparison:
    (t0, e0), (t1, e1) = marked(first), marked(second)
    group = np.repeat([0, 1], [t0.size, t1.size])
    return compare_rmst(np.r_[t0, t1], event=np.r_[e0, e1], group=group, horizon=horizon)


@given(rows(), st.floats(0.5, 12))
def test_mean_and_variance_equal_the_twin(pairs: list[tuple[float, int]], horizon: float) -> None:
    time, event = split(pairs)
    curve = estimate_kaplan_meier(time, event=event)
    found = estimate_rmst(curve, horizon=horizon)

    assert found.complete == (horizon <= curve.time[-1] or curve.survival[-1] == 0)
    if found.complete:
        mean, variance = restricted_mean(pairs, horizon)
        assert found.value == pytest.approx(mean)
        assert found.standard_error**2 == pytest.approx(variance, abs=1e-12)
    else:
        assert np.isnan([found.value, found.standard_error, found.lower, found.upper]).all()


def test_without_events_the_mean_is_the_horizon_and_has_no_spread() -> None:
    time, event = marked("12+ 13+ 20+")
    found = estimate_rmst(estimate_kaplan_meier(time, event=event), horizon=12)

    assert (found.value, found.standard_error) == (12.0, 0.0)


def test_without_censoring_the_mean_is_that_of_the_shortened_times() -> None:
    time, event = marked("2 4 9 15 30")
    found = estimate_rmst(estimate_kaplan_meier(time, event=event), horizon=12)
    shortened = np.minimum(time, 12)

    assert found.value == pytest.approx(shortened.mean())
    assert found.standard_error == pytest.approx(shortened.std() / math.sqrt(5))


def test_difference_and_ratio_come_from_both_arms() -> None:
    found = compare("2 4 9 15 30", "5 6+ 14 20 22", 12)
    first, second = found.groups
    error = math.hypot(first.standard_error, second.standard_error)

    assert found.difference == pytest.approx(second.value - first.value)
    assert found.standard_error == pytest.approx(error)
    assert found.upper - found.difference == pytest.approx(1.959963984540054 * error)
    assert found.ratio == pytest.approx(second.value / first.value)
    assert found.ratio_lower < found.ratio < found.ratio_upper
    assert found.ratio_lower * found.ratio_upper == pytest.approx(found.ratio**2)


def test_published_difference_of_the_simulated_trial_has_its_sign() -> None:
    swapped = compare("5 6+ 14 20 22", "2 4 9 15 30", 12)
    straight = compare("2 4 9 15 30", "5 6+ 14 20 22", 12)

    assert swapped.difference == pytest.approx(-straight.difference)
    assert swapped.p_value == pytest.approx(straight.p_value)


def test_an_arm_followed_too_short_has_no_difference() -> None:
    found = compare("2 4+", "5 6+ 14 20", 12)

    assert not found.groups[0].complete
    assert found.groups[1].complete
    assert math.isnan(found.difference)
    assert math.isnan(found.p_value)


def test_arms_without_events_have_no_p() -> None:
    assert math.isnan(compare("12+", "13+ 14+", 12).p_value)


def test_an_arm_that_fails_on_day_zero_has_a_difference_but_no_ratio() -> None:
    found = compare("0 0 0", "5 6 14 20", 12)

    assert found.groups[0].value == 0
    assert found.difference == pytest.approx((5 + 6 + 12 + 12) / 4)
    assert math.isnan(found.ratio)
    assert math.isnan(found.ratio_upper)


def test_a_missing_arm_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        compare_rmst([1.0, 2.0], event=[1, 1], group=[0, 0], horizon=2)


@pytest.mark.parametrize("horizon", [0.0, -1.0, math.nan, math.inf])
def test_a_horizon_that_is_none_is_refused(horizon: float) -> None:
    with pytest.raises(ValueError, match="horizon"):
        estimate_rmst(estimate_kaplan_meier([1.0], event=[1]), horizon=horizon)
