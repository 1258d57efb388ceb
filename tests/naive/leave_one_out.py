"""Pseudo-values as their definition has them: every curve estimated again without one patient."""

from collections.abc import Callable

from naive.survival import Rows, kaplan_meier


def survival(rows: Rows, at: float) -> float:
    """Kaplan-Meier at a time; carried on beyond the last time, 1 for nobody."""
    heights = [height for now, height, _ in kaplan_meier(rows) if now <= at] if rows else []
    return heights[-1] if heights else 1.0


def mean_time(rows: Rows, horizon: float) -> float:
    """The area under that curve."""
    edges = [0.0, *sorted({time for time, _ in rows if 0 < time < horizon}), horizon]
    total = 0.0
    for k in range(len(edges) - 1):
        total += (edges[k + 1] - edges[k]) * survival(rows, edges[k])
    return total


def pseudo_values(number: Callable[[Rows, float], float], rows: Rows, at: float) -> list[float]:
    """n times the number of all, less n - 1 times that without the patient."""
    n, whole = len(rows), number(rows, at)
    return [n * whole - (n - 1) * number([*rows[:i], *rows[i + 1 :]], at) for i in range(n)]
