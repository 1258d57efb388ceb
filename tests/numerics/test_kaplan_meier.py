"""Survival curves: the twin, ties, all censored, flat halves, ends of follow-up."""

import math

import numpy as np
import pytest
from hypothesis import given

from equipoise.numerics.event_counts import count_events_by_group
from equipoise.numerics.survival.kaplan_meier import (
    KaplanMeier,
    estimate_band,
    estimate_kaplan_meier,
    estimate_kaplan_meier_of,
    estimate_quantile,
    estimate_survival_at,
)
from equipoise.numerics.survival.rmst import choose_horizon, estimate_rmst
from equipoise.numerics.survival.survival_scales import Interval, survival_limits
from naive.survival import kaplan_meier
from numerics.samples import marked, rows, split


def curve(text: str) -> KaplanMeier:
    time, event = marked(text)
    return estimate_kaplan_meier(time, event=event)


@given(rows())
def test_the_curve_equals_the_twin(pairs: list[tuple[float, int]]) -> None:
    time, event = split(pairs)
    found = estimate_kaplan_meier(time, event=event)
    twin = np.array(kaplan_meier(pairs))

    assert np.array_equal(found.time, twin[:, 0])
    assert np.allclose(found.survival, twin[:, 1], rtol=1e-13, atol=0)
    assert np.allclose(found.greenwood, twin[:, 2], rtol=1e-13, atol=0)
    assert (found.n, found.n_events) == (len(pairs), sum(event))


@given(rows())
def test_the_order_of_rows_does_not_matter(pairs: list[tuple[float, int]]) -> None:
    time, event = split(pairs)
    forward = estimate_kaplan_meier(time, event=event)
    backward = estimate_kaplan_meier(time[::-1], event=event[::-1])

    assert np.array_equal(forward.survival, backward.survival)


def test_an_event_on_the_day_of_a_censoring_comes_first() -> None:
    assert curve("5+ 5 8 9").survival.tolist() == [0.75, 0.375, 0.0]


def test_without_events_survival_stays_one_and_has_no_median() -> None:
    found = curve("3+ 4+ 9+")
    median = estimate_quantile(found)

    assert found.survival.tolist() == [1.0, 1.0, 1.0]
    assert found.n_events == 0
    assert math.isnan(median.value)
    assert math.isnan(median.lower)
    assert math.isnan(median.upper)


def test_survival_holds_between_events_and_changes_on_the_day_of_one() -> None:
    found = estimate_survival_at(curve("2 5+ 6 9"), at=[0, 1.9, 2, 5.9, 6, 9])

    assert found.survival.tolist() == [1.0, 1.0, 0.75, 0.75, 0.375, 0.0]
    assert found.at_risk.tolist() == [4, 4, 4, 2, 2, 1]


def test_beyond_the_last_censoring_survival_is_unknown() -> None:
    found = estimate_survival_at(curve("2 5 6+"), at=[6, 6.1])

    assert found.survival[0] == pytest.approx(1 / 3)
    assert np.isnan([found.survival[1], found.standard_error[1], found.lower[1]]).all()
    assert found.at_risk.tolist() == [1, 0]


def test_of_nobody_survival_is_unknown_at_any_time() -> None:
    counts = count_events_by_group([3.0, 5.0], cause=[1, 0], group=[0, 0], groups=2)
    nobody = estimate_kaplan_meier_of(counts[1])
    found = estimate_survival_at(nobody, at=[0, 4])

    assert np.isnan([found.survival, found.lower, found.upper]).all()
    assert found.at_risk.tolist() == [0, 0]
    assert not estimate_rmst(nobody, horizon=4.0).complete
    with pytest.raises(ValueError, match="a group is empty"):
        choose_horizon(nobody, second=nobody)


def test_beyond_the_last_event_of_all_survival_is_zero() -> None:
    found = estimate_survival_at(curve("2 5 6"), at=100)

    assert found.survival.tolist() == [0.0]
    assert np.isnan(found.lower).all()
    assert np.isnan(found.standard_error).all()


@pytest.mark.parametrize("at", [-1.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(at: float) -> None:
    with pytest.raises(ValueError, match="at must hold"):
        estimate_survival_at(curve("2 5 6"), at=at)


@pytest.mark.parametrize(("text", "median"), [
    ("1 2 3 4", 2.5),  # half the patients have failed from day 2 to 3: the middle
    ("1 2 3+ 4", 3.0),  # the flat half reaches to the next event, not the next row
    ("1 2 3+ 4+", 2.0),  # flat to the end of follow-up: where it starts
    ("1 2 3 4 5", 3.0),
    ("1 2+ 3+ 4+", math.nan),
    ("7", 7.0),
])  # fmt: skip
def test_the_median_of_a_flat_half_is_its_middle(text: str, median: float) -> None:
    assert estimate_quantile(curve(text)).value == pytest.approx(median, nan_ok=True)


def test_quantiles_are_in_order() -> None:
    found = curve("1 2 3 4 5 6 7+ 8 9 10 11 12")
    quarters = [estimate_quantile(found, probability=p).value for p in (0.25, 0.5, 0.75)]

    assert quarters == [3.5, 7.0, 10.0]


@pytest.mark.parametrize("probability", [0.0, 1.0, 1.5])
def test_a_quantile_outside_zero_and_one_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        estimate_quantile(curve("1 2"), probability=probability)


@given(rows())
def test_limits_enclose_survival_and_stay_between_zero_and_one(
    pairs: list[tuple[float, int]],
) -> None:
    time, event = split(pairs)
    found = estimate_kaplan_meier(time, event=event)
    for interval in Interval:
        band = estimate_band(found, interval=interval)
        known = np.isfinite(band.lower)

        assert (band.lower[known] >= 0).all()
        assert (band.lower[known] <= found.survival[known]).all()
        assert (band.upper[known] >= found.survival[known]).all()
        assert (band.upper[known] <= 1).all()


def test_survival_one_has_limits_on_the_plain_but_none_on_the_loglog_scale() -> None:
    one, zero = np.array([1.0]), np.array([0.0])
    plain = survival_limits(one, greenwood=zero, interval=Interval.PLAIN)
    loglog = survival_limits(one, greenwood=zero, interval=Interval.LOG_LOG)

    assert (plain.lower[0], plain.upper[0]) == (1.0, 1.0)
    assert np.isnan([loglog.lower[0], loglog.upper[0]]).all()


def test_a_higher_level_gives_wider_limits() -> None:
    found = curve("1 2 3 4 5 6+")
    narrow, wide = (estimate_survival_at(found, at=3, level=level) for level in (0.8, 0.99))

    assert wide.lower[0] < narrow.lower[0] < narrow.upper[0] < wide.upper[0]


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_outside_zero_and_one_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        estimate_band(curve("1 2"), level=level)


def test_the_square_of_many_patients_is_not_cut_off() -> None:
    n = 70_000  # its square has more than the 32 bits of a count
    found = estimate_kaplan_meier(np.arange(n) + 0.5, event=np.arange(n) == 0)

    assert found.greenwood[0] == pytest.approx(1 / (n * (n - 1)), rel=1e-12)
