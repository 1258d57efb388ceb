"""Permuted blocks keep the ratio, and are a pure function of the uniform numbers."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.protocol.randomisation_model import Randomisation
from equipoise.randomise.allocate import allocate_in_order
from equipoise.randomise.allocate_many import allocate_many_by_permuted_blocks
from equipoise.randomise.plan import BlockSizeRefusedError, build_plan
from equipoise.randomise.scheme import Candidate, Plan, State, StratumState
from equipoise.randomise.schemes.permuted_blocks import allocate_by_permuted_blocks

ONE_TO_ONE = Plan(scheme="permuted_blocks", arms=("A", "B"), ratio=(1, 1), block_sizes=(4, 6))
ONE_TO_TWO = Plan(scheme="permuted_blocks", arms=("A", "B"), ratio=(1, 2), block_sizes=(3, 6))
THREE_ARMS = Plan(
    scheme="permuted_blocks", arms=("A", "B", "C"), ratio=(2, 1, 1), block_sizes=(4, 8)
)


def randomisation(*, ratio: dict[str, int], block_sizes: tuple[int, ...]) -> Randomisation:
    return Randomisation(
        scheme="permuted_blocks",
        planned_subjects=88,
        ratio=ratio,
        block_sizes=block_sizes,
        form="rand",
        date_item="randomised_date",
        masking="open label",
        provenance={},
    )


def one_stratum(count: int) -> list[Candidate]:
    return [Candidate(subject=f"01-{place:03d}", stratum=("N",)) for place in range(count)]


def test_the_plan_is_read_from_the_protocol() -> None:
    plan = build_plan(randomisation(ratio={"A": 1, "B": 1}, block_sizes=(4, 6)))
    assert plan == ONE_TO_ONE


def test_a_block_size_that_cannot_keep_the_ratio_is_refused_with_sizes_that_can() -> None:
    with pytest.raises(BlockSizeRefusedError, match="multiples of 3, for example 6 and 9"):
        build_plan(randomisation(ratio={"A": 1, "B": 2}, block_sizes=(4, 6)))


def test_a_uniform_number_outside_its_range_is_a_bug() -> None:
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        allocate_by_permuted_blocks(State(plan=ONE_TO_ONE), one_stratum(1)[0], 1.0)


def test_the_first_uniform_number_chooses_size_and_arm() -> None:
    small_first = allocate_by_permuted_blocks(State(plan=ONE_TO_ONE), one_stratum(1)[0], 0.1)
    large_second = allocate_by_permuted_blocks(State(plan=ONE_TO_ONE), one_stratum(1)[0], 0.9)
    assert small_first.arm == "A"
    assert small_first.state.strata[("N",)] == StratumState(left=(1, 2))
    assert large_second.arm == "B"
    assert large_second.state.strata[("N",)] == StratumState(left=(3, 2))


def test_an_allocation_leaves_the_state_before_it_alone() -> None:
    before = State(plan=ONE_TO_ONE)
    allocate_by_permuted_blocks(before, one_stratum(1)[0], 0.3)
    assert before.strata == {}


@given(
    plan=st.sampled_from([ONE_TO_ONE, ONE_TO_TWO, THREE_ARMS]),
    uniforms=st.lists(st.floats(1e-9, 1 - 1e-9), min_size=1, max_size=80),
)
@settings(max_examples=60, deadline=None)
def test_every_complete_block_keeps_the_ratio(plan: Plan, uniforms: list[float]) -> None:
    state = State(plan=plan)
    block: Counter[str] = Counter()
    for subject, uniform in zip(one_stratum(len(uniforms)), uniforms, strict=True):
        allocation = allocate_by_permuted_blocks(state, subject, uniform)
        state = allocation.state
        block[allocation.arm] += 1
        if not any(state.strata[("N",)].left):
            times = sum(block.values()) // sum(plan.ratio)
            assert sum(block.values()) in plan.block_sizes
            assert [block[arm] for arm in plan.arms] == [share * times for share in plan.ratio]
            block.clear()
    open_share = [block[arm] <= max(plan.block_sizes) for arm in plan.arms]
    assert all(open_share)


def test_strata_do_not_touch_each_other() -> None:
    mixed = [
        Candidate(subject=str(place), stratum=("Y",) if place % 2 else ("N",))
        for place in range(40)
    ]
    uniforms = np.random.default_rng(3).random(40).tolist()
    arms = allocate_in_order(
        mixed, plan=ONE_TO_ONE, scheme=allocate_by_permuted_blocks, uniforms=uniforms
    )
    alone = allocate_in_order(
        mixed[1::2], plan=ONE_TO_ONE, scheme=allocate_by_permuted_blocks, uniforms=uniforms[1::2]
    )
    assert arms[1::2] == alone


@given(
    plan=st.sampled_from([ONE_TO_ONE, ONE_TO_TWO, THREE_ARMS]),
    trials=st.integers(1, 4),
    subjects=st.integers(1, 40),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_many_trials_at_once_equal_one_after_the_other(
    plan: Plan, trials: int, subjects: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    stratum = chance.integers(0, 3, (trials, subjects))
    uniforms = chance.random((trials, subjects)).clip(1e-12, 1 - 1e-12)
    many = allocate_many_by_permuted_blocks(stratum, plan=plan, uniforms=uniforms)
    for trial in range(trials):
        candidates = [
            Candidate(subject=str(place), stratum=(str(level),))
            for place, level in enumerate(stratum[trial])
        ]
        alone = allocate_in_order(
            candidates,
            plan=plan,
            scheme=allocate_by_permuted_blocks,
            uniforms=uniforms[trial].tolist(),
        )
        assert tuple(plan.arms[arm] for arm in many[trial]) == alone


def test_arms_and_block_sizes_come_out_evenly() -> None:
    uniforms = np.random.default_rng(5).random((1, 40_000))
    arms = allocate_many_by_permuted_blocks(
        np.zeros((1, 40_000), dtype=np.int64), plan=ONE_TO_ONE, uniforms=uniforms
    )
    assert abs(arms.mean() - 0.5) < 1e-4
    assert abs(arms[0, ::7].mean() - 0.5) < 0.02
