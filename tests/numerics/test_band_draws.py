"""How far draws of an incidence stray: the twin, and what the limit process says."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.competing.band_draws import draw_farthest
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidence_band import estimate_incidence_variance
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
