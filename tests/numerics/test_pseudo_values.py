"""Pseudo-values against leaving out one by one, and what their regression gives by hand."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.survival.pseudo_values import (
    Link,
    estimate_rmst_pseudo_values,
    estimate_survival_pseudo_values,
    regress_pseudo_values,
)
from naive.leave_one_out import mean_time, pseudo_values, survival
from numerics.samples import marked, rows, split

RNG = np.random.default_rng(5)


@given(rows(), st.sampled_from([0.0, 1.0, 2.5, 4.0, 7.0, 9.0]))
def test_values_equal_those_of_leaving_out_one_by_one(
    pairs: list[tuple[float, int]], at: float
) -> None:
    time, event = split(pairs)
    known = at <= time.max() or survival(pairs, at) == 0
    if not known:
        with pytest.raises(ValueError, match="nothing is known"):
            estimate_survival_pseudo_values(time, event=event, at=at)
        return
    found = estimate_survival_pseudo_values(time, event=event, at=at)
    assert found == pytest.approx(pseudo_values(survival, pairs, at), abs=1e-11)
    if at > 0:
        areas = estimate_rmst_pseudo_values(time, event=event, horizon=at)
        assert areas == pytest.approx(pseudo_values(mean_time, pairs, at), abs=1e-10)


def test_without_censoring_a_value_is_the_patients_own_outcome() -> None:
    time, event = marked("2 4 9 15 30")

    assert estimate_survival_pseudo_values(time, event=event, at=9) == pytest.approx(
        [0, 0, 0, 1, 1], abs=1e-12
    )
    assert estimate_rmst_pseudo_values(time, event=event, horizon=12) == pytest.approx(
        [2, 4, 9, 12, 12]
    )


@pytest.mark.parametrize("link", list(Link))
def test_two_groups_without_other_covariates_have_their_means(link: Link) -> None:
    outcome, group = RNG.uniform(0.1, 0.9, 30), np.arange(30) % 2
    found = regress_pseudo_values(outcome, covariates=group, link=link)
    means = [outcome[group == arm].mean() for arm in (0, 1)]
    scales: dict[Link, Callable[[float], float]] = {
        Link.IDENTITY: lambda m: m,
        Link.LOG: math.log,
        Link.LOGIT: lambda m: math.log(m / (1 - m)),
        Link.LOG_LOG: lambda m: math.log(-math.log(m)),
    }
    scale = scales[link]

    assert found.coefficient[0] == pytest.approx(scale(means[0]), rel=1e-10)
    assert found.coefficient.sum() == pytest.approx(scale(means[1]), rel=1e-10)
    assert found.message == ""


def test_the_sandwich_of_a_difference_adds_the_squares_within_groups() -> None:
    outcome, group = RNG.normal(size=21), np.arange(21) % 3 == 0
    found = regress_pseudo_values(outcome, covariates=group)
    squares = sum(
        np.sum((outcome[own] - outcome[own].mean()) ** 2) / own.sum() ** 2
        for own in (group, ~group)
    )

    assert found.standard_error[1] == pytest.approx(math.sqrt(squares))
    assert found.upper[1] - found.lower[1] == pytest.approx(
        2 * 1.959963984540054 * found.standard_error[1]
    )


def test_rows_written_twice_are_one_cluster_each() -> None:
    outcome, x = RNG.uniform(0.2, 0.8, 12), RNG.normal(size=12)
    once = regress_pseudo_values(outcome, covariates=x, link=Link.LOG)
    twice = regress_pseudo_values(
        np.tile(outcome, 2), covariates=np.tile(x, 2), link=Link.LOG,
        cluster=np.tile(np.arange(12) + 40, 2),
    )  # fmt: skip

    assert twice.covariance == pytest.approx(once.covariance, rel=1e-9)


def test_no_solution_is_told() -> None:
    found = regress_pseudo_values([-3.0, -2.0, -1.0, -4.0], covariates=[0, 1, 0, 1], link=Link.LOG)

    assert found.message == "no solution was found on the log scale"
    assert np.isnan(found.coefficient).all()
    assert np.isnan(found.p_value).all()


@pytest.mark.parametrize(("covariates", "words"), [
    (np.ones(4), r"covariates\[:, 0\] is determined"),
    (np.c_[[0, 1, 0, 1], [1, 0, 1, 0]], r"covariates\[:, 1\] is determined"),
    ([0, 1], "one row for each of 4"),
])  # fmt: skip
def test_covariates_that_say_nothing_new_are_refused(covariates: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        regress_pseudo_values([0.1, 0.2, 0.3, 0.4], covariates=covariates)


def test_what_is_no_outcome_or_horizon_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        regress_pseudo_values([0.1, math.nan], covariates=[0, 1])
    with pytest.raises(ValueError, match="horizon"):
        estimate_rmst_pseudo_values([1.0], event=[1], horizon=0)


def test_before_the_first_time_everybody_lives() -> None:
    time, event = marked("3 5+ 8")

    assert estimate_survival_pseudo_values(time, event=event, at=2).tolist() == [1, 1, 1]
    assert estimate_rmst_pseudo_values(time, event=event, horizon=2).tolist() == [2, 2, 2]


def test_outcomes_without_spread_have_no_test() -> None:
    time, event = marked("3+ 5+ 8+ 9+ 11+ 12+")
    values = estimate_survival_pseudo_values(time, event=event, at=7)
    found = regress_pseudo_values(values, covariates=np.arange(6) % 2)

    assert found.coefficient[1] == pytest.approx(0, abs=1e-12)
    assert found.standard_error.tolist() == [0, 0]
    assert np.isnan(found.p_value).all()


def test_everybody_dead_has_no_solution_on_scales_that_never_reach_0() -> None:
    for link in (Link.LOG, Link.LOGIT, Link.LOG_LOG):
        found = regress_pseudo_values(np.zeros(6), covariates=np.arange(6) % 2, link=link)
        assert found.message == f"no solution was found on the {link.value} scale"


def test_read_only_and_strided_columns_are_read() -> None:
    table = np.array([[2.0, 1], [4, 0], [9, 1], [15, 1]])
    table.flags.writeable = False
    found = estimate_survival_pseudo_values(table[:, 0], event=table[:, 1].astype(np.int64), at=9)
    assert found.mean() == pytest.approx(0.375)  # 3/4 * 1/2 with one patient censored


@pytest.mark.parametrize(
    ("link", "mean", "slope"),
    [
        (Link.LOG, np.exp, np.exp),
        (Link.LOGIT, lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (2 + np.exp(x) + np.exp(-x))),
        (Link.LOG_LOG, lambda x: np.exp(-np.exp(x)), lambda x: -np.exp(x - np.exp(x))),
    ],
)
def test_where_few_are_left_the_equations_still_come_to_zero(
    link: Link,
    mean: Callable[[np.ndarray], np.ndarray],
    slope: Callable[[np.ndarray], np.ndarray],
) -> None:
    """One patient in twenty lives on: Fisher scoring alone takes many steps there."""
    rng = np.random.default_rng(1)
    x = np.c_[rng.integers(0, 2, 400), rng.random(400)]
    time = rng.exponential(100.0 * np.exp(0.4 * x[:, 0]))
    values = estimate_survival_pseudo_values(time, event=np.ones(400, dtype=int), at=365)
    found = regress_pseudo_values(values, covariates=x, link=link)
    linear = np.c_[np.ones(400), x] @ found.coefficient

    assert found.message == ""
    left = (slope(linear) * (values - mean(linear))) @ np.c_[np.ones(400), x]
    assert left == pytest.approx(0, abs=1e-12)


def test_a_group_in_which_nothing_is_left_has_an_endless_error_and_no_refusal() -> None:
    """On the log scale the mean of some rows runs away: products of their slopes are 0."""
    time = [1.0, 4, 8, 2, 4, 4, 8, 2, 5, 3]
    x = [
        [0, 3, 2], [1, -1, 2], [1, -2, 2], [1, 2, 1], [0, -2, 2],
        [0, -1, 0], [1, 1, 1], [1, 0, 2], [0, -3, 0], [0, -3, 0],
    ]  # fmt: skip
    alive = estimate_survival_pseudo_values(time, event=[0, 1, 0, 0, 0, 0, 0, 1, 1, 1], at=5.0)
    found = regress_pseudo_values(alive, covariates=x, link=Link.LOG)

    assert found.message or found.standard_error.max() > 1e3
    assert not (found.p_value < 1e-6).any()
