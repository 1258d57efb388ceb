"""Incidence of causes as the textbooks word it, and how it moves with the weight of a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One lesion: followed after `entry` up to `time`; cause 0 is censored."""

    time: float
    cause: int
    entry: float = -1.0
    weight: float = 1.0
    cluster: int = 0


def curve(rows: Sequence[Row], cause: int) -> list[tuple[float, float]]:
    """(time, incidence of the cause) at each distinct time."""
    out, survival, incidence = [], 1.0, 0.0
    for now in sorted({row.time for row in rows}):
        at_risk = sum(row.weight for row in rows if row.entry < now <= row.time)
        gone = [row for row in rows if row.time == now and row.cause > 0]
        incidence += survival * sum(r.weight for r in gone if r.cause == cause) / at_risk
        survival *= max(1 - sum(row.weight for row in gone) / at_risk, 0.0)
        out.append((now, incidence))
    return out


def incidence(rows: Sequence[Row], cause: int, at: float) -> float:
    return ([0.0] + [f for time, f in curve(rows, cause) if time <= at])[-1]


def lost(rows: Sequence[Row], cause: int, horizon: float) -> float:
    """The area under the incidence up to the horizon."""
    steps = [(0.0, 0.0), *curve(rows, cause), (float("inf"), 0.0)]
    return sum(
        f * (min(after, horizon) - min(time, horizon)) for (time, f), (after, _) in pairwise(steps)
    )


def moved(rows: Sequence[Row], estimate: Callable[[Sequence[Row]], float]) -> dict[int, float]:
    """By cluster: weight times the derivative of an estimate in the weight, by differences."""
    out = {row.cluster: 0.0 for row in rows}
    for i, row in enumerate(rows):
        ends = []
        for step in (1e-5, -1e-5):
            changed = list(rows)
            changed[i] = replace(row, weight=row.weight + step)
            ends.append(estimate(changed))
        out[row.cluster] += row.weight * (ends[0] - ends[1]) / 2e-5
    return out
