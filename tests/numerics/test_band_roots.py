"""How the path of an incidence varies together: the twin's covariance, and few patients."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.competing.band_roots import find_root
from equipoise.numerics.competing.cluster_moves import find_moves
from equipoise.numerics.competing.incidences import Floats, Incidences, incidence_influence
from naive import incidence_band as naive
from naive.incidences import Row
from numerics.test_band_draws import many, stretches_of, told_errors
from numerics.test_incidences import ROWS, curves_of


def root_at_every_time(curves: Incidences, cause: int = 1) -> Floats:
    """Of a hundred times the incidence, of which the kernel leaves eight digits, made one."""
    moves = find_moves(curves, cause=cause)
    view = 100 * np.stack([moves.run, np.ones(curves.time.size), -moves.away], axis=1)
    stretch = np.arange(curves.time.size)
    return find_root(curves, moves=moves, stretch=stretch, view=view) / 100


@settings(deadline=None, max_examples=40)
@given(ROWS, st.sampled_from([1, 3]))
def test_a_root_times_itself_is_the_twin_s_covariance(rows: list[Row], cause: int) -> None:
    curves = curves_of(rows)
    assume(told_errors(curves, cause))
    root = root_at_every_time(curves, cause)
    slow = naive.covariance(rows, cause, curves.time.tolist())

    assert np.array_equal(root, np.tril(root))
    assert np.allclose(root @ root.T, slow, atol=2e-12)
    assert (np.diag(root) >= 0.99e-6).all()


@pytest.mark.parametrize("rows_of_patient", [1, 3, 40])
@pytest.mark.parametrize("late", [False, True])
def test_draws_have_the_law_of_patients_paths_with_multipliers(
    rows_of_patient: int, late: bool
) -> None:
    """Six patients of forty rows have fewer directions than there are times to look at."""
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

    assert len(times) > 20
    assert np.allclose(stretches.root @ stretches.root.T, moved @ moved.T, atol=2e-8)
