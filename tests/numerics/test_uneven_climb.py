"""Newton's climb of a likelihood that need not be concave: steps that lead down."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.models.uneven_climb import (
    Slopes,
    climb_uneven,
)

VALUES = np.array([-1.0, 0.5, 2.0, 2.5])


class Gauss:
    """The normal likelihood of VALUES at a mean and a log standard deviation; keeps the tries."""

    def __init__(self) -> None:
        self.tried: list[NDArray[np.float64]] = []

    def __call__(self, at: NDArray[np.float64]) -> Slopes:
        self.tried.append(at)
        if at[1] < -300:
            return Slopes(value=-math.inf, score=np.zeros(2), information=np.eye(2))
        z = (VALUES - at[0]) * math.exp(-at[1])
        inverse = math.exp(-at[1])
        return Slopes(
            value=float(-(z**2).sum() / 2 - 4 * at[1]),
            score=np.array([z.sum() * inverse, (z**2).sum() - 4]),
            information=np.array(
                [[4 * inverse**2, 2 * z.sum() * inverse], [2 * z.sum() * inverse, 2 * z @ z]]
            ),
        )


@pytest.mark.parametrize("start", [[0.9, 3.0], [1.0, 2.0]])
def test_a_step_that_led_down_is_cut_to_what_the_scale_may_change(start: list[float]) -> None:
    """Where the scale is far too wide the curvature promises a fall that has no end."""
    gauss = Gauss()
    found = climb_uneven(gauss, start=np.array(start), rows=4.0, longest=np.array([math.inf, 0.5]))

    assert found.settled
    assert found.parameters == pytest.approx([VALUES.mean(), math.log(VALUES.std())], abs=1e-9)
    assert gauss.tried[1][1] < start[1] - 5
    assert gauss.tried[2][1] == pytest.approx(start[1] - 0.5)


def test_a_step_that_leads_up_is_made_whole_however_long() -> None:
    def hill(at: NDArray[np.float64]) -> Slopes:
        return Slopes(
            value=float(-((at - 40) ** 2).sum() / 2), score=40 - at, information=np.eye(1)
        )

    found = climb_uneven(hill, start=np.zeros(1), rows=1.0, longest=np.array([0.5]))

    assert found.parameters == pytest.approx([40])
    assert found.steps == 2


@pytest.mark.parametrize(("other", "enough"), [(False, 1e-25), (True, 1e-13)])
def test_the_climb_ends_where_a_further_step_would_promise_too_little(
    *, other: bool, enough: float
) -> None:
    """With another look at the last step only the value has to be at its top."""
    gauss, last = Gauss(), Gauss()
    found = climb_uneven(
        gauss, start=np.array([0.9, 0.4]), rows=4.0, at_last=last if other else None
    )
    further = Gauss()(found.parameters)
    left = float(further.score @ np.linalg.solve(further.information, further.score))

    assert found.settled
    assert left < enough
    assert (len(gauss.tried), len(last.tried)) == (found.steps + 1 - other, int(other))


def test_steps_that_shrink_evenly_go_on_to_where_nothing_is_left() -> None:
    """A likelihood like -x^4: what a step promises shrinks by 16 / 81, not by its square."""

    def plateau(at: NDArray[np.float64]) -> Slopes:
        return Slopes(
            value=float(-(at**4).sum()), score=-4 * at**3, information=12 * np.diag(at**2)
        )

    found = climb_uneven(plateau, start=np.ones(1), rows=1e-9)

    assert found.settled
    assert -found.slopes.value < 1e-14


def test_a_leap_to_where_a_likelihood_rises_without_end_is_not_taken_for_the_way_to_a_top() -> None:
    def slope(at: NDArray[np.float64]) -> Slopes:
        left = np.exp(-at)
        bend = left if at > 0 else np.full(1, 1 / 19)  # so that the first step is 19
        return Slopes(value=-float(left.sum()), score=left, information=np.diag(bend))

    found = climb_uneven(slope, start=np.zeros(1), rows=1.0)

    assert (found.settled, found.flat.tolist()) == (False, [True])


def test_information_that_has_left_the_floats_ends_the_climb() -> None:
    """The scale of three times that lie on a line: 1e-317 of information, and a score of 2."""

    def cliff(at: NDArray[np.float64]) -> Slopes:
        return Slopes(value=0.0, score=np.full(1, -2.0), information=np.full((1, 1), 1e-317))

    found = climb_uneven(cliff, start=np.zeros(1), rows=3.0)

    assert (found.settled, found.steps, found.parameters.tolist()) == (False, 0, [0.0])
