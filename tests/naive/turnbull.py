"""Interval-censored survival as the papers word it: masses on cells, by self-consistency."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    left: float
    right: float
    weight: float = 1.0
    entry: float = 0.0
    group: int = 0
    stratum: int = 0


def cells(rows: Sequence[Bounds]) -> list[tuple[float, float]]:
    """Every day that is a bound, and every open stretch between two of them."""
    ends = [r.right for r in rows if r.right < math.inf]
    days = sorted({0.0, *[r.entry for r in rows], *[r.left for r in rows], *ends})
    out: list[tuple[float, float]] = []
    for day, following in zip(days, [*days[1:], math.inf], strict=True):
        out += [(day, day), (day, following)]
    return out


def covers(row: Bounds, cell: tuple[float, float]) -> bool:
    """Whether an event of the row may lie in the cell."""
    day, following = cell
    if row.left == row.right:
        return day == following == row.left
    if day == following:
        return row.left < day <= row.right
    return row.left <= day and following <= row.right


def waits(row: Bounds, cell: tuple[float, float]) -> bool:
    """Whether a row whose event lies in the cell would have been let in; from the start all are."""
    day, following = cell
    return row.entry == 0 or (day > row.entry if day == following else day >= row.entry)


def chances(
    rows: Sequence[Bounds], mass: dict[tuple[float, float], float]
) -> tuple[list[float], list[float]]:
    """Of each row: that the event lies between its bounds, and that it comes after the entry."""
    inside = [sum(p for c, p in mass.items() if covers(r, c)) for r in rows]
    return inside, [sum(p for c, p in mass.items() if waits(r, c)) for r in rows]


def log_likelihood(rows: Sequence[Bounds], mass: dict[tuple[float, float], float]) -> float:
    parts = zip(rows, *chances(rows, mass), strict=True)
    return sum(r.weight * (math.log(own) - math.log(let_in)) for r, own, let_in in parts)


def steepness(
    rows: Sequence[Bounds], mass: dict[tuple[float, float], float]
) -> dict[tuple[float, float], float]:
    """For each cell the weighted mean of 1 / P(row) over the rows that cover it, and 1 less
    1 / P(let in) over those that wait for it: at most 1 at the top of the likelihood, and 1 where
    there is mass (Gentleman, Geyer 1994; Frydman 1994)."""
    total = sum(r.weight for r in rows)
    parts = list(zip(rows, *chances(rows, mass), strict=True))
    return {
        cell: sum(
            r.weight * (covers(r, cell) / own + 1 - waits(r, cell) / let_in)
            for r, own, let_in in parts
        )
        / total
        for cell in cells(rows)
    }


def self_consistent(rows: Sequence[Bounds], rounds: int) -> dict[tuple[float, float], float]:
    """Turnbull's own steps from equal masses on all cells that any row covers.

    For each row let in late there are those who were not, where their masses lie.
    """
    used = [cell for cell in cells(rows) if any(covers(r, cell) for r in rows)]
    mass = {cell: 1 / len(used) for cell in used}
    for _ in range(rounds):
        parts = list(zip(rows, *chances(rows, mass), strict=True))
        mass = {
            cell: p
            * sum(
                r.weight * (covers(r, cell) / own + (not waits(r, cell)) / let_in)
                for r, own, let_in in parts
            )
            for cell, p in mass.items()
        }
        total = sum(mass.values())
        mass = {cell: p / total for cell, p in mass.items()}
    return mass


def survival_after(mass: dict[tuple[float, float], float], day: float) -> float:
    """The mass of all cells that lie after the day."""
    return sum(p for (begin, end), p in mass.items() if begin >= day and end > day)


def sun_score(row: Bounds, mass: dict[tuple[float, float], float]) -> float:
    """Mean over the row's part of `mass`, as it lies, of 1 less the discrete hazards up to it.

    Cells of `mass` are innermost intervals: a day, or after the first day up to the second.
    """
    hazard, left, scored = 0.0, 1.0, []
    for cell in sorted(mass, key=lambda cell: (cell[0], cell[1])):
        hazard += mass[cell] / left
        left -= mass[cell]
        scored.append((cell, mass[cell], 1 - hazard))
    own = [
        (p, score)
        for (begin, end), p, score in scored
        if row.left <= begin
        and end <= row.right
        and (begin == end) >= (row.left == row.right)
        and not (begin == end == row.left < row.right)
    ]
    return sum(p * score for p, score in own) / sum(p for p, _ in own)
