"""Defects of other programs, published or run by us, each as a test that it is not here.

Label coding, ratio and the meaning of p are also in test_conformance, test_allocate_many and
test_schemes; two users at once and retried requests are the store's.
"""

import inspect
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from equipoise.randomise import draw
from equipoise.randomise.draw import Given, allocate_next, prove_allocations
from equipoise.randomise.scheme import Candidate, Plan
from equipoise.randomise.schemes import SCHEMES
from equipoise.randomise.sealed_seed import Seed, commitment_of, draw_seed

SEED = draw_seed(bytes(range(64)))
PLAN = Plan(
    scheme="permuted_blocks",
    arms=("A", "B"),
    ratio=(1, 2),
    factors=("risk", "many"),
    block_sizes=(3, 6),
    max_imbalance=2,
    urn_sets=2,
    imbalance="range",
    preferred_chance=0.8,
    weights=(1, 1),
)
GOLDEN = {
    "permuted_blocks": "BBAABBBBABBBAABBBABBABBAABBBAABBBABBBABB",
    "minimisation": "BBBBBBAAAABBAABBBABBABBBAABBBBBABBBBAABB",
    "simple": "BBBBBBBBAABBAAABBABAABBBAABBBBBABABBBABA",
    "big_stick": "BBBBBBBBAABBAAABBABAABBBAABBBBBABABBBBBA",
    "block_urn": "BBBBBBBBAABBAAABBABAABBBAABBBBBBBABBBABA",
}


def stratum_of(place: int) -> tuple[str, str]:
    return ("low" if place % 3 else "high", "yes" if place % 2 else "no")


def run_trial(
    plan: Plan, strata: Sequence[tuple[str, ...]], *, seed: Seed = SEED
) -> tuple[Given, ...]:
    history: list[Given] = []
    for place, stratum in enumerate(strata):
        subject = Candidate(subject=f"{place:03d}", stratum=stratum)
        drawn = allocate_next(history, plan=plan, subject=subject, seed=seed)
        history.append(Given(subject=drawn.subject, stratum=stratum, arm=drawn.arm, plan=plan))
    return tuple(history)


def arms_of(history: Sequence[Given]) -> str:
    return "".join(each.arm for each in history)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_same_seed_gives_the_same_list_in_every_version(scheme: str) -> None:
    """randomizr 64 and 73, secuTrialR 110: an update gave another list. These are frozen."""
    history = run_trial(replace(PLAN, scheme=scheme), [stratum_of(k) for k in range(40)])
    assert arms_of(history) == GOLDEN[scheme]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_corrected_stratum_moves_nobody(scheme: str) -> None:
    """Phoenix CTMS: editing a stratum or removing a subject moved the slots of the others.

    Subject 004 was entered as high; the correction is a record beside the allocation. Those after
    it get what they would have got, and the proof holds.
    """
    plan = replace(PLAN, scheme=scheme)
    strata = [stratum_of(k) for k in range(30)]
    strata[4] = ("high", "no")
    before = run_trial(plan, strata[:20])
    corrections = {"004": stratum_of(4)}  # kept beside the history, which stays as it was
    after = run_trial(plan, strata)
    assert after[:20] == before
    assert after[4].stratum != corrections["004"]
    commitment = commitment_of(SEED)
    assert prove_allocations(after, seed=SEED, commitment=commitment) == ()


def test_a_history_whose_stratum_was_rewritten_is_found() -> None:
    history = list(run_trial(PLAN, [stratum_of(k) for k in range(40)]))
    history[4] = replace(history[4], stratum=("high", "yes"))
    assert prove_allocations(history, seed=SEED, commitment=commitment_of(SEED))


def test_the_list_never_ends_and_never_starts_again() -> None:
    """Phoenix CTMS: an exhausted list starts again silently. There is no list; it has no period."""
    strata = [("low", "no")] * 400
    arms = arms_of(run_trial(PLAN, strata))
    periods = [k for k in range(1, 200) if arms[k:] == arms[:-k]]
    assert periods == []


def test_an_arm_does_not_tell_the_next_one() -> None:
    """Two seeds that agree on a whole history still part afterwards: the past tells no future."""
    plan = replace(PLAN, scheme="simple", ratio=(1, 1))
    strata = [("low", "no")] * 7
    chance = np.random.default_rng(1)
    tails: dict[str, set[str]] = {}
    for _ in range(300):
        arms = arms_of(run_trial(plan, strata, seed=draw_seed(chance.bytes(64))))
        tails.setdefault(arms[:5], set()).add(arms[5:])
    assert all(len(tail) > 1 for tail in tails.values())


def test_the_open_block_is_not_told_by_the_arms_before_it() -> None:
    """After one of four arms of a block of 4 or 6 both sizes are open: the fourth arm is no proof.

    A, B, A, then the fourth subject: with a fixed block of 4 (1:1) it could only be B.
    """
    plan = replace(PLAN, ratio=(1, 1), block_sizes=(4, 6))
    chance = np.random.default_rng(2)
    fourth = set()
    for _ in range(200):
        arms = arms_of(run_trial(plan, [("low", "no")] * 4, seed=draw_seed(chance.bytes(64))))
        if arms[:3] == "ABA":
            fourth.add(arms[3])
    assert fourth == {"A", "B"}


def test_the_state_never_comes_from_the_caller() -> None:
    """unbiased takes `current_state` from the caller: stale, without subject, without proof."""
    assert set(inspect.signature(allocate_next).parameters) == {
        "history",
        "plan",
        "subject",
        "seed",
    }
    assert not [name for name in vars(draw) if "default" in name.lower()]


@pytest.mark.parametrize("stratum", [(), ("low",), ("low", ""), ("", ""), ("low", "no", "x")])
def test_no_subject_is_allocated_before_all_its_strata_are_known(stratum: tuple[str, ...]) -> None:
    """OpenClinica needed five attempts (2271 to 2284) to wait until all strata are there."""
    subject = Candidate(subject="001", stratum=stratum)
    with pytest.raises(ValueError, match="one level for each"):
        allocate_next((), plan=PLAN, subject=subject, seed=SEED)


def test_every_trial_has_a_list_of_its_own() -> None:
    """Stata's ralloc: without a seed, one list for everybody."""
    chance = np.random.default_rng(3)
    strata = [stratum_of(k) for k in range(40)]
    lists = {arms_of(run_trial(PLAN, strata, seed=draw_seed(chance.bytes(64)))) for _ in range(20)}
    assert len(lists) == 20
