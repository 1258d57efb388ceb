"""Every registered scheme, found by itself, does what the scheme type promises."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from equipoise.protocol.randomisation_model import SETTINGS, Randomisation
from equipoise.randomise.scheme import Candidate, Plan, State
from equipoise.randomise.schemes import SCHEMES

ONE_TO_ONE = Plan(
    scheme="permuted_blocks",
    arms=("A", "B"),
    ratio=(1, 1),
    factors=("stratum",),
    block_sizes=(4, 6),
    max_imbalance=3,
    urn_sets=2,
    imbalance="range",
    preferred_chance=0.8,
    weights=(1,),
)
PLANS = {
    "1:1": ONE_TO_ONE,
    "1:2": replace(ONE_TO_ONE, ratio=(1, 2), block_sizes=(3, 6)),
    "4:2": replace(ONE_TO_ONE, ratio=(4, 2), block_sizes=(6, 12)),
    "three arms": replace(
        ONE_TO_ONE, arms=("A", "B", "C"), ratio=(1, 1, 1), block_sizes=(3, 6), imbalance="variance"
    ),
    "3:2:1": replace(
        ONE_TO_ONE,
        arms=("A", "B", "C"),
        ratio=(3, 2, 1),
        block_sizes=(6,),
        imbalance="max_distance",
    ),
}
every_scheme = pytest.mark.parametrize("name", SCHEMES)
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())


def allocate(name: str, plan: Plan, *, seed: int, count: int = 240) -> list[str]:
    chance = np.random.default_rng(seed)
    strata = chance.integers(0, 4, count)
    state = State(plan=replace(plan, scheme=name))
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
    assert set(getattr(allowed, "__args__", ())) == set(SCHEMES) == set(SETTINGS)


@every_scheme
@every_plan
def test_the_same_uniforms_give_the_same_arms(name: str, plan: Plan) -> None:
    assert allocate(name, plan, seed=1) == allocate(name, plan, seed=1)
    assert allocate(name, plan, seed=1) != allocate(name, plan, seed=2)


@every_scheme
@every_plan
def test_the_ratio_is_kept_within_what_the_scheme_allows(name: str, plan: Plan) -> None:
    counts = Counter(allocate(name, plan, seed=3))
    share = np.asarray(plan.ratio) / sum(plan.ratio)
    got = np.array([counts[arm] for arm in plan.arms])
    chance = 4 * np.sqrt(240 * share * (1 - share))
    allowed = {"permuted_blocks": 4 * max(plan.block_sizes) / 2, "simple": chance.max()}
    assert (abs(got - 240 * share) <= allowed.get(name, 24)).all()


@every_scheme
def test_an_allocation_leaves_the_state_before_it_alone(name: str) -> None:
    before = State(plan=replace(ONE_TO_ONE, scheme=name))
    SCHEMES[name](before, Candidate(subject="1", stratum=("low",)), 0.3)
    assert before.strata == {}


@every_scheme
@pytest.mark.parametrize("uniform", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_a_uniform_number_outside_its_range_is_a_bug(name: str, uniform: float) -> None:
    state = State(plan=replace(ONE_TO_ONE, scheme=name))
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        SCHEMES[name](state, Candidate(subject="1", stratum=("low",)), uniform)


@every_scheme
@every_plan
@pytest.mark.parametrize("names", [("0", "1", "2"), ("2", "1", "0"), ("same", "Z", "a")])
def test_places_decide_and_never_the_names_of_arms(
    name: str, plan: Plan, names: tuple[str, ...]
) -> None:
    """Minirand 0.1.3 indexed by label: arms 0 and 1 were dealt with certainty, silently."""
    renamed = replace(plan, arms=names[: len(plan.arms)])
    by_place = dict(zip(plan.arms, renamed.arms, strict=True))
    expected = [by_place[arm] for arm in allocate(name, plan, seed=5)]
    assert allocate(name, renamed, seed=5) == expected


@every_scheme
@every_plan
def test_the_whole_range_of_the_uniform_number_is_used_for_the_first_subject(
    name: str, plan: Plan
) -> None:
    state = State(plan=replace(plan, scheme=name))
    subject = Candidate(subject="1", stratum=("low",))
    grid = (np.arange(6_000) + 0.5) / 6_000
    arms = Counter(SCHEMES[name](state, subject, float(u)).arm for u in grid)
    for arm, part in zip(plan.arms, plan.ratio, strict=True):
        assert abs(arms[arm] / 6_000 - part / sum(plan.ratio)) < 0.001
