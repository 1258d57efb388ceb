"""Where draws of an incidence look at its path: as few times as tell it."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.competing import band_stretches
from equipoise.numerics.competing.band_draws import draw_farthest
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidences import Incidences, estimate_incidences
from equipoise.numerics.hazards.cox import Sampling
from naive import incidence_band as naive
from naive.incidences import Row
from numerics.test_band_draws import many, stretches_of, told_errors
from numerics.test_incidences import ROWS, curves_of


@settings(deadline=None, max_examples=40)
@given(ROWS, st.sampled_from([1, 3]), st.sampled_from([0.02, 0.3, 1.5]))
def test_a_stretch_takes_the_times_that_the_twin_s_does(
    rows: list[Row], cause: int, limit: float
) -> None:
    curves = curves_of(rows)
    errors = told_errors(curves, cause)
    assume(errors)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(band_stretches, "_SPREAD", limit)
        found = stretches_of(curves, errors, cause)

    assert curves.time[found.at].tolist() == naive.stretch_ends(rows, cause, errors, limit)


def lesions_in_turn() -> Incidences:
    """Forty patients, each with ten lesions that fail day after day, before the next one's do."""
    return estimate_incidences(
        np.arange(1.0, 401.0),
        cause=np.ones(400, dtype=np.int64),
        sampling=Sampling(cluster=np.arange(400) // 10),
    )


@pytest.mark.parametrize("draw", [partial(many, 2000), lesions_in_turn])
def test_times_are_passed_over_only_where_the_path_moves_little(
    draw: Callable[[], Incidences],
) -> None:
    """Lesions of one patient move it together: ten of them by ten steps."""
    curves = draw()
    errors = told_errors(curves)
    stretches = stretches_of(curves, errors)
    told = np.flatnonzero(np.isin(curves.time, list(errors)))
    passed = np.diff(np.searchsorted(told, stretches.at)) > 1

    assert stretches.at.size < 160
    assert told.size > 300
    assert np.array_equal(stretches.at[[0, -1]], told[[0, -1]])
    assert 0.07 < stretches.spread[1:][passed].max() <= 0.08


def test_passing_over_times_moves_no_quantile(monkeypatch: pytest.MonkeyPatch) -> None:
    curves = many(400, cluster=np.arange(400) // 2)
    errors = told_errors(curves)
    few = stretches_of(curves, errors)
    monkeypatch.setattr(band_stretches, "_SPREAD", 1e-9)
    every = stretches_of(curves, errors)
    draws = Resampling(seed=3, replicates=200_000)
    found = [
        np.quantile(draw_farthest(stretches, resampling=draws), [0.5, 0.9, 0.95, 0.99])
        for stretches in (few, every)
    ]

    assert few.at.size < 0.6 * every.at.size
    assert np.abs(found[0] - found[1]).max() < 0.02
