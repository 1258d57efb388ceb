"""The likelihood of interval-censored rows where the baseline hazards follow the coefficients."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.intervals.interval_hazard import (
    factor_kernel,
    maximise_kernel,
    solve_kernel,
    start_kernel,
)
from equipoise.numerics.models.uneven_climb import Slopes

Values = NDArray[np.float64]
Codes = NDArray[np.int64]
_NO_JUMP = 1e-13  # a hazard this small is left by rounding where none is best
_STEEPEST = 60.0  # log hazards beyond it would leave the range of floats
_DROWNED = 1e6  # a row's hazard by its entry, beside which what comes later has too few digits


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRows:
    """Rows with covariates `x` (n, p), stratum after stratum: each from `row[s]` to `row[s + 1]`.

    A stratum's nodes are numbered from 0, those of all strata stand from `node[s]` to
    `node[s + 1]`; else as `IntervalRows`.
    """

    low: Codes
    high: Codes
    weight: Values
    x: Values
    row: Codes
    node: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedHazards:
    """The jumps of all strata, shape (nodes,), that are best for coefficients `beta` (p,).

    `follows` (nodes, p) are the derivatives of the jumps by the coefficients.
    """

    beta: Values
    jump: Values
    follows: Values


@njit(cache=True)
def _led_kernel(jump: Values, follows: Values, move: Values) -> Values:
    """The jumps where the coefficients have moved, by how their logarithms follow them."""
    led = jump.copy()
    for j in range(jump.size):
        if jump[j] > 0.0:
            gain = 0.0
            for k in range(move.size):
                gain += follows[j, k] * move[k]
            led[j] *= math.exp(min(max(gain / jump[j], -1.0), 1.0))
    return led


@njit(cache=True)
def _add_stratum_kernel(
    low: Codes,
    high: Codes,
    weight: Values,
    x: Values,
    risk: Values,
    jump: Values,
    hazard: Values,
    curvature: Values,
    odds: Values,
    score: Values,
    information: Values,
    follows: Values,
) -> None:
    """Adds a stratum's score and information where its hazard follows, and tells how it does.

    With a = risk H(left), g the gap to H(right) times risk, q = 1 / (exp(g) - 1): the row's slope
    along its log hazard is g q - a. The hazard's share is taken off the information: I_bb less
    C' K^-1 C over the nodes where it jumps. Source: Finkelstein (1986); Murphy, van der Vaart
    (2000), section 2.
    """
    n, p = x.shape
    end = jump.size
    highest = 0.0
    for i in range(n):
        highest = max(highest, risk[i])
    place = np.zeros(end + 1, dtype=np.int64)  # where each node stands among those that jump
    for j in range(1, end):
        place[j] = place[j - 1] + (1 if jump[j] * highest > _NO_JUMP else 0)
    size = place[end - 1]
    across = np.zeros((p, size + 1))
    for i in range(n):
        pull = weight[i] * risk[i]
        start = pull * hazard[low[i]]
        along, curve, at_low, at_high = -start, start, -pull, 0.0
        if high[i] < end:
            gap, q = risk[i] * (hazard[high[i]] - hazard[low[i]]), odds[i]
            bend = gap * q * (1.0 + q)
            along += weight[i] * gap * q
            curve += weight[i] * gap * (bend - q)
            at_high = pull * (q - bend)
            at_low -= at_high
        below, above = place[low[i]], place[high[i]]
        for j in range(p):
            score[j] += along * x[i, j]
            across[j, below] += at_low * x[i, j]
            across[j, above] += at_high * x[i, j]
            bent = curve * x[i, j]
            for k in range(j + 1):
                information[j, k] += bent * x[i, k]
    first, offset, factor = factor_kernel(low, high, curvature, place, size)
    for k in range(p):
        solved = solve_kernel(first, offset, factor, across[k])
        for j in range(k, p):
            for t in range(1, size + 1):
                information[j, k] -= across[j, t] * solved[t]
        for j in range(1, end):
            follows[j, k] = solved[place[j]] - solved[place[j - 1]]


@njit(cache=True)
def _profile_kernel(
    low: Codes, high: Codes, weight: Values, x: Values, row: Codes, node: Codes,
    beta: Values, jump: Values,
) -> tuple[float, Values, Values, Values]:  # fmt: skip
    """The likelihood over all strata, its score and information, and how the jumps follow.

    The jumps, given where to start from, are brought to where they are best. -inf where one of the
    hazards was not found, or has run away from the rows that come late.
    """
    p = x.shape[1]
    score, information = np.zeros(p), np.zeros((p, p))
    follows = np.zeros((jump.size, p))
    total = 0.0
    for s in range(row.size - 1):
        a, b, c, d = row[s], row[s + 1], node[s], node[s + 1]
        risk = np.empty(b - a)
        for i in range(a, b):
            line = 0.0
            for k in range(p):
                line += x[i, k] * beta[k]
            if not abs(line) <= _STEEPEST:
                return -math.inf, score, information, follows
            risk[i - a] = math.exp(line)
        hazard, likelihood, curvature, odds, _, converged = maximise_kernel(
            low[a:b], high[a:b], weight[a:b], risk, jump[c:d]
        )
        most = 0.0
        for i in range(a, b):
            most = max(most, risk[i - a] * hazard[low[i]])
        if not (converged and most <= _DROWNED):
            return -math.inf, score, information, follows
        total += likelihood
        _add_stratum_kernel(
            low[a:b], high[a:b], weight[a:b], x[a:b], risk, jump[c:d], hazard, curvature, odds,
            score, information, follows[c:d],
        )  # fmt: skip
    for j in range(p):
        for k in range(j):
            information[k, j] = information[j, k]
    return total, score, information, follows


def _first_jumps(rows: ProfileRows) -> Values:
    ends = zip(rows.row[:-1], rows.row[1:], np.diff(rows.node), strict=True)
    return np.concatenate(
        [start_kernel(rows.low[a:b], rows.high[a:b], rows.weight[a:b], m) for a, b, m in ends]
    )


def split_hazards(rows: ProfileRows, *, reached: ReachedHazards) -> list[Values]:
    """The cumulative hazard of each stratum after its nodes, the last infinite."""
    jumps = np.split(reached.jump, rows.node[1:-1])
    return [np.append(np.cumsum(jump), math.inf) for jump in jumps]


def profile_slopes(
    rows: ProfileRows, *, beta: Values, reached: ReachedHazards | None
) -> tuple[Slopes, ReachedHazards | None]:
    """The profile likelihood of the coefficients, and the hazards that are best with them.

    The search for these starts where those `reached` before lead; where it does not settle, they
    are given back, and a likelihood of -inf.
    """
    if reached is None:
        jump = _first_jumps(rows)
    else:
        jump = _led_kernel(reached.jump, reached.follows, beta - reached.beta)
    value, score, information, follows = _profile_kernel(
        rows.low, rows.high, rows.weight, rows.x, rows.row, rows.node, beta, jump
    )
    found = math.isfinite(value) and bool(np.isfinite(information).all())
    if found:
        reached = ReachedHazards(beta=beta, jump=jump, follows=follows)
    else:
        value, score, information = -math.inf, np.zeros_like(score), np.zeros_like(information)
    return Slopes(value=value, score=score, information=information), reached
