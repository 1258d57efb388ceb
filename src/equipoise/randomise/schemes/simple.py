"""Simple randomisation: every subject by the ratio alone, whoever came before."""

from equipoise.randomise.scheme import Allocation, Candidate, State, give_share


def allocate_simply(state: State, subject: Candidate, uniform: float) -> Allocation:
    """The arm of the subject, each share of the plan with the same chance."""
    chances = (1,) * len(state.plan.shares)
    return give_share(state, subject=subject, chances=chances, uniform=uniform)
