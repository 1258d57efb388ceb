"""Ends of profile intervals found at once: closed forms, slopes that are not exact, no answer."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.profile_end import find_profile_end, solve_equations
from numerics.test_likelihood_climb import BEND, TOP, hill

Values = NDArray[np.float64]


def circle_and_line(at: Values) -> tuple[Values, Values]:
    """x^2 + y^2 = 4 and x = y."""
    x, y = at
    return np.array([x * x + y * y - 4, x - y]), np.array([[2 * x, 2 * y], [1.0, -1.0]])


def test_equations_are_solved() -> None:
    found = solve_equations(circle_and_line, start=np.array([1.0, 2.0]))

    assert found == pytest.approx([math.sqrt(2), math.sqrt(2)], abs=1e-12)


@pytest.mark.parametrize("off", [0.7, 1.5])
def test_what_the_slopes_miss_is_learnt(off: float) -> None:
    def rough(at: Values) -> tuple[Values, Values]:
        value, slope = circle_and_line(at)
        return value, off * slope

    found = solve_equations(rough, start=np.array([1.0, 2.0]))
    assert found == pytest.approx([math.sqrt(2), math.sqrt(2)], abs=1e-9)


def test_no_number_and_no_slope_are_no_answer() -> None:
    assert solve_equations(lambda at: (at * math.nan, np.eye(1)), start=np.zeros(1)) is None
    assert solve_equations(lambda at: (at + 1, np.zeros((1, 1))), start=np.zeros(1)) is None


@pytest.mark.parametrize("own", [0, 1, 2])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_end_of_a_parabola_is_that_of_wald(own: int, side: int) -> None:
    along = np.linalg.inv(BEND)[own]
    error = math.sqrt(along[own])
    start = TOP + side * 1.9 * along / error
    found = find_profile_end(hill, start=start, own=own, target=-2.0)

    assert found is not None
    assert found[own] == pytest.approx(TOP[own] + side * 2 * error, abs=1e-10)
    beside = hill(found).score[np.arange(3) != own]
    assert beside == pytest.approx([0.0, 0.0], abs=1e-9)


def test_an_end_far_from_where_it_was_looked_for_is_left_to_another_search() -> None:
    along = np.linalg.inv(BEND)[0]
    near, far = (TOP + errors * along / math.sqrt(along[0]) for errors in (1.6, 1.4))

    assert find_profile_end(hill, start=near, own=0, target=-2.0) is not None
    assert find_profile_end(hill, start=far, own=0, target=-2.0) is None


def test_a_likelihood_that_never_falls_so_far_has_no_end() -> None:
    def shallow(beta: Values) -> LikelihoodSums:
        """-1 / (1 + b^2) turned over: it never falls by more than 1."""
        rest = 1 + float(beta[0]) ** 2
        return LikelihoodSums(
            log_likelihood=1 / rest,
            score=-2 * beta / rest**2,
            information=np.array([[(2 * rest - 8 * float(beta[0]) ** 2) / rest**3]]),
        )

    assert find_profile_end(shallow, start=np.array([0.5]), own=0, target=-1.0) is None
