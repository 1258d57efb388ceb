"""The chance of a region: by every table, its slopes, the greatest of all shares, its rise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.exact_difference import _log_ways, _region
from equipoise.numerics.shares.region_chances import (
    Region,
    chance_kernel,
    greatest_kernel,
    share_kernel,
)
from equipoise.numerics.shares.score_regions import score_kernel, staircase_kernel
from naive.exact_difference import greatest_chance
from naive.unconditional import chance

STEPS = st.lists(st.integers(-1, 9), min_size=2, max_size=12).map(sorted)
DIFFERENCE = st.floats(-0.95, 0.95)


def region_of(steps: list[int], n0: int = 9) -> Region:
    found = _region(_log_ways(len(steps) - 1), _log_ways(n0), 1e-30)
    found.top[:] = steps
    return found


def tables(steps: list[int], n0: int = 9) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.arange(n0 + 1)[None, :] <= np.array(steps)[:, None]


@settings(deadline=None, max_examples=40)
@given(STEPS, st.floats(0.01, 0.99), DIFFERENCE)
def test_it_is_the_sum_of_all_tables_and_the_slopes_are_its(
    steps: list[int], part: float, delta: float
) -> None:
    region, n1 = region_of(steps), len(steps) - 1
    p0 = max(0.0, -delta) + part * (1 - abs(delta))
    p1 = p0 + delta
    found, slope, by_delta = chance_kernel(region, p0, delta)
    twin = sum(
        chance(n1, k, p1) * chance(9, j, p0)
        for k in range(n1 + 1)
        for j in range(steps[k] + 1)
    )  # fmt: skip
    h = 1e-6 * (1 - abs(delta)) * part * (1 - part)

    def rise(share: float, other: float) -> float:
        return (
            chance_kernel(region, p0 + share, delta + other)[0]
            - chance_kernel(region, p0 - share, delta - other)[0]
        ) / (2 * h)

    assert found == pytest.approx(twin, rel=1e-11, abs=1e-28)
    assert slope == pytest.approx(rise(h, 0), rel=1e-4, abs=1e-4)
    assert by_delta == pytest.approx(rise(0, h), rel=1e-4, abs=1e-4)


@settings(deadline=None, max_examples=40)
@given(STEPS, DIFFERENCE, st.floats(0, 0.3))
def test_the_greatest_never_falls_with_the_difference_and_is_that_of_a_grid(
    steps: list[int], delta: float, more: float
) -> None:
    region = region_of(steps)

    def greatest(delta: float) -> float:
        return greatest_kernel(region, delta, math.inf, np.ones(24, dtype=np.bool_), 0, math.inf)[0]

    found, twin = greatest(delta), greatest_chance(tables(steps), delta)
    assert found >= twin * (1 - 1e-9)
    assert found == pytest.approx(twin, rel=1e-3)
    assert greatest(min(delta + more, 0.97)) >= found * (1 - 1e-9)


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.1, math.pi / 2])
def test_at_one_angle_one_share_falls_with_the_difference_and_the_other_rises(angle: float) -> None:
    differences = np.linspace(-0.99, 0.99, 67)
    p0 = np.array([share_kernel(angle, delta) for delta in differences])

    assert (np.diff(p0) <= 1e-15).all()
    assert (np.diff(p0 + differences) >= -1e-15).all()
    assert min(p0) >= 0
    assert max(p0 + differences) <= 1 + 1e-15


@pytest.mark.parametrize(
    ("x1", "n1", "x0", "n0", "delta"),
    [(180, 500, 150, 500, 0.0007), (9, 500, 5, 500, -0.0076), (26, 200, 6, 9, -0.65),
     (1, 44, 0, 1, -0.4), (20, 20, 0, 1, -0.06), (14, 20, 0, 9, 0.2993)],
)  # fmt: skip
def test_no_share_has_a_greater_chance(x1: int, n1: int, x0: int, n0: int, delta: float) -> None:
    region = _region(_log_ways(n1), _log_ways(n0), 1e-17)
    staircase_kernel(n1, n0, delta, score_kernel(x1, n1, x0, n0, delta) - 1e-9, region.top, 0.0)
    alive = np.ones(4 * (4 + int(0.55 * math.sqrt(n1 + n0))), dtype=np.bool_)
    found, share, _ = greatest_kernel(region, delta, math.inf, alive, 0, math.inf)
    grid = [
        chance_kernel(region, share_kernel(angle, delta), delta)[0]
        for angle in np.linspace(0, math.pi / 2, 2001)
    ]

    assert found >= max(grid) * (1 - 1e-12)
    assert found == pytest.approx(max(grid), rel=1e-4)
    assert chance_kernel(region, share, delta)[0] == pytest.approx(found, rel=1e-12)
    assert not alive.any()


def test_only_where_the_chance_is_above_what_is_enough_stays_alive() -> None:
    region = region_of([-1, -1, -1, 0, 2, 4, 6, 9])
    alive = np.ones(24, dtype=np.bool_)
    most = greatest_kernel(region, 0.1, math.inf, alive.copy(), 0, math.inf)[0]
    greatest_kernel(region, 0.1, 0.9 * most, alive, 0, math.inf)
    shares = [share_kernel(math.pi / 2 * i / 24, 0.1) for i in range(25)]
    above = np.array([chance_kernel(region, share, 0.1)[0] > 0.9 * most for share in shares])

    assert 0 < alive.sum() < 24
    assert alive[above[:-1] | above[1:]].all()
    again = greatest_kernel(region, 0.1, math.inf, alive.copy(), 0, math.inf)[0]
    assert again == pytest.approx(most, rel=1e-12)
    assert greatest_kernel(region, 0.1, 0.5 * most, alive, 12, 0.5 * most)[0] > 0.5 * most
