"""The penalised partial likelihood of clusters that share a hazard, in time linear in the rows."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.row_order import Places

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
    """The design of the Cox model; `group` (n,) is the cluster of its rows, 0 to q - 1."""

    design: CoxDesign
    group: NDArray[np.int64]
    deaths: NDArray[np.int64]
    law: FrailtyLaw


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
def _plus(total: float, lost: float, value: float) -> tuple[float, float]:
    """As `add_exactly`: the sum, and what rounding has lost so far."""
    after = total + value
    part = after - total
    return after, lost + ((total - (after - part)) + (value - part))


@njit(cache=True)
def _evaluate_kernel(
    begin: Places,
    end: Places,
    block_stratum: Places,
    event: NDArray[np.int8],
    first: NDArray[np.int64],
    late: NDArray[np.int64],
    x: NDArray[np.float64],
    group: NDArray[np.int64],
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
    m, p = begin.size, x.shape[1]
    steps, before = np.zeros((m, 2)), np.zeros((m if late.size > 0 else 0, 2))
    value, product = 0.0, 1.0
    sums, lost = 0.0, 0.0
    gone, present = 0, 0
    for row in range(group.size):
        line = logs[group[row]]
        for j in range(p):
            line += x[row, j] * beta[j]
        risk[row] = math.exp(line)
        value += line * event[row]
    for k in range(m - 1, -1, -1):
        while gone < late.size and first[late[gone]] > k:
            sums, lost = _plus(sums, lost, -risk[late[gone]])
            present -= 1
            gone += 1
        if present == 0 or (k + 1 < m and block_stratum[k] != block_stratum[k + 1]):
            sums, lost, present = 0.0, 0.0, 0
        failed = 0
        for row in range(begin[k], end[k]):
            if first.size > 0 and first[row] > k:
                continue
            present += 1
            if event[row] == 1:
                failed += 1
                totals[k, 1] += risk[row]
            else:
                sums, lost = _plus(sums, lost, risk[row])
        totals[k, 0] = sums + lost
        for term in range(failed):
            part = (failed - term) / failed
            inverse = float(1.0 / (totals[k, 0] + part * totals[k, 1]))
            product *= inverse
            if product < 1e-200 or product > 1e200:
                value += math.log(product)
                product = 1.0
            steps[k, 0] += inverse
            steps[k, 1] += inverse * part
            bends[k, 0] += inverse**2
            bends[k, 1] += inverse**2 * part
            bends[k, 2] += inverse**2 * part**2
        for row in range(begin[k], end[k]):
            if event[row] == 1 and (first.size == 0 or first[row] <= k):
                sums, lost = _plus(sums, lost, risk[row])
    for k in range(m):
        if k == 0 or block_stratum[k] != block_stratum[k - 1]:
            sums, lost = 0.0, 0.0
        if late.size > 0:
            before[k, 0], before[k, 1] = sums, lost
        for row in range(begin[k], end[k]):
            if first.size > 0 and first[row] > k:
                continue
            since, since_lost = 0.0, 0.0
            if late.size > 0:
                since, since_lost = before[first[row], 0], before[first[row], 1]
            own = steps[k, 1] if event[row] == 1 else steps[k, 0]
            seen[row] = sums - since + (lost - since_lost) + own
            hazard = risk[row] * seen[row]
            score[p + group[row]] += event[row] - hazard
            alone[p + group[row]] += hazard
            for j in range(p):
                score[j] += (event[row] - hazard) * x[row, j]
                alone[j] += hazard * x[row, j] ** 2
        sums, lost = _plus(sums, lost, steps[k, 0])
    return value + math.log(product)


@njit(cache=True)
def move_rows(
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
    n, p = x.shape
    for row in range(n):
        line = towards[p + group[row]]
        for j in range(p):
            line += x[row, j] * towards[j]
        along[row] = line
    m = begin.size
    before = np.zeros((m if late.size > 0 else 0, 2))
    sums, lost = 0.0, 0.0
    gone, present = 0, 0
    for k in range(m - 1, -1, -1):
        while gone < late.size and first[late[gone]] > k:
            sums, lost = _plus(sums, lost, -risk[late[gone]] * along[late[gone]])
            present -= 1
            gone += 1
        if present == 0 or (k + 1 < m and block_stratum[k] != block_stratum[k + 1]):
            sums, lost, present = 0.0, 0.0, 0
        fails = 0.0
        for row in range(begin[k], end[k]):
            if first.size == 0 or first[row] <= k:
                present += 1
                share = risk[row] * along[row]
                fails += event[row] * share
                sums, lost = _plus(sums, lost, (1 - event[row]) * share)
        moved[k, 0], moved[k, 1] = sums + lost, fails
        if late.size == 0:  # else each must be what is taken out again
            sums, lost = _plus(sums, lost, fails)
            continue
        for row in range(begin[k], end[k]):
            if event[row] == 1 and (first.size == 0 or first[row] <= k):
                sums, lost = _plus(sums, lost, risk[row] * along[row])
    for k in range(m):
        if k == 0 or block_stratum[k] != block_stratum[k - 1]:
            sums, lost = 0.0, 0.0
        if late.size > 0:
            before[k, 0], before[k, 1] = sums, lost
        stays = bends[k, 0] * moved[k, 0] + bends[k, 1] * moved[k, 1]
        fails = bends[k, 1] * moved[k, 0] + bends[k, 2] * moved[k, 1]
        for row in range(begin[k], end[k]):
            fall = sums + lost
            if late.size > 0 and first[row] <= k:
                fall = sums - before[first[row], 0] + (lost - before[first[row], 1])
            fall += fails if event[row] == 1 else stays
            hazard = risk[row] * (along[row] * seen[row] - fall)
            hazards[row] = hazard
            image[p + group[row]] += hazard
            for j in range(p):
                image[j] += x[row, j] * hazard
        sums, lost = _plus(sums, lost, stays)


def evaluate_frailty(
    model: FrailtyModel, *, beta: NDArray[np.float64], logs: NDArray[np.float64], variance: float
) -> FrailtyState:
    """The likelihoods at given coefficients, log frailties and variance."""
    design, p = model.design, beta.size
    n, m = model.group.size, design.begin.size
    risk, seen = np.zeros((2, n))
    totals, bends = np.zeros((m, 2)), np.zeros((m, 3))
    score, alone = np.zeros((2, p + logs.size))
    value = _evaluate_kernel(
        design.begin, design.end, design.block_stratum, design.event, design.first, design.late,
        design.x, model.group, beta, logs, risk, seen, totals, bends, score, alone,
    )  # fmt: skip
    risk[design.idle] = 0.0
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
    design, n = model.design, model.group.size
    along, hazards = np.zeros((2, n))
    moved, image = np.zeros((design.begin.size, 2)), np.zeros(towards.size)
    move_rows(
        design.begin, design.end, design.block_stratum, design.event, design.first, design.late,
        design.x, model.group, state.risk, state.seen, state.bends, towards, along, moved, hazards,
        image,
    )  # fmt: skip
    return FrailtyMove(along=along, hazards=hazards, totals=moved, image=image)
