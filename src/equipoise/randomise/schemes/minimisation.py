"""Minimisation: mostly to the arm that leaves the levels of the subject's factors best balanced.

Source: Pocock and Simon (1975), Biometrics 31:103. For unequal ratios the imbalance is that of the
plan's equal shares, so that the ratio holds at every step: Kuznetsova and Tymofeyev (2012),
Statistics in Medicine 31:701; with one arm preferred its chances are those of Han and others
(2009), Statistics in Medicine 28:3329. Imbalance is counted in whole numbers: a tie is a tie.
"""

from collections.abc import Callable, Mapping, Sequence

from equipoise.randomise.scheme import (
    Allocation,
    Candidate,
    State,
    give_share,
    given_to,
)

_Measure = Callable[[Sequence[int]], int]


def allocate_by_minimisation(state: State, subject: Candidate, uniform: float) -> Allocation:
    """The arm of the subject; places decide, never the names of arms."""
    scores = score_shares(state, subject=subject)
    chances = chances_of(scores, preferred_chance=state.plan.preferred_chance)
    return give_share(state, subject=subject, chances=chances, uniform=uniform)


def chances_of(scores: Sequence[int], *, preferred_chance: float) -> tuple[float, ...]:
    """The chance of each share, from the imbalance that it would leave.

    `preferred_chance` is the chance of a share that alone leaves the least imbalance. Shares that
    tie for the least divide what the preference adds; 1 over the number of shares adds nothing.
    """
    shares = len(scores)
    if not 1 < preferred_chance * shares <= shares:
        raise ValueError(f"the preferred chance must be above 1/{shares}, at most 1")
    least = min(scores)
    ties = sum(score == least for score in scores)
    preference = (preferred_chance * shares - 1) / (shares - 1)
    even = (1 - preference) / shares
    return tuple(even + (preference / ties if score == least else 0.0) for score in scores)


def score_shares(state: State, *, subject: Candidate) -> tuple[int, ...]:
    """The weighted imbalance over the subject's levels, if it were given to each share."""
    measure = MEASURES[state.plan.imbalance]
    scores = [0] * len(state.plan.shares)
    for factor, weight in enumerate(state.plan.weights):
        counts = _count_level(state, subject, factor)
        for share in range(len(scores)):
            counts[share] += 1
            scores[share] += weight * measure(counts)
            counts[share] -= 1
    return tuple(scores)


def _count_level(state: State, subject: Candidate, factor: int) -> list[int]:
    """The subjects given to each share so far that have the subject's level of a factor."""
    counts = [0] * len(state.plan.shares)
    for stratum in state.strata:
        if stratum[factor] == subject.stratum[factor]:
            for share, count in enumerate(given_to(state, stratum=stratum)):
                counts[share] += count
    return counts


def _range(counts: Sequence[int]) -> int:
    return max(counts) - min(counts)


def _variance(counts: Sequence[int]) -> int:
    """The squared distances of all pairs of shares: the variance times a constant."""
    total = sum(counts)
    return len(counts) * sum(count * count for count in counts) - total * total


def _max_distance(counts: Sequence[int]) -> int:
    """The distance of the farthest share from the mean, times the number of shares."""
    total = sum(counts)
    return max(abs(len(counts) * count - total) for count in counts)


MEASURES: Mapping[str, _Measure] = {
    "range": _range,
    "variance": _variance,
    "max_distance": _max_distance,
}
"""How far counts are apart: 0 when all are equal. Pocock and Simon (1975), section 3.1."""
