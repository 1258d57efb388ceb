"""The expected course of a trial as one would reckon it by hand: small step by small step."""

import math
from collections.abc import Sequence

Pieces = Sequence[tuple[float, float]]  # (from when, rate), the first from 0


def rate_at(pieces: Pieces, time: float) -> float:
    """The rate that holds at a time."""
    return [rate for start, rate in pieces if start <= time][-1]


def befallen(hazard: Pieces, other: Pieces, by: float, *, steps: int = 300) -> float:
    """The chance of the event by a time when the other hazard takes subjects away: small steps."""
    left, chance, width = 1.0, 0.0, by / steps
    for step in range(steps):
        middle = (step + 0.5) * width
        h, g = rate_at(hazard, middle), rate_at(other, middle)
        leaves = -math.expm1(-(h + g) * width)
        chance += left * leaves * h / (h + g) if h + g > 0 else 0.0
        left *= 1 - leaves
    return chance


def events_by(
    accrual: Sequence[tuple[float, float, float, float]],
    hazard: Pieces,
    other: Pieces,
    *,
    at: float,
    follow_up: float = math.inf,
    steps: int = 120,
) -> float:
    """The events by a calendar time; a piece of accrual is (start, end, first rate, last rate)."""
    total = 0.0
    for start, end, first, last in accrual:
        until = min(end, at)
        width = (until - start) / steps
        for step in range(steps if until > start else 0):
            came = start + (step + 0.5) * width
            rate = first + (last - first) * (came - start) / (end - start)
            total += rate * width * befallen(hazard, other, min(at - came, follow_up), steps=60)
    return total
