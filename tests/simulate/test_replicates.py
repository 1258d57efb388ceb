"""Fast replicates: drawn as the twin draws, told as the public estimators tell, in any order."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk, count_groups_at_risk
from equipoise.numerics.ranks.logrank import compare_groups_at_risk
from equipoise.numerics.ranks.maxcombo import compare_maxcombo
from equipoise.numerics.ranks.weighted_logrank import (
    FlemingHarrington,
    ModestlyWeighted,
    compare_weighted_logrank,
)
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.survival.milestone import compare_milestone
from equipoise.numerics.survival.rmst import compare_rmst
from equipoise.simulate.replicates import Replicates, draw_trial, simulate_replicates
from equipoise.simulate.trial_model import (
    Hazard,
    IllnessDeath,
    Look,
    Reading,
    Run,
    TrialModel,
    accrue_evenly,
    hazard_of_median,
)
from naive import trial as naive
from simulate.trial_samples import LAWS, SCANS, looks_of, models

WEIGHTINGS: tuple[FlemingHarrington | ModestlyWeighted, ...] = (
    FlemingHarrington(),
    FlemingHarrington(gamma=1.0),
    FlemingHarrington(rho=0.5, gamma=2.0),
    ModestlyWeighted(until=6.0, largest=1.5),
)
EVERYTHING = Reading(weightings=WEIGHTINGS, hazard_ratio=True, milestone=6.0, horizon=8.0)
PLAIN = TrialModel(
    sizes=(60, 60),
    accrual=accrue_evenly(24.0),
    courses=((hazard_of_median(12.0), hazard_of_median(18.0)),),
    leaving=(Hazard(rates=(0.01,)), Hazard(rates=(0.01,))),
)
ILL = replace(
    PLAIN,
    courses=(
        (IllnessDeath(progression=LAWS[0], death_before=LAWS[1], death_after=LAWS[3]),) * 2,
        (IllnessDeath(progression=LAWS[2], death_before=LAWS[1], death_after=LAWS[0]),) * 2,
    ),
    shares=(0.5, 0.5),
    frailty=(0.9, 0.5, 0.5),
    scans=SCANS[1],
)


@given(models(), st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=35)
def test_subjects_are_drawn_as_the_twin_draws_them(
    model: TrialModel, seed: int, replicate: int
) -> None:
    found = draw_trial(model, seed=seed, replicate=replicate)
    twin = naive.draw_trial(model, seed, replicate)

    assert found.arm.tolist() == [one.arm for one in twin]
    assert found.stratum.tolist() == [one.stratum for one in twin]
    for name, other in (("event", "first"), ("death", "death"), ("leaving", "leaving"),
                        ("entry", "entry")):  # fmt: skip
        assert np.allclose(getattr(found, name), [getattr(one, other) for one in twin],
                           rtol=1e-12, atol=1e-12), name  # fmt: skip


@given(models(), st.integers(0, 2**64 - 1), st.integers(0, 1000))
@settings(max_examples=35)
def test_statistics_are_those_of_the_public_estimators_on_the_same_rows(
    model: TrialModel, seed: int, replicate: int
) -> None:
    looks = looks_of(model)
    run = Run(seed=seed, trials=1, first=replicate, workers=1)
    found = simulate_replicates(model, looks=looks, reading=EVERYTHING, run=run)
    subjects = naive.draw_trial(model, seed, replicate)

    for number, look in enumerate(looks):
        date = naive.date_of(look, subjects)
        if math.isinf(date):
            assert np.isnan(found.table[0, number]).all()
            continue
        assert found.time[0, number] == pytest.approx(date, rel=1e-12)
        for endpoint in range(found.events.shape[2]):
            rows = naive.rows_at(model, subjects, date * (1 + 1e-13), endpoint)
            assert found.entered[0, number] == len(rows)
            assert_equal_to_estimators(found, (0, number, endpoint), rows)


def assert_equal_to_estimators(
    found: Replicates, at: tuple[int, int, int], rows: list[naive.Row]
) -> None:
    time = np.array([row.time for row in rows])
    event = np.array([row.event for row in rows])
    arm = np.array([row.arm for row in rows])
    stratum = np.array([row.stratum for row in rows])

    def same(value: float, truth: float) -> None:
        assert value == pytest.approx(truth, rel=1e-9, abs=1e-9, nan_ok=True)

    assert found.events[at].tolist() == [(event * (arm == code)).sum() for code in (0, 1)]
    if not rows:
        assert np.isnan(found.z[at])
        return
    sets = count_groups_at_risk(time, event=event, group=arm, stratum=stratum, groups=2)
    same(found.z[at], compare_groups_at_risk(sets).z)
    if event.any():
        assert_equal_weighted(found, at, sets)
        fit = estimate_cox(time, event=event, covariates=arm, stratum=stratum)
        if fit.converged and abs(fit.coefficients[0]) < 12:
            same(found.log_hazard_ratio[at], fit.coefficients[0])
            same(found.log_hazard_ratio_error[at], math.sqrt(fit.covariance[0, 0]))
        else:
            assert np.isnan(found.log_hazard_ratio[at])
    if min((arm == 0).sum(), (arm == 1).sum()) > 0:
        assert_equal_curves(found, at, time, event, arm)


def assert_equal_weighted(found: Replicates, at: tuple[int, int, int], sets: GroupsAtRisk) -> None:
    combo = compare_maxcombo(sets, weightings=WEIGHTINGS[:3])
    for place, weighting in enumerate(WEIGHTINGS):
        truth = compare_weighted_logrank(sets, weighting=weighting).z
        assert found.weighted_z[at][place] == pytest.approx(truth, rel=1e-9, abs=1e-9, nan_ok=True)
    pairs = [combo.correlation[a, b] for a in range(3) for b in range(a)]
    assert found.correlation[at][:3] == pytest.approx(np.array(pairs), abs=1e-9, nan_ok=True)


def assert_equal_curves(
    found: Replicates,
    at: tuple[int, int, int],
    time: NDArray[np.float64],
    event: NDArray[np.int64],
    arm: NDArray[np.int64],
) -> None:
    first, second = (
        estimate_kaplan_meier(time[arm == code], event=event[arm == code]) for code in (0, 1)
    )
    milestone = compare_milestone(first, second=second, at=6.0)
    means = compare_rmst(time, event=event, group=arm, horizon=8.0)
    assert found.milestone_difference[at] == pytest.approx(milestone.difference, nan_ok=True)
    assert found.milestone_z[at] ** 2 == pytest.approx(milestone.test.statistic, rel=1e-9,
                                                       abs=1e-9, nan_ok=True)  # fmt: skip
    assert found.mean_difference[at] == pytest.approx(means.difference, abs=1e-9, nan_ok=True)
    assert found.mean_z[at] == pytest.approx(-means.z, rel=1e-7, abs=1e-7, nan_ok=True)
    if abs(milestone.difference) > 1e-9 and not np.isnan(found.milestone_z[at]):
        assert np.sign(found.milestone_z[at]) == -np.sign(milestone.difference)


@pytest.mark.parametrize("model", [PLAIN, ILL])
def test_workers_and_chunks_change_nothing(model: TrialModel) -> None:
    looks = [Look(events=30), Look(events=60)]
    whole, alone = (
        simulate_replicates(
            model, looks=looks, reading=EVERYTHING, run=Run(seed=7, trials=2100, workers=workers)
        )
        for workers in (3, 1)
    )
    parts = [
        simulate_replicates(
            model, looks=looks, reading=EVERYTHING, run=Run(seed=7, trials=trials, first=first)
        ).table
        for first, trials in ((0, 1), (1, 1234), (1235, 865))
    ]

    assert whole.table.tobytes() == alone.table.tobytes()
    assert whole.table.tobytes() == np.concatenate(parts).tobytes()


def test_a_seed_of_64_bits_and_the_last_replicate_are_their_own() -> None:
    def first_time(run: Run) -> float:
        return float(simulate_replicates(PLAIN, looks=[Look(events=9)], run=run).time[0, 0])

    runs = [Run(seed=5, trials=1), Run(seed=5 + 2**40, trials=1), Run(seed=5, trials=1, first=1),
            Run(seed=5, trials=1, first=2**32 - 1)]  # fmt: skip
    assert len({first_time(run) for run in runs}) == 4
    with pytest.raises(ValueError, match="numbered from 0"):
        first_time(Run(seed=5, trials=2, first=2**32 - 1))


def test_the_answer_alone_takes_memory() -> None:
    found = simulate_replicates(PLAIN, looks=[Look(events=30)], run=Run(seed=1, trials=4000))

    assert found.table.nbytes == 4000 * 8 * 5
    assert np.shares_memory(found.z, found.table)


def test_a_look_by_events_is_at_that_event_and_by_date_at_that_date() -> None:
    looks = [Look(events=30), Look(latest=18.0), Look(events=100, latest=30.0)]
    found = simulate_replicates(PLAIN, looks=looks, run=Run(seed=3, trials=200))

    assert (found.events[:, 0, 0].sum(axis=-1) == 30).all()
    assert (found.time[:, 1] == 18.0).all()
    assert (found.time[:, 2] <= 30.0).all()
    assert (found.entered[:, 2] == 120).all()
    assert found.entered[:, 1].mean() == pytest.approx(90, abs=1.5)


def test_events_that_never_come_leave_nothing_to_tell_or_end_with_the_last_follow_up() -> None:
    cured = Hazard(rates=(0.2,), cured=0.6)
    never = replace(PLAIN, courses=((cured, cured),), leaving=(Hazard(rates=(0.0,)),) * 2)
    lost = replace(never, leaving=PLAIN.leaving)
    looks = [Look(events=110)]
    gone = simulate_replicates(never, looks=looks, run=Run(seed=3, trials=20))
    ended = simulate_replicates(lost, looks=looks, run=Run(seed=3, trials=20))

    assert np.isnan(gone.table).all()
    assert np.isfinite(ended.z).all()
    assert (ended.events.sum(axis=-1) < 110).all()


def test_what_was_not_asked_for_is_told_how_to_ask_for() -> None:
    found = simulate_replicates(PLAIN, looks=[Look(events=30)], run=Run(seed=3, trials=2))

    for name, word in (("log_hazard_ratio", "hazard_ratio"), ("milestone_z", "milestone"),
                       ("mean_difference", "horizon")):  # fmt: skip
        with pytest.raises(ValueError, match=f"Reading\\({word}="):
            getattr(found, name)
    assert found.weighted_z.shape == (2, 1, 1, 0)


def test_level_and_power_are_those_of_theory() -> None:
    """Schoenfeld (1981): 66 events for 0.8 at a ratio of 1/2 (domain D1.2); 16,000 trials."""
    null = replace(PLAIN, courses=((hazard_of_median(12.0),) * 2,))
    half = replace(PLAIN, courses=((hazard_of_median(12.0), hazard_of_median(24.0)),))
    shares = [
        (simulate_replicates(model, looks=[Look(events=66)], run=Run(seed=11, trials=16_000)).z
         < -1.959964).mean()
        for model in (null, half)
    ]  # fmt: skip

    assert shares[0] == pytest.approx(0.025, abs=3.3 * 0.0013)
    assert shares[1] == pytest.approx(0.80, abs=0.015)


def test_hazards_entry_and_leaving_have_their_means() -> None:
    many = replace(PLAIN, sizes=(20_000, 20_000))
    drawn = draw_trial(many, seed=1, replicate=0)

    for arm, mean in ((0, 12 / math.log(2)), (1, 18 / math.log(2))):
        assert drawn.event[drawn.arm == arm].mean() == pytest.approx(mean, rel=0.03)
    assert drawn.leaving.mean() == pytest.approx(100, rel=0.02)
    assert drawn.entry.mean() == pytest.approx(12, rel=0.02)
    assert (drawn.death == drawn.event).all()
    assert abs(np.corrcoef([drawn.entry, drawn.event, drawn.leaving]) - np.eye(3)).max() < 0.02


def test_frailty_ties_progression_to_death_and_leaves_the_mean_hazard() -> None:
    flat = IllnessDeath(progression=LAWS[0], death_before=LAWS[0], death_after=LAWS[0])
    model = replace(PLAIN, sizes=(20_000, 20_000), courses=((flat, flat),))
    early = {
        sd: (draw_trial(replace(model, frailty=(sd,) * 3), seed=1, replicate=0).event < 0.2).mean()
        for sd in (0.0, 1.0)
    }

    assert early[1.0] == pytest.approx(early[0.0], rel=0.1)
    assert early[0.0] == pytest.approx(1 - math.exp(-0.2 * 2 * math.log(2) / 10), rel=0.05)
