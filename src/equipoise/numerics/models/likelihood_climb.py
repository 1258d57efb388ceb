"""Newton's steps to the largest likelihood, and the word where there is none."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.information_left import find_vanished
from equipoise.numerics.models.likelihood_sums import LikelihoodSums

_STEPS = 200
_ENOUGH = 1e-24  # the step just made was 1e-12 standard errors
_LEVEL = 1e-16  # steps this small that do not shrink are rounding
_SOON = 6  # a likelihood with a maximum is mostly there by then; one without takes three times that
_AT_EDGE = "the largest likelihood lies where a risk is 1: take Family.POISSON with the sandwich"
Objective = Callable[[NDArray[np.float64]], LikelihoodSums]


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """Where the steps to the largest likelihood ended, in scaled coefficients of all columns."""

    beta: NDArray[np.float64]
    end: LikelihoodSums
    iterations: int
    message: str


def _step(
    objective: Objective, beta: NDArray[np.float64], now: LikelihoodSums, free: NDArray[np.intp]
) -> tuple[NDArray[np.float64], LikelihoodSums, float]:
    """One Newton step, halved until the likelihood does not fall; and the gain it promised."""
    move = np.zeros_like(beta)
    move[free] = np.linalg.solve(now.information[np.ix_(free, free)], now.score[free])
    promised = float(now.score @ move)
    slack = 1e-12 * max(1.0, abs(now.log_likelihood))
    for _ in range(40):
        after = objective(beta + move)
        if after.log_likelihood >= now.log_likelihood - slack and np.isfinite(after.score).all():
            return beta + move, after, promised
        move = move / 2
    return beta, now, math.inf


def _runs_away(
    now: LikelihoodSums, start: LikelihoodSums, free: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Columns of directions in which no information is left; none where all is well."""
    block = np.ix_(free, free)
    gone = find_vanished(now.information[block], start=start.information[block])
    return np.asarray(free[gone])


def climb(
    objective: Objective, *, start: NDArray[np.float64], free: NDArray[np.intp], unit: float = 1.0
) -> Climb:
    """The largest likelihood over the columns `free`, the others held where `start` has them.

    `unit` is what a gain in log likelihood is measured in: the variance where it is not modelled.
    """
    beta, first = start, objective(start)
    now, before = first, math.inf
    for taken in range(1, _STEPS + 1 if free.size else 0):
        beta, now, promised = _step(objective, beta, now, free)
        if now.at_edge:
            return Climb(beta=beta, end=now, iterations=taken, message=_AT_EDGE)
        away = _runs_away(now, first, free) if taken > _SOON else free[:0]
        if away.size:
            which = ", ".join(str(column - 1) for column in away if column) or "none: the intercept"
            message = f"the likelihood rises without end along covariate {which}"
            return Climb(beta=beta, end=now, iterations=taken, message=message)
        if promised <= _ENOUGH * unit or before <= promised < _LEVEL * unit:
            return Climb(beta=beta, end=now, iterations=taken, message="")
        if promised == math.inf:
            break
        before = promised
    message = "the climb to the largest likelihood did not settle" if free.size else ""
    return Climb(beta=beta, end=now, iterations=_STEPS, message=message)
