"""How far draws of an incidence stray: the twin, and what the limit process says."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.competing.band_draws import draw_farthest
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidence_band import estimate_incidence_variance
from equipoise.numerics.competing.incidences import estimate_incidences
from naive import incidence_band as naive
from naive.incidences import Row
from numerics.test_incidences import ROWS, curves_of


@settings(deadline=None, max_examples=30)
@given(ROWS, st.sampled_from([1, 3]), st.sampled_from([0, 7, 2**40 + 3]))
def test_each_draw_is_as_far_as_the_twin_s(rows: list[Row], cause: int, seed: int) -> None:
    curves = curves_of(rows)
    variance = estimate_incidence_variance(curves, cause=cause)
    told = (curves.events[cause - 1] > 0) & (variance > 1e-12)
    assume(told.any())
    error = np.sqrt(np.where(told, variance, 1.0))
    found = draw_farthest(
        curves, cause=cause, error=error, told=told, resampling=Resampling(seed=seed, replicates=40)
    )
    errors = dict(zip(curves.time[told].tolist(), error[told].tolist(), strict=True))

    assert np.allclose(found, naive.farthest(rows, cause, errors, seed, 40), rtol=1e-5, atol=1e-5)


def test_a_long_path_reaches_as_far_as_its_stretches() -> None:
    time = np.arange(1.0, 1201.0)
    curves = estimate_incidences(time, cause=np.ones(1200, dtype=np.int64))
    error = np.sqrt(np.maximum(estimate_incidence_variance(curves), 1e-12))

    def far(low: int, high: int) -> NDArray[np.float64]:
        told = (time > low) & (time <= high)
        draws = Resampling(seed=3, replicates=64)
        return draw_farthest(curves, cause=1, error=error, told=told, resampling=draws)

    whole = far(0, 1190)
    stretches = np.max([far(0, 400), far(399, 800), far(799, 1190)], axis=0)
    assert np.allclose(whole, stretches, rtol=1e-12)
