"""The variance by patient at every time, and the band: what it holds and how it is named."""

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.competing.band_draws import draw_farthest
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidence_band import (
    IncidenceBand,
    estimate_incidence_band,
    estimate_incidence_variance,
)
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences,
    estimate_incidences_at,
    incidence_influence,
)
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.streams import draw_uniforms
from equipoise.numerics.survival.confidence_bands import BandKind, find_critical_value
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.survival.survival_scales import Interval
from naive.incidences import Row
from numerics.test_band_draws import stretches_of, told_errors
from numerics.test_incidences import ROWS, curves_of


def lesions(patients: int, seed: int) -> Incidences:
    """Two lesions a patient; those of one fail on the same day."""
    who = np.arange(patients, dtype=np.int64)
    u = draw_uniforms(seed, replicate=0 * who, subject=who, purpose=1, count=3)
    time, cause = -np.log(u[:, 0]), np.floor(3 * u[:, 1]).astype(np.int64)
    again = np.repeat(who, 2)
    return estimate_incidences(
        time[again], cause=cause[again], causes=2, sampling=Sampling(cluster=again)
    )


def band(curves: Incidences, seed: int = 1, **how: object) -> IncidenceBand:
    return estimate_incidence_band(
        curves, resampling=Resampling(seed=seed, replicates=1000), **how  # type: ignore[arg-type]
    )  # fmt: skip


@settings(deadline=None, max_examples=30)
@given(ROWS)
def test_the_variance_is_the_sum_of_squares_at_each_time(rows: list[Row]) -> None:
    curves = curves_of(rows)

    for cause in (1, 3):
        slow = [
            np.sum(incidence_influence(curves, cause=cause, at=float(now)) ** 2)
            for now in curves.time
        ]
        assert np.allclose(estimate_incidence_variance(curves, cause=cause), slow, atol=1e-14)


def test_patients_who_all_fail_of_one_cause_leave_no_variance_at_the_end() -> None:
    curves = estimate_incidences([1.0, 2.0, 2.0, 5.0], cause=[1, 1, 1, 1])

    assert estimate_incidence_variance(curves)[-1] == 0
    assert (estimate_incidence_variance(curves)[:-1] > 0).all()


def test_a_variance_that_is_rounding_is_none() -> None:
    """Six who fail one after the other: their incidence ends at 1 - 1e-16, known for sure."""
    curves = estimate_incidences(np.arange(1.0, 7.0), cause=np.ones(6, dtype=np.int64))

    assert curves.incidence[0, -1] == pytest.approx(1)
    assert (estimate_incidence_variance(curves) > 0).tolist() == [True] * 5 + [False]
    assert np.isnan(band(curves).lower[-1])


def test_one_patient_alone_has_no_variance() -> None:
    curves = estimate_incidences(
        [1.0, 2.0, 3.0, 3.5, 4.0], cause=[1, 0, 2, 1, 0], sampling=Sampling(cluster=[7] * 5)
    )

    assert estimate_incidence_variance(curves) == pytest.approx(np.zeros(5), abs=1e-30)


def test_the_band_is_wider_than_the_limits_of_each_time_and_holds_the_curve() -> None:
    curves = lesions(80, seed=3)
    found = band(curves)
    held = ~np.isnan(found.lower)
    each = estimate_incidences_at(curves, at=curves.time[held])

    assert 2.2 < found.critical < 3.6
    assert (found.lower[held] < curves.incidence[0][held]).all()
    assert (found.lower[held] < each.lower[0]).all()
    assert (found.upper[held] > each.upper[0]).all()
    assert curves.time[held][0] == found.start
    assert curves.time[held][-1] == found.end


def test_with_one_cause_the_critical_value_is_that_of_nair_s_bands() -> None:
    """Which are for continuous curves: the chance between two steps is in it too."""
    who = np.arange(400, dtype=np.int64)
    u = draw_uniforms(8, replicate=0 * who, subject=who, purpose=1, count=2)
    time, event = -np.log(u[:, 0]), (u[:, 1] < 0.8).astype(np.int64)
    curves = estimate_incidences(time, cause=event, sampling=Sampling(cluster=who))
    found = estimate_incidence_band(
        curves, resampling=Resampling(seed=1, replicates=20_000), between=(0.1, 1.5)
    )
    curve = estimate_kaplan_meier(time, event=event)
    ends = np.searchsorted(curve.time, [found.start, found.end], side="right") - 1
    first, last = (float(g / (1 + g)) for g in 400 * curve.greenwood[ends])
    exact = find_critical_value(BandKind.EQUAL_PRECISION, first=first, last=last)

    assert found.critical == pytest.approx(exact, abs=0.03)


def test_the_critical_value_counts_the_band_itself_among_the_draws() -> None:
    """Of 19 draws the farthest: one more would lie beyond it with a chance of one in 20."""
    curves = lesions(40, seed=4)
    all_19 = Resampling(seed=5, replicates=19)
    far = draw_farthest(stretches_of(curves, told_errors(curves)), resampling=all_19)

    assert estimate_incidence_band(curves, resampling=all_19).critical == far.max()
    with pytest.raises(ValueError, match="replicates 19 or more"):
        estimate_incidence_band(curves, resampling=Resampling(seed=5, replicates=18))
    with pytest.raises(ValueError, match="seed must be from 0"):
        estimate_incidence_band(curves, resampling=Resampling(seed=-1))


def test_a_shorter_stretch_needs_fewer_standard_errors() -> None:
    curves = lesions(80, seed=3)
    short = band(curves, between=(0.5, 0.7), interval=Interval.PLAIN)
    inside = (curves.time >= short.start) & (curves.time <= 0.7)

    assert short.critical < band(curves).critical
    assert short.start >= 0.5
    assert short.end == pytest.approx(0.7)
    assert np.array_equal(~np.isnan(short.lower), inside)


def test_the_same_seed_gives_the_same_band() -> None:
    curves = lesions(40, seed=4)

    assert band(curves, seed=5).critical == band(curves, seed=5).critical
    assert band(curves, seed=5).critical != band(curves, seed=6).critical


def test_a_band_needs_two_times_and_a_level() -> None:
    curves = estimate_incidences([1.0, 2.0, 3.0], cause=[1, 0, 0])
    with pytest.raises(ValueError, match="two times with an event"):
        band(curves)
    with pytest.raises(ValueError, match="level must lie between"):
        band(lesions(40, seed=4), level=95)
