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
from equipoise.numerics.hazards.frailty_walks import Walk, sum_of_products

_HALF_THE_DIGITS = 1e-6  # of a solution: its inverse has twice as many
_STEPS = 60
_ENOUGH = 1e-12  # the step just made was 1e-6 standard errors: the next would be their square
_LEVEL = 1e-18  # steps this small that do not shrink are rounding
_TOLERANCE = 0.01  # of a step: the next one mends the rest
_LARGEST_STEP = 5.0  # of a log frailty or scaled coefficient


@njit(cache=True)
def _solve_kernel(
    walk: Walk,
    columns: NDArray[np.float64],
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
    p, n = columns.shape
    along, hazards, moved = np.zeros(n), np.zeros(n), np.zeros((bends.shape[0], 2))
    towards, image, eased = np.zeros(rest.size), np.zeros(rest.size), np.zeros(rest.size)
    for i in range(rest.size):
        eased[i] = rest[i] / alone[i]
    size, before = sum_of_products(rest, eased), math.inf
    enough = size * tolerance**2
    for _ in range(10 * rest.size):
        if size <= enough:
            break
        for i in range(rest.size):
            towards[i] = eased[i] + size / before * towards[i]
            image[i] = curve[i - p] * towards[i] if i >= p else 0.0
        move_rows(
            walk, columns, group, risk, seen, bends, towards, along, moved, hazards, image,
        )  # fmt: skip
        step, before = size / sum_of_products(towards, image), size
        for i in range(rest.size):
            solution[i] += step * towards[i]
            rest[i] -= step * image[i]
            eased[i] = rest[i] / alone[i]
        size = sum_of_products(rest, eased)


def _solve(
    model: FrailtyModel, state: FrailtyState, rest: NDArray[np.float64], *, tolerance: float
) -> NDArray[np.float64]:
    """The solution, by conjugate gradients; `rest` is the right side, then what is left of it.

    That is of all columns or of the frailties only. Preconditioned by the information of each
    column alone. Source: Hestenes, Stiefel (1952).
    """
    p, solution = state.beta.size, np.zeros(rest.size)
    _solve_kernel(
        model.walk, model.columns[: rest.size - state.logs.size], model.group, state.risk,
        state.seen, state.bends, state.alone[p:] - state.hazard, state.alone[-rest.size :],
        tolerance, rest, solution,
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
    return _solve(model, state, right.copy(), tolerance=tolerance)


def invert_information(model: FrailtyModel, *, state: FrailtyState) -> NDArray[np.float64]:
    """The block of the coefficients in the inverse of the whole penalised information, (p, p).

    The information of each, less what the frailties take of it as they follow. What is left of a
    solution for them corrects that, but for the square of its error.
    """
    p = state.beta.size
    units = np.eye(p, state.alone.size)
    left = np.stack([move_hazards(model, state=state, towards=unit).image for unit in units])
    rest = left[:, p:].copy()
    follow = np.stack([_solve(model, state, one, tolerance=_HALF_THE_DIGITS) for one in rest])
    return np.asarray(np.linalg.inv(left[:, :p] - follow @ left[:, p:].T - rest @ follow.T))


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
