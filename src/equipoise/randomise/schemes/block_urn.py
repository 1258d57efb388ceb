"""Block urn: balls drawn without return, but a balanced set goes back as soon as it is complete.

Source: Zhao and Weng (2011), Contemporary Clinical Trials 32:953, equation 1. It holds the
imbalance as a block of the same size does, and is less often certain of the next arm. The urn is
held to the equal shares of the plan: with balls in the ratio itself, as published, the chance of an
arm drifts from its ratio (1:2, two sets: 0.36 instead of 1/3 for the fifth subject).
"""

from equipoise.randomise.scheme import (
    Allocation,
    Candidate,
    State,
    give_share,
    given_to,
)


def allocate_by_block_urn(state: State, subject: Candidate, uniform: float) -> Allocation:
    """The arm of the subject, by a ball of the urn of its stratum, one colour a share."""
    sets = state.plan.urn_sets
    if sets < 1:
        raise ValueError(f"the urn must hold at least one balanced set, not {sets}")
    given = given_to(state, stratum=subject.stratum)
    returned = min(given)
    balls = tuple(max(sets + returned - count, 0) for count in given)
    return give_share(state, subject=subject, chances=balls, uniform=uniform)
