"""What a randomisation scheme is: a pure function from a state and a uniform number to an arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import gcd
from typing import Protocol as Structural


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The arms in the order of the ratio, the ratio itself, and the settings of the scheme.

    `factors` names the stratification factors in the order of a stratum's levels. A setting of
    another scheme is left at its empty value.
    """

    scheme: str
    arms: tuple[str, ...]
    ratio: tuple[int, ...]
    factors: tuple[str, ...] = ()
    block_sizes: tuple[int, ...] = ()
    max_imbalance: int = 0
    urn_sets: int = 0
    imbalance: str = ""
    preferred_chance: float = 0.0
    weights: tuple[int, ...] = ()

    @property
    def shares(self) -> tuple[int, ...]:
        """Equal shares of the trial: the place of the arm that holds each of them.

        1:2 makes three shares, (0, 1, 1). A scheme that treats all shares alike gives each the
        same chance at every step, so every arm has the chance of its ratio at every step.
        Source: Kuznetsova and Tymofeyev (2012), Statistics in Medicine 31:701, "fake arms".
        """
        whole = gcd(*self.ratio)
        counts = (part // whole for part in self.ratio)
        return tuple(place for place, count in enumerate(counts) for _ in range(count))


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumState:
    """What a scheme remembers of one stratum; a field that the scheme does not use is empty.

    `left`: what is left of the open block, one count an arm; all 0 when none is open.
    `given`: the subjects given to each share of the plan.
    """

    left: tuple[int, ...] = ()
    given: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a scheme remembers of the subjects before: the plan, and each stratum met so far."""

    plan: Plan
    strata: Mapping[tuple[str, ...], StratumState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The subject to allocate, with its stratum: one level a stratification factor."""

    subject: str
    stratum: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The arm of a subject, and the state that the next allocation starts from."""

    subject: str
    arm: str
    state: State


class Scheme(Structural):
    """The function type of a scheme; `uniform` lies strictly between 0 and 1."""

    def __call__(self, state: State, subject: Candidate, uniform: float) -> Allocation:
        """The allocation of `subject`, and the state after it."""
        ...


def choose_place(chances: Sequence[float], *, uniform: float) -> int:
    """The place that the uniform number chooses, each with the chance of its part of the whole.

    Chances need not add up to 1; a place with chance 0 is never chosen. Adds in order, because
    `sum` rounds in its own way from one version of Python to another.
    """
    reached = tuple(accumulate(chances))
    mark = uniform * reached[-1]
    for place, bound in enumerate(reached):
        if mark < bound:
            return place
    return max(place for place, chance in enumerate(chances) if chance)


def check_uniform(uniform: float) -> None:
    """Raises ValueError for a number that is no draw strictly between 0 and 1."""
    if not 0.0 < uniform < 1.0:
        raise ValueError(f"the uniform number must lie strictly between 0 and 1, not {uniform}")


def given_to(state: State, *, stratum: tuple[str, ...]) -> tuple[int, ...]:
    """The subjects of a stratum given to each share so far."""
    known = state.strata.get(stratum)
    return known.given if known else (0,) * len(state.plan.shares)


def give_share(
    state: State, *, subject: Candidate, chances: Sequence[float], uniform: float
) -> Allocation:
    """The allocation of a subject to the arm of a share, chosen by the chances of the shares."""
    check_uniform(uniform)
    chosen = choose_place(chances, uniform=uniform)
    before = given_to(state, stratum=subject.stratum)
    given = tuple(count + (share == chosen) for share, count in enumerate(before))
    return Allocation(
        subject=subject.subject,
        arm=state.plan.arms[state.plan.shares[chosen]],
        state=State(
            plan=state.plan,
            strata={**state.strata, subject.stratum: StratumState(given=given)},
        ),
    )
