"""The tables that reach a score: every table by its own score, and what a difference does to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.shares.score_regions import score_kernel, staircase_kernel
from naive.exact_difference import region

ARM = st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
TIE = 1e-9


def staircase(n1: int, n0: int, delta: float, score: float, room: float = 0.0) -> NDArray[np.int64]:
    top = np.full(n1 + 1, -7, dtype=np.int64)
    staircase_kernel(n1, n0, delta, score, top, room)
    return top


@settings(deadline=None, max_examples=40)
@given(ARM, ARM, st.floats(0.02, 0.95))
def test_it_is_every_table_by_its_own_score(
    one: tuple[int, int], other: tuple[int, int], part: float
) -> None:
    (x1, n1), (x0, n0) = one, other
    value = x1 / n1 - x0 / n0
    delta = value - part * (1 + value)
    score = score_kernel(x1, n1, x0, n0, delta) - TIE
    if not 0 < score < 40:
        return
    twin = region(x1, n1, x0, n0, delta)

    assert staircase(n1, n0, delta, score).tolist() == (twin.sum(axis=1) - 1).tolist()
    assert all(row[: row.sum()].all() for row in twin)


@pytest.mark.parametrize(
    ("x1", "n1", "x0", "n0"),
    [
        (180, 500, 150, 500),
        (9, 500, 5, 500),
        (480, 500, 490, 500),
        (3, 7, 800, 2000),
        (250, 300, 2, 9),
    ],
)
@pytest.mark.parametrize("away", [0.01, 0.08, 0.5])
def test_with_many_subjects_the_edge_reaches_the_score_and_the_next_table_does_not(
    x1: int, n1: int, x0: int, n0: int, away: float
) -> None:
    value = x1 / n1 - x0 / n0
    delta = value - away * (1 + value)
    score = score_kernel(x1, n1, x0, n0, delta) - TIE
    top = staircase(n1, n0, delta, score)

    for count, most in enumerate(top.tolist()):
        if most >= 0:
            assert score_kernel(count, n1, most, n0, delta) >= score
        if most < n0:
            assert score_kernel(count, n1, most + 1, n0, delta) < score
    assert top[x1] >= x0
    assert (np.diff(top) >= 0).all()
    wider = staircase(n1, n0, delta, score, room=0.1)
    assert (wider >= top).all()
    assert (np.diff(wider) >= 0).all()
    assert (wider - top).sum() <= 1 + 0.1 * n1
    assert ((wider - top) <= 1).all()


@pytest.mark.parametrize(("n1", "n0"), [(1, 1), (1, 6), (5, 7), (12, 4)])
def test_every_score_falls_with_the_difference(n1: int, n0: int) -> None:
    differences = -np.cos(np.linspace(0.001, np.pi - 0.001, 400))
    for x1 in range(n1 + 1):
        for x0 in range(n0 + 1):
            scores = [score_kernel(x1, n1, x0, n0, delta) for delta in differences]
            assert (np.diff(scores) < 0).all()


def test_a_table_may_come_and_go_but_not_unseen() -> None:
    """Nobody of both against 1 of 2 and 1 of 3: as extreme from -0.43 to -0.14 only."""

    def nobody(start: float, end: float) -> bool:
        score = score_kernel(1, 2, 1, 3, end) - TIE
        return bool(staircase(2, 3, start, score)[0] >= 0)

    assert [nobody(delta, delta) for delta in (-0.5, -0.3, -0.1)] == [False, True, False]
    assert nobody(-0.5, -0.1)
