"""MaxCombo: its p value against slow integration, special cases that have a name, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtr

from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk, count_groups_at_risk
from equipoise.numerics.ranks.maxcombo import (
    USUAL,
    Side,
    TooManyDimensionsError,
    chance_beyond,
    compare_maxcombo,
)
from equipoise.numerics.ranks.weighted_logrank import (
    FlemingHarrington,
    ModestlyWeighted,
    PiecewiseWeights,
    TaroneWare,
    Weighting,
    compare_weighted_logrank,
)
from naive.logrank import chance_beyond_in_plane, chance_beyond_in_space
from numerics.samples import marked

angles = st.lists(st.floats(0, 2 * math.pi), min_size=2, max_size=4)


def correlation(rows: list[list[float]]) -> NDArray[np.float64]:
    table = np.array(rows)
    return np.asarray(table @ table.T)


def sample() -> GroupsAtRisk:
    time, event = marked("1 2 3 3 4+ 5 6 7 8+ 9 10 11 12+ 13 14")
    return count_groups_at_risk(
        time, event=event, group=[0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1]
    )


@settings(max_examples=25)
@given(angles, st.floats(-2, 4), st.booleans())
def test_chance_in_the_plane_equals_strips(
    directions: list[float], largest: float, both: bool
) -> None:
    largest = abs(largest) if both else largest
    found = chance_beyond(
        correlation([[math.cos(a), math.sin(a)] for a in directions]), largest=largest, both=both
    )

    assert found == pytest.approx(chance_beyond_in_plane(directions, largest, both), abs=2e-3)


ROWS = [[1.0, 0, 0], [0.6, 0.8, 0], [0.6, 0, 0.8], [0.48, 0.6, 0.64]]


@pytest.mark.parametrize("largest", [-1.0, 0.5, 3.0])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("rows", [ROWS, ROWS[:3]])
def test_chance_in_space_equals_the_average_over_directions(
    largest: float, both: bool, rows: list[list[float]]
) -> None:
    largest = abs(largest) if both else largest
    found = chance_beyond(correlation(rows), largest=largest, both=both)
    signed = rows + [[-x for x in row] for row in rows] if both else rows

    assert found == pytest.approx(chance_beyond_in_space(signed, largest), rel=1e-3)


@pytest.mark.parametrize("largest", [0.1, 1.0, 2.5, 6.0])
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_independent_statistics_have_the_sidak_chance(largest: float, dimensions: int) -> None:
    within = ndtr(largest) - ndtr(-largest)
    found = chance_beyond(np.eye(dimensions), largest=largest, both=True)
    one_sided = chance_beyond(np.eye(dimensions), largest=-largest, both=False)

    assert found == pytest.approx(-np.expm1(dimensions * np.log1p(-2 * ndtr(-largest))), rel=1e-12)
    assert found == pytest.approx(1 - within**dimensions, abs=1e-13)
    assert one_sided == pytest.approx(1 - ndtr(-largest) ** dimensions, rel=1e-12)


def test_at_zero_the_chance_is_that_of_an_orthant() -> None:
    for dimensions in (1, 2, 3):
        found = chance_beyond(np.eye(dimensions), largest=0.0, both=False)
        assert found == pytest.approx(1 - 0.5**dimensions, rel=1e-12)


@pytest.mark.parametrize("both", [False, True])
def test_the_same_statistic_again_changes_nothing(both: bool) -> None:
    once = correlation(ROWS)
    again = correlation([*ROWS, ROWS[1], ROWS[0]])

    assert chance_beyond(again, largest=2.0, both=both) == pytest.approx(
        chance_beyond(once, largest=2.0, both=both), rel=1e-12
    )


def test_one_weighting_is_its_own_test() -> None:
    sets = sample()
    alone = compare_weighted_logrank(sets, weighting=FlemingHarrington(gamma=1))
    two = compare_maxcombo(sets, weightings=[FlemingHarrington(gamma=1)])
    fewer = compare_maxcombo(sets, weightings=[FlemingHarrington(gamma=1)], side=Side.FEWER_EVENTS)
    more = compare_maxcombo(sets, weightings=[FlemingHarrington(gamma=1)], side=Side.MORE_EVENTS)

    assert two.p_value == pytest.approx(alone.test.p_value, rel=1e-12)
    assert fewer.p_value == pytest.approx(ndtr(alone.z), rel=1e-12)
    assert more.p_value == pytest.approx(ndtr(-alone.z), rel=1e-12)


def test_the_largest_statistic_is_the_one_of_the_side() -> None:
    found = {side: compare_maxcombo(sample(), side=side) for side in Side}
    z = found[Side.TWO_SIDED].z

    assert found[Side.TWO_SIDED].largest == np.abs(z).max()
    assert found[Side.FEWER_EVENTS].largest == (-z).max()
    assert found[Side.MORE_EVENTS].largest == z.max()
    assert z == pytest.approx(
        [compare_weighted_logrank(sample(), weighting=one).z for one in USUAL]
    )


def test_p_lies_between_the_smallest_alone_and_bonferroni() -> None:
    found = compare_maxcombo(sample())
    smallest = 2 * ndtr(-found.largest)

    assert smallest < found.p_value < found.z.size * smallest


def test_weights_bound_to_each_other_span_fewer_dimensions() -> None:
    roots = np.linalg.eigvalsh(compare_maxcombo(sample()).correlation)

    assert abs(roots[0]) < 1e-14
    assert roots[1] > 1e-3


def test_a_weighting_without_variance_is_left_out() -> None:
    sets = sample()
    never = PiecewiseWeights(cuts=(99,), weights=(0, 1))
    found = compare_maxcombo(sets, weightings=[FlemingHarrington(), never])

    assert math.isnan(found.z[1])
    assert found.p_value == compare_maxcombo(sets, weightings=[FlemingHarrington()]).p_value


def test_without_an_event_there_is_no_p() -> None:
    sets = count_groups_at_risk([1.0, 2.0], event=[0, 0], group=[0, 1])
    found = compare_maxcombo(sets)

    assert math.isnan(found.p_value)
    assert math.isnan(found.largest)


def test_what_cannot_be_worked_out_is_refused_by_name() -> None:
    five: list[Weighting] = [*USUAL, TaroneWare(power=3), ModestlyWeighted(until=5)]
    with pytest.raises(TooManyDimensionsError, match="span 5 dimensions"):
        compare_maxcombo(sample(), weightings=five)
    with pytest.raises(ValueError, match="at least one"):
        compare_maxcombo(sample(), weightings=[])
    three = count_groups_at_risk([1.0, 2.0, 3.0], event=[1, 1, 1], group=[0, 1, 2])
    with pytest.raises(ValueError, match="two groups, not 3"):
        compare_maxcombo(three)
