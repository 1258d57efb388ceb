"""Newton's steps: the top of likelihoods that have one, the word for those that have none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.likelihood_climb import (
    Likelihood,
    LikelihoodSums,
    Rules,
    climb,
    is_full,
    told_columns,
)

Values = NDArray[np.float64]
TOP = np.array([1.0, -2.0, 0.5])
BEND = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])


def hill(beta: Values) -> LikelihoodSums:
    """A parabola with its top at TOP."""
    apart = TOP - beta
    return LikelihoodSums(
        log_likelihood=float(-apart @ BEND @ apart / 2), score=BEND @ apart, information=BEND
    )


def slope_without_end(beta: Values) -> LikelihoodSums:
    """-exp(-b) along the second column: it rises for ever. A parabola along the first."""
    left = np.exp(-beta[1])
    return LikelihoodSums(
        log_likelihood=float(-left - beta[0] ** 2 / 2),
        score=np.array([-beta[0], left]),
        information=np.diag([1.0, left]),
    )


def test_a_parabola_takes_one_step() -> None:
    found = climb(hill, start=np.zeros(3))

    assert found.beta == pytest.approx(TOP)
    assert found.iterations == 1
    assert found.message == ""
    assert not found.away.any()


def rough_hill(beta: Values) -> LikelihoodSums:
    """The parabola, told as steep along its axes alone and half as steep as it is."""
    return replace(hill(beta), information=np.diag(np.diag(BEND)) / 2)


@pytest.mark.parametrize("free", [[0, 1, 2], [0, 2]])
def test_what_a_rough_information_misses_is_learnt_from_the_steps(free: list[int]) -> None:
    plain, learnt = (
        climb(rough_hill, start=np.zeros(3), free=np.array(free), rules=Rules(rough=rough))
        for rough in (False, True)
    )
    exact = climb(hill, start=np.zeros(3), free=np.array(free))

    assert learnt.beta == pytest.approx(exact.beta, abs=1e-12)
    assert learnt.message == ""
    assert learnt.iterations < 10 < plain.iterations


def test_what_was_learnt_wrongly_is_forgotten() -> None:
    """A likelihood with a kink: the slopes met on one side lead astray on the other."""

    def kinked(beta: Values) -> LikelihoodSums:
        steep = 40.0 if beta[0] > 1 else 1.0
        apart = 1 - beta[0]
        return LikelihoodSums(
            log_likelihood=-steep * apart**2 / 2,
            score=np.array([steep * apart]),
            information=np.array([[0.7]]),
        )

    found = climb(kinked, start=np.array([-6.0]), rules=Rules(rough=True))

    assert found.beta == pytest.approx(1.0, abs=1e-9)
    assert found.message == ""


def test_columns_that_are_not_free_stay_where_they_are() -> None:
    found = climb(hill, start=np.array([0.0, 7.0, 0.0]), free=np.array([0, 2]))
    inner = np.ix_([0, 2], [0, 2])
    beside = TOP[[0, 2]] + np.linalg.solve(BEND[inner], BEND[[0, 2], 1] * (TOP[1] - 7.0))

    assert found.beta[1] == 7.0
    assert found.beta[[0, 2]] == pytest.approx(beside)


def test_without_a_free_column_nothing_is_climbed() -> None:
    found = climb(hill, start=np.ones(3), free=np.zeros(0, dtype=np.intp))

    assert (found.iterations, found.message) == (0, "")
    assert found.beta.tolist() == [1.0, 1.0, 1.0]


def test_sums_that_are_known_are_not_asked_for_again() -> None:
    asked: list[Values] = []

    def counted(beta: Values) -> LikelihoodSums:
        asked.append(beta)
        return hill(beta)

    climb(counted, start=np.zeros(3), first=hill(np.zeros(3)))
    assert len(asked) == 1


@pytest.mark.parametrize(("intercepts", "word"), [(0, "covariate 1"), (1, "covariate 0")])
def test_a_likelihood_without_a_top_names_the_column(intercepts: int, word: str) -> None:
    found = climb(slope_without_end, start=np.zeros(2), rules=Rules(intercepts=intercepts))

    assert found.away.tolist() == [False, True]
    assert found.message == f"the likelihood rises without end along {word}"


def test_an_intercept_that_runs_away_is_no_covariate() -> None:
    found = climb(slope_without_end, start=np.zeros(2), rules=Rules(intercepts=2))

    assert found.message.endswith("along covariate none: the intercept")


def test_absurd_coefficients_end_the_climb_at_once() -> None:
    rules = Rules(absurd=lambda beta: beta > 2.5, intercepts=0)
    found = climb(slope_without_end, start=np.zeros(2), rules=rules)

    assert found.iterations == 3  # each step is of length 1
    assert found.message.endswith("along covariate 1")


def walled(likelihood: Likelihood, *, limit: float) -> Likelihood:
    def at(beta: Values) -> LikelihoodSums:
        sums = likelihood(beta)
        if abs(beta[0]) <= limit:
            return sums
        return LikelihoodSums(
            log_likelihood=-np.inf, score=sums.score, information=sums.information
        )

    return at


def test_a_step_that_leaves_the_possible_is_halved() -> None:
    found = climb(walled(hill, limit=0.9), start=np.zeros(3))

    assert found.message == "the climb to the largest likelihood did not settle"
    assert 0.0 < found.beta[0] <= 0.9


def test_where_nothing_at_all_is_left_the_climb_ends_with_a_word() -> None:
    def lost(beta: Values) -> LikelihoodSums:
        left = np.eye(2) if beta[1] == 0 else np.diag([1.0, 0.0])
        score = np.array([-beta[0], 1.0])
        return LikelihoodSums(log_likelihood=beta[1], score=score, information=left)

    found = climb(lost, start=np.zeros(2), rules=Rules(intercepts=0))

    assert found.lost
    assert found.message == "the likelihood rises without end along covariate 0, 1"
    assert found.iterations == 1


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_told_columns_are_those_that_raise_the_rank(seed: int, p: int) -> None:
    """Columns of few values, so that some are sums of others."""
    rng = np.random.default_rng(seed)
    table = rng.integers(-1, 2, (6, p)).astype(float)
    kept = told_columns(table.T @ table, least=1e-9)
    ranks = [int(np.linalg.matrix_rank(table[:, :k])) for k in range(p + 1)]

    assert kept.tolist() == [k for k in range(p) if ranks[k + 1] > ranks[k]]
    assert is_full(table.T @ table, least=1e-9) == (ranks[p] == p)


def test_a_matrix_with_a_direction_of_less_than_nothing_is_not_full() -> None:
    assert is_full(np.array([[2.0, 1.0], [1.0, 2.0]]), least=1.4)
    assert not is_full(np.array([[2.0, 1.0], [1.0, 2.0]]), least=1.6)
    assert not is_full(np.array([[1.0, 2.0], [2.0, 1.0]]), least=0.0)
    assert not is_full(np.full((2, 2), np.nan), least=0.0)


@pytest.mark.parametrize(("own", "full"), [(2.0, True), (1.0, False), (0.0, False), (-3.0, False)])
def test_one_column_is_full_by_its_own_information_alone(own: float, full: bool) -> None:
    assert is_full(np.array([[own]]), least=1.0) is full
    assert is_full(np.array([[own, 0.0], [0.0, 5.0]]), least=1.0) is full
