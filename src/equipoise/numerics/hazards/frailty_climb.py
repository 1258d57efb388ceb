"""The penalised likelihood of shared frailties: solving with its information, and its top."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.frailty_sums import (
    FrailtyModel,
    FrailtyState,
    evaluate_frailty,
    move_hazards,
    move_rows,
)
from equipoise.numerics.row_order import Places

_HALF_THE_DIGITS = 1e-7  # of a solution: its inverse has twice as many
_STEPS = 60
_ENOUGH = 1e-12  # the step just made was 1e-6 standard errors: the next would be their square
_LEVEL = 1e-18  # steps this small that do not shrink are rounding
_TOLERANCE = 0.01  # of a step: the next one mends the rest
_LARGEST_STEP = 5.0  # of a log frailty or scaled coefficient


@njit(cache=True)
def _solve_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    first: NDArray[np.int64],
    late: NDArray[np.int64],
    x: NDArray[np.float64],
    group: NDArray[np.int64],
    risk: NDArray[np.float64],
    seen: NDArray[np.float64],
    bends: NDArray[np.float64],
    curve: NDArray[np.float64],
    alone: NDArray[np.float64],
    tolerance: float,
    rest: NDArray[np.float64],
    solution: NDArray[np.float64],
) -> None:
    """Overwrites `rest`, the right side, with what is left of it."""
    n, p = x.shape
    along, hazards, moved = np.zeros(n), np.zeros(n), np.zeros((begin.size, 2))
    towards, image = np.zeros(rest.size), np.zeros(rest.size)
    size, before = 0.0, math.inf
    for i in range(rest.size):
        size += rest[i] ** 2 / alone[i]
    enough = size * tolerance**2
    for _ in range(10 * rest.size):
        if size <= enough:
            break
        for i in range(rest.size):
            towards[i] = rest[i] / alone[i] + size / before * towards[i]
            image[i] = curve[i - p] * towards[i] if i >= p else 0.0
        move_rows(
            begin, end, block_stratum, event, first, late, x, group, risk, seen, bends, towards,
            along, moved, hazards, image,
        )  # fmt: skip
        rise = 0.0
        for i in range(rest.size):
            rise += towards[i] * image[i]
        step, before, size = size / rise, size, 0.0
        for i in range(rest.size):
            solution[i] += step * towards[i]
            rest[i] -= step * image[i]
            size += rest[i] ** 2 / alone[i]


def _solve(
    model: FrailtyModel,
    state: FrailtyState,
    rest: NDArray[np.float64],
    *,
    alone: NDArray[np.float64],
    tolerance: float,
) -> NDArray[np.float64]:
    """The solution, by conjugate gradients; `rest` is the right side, then what is left of it.

    Preconditioned by the information of each column `alone`: a column without end stays at 0.
    Source: Hestenes, Stiefel (1952).
    """
    design, p, solution = model.design, state.beta.size, np.zeros(rest.size)
    _solve_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.first, design.late,
        design.x, model.group, state.risk, state.seen, state.bends, state.alone[p:] - state.hazard,
        alone, tolerance, rest, solution,
    )  # fmt: skip
    return solution


def solve_information(
    model: FrailtyModel,
    *,
    state: FrailtyState,
    right: NDArray[np.float64],
    tolerance: float = 1e-13,
) -> NDArray[np.float64]:
    """The penalised information's inverse times a vector."""
    return _solve(model, state, right.copy(), alone=state.alone, tolerance=tolerance)


def invert_information(model: FrailtyModel, *, state: FrailtyState) -> NDArray[np.float64]:
    """The block of the coefficients in the inverse of the whole penalised information, (p, p).

    The information of each, less what the frailties take of it as they follow. What is left of a
    solution for them corrects that, but for the square of its error.
    """
    p = state.beta.size
    alone = np.concatenate([np.full(p, math.inf), state.alone[p:]])
    left = np.stack(
        [move_hazards(model, state=state, towards=unit).image for unit in np.eye(p, alone.size)]
    )
    follow = np.stack(
        [_solve(model, state, rest, alone=alone, tolerance=_HALF_THE_DIGITS) for rest in left]
    )
    return np.asarray(np.linalg.inv(left[:, :p] - left[:, p:] @ follow[:, p:].T))


def climb_frailty(
    model: FrailtyModel, *, start: FrailtyState, variance: float, enough: float = _ENOUGH
) -> FrailtyState:
    """The largest penalised likelihood at a variance, by Newton's steps from the start.

    The smaller a step, the more exactly it is solved, so that each squares what is left of the way
    (Dembo, Eisenstat, Steihaug 1982). It ends after a step of the root of `enough` standard errors.
    """
    now = evaluate_frailty(model, beta=start.beta, logs=start.logs, variance=variance)
    before = math.inf
    for _ in range(_STEPS):
        score = now.score
        away = math.sqrt(float(score @ (score / now.alone)))
        move = solve_information(model, state=now, right=score, tolerance=min(_TOLERANCE, away))
        promised = float(score @ move)
        move *= min(1.0, _LARGEST_STEP / max(float(np.abs(move).max()), 1e-300))
        for _ in range(30):
            after = evaluate_frailty(
                model,
                beta=now.beta + move[: now.beta.size],
                logs=now.logs + move[now.beta.size :],
                variance=variance,
            )
            if after.penalised >= now.penalised - 1e-12 * abs(now.penalised):
                break
            move /= 2
        now = after
        if promised <= enough or before <= promised < _LEVEL:
            break
        before = promised
    return now
