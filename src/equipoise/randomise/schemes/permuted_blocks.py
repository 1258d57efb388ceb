"""Stratified permuted blocks of random size: every complete block keeps the ratio.

Source: Matts and Lachin (1988), Properties of permuted-block randomization in clinical trials.
One uniform number an allocation: when no block is open it chooses the size first, and what is left
of it, a uniform number again, chooses the arm.
"""

from equipoise.randomise.scheme import (
    Allocation,
    Candidate,
    Plan,
    State,
    StratumState,
    check_uniform,
    choose_place,
)


def allocate_by_permuted_blocks(state: State, subject: Candidate, uniform: float) -> Allocation:
    """The arm of the subject, drawn without replacement from the open block of its stratum."""
    check_uniform(uniform)
    known = state.strata.get(subject.stratum)
    left = known.left if known else (0,) * len(state.plan.arms)
    if not any(left):
        left, uniform = _open_block(state.plan, uniform)
    arm = choose_place(left, uniform=uniform)
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
