"""How far draws of an incidence stray: the twin."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.competing.band_draws import draw_farthest
from equipoise.numerics.competing.band_stretches import Stretches, lay_out_stretches
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.cluster_moves import find_moves
from equipoise.numerics.competing.incidence_band import estimate_incidence_variance
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences,
)
from equipoise.numerics.hazards.cox import Sampling
from naive import incidence_band as naive
from naive.incidences import Row
from numerics.test_incidences import ROWS, curves_of


def told_errors(curves: Incidences, cause: int = 1) -> dict[float, float]:
    """The standard error at each time with an event of the cause."""
    variance = estimate_incidence_variance(curves, cause=cause)
    told = (curves.events[cause - 1] > 0) & (variance > 1e-12)
    return dict(zip(curves.time[told].tolist(), np.sqrt(variance[told]).tolist(), strict=True))


def stretches_of(curves: Incidences, errors: dict[float, float], cause: int = 1) -> Stretches:
    return lay_out_stretches(
        curves,
        moves=find_moves(curves, cause=cause),
        error=np.array([errors.get(time, 1.0) for time in curves.time.tolist()]),
        told=np.isin(curves.time, list(errors)),
    )


def many(n: int, **sampling: object) -> Incidences:
    """Half the rows fail of cause 1, a sixth of 2; the rest are censored."""
    rng = np.random.default_rng(n)
    time, cause = rng.exponential(size=n), rng.choice([1, 2, 0], p=[1 / 2, 1 / 6, 1 / 3], size=n)
    return estimate_incidences(time, cause=cause, sampling=Sampling(**sampling))  # type: ignore[arg-type]


@settings(deadline=None, max_examples=40)
@given(ROWS, st.sampled_from([1, 3]), st.sampled_from([0, 7, 2**40 + 3]))
def test_a_draw_is_as_far_as_the_twin_s(rows: list[Row], cause: int, seed: int) -> None:
    curves = curves_of(rows)
    errors = told_errors(curves, cause)
    assume(errors)
    stretches = stretches_of(curves, errors, cause)
    times, root = curves.time[stretches.at].tolist(), stretches.root
    error = np.array([errors[time] for time in times])
    spreads = [naive.spread(rows, cause, errors, *ends) for ends in pairwise([0.0, *times])]
    resampling = Resampling(seed=seed, replicates=70)
    found = draw_farthest(stretches, resampling=resampling)

    slow = np.array(naive.covariance(rows, cause, times)) / np.outer(error, error)
    assert np.allclose(root @ root.T, slow, atol=1e-5)
    assert stretches.spread[1:] == pytest.approx(spreads[1:], abs=1e-12)
    for draw in (0, 17, 63, 64, 69):
        far = naive.farthest(root.tolist(), spreads, seed, draw)
        assert found[draw] == pytest.approx(far, rel=1e-5)
