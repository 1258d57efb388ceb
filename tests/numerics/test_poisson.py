"""Rates with exact limits: closed forms, R's poisson.test, and what cannot be said."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import pdtr

from equipoise.numerics.rates.poisson import compare_rates, estimate_rates

# R 4.2.2, options(digits = 15), poisson.test(count, time, conf.level = level): rate and limits
R = [
    (10, 1.0, 0.95, 10.0, 4.79538869613243, 18.3903560420178),
    (0, 1.0, 0.95, 0.0, 0.0, 3.68887945411394),
    (137, 24.19893, 0.95, 5.66140734321724, 4.75312480484875, 6.69270933417607),
    (7, 3.5, 0.90, 2.0, 0.938661626255621, 3.75660394355203),
    (7, 3.5, 0.99, 2.0, 0.58209642248562, 4.89531236254667),
]


@pytest.mark.parametrize(("count", "time", "level", "rate", "lower", "upper"), R)
def test_rates_are_those_of_r(
    count: int, time: float, level: float, rate: float, lower: float, upper: float
) -> None:
    found = estimate_rates([count], time=[time], level=level)
    assert found.value[0] == pytest.approx(rate, rel=1e-13)
    assert found.lower[0] == pytest.approx(lower, rel=1e-13)
    assert found.upper[0] == pytest.approx(upper, rel=1e-13)


def test_without_an_event_the_upper_limit_has_a_closed_form() -> None:
    assert estimate_rates([0], time=[2.0]).upper[0] == pytest.approx(-math.log(0.025) / 2)


@given(st.integers(1, 300), st.floats(0.1, 100), st.sampled_from([0.8, 0.95, 0.99]))
def test_at_its_limits_a_count_is_as_rare_as_the_level_says(
    count: int, time: float, level: float
) -> None:
    """Exact by definition: each tail has half of what the level leaves."""
    found = estimate_rates([count], time=[time], level=level)
    tail = (1 - level) / 2
    assert 1 - pdtr(count - 1, found.lower[0] * time) == pytest.approx(tail, rel=1e-6)
    assert pdtr(count, found.upper[0] * time) == pytest.approx(tail, rel=1e-6)


def test_without_time_nothing_can_be_said() -> None:
    found = estimate_rates([0, 3], time=[0.0, 0.0])
    assert np.isnan([found.value, found.lower, found.upper]).all()


@pytest.mark.parametrize(
    ("events", "time", "words"),
    [([-1], [1.0], "counts"), ([1.5], [1.0], "counts"), ([1], [-1.0], "negative")],
)
def test_impossible_counts_and_times_are_refused(
    events: list[float], time: list[float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        estimate_rates(events, time=time)
    with pytest.raises(ValueError, match="level"):
        estimate_rates([1], time=[1.0], level=1.0)
    with pytest.raises(ValueError, match="2 counts"):
        estimate_rates([1, 2], time=[1.0])


def test_the_ratio_is_that_of_r() -> None:
    """R 4.2.2: poisson.test(c(11, 6 + 8 + 7), c(800, 1083 + 1050 + 878)), 15 digits."""
    found = compare_rates((21, 11), time=(3011.0, 800.0))
    assert found.value == pytest.approx(1.9714880952381, rel=1e-13)
    assert found.lower == pytest.approx(0.858426403391639, rel=1e-13)
    assert found.upper == pytest.approx(4.27726594365407, rel=1e-13)


def test_a_ratio_without_events_in_an_arm_or_without_time() -> None:
    assert compare_rates((0, 3), time=(1.0, 1.0)).upper == math.inf
    assert compare_rates((3, 0), time=(1.0, 1.0)).lower == 0
    assert math.isnan(compare_rates((0, 0), time=(1.0, 1.0)).value)
    assert math.isnan(compare_rates((1, 1), time=(0.0, 1.0)).value)
