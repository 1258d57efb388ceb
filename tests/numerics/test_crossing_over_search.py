"""The search for a crossing asks where scipy's Brent does, and remembers what stays the same."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from equipoise.numerics.sensitivity import crossing_over_ranks, crossing_over_search
from equipoise.numerics.sensitivity.crossing_over_ranks import (
    CrossedRows,
    CrossingTests,
    find_statistics,
    lay_out_tests,
    sort_untreated,
)
from equipoise.numerics.sensitivity.crossing_over_search import _step_kernel, find_crossing


def rows_of(seed: int, n: int, strata: int = 1) -> CrossedRows:
    """Whole days; arm 1 is treated at once, of arm 0 half after a third of their time."""
    rng = np.random.default_rng(seed)
    time, end = np.ceil(rng.exponential(300.0, n)), np.ceil(rng.uniform(200, 900, n))
    group, stratum = np.arange(n) % 2, rng.integers(0, strata, n)
    event, time = (time <= end).astype(np.int64), np.minimum(time, end)
    on = np.where(group == 1, time, np.where(rng.random(n) < 0.5, 2 * time / 3, 0.0))
    return CrossedRows(
        time=time, event=event, on=on, group=group, follow_up=end, stratum=stratum
    )  # fmt: skip


def steps_of(gap: Callable[[float], float], low: float, high: float) -> list[float]:
    """Where the search asks, and the crossing at which it ends."""
    asked = [low, high]
    points = np.array([[x, gap(x), x, x] for x in (low, high, low)])
    steps = np.zeros(2)
    while _step_kernel(points, steps):
        asked.append(float(points[1, 0]))
        points[1, 1] = gap(asked[-1])
    return [*asked, float(points[1, 0])]


def scipys(gap: Callable[[float], float], low: float, high: float) -> list[float]:
    asked: list[float] = []

    def remembered(x: float) -> float:
        asked.append(x)
        return gap(x)

    root = float(brentq(remembered, low, high, xtol=1e-12))
    return [*asked, root]


@given(st.floats(0.05, 0.95), st.sampled_from([0.03, 1.0, 40.0]))
def test_a_curve_is_asked_where_scipy_asks(root: float, bend: float) -> None:
    def curve(x: float) -> float:
        return math.expm1(bend * (x - root))

    found, known = steps_of(curve, 0.0, 1.0), scipys(curve, 0.0, 1.0)

    assert found[-1] == pytest.approx(root, abs=3e-12)
    assert found[:5] == pytest.approx(known[:5], abs=1e-9)
    assert abs(len(found) - len(known)) <= 2  # the last steps are of the size of rounding


@given(st.lists(st.floats(-1, 1).filter(lambda step: abs(step) > 1e-3), min_size=2, max_size=9))
def test_stairs_are_asked_where_scipy_asks(heights: list[float]) -> None:
    def stairs(x: float) -> float:
        levels = [-1.0, *heights, 1.0]
        return levels[min(int(x * len(levels)), len(levels) - 1)]

    assert steps_of(stairs, 0.0, 1.0) == pytest.approx(scipys(stairs, 0.0, 1.0), abs=2e-12)


def test_where_the_gap_is_none_the_search_ends() -> None:
    assert steps_of(lambda x: float(np.sign(round(x - 0.5, 1))), 0.0, 1.0)[2:] == [0.5, 0.5]


def above(tests: CrossingTests, level: float) -> Callable[[float], float]:
    def gap(log_factor: float) -> float:
        sort_untreated(tests, log_factor=log_factor)
        z = float(find_statistics(tests, log_factors=[log_factor])[0])
        return 0.0 if math.isnan(z) else z - level

    return gap


@pytest.mark.parametrize("many", [crossing_over_ranks.MANY, 10])
@pytest.mark.parametrize(("seed", "n", "strata"), [(1, 30, 1), (2, 301, 3), (3, 800, 7)])
def test_a_crossing_is_that_of_a_search_that_remembers_nothing(
    monkeypatch: pytest.MonkeyPatch, many: int, seed: int, n: int, strata: int
) -> None:
    for place in (crossing_over_ranks, crossing_over_search):
        monkeypatch.setattr(place, "MANY", many)
    tests = lay_out_tests(rows_of(seed, n, strata))
    for level in (-0.4, 0.0, 0.3):
        gap, ends = above(tests, level), (-1.5, 1.5)
        gaps = gap(ends[0]), gap(ends[1])
        assert gaps[0] * gaps[1] < 0
        found = find_crossing(tests, ends=ends, gaps=gaps, level=level)

        assert found == pytest.approx(float(brentq(gap, *ends, xtol=1e-12)), abs=3e-12)
        assert gap(found - 1e-7) * gap(found + 1e-7) <= 0


def test_between_two_jumps_the_test_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossing_over_search, "MANY", 10)  # rows are put in order for each test
    asked: list[float] = []

    def counted(tests: CrossingTests, *, log_factor: float) -> None:
        asked.append(log_factor)
        sort_untreated(tests, log_factor=log_factor)

    monkeypatch.setattr(crossing_over_search, "sort_untreated", counted)
    tests = lay_out_tests(rows_of(2, 300))
    gap = above(tests, 0.0)
    found = find_crossing(tests, ends=(-1.5, 1.5), gaps=(gap(-1.5), gap(1.5)), level=0.0)

    assert 3 < len(asked) < len(scipys(gap, -1.5, 1.5))
    assert min(abs(found - one) for one in asked) < 1e-3
