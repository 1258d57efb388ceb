"""The exact limit of a difference by every table, every share of a grid and every difference."""

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.shares.score_regions import score_kernel
from naive.unconditional import chance


def region(x1: int, n1: int, x0: int, n0: int, delta: float) -> NDArray[np.bool_]:
    """Tables as extreme as the observed, (n1 + 1, n0 + 1)."""
    here = score_kernel(x1, n1, x0, n0, delta) - 1e-9
    rows = (
        [score_kernel(k, n1, j, n0, delta) >= here for j in range(n0 + 1)] for k in range(n1 + 1)
    )
    return np.array(list(rows))


def greatest_chance(extreme: NDArray[np.bool_], delta: float, *, shares: int = 400) -> float:
    """The greatest chance of these tables on a grid of shares with this difference."""
    n1, n0 = extreme.shape[0] - 1, extreme.shape[1] - 1
    angles = np.sin(np.linspace(0, np.pi / 2, shares + 1)) ** 2
    p0 = max(0.0, -delta) + (1 - abs(delta)) * angles
    p1 = np.clip(p0 + delta, 0, 1)
    one = np.array([[chance(n1, k, p) for p in p1] for k in range(n1 + 1)])
    other = np.array([[chance(n0, j, p) for p in p0] for j in range(n0 + 1)])
    return float(np.einsum("ks,kj,js->s", one, extreme, other).max())


def lower_limit(x1: int, n1: int, x0: int, n0: int, tail: float) -> float:
    """The first of 300 differences that is not rejected, and from there by halves."""
    outside, inside = -1.0, x1 / n1 - x0 / n0
    for delta in np.linspace(-1, inside, 301)[1:]:
        if greatest_chance(region(x1, n1, x0, n0, delta), delta) > tail:
            inside = delta
            break
        outside = delta
    for _ in range(25):
        middle = (outside + inside) / 2
        if greatest_chance(region(x1, n1, x0, n0, middle), middle) > tail:
            inside = middle
        else:
            outside = middle
    return inside
