"""Profile limits: at them the likelihood has fallen as far as the level allows."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import chdtri

from equipoise.numerics.models.likelihood_interval import estimate_profile_interval
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import RegressionSampling, estimate_regression
from naive.regression import logistic, total
from numerics.test_regression import draw


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


@pytest.mark.parametrize("seed", [122, 309, 461])
def test_so_far_out_that_nothing_is_told_a_limit_is_not_either(seed: int) -> None:
    """Twelve rows that are separated: the search for the other limit leaves all information."""
    y, x = draw(seed, n=12)
    found = estimate_profile_interval(y, covariates=x, family=Family.LOGISTIC)

    assert math.isnan(found.lower) or math.isnan(found.upper)
