"""The slopes of the location-scale likelihood away from its top: the twin's differences."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from equipoise.numerics.intervals.interval_times import bound_interval_times
from equipoise.numerics.models.latent_distributions import Latent
from equipoise.numerics.models.location_scale import (
    LocationScale,
    build_model,
    row_scores,
    start_of,
    sum_slopes,
)
from naive.parametric import Seen, bends, log_likelihood, slopes

ROWS = [
    Seen(left=2, right=2, x=(0.0,)), Seen(left=0, right=3, x=(1.0,)),
    Seen(left=4, right=math.inf, x=(3.0,), stratum=1), Seen(left=5, right=9, x=(-1.0,)),
    Seen(left=6, right=6, entry=2, x=(2.0,), stratum=1), Seen(left=0, right=math.inf, x=(1.0,)),
    Seen(left=7, right=12, weight=2, x=(0.5,), stratum=1),
]  # fmt: skip
TIMES = bound_interval_times(
    [r.left for r in ROWS],
    right=[r.right for r in ROWS],
    entry=[r.entry for r in ROWS],
    weight=[r.weight for r in ROWS],
)
FAMILIES = {
    Latent.HAZARD: "weibull",
    Latent.ODDS: "log-logistic",
    Latent.NORMAL: "log-normal",
}


def model_of(latent: Latent) -> LocationScale:
    x = np.array([(1.0, *r.x) for r in ROWS])
    strata = np.array([r.stratum for r in ROWS])
    return build_model(TIMES, latent=latent, x=x, stratum=strata, scales=2)


@pytest.mark.parametrize("latent", Latent)
def test_slopes_and_bends_are_the_twins_and_those_of_the_rows_add_up(latent: Latent) -> None:
    at = [1.4, 0.2, -0.3, 0.25]
    model = model_of(latent)
    found = sum_slopes(model, parameters=np.array(at))

    def twin(place: Sequence[float]) -> float:
        scales = [math.exp(s) for s in place[2:]]
        return log_likelihood(ROWS, FAMILIES[latent], list(place[:2]), scales)

    assert found.value == pytest.approx(twin(at), rel=1e-12)
    assert found.score == pytest.approx(slopes(twin, at), rel=1e-7, abs=1e-8)
    assert found.information == pytest.approx(-np.array(bends(twin, at)), rel=1e-5, abs=1e-5)
    scores = row_scores(model, parameters=np.array(at))
    assert scores.sum(axis=0) == pytest.approx(found.score, rel=1e-12)


def test_the_exponential_starts_at_its_top() -> None:
    """Events over time is the rate: no step is left to make."""
    known = bound_interval_times([3.0, 5, 7, 11], right=[3.0, math.inf, 7, 11])
    strata = np.zeros(4, dtype=np.int64)
    model = build_model(known, latent=Latent.HAZARD, x=np.ones((4, 1)), stratum=strata, scales=0)
    start = start_of(known, latent=Latent.HAZARD, scales=0)

    assert start == pytest.approx([math.log(26 / 3)])
    assert sum_slopes(model, parameters=start).score == pytest.approx([0], abs=1e-12)


@pytest.mark.parametrize("latent", Latent)
def test_the_level_alone_is_a_model_of_the_first_column(latent: Latent) -> None:
    at = np.array([1.4, -0.3, 0.25])
    level = sum_slopes(replace(model_of(latent), columns=1), parameters=at)
    whole = sum_slopes(model_of(latent), parameters=np.insert(at, 1, 0.0))
    kept = np.ix_([0, 2, 3], [0, 2, 3])

    assert level.value == pytest.approx(whole.value, rel=1e-14)
    assert level.score == pytest.approx(whole.score[[0, 2, 3]], rel=1e-12)
    assert level.information == pytest.approx(whole.information[kept], rel=1e-12)


@pytest.mark.parametrize("latent", Latent)
@pytest.mark.parametrize("log_scale", [-900.0, -7.0, 900.0])
def test_parameters_beyond_floats_are_impossible_or_have_all_their_slopes(
    latent: Latent, log_scale: float
) -> None:
    found = sum_slopes(model_of(latent), parameters=np.array([1.4, 0.2, log_scale, log_scale]))

    assert found.value == -math.inf or np.isfinite(found.information).all()


def test_many_rows_keep_the_digits_of_their_likelihood() -> None:
    """Rows that are all alike: the sum is their number times that of one."""
    n = 2**20 + 700
    times = bound_interval_times(np.full(n, 3.0), right=np.full(n, 3.0))
    strata = np.zeros(n, dtype=np.int64)
    x = np.ones((n, 1))
    model = build_model(times, latent=Latent.ODDS, x=x, stratum=strata, scales=1)
    one = replace(model, low=model.low[:1], high=model.high[:1], weight=model.weight[:1])
    at = np.array([0.3, 0.1])

    whole, single = (sum_slopes(m, parameters=at).value for m in (model, one))
    assert whole == pytest.approx(n * single, rel=1e-13)
