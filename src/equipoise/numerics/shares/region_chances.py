"""The chance of a region of tables of two shares, and the greatest where their difference is given.

A region is a staircase: for each count of group 1 the most events of group 0.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_BORDER = 1.2e-16  # a share is never nearer to 0 or 1
_STILL = 1e-14  # of a chance


class Region(NamedTuple):
    """Tables by the steps of their staircase, and what their chance is found with.

    `ways1`, `ways0` (3, n + 1): the logs of the ways to have so many events, each over the one
    before, and the one before over each. Chances below `nothing` are 0. `room`: n1 + n0 + 2
    numbers to write on.
    """

    top: NDArray[np.int64]
    ways1: Floats
    ways0: Floats
    nothing: float
    room: Floats


@njit(cache=True)
def fill_chances_kernel(
    share: float, ways: Floats, nothing: float, chance: Floats
) -> tuple[int, int]:
    """Binomial chances from the likeliest count outwards as far as they count; where they end."""
    n, p = ways.shape[1] - 1, min(max(share, _BORDER), 1 - _BORDER)
    first = last = min(int((n + 1) * p), n)
    down = up = math.exp(ways[0, last] + last * math.log(p) + (n - last) * math.log1p(-p))
    chance[last] = up
    odds, against = p / (1 - p), (1 - p) / p
    while first > 0 and last < n and (up > nothing or down > nothing):  # both at once are faster
        down *= ways[2, first] * against
        first -= 1
        chance[first] = down
        last += 1
        up *= ways[1, last] * odds
        chance[last] = up
    while first > 0 and down > nothing:
        down *= ways[2, first] * against
        first -= 1
        chance[first] = down
    while last < n and up > nothing:
        last += 1
        up *= ways[1, last] * odds
        chance[last] = up
    return first, last


@njit(cache=True)
def chance_kernel(region: Region, share: float, delta: float) -> tuple[float, float, float]:
    """Chance of a region at a share of group 0, its slope by that share, and by `delta` alone."""
    top, nothing = region.top, region.nothing
    n1, n0 = region.ways1.shape[1] - 1, region.ways0.shape[1] - 1
    p0 = min(max(share, _BORDER), 1 - _BORDER)
    p1 = min(max(share + delta, _BORDER), 1 - _BORDER)
    one, chance = region.room[: n0 + 1], region.room[n0 + 1 :]
    start, end = fill_chances_kernel(p0, region.ways0, nothing, one)
    k, last = fill_chances_kernel(p1, region.ways1, nothing, chance)
    mode = n0 * p0
    nothing *= 4 * min(p0 * (1 - p0), p1 * (1 - p1))  # at the ends the slopes are of rare events
    while k <= last and (top[k] < start or (top[k] < mode and chance[k] * one[top[k]] < nothing)):
        k += 1
    total = value = by_p1 = by_p0 = 0.0
    away = k - n1 * p1 if p1 < 0.5 else n1 * (1 - p1) - (n1 - k)  # neither loses its digits
    j = start - 1
    while k <= last and top[k] <= end:
        while j < top[k]:
            j += 1
            total += one[j]
        part = chance[k] * total
        value += part
        by_p1 += part * away
        by_p0 += chance[k] * one[j] * (n0 - j)
        away += 1.0
        k += 1
    while k <= last:
        value += chance[k]
        by_p1 += chance[k] * away
        away += 1.0
        k += 1
    by_delta = by_p1 / (p1 * (1 - p1))
    return value, by_delta - by_p0 / (1 - p0), by_delta


@njit(cache=True)
def share_kernel(angle: float, delta: float) -> float:
    """The share of group 0. At one angle it falls with `delta`, and that of group 1 rises."""
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    return low + (high - low) * math.sin(angle) ** 2


@njit(cache=True)
def _summit(
    wide: float, first: tuple[float, float], last: tuple[float, float]
) -> tuple[float, float]:
    """Where a cubic with these values and slopes at its ends is highest, as a part; how high."""
    (value, slope), (end, at_end) = first, last
    c, rise = wide * slope, end - value
    b, a = 3 * rise - 2 * c - wide * at_end, c + wide * at_end - 2 * rise
    inner = b * b - 3 * a * c
    if inner > 0:
        root = math.sqrt(inner)
        over, under = (c, root - b) if b < 0 else (b + root, -3 * a)
        if 0 < over < under:
            x = over / under
            height = value + x * (c + x * (b + x * a))
            if height > max(value, end):
                return x, height
    return (0.0, value) if value >= end else (1.0, end)


@njit(cache=True)
def _climb(
    region: Region,
    delta: float,
    low: float,
    high: float,
    at_low: tuple[float, float],
    at_high: tuple[float, float],
    enough: float,
    least: float,
) -> tuple[float, float]:
    """The greatest chance between two shares, and its share, by one cubic after the other.

    Not to the top where it is above `enough`, or cannot come to the least that counts.
    """
    best, where = (at_low[0], low) if at_low[0] > at_high[0] else (at_high[0], high)
    for _ in range(30):
        p = low + _summit(high - low, at_low, at_high)[0] * (high - low)
        if not low < p < high:
            break
        value, slope, _ = chance_kernel(region, p, delta)
        if value > best:
            best, where = value, p
        if slope > 0:
            low, at_low = p, (value, slope)
        else:
            high, at_high = p, (value, slope)
        above = abs(slope) * (high - low)
        if above < _STILL * value or value + above < least or value > enough:
            break
    return best, where


@njit(cache=True)
def greatest_kernel(
    region: Region,
    delta: float,
    enough: float,
    alive: NDArray[np.bool_],
    first: int,
    ceiling: float,
) -> tuple[float, float, int]:
    """The greatest chance over the shares, the share of group 0 with it, and where its angle is.

    Looked for only between the angles (a multiple of 4) that are `alive`, which stay so where it
    is above `enough`: on every fourth, and closer where a cubic by values and slopes comes near
    what is looked for; the wider the cubic, the less is near. It begins at angle `first`, and any
    chance above the ceiling ends it.
    """
    steps = alive.size
    values, slopes, at = np.full(steps + 1, -1.0), np.empty(steps + 1), np.empty(steps + 1)
    best, where, place = -1.0, 0.0, first
    i, stride = first, 0
    while i < steps or stride == 0:
        j, peak = i + stride, 0.0
        if stride == 0 or alive[i:j].any():
            for end in (i, j):
                if values[end] < 0:
                    at[end] = share_kernel(math.pi / 2 * end / steps, delta)
                    values[end], slopes[end], _ = chance_kernel(region, at[end], delta)
                    if values[end] > best:
                        best, where, place = values[end], at[end], end
            if best > ceiling:
                return best, where, place
            if stride == 0:
                i, stride = 0, 4
                continue
            left, right = (values[i], slopes[i]), (values[j], slopes[j])
            _, peak = _summit(at[j] - at[i], left, right)
            least = enough if enough < math.inf else best
            if stride > 1 and peak > least * (0.6 if stride == 4 else 0.97):
                stride //= 2
                continue
            if stride == 1 and peak > 0.99 * least:
                peak, p = _climb(region, delta, at[i], at[j], left, right, enough, least)
                if peak > best:
                    best, where, place = peak, p, i
                if best > ceiling:
                    return best, where, place
        alive[i:j] = peak > enough
        i = j
        while stride < 4 and i % (2 * stride) == 0:
            stride *= 2
    return best, where, place
