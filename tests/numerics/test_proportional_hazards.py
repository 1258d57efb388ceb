"""Hazard ratios that change over time: found when they do, silent where nothing can be told."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from equipoise.numerics.chi_square import chi_square_of, normal_quantile
from equipoise.numerics.hazards.cox import Ties, estimate_cox
from equipoise.numerics.hazards.proportional_hazards import (
    ProportionalHazards,
    compare_hazards_over_time,
)
from equipoise.numerics.streams import draw_uniforms
from naive.cox import Person, risk_sets
from numerics.samples import columns, marked, people


def check(
    time: NDArray[np.float64], event: NDArray[np.int64], arm: NDArray[np.int64]
) -> ProportionalHazards:
    fit = estimate_cox(time, event=event, covariates=arm)
    return compare_hazards_over_time(fit)


def drawn(n: int, late: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Exponential times; from time 1 the hazard of arm 1 is `late` times that of arm 0."""
    rows = np.arange(n, dtype=np.int64)
    u = draw_uniforms(seed, replicate=0 * rows, subject=rows, purpose=0, count=1)[:, 0]
    time, arm = -np.log(u), rows % 2
    return np.where((arm == 1) & (time > 1), 1 + (time - 1) / late, time), arm


def slow_statistic(persons: list[Person], beta: float) -> float:
    """Score test of x times g(t) beside x, by Breslow's risk sets, one covariate."""
    times = sorted({p.time for p in persons if p.event})
    g, alive = {}, 1.0
    for now in times:
        g[now] = 1 - alive
        n = sum(p.time >= now for p in persons)
        alive *= 1 - sum(p.time == now and p.event for p in persons) / n
    score, info = 0.0, np.zeros((2, 2))
    for at_risk, failed in risk_sets(persons):
        risk = np.array([math.exp(beta * p.x[0]) for p in at_risk])
        x = np.array([p.x[0] for p in at_risk])
        mean = float(risk @ x / risk.sum())
        spread = float(risk @ x**2 / risk.sum()) - mean**2
        power = np.array([1.0, g[failed[0].time]])
        score += power[1] * sum(p.x[0] - mean for p in failed)
        info += len(failed) * spread * np.outer(power, power)
    return score**2 / float(info[1, 1] - info[0, 1] ** 2 / info[0, 0])


@settings(deadline=None)
@given(people(covariates=1))
def test_the_statistic_equals_risk_sets_written_out(persons: list[Person]) -> None:
    time, event = columns(persons)
    x, stratum = [p.x for p in persons], [p.stratum for p in persons]
    fit = estimate_cox(time, event=event, covariates=x, stratum=stratum, ties=Ties.BRESLOW)
    found = compare_hazards_over_time(fit)
    statistic = found.overall.statistic

    if fit.converged and not math.isnan(statistic):
        slow = slow_statistic(persons, float(fit.coefficients[0]))
        assert statistic == pytest.approx(slow, rel=1e-5, abs=1e-6)


def test_hazards_that_cross_are_found() -> None:
    time, arm = drawn(800, late=4.0, seed=1)
    found = check(time, np.ones(800, dtype=np.int64), arm)

    assert found.overall.p_value < 1e-4
    assert found.by_covariate[0].statistic == pytest.approx(found.overall.statistic)


def test_under_proportional_hazards_p_below_a_tenth_is_one_in_ten() -> None:
    event = np.ones(100, dtype=np.int64)
    p = [check(*_turned(drawn(100, 1.0, seed), event)).overall.p_value for seed in range(200)]

    assert 9 <= sum(value < 0.1 for value in p) <= 34  # 20 expected; 0.1 and 99.9 percentiles


def _turned(
    sample: tuple[NDArray[np.float64], NDArray[np.int64]], event: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    return sample[0], event, sample[1]


def test_a_fit_that_did_not_settle_is_not_tested() -> None:
    time, event = marked("1 2 3 4 5+ 6+ 7+")
    found = check(time, event, np.repeat([0, 1], [4, 3]))

    assert math.isnan(found.overall.p_value)
    assert len(found.by_covariate) == 1


def test_a_missing_coefficient_is_not_tested() -> None:
    time, event = marked("1 4 6 7+ 2 3 5+ 8")
    x = np.c_[np.repeat([0, 1], 4), np.ones(8)]
    fit = estimate_cox(time, event=event, covariates=x)
    found = compare_hazards_over_time(fit)

    assert len(found.by_covariate) == 2
    assert math.isnan(found.overall.statistic)


def test_events_all_on_one_day_have_no_slope() -> None:
    time, event = marked("5 5 5 5 9+ 9+")
    found = check(time, event, np.array([0, 1, 0, 0, 1, 1]))

    assert math.isnan(found.overall.p_value)


def test_chi_square_of_one_degree_is_the_square_of_the_normal_quantile() -> None:
    z = normal_quantile(0.95)

    assert z == pytest.approx(1.959963984540054)
    assert chi_square_of(z**2, degrees_of_freedom=1).p_value == pytest.approx(0.05)


@pytest.mark.parametrize(("statistic", "degrees"), [(math.nan, 1), (math.inf, 1), (3.0, 0)])
def test_without_statistic_or_degrees_there_is_no_p(statistic: float, degrees: int) -> None:
    assert math.isnan(chi_square_of(statistic, degrees_of_freedom=degrees).p_value)


def test_a_statistic_below_zero_by_rounding_has_p_one() -> None:
    assert chi_square_of(-1e-18, degrees_of_freedom=1).p_value == 1.0
