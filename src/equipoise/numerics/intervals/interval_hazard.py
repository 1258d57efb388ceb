"""The cumulative hazard with jumps that makes interval-censored rows most likely."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ROUNDS = 1000
_ENOUGH = 1e-26  # gain promised by the next step, a row: the step itself is about its root
_NEAR = 1e-17  # the same of a step just made: the next is about its square
_SETTLED = 1e-15  # the same, where rounding hides whether a step gains
NOBODY = 27.0  # a hazard that leaves 2e-12 of one: more gains nothing, and drowns what is small
_FLAT = 1e-11  # slope, a row, of a jump that stays 0
_ROUNDING = 1e-12  # of the likelihood
_MOST_AT_FIRST = 0.95  # share of those there that the first jumps serve


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalRows:
    """Rows between nodes `low` and `high` of the hazard, with hazard times `risk`; shape (n,).

    Node 0 is the start, where the hazard is 0; node `nodes` the end, where it is infinite. A row
    that enters late has its weight taken off in a second one, from its entry to the end.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    weight: NDArray[np.float64]
    risk: NDArray[np.float64]
    nodes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalHazard:
    """The cumulative hazard at the nodes, shape (nodes + 1,), and the log likelihood there.

    `converged` is false where no further step raised the likelihood though one should have.
    """

    hazard: NDArray[np.float64]
    log_likelihood: float
    rounds: int
    converged: bool


@njit(cache=True)
def _slopes_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    weight: NDArray[np.float64],
    risk: NDArray[np.float64],
    hazard: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The log likelihood, its slope at each node, each row's curvature along its gap, and its odds.

    The likelihood is the sum of weight log(exp(-risk hazard[low]) - exp(-risk hazard[high])). With
    gap = risk (hazard[high] - hazard[low]), the odds q of no event in it, when it was there to
    come, are 1 / (exp(gap) - 1), the curvature is weight risk^2 q (1 + q).
    """
    end = hazard.size - 1
    total, chances = 0.0, 1.0  # of rows of weight 1, for one logarithm of many
    slope = np.zeros(end + 1)
    curvature, odds = np.zeros(low.size), np.zeros(low.size)
    for i in range(low.size):
        pull = weight[i] * risk[i]
        total -= pull * hazard[low[i]]
        slope[low[i]] -= pull
        if high[i] < end:
            gap = risk[i] * (hazard[high[i]] - hazard[low[i]])
            if gap <= 0.0:
                return -math.inf, slope, curvature, odds
            q = 1.0 / math.expm1(gap)
            if weight[i] != 1.0 or q > 1e100:
                total -= weight[i] * math.log1p(q)
            elif chances < 1e100:
                chances *= 1.0 + q
            else:
                total -= math.log(chances)
                chances = 1.0 + q
            slope[low[i]] -= pull * q
            slope[high[i]] += pull * q
            curvature[i] = pull * risk[i] * q * (1.0 + q)
            odds[i] = q
    return total - math.log(chances), slope, curvature, odds


@njit(cache=True)
def _product(factor: NDArray[np.float64], row: int, above: int, begin: int, end: int) -> float:
    """Sum of products of two rows of the factor, in four strands that the processor overlaps."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    t = begin
    while t + 4 <= end:
        a += factor[row + t] * factor[above + t]
        b += factor[row + t + 1] * factor[above + t + 1]
        c += factor[row + t + 2] * factor[above + t + 2]
        d += factor[row + t + 3] * factor[above + t + 3]
        t += 4
    while t < end:
        a += factor[row + t] * factor[above + t]
        t += 1
    return (a + b) + (c + d)


@njit(cache=True)
def factor_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    curvature: NDArray[np.float64],
    place: NDArray[np.int64],
    size: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Cholesky factor of the curvature between places 1 to `size`; place 0 stands still.

    Kept by rows from the first entry that is not 0: row j holds columns first[j] to j, from
    offset[j] on. Rows of the data join the places of their two nodes as the edges of a graph.
    """
    first = np.arange(size + 1)
    for i in range(low.size):
        if curvature[i] > 0.0:
            a, b = place[low[i]], place[high[i]]
            if 0 < a < first[b]:
                first[b] = a
    offset = np.zeros(size + 2, dtype=np.int64)
    for j in range(size + 1):
        offset[j + 1] = offset[j] + j - first[j] + 1
    factor = np.zeros(offset[size + 1])
    for i in range(low.size):
        if curvature[i] > 0.0:
            a, b = place[low[i]], place[high[i]]
            if a != b:
                factor[offset[b] + b - first[b]] += curvature[i]
                if a > 0:
                    factor[offset[a] + a - first[a]] += curvature[i]
                    factor[offset[b] + a - first[b]] -= curvature[i]
    for j in range(1, size + 1):
        row = offset[j] - first[j]
        for k in range(first[j], j + 1):
            above = offset[k] - first[k]
            shared = _product(factor, row, above, max(first[j], first[k]), k)
            left = factor[row + k] - shared
            factor[row + k] = left / factor[above + k] if k < j else math.sqrt(max(left, 1e-300))
    return first, offset, factor


@njit(cache=True)
def solve_kernel(
    first: NDArray[np.int64],
    offset: NDArray[np.int64],
    factor: NDArray[np.float64],
    values: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The solution for the right side `values`, by place from 1; place 0 is 0."""
    x = values.copy()
    x[0] = 0.0
    for j in range(1, x.size):
        for t in range(first[j], j):
            x[j] -= factor[offset[j] + t - first[j]] * x[t]
        x[j] /= factor[offset[j] + j - first[j]]
    for j in range(x.size - 1, 0, -1):
        x[j] /= factor[offset[j] + j - first[j]]
        for t in range(first[j], j):
            x[t] -= factor[offset[j] + t - first[j]] * x[j]
    return x


@njit(cache=True)
def _quadratic_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    curvature: NDArray[np.float64],
    slope: NDArray[np.float64],
    jump: NDArray[np.float64],
    free: NDArray[np.bool_],
    careful: int,
) -> NDArray[np.float64]:
    """The jumps at the top of the quadratic model: those that would turn negative are held at 0.

    One at a time where `careful` is 1, so that the model never falls; else all of them at once.
    """
    nodes = slope.size - 1
    now = jump.copy()
    blocked = -1
    while True:
        place = np.zeros(nodes + 1, dtype=np.int64)
        moved = np.zeros(nodes + 1)
        for j in range(1, nodes):
            place[j] = place[j - 1] + (1 if free[j] else 0)
            moved[j] = moved[j - 1] + now[j] - jump[j]
        size = place[nodes - 1] if nodes > 0 else 0
        right = np.zeros(size + 1)
        for j in range(nodes):
            right[place[j]] += slope[j]
        if blocked >= 0:  # nothing has moved before
            for i in range(low.size):
                pull = curvature[i] * (moved[high[i]] - moved[low[i]])
                right[place[high[i]]] -= pull
                right[place[low[i]]] += pull
        first, offset, factor = factor_kernel(low, high, curvature, place, size)
        way = solve_kernel(first, offset, factor, right)
        share, blocked = 1.0, -1
        for j in range(1, nodes):
            if free[j]:
                step = way[place[j]] - way[place[j] - 1]
                if now[j] + share * step < 0.0:
                    share, blocked = -now[j] / step, j
        share = share if careful == 1 else 1.0
        for j in range(1, nodes):
            if free[j]:
                now[j] += share * (way[place[j]] - way[place[j] - 1])
                if now[j] < 0.0 or j == blocked:
                    now[j] = 0.0
                    free[j] = False
        if blocked < 0:
            return now


@njit(cache=True)
def _free_kernel(
    slope: NDArray[np.float64], jump: NDArray[np.float64], least: float, most: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_], float]:
    """The likelihood's rise with each jump, and which may move; the steepest of those not there.

    Those there are may move, and the steepest between two of them. One above `most` stays: it
    leaves nobody.
    """
    rise, free = np.zeros(jump.size), np.zeros(jump.size, dtype=np.bool_)
    above, steepest = slope[jump.size], 0.0
    best, where = least, 0
    for j in range(jump.size - 1, 0, -1):
        above += slope[j]
        rise[j] = above
        if jump[j] > 0.0:
            free[where] = where > 0
            free[j] = jump[j] < most
            best, where = least, 0
        elif rise[j] > best:
            best, where = rise[j], j
            steepest = max(steepest, best)
    free[where] = where > 0
    return rise, free, steepest


@njit(cache=True)
def start_kernel(
    low: NDArray[np.int64], high: NDArray[np.int64], weight: NDArray[np.float64], nodes: int
) -> NDArray[np.float64]:
    """Few jumps that leave no row without one, each as Kaplan-Meier has it for those it serves."""
    leaving, served, jump = np.zeros(nodes + 1), np.zeros(nodes + 1), np.zeros(nodes)
    after, serving = np.zeros((2, nodes + 1), dtype=np.int64)
    there = 0.0
    for i in range(low.size):
        there += weight[i]
        leaving[high[i] if high[i] < nodes else low[i]] += weight[i]
        after[high[i]] = max(after[high[i]], low[i] + 1)
    for j in range(1, nodes):
        serving[j] = j if after[j] > serving[j - 1] else serving[j - 1]
    for i in range(low.size):
        served[serving[high[i]]] += weight[i]
    for j in range(1, nodes):
        there -= leaving[j - 1]
        if served[j] > 0.0:
            jump[j] = -math.log1p(-min(served[j] / max(there, served[j]), _MOST_AT_FIRST))
    return jump


@njit(cache=True)
def _lift_kernel(
    jump: NDArray[np.float64],
    step: NDArray[np.float64],
    share: float,
    hazard: NDArray[np.float64],
) -> None:
    """Sets the hazard to where the jumps are after such a share of the step; its end stays."""
    now = 0.0
    for j in range(jump.size):
        now += jump[j] + share * step[j]
        hazard[j] = now


@njit(cache=True)
def maximise_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    weight: NDArray[np.float64],
    risk: NDArray[np.float64],
    jump: NDArray[np.float64],
) -> tuple[NDArray[np.float64], float, NDArray[np.float64], NDArray[np.float64], int, bool]:
    """Quadratic steps over the jumps there are and the most promising new ones, to the top.

    The jumps are changed. Also the hazard, the likelihood, each row's curvature and odds there, and
    how many steps were made.
    """
    rows, lowest = 0.0, math.inf
    for i in range(low.size):
        rows += max(weight[i], 0.0)
        lowest = min(lowest, risk[i])
    most = NOBODY / lowest
    step, hazard = np.zeros(jump.size), np.zeros(jump.size + 1)
    hazard[jump.size] = math.inf
    _lift_kernel(jump, step, 0.0, hazard)
    likelihood, slope, curvature, odds = _slopes_kernel(low, high, weight, risk, hazard)
    careful = 0
    promised, steepest, taken, whole, made = 0.0, 0.0, 0, False, math.inf
    for taken in range(_ROUNDS):
        rise, free, steepest = _free_kernel(slope, jump, _FLAT * rows, most)
        if whole and abs(promised) <= _NEAR * rows and steepest <= _FLAT * rows:
            return hazard, likelihood, curvature, odds, taken, True
        wanted = _quadratic_kernel(low, high, curvature, slope, jump, free, careful)
        promised = 0.0
        for j in range(1, jump.size):
            step[j] = min(wanted[j] - jump[j], most)
            promised += rise[j] * step[j]
        if abs(promised) <= _ENOUGH * rows and steepest <= _FLAT * rows:
            return hazard, likelihood, curvature, odds, taken, True
        share, better = 2.0, False
        least = 2e-10 if careful == 1 else 0.2  # what is held at once leads up soon or nowhere
        while promised > 0.0 and share > least and not better:
            share /= 2.0
            _lift_kernel(jump, step, share, hazard)
            found = _slopes_kernel(low, high, weight, risk, hazard)
            better = found[0] >= likelihood - _ROUNDING * max(abs(likelihood), 1.0)
        if better:
            likelihood, slope, curvature, odds = found
            made = promised
            for j in range(1, jump.size):
                jump[j] += share * step[j]
        else:
            _lift_kernel(jump, step, 0.0, hazard)
        whole = better and share == 1.0
        if not better and careful == 1:
            break
        careful = careful if better else 1  # from then on
    near = made <= _SETTLED * rows or abs(promised) <= _SETTLED * rows
    return hazard, likelihood, curvature, odds, taken, near and steepest <= _FLAT * rows


def fit_interval_hazard(
    rows: IntervalRows, *, start: NDArray[np.float64] | None = None
) -> IntervalHazard:
    """The cumulative hazard of largest likelihood, given the rows' relative risks.

    It is concave in the hazard at the nodes, so the top is found where no jump that is there can
    be moved and none that is not would rise; that is checked to rounding. Newton's step is taken
    with the jumps held above 0, the steepest new jump between any two let in each time.
    Source: Groeneboom, Jongbloed, Wellner (2008), support reduction; Wang (2007), one new point
    between any two.
    """
    # one type and order of arrays, for each other one is compiled for anew
    low, high = (np.ascontiguousarray(nodes, dtype=np.int64) for nodes in (rows.low, rows.high))
    weight, risk = (
        np.ascontiguousarray(values, dtype=np.float64) for values in (rows.weight, rows.risk)
    )
    if start is None:
        jump = start_kernel(low, high, weight, rows.nodes)
    else:
        jump = np.diff(start[:-1], prepend=0.0)
    hazard, likelihood, _, _, rounds, converged = maximise_kernel(low, high, weight, risk, jump)
    return IntervalHazard(
        hazard=hazard, log_likelihood=likelihood, rounds=rounds, converged=converged
    )


def fit_settled_hazard(rows: IntervalRows) -> IntervalHazard:
    """The same; ValueError where the climb did not settle."""
    fit = fit_interval_hazard(rows)
    if not fit.converged:
        late = "; begin later, where more are at risk" if (rows.weight < 0).any() else ""
        raise ValueError(
            f"the climb to the largest likelihood stopped after {fit.rounds} rounds{late}"
        )
    return fit
