"""The p values of the plan's family adjusted for each other, and which are rejected."""

import math

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.result import AdjustedTest, Family, Result, known
from equipoise.numerics.graphical import (
    Graph,
    build_fallback,
    build_graph,
    build_holm,
    compare_by_graph,
)
from equipoise.numerics.multiplicity import Adjustment, adjust_p_values
from equipoise.protocol.model import Protocol
from equipoise.protocol.multiplicity_model import Multiplicity

_WORDS = {
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "hommel": "Hommel",
    "fixed_sequence": "fixed sequence: each tested once those before it are rejected",
    "fallback": "fallback: the level of what is rejected goes to the next",
    "graphical": "graphical procedure (Bretz et al. 2009)",
}


def adjust_family(protocol: Protocol, *, results: dict[str, Result]) -> Family | None:
    """The family of the plan with its adjusted p values; None where the plan has none.

    An analysis without a p value is not rejected, and counts in the family all the same.
    """
    family = protocol.multiplicity
    if family is None:
        return None
    alphas = {analysis.id: analysis.alpha for analysis in protocol.analysis}
    alpha = math.fsum(alphas[name] for name in family.analyses)
    p_values = np.array(
        [math.nan if (p := results[name].p_value) is None else p for name in family.analyses]
    )
    own = np.array([alphas[name] for name in family.analyses]) / alpha
    adjusted = _adjust(p_values, family, weights=np.array(family.weights or own), alpha=alpha)
    tests = tuple(
        AdjustedTest(
            analysis=name,
            p_value=results[name].p_value,
            adjusted=known(float(least)),
            is_rejected=bool(least <= alpha),
        )
        for name, least in zip(family.analyses, adjusted, strict=True)
    )
    return Family(words=family.words or _WORDS[family.procedure], alpha=alpha, tests=tests)


def _adjust(
    p_values: NDArray[np.float64],
    family: Multiplicity,
    *,
    weights: NDArray[np.float64],
    alpha: float,
) -> NDArray[np.float64]:
    graph = _graph(family, weights)
    if graph is None:
        return adjust_p_values(p_values, method=Adjustment(family.procedure))
    return compare_by_graph(p_values, graph=graph, alpha=alpha).adjusted


def _graph(family: Multiplicity, weights: NDArray[np.float64]) -> Graph | None:
    """The graph of the procedure; None for one that has none of its own."""
    if family.procedure == "fallback":
        return build_fallback(weights)
    if family.procedure == "holm" and family.weights:
        return build_holm(weights)
    if family.procedure != "graphical":
        return None
    place = {name: number for number, name in enumerate(family.analyses)}
    transitions = np.zeros((len(place), len(place)))
    for origin, parts in family.transitions.items():
        for target, part in parts.items():
            transitions[place[origin], place[target]] = part
    return build_graph(weights, transitions=transitions)
