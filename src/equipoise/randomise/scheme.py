"""What a randomisation scheme is: a pure function from a state and a uniform number to an arm."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol as Structural

from equipoise.protocol.model import Randomisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The arms in the order of the ratio, the ratio itself, and the sizes a block may have."""

    arms: tuple[str, ...]
    ratio: tuple[int, ...]
    block_sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumState:
    """What is left of the open block of a stratum, one count an arm; all 0 when none is open."""

    left: tuple[int, ...]


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


class BlockSizeRefusedError(Exception):
    """A block size that cannot keep the ratio; the message names sizes that can."""


def build_plan(randomisation: Randomisation) -> Plan:
    """The plan that the protocol's randomisation says.

    Raises BlockSizeRefusedError when a block size is no multiple of the sum of the ratio.
    """
    total = sum(randomisation.ratio.values())
    for size in randomisation.block_sizes:
        if size <= 0 or size % total:
            raise BlockSizeRefusedError(
                f"a block of {size} cannot keep the ratio {dict(randomisation.ratio)}: "
                f"use multiples of {total}, for example {2 * total} and {3 * total}"
            )
    return Plan(
        arms=tuple(randomisation.ratio),
        ratio=tuple(randomisation.ratio.values()),
        block_sizes=randomisation.block_sizes,
    )
