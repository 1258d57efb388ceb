"""How far draws of an incidence stray: the twin, the times looked at, who shares a multiplier."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.competing import band_stretches
from equipoise.numerics.competing.band_draws import draw_farthest
from equipoise.numerics.competing.band_stretches import Stretches, lay_out_stretches
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.cluster_moves import find_moves
from equipoise.numerics.competing.incidence_band import estimate_incidence_variance
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences,
    incidence_influence,
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


def paths_of(stretches: Stretches) -> NDArray[np.float64]:
    """At each time looked at what each multiplier adds, in errors."""
    sums = np.zeros((stretches.multipliers, 3))
    paths = []
    for (begin, end), view in zip(pairwise(stretches.begin), stretches.view, strict=True):
        np.add.at(sums, stretches.who[begin:end], stretches.load[begin:end])
        paths.append(sums @ view[:3])
    return np.array(paths)


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
    times, paths = curves.time[stretches.at].tolist(), paths_of(stretches)
    error = np.array([errors[time] for time in times])
    spreads = [naive.spread(rows, cause, errors, *ends) for ends in pairwise([0.0, *times])]
    resampling = Resampling(seed=seed, replicates=70)
    found = draw_farthest(stretches, resampling=resampling)

    slow = np.array(naive.covariance(rows, cause, times)) / np.outer(error, error)
    assert np.allclose(paths @ paths.T, slow, atol=1e-5)
    assert stretches.view[1:, 3] == pytest.approx(spreads[1:], abs=1e-12)
    for draw in (0, 17, 63, 64, 69):
        far = naive.farthest(paths.tolist(), spreads, seed, draw)
        assert found[draw] == pytest.approx(far, rel=1e-5)


@pytest.mark.parametrize("rows_of_patient", [1, 3])
@pytest.mark.parametrize("late", [False, True])
def test_shared_multipliers_keep_the_law_of_the_path(rows_of_patient: int, late: bool) -> None:
    n = 240
    entry = np.where(np.arange(n) % 5 == 0, 1e-3, -1.0) if late else None
    weight, cluster = 1 + np.arange(n) % 2 / 2, np.arange(n) // rows_of_patient
    curves = many(n, cluster=cluster, weight=weight, entry=entry)
    errors = told_errors(curves)
    stretches = stretches_of(curves, errors)
    times = curves.time[stretches.at].tolist()
    moved = np.array(
        [incidence_influence(curves, cause=1, at=time) / errors[time] for time in times]
    )
    paths = paths_of(stretches)

    assert np.allclose(paths @ paths.T, moved @ moved.T, atol=1e-10)
    assert stretches.multipliers <= 3 * len(times) + 1 + (late or rows_of_patient > 1) * n


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

    assert stretches.at.size < 120
    assert told.size > 300
    assert np.array_equal(stretches.at[[0, -1]], told[[0, -1]])
    assert 0.02 < stretches.view[1:, 3][passed].max() < 0.16


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
