"""Allocate the subjects of a whole trial in the order of their arrival."""

from collections.abc import Sequence

from equipoise.randomise.scheme import Candidate, Plan, Scheme, State


def allocate_in_order(
    subjects: Sequence[Candidate], *, plan: Plan, scheme: Scheme, uniforms: Sequence[float]
) -> tuple[str, ...]:
    """The arms of the subjects of one trial, each allocated with its own uniform number."""
    state = State(plan=plan)
    arms = []
    for subject, uniform in zip(subjects, uniforms, strict=True):
        allocation = scheme(state, subject, uniform)
        state = allocation.state
        arms.append(allocation.arm)
    return tuple(arms)
