"""The next allocation: from plan, history and seed alone; and the proof of all before."""

from dataclasses import fields, replace

import numpy as np
import pytest

from equipoise.randomise.draw import (
    AlreadyAllocatedError,
    Drawn,
    Given,
    HistoryRefusedError,
    allocate_next,
    prove_allocations,
    state_after,
)
from equipoise.randomise.scheme import Candidate, Plan
from equipoise.randomise.schemes import SCHEMES
from equipoise.randomise.sealed_seed import commitment_of, draw_seed

SEED = draw_seed(np.random.default_rng(7).bytes(64))
OTHER = draw_seed(np.random.default_rng(8).bytes(64))
COMMITMENT = commitment_of(SEED)
BLOCKS = Plan(
    scheme="permuted_blocks",
    arms=("A", "B"),
    ratio=(1, 1),
    factors=("risk", "many"),
    block_sizes=(4, 6),
)
PLANS = {
    name: replace(
        BLOCKS,
        scheme=name,
        max_imbalance=2,
        urn_sets=2,
        imbalance="range",
        preferred_chance=0.8,
        weights=(1, 1),
    )
    for name in SCHEMES
}


def stratum_of(place: int) -> tuple[str, ...]:
    return ("low" if place % 3 else "high", "yes" if place % 2 else "no")


def run_trial(plan: Plan, count: int, *, before: tuple[Given, ...] = ()) -> tuple[Given, ...]:
    history = list(before)
    for place in range(len(history), len(history) + count):
        subject = Candidate(subject=f"{place:03d}", stratum=stratum_of(place))
        drawn = allocate_next(history, plan=plan, subject=subject, seed=SEED)
        assert drawn.sequence == place + 1
        history.append(
            Given(subject=drawn.subject, stratum=drawn.stratum, arm=drawn.arm, plan=plan)
        )
    return tuple(history)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_trial_made_one_by_one_is_proven_by_its_seed(name: str) -> None:
    history = run_trial(PLANS[name], 40)
    assert {each.arm for each in history} == {"A", "B"}
    assert prove_allocations(history, seed=SEED, commitment=COMMITMENT) == ()


def test_the_ledger_is_told_neither_the_uniform_number_nor_the_block() -> None:
    assert {each.name for each in fields(Drawn)} == {"sequence", "subject", "stratum", "arm"}


def test_a_subject_keeps_its_arm() -> None:
    history = run_trial(BLOCKS, 3)
    again = Candidate(subject="001", stratum=("low", "no"))
    with pytest.raises(AlreadyAllocatedError, match="001 is allocated already and keeps its arm"):
        allocate_next(history, plan=BLOCKS, subject=again, seed=SEED)


def test_a_stratum_without_a_level_is_a_bug() -> None:
    with pytest.raises(ValueError, match="one level for each"):
        allocate_next((), plan=BLOCKS, subject=Candidate(subject="1", stratum=("a",)), seed=SEED)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_changed_arm_is_found_alone_and_stops_the_next_allocation(name: str) -> None:
    history = list(run_trial(PLANS[name], 30))
    forged = replace(history[11], arm="A" if history[11].arm == "B" else "B")
    history[11] = forged
    (finding,) = prove_allocations(history, seed=SEED, commitment=COMMITMENT)
    assert (finding.code, finding.where, finding.subject) == ("other-arm", "allocations: 12", "011")
    newcomer = Candidate(subject="new", stratum=("low", "no"))
    with pytest.raises(HistoryRefusedError, match="no subject is allocated until") as refused:
        allocate_next(history, plan=PLANS[name], subject=newcomer, seed=SEED)
    assert refused.value.findings == (finding,)


def test_another_seed_than_the_one_committed_to_proves_nothing() -> None:
    (finding,) = prove_allocations(run_trial(BLOCKS, 5), seed=OTHER, commitment=COMMITMENT)
    assert finding.code == "other-seed"
    wrong = prove_allocations(run_trial(BLOCKS, 30), seed=OTHER, commitment=commitment_of(OTHER))
    assert {each.code for each in wrong} == {"other-arm"}


def test_a_lost_doubled_or_moved_allocation_is_found() -> None:
    history = run_trial(BLOCKS, 40)
    assert prove_allocations((), seed=SEED, commitment=COMMITMENT) == ()
    assert prove_allocations(history[5:], seed=SEED, commitment=COMMITMENT)
    doubled = [*history, replace(history[-1])]
    codes = [each.code for each in prove_allocations(doubled, seed=SEED, commitment=COMMITMENT)]
    assert "allocated-twice" in codes
    assert prove_allocations(history[::-1], seed=SEED, commitment=COMMITMENT)


def test_an_amended_plan_takes_over_with_the_subjects_counted() -> None:
    first = run_trial(BLOCKS, 17)
    amended = replace(PLANS["minimisation"], ratio=(2, 1), factors=("many",), weights=(1,))
    state = state_after(first, plan=amended)
    assert set(state.strata) == {("yes",), ("no",)}
    for level in ("yes", "no"):
        given = state.strata[(level,)].given
        arms = [each.arm for each in first if each.stratum[1] == level]
        assert given[0] + given[1] == arms.count("A")
        assert given[0] - given[1] in (0, 1)
        assert given[2] == arms.count("B")


def test_allocations_before_and_after_an_amendment_are_proven() -> None:
    first = run_trial(BLOCKS, 13)
    second = run_trial(replace(BLOCKS, block_sizes=(2,)), 9, before=first)
    third = run_trial(PLANS["minimisation"], 9, before=second)
    assert prove_allocations(third, seed=SEED, commitment=COMMITMENT) == ()
    as_if_never_amended = [replace(each, plan=BLOCKS) for each in third]
    assert prove_allocations(as_if_never_amended, seed=SEED, commitment=COMMITMENT)


def test_an_arm_that_an_amendment_drops_gets_nobody_and_its_subjects_are_not_counted() -> None:
    three = replace(BLOCKS, arms=("A", "B", "C"), ratio=(1, 1, 1), block_sizes=(3, 6))
    first = run_trial(three, 20)
    later = run_trial(PLANS["big_stick"], 20, before=first)
    assert {each.arm for each in later[:20]} == {"A", "B", "C"}
    assert {each.arm for each in later[20:]} == {"A", "B"}
    assert prove_allocations(later, seed=SEED, commitment=COMMITMENT) == ()
