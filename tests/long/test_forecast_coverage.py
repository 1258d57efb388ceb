"""How often the intervals of forecasts hold what then happens, and sizes what they promise."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.design.accrual_forecast import (
    AccrualSoFar,
    Draw,
    Simulation,
    forecast_accrual,
    forecast_pooled_accrual,
)
from equipoise.design.assumptions import (
    Accrual,
    constant,
    two_arm_plan,
    uniform_accrual,
    weibull_pieces,
)
from equipoise.design.error_rates import ErrorRates
from equipoise.design.event_forecast import (
    EventModel,
    HazardThought,
    forecast_events,
    read_follow_up,
)
from equipoise.design.milestone_size import MilestonePlan, milestone_power
from equipoise.design.survival_size import LogRankPlan, logrank_power
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.survival.milestone import compare_milestone

TRIALS = 400
Floats = NDArray[np.float64]


def band(share: float, trials: int) -> float:
    """Three and a half standard errors of a share."""
    return 3.5 * math.sqrt(share * (1 - share) / trials)


@pytest.mark.parametrize("model", EventModel)
def test_intervals_of_events_hold_them_90_times_in_100(model: EventModel) -> None:
    shape = 1.0 if model is EventModel.EXPONENTIAL else 1.5
    held = 0
    for trial in range(TRIALS):
        drawn = Simulation(seed=9000 + trial, replicates=1).uniforms(
            Draw.SUBJECT, rows=120, count=2
        )[0]
        time = 300 * (-np.log(drawn[:, 0])) ** (1 / shape)
        leaving = -2000 * np.log(drawn[:, 1])
        came = np.arange(120) * 2.5
        reach = np.maximum(320 - came, 0.0)
        seen = np.minimum(np.minimum(time, leaving), reach)
        so_far = read_follow_up(
            seen,
            event=(time <= leaving) & (time <= reach),
            left=(leaving < time) & (leaving <= reach),
        )
        truth = np.sort(np.where(time <= leaving, came + time, np.inf))[84] - 320
        found = forecast_events(
            so_far,
            events=85,
            hazard=HazardThought(model=model),
            simulation=Simulation(seed=trial, replicates=400),
        ).reach
        held += found.lower <= truth <= found.upper

    assert held / TRIALS == pytest.approx(0.9, abs=band(0.9, TRIALS))


def arrivals_of(rates: Floats, seed: int, *, until: float) -> tuple[list[list[float]], list[float]]:
    """The arrivals of each site by a day, and those of all after it, in order."""
    drawn = Simulation(seed=seed, replicates=1).uniforms(Draw.ARRIVAL, rows=rates.size, count=600)[
        0
    ]
    times = np.cumsum(-np.log(drawn) / rates[:, None], axis=1)
    before = [[t for t in own if t <= until] for own in times.tolist()]
    after = sorted(t - until for own in times.tolist() for t in own if t > until)
    return before, after


def test_the_interval_of_one_rate_holds_the_last_subject() -> None:
    held = 0
    for trial in range(1000):
        before, after = arrivals_of(np.array([0.1]), 50_000 + trial, until=300.0)
        found = forecast_pooled_accrual(
            AccrualSoFar(subjects=(len(before[0]),), open_time=(300.0,)), more=50
        )
        held += found.lower <= after[49] <= found.upper

    assert held / 1000 == pytest.approx(0.9, abs=band(0.9, 1000))


def test_the_interval_of_many_sites_holds_the_last_subject() -> None:
    held = 0
    for trial in range(TRIALS):
        uniform = Simulation(seed=trial, replicates=1).uniforms(Draw.SITE_RATE, rows=8, count=2)[0]
        rates = -np.log(uniform).sum(axis=1) * 0.01  # gamma of shape 2
        before, after = arrivals_of(rates, 70_000 + trial, until=250.0)
        counts = tuple(len(own) for own in before)
        if sum(counts) == 0:
            continue
        found = forecast_accrual(
            AccrualSoFar(subjects=counts, open_time=(250.0,) * 8),
            more=60,
            simulation=Simulation(seed=trial, replicates=400),
        ).complete
        held += found.lower <= after[59] <= found.upper

    # the distribution of rates counts as known: a little narrow with eight sites
    assert 0.82 <= held / TRIALS <= 0.96


def draw_trial(s0: float, ratio: float, seed: int, *, subjects: int) -> tuple[Floats, ...]:
    """Times, events and arms of a trial of D1.2: Weibull of shape 0.8, 36 months of accrual."""
    median = 12 * (math.log(2) / -math.log(s0)) ** (1 / 0.8)
    uniform = Simulation(seed=seed, replicates=1).uniforms(Draw.SUBJECT, rows=subjects, count=3)[0]
    arm = np.arange(subjects) % 2
    hazard = np.where(arm == 1, ratio, 1.0)
    time = median * (-np.log(uniform[:, 0]) / (math.log(2) * hazard)) ** (1 / 0.8)
    gone = -np.log(uniform[:, 1]) / (-math.log(0.97) / 12)
    reach = np.minimum(48 - 36 * uniform[:, 2], gone)
    return np.minimum(time, reach), (time <= reach).astype(np.float64), arm.astype(np.float64)


@pytest.mark.parametrize(("s0", "s1"), [(0.606, 0.725), (0.61, 0.78), (0.5, 0.75)])
def test_powers_are_those_of_simulated_trials(s0: float, s1: float) -> None:
    """200 subjects, where the expansion of the milestone test is good to a point or two."""
    ratio, trials, subjects = math.log(s1) / math.log(s0), 1000, 200
    seen = np.zeros(2)
    for trial in range(trials):
        time, event, arm = draw_trial(s0, ratio, 3000 + trial, subjects=subjects)
        codes, arms = event.astype(np.int64), arm.astype(np.int64)
        seen[0] += compare_logrank(time, event=codes, group=arms).test.p_value < 0.05
        curves = [estimate_kaplan_meier(time[arm == a], event=codes[arm == a]) for a in (0, 1)]
        seen[1] += compare_milestone(curves[0], second=curves[1], at=12).test.p_value < 0.05
    median = 12 * (math.log(2) / -math.log(s0)) ** (1 / 0.8)
    accrual: Accrual = uniform_accrual(subjects, until=36)
    plan = two_arm_plan(
        weibull_pieces(median, shape=0.8, until=48),
        hazard_ratio=ratio,
        accrual=accrual,
        dropout=constant(-math.log(0.97) / 12),
    )
    rates = ErrorRates()
    by_logrank = logrank_power(LogRankPlan(survival=plan, study_end=48), rates=rates)
    by_milestone = milestone_power(
        MilestonePlan(survival=plan, at=12, study_end=48), rates=rates
    ).power

    assert seen[0] / trials == pytest.approx(by_logrank, abs=band(0.5, trials))
    assert seen[1] / trials == pytest.approx(by_milestone, abs=band(0.5, trials))


def test_intervals_are_wider_the_surer_they_are() -> None:
    sites = AccrualSoFar(subjects=(10, 4), open_time=(100.0, 80.0))
    widths = []
    for level in (0.5, 0.8, 0.95):
        found = forecast_accrual(
            sites, more=30, simulation=replace(Simulation(replicates=1000), level=level)
        ).complete
        widths.append(found.upper - found.lower)

    assert widths == sorted(widths)
