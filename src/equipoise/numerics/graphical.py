"""Hypotheses tested by a graph: weights of the level, and where it goes when one is rejected."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from equipoise.numerics.multiplicity import check_p_values

Floats = NDArray[np.float64]
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Weights of shape (m,), and the parts of each that go to the others, shape (m, m)."""

    weights: Floats
    transitions: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphicalTest:
    """What the graph rejects at `alpha`; all of shape (m,).

    `adjusted` is the smallest level at which a hypothesis is rejected; `step` counts from 1 in the
    order of rejection, 0 where it is not. `left` is the graph of those not rejected.
    """

    rejected: NDArray[np.bool_]
    adjusted: Floats
    step: NDArray[np.int64]
    left: Graph


def build_graph(weights: ArrayLike, *, transitions: ArrayLike) -> Graph:
    """The graph, if it is one; ValueError tells everything that is wrong with it.

    Weights and transitions are from 0 to 1, weights and each row of transitions sum to 1 at most,
    and nothing goes from a hypothesis to itself. Source: Bretz et al. (2009), section 2.
    """
    w, g = np.array(weights, dtype=np.float64), np.array(transitions, dtype=np.float64)
    if w.ndim != 1 or w.size == 0 or g.shape != (w.size, w.size):
        raise ValueError(
            f"weights have shape {w.shape} and transitions {g.shape}: one weight a hypothesis, "
            "one row and one column of transitions"
        )
    wrong = [
        f"weights[{i}] is {w[i]}: weights lie from 0 to 1"
        for i in np.flatnonzero(~((w >= 0) & (w <= 1)))
    ]
    wrong += [
        f"transitions[{i}, {j}] is {g[i, j]}: transitions lie from 0 to 1"
        for i, j in np.argwhere(~((g >= 0) & (g <= 1)))
    ]
    wrong += [f"transitions[{i}, {i}] is {g[i, i]}: none goes to itself"
              for i in np.flatnonzero(np.diag(g) > 0)]  # fmt: skip
    if w.sum() > 1 + _ROUNDING:
        wrong.append(f"weights sum to {w.sum():.15g}: at most 1")
    wrong += [f"transitions of row {i} sum to {g[i].sum():.15g}: at most 1"
              for i in np.flatnonzero(g.sum(axis=1) > 1 + _ROUNDING)]  # fmt: skip
    if wrong:
        raise ValueError("; ".join(wrong))
    return Graph(weights=w, transitions=g)


def build_holm(weights: ArrayLike) -> Graph:
    """The graph of Holm's procedure: what is rejected leaves its weight to the others by theirs.

    Equal weights give Holm (1979). Weights are above 0; they may sum to less than 1.
    """
    w = np.array(weights, dtype=np.float64)
    if w.ndim != 1 or not (w > 0).all():
        raise ValueError("weights of Holm's procedure are a flat array of numbers above 0")
    others = w.sum() - w
    part = np.divide(
        w[None, :], others[:, None], where=others[:, None] > 0, out=np.zeros((w.size,) * 2)
    )
    np.fill_diagonal(part, 0.0)
    return build_graph(w, transitions=part)


def build_fallback(weights: ArrayLike) -> Graph:
    """The graph of the fallback procedure: what is rejected leaves its weight to the next.

    Weights (1, 0, 0, ...) give the fixed sequence. Source: Wiens (2003).
    """
    w = np.array(weights, dtype=np.float64)
    return build_graph(w, transitions=np.eye(w.size, k=1))


def remove_hypothesis(graph: Graph, *, hypothesis: int) -> Graph:
    """The graph without a hypothesis, whose weight has gone where its transitions point.

    It keeps its place with weight 0 and no transitions. Source: Bretz et al. (2009), algorithm 1.
    """
    w, g, j = graph.weights, graph.transitions, hypothesis
    weights = w + w[j] * g[j]
    weights[j] = 0.0
    through = g + np.outer(g[:, j], g[j])
    back = g[:, j] * g[j]
    transitions = np.zeros_like(g)
    open_rows = back < 1 - _ROUNDING
    transitions[open_rows] = through[open_rows] / (1 - back[open_rows, None])
    np.fill_diagonal(transitions, 0.0)
    transitions[j], transitions[:, j] = 0.0, 0.0
    return Graph(weights=weights, transitions=transitions)


def compare_by_graph(p: ArrayLike, *, graph: Graph, alpha: float) -> GraphicalTest:
    """Which hypotheses the graph rejects, with adjusted p values.

    At each step the hypothesis with the smallest p over weight is looked at. A NaN cannot be
    rejected, and passes nothing on. The familywise error is held at `alpha` under any dependence.
    Source: Bretz et al. (2009), algorithms 1 and 2.
    """
    checked = check_p_values(p)
    if checked.shape != graph.weights.shape:
        raise ValueError(f"{checked.size} p values for {graph.weights.size} hypotheses")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    adjusted = np.where(np.isnan(checked), np.nan, 1.0)
    step = np.zeros(checked.size, dtype=np.int64)
    open_ = ~np.isnan(checked)
    now, left, worst = graph, graph, 0.0
    for number in range(1, checked.size + 1):
        ratio = np.full(checked.size, math.inf)
        tested = open_ & (now.weights > 0)
        ratio[tested] = checked[tested] / now.weights[tested]
        j = int(np.argmin(ratio))
        worst = max(worst, float(ratio[j]))
        if worst > 1:
            break
        adjusted[j], open_[j] = worst, False
        now = remove_hypothesis(now, hypothesis=j)
        if worst <= alpha * (1 + _ROUNDING):
            step[j], left = number, now
    return GraphicalTest(rejected=step > 0, adjusted=adjusted, step=step, left=left)


def estimate_simultaneous_limits(
    estimates: Sequence[float], *, errors: Sequence[float], graph: Graph, alpha: float
) -> Floats:
    """Lower limits that all hold together with chance 1 - `alpha`, one-sided, shape (m,).

    For normal estimates of effects whose hypotheses are that they are 0 or less. A limit is above
    0 only where all are rejected; one rejected among others is known to be above 0 and no more;
    one that is not has the limit of the level that it is left with (minus infinity for none).
    Source: Strassburger, Bretz (2008); Guilbaud (2008); Bonferroni's are those without transitions.
    """
    value, error = np.array(estimates, dtype=np.float64), np.array(errors, dtype=np.float64)
    if not (np.isfinite(value).all() and np.isfinite(error).all() and (error > 0).all()):
        raise ValueError("estimates are finite, and standard errors finite and above 0")
    if value.shape != error.shape:
        raise ValueError(f"{value.size} estimates and {error.size} standard errors")
    found = compare_by_graph(ndtr(-value / error), graph=graph, alpha=alpha)
    everything = bool(found.rejected.all())
    level = alpha * (graph if everything else found.left).weights
    limits = value + error * ndtri(level)
    if everything:
        return np.asarray(np.maximum(limits, 0.0))
    return np.asarray(np.where(found.rejected, 0.0, limits))
