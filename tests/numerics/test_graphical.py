"""Graphs of hypotheses: the closure, known procedures as graphs, the papers, illegal graphs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.graphical import (
    Graph,
    build_fallback,
    build_graph,
    build_holm,
    compare_by_graph,
    estimate_simultaneous_limits,
)
from equipoise.numerics.multiplicity import Adjustment, adjust_p_values
from naive.closed_testing import graphical

P = st.lists(st.sampled_from([0.0, 0.001, 0.01, 0.012, 0.02, 0.04, 0.3]) | st.floats(0, 1),
             min_size=2, max_size=5)  # fmt: skip


def draw_graph(m: int, seed: int) -> Graph:
    drawn = np.random.default_rng(seed)
    weights = drawn.dirichlet(np.ones(m)) * drawn.choice([1.0, 0.8])
    weights[drawn.random(m) < 0.3] = 0.0
    transitions = np.zeros((m, m))
    for i in range(m):
        others = [j for j in range(m) if j != i]
        transitions[i, others] = drawn.dirichlet(np.full(m - 1, 0.5)) * drawn.choice([1.0, 0.6])
    return build_graph(weights, transitions=transitions)


@settings(max_examples=40, deadline=None)
@given(P, st.integers(0, 10_000))
def test_adjusted_p_values_are_those_of_the_closed_test(p: list[float], seed: int) -> None:
    graph = draw_graph(len(p), seed)
    found = compare_by_graph(p, graph=graph, alpha=0.025)

    assert found.adjusted.tolist() == pytest.approx(
        graphical(p, graph.weights.tolist(), graph.transitions.tolist())
    )


@settings(max_examples=40, deadline=None)
@given(P)
def test_known_procedures_are_graphs(p: list[float]) -> None:
    m = len(p)
    nothing = np.zeros((m, m))
    for graph, method in (
        (build_holm(np.full(m, 1 / m)), Adjustment.HOLM),
        (build_fallback(np.eye(m)[0]), Adjustment.FIXED_SEQUENCE),
        (build_graph(np.full(m, 1 / m), transitions=nothing), Adjustment.BONFERRONI),
    ):
        found = compare_by_graph(p, graph=graph, alpha=0.05)
        assert found.adjusted.tolist() == pytest.approx(adjust_p_values(p, method=method).tolist())


@settings(max_examples=40, deadline=None)
@given(P, st.integers(0, 10_000), st.sampled_from([0.01, 0.025, 0.3]))
def test_what_is_rejected_is_what_the_level_allows(p: list[float], seed: int, alpha: float) -> None:
    graph = draw_graph(len(p), seed)
    found = compare_by_graph(p, graph=graph, alpha=alpha)
    left = found.left

    assert np.array_equal(found.rejected, found.adjusted <= alpha * (1 + 1e-12))
    assert sorted(found.step[found.rejected]) == list(range(1, int(found.rejected.sum()) + 1))
    assert left.weights.sum() <= graph.weights.sum() + 1e-9
    assert not left.weights[found.rejected].any()
    open_ = ~found.rejected & (left.weights > 0)
    assert (np.array(p)[open_] > alpha * left.weights[open_]).all()


# two primary hypotheses as gates of two secondary ones: parallel gatekeeping
GATES = build_graph(
    [0.5, 0.5, 0, 0],
    transitions=np.array([[0, 0, 0.5, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1], [0, 0, 1, 0]]),
)


def test_parallel_gatekeeping_step_by_step() -> None:
    """Worked by hand: H1 at 0.5 leaves 0.25 to each secondary, H3 its 0.25 to H4."""
    found = compare_by_graph([0.01, 0.04, 0.005, 0.02], graph=GATES, alpha=0.025)

    assert found.rejected.tolist() == [True, False, True, False]
    assert found.step.tolist() == [1, 0, 2, 0]
    assert found.adjusted.tolist() == pytest.approx([0.02, 0.08, 0.02, 0.04])
    assert found.left.weights.tolist() == pytest.approx([0, 0.5, 0, 0.5])


def test_a_hypothesis_that_cannot_be_tested_passes_nothing_on() -> None:
    found = compare_by_graph([np.nan, 0.01, 0.001, 0.5], graph=GATES, alpha=0.025)

    assert math.isnan(found.adjusted[0])
    assert found.rejected.tolist() == [False, True, True, False]
    assert found.left.weights[0] == 0.5


def test_gatekeepers_first() -> None:
    """Serial gates: nothing is tested behind a gate that is shut."""
    found = compare_by_graph([0.03, 0.0, 0.0], graph=build_fallback([1, 0, 0]), alpha=0.025)

    assert not found.rejected.any()
    assert found.adjusted.tolist() == pytest.approx([0.03, 0.03, 0.03])


@pytest.mark.parametrize(
    ("weights", "transitions", "words"),
    [
        ([0.7, 0.7], [[0, 1], [1, 0]], "weights sum to 1.4"),
        ([0.5, 0.5], [[0, 2], [1, 0]], r"transitions\[0, 1\] is 2"),
        ([0.5, 0.5], [[0.5, 0.5], [1, 0]], r"transitions\[0, 0\] is 0.5: none goes to itself"),
        ([0.5, -0.5], [[0, 1], [1, 0]], r"weights\[1\] is -0.5"),
        ([0.5, math.nan], [[0, 1], [1, 0]], r"weights\[1\] is nan"),
        ([0.4, 0.3, 0.3], [[0, 0.7, 0.7], [0, 0, 0], [0, 0, 0]], "row 0 sum to 1.4"),
        ([0.5, 0.5], [[0, 1]], "one row and one column"),
    ],
)
def test_what_is_no_graph_is_told(
    weights: list[float], transitions: list[list[float]], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        build_graph(weights, transitions=transitions)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"weights\[0\].*transitions\[1, 0\].*sum to"):
        build_graph([-1, 3], transitions=[[0, 1], [7, 0]])
    with pytest.raises(ValueError, match="above 0"):
        build_holm([1, 0])


def test_wrong_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="2 p values for 4 hypotheses"):
        compare_by_graph([0.1, 0.2], graph=GATES, alpha=0.025)
    with pytest.raises(ValueError, match="alpha must lie"):
        compare_by_graph([0.1] * 4, graph=GATES, alpha=2.5)


ESTIMATES = st.lists(st.floats(-1, 5), min_size=2, max_size=4)


@settings(max_examples=40, deadline=None)
@given(ESTIMATES, st.integers(0, 10_000))
def test_a_limit_reaches_zero_where_the_hypothesis_is_rejected(
    estimates: list[float], seed: int
) -> None:
    errors = [0.7] * len(estimates)
    graph = draw_graph(len(estimates), seed)
    limits = estimate_simultaneous_limits(estimates, errors=errors, graph=graph, alpha=0.025)
    p = [0.5 * math.erfc(e / 0.7 / math.sqrt(2)) for e in estimates]
    found = compare_by_graph(p, graph=graph, alpha=0.025)

    assert np.array_equal(limits >= 0, found.rejected)
    assert found.rejected.all() or (limits <= 0).all()


def test_bonferroni_limits_share_the_level() -> None:
    graph = build_graph([0.5, 0.5], transitions=np.zeros((2, 2)))
    limits = estimate_simultaneous_limits([3.0, 4.0], errors=[1, 1], graph=graph, alpha=0.05)

    assert limits.tolist() == pytest.approx([3 - 1.959963984540054, 4 - 1.959963984540054])
    with pytest.raises(ValueError, match="above 0"):
        estimate_simultaneous_limits([3.0, 4.0], errors=[1, 0], graph=graph, alpha=0.05)
    with pytest.raises(ValueError, match="2 estimates and 1 standard"):
        estimate_simultaneous_limits([3.0, 4.0], errors=[1], graph=graph, alpha=0.05)


def test_in_a_sequence_the_first_that_is_not_shown_keeps_the_whole_level() -> None:
    sequence = build_fallback([1, 0, 0])
    limits = estimate_simultaneous_limits([3, 1, 5], errors=[1, 1, 1], graph=sequence, alpha=0.025)

    assert limits.tolist() == pytest.approx([0, 1 - 1.959963984540054, -math.inf])
