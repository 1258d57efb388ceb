"""Shares over strata as the papers word them: one stratum after another, limits by halving."""

import math
from collections.abc import Callable, Sequence

from naive.risk_difference import restricted

Z = 1.959963984540054
Stratum = tuple[int, int, int, int]  # events and size of group 1, of group 0


def cmh(strata: Sequence[Stratum]) -> float:
    """Squared sum of observed less expected over the hypergeometric variance."""
    gap = variance = 0.0
    for x1, n1, x0, n0 in strata:
        n, m = n1 + n0, x1 + x0
        gap += x1 - m * n1 / n
        variance += n1 * n0 * m * (n - m) / (n * n * (n - 1)) if n > 1 else 0.0
    return gap**2 / variance if variance > 0 else math.nan


def score(strata: Sequence[Stratum], delta: float) -> float:
    """The stratified score with the weights of Mantel and Haenszel."""
    total = above = variance = 0.0
    for x1, n1, x0, n0 in strata:
        n, weight = n1 + n0, n1 * n0 / (n1 + n0)
        p1, p0 = restricted(x1, n1, x0, n0, delta)
        total += weight
        above += weight * (x1 / n1 - x0 / n0 - delta)
        variance += weight**2 * (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * n / (n - 1)
    return above / math.sqrt(max(variance, 1e-300)) if total else math.nan


def halve(rejects: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where a test begins to reject."""
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if rejects(middle) else (middle, outside)
    return (inside + outside) / 2


def score_interval(strata: Sequence[Stratum], value: float) -> tuple[float, float]:
    """The differences that the stratified score does not reject."""

    def rejects(delta: float) -> bool:
        return abs(score(strata, delta)) > Z

    return halve(rejects, value, -1.0), halve(rejects, value, 1.0)


def expected_events(total: int, n1: int, n0: int, ratio: float) -> float:
    """Events of group 1 that give a table this odds ratio, by halving."""
    low, high = max(0.0, total - n0), float(min(total, n1))
    for _ in range(200):
        x = (low + high) / 2
        smaller = x * (n0 - total + x) < ratio * (total - x) * (n1 - x)
        low, high = (x, high) if smaller else (low, x)
    return (low + high) / 2
