"""MaxCombo: the largest of several weighted log-rank statistics, with an exact p value.

The statistics are jointly normal, and their p value is the chance that a normal point leaves a
region around 0. Weights are often bound to each other - FH(0,1) + FH(1,0) is FH(0,0) - so that the
point lives in fewer dimensions than there are statistics: there the chance has a closed form (one
and two dimensions) or is one smooth integral (three), without chance and to all digits.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.special import ndtr, owens_t

from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk
from equipoise.numerics.ranks.weighted_logrank import (
    FlemingHarrington,
    Weighting,
    compare_weighted_logrank,
)

_NO_DIMENSION = 1e-12  # an eigenvalue of a correlation matrix below this is 0 to rounding
_NODES, _SHARES = np.polynomial.legendre.leggauss(128)
USUAL = (
    FlemingHarrington(),
    FlemingHarrington(gamma=1),
    FlemingHarrington(rho=1),
    FlemingHarrington(rho=1, gamma=1),
)


class Side(Enum):
    """Which difference from the null counts as one."""

    TWO_SIDED = "two-sided"
    FEWER_EVENTS = "group 1 has fewer events"
    MORE_EVENTS = "group 1 has more events"


class TooManyDimensionsError(Exception):
    """The weights span more than three dimensions: the message says how many, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxCombo:
    """The statistics of all weightings, their correlation, and the p value of the largest.

    `z` has shape (q,), above 0 where group 1 has more events; `correlation` (q, q). `largest` is
    the largest of |z|, -z or z, as `side` has it. NaN where nothing can be tested.
    """

    z: NDArray[np.float64]
    correlation: NDArray[np.float64]
    side: Side
    largest: float
    p_value: float


def compare_maxcombo(
    sets: GroupsAtRisk, *, weightings: Sequence[Weighting] = USUAL, side: Side = Side.TWO_SIDED
) -> MaxCombo:
    """Whether two groups differ by any of the weightings, by stratum; p for having looked at all.

    Default: FH(0,0), (0,1), (1,0) and (1,1). A weighting without variance is left out. Weightings
    that span more than three dimensions are refused. Source: Karrison (2016); Lin et al. (2020).
    """
    if sets.n.size != 2:
        raise ValueError(f"MaxCombo compares two groups, not {sets.n.size}")
    if not weightings:
        raise ValueError("weightings must hold at least one")
    tests = [compare_weighted_logrank(sets, weighting=one) for one in weightings]
    z = np.array([test.z for test in tests])
    correlation = _correlation(sets, np.array([one(sets) for one in weightings]))
    seen = np.isfinite(z)
    signed = {Side.TWO_SIDED: np.abs(z), Side.FEWER_EVENTS: -z, Side.MORE_EVENTS: z}[side]
    largest = float(signed[seen].max(initial=-math.inf)) if seen.any() else math.nan
    inner = correlation[np.ix_(seen, seen)]
    return MaxCombo(
        z=z,
        correlation=correlation,
        side=side,
        largest=largest,
        p_value=chance_beyond(inner, largest=largest, both=side is Side.TWO_SIDED)
        if seen.any()
        else math.nan,
    )


def _correlation(sets: GroupsAtRisk, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the statistics of weights (q, m). Source: Tarone (1981); Karrison (2016), 2.2."""
    n, d = sets.at_risk.sum(axis=0), sets.events.sum(axis=0)
    spread = d * ((n - d) / np.maximum(n - 1, 1)) * (sets.at_risk[0] / n) * (sets.at_risk[1] / n)
    covariance = np.einsum("am,m,bm->ab", weights, spread, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.sqrt(np.diag(covariance))
        return np.asarray(covariance / np.outer(size, size))


def chance_beyond(correlation: NDArray[np.float64], *, largest: float, both: bool) -> float:
    """The chance that the largest of jointly normal statistics (of |.|, if both) exceeds `largest`.

    With the correlation a a', the statistics are a x of a standard normal point x of r dimensions,
    a row of length 1 each. In the direction u the point is beyond from the length z / max(a u) on:
    a chi-square tail, to be averaged over directions, each with the row that is largest there.
    """
    roots, axes = eigh(correlation)
    used = roots > _NO_DIMENSION * correlation.shape[0]
    rows = _distinct(axes[:, used] * np.sqrt(roots[used]), both=both)
    dimensions = int(used.sum())
    if dimensions > 3:
        raise TooManyDimensionsError(
            f"the weightings span {dimensions} dimensions, and p is worked out in up to three: "
            "leave weightings out; FH(0,0), (0,1), (1,0) and (1,1) span three"
        )
    average = (_average_on_line, _average_in_plane, _average_in_space)[dimensions - 1]
    found = average(rows, largest)
    return float(min(found if largest >= 0 else 1 - found, 1.0))


def _distinct(rows: NDArray[np.float64], *, both: bool) -> NDArray[np.float64]:
    """The rows at length 1, each once; if `both`, then followed by their opposites."""
    kept: list[NDArray[np.float64]] = []
    for row in rows / np.linalg.norm(rows, axis=1)[:, None]:
        others = [*kept, *(-other for other in kept)] if both else kept
        if all(np.linalg.norm(row - other) > 1e-12 for other in others):
            kept.append(row)
    return np.array([*kept, *(-row for row in kept)] if both else kept)


def _average_on_line(rows: NDArray[np.float64], z: float) -> float:
    """Below 0 the point is not beyond on one side of the line, unless a row looks there too."""
    if z < 0:
        return float(ndtr(z)) if len(rows) == 1 else 0.0
    return float(len(rows) * ndtr(-z))


def _average_in_plane(rows: NDArray[np.float64], z: float) -> float:
    """Sum over arcs on which one row is largest, each a difference of Owen's T.

    For z below 0 over the arcs on which all rows look away: the average of not being beyond.
    Source: Owen (1956), eq. 2.1.
    """
    angle = np.arctan2(rows[:, 1], rows[:, 0])
    middles = [(one + other) / 2 for one, other in combinations(angle, 2)]
    turns = _breaks(np.r_[middles, angle + np.pi / 2])
    middle, half = (turns[1:] + turns[:-1]) / 2, np.diff(turns) / 2
    cosine = np.cos(middle[:, None] - angle)
    top = cosine.argmax(axis=1)
    counted = (cosine.max(axis=1) > 0) == (z >= 0)
    away = np.mod(middle - angle[top] + np.pi / 2, np.pi) - np.pi / 2
    ends = np.tan(np.clip([away - half, away + half], -np.pi / 2, np.pi / 2))
    arcs = owens_t(abs(z), ends[1]) - owens_t(abs(z), ends[0])
    return float(arcs[counted].sum())


def _average_in_space(rows: NDArray[np.float64], z: float) -> float:
    """Sum over the cells in which one row is largest, each an integral around that row.

    With the cell's edge at the angle t from its row, in the direction f around it, a sector gives
    df / (2 pi) (Phi(-z) - cos(t) Phi(-z / cos(t))): the normal distances along the row beyond z,
    each with the two-dimensional normal within reach. For z below 0 the cells are those in which
    the row looks away least.
    """
    half = len(rows) // 2
    if half and np.array_equal(rows[:half], -rows[half:]):  # opposite rows have equal cells
        return 2 * sum(_cell(rows, a, z) for a in range(half))
    return sum(_cell(rows, a, z) for a in range(len(rows)))


def _cell(rows: NDArray[np.float64], a: int, z: float) -> float:
    plane = np.linalg.svd(rows[a][None])[2][1:]
    others = np.delete(rows, a, axis=0)
    # the tangent of the edge's angle in direction f is 1 / max(edge f), over the other rows
    edge = (others @ plane.T) / (((others - rows[a]) ** 2).sum(axis=1) / 2)[:, None]
    lines = np.concatenate([edge, *([b - c] for b, c in combinations(edge, 2))])
    turns = _breaks(np.arctan2(lines[:, 1], lines[:, 0]) + np.pi / 2)
    nearest = _reach(edge, (turns[:-1] + turns[1:]) / 2, z)[1]
    changes = turns[:-1][nearest != np.roll(nearest, 1)]
    turns = np.r_[changes, changes[0] + 2 * np.pi] if changes.size else turns[[0, -1]]
    half = np.diff(turns)[:, None] / 2
    steep = _reach(edge, (turns[:-1, None] + half * (1 + _NODES)).ravel(), z)[0]
    cosine = steep / np.sqrt(1 + steep**2)
    beyond = cosine * ndtr(-abs(z) / np.maximum(cosine, 1e-300))
    value = ndtr(-z) - beyond if z >= 0 else beyond
    return float((half * _SHARES).ravel() @ value / (2 * np.pi))


def _reach(
    edge: NDArray[np.float64], around: NDArray[np.float64], z: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """How steep the edge is in each direction, at least 0, and whose it is; -1 where it is open."""
    towards = edge @ np.stack([np.cos(around), np.sin(around)])
    whose = towards.argmax(axis=0) if z >= 0 else towards.argmin(axis=0)
    steep = towards[whose, np.arange(around.size)]
    return np.maximum(steep, 0.0), np.where(steep > 0, whose, -1)


def _breaks(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The angles and their opposites in order around the circle, from one back to itself."""
    turns = np.unique(np.mod(np.r_[angles, angles + np.pi], 2 * np.pi))
    return np.append(turns, turns[0] + 2 * np.pi)
