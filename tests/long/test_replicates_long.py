"""Simulated level and power on a grid: within Monte Carlo error of theory and of the literature."""

import math
import resource
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from equipoise.numerics.ranks.maxcombo import USUAL, Side
from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington, ModestlyWeighted
from equipoise.simulate.maxcombo_decisions import reject_by_maxcombo
from equipoise.simulate.replicates import draw_trial, simulate_replicates
from equipoise.simulate.trial_model import (
    Endpoint,
    Hazard,
    IllnessDeath,
    Look,
    Reading,
    Run,
    TrialModel,
    Weibull,
    accrue_by_sites,
    accrue_evenly,
    accrue_with_ramp,
    hazard_of_median,
)

Z = 1.959963984540054
TRIALS = 100_000
LOST = Hazard(rates=(0.03 / 12,))
SCANS = tuple(2.76 * visit for visit in range(1, 40))


def model(ratio: float, patients: int, *, median: float = 12.0) -> TrialModel:
    control = hazard_of_median(median)
    return TrialModel(
        sizes=(patients // 2, patients // 2),
        accrual=accrue_evenly(24.0),
        courses=((control, Hazard(rates=(control.rates[0] * ratio,))),),
        leaving=(LOST, LOST),
    )


def error(share: float, trials: int = TRIALS) -> float:
    return math.sqrt(share * (1 - share) / trials)


def won(plan: TrialModel, looks: list[Look]) -> float:
    found = simulate_replicates(plan, looks=looks, run=Run(seed=66, trials=TRIALS))
    return float((found.z[:, -1, 0] < -Z).mean())


@pytest.mark.parametrize(("ratio", "events", "power"), [
    (0.60, 121, 0.80), (0.60, 162, 0.90), (0.65, 170, 0.80), (0.65, 227, 0.90),
    (0.70, 247, 0.80), (0.70, 331, 0.90), (0.75, 380, 0.80), (0.75, 508, 0.90),
])  # fmt: skip
def test_events_of_schoenfeld_have_their_power(ratio: float, events: int, power: float) -> None:
    """The events of D1.2 by Schoenfeld (1981); his formula is itself good to a point or so."""
    by_formula = ndtr(abs(math.log(ratio)) * math.sqrt(events / 4) - Z)
    found = won(model(ratio, 2 * events), [Look(events=events)])

    assert by_formula == pytest.approx(power, abs=0.005)
    assert found == pytest.approx(by_formula, abs=0.012)


@pytest.mark.parametrize("events", [50, 100, 200, 400])
@pytest.mark.parametrize("strata", [1, 3])
def test_the_level_is_held(events: int, strata: int) -> None:
    one = model(1.0, 2 * events)
    hazards = [Hazard(rates=(rate,)) for rate in (0.03, 0.06, 0.12)[:strata]]
    plan = replace(one, courses=tuple((h, h) for h in hazards), shares=(1 / strata,) * strata)
    found = simulate_replicates(plan, looks=[Look(events=events)], run=Run(seed=5, trials=TRIALS))
    z = found.z[:, 0, 0]

    assert (np.abs(z) > Z).mean() == pytest.approx(0.05, abs=4 * error(0.05) + 0.05 / events)
    assert z.mean() == pytest.approx(0.0, abs=4 / math.sqrt(TRIALS))
    assert z.std() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("alive", "milestone", "logrank"), [
    ((0.60, 0.60), 0.048, 0.045), ((0.60, 0.70), 0.16, 0.24), ((0.606, 0.725), 0.21, 0.33),
    ((0.61, 0.78), 0.40, 0.62), ((0.50, 0.75), 0.67, 0.86), ((0.50, 0.80), 0.84, 0.97),
])  # fmt: skip
def test_power_of_the_reference_trial_by_scenario(
    alive: tuple[float, float], milestone: float, logrank: float
) -> None:
    """The table of D1.2: 44 an arm, Weibull shape 0.8, its figures from 3,000 replicates."""
    laws = [Weibull(shape=0.8, scale=12 / (-math.log(s)) ** 1.25) for s in alive]
    plan = TrialModel(
        sizes=(44, 44), accrual=accrue_evenly(36.0), courses=((laws[0], laws[1]),),
        leaving=(LOST, LOST),
    )  # fmt: skip
    found = simulate_replicates(
        plan, looks=[Look(latest=48.0)], reading=Reading(milestone=12.0),
        run=Run(seed=88, trials=TRIALS),
    )  # fmt: skip
    shares = [(np.abs(z) > Z).mean() for z in (found.milestone_z, found.z)]

    assert shares[0] == pytest.approx(milestone, abs=3 * error(milestone, 3000) + 0.015)
    assert shares[1] == pytest.approx(logrank, abs=3 * error(logrank, 3000) + 0.04)


def test_three_looks_spend_their_level() -> None:
    """Bounds 3.710, 2.511, 1.993 of Lan-DeMets O'Brien-Fleming at thirds spend 0.025."""
    looks = [Look(events=events) for events in (100, 200, 300)]
    bounds = np.array([3.710302873262, 2.511427481270, 1.993047477825])
    found = simulate_replicates(model(1.0, 400), looks=looks, run=Run(seed=9, trials=TRIALS))
    crossed = (found.z[..., 0] < -bounds).any(axis=1).mean()

    assert crossed == pytest.approx(0.025, abs=4 * error(0.025) + 0.0005)
    correlation = np.asarray(np.corrcoef(found.z[..., 0].T))
    assert correlation[0, 2] == pytest.approx(math.sqrt(1 / 3), abs=0.01)


def test_maxcombo_holds_its_level_and_finds_late_effects() -> None:
    reading = Reading(weightings=USUAL[:3])
    late = Hazard(rates=(math.log(2) / 12, math.log(2) / 24), cuts=(6.0,))
    null, shifted = model(1.0, 300), replace(model(1.0, 300), courses=((hazard_of_median(12.0),
                                                                        late),))  # fmt: skip
    run = Run(seed=3, trials=20_000)
    level, power = (
        simulate_replicates(plan, looks=[Look(events=180)], reading=reading, run=run)
        for plan in (null, shifted)
    )

    assert reject_by_maxcombo(level).mean() == pytest.approx(0.025, abs=5 * error(0.025, 20_000))
    assert reject_by_maxcombo(level, alpha=0.05, side=Side.TWO_SIDED).mean() == pytest.approx(
        0.05, abs=5 * error(0.05, 20_000)
    )
    assert reject_by_maxcombo(power).mean() > (power.z < -Z).mean() + 0.05


def test_other_statistics_hold_their_level() -> None:
    reading = Reading(
        weightings=(FlemingHarrington(rho=0.5, gamma=0.5), ModestlyWeighted(until=8.0)),
        hazard_ratio=True, milestone=10.0, horizon=14.0,
    )  # fmt: skip
    found = simulate_replicates(
        model(1.0, 600), looks=[Look(latest=40.0)], reading=reading, run=Run(seed=3, trials=50_000)
    )
    wald = found.log_hazard_ratio / found.log_hazard_ratio_error
    each = [wald, found.milestone_z, found.mean_z, *np.moveaxis(found.weighted_z, -1, 0)]

    for z in each:
        assert (np.abs(z) > Z).mean() == pytest.approx(0.05, abs=5 * error(0.05, 50_000))
    assert found.log_hazard_ratio.mean() == pytest.approx(0.0, abs=0.002)
    assert found.mean_difference.mean() == pytest.approx(0.0, abs=0.01)


def test_scans_raise_survival_at_a_milestone_and_ties_leave_the_level() -> None:
    """D2.4: with scans every 12 weeks survival at 12 months is found 1.5 to 2.5 points too high."""
    seen = replace(model(1.0, 400, median=12.0), scans=SCANS)
    drawn = draw_trial(replace(seen, sizes=(200_000, 10)), seed=1, replicate=0)
    found = simulate_replicates(seen, looks=[Look(events=250)], run=Run(seed=2, trials=50_000))

    alive = float((drawn.event[drawn.arm == 0] > 12.0).mean())
    assert 0.515 < alive < 0.535
    assert (np.abs(found.z) > Z).mean() == pytest.approx(0.05, abs=5 * error(0.05, 50_000))


def test_frailty_ties_death_to_progression_as_in_the_specification() -> None:
    """D8.2: coefficients 0.5 and more give Kendall's tau of 0.4 to 0.6 between PFS and OS."""
    course = IllnessDeath(
        progression=Weibull(shape=0.8, scale=18 / math.log(2) ** 1.25),
        death_before=Hazard(rates=(0.0035,)), death_after=Hazard(rates=(0.026,)),
    )  # fmt: skip
    plan = TrialModel(
        sizes=(3000, 1), accrual=accrue_by_sites((0.0, 2.0, 4.0), rates=(0.5,) * 3, until=40.0),
        courses=((course, course),), frailty=(0.9, 0.9, 0.9),
    )  # fmt: skip
    drawn = draw_trial(plan, seed=12, replicate=0)
    pairs = np.sign(np.subtract.outer(drawn.event, drawn.event))
    tau = (pairs * np.sign(np.subtract.outer(drawn.death, drawn.death))).mean()

    assert 0.4 < tau < 0.65
    looks = [Look(events=60, endpoint=Endpoint.DEATH)]
    found = simulate_replicates(
        replace(plan, sizes=(100, 100)), looks=looks, run=Run(seed=4, trials=50_000)
    )
    assert (found.events[:, 0, 1].sum(axis=-1) == 60).all()
    for endpoint in (0, 1):
        share = (np.abs(found.z[:, 0, endpoint]) > Z).mean()
        assert share == pytest.approx(0.05, abs=5 * error(0.05, 50_000))


def test_expected_events_are_those_of_lachin_and_foulkes() -> None:
    """Even accrual over 24 and one hazard: n (1 - (e^-h(t-24) - e^-ht) / (24 h)) by the time t."""
    plan = replace(model(1.0, 300), leaving=(Hazard(rates=(0.0,)),) * 2)
    found = simulate_replicates(
        plan, looks=[Look(latest=24.0), Look(latest=36.0)], run=Run(seed=8, trials=20_000)
    )
    h = math.log(2) / 12
    for look, t in enumerate((24.0, 36.0)):
        truth = 300 * (1 - (math.exp(-h * (t - 24)) - math.exp(-h * t)) / (24 * h))
        assert found.events[:, look].sum(axis=-1).mean() == pytest.approx(truth, abs=0.3)


def test_a_ramp_shifts_entry_to_later() -> None:
    ramp = replace(model(1.0, 20_000), accrual=accrue_with_ramp(12.0, until=24.0))
    entry = draw_trial(ramp, seed=5, replicate=0).entry

    assert (entry < 12.0).mean() == pytest.approx(1 / 3, abs=0.015)
    assert (entry < 6.0).mean() == pytest.approx(1 / 12, abs=0.01)


def test_a_million_trials_take_the_memory_of_their_answers() -> None:
    plan, looks = model(0.7, 300), [Look(events=200)]
    simulate_replicates(plan, looks=looks, run=Run(seed=1, trials=1000))
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = simulate_replicates(plan, looks=looks, run=Run(seed=1, trials=1_000_000))
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - begin) * 1024

    assert found.table.nbytes == 1_000_000 * 8 * 5
    assert more < found.table.nbytes + 20_000_000
