"""Newton's climb of a likelihood that need not be concave: steps that lead down."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.models.uneven_climb import Slopes, climb_uneven

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
