"""The tables of two shares whose score of a difference reaches a bound."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.shares.restricted_shares import score_variance_kernel

Counts = NDArray[np.int64]
_BORDER = 1.2e-16  # a share is never nearer to 0 or 1
_KNOTS = 16
_DOUBT = 1e-3  # of a count, about a cubic that looks right in its middle


@njit(cache=True)
def score_kernel(x1: float, n1: float, x0: float, n0: float, delta: float) -> float:
    """The difference of two shares less `delta`, over its error there. It falls with `delta`."""
    gap = x1 / n1 - x0 / n0 - delta
    variance = score_variance_kernel(x1, n1, x0, n0, delta)
    if variance > 0:
        return gap / math.sqrt(variance)
    return 0.0 if abs(gap) < 1e-14 else math.copysign(math.inf, gap)


@njit(cache=True)
def _edge(
    p0: float, delta: float, n1: float, n0: float, score: float
) -> tuple[float, float, float, float]:
    """Events of groups 1 and 0 that have this score and these likeliest shares; their slopes.

    At the likeliest shares (x1 / n1 - p1) / v1 = -(x0 / n0 - p0) / v0, v the variances, and the
    difference of both gaps is the score times the error: linear in the events.
    """
    p1 = p0 + delta
    v1, v0 = p1 * (1 - p1), p0 * (1 - p0)
    turn1, turn0 = 1 - 2 * p1, 1 - 2 * p0
    square = v1 / n1 + v0 / n0
    pull, bend = score / math.sqrt(square), (turn1 / n1 + turn0 / n0) / (2 * square)
    return (
        n1 * p1 + pull * v1,
        n0 * p0 - pull * v0,
        n1 + pull * (turn1 - v1 * bend),
        n0 - pull * (turn0 - v0 * bend),
    )


@njit(cache=True)
def _above_zero(a: float, b: float, c: float) -> tuple[float, float]:
    """Between what a parabola that opens downwards (a < 0) is above 0; if nowhere, 2 and -1."""
    inner = b * b - 4 * a * c
    if inner <= 0:
        return 2.0, -1.0
    half = -(b + math.copysign(math.sqrt(inner), b)) / 2
    one, other = half / a, c / half
    return min(one, other), max(one, other)


@njit(cache=True)
def _edge_in_table(delta: float, n1: float, n0: float, score: float) -> tuple[float, float, bool]:
    """Shares of group 0 between which the edge has events that can be; does all of group 1 end it?

    Elsewhere group 0 would have fewer than no events, or group 1 more than all.
    """
    square, over = score * score, n1 / n0
    low, high = max(_BORDER, -delta), min(1.0 - _BORDER, 1.0 - delta)
    start, end = _above_zero(
        -n0 - n0 / over - square,
        n0 + n0 / over * (1 - 2 * delta) + 2 * square,
        n0 / over * delta * (1 - delta) - square,
    )
    low, high = max(low, start), min(high, end)
    start, end = _above_zero(
        -n1 - n1 * over - square,
        n1 * (1 - 2 * delta) + n1 * over - 2 * square * delta,
        n1 * delta * (1 - delta) - square * delta * delta,
    )
    return max(low, start), min(high, end), delta >= 0 or end <= high


@njit(cache=True)
def _solve(
    count: float, low: float, high: float, delta: float, n1: float, n0: float, score: float
) -> float:
    """Events of group 0 on the edge where group 1 has so many: Newton's steps in a bracket."""
    p = (low + high) / 2
    for _ in range(100):
        a, b, by_a, by_b = _edge(p, delta, n1, n0, score)
        if a < count:
            low = p
        else:
            high = p
        following = p + (count - a) / by_a
        if abs(following - p) < 1e-11 * p:
            break
        p = following if low < following < high else (low + high) / 2
    return b + (count - a) / by_a * by_b


@njit(cache=True)
def staircase_kernel(
    n1: int, n0: int, delta: float, score: float, top: Counts, room: float
) -> None:
    """For each count of group 1 the most events of group 0 that reach the score; -1 for none.

    The score (positive) rises with the events of group 1 and falls with those of group 0. Its edge
    is a curve along the share of group 0: a cubic between knots, and exact where that is too near
    a count to tell. A cubic that is right within `room` of a count is left, with what it may add.
    """
    low, high, ends = _edge_in_table(delta, n1, n0, score)
    if low >= high:
        top[:] = -1
        return
    wide = high - low
    a, b, by_a, by_b = _edge(low, delta, n1, n0, score)
    count = max(math.ceil(a), 1)
    top[:count] = -1
    if delta < 0 and low == -delta:
        top[0] = math.floor(b)
    p = low
    for i in range(1, _KNOTS + 1):
        following = low + wide * math.sin(math.pi / 2 * i / _KNOTS) ** 2 if i < _KNOTS else high
        c, d, by_c, by_d = _edge(following, delta, n1, n0, score)
        until = int(min(c, n1))
        if count <= until:
            over, slope, last = c - a, by_b / by_a, by_d / by_c
            square = (3 * (d - b) / over - 2 * slope - last) / over
            cube = (slope + last - 2 * (d - b) / over) / (over * over)
            middle, found, _, _ = _edge((p + following) / 2, delta, n1, n0, score)
            x = middle - a
            doubt = 10 * abs(b + x * (slope + x * (square + x * cube)) - found) + _DOUBT
            for k in range(count, until + 1):
                x = k - a
                top[k] = math.floor(min(b + x * (slope + x * (square + x * cube)) + doubt, d))
            if doubt > room:
                for k in range(count, until + 1):
                    x = k - a
                    if b + x * (slope + x * (square + x * cube)) - doubt < top[k]:
                        top[k] = math.floor(_solve(k, p, following, delta, n1, n0, score))
            count = until + 1
        p, a, b, by_a, by_b = following, c, d, by_c, by_d
    top[count:] = n0
    if ends:
        top[n1] = math.floor(b + (n1 - a) / by_a * by_b)
