"""Agreement beyond chance as the papers word it: pairs of readings, one after another."""

from collections.abc import Sequence
from itertools import permutations


def cohen(pairs: Sequence[Sequence[int]], weight: Sequence[Sequence[float]]) -> float:
    """Mean weight of the pairs read, against that of every first with every second reading."""
    n = len(pairs)
    observed = sum(weight[a][b] for a, b in pairs) / n
    expected = sum(weight[a][b] for a, _ in pairs for _, b in pairs) / n**2
    return (observed - expected) / (1 - expected)


def fleiss(cases: Sequence[Sequence[int]]) -> float:
    """Share of pairs of readers of one case that agree, against any two readings at all."""
    agree = [a == b for case in cases for a, b in permutations(case, 2)]
    readings = [reading for case in cases for reading in case]
    expected = sum(a == b for a in readings for b in readings) / len(readings) ** 2
    return (sum(agree) / len(agree) - expected) / (1 - expected)


def jackknife_error(values: Sequence[float]) -> float:
    """The standard error from the values with one case left out each."""
    n, mean = len(values), sum(values) / len(values)
    return float(((n - 1) / n * sum((v - mean) ** 2 for v in values)) ** 0.5)
