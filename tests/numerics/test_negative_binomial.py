"""Negative-binomial regression: the twin, Poisson's edge, exposure, tests, bad counts."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.models.likelihood_sums import Family, build_rows
from equipoise.numerics.models.regression import (
    RegressionSampling,
    estimate_effect,
    estimate_regression,
)
from equipoise.numerics.rates import negative_binomial as room
from equipoise.numerics.rates.negative_binomial import estimate_negative_binomial
from naive.regression import meat, negative_binomial, poisson, rising, total

Table = NDArray[np.float64]


def draw(seed: int, *, n: int = 30, theta: float = 1.0) -> tuple[Table, Table, Table]:
    """Counts of some years, by arm."""
    rng = np.random.default_rng(seed)
    arm, years = rng.integers(0, 2, n).astype(float), rng.uniform(0.5, 3, n).round(2)
    mean = 2 * years * np.exp(-0.4 * arm)
    return rng.poisson(mean * rng.gamma(theta, 1 / theta, n)).astype(float), arm, years


@pytest.mark.parametrize("theta", [1e-6, 0.3, 1.0, 11.5, 400.0])
def test_what_is_of_counts_alone_is_the_twins_rising_product(theta: float) -> None:
    counts = [0, 1, 2, 9, 40, 300]
    slow = [rising(count, theta) for count in counts]
    value, first, second = room._counts_kernel(np.array(counts, dtype=float), np.ones(6), theta)

    assert value == pytest.approx(sum(one[0] for one in slow), rel=1e-10, abs=1e-10)
    assert first == pytest.approx(sum(one[1] for one in slow), rel=1e-10, abs=1e-10)
    assert second == pytest.approx(sum(one[2] for one in slow) + 6 / theta, rel=1e-9)


@pytest.mark.parametrize("theta", [1e4, 1e8, 1e12, 1e16])
def test_a_large_theta_takes_no_digits_of_the_likelihood(theta: float) -> None:
    counts = [0, 1, 2, 9, 40, 300]
    value = room._counts_kernel(np.array(counts, dtype=float), np.ones(6), theta)[0]

    assert value == pytest.approx(sum(rising(count, theta)[0] for count in counts), rel=1e-13)


def test_a_theta_too_small_for_floats_is_no_error() -> None:
    assert not np.isfinite(room._counts_kernel(np.array([2.0]), np.ones(1), 1e-200)[2])
    rows = build_rows(np.array([2.0, 0.0]), covariates=None)
    counts = room._Counts(value=np.array([0.0, 2.0]), weight=np.ones(2))
    found = room._sums(rows, counts, np.ix_([0, 1], [0, 1]), np.array([0.0, -2000.0]))
    assert not np.isfinite(found.log_likelihood)


@pytest.mark.parametrize("theta", [0.05, 1.0, 30.0])
def test_slopes_and_bends_are_those_of_the_likelihood(theta: float) -> None:
    """By differences, of coefficients and log theta together."""
    y, arm, years = draw(5, theta=1.0)
    rows = build_rows(y, covariates=arm, offset=np.log(years), weight=1 + arm)
    told, at = np.ix_(range(3), range(3)), np.array([0.4, -0.2, math.log(theta)])
    counts, step = room._tally(rows), 1e-4
    sums = [[room._sums(rows, counts, told, at + way * step * one) for way in (-1, 1)]
            for one in np.eye(3)]  # fmt: skip
    here = room._sums(rows, counts, told, at)
    slope = [(after.log_likelihood - before.log_likelihood) / (2 * step) for before, after in sums]
    bend = [(before.score - after.score) / (2 * step) for before, after in sums]

    assert here.score == pytest.approx(np.array(slope), rel=1e-5, abs=1e-6)
    if (np.linalg.eigvalsh(np.array(bend)) > 0).all():
        assert here.information == pytest.approx(np.array(bend), rel=1e-5, abs=1e-5)
    expected = room._expected(rows, at, float(here.information[-1, -1]))
    assert (expected[-1, :-1] == 0).all()
    mean = np.exp(at[0] + at[1] * (arm - rows.centre[0]) / rows.scale[0]) * years
    share = (1 + arm) * mean / (1 + mean / theta)
    assert expected[0, 0] == pytest.approx(share.sum())


def test_a_covariate_that_tells_nothing_takes_no_steps_more() -> None:
    y, arm, _ = draw(8, n=200)
    alone = estimate_negative_binomial(y, covariates=arm).regression
    twice = estimate_negative_binomial(y, covariates=np.column_stack([arm, 2 * arm])).regression

    assert twice.message == "no information of its own in covariate 1"
    assert twice.iterations == alone.iterations
    assert twice.coefficients[:2] == pytest.approx(alone.coefficients, rel=1e-10)


def test_a_step_to_a_theta_of_nothing_is_taken_back() -> None:
    rng = np.random.default_rng(1060)
    n, p = int(rng.choice([20, 60, 200])), int(rng.integers(1, 3))
    x = np.column_stack([rng.integers(0, 2, n), rng.normal(size=n)][:p]).astype(float)
    mean = np.exp(rng.choice([-1, 0, 1, 3]) + 0.5 * x[:, 0] * rng.choice([0, 1, 3]))
    theta = rng.choice([1, 5, 50, 1e9])
    y = rng.poisson(mean * rng.gamma(theta, 1 / theta, n)).astype(float)
    found = estimate_negative_binomial(y, covariates=x).regression

    assert found.log_likelihood_null <= found.log_likelihood


def test_counts_that_vary_no_more_than_poisson_s_need_no_climb(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "_sums", None)
    years = np.tile([1.0, 2.0, 1.0, 3.0], 10)
    found = estimate_negative_binomial(
        2 * years, covariates=np.arange(40) % 2, sampling=RegressionSampling(offset=np.log(years))
    )

    assert math.isinf(found.theta)
    assert math.isnan(found.theta_standard_error)
    assert found.overdispersion_test.p_value == 1.0
    assert found.regression.message.startswith("the counts vary no more than Poisson's")


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_the_estimate_is_the_top_of_the_twins_likelihood(seed: int) -> None:
    y, arm, years = draw(seed)
    assume(0 < arm.sum() < 30)
    logs = np.log(years)
    found = estimate_negative_binomial(y, covariates=arm, sampling=RegressionSampling(offset=logs))
    fit = found.regression
    assume(math.isfinite(found.theta) and fit.converged)
    rows = [[1.0, a, t] for a, t in zip(arm, logs, strict=True)]
    top = [*fit.coefficients, 1.0]

    def value(beta: list[float], theta: float) -> float:
        return total(negative_binomial(theta), y.tolist(), rows, beta)

    assert fit.log_likelihood == pytest.approx(value(top, found.theta))
    for step in (-1e-3, 1e-3):
        assert value(top, found.theta * math.exp(step)) < fit.log_likelihood
        assert value([top[0] + step, *top[1:]], found.theta) < fit.log_likelihood
        assert value([top[0], top[1] + step, 1.0], found.theta) < fit.log_likelihood
    curve = sum(value(top, found.theta + s) for s in (-1e-3, 1e-3)) - 2 * fit.log_likelihood
    assert found.theta_standard_error == pytest.approx((-curve / 1e-6) ** -0.5, rel=1e-2)


def test_the_sandwich_is_the_twins() -> None:
    y, arm, years = draw(4, n=50)
    logs = np.log(years)
    found = estimate_negative_binomial(y, covariates=arm, sampling=RegressionSampling(offset=logs))
    fit, law = found.regression, negative_binomial(found.theta)
    rows = [[1.0, a, t] for a, t in zip(arm, logs, strict=True)]
    middle = np.array(meat(law, y.tolist(), rows, [*fit.coefficients, 1.0]))[:2, :2]

    assert np.allclose(fit.robust_covariance, fit.covariance @ middle @ fit.covariance, rtol=1e-5)


def test_counts_that_vary_less_than_poissons_are_poissons() -> None:
    y, arm = np.tile([2.0, 3.0, 2.0, 1.0], 6), np.repeat([0.0, 1.0], 12)
    found = estimate_negative_binomial(y, covariates=arm)
    plain = estimate_regression(y, covariates=arm, family=Family.POISSON)

    assert found.theta == math.inf
    assert math.isnan(found.theta_standard_error)
    assert "vary no more than Poisson's" in found.regression.message
    assert found.overdispersion_test.p_value == 1
    assert np.allclose(found.regression.coefficients, plain.coefficients)
    assert np.allclose(found.regression.covariance, plain.covariance)
    rows = [[1.0, a] for a in arm]
    value = total(poisson, y.tolist(), rows, found.regression.coefficients.tolist())
    assert found.regression.log_likelihood == pytest.approx(value)


def test_wide_counts_have_wider_limits_than_poissons_and_a_test_that_says_so() -> None:
    y, arm, years = draw(9, n=200, theta=0.7)
    sampling = RegressionSampling(offset=np.log(years))
    found = estimate_negative_binomial(y, covariates=arm, sampling=sampling)
    plain = estimate_regression(y, covariates=arm, family=Family.POISSON, sampling=sampling)
    wide, narrow = estimate_effect(found.regression), estimate_effect(plain)

    assert found.overdispersion_test.p_value < 1e-6
    assert wide.upper / wide.lower > 1.3 * narrow.upper / narrow.lower
    assert 0.4 < found.theta < 1.2
    assert found.regression.likelihood_ratio_test.degrees_of_freedom == 1


def test_an_arm_without_an_event_is_named() -> None:
    y, arm = np.r_[4.0, 0, 9, 1, 0, 0, 0, 0], np.repeat([0.0, 1.0], 4)
    found = estimate_negative_binomial(y, covariates=arm)

    assert not found.regression.converged
    assert "without end along covariate 0" in found.regression.message
    assert math.isnan(estimate_effect(found.regression).upper)


def test_no_event_at_all_tells_nothing() -> None:
    found = estimate_negative_binomial(np.zeros(5), covariates=np.arange(5.0))

    assert math.isnan(found.theta)
    assert "nobody" in found.regression.message
    assert math.isnan(found.overdispersion_test.p_value)


def test_counts_of_one_mean_only() -> None:
    """Without covariates the mean is the mean, whatever theta is."""
    y = np.array([0.0, 0, 7, 1, 2, 9, 0, 3])
    found = estimate_negative_binomial(y, covariates=None)

    assert found.regression.coefficients[0] == pytest.approx(math.log(y.mean()))
    assert found.theta > 0
    assert math.isnan(found.regression.wald_test.p_value)


def test_half_events_and_times_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"outcome\[0\] is 0.5: outcomes are counts"):
        estimate_negative_binomial([0.5, 1.0], covariates=None)
    with np.errstate(divide="ignore"):
        offset = np.log([0.0, 1.0])
    with pytest.raises(ValueError, match=r"offset\[0\] is -inf: the log of a time above 0"):
        estimate_negative_binomial(
            [1.0, 1.0], covariates=None, sampling=RegressionSampling(offset=offset)
        )


def test_counts_larger_than_the_rows_are_many_are_added_up_alike() -> None:
    """In twelve rows, some counts of a hundred: every fourth row three times over is a weight."""
    y = np.array([3, 40, 120, 7, 15, 88, 2, 61, 140, 9, 33, 17], dtype=float)
    arm, weight = np.tile([0.0, 1.0], 6), np.where(np.arange(12) % 4 == 0, 3.0, 1.0)
    times = weight.astype(int)
    weighed = estimate_negative_binomial(
        y, covariates=arm, sampling=RegressionSampling(weight=weight)
    )
    repeated = estimate_negative_binomial(np.repeat(y, times), covariates=np.repeat(arm, times))
    rows = [[1.0, a] for a in np.repeat(arm, times)]
    fit = weighed.regression

    assert weighed.theta == pytest.approx(repeated.theta, rel=1e-10)
    assert fit.coefficients == pytest.approx(repeated.regression.coefficients, rel=1e-10)
    assert fit.log_likelihood == pytest.approx(
        total(
            negative_binomial(weighed.theta),
            np.repeat(y, times).tolist(),
            rows,
            fit.coefficients.tolist(),
        )
    )
