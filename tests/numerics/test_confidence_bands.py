"""Simultaneous bands: their critical values against what is known, and the band of a curve."""

import math

import numpy as np
import pytest

from equipoise.numerics.survival.confidence_bands import (
    BandKind,
    SimultaneousBand,
    equal_precision_probability,
    estimate_simultaneous_band,
    find_critical_value,
    hall_wellner_probability,
)
from equipoise.numerics.survival.kaplan_meier import (
    KaplanMeier,
    estimate_band,
    estimate_kaplan_meier,
)
from equipoise.numerics.survival.survival_scales import Interval
from numerics.samples import marked

HALL, EQUAL = BandKind.HALL_WELLNER, BandKind.EQUAL_PRECISION


def curve(text: str) -> KaplanMeier:
    time, event = marked(text)
    return estimate_kaplan_meier(time, event=event)


CURVE = curve("2 3 3 5+ 6 8 9+ 12 12 15 18+ 20 21+ 24")


def band(kind: BandKind, **wanted: object) -> SimultaneousBand:
    return estimate_simultaneous_band(CURVE, kind=kind, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("critical", [0.5, 1.0, 1.3580986393225507, 2.2])
def test_over_the_whole_bridge_the_chance_is_kolmogorov_s(critical: float) -> None:
    series = 1 + 2 * sum((-1) ** k * math.exp(-2 * (k * critical) ** 2) for k in range(1, 60))

    assert hall_wellner_probability(critical, first=0, last=1) == pytest.approx(series, abs=1e-14)


@pytest.mark.parametrize(("first", "last", "value"), [
    (0.0, 0.1, 0.6825), (0.0, 0.16, 0.8428), (0.08, 0.12, 0.7351), (0.1, 0.16, 0.8369),
])  # fmt: skip
def test_critical_values_of_the_bridge_are_those_of_the_table(
    first: float, last: float, value: float
) -> None:
    assert find_critical_value(HALL, first=first, last=last) == pytest.approx(value, abs=5e-5)


def test_a_bridge_looked_at_once_is_normal() -> None:
    briefly = hall_wellner_probability(0.9, first=0.4, last=0.401)
    once = math.erf(0.9 / math.sqrt(2 * 0.24))

    assert once - 0.02 < briefly < once
    assert equal_precision_probability(1.7, first=0.4, last=0.4) == pytest.approx(
        math.erf(1.7 / math.sqrt(2))
    )


def test_between_barriers_at_1_the_standardised_bridge_dies_at_rate_2() -> None:
    """x^2 - 1 is Hermite's polynomial of degree 2: the first eigenfunction between -1 and 1."""
    odds = math.exp(2.0)  # one unit of the process's time is two of the log odds
    chance = [equal_precision_probability(1.0, first=0.001, last=0.5)]
    later = 0.001 / 0.999 * odds
    chance.append(equal_precision_probability(1.0, first=later / (1 + later), last=0.5))

    assert chance[0] / chance[1] == pytest.approx(math.exp(-2), rel=1e-9)


def watch_in_steps(critical: float, span: float, steps: int) -> float:
    """The chance that the stationary process is inside at each of many equal steps."""
    node, weight = np.polynomial.legendre.leggauss(240)
    x, w, kept = critical * node, critical * weight, math.exp(-span / steps)
    spread = 1 - kept**2
    move = np.exp(-((x[None, :] - kept * x[:, None]) ** 2) / (2 * spread))
    move *= w / math.sqrt(2 * math.pi * spread)
    inside = np.linalg.matrix_power(move, steps) @ np.ones(x.size)
    return float(np.sum(w * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) * inside))


@pytest.mark.parametrize("last", [0.3, 0.6, 0.9])
def test_looking_in_steps_is_looking_always_past_a_wider_barrier(last: float) -> None:
    """Wider by 0.5826 standard deviations of a step (Siegmund 1985, 10.55)."""
    span = 0.5 * math.log(last * 0.9 / (0.1 * (1 - last)))
    wider = 3.0 + 0.5826 * math.sqrt(2 * span / 512)

    assert equal_precision_probability(wider, first=0.1, last=last) == pytest.approx(
        watch_in_steps(3.0, span, 512), abs=1e-4
    )


@pytest.mark.parametrize("kind", [HALL, EQUAL])
def test_a_longer_stretch_and_a_higher_level_need_a_higher_value(kind: BandKind) -> None:
    short, long = (find_critical_value(kind, first=0.1, last=last) for last in (0.3, 0.8))

    assert short < long
    assert long < find_critical_value(kind, first=0.1, last=0.8, level=0.99)


def test_the_tail_formula_of_nair_gives_nearly_the_same_value() -> None:
    c = find_critical_value(EQUAL, first=0.02, last=0.98)
    density = math.exp(-(c**2) / 2) / math.sqrt(2 * math.pi)
    tail = density * (4 / c + (c - 1 / c) * 2 * math.log(0.98 / 0.02))

    assert tail == pytest.approx(0.05, abs=0.002)


@pytest.mark.parametrize("interval", list(Interval))
def test_the_band_is_wider_than_the_pointwise_limits(interval: Interval) -> None:
    wide = band(EQUAL, interval=interval)
    narrow = estimate_band(CURVE, interval=interval)
    known = np.isfinite(wide.lower)

    assert (wide.lower[known] <= narrow.lower[known]).all()
    assert (wide.upper[known] >= narrow.upper[known]).all()
    assert wide.critical > 1.96


def test_hall_wellner_limits_lie_one_half_width_from_the_curve() -> None:
    found = band(HALL, interval=Interval.PLAIN)
    j = int(np.flatnonzero(CURVE.time == 8)[0])
    half = found.critical * (1 + CURVE.n * CURVE.greenwood[j]) / math.sqrt(CURVE.n)

    assert found.lower[j] == pytest.approx(max(CURVE.survival[j] * (1 - half), 0))


def test_the_band_ends_with_the_last_event_that_leaves_somebody() -> None:
    found = band(EQUAL)

    assert (found.start, found.end) == (2, 20)
    assert np.isnan(found.lower[CURVE.time > 20]).all()


def test_a_stretch_of_ones_own_has_a_narrower_band() -> None:
    found, whole = band(EQUAL, start=5, end=16), band(EQUAL)

    assert found.critical < whole.critical
    assert np.isfinite(found.lower).tolist() == [5 <= t <= 16 for t in CURVE.time]


def test_what_has_no_band_is_refused() -> None:
    weighted = estimate_kaplan_meier([1.0, 2, 3], event=[1, 1, 1], weight=[1.0, 2, 1])

    with pytest.raises(ValueError, match="two event times"):
        estimate_simultaneous_band(curve("1 2+ 3+"))
    with pytest.raises(ValueError, match="two event times"):
        band(HALL, start=19)
    with pytest.raises(ValueError, match="without weights"):
        estimate_simultaneous_band(weighted)
    with pytest.raises(ValueError, match="rising shares"):
        find_critical_value(EQUAL, first=0.0, last=0.5)
    with pytest.raises(ValueError, match="level"):
        find_critical_value(HALL, first=0.0, last=0.5, level=95)
