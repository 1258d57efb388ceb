"""The cumulative hazard with jumps that makes interval-censored rows most likely."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ROUNDS = 1000
_ENOUGH = 1e-26  # gain promised by the next step, a row: the step itself is about its root
_SETTLED = 1e-15  # the same, where rounding hides whether a step gains
NOBODY = 30.0  # a hazard that leaves 1e-13 of one: more gains nothing
_FLAT = 1e-11  # slope, a row, of a jump that stays 0
_ROUNDING = 1e-12  # of the likelihood


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
def _log_likelihood_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    weight: NDArray[np.float64],
    risk: NDArray[np.float64],
    hazard: NDArray[np.float64],
) -> float:
    """Sum of weight log(exp(-risk hazard[low]) - exp(-risk hazard[high]))."""
    total = 0.0
    end = hazard.size - 1
    for i in range(low.size):
        total -= weight[i] * risk[i] * hazard[low[i]]
        if high[i] < end:
            gap = risk[i] * (hazard[high[i]] - hazard[low[i]])
            if gap <= 0.0:
                return -math.inf
            total += weight[i] * math.log(-math.expm1(-gap))
    return total


@njit(cache=True)
def slopes_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    weight: NDArray[np.float64],
    risk: NDArray[np.float64],
    hazard: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope of the log likelihood at each node, and each row's curvature along its gap.

    With q = 1 / (exp(gap) - 1), the curvature is weight risk^2 q (1 + q).
    """
    end = hazard.size - 1
    slope = np.zeros(end + 1)
    curvature = np.zeros(low.size)
    for i in range(low.size):
        pull = weight[i] * risk[i]
        slope[low[i]] -= pull
        if high[i] < end:
            q = 1.0 / math.expm1(risk[i] * (hazard[high[i]] - hazard[low[i]]))
            slope[low[i]] -= pull * q
            slope[high[i]] += pull * q
            curvature[i] = pull * risk[i] * q * (1.0 + q)
    return slope, curvature


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
        for i in range(low.size):
            if curvature[i] > 0.0:
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
    rise: NDArray[np.float64], jump: NDArray[np.float64], least: float, most: float
) -> tuple[NDArray[np.bool_], float]:
    """The jumps that may move: those there are, and the steepest rise between two of them.

    One above `most` stays: it leaves nobody.
    """
    free = (jump > 0.0) & (jump < most)
    steepest = 0.0
    best, where = least, 0
    for j in range(1, jump.size):
        if jump[j] > 0.0:
            if where > 0:
                free[where] = True
            best, where = least, 0
        elif rise[j] > best:
            best, where = rise[j], j
            steepest = max(steepest, best)
    if where > 0:
        free[where] = True
    return free, steepest


@njit(cache=True)
def _start_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    weight: NDArray[np.float64],
    order: NDArray[np.int64],
    nodes: int,
) -> NDArray[np.float64]:
    """Few jumps that leave no row without one, each the share of the rows still there it serves.

    `order` are the rows by `high`.
    """
    ending = np.zeros(nodes + 1)
    for i in range(low.size):
        ending[high[i]] += weight[i]
    served = np.zeros(nodes)
    last = 0
    for i in order:
        if high[i] < nodes:
            if low[i] >= last:
                last = high[i]
            served[last] += weight[i]
    jump = np.zeros(nodes)
    there = np.maximum(weight, 0.0).sum()
    for j in range(1, nodes):
        jump[j] = served[j] / max(there, served[j]) if served[j] > 0.0 else 0.0
        there -= ending[j]
    return jump


@njit(cache=True)
def _maximise_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    weight: NDArray[np.float64],
    risk: NDArray[np.float64],
    jump: NDArray[np.float64],
) -> tuple[NDArray[np.float64], float, int, bool]:
    """Quadratic steps over the jumps there are and the most promising new ones, to the top."""
    rows = np.maximum(weight, 0.0).sum()
    hazard = np.full(jump.size + 1, math.inf)
    hazard[:-1] = np.cumsum(jump)
    likelihood = _log_likelihood_kernel(low, high, weight, risk, hazard)
    most = NOBODY / risk.min()
    careful = 0
    promised, steepest, taken = 0.0, 0.0, 0
    for taken in range(_ROUNDS):
        slope, curvature = slopes_kernel(low, high, weight, risk, hazard)
        rise = np.cumsum(slope[-2::-1])[::-1].copy()
        free, steepest = _free_kernel(rise, jump, _FLAT * rows, most)
        wanted = _quadratic_kernel(low, high, curvature, slope, jump, free, careful)
        step = np.minimum(wanted - jump, most)
        promised = np.sum(rise * step)
        if abs(promised) <= _ENOUGH * rows and steepest <= _FLAT * rows:
            return hazard, likelihood, taken, True
        share = 1.0
        better = False
        while promised > 0.0 and share > 1e-10 and not better:
            tried = jump + share * step
            hazard[:-1] = np.cumsum(tried)
            found = _log_likelihood_kernel(low, high, weight, risk, hazard)
            better = found >= likelihood - _ROUNDING * max(abs(likelihood), 1.0)
            share /= 2.0
        if better:
            jump, likelihood = tried, found
        elif careful == 1:
            break
        careful = 0 if better else 1
        hazard[:-1] = np.cumsum(jump)
    settled = abs(promised) <= _SETTLED * rows and steepest <= _FLAT * rows
    return hazard, likelihood, taken, settled


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
        order = np.argsort(high, kind="stable")
        jump = _start_kernel(low, high, weight, order, rows.nodes)
    else:
        jump = np.diff(start[:-1], prepend=0.0)
    hazard, likelihood, rounds, converged = _maximise_kernel(low, high, weight, risk, jump)
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
