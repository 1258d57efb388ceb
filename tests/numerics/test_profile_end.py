"""Ends of profile intervals found at once: closed forms, slopes that are not exact, no answer."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.profile_end import _shrinking, find_profile_end, solve_equations
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


@pytest.mark.parametrize("off", [0.5, 0.999, 1.0, 1.003, 1.5])
def test_steps_end_when_what_they_leave_is_nothing(off: float) -> None:
    """As they shrink: the slower, the smaller the last has to be."""
    tried: list[Values] = []

    def rough(at: Values) -> tuple[Values, Values]:
        tried.append(at)
        value, slope = circle_and_line(at)
        return value, off * slope

    found = solve_equations(rough, start=np.array([1.4, 1.45]))
    assert found == pytest.approx([math.sqrt(2), math.sqrt(2)], abs=1e-11)
    assert len(tried) <= (5 if abs(off - 1) < 0.01 else 10)


def test_a_lucky_step_does_not_end_the_search() -> None:
    """The first two steps are not believed, nor one after a step that did not shrink."""
    lengths = [math.inf, math.inf, 1e-3]
    assert _shrinking(1e-9, lengths) == 1.0
    assert _shrinking(1e-9, [*lengths, 1e-4]) == pytest.approx(0.1)
    assert _shrinking(1e-5, [*lengths, 1e-6]) == 1.0


def test_no_number_and_no_slope_are_no_answer() -> None:
    assert solve_equations(lambda at: (at * math.nan, np.eye(1)), start=np.zeros(1)) is None
    assert solve_equations(lambda at: (at + 1, np.zeros((1, 1))), start=np.zeros(1)) is None


def unused() -> float:
    raise AssertionError("the end was to be found at once")


@pytest.mark.parametrize("own", [0, 1, 2])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_end_of_a_parabola_is_that_of_wald(own: int, side: int) -> None:
    along = np.linalg.inv(BEND)[own]
    error, top = math.sqrt(along[own]), float(TOP[own])
    start = TOP + side * 1.9 * along / error
    found = find_profile_end(hill, start=start, own=own, top=top, target=-2.0, search=unused)

    assert found == pytest.approx(top + side * 2 * error, abs=1e-10)


@pytest.mark.parametrize("side", [-1, 1])
def test_of_an_end_far_from_where_it_was_looked_for_and_one_searched_the_outer_counts(
    side: int,
) -> None:
    along, top = np.linalg.inv(BEND)[0], float(TOP[0])
    error = math.sqrt(along[0])

    def end(away: float, searched: float) -> float:
        """In standard errors from the top, where the start is `away` and the search finds one."""
        start = TOP + side * away * along / error
        found = find_profile_end(
            hill,
            start=start,
            own=0,
            top=top,
            target=-2.0,
            search=lambda: top + side * searched * error,
        )
        return side * (found - top) / error

    assert end(1.6, 3.0) == pytest.approx(2.0, abs=1e-10)  # near: no search
    assert end(1.4, 3.0) == pytest.approx(3.0, abs=1e-10)
    assert end(1.4, 1.0) == pytest.approx(2.0, abs=1e-10)
    assert end(1.4, math.nan) == pytest.approx(2.0, abs=1e-10)
    assert end(1.4, math.inf) == math.inf


def shallow(beta: Values) -> LikelihoodSums:
    """-1 / (1 + b^2) turned over: it never falls by more than 1."""
    rest = 1 + float(beta[0]) ** 2
    return LikelihoodSums(
        log_likelihood=1 / rest,
        score=-2 * beta / rest**2,
        information=np.array([[(2 * rest - 8 * float(beta[0]) ** 2) / rest**3]]),
    )


@pytest.mark.parametrize("searched", [7.0, math.inf, math.nan])
def test_the_search_tells_where_nothing_is_found_at_once(searched: float) -> None:
    found = find_profile_end(
        shallow, start=np.array([0.5]), own=0, top=0.0, target=-1.0, search=lambda: searched
    )

    assert found == pytest.approx(searched, nan_ok=True)


def test_an_end_on_the_other_side_of_the_top_is_not_taken() -> None:
    def led_back(beta: Values) -> LikelihoodSums:
        """Falls by 2 at -1 and at 1, but its slope leads from the start to the first."""
        own = float(beta[0])
        return LikelihoodSums(
            log_likelihood=-2 * own**2, score=4 * np.abs(beta), information=np.eye(1)
        )

    found = find_profile_end(
        led_back, start=np.array([0.1]), own=0, top=0.0, target=-2.0, search=lambda: 7.0
    )

    assert found == pytest.approx(7.0)
