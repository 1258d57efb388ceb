"""The penalised partial likelihood of clusters that share a hazard, in time linear in the rows."""

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import (
    RiskTerms,
    split_ties,
    sum_partial_likelihood,
    sum_seen,
    walk_risk_sets,
)

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

    `risk` and `seen` (n,) are each row's hazard and the cumulative hazard that it saw, `terms` the
    factors of the likelihood; `log_likelihood` is the partial one, `penalised` less the penalty.
    """

    variance: float
    beta: NDArray[np.float64]
    logs: NDArray[np.float64]
    risk: NDArray[np.float64]
    seen: NDArray[np.float64]
    terms: RiskTerms
    log_likelihood: float
    penalised: float


def _penalty(
    law: FrailtyLaw, logs: NDArray[np.float64], variance: float
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


def evaluate_frailty(
    model: FrailtyModel, *, beta: NDArray[np.float64], logs: NDArray[np.float64], variance: float
) -> FrailtyState:
    """The likelihoods at given coefficients, log frailties and variance."""
    design = model.design
    eta = design.x @ beta + logs[model.group]
    risk = design.weight * np.exp(eta)
    risk[design.idle] = 0.0
    sets = walk_risk_sets(replace(design, x=eta[:, None]), risk=risk, with_sums=True)
    value = float((design.weight * design.event) @ eta) + sets.value
    return FrailtyState(
        variance=variance,
        beta=beta,
        logs=logs,
        risk=risk,
        seen=sum_seen(design, steps=sets.steps),
        terms=split_ties(design, sets=sets),
        log_likelihood=value,
        penalised=value - _penalty(model.law, logs, variance)[0],
    )


def _over_columns(model: FrailtyModel, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row values summed to covariates, then clusters."""
    by_group = np.bincount(model.group, weights=rows, minlength=model.deaths.size)
    return np.concatenate([model.design.x.T @ rows, by_group])


def _score(model: FrailtyModel, state: FrailtyState) -> NDArray[np.float64]:
    design = model.design
    score = _over_columns(model, design.weight * design.event - state.risk * state.seen)
    score[state.beta.size :] -= _penalty(model.law, state.logs, state.variance)[1]
    return score


def _times_information(
    model: FrailtyModel, state: FrailtyState, move: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The penalised information times a vector: how the score changes along it, less the sign."""
    p, design = state.beta.size, model.design
    along = design.x @ move[:p] + move[p:][model.group]
    sets = walk_risk_sets(replace(design, x=along[:, None]), risk=state.risk, with_sums=True)
    terms = state.terms
    total = sets.sums[terms.block, 0, 0] + terms.part * sets.sums[terms.block, 1, 0]
    hazard = terms.share / terms.total**2 * total
    steps = np.add.reduceat(np.stack([hazard, hazard * terms.part], axis=1), terms.start)
    out = _over_columns(model, state.risk * (along * state.seen - sum_seen(design, steps=steps)))
    out[p:] += _penalty(model.law, state.logs, state.variance)[2] * move[p:]
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
    own[p:] += _penalty(model.law, state.logs, state.variance)[2]
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


def climb_frailty(model: FrailtyModel, *, start: FrailtyState, variance: float) -> FrailtyState:
    """The largest penalised likelihood at a variance, by Newton's steps from another state."""
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
        if promised <= _ENOUGH or before <= promised < _LEVEL:
            break
        before = promised
    return now


def dense_information(model: FrailtyModel, *, state: FrailtyState) -> NDArray[np.float64]:
    """The penalised information of the log frailties alone, (q, q)."""
    q, design = state.logs.size, model.design
    columns = np.zeros((model.group.size, q + 1))
    columns[np.arange(model.group.size), model.group] = 1.0
    columns[:, q] = design.x @ state.beta
    wide = replace(design, x=columns, failed=(design.weight * design.event) @ columns)
    sums = sum_partial_likelihood(wide, beta=np.r_[state.logs, 1.0])
    second = _penalty(model.law, state.logs, state.variance)[2]
    return np.asarray(sums.information[:q, :q] + np.diag(second))
