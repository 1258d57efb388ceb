"""Exact unconditional tests of two shares: Barnard's by the score, Boschloo's by Fisher's p."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from equipoise.numerics.shares.counts import check_pair
from equipoise.numerics.shares.fisher import log_choose

Floats = NDArray[np.float64]
_HALVES = 1000
_CERTAIN = 1e-12
_STEPS = 12
_STILL = 1e-9  # a step this small leaves the chance as it is
_TIE = 1e-9  # tables as extreme but for rounding are as extreme


class Ordering(Enum):
    """What makes a table extreme."""

    SCORE = "score"  # Barnard's test as it is used: the difference over its pooled error
    FISHER = "fisher"  # Boschloo's test: Fisher's exact p; it rejects no less than Fisher's


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconditionalTest:
    """Exact p values, each the greatest over the common share of both groups.

    `p_greater` speaks for a greater share in group 1. NaN where a group is empty.
    """

    p_value: float
    p_greater: float
    p_less: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    """All tables of two sizes, shape (n1 + 1, n0 + 1): their events, and chances given the sum."""

    total: NDArray[np.int64]
    chance: Floats
    sizes: tuple[int, int]


def _tables(n1: int, n0: int) -> _Tables:
    count1, count0 = np.arange(n1 + 1), np.arange(n0 + 1)
    total = count1[:, None] + count0[None, :]
    ways1, ways0 = log_choose(n1, k=count1), log_choose(n0, k=count0)
    ways = log_choose(n1 + n0, k=np.arange(n1 + n0 + 1))
    if n1 + n0 <= _HALVES:  # chances at a share of 1/2 are floats, and faster than logs
        half = math.log(0.5)
        chance = np.outer(np.exp(ways1 + n1 * half), np.exp(ways0 + n0 * half))
        chance *= np.exp(-ways - (n1 + n0) * half)[total]
    else:
        chance = np.exp(ways1[:, None] + ways0[None, :] - ways[total])
    return _Tables(total=total, chance=chance, sizes=(n1, n0))


def _scores(tables: _Tables) -> Floats:
    """The difference over its pooled error; 0 where nobody or everybody has the event."""
    n1, n0 = tables.sizes
    gap = np.arange(n1 + 1)[:, None] / n1 - np.arange(n0 + 1)[None, :] / n0
    share = np.arange(n1 + n0 + 1) / (n1 + n0)
    error = np.sqrt(share * (1 - share) * (1 / n1 + 1 / n0))
    error[[0, -1]] = math.inf
    gap /= error[tables.total]
    return gap


def _fisher_p(tables: _Tables) -> tuple[Floats, Floats, Floats]:
    """Fisher's p of every table: two-sided, greater, less."""
    both, greater, less = (np.empty_like(tables.chance) for _ in range(3))
    n1, n0 = tables.sizes
    for total in range(n1 + n0 + 1):
        count1 = np.arange(max(0, total - n0), min(total, n1) + 1)
        cells = count1, total - count1
        chance = tables.chance[cells]
        less[cells], greater[cells] = np.cumsum(chance), np.cumsum(chance[::-1])[::-1]
        rising = np.sort(chance)
        ends = np.searchsorted(rising, chance * (1 + 1e-7), side="right")
        both[cells] = np.cumsum(rising)[ends - 1]
    return both, greater, less


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """The chance of each sum of events, (n + 1, angles), at common shares sin(angle)^2."""

    ways: Floats
    angles: Floats
    chance: Floats


def _chances(ways: Floats, angles: Floats) -> Floats:
    n, share = ways.size - 1, np.sin(angles) ** 2
    sums = np.arange(n + 1)
    logs = ways[:, None] + np.outer(sums, np.log(share)) + np.outer(n - sums, np.log1p(-share))
    return np.asarray(np.exp(logs))


def _sums(n: int) -> _Sums:
    ways = log_choose(n, k=np.arange(n + 1))
    angles = np.linspace(0, math.pi / 2, 40 + int(4 * math.sqrt(n)))[1:-1]
    return _Sums(ways=ways, angles=angles, chance=_chances(ways, angles))


def _climb(sums: _Sums, given: Floats, angle: float, bounds: tuple[float, float]) -> float:
    """The greatest chance near an angle: by Newton's steps, by golden section where they fail."""
    n, count = given.size - 1, np.arange(given.size)
    for _ in range(_STEPS):
        sine, cosine = math.sin(angle), math.cos(angle)
        weight = given * _chances(sums.ways, np.array([angle]))[:, 0]
        pull = 2 * (count * (cosine / sine) - (n - count) * (sine / cosine))
        bend = pull**2 - 2 * (count / sine**2 + (n - count) / cosine**2)
        slope, curve = float(weight @ pull), float(weight @ bend)
        if curve >= 0 or not bounds[0] < angle - slope / curve < bounds[1]:
            break
        angle -= slope / curve
        if abs(slope / curve) < _STILL:
            return float(weight.sum())
    top = minimize_scalar(
        lambda at: -float(given @ _chances(sums.ways, np.array([at]))[:, 0]),
        bounds=bounds, method="bounded", options={"xatol": 1e-9},
    )  # fmt: skip
    return float(-top.fun)


def _greatest(tables: _Tables, sums: _Sums, extreme: NDArray[np.bool_]) -> float:
    """The greatest chance of the extreme tables, over the common share.

    Given the sum of events the chance does not depend on the share: it is a mean of what is
    extreme for each sum, with binomial weights.
    """
    n, grid = sum(tables.sizes), sums.angles
    own = tables.chance[extreme]
    given = np.bincount(tables.total[extreme], weights=own, minlength=n + 1).astype(np.float64)
    values = given @ sums.chance
    best = float(max(values.max(), given[0], given[n]))
    if best > 1 - _CERTAIN:
        return 1.0
    padded = np.r_[-1.0, values, -1.0]
    tops = (values >= padded[:-2]) & (values >= padded[2:]) & (values > 0.98 * best)
    ends = np.r_[0.0, grid, math.pi / 2]
    for i in np.flatnonzero(tops).tolist():
        bounds = max(ends[i], grid[0] / 1e6), min(ends[i + 2], math.pi / 2 - grid[0] / 1e6)
        best = max(best, _climb(sums, given, float(grid[i]), bounds))
    return min(best, 1.0)


def compare_unconditionally(
    events: tuple[int, int], *, n: tuple[int, int], ordering: Ordering = Ordering.SCORE
) -> UnconditionalTest:
    """The exact test that two shares are one, without fixing the sum of events; group 0 first.

    The chance of tables as extreme as the observed, at the common share that makes it greatest.
    Two-sided tables are as extreme by the size of the score, or by Fisher's two-sided p. The work
    grows with the product of the sizes: a millisecond for 2 x 44, some ten for 2 x 500.
    Source: Barnard (1947); Suissa, Shuster (1985); Boschloo (1970).
    """
    check_pair(events, n=n)
    if 0 in n:
        return UnconditionalTest(p_value=math.nan, p_greater=math.nan, p_less=math.nan)
    tables, here = _tables(n[1], n[0]), (events[1], events[0])
    if ordering is Ordering.SCORE:
        score = _scores(tables)
        orders = (-np.abs(score), -score, score)
    else:
        orders = _fisher_p(tables)
    sums = _sums(sum(n))
    both, greater, less = (
        _greatest(tables, sums, order <= order[here] + _TIE * max(abs(float(order[here])), 1e-300))
        for order in orders
    )
    return UnconditionalTest(p_value=both, p_greater=greater, p_less=less)
