"""Group sequential bounds: what they spend, and how likely they are crossed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.sequential.group_sequential import crossing_probabilities, find_bounds
from naive.group_sequential import first_crossings

STEPS = st.lists(st.sampled_from([0.2, 0.5, 1.0]), min_size=1, max_size=3)
SHARES = st.lists(st.sampled_from([0.0, 0.004, 0.01]), min_size=3, max_size=3)


@settings(max_examples=12)
@given(STEPS, st.sampled_from([-1.0, 0.0, 2.0]), st.data())
def test_chances_to_cross_equal_the_dense_grid(
    steps: list[float], drift: float, data: st.DataObject
) -> None:
    information = np.cumsum(steps)
    upper = [data.draw(st.sampled_from([0.5, 2.0, 3.0])) for _ in steps]
    lower = [data.draw(st.sampled_from([-9.0, -2.0, 0.0])) for _ in steps]
    found = crossing_probabilities(upper, information=information, lower=lower, drift=drift)
    twin = first_crossings(upper, lower, information.tolist(), drift, points=700)

    assert np.allclose(found.upper, [above for above, _ in twin], atol=2e-5)
    assert np.allclose(found.lower, [below for _, below in twin], atol=2e-5)
    assert 0 <= found.neither <= 1


@given(STEPS, SHARES, st.booleans())
def test_bounds_spend_what_they_should(
    steps: list[float], shares: list[float], two_sided: bool
) -> None:
    spent = np.cumsum([*shares[: len(steps) - 1], 0.01])
    information = np.cumsum(steps)
    upper = find_bounds(spent, information=information, two_sided=two_sided)
    lower = -upper if two_sided else None
    found = crossing_probabilities(upper, information=information, lower=lower)

    assert np.cumsum(found.upper + found.lower) == pytest.approx(spent, abs=1e-14)
    assert np.isinf(upper).tolist() == (np.diff(spent, prepend=0) == 0).tolist()


def test_one_look_is_the_normal_quantile() -> None:
    assert find_bounds([0.025], information=[7.0])[0] == pytest.approx(1.959963984540054)
    assert find_bounds([0.05], information=[1.0], two_sided=True)[0] == pytest.approx(
        1.959963984540054
    )


def test_only_the_ratio_of_informations_matters_without_drift() -> None:
    spent = [0.01, 0.025]

    assert find_bounds(spent, information=[30.0, 60.0]) == pytest.approx(
        find_bounds(spent, information=[0.5, 1.0]), rel=1e-14
    )


def test_looks_close_together_need_no_more_care_of_the_user() -> None:
    near = find_bounds([0.01, 0.0125, 0.025], information=[0.5, 0.502, 1.0])
    shift = find_bounds([0.0125, 0.025], information=[0.502, 1.0])

    assert near[1] == pytest.approx(shift[0], abs=0.01)  # hardly anything came between
    assert near[2] == pytest.approx(shift[1], abs=0.02)


def test_drift_turns_into_power() -> None:
    upper = find_bounds([0.025], information=[1.0])
    drift = 1.959963984540054 + 0.8416212335729143
    found = crossing_probabilities(upper, information=[1.0], drift=drift)

    assert found.upper[0] == pytest.approx(0.8, abs=1e-14)
    assert found.lower[0] == 0.0


@pytest.mark.parametrize(
    ("spent", "information", "words"),
    [
        ([0.02, 0.01], [0.5, 1.0], "must grow"),
        ([0.0, 0.0], [0.5, 1.0], "above 0"),
        ([0.5, 1.0], [0.5, 1.0], "below 1"),
        ([0.01], [0.5, 1.0], "each of 2 looks"),
        ([0.01, math.nan], [0.5, 1.0], "finite"),
        ([0.01, 0.02], [0.5, 0.5], "grow from look to look"),
        ([0.01, 0.02], [0.0, 0.5], "above 0"),
        ([0.01], [math.inf], "finite"),
        ([], [], "flat array"),
    ],
)
def test_what_cannot_be_spent_is_refused(
    spent: list[float], information: list[float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        find_bounds(spent, information=information)


def test_bounds_that_cross_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="lower lies above upper at look 2"):
        crossing_probabilities([3.0, 1.0], information=[1, 2], lower=[0.0, 1.5])
    with pytest.raises(ValueError, match="upper must hold one number for each of 2"):
        crossing_probabilities([3.0], information=[1, 2])
    with pytest.raises(ValueError, match="drift"):
        crossing_probabilities([3.0], information=[1], drift=math.nan)
