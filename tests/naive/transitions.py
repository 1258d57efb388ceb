"""Moves between states as the textbooks word it: one matrix after another, one row at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """In `origin` after `entry` up to `exit`, then in `target` (the origin: last seen there)."""

    entry: float
    exit: float
    origin: int
    target: int
    subject: int
    weight: float = 1.0


Matrix = list[list[float]]


def step(stays: Sequence[Stay], now: float, states: int) -> Matrix:
    """I + the hazards at a time."""
    out = [[float(h == j) for j in range(states)] for h in range(states)]
    for h in range(states):
        here = [one for one in stays if one.origin == h and one.entry < now <= one.exit]
        for one in here:
            if one.exit == now and one.target != h:
                share = one.weight / sum(other.weight for other in here)
                out[h][one.target] += share
                out[h][h] -= share
    return out


def times(stays: Sequence[Stay]) -> list[float]:
    return sorted({one.exit for one in stays})


def row(stays: Sequence[Stay], states: int, at: float, start: int) -> list[float]:
    """Shares at a time for who starts in a state."""
    share = [float(h == start) for h in range(states)]
    for now in times(stays):
        if now <= at:
            move = step(stays, now, states)
            share = [sum(share[h] * move[h][j] for h in range(states)) for j in range(states)]
    return share


def mean_time(stays: Sequence[Stay], states: int, horizon: float, start: int, state: int) -> float:
    edges = [0.0, *[now for now in times(stays) if now < horizon], horizon]
    return sum(
        (after - now) * row(stays, states, now, start)[state] for now, after in pairwise(edges)
    )


def moved(stays: Sequence[Stay], estimate: Callable[[Sequence[Stay]], float]) -> float:
    """The sum over subjects of squares: how a subject's weight moves an estimate."""
    total = 0.0
    for subject in {one.subject for one in stays}:
        ends = []
        for change in (1e-5, -1e-5):
            ends.append(
                estimate(
                    [
                        replace(one, weight=one.weight + change * (one.subject == subject))
                        for one in stays
                    ]
                )
            )
        total += ((ends[0] - ends[1]) / 2e-5) ** 2
    return total


def covariance(stays: Sequence[Stay], states: int, at: float, start: int) -> Matrix:
    """Greenwood's: at each move p_h^2 times the multinomial covariance, carried on to the time."""
    out = [[0.0] * states for _ in range(states)]
    passed = [now for now in times(stays) if now <= at]
    for i, now in enumerate(passed):
        share = row(stays, states, passed[i - 1], start) if i else row(stays, states, -1, start)
        later = [follow(stays, states, passed[i + 1 :], state) for state in range(states)]
        move = step(stays, now, states)
        for h, b, d in product(range(states), repeat=3):
            n = sum(one.origin == h and one.entry < now <= one.exit for one in stays)
            own = ((b == d) * move[h][b] - move[h][b] * move[h][d]) / n if n else 0.0
            for j, g in product(range(states), repeat=2):
                out[j][g] += share[h] ** 2 * own * later[b][j] * later[d][g]
    return out


def follow(stays: Sequence[Stay], states: int, moments: Sequence[float], state: int) -> list[float]:
    share = [float(h == state) for h in range(states)]
    for now in moments:
        move = step(stays, now, states)
        share = [sum(share[h] * move[h][j] for h in range(states)) for j in range(states)]
    return share
