"""The penalised partial likelihood of clusters that share a hazard, in time linear in the rows."""

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import (
    add_exactly,
    sum_seen,
    walk_risk_sets,
)
from equipoise.numerics.row_order import Places

_STEPS = 60
_ENOUGH = 1e-14  # the step just made was 1e-7 standard errors: the next would be their square
_LEVEL = 1e-18  # steps this small that do not shrink are rounding
_TOLERANCE = 0.01  # of a step: the next one mends the rest
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
    `bend_steps` says of them. `hazard` (q,) is the hazard of each cluster's rows, `alone` (p + q,)
    the penalised information of each column with its own hazard alone. `log_likelihood` is the
    partial one, `penalised` less the penalty.
    """

    variance: float
    beta: NDArray[np.float64]
    logs: NDArray[np.float64]
    risk: NDArray[np.float64]
    seen: NDArray[np.float64]
    totals: NDArray[np.float64]
    bends: NDArray[np.float64]
    hazard: NDArray[np.float64]
    alone: NDArray[np.float64]
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
def _moved_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    first: NDArray[np.int64],
    late: NDArray[np.int64],
    risk: NDArray[np.float64],
    seen: NDArray[np.float64],
    bends: NDArray[np.float64],
    along: NDArray[np.float64],
    moved: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """As the walks over the risk sets and back, for how their totals and steps move."""
    m = begin.size
    sums, lost = np.zeros(1), np.zeros(1)
    gone, present = 0, 0
    for k in range(m - 1, -1, -1):
        fresh = k + 1 < m and block_stratum[k] != block_stratum[k + 1]
        while gone < late.size and first[late[gone]] > k:
            add_exactly(sums, lost, 0, -risk[late[gone]] * along[late[gone]])
            present -= 1
            gone += 1
        if present == 0 or fresh:
            sums[0], lost[0], present = 0.0, 0.0, 0
        for row in range(begin[k], end[k]):
            is_seen = first.size == 0 or first[row] <= k
            present += 1 if is_seen else 0
            if is_seen and event[row] == 1:
                moved[k, 1] += risk[row] * along[row]
            elif is_seen:
                add_exactly(sums, lost, 0, risk[row] * along[row])
        moved[k, 0] = sums[0] + lost[0]
        for row in range(begin[k], end[k]):
            if event[row] == 1 and (first.size == 0 or first[row] <= k):
                add_exactly(sums, lost, 0, risk[row] * along[row])
    before = np.zeros((m if late.size > 0 else 0, 2))
    for k in range(m):
        if k == 0 or block_stratum[k] != block_stratum[k - 1]:
            sums[0], lost[0] = 0.0, 0.0
        if late.size > 0:
            before[k, 0], before[k, 1] = sums[0], lost[0]
        stays = bends[k, 0] * moved[k, 0] + bends[k, 1] * moved[k, 1]
        fails = bends[k, 1] * moved[k, 0] + bends[k, 2] * moved[k, 1]
        for row in range(begin[k], end[k]):
            fall = sums[0] + lost[0]
            if late.size > 0 and first[row] <= k:
                fall = sums[0] - before[first[row], 0] + (lost[0] - before[first[row], 1])
            fall += fails if event[row] == 1 else stays
            out[row] = risk[row] * (along[row] * seen[row] - fall)
        add_exactly(sums, lost, 0, stays)


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
    seen = sum_seen(design, steps=sets.steps)
    hazard = risk * seen
    penalty, _, curve = penalty_of(model.law, logs=logs, variance=variance)
    own = np.bincount(model.group, weights=hazard, minlength=logs.size).astype(np.float64)
    return FrailtyState(
        variance=variance,
        beta=beta,
        logs=logs,
        risk=risk,
        seen=seen,
        totals=totals,
        bends=bend_steps(design, totals=totals),
        hazard=own,
        alone=np.concatenate([hazard @ design.x**2, own + curve]),
        log_likelihood=value,
        penalised=value - penalty,
    )


def _over_columns(model: FrailtyModel, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row values summed to covariates, then clusters."""
    by_group = np.bincount(model.group, weights=rows, minlength=model.deaths.size)
    return np.concatenate([rows @ model.design.x, by_group])


def _score(model: FrailtyModel, state: FrailtyState) -> NDArray[np.float64]:
    design, p = model.design, state.beta.size
    score = _over_columns(model, design.weight * design.event - state.risk * state.seen)
    score[p:] -= penalty_of(model.law, logs=state.logs, variance=state.variance)[1]
    return score


def move_hazards(
    model: FrailtyModel, *, state: FrailtyState, along: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What moves where the log risks (n,) move by `along`.

    Each row's risk times hazard seen (n,), and the `totals` (m, 2).
    """
    design = model.design
    moved, out = np.zeros((design.begin.size, 2)), np.zeros(along.size)
    _moved_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.first, design.late,
        state.risk, state.seen, state.bends, along, moved, out,
    )  # fmt: skip
    return out, moved


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
    towards = rest / alone
    size = float(np.sum(rest * towards))
    enough = size * tolerance**2
    for _ in range(10 * rest.size):
        if size <= enough:
            break
        for row in range(n):
            along[row] = towards[p + group[row]]
            for j in range(p):
                along[row] += x[row, j] * towards[j]
        moved[:] = 0.0
        _moved_kernel(
            begin, end, block_stratum, event, first, late, risk, seen, bends, along, moved, hazards
        )
        image = curve * towards
        for row in range(n):
            image[p + group[row]] += hazards[row]
            for j in range(p):
                image[j] += x[row, j] * hazards[row]
        step = size / np.sum(towards * image)
        solution += step * towards
        rest -= step * image
        before, size = size, float(np.sum(rest**2 / alone))
        towards = rest / alone + size / before * towards


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
    design, p, solution = model.design, state.beta.size, np.zeros(right.size)
    curve = np.concatenate([np.zeros(p), state.alone[p:] - state.hazard])
    _solve_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.first, design.late,
        design.x, model.group, state.risk, state.seen, state.bends, curve, state.alone, tolerance,
        right.copy(), solution,
    )  # fmt: skip
    return solution


def climb_frailty(model: FrailtyModel, *, start: FrailtyState, variance: float) -> FrailtyState:
    """The largest penalised likelihood at a variance, by Newton's steps from the start.

    The smaller a step, the more exactly it is solved, so that each squares what is left of the way
    (Dembo, Eisenstat, Steihaug 1982).
    """
    now = evaluate_frailty(model, beta=start.beta, logs=start.logs, variance=variance)
    before = math.inf
    for _ in range(_STEPS):
        score = _score(model, now)
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
        if promised <= _ENOUGH or before <= promised < _LEVEL:
            break
        before = promised
    return now
