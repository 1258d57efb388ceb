"""The penalised partial likelihood of clusters that share a hazard, in time linear in the rows."""

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import (
    HazardSteps,
    add_exactly,
    count_failing,
    sum_seen,
    walk_risk_sets,
)
from equipoise.numerics.row_order import Places

_STEPS = 60
_ENOUGH = 1e-24  # the step just made was 1e-12 standard errors
_LEVEL = 1e-18  # steps this small that do not shrink are rounding
_TOLERANCE = 1e-3  # of a step: the next one mends the rest
_LARGEST_STEP = 5.0  # of a log frailty or scaled coefficient


class FrailtyLaw(Enum):
    """How frailties vary: gamma with mean 1, or their logs normal with mean 0."""

    GAMMA = "gamma"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrailtyModel:
    """The design of the Cox model; `group` (n,) is the cluster of its rows, 0 to q - 1."""

    design: CoxDesign
    group: NDArray[np.int64]
    deaths: NDArray[np.float64]
    law: FrailtyLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class FrailtyState:
    """Scaled coefficients (p,) and log frailties (q,) at a variance, and what the rows give there.

    `risk` and `seen` (n,) are each row's hazard and the cumulative hazard that it saw, `totals`
    (m, 2) the risk of those who stay and those who fail at each event time, `bends` what
    `bend_steps` says of them; `log_likelihood` is the partial one, `penalised` less the penalty.
    """

    variance: float
    beta: NDArray[np.float64]
    logs: NDArray[np.float64]
    risk: NDArray[np.float64]
    seen: NDArray[np.float64]
    totals: NDArray[np.float64]
    bends: NDArray[np.float64]
    log_likelihood: float
    penalised: float


def penalty_of(
    law: FrailtyLaw, *, logs: NDArray[np.float64], variance: float
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """The penalty with its first and second derivatives. Source: Therneau et al. (2003)."""
    if law is FrailtyLaw.NORMAL:
        return (
            float(logs @ logs) / (2 * variance),
            logs / variance,
            np.full_like(logs, 1 / variance),
        )
    away = np.expm1(logs)
    return float(np.sum(away - logs)) / variance, away / variance, (away + 1) / variance


@njit(cache=True)
def _bends_kernel(
    begin: Places,
    end: Places,
    event: NDArray[np.int8],
    weight: NDArray[np.float64],
    efron: int,
    totals: NDArray[np.float64],
    moved: NDArray[np.float64],
    bends: NDArray[np.float64],
) -> None:
    weighted = int(weight.size == event.size)
    for k in range(begin.size):
        failed, failed_weight = 0, 0.0
        for row in range(begin[k], end[k]):
            if event[row] == 1:
                failed, failed_weight = failed + 1, failed_weight + weight[row * weighted]
        terms = failed if efron == 1 else 1
        for term in range(terms):
            part = (terms - term) / terms
            total = totals[k, 0] + part * totals[k, 1]
            bend = failed_weight / terms / total**2
            if moved.size > 0:
                bend *= -2.0 * (moved[k, 0] + part * moved[k, 1]) / total
            bends[k, 0] += bend
            bends[k, 1] += bend * part
            bends[k, 2] += bend * part**2


def bend_steps(
    design: CoxDesign,
    *,
    totals: NDArray[np.float64],
    moved: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """By how much the hazard's step falls as the risk grows, at each event time, shape (m, 3).

    The step of who stays by the risk of who stays; crosswise; that of who fails by who fails.
    Where `totals` move as `moved` (m, 2) says, how these three move.
    """
    bends = np.zeros((design.begin.size, 3))
    _bends_kernel(
        design.begin, design.end, design.event, design.weight, int(design.efron), totals,
        np.zeros((0, 2)) if moved is None else moved, bends,
    )  # fmt: skip
    return bends


@njit(cache=True)
def _totals_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    first: NDArray[np.int64],
    late: NDArray[np.int64],
    values: NDArray[np.float64],
    totals: NDArray[np.float64],
) -> None:
    """As the walk over the risk sets, for one value a row."""
    stay, lost = np.zeros(1), np.zeros(1)
    gone, present = 0, 0
    for k in range(begin.size - 1, -1, -1):
        fresh = k + 1 < begin.size and block_stratum[k] != block_stratum[k + 1]
        while gone < late.size and first[late[gone]] > k:
            add_exactly(stay, lost, 0, -values[late[gone]])
            present -= 1
            gone += 1
        if present == 0 or fresh:
            stay[0], lost[0], present = 0.0, 0.0, 0
        for row in range(begin[k], end[k]):
            seen = first.size == 0 or first[row] <= k
            present += 1 if seen else 0
            if seen and event[row] == 1:
                totals[k, 1] += values[row]
            elif seen:
                add_exactly(stay, lost, 0, values[row])
        totals[k, 0] = stay[0] + lost[0]
        for row in range(begin[k], end[k]):
            if event[row] == 1 and (first.size == 0 or first[row] <= k):
                add_exactly(stay, lost, 0, values[row])


def sum_at_risk(design: CoxDesign, *, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values (n,) summed over those at risk who stay and who fail at each event time, (m, 2)."""
    totals = np.zeros((design.begin.size, 2))
    _totals_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.first, design.late,
        values, totals,
    )  # fmt: skip
    return totals


def evaluate_frailty(
    model: FrailtyModel, *, beta: NDArray[np.float64], logs: NDArray[np.float64], variance: float
) -> FrailtyState:
    """The likelihoods at given coefficients, log frailties and variance."""
    design = model.design
    eta = design.x @ beta + logs[model.group]
    risk = design.weight * np.exp(eta)
    risk[design.idle] = 0.0
    sets = walk_risk_sets(replace(design, x=eta[:, None][:, :0]), risk=risk, with_sums=True)
    totals = np.ascontiguousarray(sets.sums[:, :, 0])
    value = float((design.weight * design.event) @ eta) + sets.value
    return FrailtyState(
        variance=variance,
        beta=beta,
        logs=logs,
        risk=risk,
        seen=sum_seen(design, steps=sets.steps),
        totals=totals,
        bends=bend_steps(design, totals=totals),
        log_likelihood=value,
        penalised=value - penalty_of(model.law, logs=logs, variance=variance)[0],
    )


def _over_columns(model: FrailtyModel, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row values summed to covariates, then clusters."""
    by_group = np.bincount(model.group, weights=rows, minlength=model.deaths.size)
    return np.concatenate([model.design.x.T @ rows, by_group])


def _score(model: FrailtyModel, state: FrailtyState) -> NDArray[np.float64]:
    design = model.design
    score = _over_columns(model, design.weight * design.event - state.risk * state.seen)
    score[state.beta.size :] -= penalty_of(model.law, logs=state.logs, variance=state.variance)[1]
    return score


def move_hazards(
    model: FrailtyModel, *, state: FrailtyState, along: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How each row's risk times hazard seen (n,) moves where the log risks move by `along`."""
    design = model.design
    moved = sum_at_risk(design, values=state.risk * along).T
    fall = state.bends.T
    several = (count_failing(design) > 1) & design.efron
    steps = HazardSteps(
        stays=fall[0] * moved[0] + fall[1] * moved[1],
        fails=(fall[1] * moved[0] + fall[2] * moved[1])[several],
    )
    return state.risk * (along * state.seen - sum_seen(design, steps=steps))


def _times_information(
    model: FrailtyModel, state: FrailtyState, move: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The penalised information times a vector: how the score changes along it, less the sign."""
    p, design = state.beta.size, model.design
    along = design.x @ move[:p] + move[p:][model.group]
    out = _over_columns(model, move_hazards(model, state=state, along=along))
    out[p:] += penalty_of(model.law, logs=state.logs, variance=state.variance)[2] * move[p:]
    return out


def solve_information(
    model: FrailtyModel,
    *,
    state: FrailtyState,
    right: NDArray[np.float64],
    tolerance: float = 1e-13,
) -> NDArray[np.float64]:
    """The penalised information's inverse times a vector, by conjugate gradients.

    Preconditioned by the information of each column alone. Source: Hestenes, Stiefel (1952).
    """
    p = state.beta.size
    hazard = state.risk * state.seen
    own = np.r_[hazard @ model.design.x**2, np.bincount(model.group, weights=hazard)]
    own[p:] += penalty_of(model.law, logs=state.logs, variance=state.variance)[2]
    solution, rest = np.zeros_like(right), right.copy()
    near = rest / own
    towards, size = near, float(rest @ near)
    enough = size * tolerance**2
    for _ in range(10 * right.size):
        if size <= enough:
            break
        image = _times_information(model, state, towards)
        step = size / float(towards @ image)
        solution += step * towards
        rest -= step * image
        near = rest / own
        before, size = size, float(rest @ near)
        towards = near + size / before * towards
    return solution


def climb_frailty(
    model: FrailtyModel, *, start: FrailtyState, variance: float, enough: float = _ENOUGH
) -> FrailtyState:
    """The largest penalised likelihood at a variance, by Newton's steps from another state.

    They end where the step made promised less than `enough`.
    """
    now = start
    if variance != start.variance:
        now = evaluate_frailty(model, beta=start.beta, logs=start.logs, variance=variance)
    before = math.inf
    for _ in range(_STEPS):
        score = _score(model, now)
        move = solve_information(model, state=now, right=score, tolerance=_TOLERANCE)
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
