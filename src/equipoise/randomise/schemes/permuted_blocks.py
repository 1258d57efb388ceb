"""Stratified permuted blocks of random size: every complete block keeps the ratio.

Source: Matts and Lachin (1988), Properties of permuted-block randomization in clinical trials.
One uniform number an allocation: when no block is open it chooses the size first, and what is left
of it, a uniform number again, chooses the arm.
"""

from equipoise.randomise.scheme import Allocation, Candidate, Plan, State, StratumState


def allocate_by_permuted_blocks(state: State, subject: Candidate, uniform: float) -> Allocation:
    """The arm of the subject, drawn without replacement from the open block of its stratum."""
    if not 0.0 < uniform < 1.0:
        raise ValueError(f"the uniform number must lie strictly between 0 and 1, not {uniform}")
    known = state.strata.get(subject.stratum)
    left = known.left if known else (0,) * len(state.plan.arms)
    if not any(left):
        left, uniform = _open_block(state.plan, uniform)
    arm = _choose_arm(left, uniform)
    rest = tuple(count - (place == arm) for place, count in enumerate(left))
    strata = {**state.strata, subject.stratum: StratumState(left=rest)}
    return Allocation(
        subject=subject.subject,
        arm=state.plan.arms[arm],
        state=State(plan=state.plan, strata=strata),
    )


def _open_block(plan: Plan, uniform: float) -> tuple[tuple[int, ...], float]:
    """A full block of a size chosen by the uniform number, and the uniform number left over."""
    scaled = uniform * len(plan.block_sizes)
    place = int(scaled)
    times = plan.block_sizes[place] // sum(plan.ratio)
    return tuple(share * times for share in plan.ratio), scaled - place


def _choose_arm(left: tuple[int, ...], uniform: float) -> int:
    """The place of the arm, each with the chance of its share of what is left."""
    mark = uniform * sum(left)
    reached = 0
    for place, count in enumerate(left):
        reached += count
        if mark < reached:
            return place
    return max(place for place, count in enumerate(left) if count)
