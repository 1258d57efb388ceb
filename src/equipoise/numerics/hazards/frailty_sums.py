"""The penalised partial likelihood of clusters that share a hazard, in time linear in the rows."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import count_failing
from equipoise.numerics.hazards.frailty_walks import (
    Walk,
    build_walk,
    collect_risk,
    spread_steps,
    sum_of_products,
)

NONE = "no frailty: the clusters vary no more than by chance"
ENDLESS = "the likelihood rises with the variance of the frailty without end"
LEAST = 1e-5  # where the likelihood falls from this variance on, there is none
MOST = 1e3  # where it still rises here, there is no largest likelihood


class FrailtyLaw(Enum):
    """How frailties vary: gamma with mean 1, or their logs normal with mean 0."""

    GAMMA = "gamma"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrailtyModel:
    """The design of the Cox model; `group` (n,) is the cluster of its rows, 0 to q - 1.

    `deaths` (q,) are the events of each. `columns` (p, n) are the design's covariates turned,
    `failing` (m,) how many fail at each event time.
    """

    design: CoxDesign
    group: NDArray[np.int64]
    deaths: NDArray[np.int64]
    law: FrailtyLaw
    columns: NDArray[np.float64]
    failing: NDArray[np.int32]
    walk: Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class FrailtyState:
    """Scaled coefficients (p,) and log frailties (q,) at a variance, and what the rows give there.

    `risk` and `seen` (n,) are each row's hazard and the cumulative hazard that it saw, `totals`
    (m, 2) the risk of those who stay and those who fail at each event time, `bends` (m, 3) by how
    much the hazard's step falls as the risk grows: that of who stays by the risk of who stays;
    crosswise; that of who fails by who fails. `hazard` (q,) is the hazard of each cluster's rows,
    `pull` (q,) the slope of the penalty, `score` (p + q,) that of the penalised likelihood,
    `alone` (p + q,) the penalised information of each column with its own hazard alone.
    `penalised` is the partial log likelihood less the `penalty`.
    """

    variance: float
    beta: NDArray[np.float64]
    logs: NDArray[np.float64]
    risk: NDArray[np.float64]
    seen: NDArray[np.float64]
    totals: NDArray[np.float64]
    bends: NDArray[np.float64]
    hazard: NDArray[np.float64]
    pull: NDArray[np.float64]
    score: NDArray[np.float64]
    alone: NDArray[np.float64]
    penalty: float
    penalised: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FrailtyMove:
    """How the rows' log risks (n,) move, their risks times hazards seen (n,), the totals (m, 2).

    `image` (p + q,) is how the slope of the likelihood falls.
    """

    along: NDArray[np.float64]
    hazards: NDArray[np.float64]
    totals: NDArray[np.float64]
    image: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrailtyTop:
    """The state of the largest likelihood, that likelihood, and in words why there is none."""

    state: FrailtyState
    likelihood: float
    words: str


@njit(cache=True)
def _penalty_kernel(
    logs: NDArray[np.float64],
    variance: float,
    gamma: int,
    pull: NDArray[np.float64],
    score: NDArray[np.float64],
    alone: NDArray[np.float64],
) -> float:
    """The penalty; its slopes are taken from the score. Source: Therneau et al. (2003)."""
    penalty = 0.0
    for i in range(logs.size):
        away = math.expm1(logs[i]) if gamma == 1 else logs[i]
        penalty += away - logs[i] if gamma == 1 else logs[i] ** 2 / 2
        pull[i] = away / variance
        score[i] -= pull[i]
        alone[i] += (away + 1.0 if gamma == 1 else 1.0) / variance
    return penalty / variance


@njit(cache=True)
def _add_up(
    columns: NDArray[np.float64],
    group: NDArray[np.int64],
    beta: NDArray[np.float64],
    logs: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """The log risk of each row."""
    for row in range(group.size):
        out[row] = logs[group[row]]
    for j in range(beta.size):
        for row in range(group.size):
            out[row] += columns[j, row] * beta[j]


@njit(cache=True)
def _evaluate_kernel(
    walk: Walk,
    columns: NDArray[np.float64],
    group: NDArray[np.int64],
    failing: NDArray[np.int32],
    beta: NDArray[np.float64],
    logs: NDArray[np.float64],
    risk: NDArray[np.float64],
    seen: NDArray[np.float64],
    totals: NDArray[np.float64],
    bends: NDArray[np.float64],
    score: NDArray[np.float64],
    alone: NDArray[np.float64],
) -> float:
    """The partial likelihood by a walk over the risk sets, its slopes by one back; arrays of 0.

    Of each event time, `steps` are the hazard's for who stays and for who fails. Ties are Efron's.
    """
    (p, n), event, room = columns.shape, walk[3], np.empty(group.size)
    steps = np.zeros(2 * failing.size + 1)
    value, product = 0.0, 1.0
    _add_up(columns, group, beta, logs, room)
    for row in range(n):
        value += room[row] * event[row]
        risk[row] = math.exp(room[row])
    collect_risk(walk, risk, room, totals)
    for k in range(failing.size):
        for term in range(failing[k]):
            part = (failing[k] - term) / failing[k]
            inverse = float(1.0 / (totals[k, 0] + part * totals[k, 1]))
            product *= inverse
            if product < 1e-200 or product > 1e200:
                value += math.log(product)
                product = 1.0
            steps[2 * k] += inverse
            steps[2 * k + 1] += inverse * part
            bends[k, 0] += inverse**2
            bends[k, 1] += inverse**2 * part
            bends[k, 2] += inverse**2 * part**2
    spread_steps(walk, steps, seen)
    for row in range(n):
        hazard = risk[row] * seen[row]
        room[row] = event[row] - hazard
        score[p + group[row]] += room[row]
        alone[p + group[row]] += hazard
    for j in range(p):
        score[j] = sum_of_products(columns[j], room)
    for j in range(p):
        for row in range(n):
            room[row] = risk[row] * seen[row] * columns[j, row]
        alone[j] = sum_of_products(columns[j], room)
    return value + math.log(product)


@njit(cache=True)
def move_rows(
    walk: Walk,
    columns: NDArray[np.float64],
    group: NDArray[np.int64],
    risk: NDArray[np.float64],
    seen: NDArray[np.float64],
    bends: NDArray[np.float64],
    towards: NDArray[np.float64],
    along: NDArray[np.float64],
    moved: NDArray[np.float64],
    hazards: NDArray[np.float64],
    image: NDArray[np.float64],
) -> None:
    """As the walks over the risk sets and back, for how their totals and steps move.

    Coefficients and log frailties move `towards`, the log risks `along`; `image` gets added how
    the slope of the likelihood falls.
    """
    (p, n), room, steps = columns.shape, np.empty(group.size), np.zeros(moved.size + 1)
    _add_up(columns, group, towards[:p], towards[p:], along)
    for row in range(n):
        hazards[row] = risk[row] * along[row]
    collect_risk(walk, hazards, room, moved)
    for k in range(bends.shape[0]):
        steps[2 * k] = bends[k, 0] * moved[k, 0] + bends[k, 1] * moved[k, 1]
        steps[2 * k + 1] = bends[k, 1] * moved[k, 0] + bends[k, 2] * moved[k, 1]
    spread_steps(walk, steps, room)
    for row in range(n):
        hazards[row] = risk[row] * (along[row] * seen[row] - room[row])
        image[p + group[row]] += hazards[row]
    for j in range(p):
        image[j] += sum_of_products(columns[j], hazards)


def build_frailty_model(
    design: CoxDesign, *, code: NDArray[np.int64], clusters: int, law: FrailtyLaw
) -> FrailtyModel:
    """The model of rows whose clusters are `code` (n,), from 0, in the order in which they came."""
    group = code[design.order]
    return FrailtyModel(
        design=design,
        group=group,
        deaths=np.bincount(group[design.event == 1], minlength=clusters),
        law=law,
        columns=np.ascontiguousarray(design.x.T),
        failing=count_failing(design),
        walk=build_walk(design),
    )


def evaluate_frailty(
    model: FrailtyModel, *, beta: NDArray[np.float64], logs: NDArray[np.float64], variance: float
) -> FrailtyState:
    """The likelihoods at given coefficients, log frailties and variance."""
    p, n, m = beta.size, model.group.size, model.failing.size
    risk, seen = np.zeros((2, n))
    totals, bends = np.zeros((m, 2)), np.zeros((m, 3))
    score, alone = np.zeros((2, p + logs.size))
    value = _evaluate_kernel(
        model.walk, model.columns, model.group, model.failing, beta, logs, risk, seen, totals,
        bends, score, alone,
    )  # fmt: skip
    risk[model.design.idle] = 0.0
    hazard, pull = alone[p:].copy(), np.empty(logs.size)
    penalty = _penalty_kernel(
        logs, variance, int(model.law is FrailtyLaw.GAMMA), pull, score[p:], alone[p:]
    )
    return FrailtyState(
        variance=variance,
        beta=beta,
        logs=logs,
        risk=risk,
        seen=seen,
        totals=totals,
        bends=bends,
        hazard=hazard,
        pull=pull,
        score=score,
        alone=alone,
        penalty=penalty,
        penalised=value - penalty,
    )


def move_hazards(
    model: FrailtyModel, *, state: FrailtyState, towards: NDArray[np.float64]
) -> FrailtyMove:
    """What moves where coefficients and log frailties move `towards` (p + q,)."""
    along, hazards = np.zeros((2, model.group.size))
    moved, image = np.zeros((model.failing.size, 2)), np.zeros(towards.size)
    move_rows(
        model.walk, model.columns, model.group, state.risk, state.seen, state.bends, towards, along,
        moved, hazards, image,
    )  # fmt: skip
    return FrailtyMove(along=along, hazards=hazards, totals=moved, image=image)
