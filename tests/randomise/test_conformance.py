"""Every registered scheme, found by itself, does what the scheme type promises."""

from collections import Counter

import numpy as np
import pytest

from equipoise.protocol.model import Randomisation
from equipoise.randomise.scheme import Candidate, Plan, State
from equipoise.randomise.schemes import SCHEMES

PLANS = {
    "1:1": Plan(arms=("A", "B"), ratio=(1, 1), block_sizes=(4, 6)),
    "1:2": Plan(arms=("A", "B"), ratio=(1, 2), block_sizes=(3, 6)),
    "three arms": Plan(arms=("A", "B", "C"), ratio=(1, 1, 1), block_sizes=(3, 6)),
}


def allocate(name: str, plan: Plan, *, seed: int, count: int = 240) -> list[str]:
    chance = np.random.default_rng(seed)
    strata = chance.integers(0, 4, count)
    state = State(plan=plan)
    arms = []
    for place, (stratum, uniform) in enumerate(zip(strata, chance.random(count), strict=True)):
        subject = Candidate(subject=str(place), stratum=(str(stratum),))
        allocation = SCHEMES[name](state, subject, float(uniform))
        assert allocation.subject == subject.subject
        state = allocation.state
        arms.append(allocation.arm)
    return arms


def test_the_protocol_text_names_only_registered_schemes() -> None:
    allowed = Randomisation.model_fields["scheme"].annotation
    assert set(getattr(allowed, "__args__", ())) == set(SCHEMES)


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_the_same_uniforms_give_the_same_arms(name: str, plan: Plan) -> None:
    assert allocate(name, plan, seed=1) == allocate(name, plan, seed=1)
    assert allocate(name, plan, seed=1) != allocate(name, plan, seed=2)


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_the_ratio_is_kept_within_what_open_blocks_leave(name: str, plan: Plan) -> None:
    counts = Counter(allocate(name, plan, seed=3))
    wanted = 240 * np.asarray(plan.ratio) / sum(plan.ratio)
    got = np.array([counts[arm] for arm in plan.arms])
    assert (abs(got - wanted) <= 4 * max(plan.block_sizes) / 2).all()
