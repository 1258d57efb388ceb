"""Heterogeneity of subgroups: closed answers, effects that are missing, bad errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.heterogeneity import compare_subgroup_effects

EFFECTS = st.lists(
    st.tuples(st.integers(-20, 20).map(lambda x: x / 10), st.sampled_from([0.1, 0.2, 0.5])),
    min_size=2,
    max_size=6,
)


@settings(max_examples=40)
@given(EFFECTS)
def test_q_is_the_least_sum_of_squares_around_any_common_effect(
    pairs: list[tuple[float, float]],
) -> None:
    effect, error = (np.array(column) for column in zip(*pairs, strict=True))
    found = compare_subgroup_effects(effect, standard_error=error)

    def around(centre: float) -> float:
        return sum(((b - centre) / s) ** 2 for b, s in pairs)

    assert found.test.statistic == pytest.approx(around(found.pooled), abs=1e-9)
    assert around(found.pooled) <= min(around(found.pooled + d) for d in (-0.01, 0.01))
    assert 0 <= found.i_squared < 1
    assert found.trend_test.statistic <= found.test.statistic + 1e-9


def test_two_subgroups_differ_as_their_difference_over_its_error() -> None:
    found = compare_subgroup_effects([-0.7, -0.1], standard_error=[0.3, 0.4])

    assert found.test.statistic == pytest.approx((0.6 / 0.5) ** 2)
    assert found.test.degrees_of_freedom == 1
    assert found.trend_test.statistic == pytest.approx(found.test.statistic)
    assert found.slope == pytest.approx(0.6)
    assert found.slope_standard_error == pytest.approx(0.5)


def test_equal_effects_have_no_heterogeneity() -> None:
    found = compare_subgroup_effects([-0.4, -0.4, -0.4], standard_error=[0.1, 0.2, 0.3])

    assert found.pooled == pytest.approx(-0.4)
    assert found.test.p_value == pytest.approx(1)
    assert found.i_squared == 0
    assert found.trend_test.p_value == pytest.approx(1)


def test_a_trend_takes_all_of_q_where_effects_lie_on_a_line() -> None:
    score = [0.0, 1.0, 4.0]
    found = compare_subgroup_effects([0.1, 0.3, 0.9], standard_error=[0.2, 0.1, 0.3], score=score)

    assert found.slope == pytest.approx(0.2)
    assert found.trend_test.statistic == pytest.approx(found.test.statistic)
    assert found.trend_test.degrees_of_freedom == 1


def test_a_subgroup_without_an_effect_is_left_out_and_keeps_its_place() -> None:
    found = compare_subgroup_effects([0.1, math.nan, 0.9], standard_error=[0.2, math.nan, 0.3])

    assert found.test.degrees_of_freedom == 1
    assert found.slope == pytest.approx(0.4)


def test_one_subgroup_or_none_tells_no_heterogeneity() -> None:
    lone = compare_subgroup_effects([0.3], standard_error=[0.2])
    none = compare_subgroup_effects([math.nan], standard_error=[0.2])

    assert lone.pooled == 0.3
    assert lone.standard_error == pytest.approx(0.2)
    for found in (lone, none):
        assert math.isnan(found.test.p_value)
        assert math.isnan(found.i_squared)
        assert math.isnan(found.trend_test.p_value)


def test_wrong_errors_are_refused() -> None:
    with pytest.raises(ValueError, match=r"standard_error\[1\] is 0.0: errors are above 0"):
        compare_subgroup_effects([0.1, 0.2], standard_error=[0.1, 0.0])
    with pytest.raises(ValueError, match="one value for each of 2 subgroups"):
        compare_subgroup_effects([0.1, 0.2], standard_error=[0.1])
