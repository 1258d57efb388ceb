"""Stages combined: the level holds, whatever the second stage has become."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.combination import (
    combine_inverse_normal,
    combine_stages,
    find_fisher_bounds,
    planned_weights,
    reestimate_size,
    separate_stages,
)
from equipoise.design.error_rates import ErrorRates
from equipoise.design.sequential_plan import SequentialPlan

HALVES = np.sqrt([0.5, 0.5])


def two_stages(first: float = 0.5) -> SequentialDesign:
    rates = ErrorRates(alpha=0.025, sides=1, power=0.9)
    return build_design(SequentialPlan(information=(first, 1.0), rates=rates))


@settings(max_examples=25)
@given(st.lists(st.floats(-3, 4), min_size=3, max_size=3))
def test_stages_that_went_as_planned_combine_to_the_plain_z(z: list[float]) -> None:
    share = np.array([0.3, 0.6, 1.0])
    apart = separate_stages(z, information=share)
    weights = np.sqrt(np.diff(share, prepend=0.0))

    assert combine_stages(apart, weights=weights) == pytest.approx(z, abs=1e-12)


@settings(max_examples=25)
@given(st.lists(st.floats(1e-6, 1 - 1e-6), min_size=2, max_size=2))
def test_lower_p_values_give_higher_z(p: list[float]) -> None:
    z = combine_inverse_normal(p, weights=HALVES)
    lower = combine_inverse_normal([p[0], p[1] / 2], weights=HALVES)

    assert lower[1] > z[1]
    assert lower[0] == z[0]


def test_p_values_of_a_half_say_nothing() -> None:
    assert combine_inverse_normal([0.5, 0.5], weights=HALVES) == pytest.approx([0.0, 0.0])


def test_the_weights_of_the_plan_are_roots_of_information() -> None:
    assert planned_weights(two_stages(0.36)) == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("second", [0.5, 1.0, 3.0])
def test_the_level_holds_whatever_size_the_second_stage_has(second: float) -> None:
    design = two_stages()
    nodes, weights = np.polynomial.legendre.leggauss(200)
    half = 0.5 * (design.upper[0] + 8)
    z = -8 + half * (1 + nodes)
    density = half * weights * np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
    changed = np.where(z > 1, second, 1.0)  # the size follows the data: its z is standard still
    needed = np.array([reestimate_size(design, z=float(one)).needed for one in z])
    level = ndtr(-design.upper[0]) + density @ ndtr(-needed)

    assert changed.max() == max(second, 1.0)
    assert level == pytest.approx(0.025, abs=1e-12)


@pytest.mark.parametrize("futility", [1.0, 0.6])
@pytest.mark.parametrize("early", [None, 0.01])
def test_fishers_bounds_spend_alpha(futility: float, early: float | None) -> None:
    found = find_fisher_bounds(0.025, futility=futility, early=early)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    half = 0.5 * math.log(found.futility / found.early)
    p = found.early * np.exp(half * (1 + nodes))
    late = half * weights * p @ np.minimum(found.product / p, 1.0)

    assert found.early + late == pytest.approx(0.025, abs=1e-14)
    assert found.product <= found.early


def test_futility_gives_room_to_the_product() -> None:
    assert find_fisher_bounds(0.025, futility=0.5).product > find_fisher_bounds(0.025).product


@settings(max_examples=25)
@given(st.floats(-1, 2.9), st.sampled_from([1.0, 1.5, 2.0, 4.0]))
def test_a_promising_trial_grows_to_its_goal_or_its_cap(z: float, cap: float) -> None:
    found = reestimate_size(two_stages(), z=z, cap=cap)

    assert 1.0 <= found.increase <= (cap - 0.5) / 0.5 + 1e-12
    if found.zone == "promising":
        assert 0.5 <= found.as_planned < 0.9
        assert found.after >= found.as_planned - 1e-12
        capped = found.increase == pytest.approx((cap - 0.5) / 0.5)
        assert capped or found.after == pytest.approx(0.9, abs=1e-9)
    else:
        assert found.increase == 1.0
        assert (found.zone == "favourable") == (found.as_planned >= 0.9)


def test_the_three_zones() -> None:
    zones = [reestimate_size(two_stages(), z=z).zone for z in (0.5, 1.6, 2.5)]

    assert zones == ["unfavourable", "promising", "favourable"]
    assert reestimate_size(two_stages(), z=-1.0, lowest=0.0).increase == 3.0


@pytest.mark.parametrize(
    ("p", "weights", "words"),
    [
        ([0.0, 0.5], HALVES, "between 0 and 1"),
        ([], [], "between 0 and 1"),
        ([0.5], HALVES, "one weight"),
        ([0.5, 0.5], [1.0, 0.0], "weights must be finite"),
    ],
)
def test_stages_that_cannot_be_combined_are_refused(
    p: list[float], weights: list[float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        combine_inverse_normal(p, weights=weights)


def test_other_wrong_questions_are_refused() -> None:
    three = build_design(SequentialPlan(information=(0.3, 0.6, 1.0)))
    for refused, words in (
        (lambda: reestimate_size(three, z=1.0), "the plan has 3 looks"),
        (lambda: reestimate_size(two_stages(), z=math.nan), "z must be finite"),
        (lambda: reestimate_size(two_stages(), z=1.0, cap=0.9), "cap must be 1 or more"),
        (lambda: find_fisher_bounds(0.6), "alpha must lie"),
        (lambda: find_fisher_bounds(0.025, futility=0.01), "futility must lie"),
        (lambda: find_fisher_bounds(0.025, early=0.03), "early must lie"),
        (lambda: separate_stages([1, 2], information=[0.5, 0.5]), "grow from look to look"),
    ):
        with pytest.raises(ValueError, match=words):
            refused()
