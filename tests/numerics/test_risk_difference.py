"""Differences against a margin and by simple intervals: the score twin, symmetry, no width."""

import math
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.proportions import compare_miettinen_nurminen
from equipoise.numerics.shares.risk_difference import (
    DifferenceInterval,
    compare_agresti_caffo,
    compare_wald,
    compare_with_margin,
)
from naive.risk_difference import score

ARM = st.integers(2, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=30)
@given(ARM, ARM, st.sampled_from([-0.2, -0.1, 0.05, 0.3]))
def test_the_corrected_test_against_a_margin_is_the_twin(
    one: tuple[int, int], other: tuple[int, int], margin: float
) -> None:
    found = compare_with_margin(
        (other[0], one[0]), n=(other[1], one[1]), margin=margin, correction=True
    )

    # the closed form of the twin has half the digits where its roots meet
    assert found.z == pytest.approx(score(*one, *other, margin), rel=1e-5, abs=1e-5)


@settings(max_examples=30)
@given(ARM, ARM)
def test_the_margins_that_are_not_rejected_are_the_interval(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    events, n = (other[0], one[0]), (other[1], one[1])
    interval = compare_miettinen_nurminen(events, n=n, correction=False)
    for limit, name in ((interval.lower, "p_greater"), (interval.upper, "p_less")):
        if -1 < limit < 1:
            found = compare_with_margin(events, n=n, margin=limit)
            assert getattr(found, name) == pytest.approx(0.025, rel=1e-9)


@settings(max_examples=30)
@given(ARM, ARM, st.floats(-0.9, 0.9))
def test_the_two_sides_add_up_and_turn_with_the_groups(
    one: tuple[int, int], other: tuple[int, int], margin: float
) -> None:
    found = compare_with_margin((other[0], one[0]), n=(other[1], one[1]), margin=margin)
    assume(not math.isnan(found.z))
    turned = compare_with_margin((one[0], other[0]), n=(one[1], other[1]), margin=-margin)

    assert found.p_greater + found.p_less == pytest.approx(1)
    assert found.p_value == pytest.approx(2 * min(found.p_greater, found.p_less))
    assert found.z == pytest.approx(-turned.z, rel=1e-6, abs=1e-9)


def test_non_inferiority_is_shown_where_the_loss_is_small() -> None:
    near = compare_with_margin((160, 158), n=(200, 200), margin=-0.1)
    far = compare_with_margin((160, 138), n=(200, 200), margin=-0.1)

    assert near.p_greater < 0.025 < far.p_greater


def test_without_variance_or_group_there_is_no_p() -> None:
    for events, n in (((0, 0), (7, 9)), ((0, 3), (0, 9))):
        assert math.isnan(compare_with_margin(events, n=n, margin=0.0).p_value)
    with pytest.raises(ValueError, match="margin is a difference"):
        compare_with_margin((1, 1), n=(7, 9), margin=10.0)


@pytest.mark.parametrize("compare", [compare_wald, compare_agresti_caffo])
@settings(max_examples=30)
@given(one=ARM, other=ARM)
def test_simple_intervals_turn_with_the_groups(
    compare: Callable[..., DifferenceInterval], one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = compare((other[0], one[0]), n=(other[1], one[1]))
    turned = compare((one[0], other[0]), n=(one[1], other[1]))

    assert found.value == pytest.approx(-turned.value)
    assert found.lower == pytest.approx(-turned.upper)
    assert -1 <= found.lower <= found.upper <= 1


def test_wald_has_no_width_where_agresti_and_caffo_have() -> None:
    assert compare_wald((0, 10), n=(20, 10)).lower == 1
    assert compare_agresti_caffo((0, 10), n=(20, 10)).lower < 0.9
    assert compare_wald((0, 10), n=(20, 10), continuity=True).lower == pytest.approx(1 - 0.075)


def test_an_empty_group_has_no_interval() -> None:
    for compare in (compare_wald, compare_agresti_caffo):
        assert math.isnan(compare((0, 3), n=(0, 9)).value)
