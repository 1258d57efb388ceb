"""How far draws of an incidence stray, with the path of every cluster by differences."""

import math
from collections.abc import Sequence
from functools import partial

from naive.incidences import Row, incidence, moved
from naive.philox import philox4x32_10

MULTIPLIERS, BETWEEN = 0xBA4D, 0xBA4E


def word(seed: int, draw: int, number: int, purpose: int) -> int:
    """32 bits; 64 draws share 16 calls, of four words each."""
    block, lane = divmod(draw, 64)
    which, call = divmod(lane, 16)
    counter = (16 * block + call, number, 0, purpose)
    return philox4x32_10(counter, (seed % 2**32, seed // 2**32))[which]


def exponential(bits: int) -> float:
    return -math.log(((bits >> 1) + 0.5) / 2**31)


def normal(seed: int, draw: int, number: int) -> float:
    """Numbers 0 and 1, 2 and 3 ... are the two of Box and Muller's method."""
    pair = number - number % 2
    chance, turn = (word(seed, draw, pair + i, MULTIPLIERS) for i in (0, 1))
    angle = (((turn >> 1) + 0.5) / 2**31 - 0.5) * math.pi
    radius = math.sqrt(2 * exponential(chance))
    return radius * (math.sin(angle) if number % 2 else (2 * (turn % 2) - 1) * math.cos(angle))


def covariance(rows: Sequence[Row], cause: int, times: Sequence[float]) -> list[list[float]]:
    """Of the incidence at each of the times with that at each, patients as the unit."""
    paths = [moved(rows, partial(incidence, cause=cause, at=at)) for at in times]
    return [[sum(one[who] * other[who] for who in one) for other in paths] for one in paths]


def jump(rows: Sequence[Row], cause: int, row: Row) -> float:
    """What chance adds to the incidence by a row's event of the cause."""
    at_risk = sum(one.weight for one in rows if one.entry < row.time <= one.time)
    gone = sum(one.weight for one in rows if one.time == row.time and one.cause == cause)
    free = 1 - sum(incidence(rows, c, row.time - 0.5) for c in {one.cause for one in rows} - {0})
    return row.weight * free / at_risk * math.sqrt(max(1 - gone / at_risk, 0.0))


def spread(
    rows: Sequence[Row], cause: int, errors: dict[float, float], after: float, upto: float
) -> float:
    """In errors, the variance of the incidence's steps at times after one, up to another."""
    by_cluster: dict[int, float] = {}
    for row in rows:
        if row.cause == cause and after < row.time <= upto and row.time in errors:
            moved_by = jump(rows, cause, row) / errors[row.time]
            by_cluster[row.cluster] = by_cluster.get(row.cluster, 0.0) + moved_by
    return sum(each**2 for each in by_cluster.values())


def stretch_ends(
    rows: Sequence[Row], cause: int, errors: dict[float, float], limit: float
) -> list[float]:
    """The first time; then a stretch takes the next time as long as its spread is not too much."""
    first, *later = sorted(errors)
    ends = [first]
    for now in later:
        if len(ends) > 1 and spread(rows, cause, errors, ends[-2], now) <= limit:
            ends[-1] = now
        else:
            ends.append(now)
    return ends


def farthest(
    paths: Sequence[Sequence[float]], spreads: Sequence[float], seed: int, draw: int
) -> float:
    """Of one draw: `paths` tells at each time what each multiplier adds."""
    normals = [normal(seed, draw, number) for number in range(len(paths[0]))]
    ends = [sum(one * each for one, each in zip(normals, path, strict=True)) for path in paths]
    far = abs(ends[0])
    for k in range(1, len(ends)):
        unit = exponential(word(seed, draw, k, BETWEEN))
        root = math.sqrt((ends[k] - ends[k - 1]) ** 2 + 2 * unit * spreads[k])
        far = max(far, (abs(ends[k] + ends[k - 1]) + root) / 2)
    return far
