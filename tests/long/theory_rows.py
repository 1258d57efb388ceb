"""What was seen in simulated trials beside what theory says, and by how much they may differ."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

SPREAD = 3.5  # standard errors: 1 of 2,000 rows would be beyond them by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far a theory of large samples is off, as so many other trials told, and why."""

    size: float
    trials: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A share (or a mean) of simulated trials, its standard error, and its theory."""

    family: str
    name: str
    seen: float
    error: float
    theory: float
    trials: int
    is_share: bool = True

    def within(self, known: Difference | None) -> bool:
        """Whether it differs from theory as it is known to, but for the simulations' errors."""
        size, more = 0.0, 1.0
        if known is not None:
            size, more = known.size, math.sqrt(1 + self.trials / known.trials)
        return abs(self.seen - self.theory - size) <= SPREAD * more * self.error


def count(family: str, name: str, *, hits: ArrayLike, theory: float) -> Row:
    """The share of trials in which it happened."""
    each = np.asarray(hits, dtype=np.bool_).ravel()
    error = math.sqrt(max(theory * (1 - theory), 1e-12) / each.size)
    return Row(
        family=family, name=name, seen=float(each.mean()), error=error, theory=theory,
        trials=each.size,
    )  # fmt: skip


def average(family: str, name: str, *, values: ArrayLike, theory: float) -> Row:
    """The mean over trials of what was counted or estimated."""
    each = np.asarray(values, dtype=np.float64).ravel()
    return Row(
        family=family, name=name, seen=float(each.mean()),
        error=float(each.std()) / math.sqrt(each.size), theory=theory, trials=each.size,
        is_share=False,
    )  # fmt: skip
