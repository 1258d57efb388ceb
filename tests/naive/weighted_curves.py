"""Curves of rows with late entry and weights, and their variance from how each weight moves them.

The infinitesimal jackknife is a derivative: here it is taken as one, by a step of the weight along
the imaginary axis, which loses no digits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Weights = Sequence[complex]
STEP = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: at risk after `entry` up to `time`, where it has its event or ends."""

    time: float
    event: int
    entry: float = -1.0
    weight: float = 1.0
    cluster: int = 0


def weigh_risk_set(rows: Sequence[Row], weights: Weights, now: float) -> tuple[complex, complex]:
    """What is at risk at a time, and what of it has the event."""
    at_risk = sum(w for r, w in zip(rows, weights, strict=True) if r.entry < now <= r.time)
    events = sum(w for r, w in zip(rows, weights, strict=True) if r.time == now and r.event)
    return at_risk, events


def survival(rows: Sequence[Row], weights: Weights, at: float) -> complex:
    """Kaplan-Meier's product up to a time."""
    out: complex = 1.0
    for now in sorted({r.time for r in rows if r.time <= at}):
        n, d = weigh_risk_set(rows, weights, now)
        out *= 1 - d / n
    return out


def hazard(rows: Sequence[Row], weights: Weights, at: float) -> complex:
    """Nelson-Aalen's sum up to a time."""
    out: complex = 0.0
    for now in sorted({r.time for r in rows if r.time <= at}):
        n, d = weigh_risk_set(rows, weights, now)
        out += d / n
    return out


def mean_time(rows: Sequence[Row], weights: Weights, horizon: float) -> complex:
    """The area under Kaplan-Meier's curve up to the horizon."""
    edges = [0.0, *sorted({r.time for r in rows if r.time < horizon}), horizon]
    return sum((end - start) * survival(rows, weights, start) for start, end in pairwise(edges))


def influences(
    curve: Callable[[Sequence[Row], Weights, float], complex], rows: Sequence[Row], at: float
) -> list[float]:
    """How much the curve at a time moves for a unit of each row's weight."""
    weights = [complex(r.weight) for r in rows]
    out = []
    for i in range(len(rows)):
        moved = [w + (STEP * 1j if i == k else 0) for k, w in enumerate(weights)]
        out.append(curve(rows, moved, at).imag / STEP)
    return out


def jackknife_variance(
    curve: Callable[[Sequence[Row], Weights, float], complex], rows: Sequence[Row], at: float
) -> float:
    """The sum over clusters of the squared sum of weight times influence."""
    moved = influences(curve, rows, at)
    return sum(
        sum(m * r.weight for m, r in zip(moved, rows, strict=True) if r.cluster == c) ** 2
        for c in {r.cluster for r in rows}
    )
