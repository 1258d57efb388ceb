"""First crossings of a group sequential trial on a dense grid, by the rectangle rule."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEIGHT = 12.0


def normal_tail(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))


def first_crossings(
    upper: Sequence[float],
    lower: Sequence[float],
    information: Sequence[float],
    drift: float,
    points: int = 4001,
) -> list[tuple[float, float]]:
    """(above, below) at each look: the score process S = z root(I) walks in normal steps."""
    out = []
    grid: NDArray[Any] = np.zeros(1)
    mass: NDArray[Any] = np.ones(1)
    before = 0.0
    for look, now in enumerate(information):
        spread = math.sqrt(now - before)
        middle = grid + drift * (now - before)
        root = math.sqrt(now)
        top, bottom = upper[look] * root, lower[look] * root
        above = sum(m * normal_tail((top - c) / spread) for m, c in zip(mass, middle, strict=True))
        below = sum(
            m * normal_tail((c - bottom) / spread) for m, c in zip(mass, middle, strict=True)
        )
        out.append((float(above), float(below)))
        reach = HEIGHT * root
        low, high = max(bottom, drift * now - reach), min(top, drift * now + reach)
        if high <= low:
            out += [(0.0, 0.0)] * (len(information) - look - 1)
            break
        width = (high - low) / points
        fresh = low + width * (np.arange(points) + 0.5)
        density = np.zeros(points)
        for m, c in zip(mass, middle, strict=True):
            density += m * np.exp(-0.5 * ((fresh - c) / spread) ** 2)
        mass = np.asarray(density * width / (spread * math.sqrt(2 * math.pi)))
        grid, before = fresh, now
    return out


def chances_around_wedge(
    upper: Sequence[float],
    inner: Sequence[float],
    information: Sequence[float],
    drift: float,
    points: int = 300,
) -> list[tuple[float, float, float]]:
    """(above, below, within) at each look, where a trial stops between -inner and inner, too."""
    out = []
    grid: NDArray[Any] = np.zeros(1)
    mass: NDArray[Any] = np.ones(1)
    before = 0.0
    for u, i, now in zip(upper, inner, information, strict=True):
        spread, root = math.sqrt(now - before), math.sqrt(now)
        middle = grid + drift * (now - before)
        reach = [
            sum(
                m * normal_tail((c - edge * root) / spread)
                for m, c in zip(mass, middle, strict=True)
            )
            for edge in (u, -u, i, -i)
        ]
        out.append((mass.sum() - reach[0], reach[1], reach[2] - reach[3]))
        if i >= u:
            break
        width = (u - i) * root / points
        side = i * root + width * (np.arange(points) + 0.5)
        fresh = np.concatenate([-side, side])
        steps = (fresh[:, None] - middle[None, :]) / spread
        mass = np.exp(-0.5 * steps**2) @ mass * width / (spread * math.sqrt(2 * math.pi))
        grid, before = fresh, now
    return out
