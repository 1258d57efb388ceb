"""Ratios of two shares as the paper words them: the likelihood is climbed, the test is inverted."""

import math
from collections.abc import Callable

Z2 = 1.959963984540054**2


def _log_likelihood(x: int, n: int, p: float) -> float:
    return (x * math.log(p) if x else 0.0) + ((n - x) * math.log(1 - p) if n > x else 0.0)


def most_likely(value: Callable[[float], float], low: float, high: float) -> float:
    """The top of a function with one top, by thirds."""
    for _ in range(120):
        one, other = low + (high - low) / 3, high - (high - low) / 3
        if value(one) < value(other):
            low = one
        else:
            high = other
    return (low + high) / 2


def risk_score(x1: int, n1: int, x0: int, n0: int, ratio: float) -> float:
    """The squared score of a risk ratio."""
    p0 = most_likely(
        lambda p: _log_likelihood(x1, n1, ratio * p) + _log_likelihood(x0, n0, p),
        1e-12,
        min(1.0, 1 / ratio) - 1e-12,
    )
    p1 = ratio * p0
    n = n1 + n0
    variance = (p1 * (1 - p1) / n1 + ratio**2 * p0 * (1 - p0) / n0) * n / (n - 1)
    return (x1 / n1 - ratio * x0 / n0) ** 2 / variance


def odds_score(x1: int, n1: int, x0: int, n0: int, ratio: float) -> float:
    """The squared score of an odds ratio."""

    def share(p: float) -> float:
        return p * ratio / (1 - p + p * ratio)

    p0 = most_likely(
        lambda p: _log_likelihood(x1, n1, share(p)) + _log_likelihood(x0, n0, p), 1e-12, 1 - 1e-12
    )
    p1, n = share(p0), n1 + n0
    gap = (x1 / n1 - p1) / (p1 * (1 - p1)) - (x0 / n0 - p0) / (p0 * (1 - p0))
    return gap**2 / (1 / (n1 * p1 * (1 - p1)) + 1 / (n0 * p0 * (1 - p0))) * (n - 1) / n
