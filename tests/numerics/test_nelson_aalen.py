"""Cumulative hazards: sums by hand, variances, scales of the limits, exp(-hazard)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.survival.nelson_aalen import (
    NelsonAalen,
    Ties,
    estimate_hazard_band,
    estimate_nelson_aalen,
)
from equipoise.numerics.survival.survival_scales import Interval
from numerics.samples import marked, rows, split


def hazard(text: str, ties: Ties = Ties.AALEN) -> NelsonAalen:
    time, event = marked(text)
    return estimate_nelson_aalen(time, event=event, ties=ties)


@settings(max_examples=40)
@given(rows())
def test_each_time_adds_its_events_over_those_at_risk(pairs: list[tuple[float, int]]) -> None:
    time, event = split(pairs)
    found = estimate_nelson_aalen(time, event=event)
    total = spread = 0.0
    for j, now in enumerate(sorted(set(time))):
        n, d = sum(time >= now), sum((time == now) & (event == 1))
        total, spread = total + d / n, spread + d / n**2
        assert found.hazard[j] == pytest.approx(total)
        assert found.variance[j] == pytest.approx(spread)
    assert (found.n, found.n_events) == (len(pairs), sum(event))


@settings(max_examples=40)
@given(rows())
def test_survival_from_the_hazard_lies_above_the_product_limit(
    pairs: list[tuple[float, int]],
) -> None:
    time, event = split(pairs)
    product = estimate_kaplan_meier(time, event=event).survival

    assert (estimate_nelson_aalen(time, event=event).survival >= product - 1e-15).all()


def test_tied_events_one_after_another_are_as_if_they_were_not_tied() -> None:
    tied, apart = hazard("3 3 3 5+ 6", Ties.SPREAD), hazard("3 3.1 3.2 5+ 6", Ties.AALEN)

    assert tied.hazard[0] == pytest.approx(1 / 5 + 1 / 4 + 1 / 3)
    assert tied.hazard[-1] == pytest.approx(apart.hazard[-1])
    assert tied.variance[-1] == pytest.approx(apart.variance[-1])


def test_the_binomial_variance_is_0_where_all_at_risk_have_the_event() -> None:
    found = hazard("3 3 4+ 6", Ties.BINOMIAL)

    assert found.variance.tolist() == pytest.approx([2 * 2 / 4**3] * 3)


def test_many_tied_events_lose_no_digits() -> None:
    found = estimate_nelson_aalen(
        np.r_[np.full(3, 1.0), np.full(200_000, 2.0)], event=np.r_[1, 1, 1, np.zeros(200_000, int)],
        ties=Ties.SPREAD,
    )  # fmt: skip

    assert found.hazard[0] == pytest.approx(1 / 200_003 + 1 / 200_002 + 1 / 200_001, rel=1e-14)


def test_limits_of_the_hazard_are_plain_on_the_log_scale_of_survival() -> None:
    found = hazard("1 2 4+ 6 8+")
    plain = estimate_hazard_band(found, interval=Interval.LOG)
    log = estimate_hazard_band(found, interval=Interval.LOG_LOG)
    half = 1.959963984540054 * np.sqrt(found.variance)

    assert plain.upper == pytest.approx(found.hazard + half)
    assert plain.lower == pytest.approx(np.maximum(found.hazard - half, 0), abs=1e-15)
    assert log.upper == pytest.approx(found.hazard * np.exp(half / found.hazard))
    assert log.lower == pytest.approx(found.hazard * np.exp(-half / found.hazard))


def test_limits_on_the_arcsine_scale_are_those_of_bie_borgan_and_liestol() -> None:
    found = hazard("1 2 4+ 6 8+")
    limits = estimate_hazard_band(found, interval=Interval.ARCSINE)
    a, v = found.hazard[1], found.variance[1]
    half = 0.5 * 1.959963984540054 * math.sqrt(v / (math.exp(a) - 1))
    angle = math.asin(math.exp(-a / 2))

    assert limits.lower[1] == pytest.approx(-2 * math.log(math.sin(min(math.pi / 2, angle + half))))
    assert limits.upper[1] == pytest.approx(-2 * math.log(math.sin(max(0.0, angle - half))))


@pytest.mark.parametrize("interval", list(Interval))
def test_a_hazard_of_0_has_limits_where_survival_1_has_them(interval: Interval) -> None:
    limits = estimate_hazard_band(hazard("1+ 2+ 3"), interval=interval)

    known = interval in (Interval.PLAIN, Interval.LOG)
    assert np.isfinite(limits.lower[:2]).all() == known
    assert np.nan_to_num(limits.upper[0]) == 0


def test_weights_have_one_variance_only() -> None:
    with pytest.raises(ValueError, match=r"weights and clusters go with Ties\.AALEN only"):
        estimate_nelson_aalen([1.0, 2.0], event=[1, 1], weight=[1.0, 2.0], ties=Ties.BINOMIAL)
