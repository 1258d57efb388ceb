"""The simulator of schemes against closed forms, and against the balance of single trials."""

import math
from dataclasses import replace

import numpy as np
import pytest

from equipoise.numerics.streams import draw_uniforms
from equipoise.protocol.parse import shipped_protocol
from equipoise.randomise.allocate import allocate_in_order
from equipoise.randomise.balance import count_guesses, measure_balance
from equipoise.randomise.draw import Given
from equipoise.randomise.plan import plan_of
from equipoise.randomise.scheme import Candidate, Plan
from equipoise.randomise.schemes import SCHEMES
from equipoise.randomise.simulate_scheme import (
    Expected,
    compare_schemes,
    simulate_scheme,
)

PLAN = Plan(scheme="simple", arms=("A", "B"), ratio=(1, 1))
ONE_STRATUM = Expected(subjects=120, shares=())


def test_simple_randomisation_is_guessed_by_half_and_its_difference_is_binomial() -> None:
    done = simulate_scheme(PLAN, expected=ONE_STRATUM, trials=4_000, seed=1)
    assert done.guessed == pytest.approx(0.5, abs=0.003)
    assert done.certainty == 0.5
    assert done.certain == 0
    assert done.overall == pytest.approx(math.sqrt(2 * 120 / math.pi), rel=0.03)  # de Moivre
    assert done.overall_95 == pytest.approx(1.96 * math.sqrt(120), abs=1.5)


@pytest.mark.parametrize("tolerated", [1, 2, 3, 5])
def test_the_big_stick_is_guessed_as_often_as_its_chain_says(tolerated: int) -> None:
    """The walk is at the bound 1 / (2b) of the time, and there the arm is certain: 1/2 + 1/(4b)."""
    plan = replace(PLAN, scheme="big_stick", max_imbalance=tolerated)
    done = simulate_scheme(plan, expected=Expected(subjects=400, shares=()), trials=1_000, seed=2)
    assert done.certain == pytest.approx(1 / (2 * tolerated), abs=0.01)
    assert done.guessed == pytest.approx(0.5 + 1 / (4 * tolerated), abs=0.006)
    assert done.certainty == pytest.approx(done.guessed, abs=0.006)
    assert done.overall_95 <= tolerated


@pytest.mark.parametrize("half", [1, 2, 3])
def test_permuted_blocks_are_guessed_as_often_as_blackwell_and_hodges_say(half: int) -> None:
    plan = replace(PLAN, scheme="permuted_blocks", block_sizes=(2 * half,))
    done = simulate_scheme(plan, expected=ONE_STRATUM, trials=1_000, seed=3)
    right = half + 2 ** (2 * half - 1) / math.comb(2 * half, half) - 0.5
    assert done.guessed == pytest.approx(right / (2 * half), abs=0.005)
    assert done.overall == 0


def test_minimisation_is_known_by_its_preferred_chance_where_one_arm_is_preferred() -> None:
    plan = replace(
        PLAN,
        scheme="minimisation",
        factors=("a",),
        weights=(1,),
        imbalance="range",
        preferred_chance=0.8,
    )
    done = simulate_scheme(
        plan, expected=Expected(subjects=121, shares=((1.0,),)), trials=500, seed=4
    )
    assert 0.6 < done.certainty < 0.8
    assert done.certain == 0
    certain = simulate_scheme(
        replace(plan, preferred_chance=1.0),
        expected=Expected(subjects=120, shares=((1.0,),)),
        trials=100,
        seed=4,
    )
    assert certain.certain == 0.5  # every second subject: alternation in pairs
    assert certain.overall == 0


@pytest.mark.parametrize("name", SCHEMES)
def test_figures_equal_those_of_the_trials_one_by_one(name: str) -> None:
    plan = Plan(
        scheme=name,
        arms=("A", "B", "C"),
        ratio=(2, 1, 1),
        factors=("a", "b"),
        block_sizes=(4, 8),
        max_imbalance=2,
        urn_sets=2,
        imbalance="variance",
        preferred_chance=0.7,
        weights=(2, 1),
    )
    expected = Expected(subjects=30, shares=((1.0, 3.0), (1.0, 1.0, 2.0)))
    done = simulate_scheme(plan, expected=expected, trials=6, seed=5)
    overall, level, stratum, right = [], [], [], 0.0
    for trial in range(6):
        history = made_trial(plan, trial)
        balance = measure_balance(history, plan=plan)
        overall.append(balance.overall.imbalance)
        level.append(max(row.imbalance for row in balance.levels))
        stratum.append(max(row.imbalance for row in balance.strata))
        right += count_guesses(history, plan=plan).right
    assert done.overall == pytest.approx(np.mean(overall))
    assert done.overall_95 == max(overall)
    assert done.worst_level == pytest.approx(np.mean(level))
    assert done.worst_stratum == pytest.approx(np.mean(stratum))
    assert done.guessed == pytest.approx(right / 180)


def made_trial(plan: Plan, trial: int) -> list[Given]:
    """Trial `trial` of the simulation above, subject by subject."""
    subject = np.arange(30)
    replicate = np.full(30, trial)
    levels = draw_uniforms(5, replicate=replicate, subject=subject, purpose=1, count=2)
    chance = draw_uniforms(5, replicate=replicate, subject=subject, purpose=2, count=1)[:, 0]
    first = np.where(levels[:, 0] < 0.25, "0", "1")
    second = np.where(levels[:, 1] < 0.25, "0", np.where(levels[:, 1] < 0.5, "1", "2"))
    people = [Candidate(subject=str(k), stratum=(str(first[k]), str(second[k]))) for k in range(30)]
    arms = allocate_in_order(
        people, plan=plan, scheme=SCHEMES[plan.scheme], uniforms=chance.tolist()
    )
    return [
        Given(subject=each.subject, stratum=each.stratum, arm=arm, plan=plan)
        for each, arm in zip(people, arms, strict=True)
    ]


def test_the_same_seed_gives_the_same_figures_and_another_seed_others() -> None:
    first = simulate_scheme(PLAN, expected=ONE_STRATUM, trials=50, seed=6)
    assert first == simulate_scheme(PLAN, expected=ONE_STRATUM, trials=50, seed=6)
    assert first != simulate_scheme(PLAN, expected=ONE_STRATUM, trials=50, seed=7)


def test_the_protocols_scheme_stands_beside_every_other() -> None:
    plans = compare_schemes(plan_of(shipped_protocol()))
    assert plans[0] == plan_of(shipped_protocol())
    assert [each.scheme for each in plans].count("permuted_blocks") == 1
    assert {each.scheme for each in plans} == set(SCHEMES)


def test_without_factors_there_is_nothing_to_minimise() -> None:
    assert "minimisation" not in {each.scheme for each in compare_schemes(PLAN)}
