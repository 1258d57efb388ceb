"""Firth's likelihood: the twin, separation, published and closed answers, profile limits."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from equipoise.numerics.models import firth as room
from equipoise.numerics.models.firth import estimate_firth, estimate_firth_interval
from equipoise.numerics.models.likelihood_sums import Family, build_rows
from equipoise.numerics.models.regression import (
    RegressionSampling,
    estimate_effect,
    estimate_regression,
)
from naive.regression import logistic, logistic_information, total


def penalised(y: list[float], rows: list[list[float]], beta: list[float]) -> float:
    size = np.linalg.slogdet(np.array(logistic_information(rows, beta)))[1]
    return total(logistic, y, rows, beta) + float(size) / 2


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_the_estimate_is_the_top_of_the_twins_penalised_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.c_[rng.integers(0, 2, 16), rng.integers(-2, 3, 16)].astype(float)
    x[:3] = [[0, 1], [1, 0], [0, 0]]
    y = (rng.random(16) < rng.choice([0.05, 0.5])).astype(float)
    fit = estimate_firth(y, covariates=x)
    rows = [[1.0, *row] for row in x.tolist()]
    beta = fit.coefficients.tolist()
    top = penalised(y.tolist(), rows, beta)

    assert fit.converged
    assert fit.log_likelihood == pytest.approx(top)
    for place in range(3):
        for step in (-1e-3, 1e-3):
            moved = [b + step * (i == place) for i, b in enumerate(beta)]
            assert penalised(y.tolist(), rows, moved) < top


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("repeated", [False, True])
def test_the_slope_is_that_of_the_twins_penalised_likelihood(
    *, weighted: bool, repeated: bool
) -> None:
    """Also where a column repeats another, which takes no part in the penalty."""
    rng = np.random.default_rng(7)
    x = np.column_stack([rng.integers(0, 2, 20), rng.normal(size=20)])
    y, weight = rng.integers(0, 2, 20).astype(float), rng.integers(1, 3, 20)
    rows = build_rows(
        y, covariates=np.column_stack([x, x[:, 0]]) if repeated else x,
        weight=weight if weighted else None,
    )  # fmt: skip
    beta = np.array([0.3, -0.5, 0.8, 0.0])[: rows.centre.size + 1]
    found = room._penalised(room._told(rows), beta)
    scaled = ((x - rows.centre[:2]) / rows.scale[:2]).tolist()
    who = np.repeat(np.arange(20), weight if weighted else 1)
    table, outcomes = [[1.0, *scaled[i]] for i in who], y[who].tolist()

    def value(at: NDArray[np.float64]) -> float:
        return penalised(outcomes, table, at.tolist())

    step = 1e-5 * np.eye(3)
    slope = [(value(beta[:3] + one) - value(beta[:3] - one)) / 2e-5 for one in step]
    unit = float(np.log(rows.scale[:2]).sum())
    assert found.log_likelihood == pytest.approx(value(beta[:3]) + unit)
    assert found.score[:3] == pytest.approx(slope, rel=1e-6, abs=1e-8)
    information = np.array(logistic_information(table, beta[:3].tolist()))
    assert found.information[:3, :3] == pytest.approx(information)


@pytest.mark.parametrize(("events", "n"), [((0, 4), (10, 10)), ((3, 0), (12, 9)), ((5, 6), (9, 9))])
def test_an_arm_alone_gets_half_a_patient_more_in_each_cell(
    events: tuple[int, int], n: tuple[int, int]
) -> None:
    """A saturated table: Firth's answer adds 1/2 to each cell. Source: Firth (1993), 4."""
    y = np.concatenate([np.arange(size) < x for x, size in zip(events, n, strict=True)])
    fit = estimate_firth(y.astype(float), covariates=np.repeat([0.0, 1.0], n))
    odds = [(x + 0.5) / (size - x + 0.5) for x, size in zip(events, n, strict=True)]

    assert fit.coefficients[1] == pytest.approx(math.log(odds[1] / odds[0]), rel=1e-10)
    assert estimate_effect(fit).value == pytest.approx(odds[1] / odds[0])


def test_profile_limits_are_finite_and_uneven_where_an_arm_has_no_responder() -> None:
    y, arm = np.repeat([1.0, 0.0, 0.0], [8, 12, 20]), np.repeat([0.0, 1.0], 20)
    found = estimate_firth_interval(y, covariates=arm)
    assert -10 < found.lower < found.value < found.upper < 0
    assert found.value - found.lower > found.upper - found.value

    narrow = estimate_firth_interval(y, covariates=arm, level=0.5)
    assert found.lower < narrow.lower < narrow.upper < found.upper


def test_the_limit_is_where_the_ratio_test_of_no_effect_just_rejects() -> None:
    """At the level of its own p value, the interval ends at 0."""
    y, arm = np.repeat([1.0, 0.0, 1.0, 0.0], [8, 12, 3, 17]), np.repeat([0.0, 1.0], 20)
    p = estimate_firth(y, covariates=arm).likelihood_ratio_test.p_value
    found = estimate_firth_interval(y, covariates=arm, level=1 - p)

    assert found.upper == pytest.approx(0, abs=1e-8)


def test_where_nobody_responds_the_arms_do_not_differ() -> None:
    fit = estimate_firth(np.zeros(12), covariates=np.repeat([0.0, 1.0], 6))

    assert fit.converged
    assert fit.coefficients[1] == pytest.approx(0, abs=1e-12)
    assert fit.likelihood_ratio_test.p_value == pytest.approx(1)


def test_many_patients_leave_nothing_of_the_penalty() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4000, 2))
    y = (rng.random(4000) < 0.4).astype(float)
    plain = estimate_regression(y, covariates=x, family=Family.LOGISTIC)

    assert np.allclose(estimate_firth(y, covariates=x).coefficients, plain.coefficients, atol=1e-3)


def test_a_weight_of_two_is_a_row_twice_in_the_likelihood_and_in_the_penalty() -> None:
    y, arm = np.repeat([1.0, 0.0, 0.0], [3, 5, 6]), np.repeat([0.0, 1.0], [8, 6])
    twice = RegressionSampling(weight=np.full(14, 2.0))
    weighted = estimate_firth(y, covariates=arm, sampling=twice)

    repeated = estimate_firth(np.tile(y, 2), covariates=np.tile(arm, 2))
    assert np.allclose(weighted.coefficients, repeated.coefficients, rtol=1e-10)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood)


def test_rows_that_weigh_differently_add_up_in_any_order() -> None:
    """Odds of rows in turn are multiplied while their weight stays: so the order must not tell."""
    rng = np.random.default_rng(4)
    x, y = rng.random((2100, 2)), (rng.random(2100) < 0.2).astype(float)
    weight = np.where(rng.random(2100) < 0.5, 1.0, 2.5)
    weight[:1500] = 1.0  # longer than what is multiplied at once
    turned, order = rng.permutation(2100), np.argsort(weight, kind="stable")
    fits = [
        estimate_firth(y[at], covariates=x[at], sampling=RegressionSampling(weight=weight[at]))
        for at in (turned, order)
    ]

    assert fits[0].log_likelihood == pytest.approx(fits[1].log_likelihood, rel=1e-12)
    assert fits[0].coefficients == pytest.approx(fits[1].coefficients, rel=1e-9)


def test_six_patients_and_four_covariates_settle() -> None:
    """Newton's steps by the information alone do not: the penalty bends as much."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, y = rng.random((6, 4)), (rng.random(6) < 0.3).astype(float)
        fit = estimate_firth(y, covariates=x)

        assert fit.converged, fit.message


def test_a_constant_covariate_has_no_limits() -> None:
    y = [1.0, 0.0, 1.0]
    assert math.isnan(estimate_firth(y, covariates=np.ones(3)).coefficients[1])
    assert math.isnan(estimate_firth_interval(y, covariates=np.ones(3)).lower)


def test_a_share_is_no_response() -> None:
    with pytest.raises(ValueError, match=r"outcome\[1\] is 0.5: outcomes are 0 or 1"):
        estimate_firth([0.0, 0.5], covariates=[0.0, 1.0])


NOBODY = (
    [
        [0, 0.42, 1], [1, 3.10, 1], [0, -0.67, 2], [1, -0.26, 0],
        [0, 0.07, 2], [0, -0.15, 2], [0, 0.16, 2], [0, 0.59, 2],
    ],
    [0] * 8,
)  # fmt: skip
ONE = (
    [
        [1, -0.13, 0], [0, -0.72, 0], [0, -1.11, 1], [1, 2.01, 2],
        [1, 0.55, 0], [1, 1.22, 0], [0, -1.75, 1], [0, 0.06, 0],
    ],
    [0, 0, 0, 0, 0, 0, 1, 0],
)  # fmt: skip
# one of 16, whom a long climb of the others leads to: it was cut off, and the limit too near
FIFTH = (
    [
        [0.12, -0.95], [1.35, 1.99], [-0.79, -0.34], [1.38, 0.24], [1.07, -0.59], [-0.21, 0.46],
        [-0.5, 1.55], [-1.36, -0.18], [0.01, 1.71], [-1.44, 0.94], [-2.6, -0.47], [0.12, 0.73],
        [-0.54, -0.43], [0.35, -0.6], [0.23, -0.48], [1.39, -0.09],
    ],
    [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
)  # fmt: skip
NINTH = (
    [
        [-0.56, 0.69], [-0.48, -0.77], [0.88, -1.04], [1.52, -0.04], [1.19, 1.09], [0.22, -1.06],
        [0.26, -1.01], [1.95, -0.59], [-1.04, 1.16], [-1.13, 0.76], [0.29, 0.02], [-0.14, 1.04],
        [-1.46, -1.37], [0.3, -1.47], [0.62, 2.47], [-0.16, -0.02],
    ],
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "side", "limit"),
    [
        (NOBODY, "lower", -8.13868),
        (ONE, "lower", -5.99),
        (ONE, "upper", 20.30),
        (FIFTH, "upper", 10.118),
        (NINTH, "lower", -11.690),
    ],
)
def test_at_a_limit_the_others_are_at_their_best_and_do_not_just_stand_still(
    data: tuple[list[list[float]], list[float]], side: str, limit: float
) -> None:
    x, y = data
    rows = [[1.0, *row] for row in x]
    end = getattr(estimate_firth_interval(y, covariates=x), side)
    top = estimate_firth(y, covariates=x).log_likelihood

    def fallen(others: NDArray[np.float64]) -> float:
        return top - penalised(y, rows, [float(others[0]), end, *others[1:].tolist()])

    starts = map(np.array, product((-3.0, 3.0), *[(-2.0, 2.0)] * (len(x[0]) - 1)))
    tops = [minimize(fallen, at, method="Nelder-Mead", tol=1e-9).fun for at in starts]

    assert end == pytest.approx(limit, abs=0.05)
    assert min(tops) == pytest.approx(3.841458820694124 / 2, abs=1e-6)
