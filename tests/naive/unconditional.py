"""Exact unconditional tests by looking at every table, with whole fractions where ties matter."""

import math
from collections.abc import Callable
from fractions import Fraction

from naive.risk_difference import restricted

Table = tuple[int, int]  # events of group 1, of group 0


def chance(n: int, k: int, p: float) -> float:
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


def squared_score(x1: int, n1: int, x0: int, n0: int) -> Fraction:
    """The pooled score, squared with its sign."""
    share, gap = Fraction(x1 + x0, n1 + n0), Fraction(x1, n1) - Fraction(x0, n0)
    variance = share * (1 - share) * (Fraction(1, n1) + Fraction(1, n0))
    return abs(gap) * gap / variance if variance else Fraction(0)


def fisher_p(x1: int, n1: int, x0: int, n0: int) -> Fraction:
    """Fisher's two-sided p as a fraction."""
    m = x1 + x0
    ways = [math.comb(n1, k) * math.comb(n0, m - k) for k in range(max(0, m - n0), min(m, n1) + 1)]
    here = math.comb(n1, x1) * math.comb(n0, x0)
    return Fraction(sum(w for w in ways if w <= here), sum(ways))


def greatest(n1: int, n0: int, extreme: Callable[[Table], bool], delta: float = 0.0) -> float:
    """The greatest chance of the extreme tables, on a fine grid of shares."""
    tables = [(i, j) for i in range(n1 + 1) for j in range(n0 + 1) if extreme((i, j))]
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    best = 0.0
    for step in range(401):
        p0 = low + (high - low) * step / 400
        p1 = min(max(p0 + delta, 0.0), 1.0)
        best = max(best, sum(chance(n1, i, p1) * chance(n0, j, p0) for i, j in tables))
    return best


def score_at(x1: int, n1: int, x0: int, n0: int, delta: float) -> float:
    """The score of a difference, with the closed form of the restricted shares."""
    p1, p0 = restricted(x1, n1, x0, n0, delta)
    variance = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
    gap = x1 / n1 - x0 / n0 - delta
    return gap / math.sqrt(variance) if variance > 1e-14 else math.copysign(1e9, gap) * (gap != 0)
