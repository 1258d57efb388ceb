"""How far each draw of an incidence strays, with the path of every cluster by differences."""

import math
from collections.abc import Sequence
from functools import partial

from naive.incidences import Row, curve, incidence, moved
from naive.philox import philox4x32_10, uniform

COINS, BETWEEN = 0xBA4D, 0xBA4E


def heads(seed: int, draw: int, cluster: int) -> float:
    """The heads of 32 coins, standardised; 32 draws share eight calls, of four words each."""
    block, lane = divmod(draw, 32)
    word, call = divmod(lane, 8)
    counter = (8 * block + call, cluster, 0, COINS)
    return (philox4x32_10(counter, (seed % 2**32, seed // 2**32))[word].bit_count() - 16) / 8**0.5


def spread(rows: Sequence[Row], cause: int, now: float) -> float:
    """The variance of the incidence's step at a time."""
    at_risk = sum(row.weight for row in rows if row.entry < now <= row.time)
    gone = [row for row in rows if row.time == now and row.cause == cause]
    own: dict[int, float] = {}
    for row in gone:
        own[row.cluster] = own.get(row.cluster, 0.0) + row.weight
    free = 1 - sum(incidence(rows, c, now - 0.5) for c in {row.cause for row in rows} - {0})
    kept = 1 - sum(row.weight for row in gone) / at_risk
    return kept * sum(weight**2 for weight in own.values()) * (free / at_risk) ** 2


def farthest(
    rows: Sequence[Row], cause: int, errors: dict[float, float], seed: int, draws: int
) -> list[float]:
    """In standard errors, over the times that `errors` names and between them."""
    labels = sorted({row.cluster for row in rows})
    place = {time: k for k, (time, _) in enumerate(curve(rows, cause))}
    paths = {at: moved(rows, partial(incidence, cause=cause, at=at)) for at in errors}
    out = []
    for draw in range(draws):
        coins = [heads(seed, draw, number) for number in range(len(labels))]
        far, last = 0.0, None
        for at, error in errors.items():
            path = sum(coin * paths[at][label] for coin, label in zip(coins, labels, strict=True))
            now, tops = path / error, 0.0
            if last is not None:
                unit = -math.log(uniform(seed, draw, place[at], BETWEEN, 0))
                root = math.sqrt((now - last) ** 2 + 2 * unit * spread(rows, cause, at) / error**2)
                tops = (abs(last + now) + root) / 2
            far, last = max(far, abs(now), tops), now
        out.append(far)
    return out
