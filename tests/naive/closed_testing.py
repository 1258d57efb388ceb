"""Closed testing by brute force: every set of hypotheses, with a test of its own."""

import math
from collections.abc import Callable, Sequence
from itertools import combinations


def closed(p: Sequence[float], test: Callable[[tuple[int, ...]], float]) -> list[float]:
    """A hypothesis is rejected where every set that holds it is: its p is their greatest."""
    m = len(p)
    sets = [s for size in range(1, m + 1) for s in combinations(range(m), size)]
    return [min(1.0, max(test(s) for s in sets if i in s)) for i in range(m)]


def bonferroni(p: Sequence[float]) -> list[float]:
    """Every set by the smallest p times its size: Holm's procedure."""
    return closed(p, lambda s: len(s) * min(p[i] for i in s))


def simes(p: Sequence[float]) -> list[float]:
    """Every set by Simes' test: Hommel's procedure."""
    return closed(
        p, lambda s: min(len(s) * q / k for k, q in enumerate(sorted(p[i] for i in s), start=1))
    )


def in_sequence(p: Sequence[float]) -> list[float]:
    """Every set by its first hypothesis."""
    return closed(p, lambda s: p[s[0]])


def graph_weights(
    weights: Sequence[float], transitions: Sequence[Sequence[float]], kept: tuple[int, ...]
) -> dict[int, float]:
    """The weights of a set: all others are taken out, one after another, in their order."""
    w = dict(enumerate(weights))
    g = {(i, j): t for i, row in enumerate(transitions) for j, t in enumerate(row)}
    for j in [i for i in range(len(weights)) if i not in kept]:
        rest = [i for i in w if i != j]
        w = {i: w[i] + w[j] * g[j, i] for i in rest}
        g = {
            (i, k): (g[i, k] + g[i, j] * g[j, k]) / (1 - g[i, j] * g[j, i])
            if i != k and g[i, j] * g[j, i] < 1 - 1e-12
            else 0.0
            for i in rest
            for k in rest
        }
    return w


def graphical(
    p: Sequence[float], weights: Sequence[float], transitions: Sequence[Sequence[float]]
) -> list[float]:
    """Every set by the weighted Bonferroni test of its graph."""

    def test(s: tuple[int, ...]) -> float:
        w = graph_weights(weights, transitions, s)
        return min((p[i] / w[i] for i in s if w[i] > 0), default=math.inf)

    return closed(p, test)
