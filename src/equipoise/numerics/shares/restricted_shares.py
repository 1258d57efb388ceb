"""The most likely shares of two groups when their difference is given, and the score test there."""

import math

from numba import njit


@njit(cache=True)
def _slope_at_low(x1: float, n1: float, x0: float, n0: float, delta: float) -> float:
    """Slope of the log likelihood where the lower share is 0; infinite where it has events."""
    if (x0 > 0 and delta >= 0) or (x1 > 0 and delta <= 0):
        return math.inf
    if delta == 0:
        return -1.0
    if delta > 0:
        return x1 / delta - n0 - ((n1 - x1) / (1 - delta) if n1 > x1 else 0.0)
    return -x0 / delta - n1 - ((n0 - x0) / (1 + delta) if n0 > x0 else 0.0)


@njit(cache=True)
def restricted_share_kernel(x1: float, n1: float, x0: float, n0: float, delta: float) -> float:
    """The most likely share of group 0 when group 1's is greater by `delta`.

    The slope of the log likelihood falls throughout: Newton's steps, halved where they leave the
    bracket. The closed cubic of Miettinen, Nurminen (1985) loses half the digits near its double
    roots.
    """
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    if low >= high or _slope_at_low(x1, n1, x0, n0, delta) <= 0:
        return low
    if _slope_at_low(n1 - x1, n1, n0 - x0, n0, -delta) <= 0:
        return high
    y1, y0 = n1 - x1, n0 - x0
    p0 = (x1 + x0 - n1 * delta) / (n1 + n0)
    if not low < p0 < high:
        p0 = (low + high) / 2
    for _ in range(200):
        p1 = p0 + delta
        a, b = x0 / p0, y0 / (1 - p0)
        c, d = (x1 / p1 if x1 > 0 else 0.0), (y1 / (1 - p1) if y1 > 0 else 0.0)
        slope = a - b + c - d
        if slope > 0:
            low = p0
        else:
            high = p0
        bend = a / p0 + b / (1 - p0)
        bend += (c / p1 if x1 > 0 else 0.0) + (d / (1 - p1) if y1 > 0 else 0.0)
        following = p0 + slope / bend
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - p0) <= 1e-16 * p0 or following in (low, high):
            return following
        p0 = following
    return p0


@njit(cache=True)
def score_variance_kernel(x1: float, n1: float, x0: float, n0: float, delta: float) -> float:
    """Variance of the difference of two shares at this true difference.

    Source: Mee (1984); Miettinen, Nurminen (1985) multiply it by N/(N - 1).
    """
    p0 = restricted_share_kernel(x1, n1, x0, n0, delta)
    p1 = min(max(p0 + delta, 0.0), 1.0)
    return p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
