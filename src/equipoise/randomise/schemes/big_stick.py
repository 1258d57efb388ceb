"""Big stick: by the ratio alone, but never beyond the greatest imbalance that is tolerated.

Source: Soares and Wu (1983), Communications in Statistics 12:2017, for two arms 1:1. For any ratio
and number of arms the same rule is held to the equal shares of the plan (see `Plan.shares`).
"""

from equipoise.randomise.scheme import (
    Allocation,
    Candidate,
    State,
    give_share,
    given_to,
)


def allocate_by_big_stick(state: State, subject: Candidate, uniform: float) -> Allocation:
    """The arm of the subject: no share of its stratum leads another by more than tolerated.

    The shares that may take one more have the same chance; the others none.
    """
    tolerated = state.plan.max_imbalance
    if tolerated < 1:
        raise ValueError(f"the tolerated imbalance must be at least 1, not {tolerated}")
    given = given_to(state, stratum=subject.stratum)
    least = min(given)
    chances = tuple(int(count + 1 - least <= tolerated) for count in given)
    return give_share(state, subject=subject, chances=chances, uniform=uniform)
