"""Bands of equal precision cover a little more than told where few are at risk, never less."""

import math

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.survival.confidence_bands import BandKind, estimate_simultaneous_band
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.survival.survival_scales import Interval

TRIALS = 4_000


def _covered(uniform: NDArray[np.float64]) -> bool:
    """Whether a band holds the curve between survival 0.88 and 0.2, before and after each step."""
    n = uniform.size
    curve = estimate_kaplan_meier(uniform, event=np.ones(n, dtype=np.int64))
    band = estimate_simultaneous_band(
        curve,
        kind=BandKind.EQUAL_PRECISION,
        interval=Interval.ARCSINE,
        start=float(curve.time[int(0.12 * n)]),
        end=float(curve.time[int(0.8 * n)]),
    )
    inside = np.flatnonzero((curve.time >= band.start) & (curve.time <= band.end))
    lower, upper = band.lower[inside], band.upper[inside]
    after, before = 1 - curve.time[inside], 1 - curve.time[inside + 1]
    before[-1] = after[-1]
    true = np.array([after, before])
    return bool(np.all((lower <= true) & (true <= upper)))


def test_coverage_comes_down_to_the_level_from_above() -> None:
    rng = np.random.default_rng(20261126)
    few, many = (
        sum(_covered(rng.random(patients)) for _ in range(TRIALS)) / TRIALS
        for patients in (125, 2_000)
    )
    error = math.sqrt(0.95 * 0.05 / TRIALS)

    assert few > 0.95 + 2 * error
    assert abs(many - 0.95) < 2 * error
