"""The slopes of the spline likelihood away from its top: the twin's differences."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from equipoise.numerics.intervals.interval_times import bound_event_times, bound_interval_times
from equipoise.numerics.models import spline_likelihood
from equipoise.numerics.models.latent_distributions import Latent
from equipoise.numerics.models.spline_likelihood import (
    SplineDesign,
    SplineRows,
    build_rows,
    point_scores,
    sum_slopes,
)
from naive.flexible_parametric import log_likelihood
from naive.parametric import Seen, bends, slopes

INF = math.inf
ROWS = [
    Seen(left=2, right=2, x=(0, 1)), Seen(left=0, right=3, x=(1, 0)),
    Seen(left=4, right=INF, x=(0, 3)), Seen(left=5, right=9, x=(1, -1)),
    Seen(left=6, right=6, entry=2, x=(1, 2)), Seen(left=0, right=INF, x=(1, 1)),
    Seen(left=8, right=INF, entry=1, x=(1, 0)), Seen(left=3, right=3, weight=2, x=(0, -2)),
    Seen(left=7, right=12, entry=3, x=(0, 0)), Seen(left=9, right=9, weight=0.5, x=(1, 1)),
    Seen(left=11, right=11, x=(1, 0)), Seen(left=1, right=1, x=(1, 1)),
]  # fmt: skip
X = np.array([r.x for r in ROWS], dtype=np.float64)
KNOTS = np.log([1.0, 4.0, 11.0])
AT = [-2.2, 1.1, 0.03, 0.2, -0.1, 0.1, -0.02]  # intercept, log time, a knot; x; changes of x 0


def rows_of(latent: Latent) -> SplineRows:
    times = bound_interval_times(
        [r.left for r in ROWS],
        right=[r.right for r in ROWS],
        entry=[r.entry for r in ROWS],
        weight=[r.weight for r in ROWS],
    )
    design = SplineDesign(knots=KNOTS, varying_knots=KNOTS, varying=(0,))
    return build_rows(times, x=X, design=design, latent=latent)


@pytest.mark.parametrize("latent", Latent)
def test_slopes_and_bends_are_the_twins(latent: Latent) -> None:
    rows = rows_of(latent)
    found = sum_slopes(rows, parameters=rows.triangle @ AT)

    def twin(at: Sequence[float]) -> float:
        return log_likelihood(ROWS, latent.value, KNOTS.tolist(), KNOTS.tolist(), at)

    back = rows.triangle.T  # along coefficients
    assert found.value == pytest.approx(twin(AT), rel=1e-9)
    assert back @ found.score == pytest.approx(slopes(twin, AT), rel=1e-5, abs=1e-5)
    bend = np.array(bends(twin, AT, step=1e-3))
    assert back @ found.information @ back.T == pytest.approx(-bend, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("latent", Latent)
def test_the_shares_of_all_points_of_a_row_add_up_to_the_score(latent: Latent) -> None:
    rows = rows_of(latent)
    parameters = rows.triangle @ AT
    shares = point_scores(rows, parameters=parameters)
    score = sum_slopes(rows, parameters=parameters).score

    assert shares.sum(axis=0) == pytest.approx(score, rel=1e-10, abs=1e-10)
    assert np.bincount(rows.row).tolist() == [2, 2, 1, 2, 3, 0, 2, 2, 3, 2, 2, 2]


def test_the_design_is_orthogonal_without_the_late_entries() -> None:
    rows = rows_of(Latent.ODDS)
    late = np.flatnonzero(rows.weight < 0)
    own = np.delete(np.arange(rows.row.size - rows.known), late)

    assert late.size == 3
    assert rows.design[:, own] @ rows.design[:, own].T == pytest.approx(np.eye(7), abs=1e-10)
    assert rows.triangle @ rows.inverse == pytest.approx(np.eye(7), abs=1e-12)


def test_many_points_are_summed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(Latent.NORMAL)
    parameters = rows.triangle @ AT
    whole = sum_slopes(rows, parameters=parameters)
    monkeypatch.setattr(spline_likelihood, "_BLOCK", 4)
    cut = sum_slopes(rows, parameters=parameters)

    assert cut.information == pytest.approx(whole.information, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("slope", [0.0, -1.0, 1e300])
def test_a_curve_that_does_not_rise_or_leaves_the_floats_is_impossible(slope: float) -> None:
    rows = rows_of(Latent.HAZARD)
    found = sum_slopes(rows, parameters=rows.triangle @ [-2.2, slope, 0, 0, 0, 0, 0])

    assert found.value == -INF
    assert not found.score.any()


def test_without_events_between_bounds_there_are_no_pairs() -> None:
    times = bound_event_times([1.0, 2, 3, 5, 8], event=[1, 1, 0, 1, 1])
    design = SplineDesign(knots=np.log([1.0, 8]), varying_knots=np.log([1.0, 8]), varying=())
    rows = build_rows(times, x=np.zeros((5, 0)), design=design, latent=Latent.HAZARD)
    found = sum_slopes(rows, parameters=rows.triangle @ [-1.0, 1.0])

    hazard = math.exp(-1.0)
    expected = sum(math.log(hazard) - hazard * t for t in (1, 2, 5, 8)) - hazard * 3
    assert found.value == pytest.approx(expected, rel=1e-12)
    assert rows.at_zero.size == 0
