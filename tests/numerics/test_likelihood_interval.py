"""Profile limits: at them the likelihood has fallen as far as the level allows."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize, minimize_scalar
from scipy.special import chdtri

from equipoise.numerics.models.likelihood_interval import estimate_profile_interval
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import RegressionSampling, estimate_regression
from naive.regression import logistic, total
from numerics.test_regression import draw

Floats = NDArray[np.float64]


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_for_an_arm_alone_the_twins_likelihood_has_fallen_by_the_quantile(seed: int) -> None:
    """With the arm's coefficient held, the best intercept is found by search."""
    rng = np.random.default_rng(seed)
    arm, y = np.repeat([0.0, 1.0], 10), (rng.random(20) < 0.5).astype(float)
    assume(all(0 < y[arm == a].sum() < 10 for a in (0, 1)))
    rows = [[1.0, a] for a in arm]
    found = estimate_profile_interval(y, covariates=arm, family=Family.LOGISTIC)

    def best(b: float) -> float:
        low, high = -12.0, 12.0
        for _ in range(60):
            left, right = low + (high - low) / 3, high - (high - low) / 3
            at = [total(logistic, y.tolist(), rows, [a, b]) for a in (left, right)]
            low, high = (left, high) if at[0] < at[1] else (low, right)
        return total(logistic, y.tolist(), rows, [low, b])

    for limit in (found.lower, found.upper):
        assert 2 * (best(found.value) - best(limit)) == pytest.approx(chdtri(1, 0.05), rel=1e-6)


def test_without_a_responder_in_the_arm_one_limit_is_told() -> None:
    y, arm = np.repeat([1.0, 0.0, 0.0], [8, 12, 20]), np.repeat([0.0, 1.0], 20)
    found = estimate_profile_interval(y, covariates=arm, family=Family.LOGISTIC)
    turned = estimate_profile_interval(y, covariates=1 - arm, family=Family.LOGISTIC)

    assert found.value == found.lower == -math.inf
    assert found.upper < 0
    assert turned.value == turned.upper == math.inf
    assert turned.lower == pytest.approx(-found.upper, rel=1e-6)


def test_a_covariate_beside_a_separating_one_keeps_both_limits() -> None:
    rng = np.random.default_rng(8)
    marker = rng.normal(size=60)
    arm = np.repeat([0.0, 1.0], [30, 30])
    y = np.where(arm == 0, rng.random(60) < 0.5, 0.0)
    both = estimate_profile_interval(y, covariates=np.c_[marker, arm], family=Family.LOGISTIC)
    alone = estimate_profile_interval(y[:30], covariates=marker[:30], family=Family.LOGISTIC)

    assert both.lower == pytest.approx(alone.lower, rel=1e-5)
    assert both.upper == pytest.approx(alone.upper, rel=1e-5)


def test_rates_have_profile_limits_too() -> None:
    """One count each: the limits agree with the fall of the two Poisson likelihoods."""
    sampling = RegressionSampling(offset=np.log([10.0, 20.0]))
    found = estimate_profile_interval(
        [12.0, 8.0], covariates=[0.0, 1.0], family=Family.POISSON, sampling=sampling
    )

    def fall(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        mean = 20 / (10 + 20 * ratio)
        return 2 * sum(
            x * math.log(x / (m * t)) - x + m * t
            for x, m, t in ((12, mean, 10), (8, mean * ratio, 20))
        )

    assert found.value == pytest.approx(math.log((8 / 20) / (12 / 10)))
    for limit in (found.lower, found.upper):
        assert fall(limit) == pytest.approx(chdtri(1, 0.05), rel=1e-9)


def test_wald_and_profile_agree_in_large_groups() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=5000)
    y = (rng.random(5000) < 0.5).astype(float)
    found = estimate_profile_interval(y, covariates=x, family=Family.LOGISTIC, level=0.9)
    fit = estimate_regression(y, covariates=x, family=Family.LOGISTIC)
    half = 1.6448536269514722 * math.sqrt(fit.covariance[1, 1])

    assert found.lower == pytest.approx(fit.coefficients[1] - half, abs=1e-3)
    assert found.upper == pytest.approx(fit.coefficients[1] + half, abs=1e-3)


def test_nobody_responding_tells_no_odds_ratio() -> None:
    found = estimate_profile_interval(np.zeros(4), covariates=[0, 0, 1, 1], family=Family.LOGISTIC)

    assert math.isnan(found.value)
    assert (found.lower, found.upper) == (-math.inf, math.inf)


def test_a_mean_has_no_profile() -> None:
    with pytest.raises(ValueError, match="LINEAR has no profile likelihood"):
        estimate_profile_interval([0.0, 1.0], covariates=[0.0, 1.0], family=Family.LINEAR)


def test_a_likelihood_of_many_millions_settles_at_its_rounding() -> None:
    """Weights of 1e6 make the fall of 1.92 the thirteenth digit of the likelihood."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=500)
    y = (rng.random(500) < 0.5).astype(float)
    heavy = RegressionSampling(weight=np.full(500, 1e6))
    found = estimate_profile_interval(y, covariates=x, family=Family.LOGISTIC, sampling=heavy)
    fit = estimate_regression(y, covariates=x, family=Family.LOGISTIC, sampling=heavy)
    half = 1.959963984540054 * math.sqrt(fit.covariance[1, 1])

    assert found.upper - found.value == pytest.approx(half, rel=1e-3)
    assert found.value - found.lower == pytest.approx(half, rel=1e-3)


def best_beside(y: Floats, x: Floats, value: float) -> float:
    """The largest logistic likelihood with the first of two coefficients held, by search."""
    sign = 2 * y - 1

    def fall(rest: Floats) -> float:
        line = rest[0] + value * x[:, 0] + rest[1] * x[:, 1]
        return float(np.logaddexp(0.0, -sign * line).sum())

    found = [
        minimize(fall, [a, b], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).fun
        for a in (-10.0, 0.0, 10.0)
        for b in (-10.0, 0.0, 10.0)
    ]
    return -float(min(found))


@pytest.mark.parametrize(("seed", "side", "top"), [(106, 1, 0.0), (309, -1, 1.0), (461, 1, 0.0)])
def test_rows_that_are_separated_have_one_limit_that_tells(
    seed: int, side: int, top: float
) -> None:
    """Twelve rows: the likelihood rises to 1 without end, in 309 to 1 / 4."""
    y, x = draw(seed, n=12)
    found = estimate_profile_interval(y, covariates=x, family=Family.LOGISTIC)
    turned = estimate_profile_interval(1 - y, covariates=x, family=Family.LOGISTIC)
    limits = (found.lower, found.upper) if side > 0 else (found.upper, found.lower)

    assert found.value == limits[1] == side * math.inf
    assert best_beside(y, x, limits[0]) == pytest.approx(
        -top * math.log(4) - chdtri(1, 0.05) / 2, abs=1e-5
    )
    assert (turned.lower, turned.upper) == pytest.approx((-found.upper, -found.lower), rel=1e-5)


def test_rows_that_another_covariate_separates_tell_nothing_of_this_one() -> None:
    y, x = draw(122, n=12)
    found = estimate_profile_interval(y, covariates=x, family=Family.LOGISTIC)

    assert math.isnan(found.value)
    assert (found.lower, found.upper) == (-math.inf, math.inf)


@pytest.mark.parametrize("family", [Family.LOGISTIC, Family.POISSON])
def test_of_a_thousand_the_arm_without_an_event_has_its_limit(family: Family) -> None:
    """The other arm has 12 events of 500: its own likelihood falls by what the arm's takes."""
    arm, y = np.repeat([0.0, 1.0], 500), np.zeros(1000)
    y[:12] = 1.0
    found = estimate_profile_interval(y, covariates=arm, family=family)

    def value(ratio: float) -> float:
        """Profile over the control arm's log odds or log rate."""

        def fall(control: float) -> float:
            treated = control + ratio
            if family is Family.POISSON:
                return 500 * (math.exp(control) + math.exp(treated)) - 12 * control
            odds = 500 * (np.logaddexp(0, control) + np.logaddexp(0, treated))
            return float(odds) - 12 * control

        return float(-minimize_scalar(fall, bounds=(-12, 2), options={"xatol": 1e-10}).fun)

    assert found.value == found.lower == -math.inf
    assert value(-60.0) - value(found.upper) == pytest.approx(chdtri(1, 0.05) / 2, rel=1e-5)


def rises_without_end(y: Floats, x: Floats, side: int) -> bool:
    """Whether the likelihood never falls along some way on which the first coefficient grows."""
    signed = (2 * y - 1)[:, None] * np.column_stack([np.ones(y.size), x])
    way = np.zeros(1 + x.shape[1])
    way[1] = -side
    found = linprog(way, A_ub=-signed, b_ub=np.zeros(y.size), bounds=[(-1.0, 1.0)] * way.size)
    return found.fun is not None and found.fun < -1e-7


def test_limits_are_infinite_where_linear_programming_finds_a_way() -> None:
    separated = 0
    for seed in range(300):
        y, x = draw(seed, n=8)
        ways = [rises_without_end(y, x, side) for side in (-1, 1)]
        told = np.linalg.matrix_rank(np.column_stack([np.ones(8), x])) == 3
        if told and any(ways) and 0 < y.sum() < y.size:
            found = estimate_profile_interval(y, covariates=x, family=Family.LOGISTIC)
            assert [math.isinf(found.lower), math.isinf(found.upper)] == ways, seed
            separated += 1
    assert separated > 50
