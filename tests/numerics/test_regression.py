"""Regression of shares, counts and values: the twin, separation, collinear columns, bad rows."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.models import likelihood_sums
from equipoise.numerics.models.likelihood_interval import estimate_profile_interval
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import (
    RegressionSampling,
    effect_of,
    estimate_effect,
    estimate_regression,
    first_guess,
)
from equipoise.numerics.models.sandwich import Robust
from naive.regression import (
    log_binomial,
    log_binomial_inside,
    logistic,
    logistic_information,
    meat,
    poisson,
    slope,
    total,
)

LAWS = {Family.LOGISTIC: logistic, Family.POISSON: poisson, Family.LOG_BINOMIAL: log_binomial}
Table = NDArray[np.float64]


def draw(seed: int, *, n: int = 24, most: int = 1) -> tuple[Table, Table]:
    """Outcomes 0 to `most`, an arm and a marker of few values."""
    rng = np.random.default_rng(seed)
    x = np.c_[rng.integers(0, 2, n), rng.integers(-2, 3, n)].astype(float)
    return rng.integers(0, most + 1, n).astype(float), x


def with_ones(x: Table) -> list[list[float]]:
    return [[1.0, *row] for row in x.tolist()]


SEEDS = st.integers(0, 10_000)


@settings(max_examples=25)
@given(SEEDS, st.sampled_from([Family.LOGISTIC, Family.POISSON, Family.LOG_BINOMIAL]))
def test_at_the_estimate_the_twins_scores_sum_to_nothing(seed: int, family: Family) -> None:
    y, x = draw(seed, most=3 if family is Family.POISSON else 1)
    fit = estimate_regression(y, covariates=x, family=family)
    assume(fit.converged and not fit.message)
    rows, beta, law = with_ones(x), fit.coefficients.tolist(), LAWS[family]
    scores = np.sum([slope(law, a, row, beta) for a, row in zip(y, rows, strict=True)], axis=0)

    assert fit.log_likelihood == pytest.approx(total(law, y.tolist(), rows, beta))
    assert np.allclose(scores, 0, atol=1e-6)


@settings(max_examples=25)
@given(SEEDS)
def test_covariances_are_the_twins(seed: int) -> None:
    y, x = draw(seed)
    fit = estimate_regression(y, covariates=x, family=Family.LOGISTIC)
    assume(fit.converged and not fit.message)
    rows, beta = with_ones(x), fit.coefficients.tolist()
    inverse = np.linalg.inv(logistic_information(rows, beta))

    assert np.allclose(fit.covariance, inverse)
    middle = np.array(meat(logistic, y.tolist(), rows, beta))
    assert np.allclose(fit.robust_covariance, inverse @ middle @ inverse, rtol=1e-6, atol=1e-9)


@settings(max_examples=25)
@given(SEEDS)
def test_rows_that_are_clusters_of_their_own_are_no_clusters(seed: int) -> None:
    y, x = draw(seed)
    alone = RegressionSampling(cluster=np.arange(y.size))
    plain = estimate_regression(y, covariates=x, family=Family.LINEAR)
    lone = estimate_regression(y, covariates=x, family=Family.LINEAR, sampling=alone)

    assert np.allclose(lone.robust_covariance, plain.robust_covariance, equal_nan=True)


def test_an_arm_alone_gives_the_odds_of_the_table() -> None:
    """7 of 20 against 12 of 20: the cross product and Woolf's variance."""
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [7, 13, 12, 8])
    arm = np.repeat([0.0, 1.0], 20)
    effect = estimate_effect(estimate_regression(y, covariates=arm, family=Family.LOGISTIC))

    assert effect.value == pytest.approx(12 * 13 / (7 * 8))
    assert effect.standard_error == pytest.approx(math.sqrt(1 / 7 + 1 / 13 + 1 / 12 + 1 / 8))
    assert effect.lower < 1 < effect.upper
    assert effect.p_value > 0.05


def test_the_score_test_of_an_arm_alone_is_pearsons_chi_square() -> None:
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [7, 13, 12, 8])
    fit = estimate_regression(y, covariates=np.repeat([0.0, 1.0], 20), family=Family.LOGISTIC)

    assert fit.score_test.statistic == pytest.approx(
        40 * (7 * 8 - 12 * 13) ** 2 / (20**2 * 19 * 21)
    )


def test_risks_of_an_arm_alone_are_those_of_the_table() -> None:
    y, arm = np.repeat([1.0, 0.0, 1.0, 0.0], [7, 13, 12, 8]), np.repeat([0.0, 1.0], 20)
    for family, value in ((Family.LOG_BINOMIAL, 12 / 7), (Family.POISSON, 12 / 7)):
        fit = estimate_regression(y, covariates=arm, family=family)
        assert estimate_effect(fit, robust=True).value == pytest.approx(value)
    fit = estimate_regression(y, covariates=arm, family=Family.LINEAR)
    effect = estimate_effect(fit, robust=True)
    assert effect.value == pytest.approx(0.25)
    assert effect.standard_error == pytest.approx(math.sqrt((0.35 * 0.65 + 0.6 * 0.4) / 20))


@pytest.mark.parametrize("family", [Family.LOGISTIC, Family.POISSON, Family.LOG_BINOMIAL])
def test_an_arm_without_a_responder_is_named(family: Family) -> None:
    y, arm = np.repeat([1.0, 0.0, 0.0], [7, 13, 20]), np.repeat([0.0, 1.0], 20)
    age = np.tile([50.0, 60.0, 70.0, 61.0], 10)
    fit = estimate_regression(y, covariates=np.c_[age, arm], family=family)

    assert not fit.converged
    assert fit.message == "the likelihood rises without end along covariate 1"
    assert math.isnan(estimate_effect(fit, covariate=1).value)
    assert fit.likelihood_ratio_test.p_value < 0.01


def test_a_marker_that_tells_every_responder_is_named() -> None:
    marker = np.arange(20.0)
    y = (marker > 9).astype(float)

    assert (
        "without end along covariate 0"
        in estimate_regression(y, covariates=marker, family=Family.LOGISTIC).message
    )


def test_the_largest_log_binomial_likelihood_at_the_edge_is_named() -> None:
    marker = np.arange(12.0)
    y = np.array([0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1.0])
    fit = estimate_regression(y, covariates=marker, family=Family.LOG_BINOMIAL)

    assert not fit.converged
    assert fit.message.startswith("the largest likelihood lies where a risk is 1: take Family.POIS")
    assert math.isnan(estimate_effect(fit).value)
    assert math.isnan(fit.likelihood_ratio_test.p_value)
    interval = estimate_profile_interval(y, covariates=marker, family=Family.LOG_BINOMIAL)
    assert np.isnan([interval.value, interval.lower, interval.upper]).all()


@settings(max_examples=25)
@given(st.integers(0, 2**20))
def test_a_risk_above_1_is_no_way_to_the_largest_likelihood(seed: int) -> None:
    """Where risks come near 1, the twin's constrained climb ends at the same likelihood or edge."""
    rng = np.random.default_rng(seed)
    marker, arm = rng.normal(size=24), np.tile([0.0, 1.0], 12)
    y = (rng.random(24) < np.minimum(0.5 * np.exp(0.4 * marker), 0.9)).astype(float)
    assume(0 < y.sum() < y.size)
    x = np.c_[arm, marker]
    fit = estimate_regression(y, covariates=x, family=Family.LOG_BINOMIAL, tested=(0,))
    best, nearest = log_binomial_inside(y.tolist(), with_ones(x))

    assert fit.converged == (nearest < -1e-6)
    if fit.converged:
        assert fit.log_likelihood == pytest.approx(best, abs=1e-6)
        assert np.exp(with_ones(x) @ fit.coefficients).max() < 1


def test_an_arm_in_which_all_respond_has_a_risk_of_1() -> None:
    y, arm = np.repeat([1.0, 0.0, 1.0], [7, 13, 20]), np.repeat([0.0, 1.0], 20)
    fit = estimate_regression(y, covariates=arm, family=Family.LOG_BINOMIAL)

    assert fit.message.startswith("the largest likelihood lies where a risk is 1")
    assert np.isnan([estimate_effect(fit).lower, fit.score_test.p_value]).all()


def test_log_binomial_weights_are_rows_again_and_again() -> None:
    y, x = draw(7)
    weight = np.tile([1, 2, 3], 8)
    again = np.repeat(np.arange(24), weight)
    fits = (
        estimate_regression(
            y, covariates=x, family=Family.LOG_BINOMIAL, sampling=RegressionSampling(weight=weight)
        ),
        estimate_regression(y[again], covariates=x[again], family=Family.LOG_BINOMIAL),
    )

    assert fits[0].converged
    assert np.allclose(fits[0].coefficients, fits[1].coefficients, rtol=1e-9)
    assert np.allclose(fits[0].covariance, fits[1].covariance, rtol=1e-9)


def test_a_null_at_the_edge_leaves_the_effect_its_wald_interval() -> None:
    """Without the arm the largest likelihood has a risk of 1, with it none."""
    y = np.array([0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 1.0])
    x = np.c_[[0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1], np.arange(12.0)]
    fit = estimate_regression(y, covariates=x, family=Family.LOG_BINOMIAL, tested=(0,))

    assert fit.converged
    assert estimate_effect(fit).lower < estimate_effect(fit).upper
    assert np.isnan([fit.score_test.p_value, fit.likelihood_ratio_test.p_value]).all()


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_where_all_or_nobody_respond_nothing_is_told(outcome: float) -> None:
    fit = estimate_regression(
        np.full(6, outcome), covariates=np.arange(6.0), family=Family.LOGISTIC
    )

    assert np.isnan(fit.coefficients).all()
    assert ("nobody" if outcome == 0 else "everybody") in fit.message
    assert math.isnan(fit.likelihood_ratio_test.p_value)


def test_counts_with_times_at_risk_start_from_their_rate() -> None:
    years, weight = np.array([1.0, 4.0, 2.0, 400.0]), np.array([1.0, 2.0, 1.0, 1.0])
    counts = np.array([0.0, 3.0, 1.0, 90.0])
    rows = likelihood_sums.build_rows(counts, covariates=None, offset=np.log(years), weight=weight)

    level = first_guess(rows, family=Family.POISSON)

    assert np.exp(level) == pytest.approx((counts @ weight) / (years @ weight))


def test_a_collinear_column_is_left_out_from_the_right() -> None:
    y, x = draw(3, n=60)
    doubled = np.c_[x, 2 * x[:, 0] - 3 * x[:, 1], np.ones(60)]
    fit = estimate_regression(y, covariates=doubled, family=Family.LOGISTIC)
    without = estimate_regression(y, covariates=x, family=Family.LOGISTIC)

    assert np.allclose(fit.coefficients[:3], without.coefficients)
    assert np.isnan(fit.coefficients[3:]).all()
    assert fit.message == "no information of its own in covariate 2, 3"
    assert fit.wald_test.degrees_of_freedom == 2
    assert fit.wald_test.statistic == pytest.approx(without.wald_test.statistic)


def test_one_group_only_leaves_the_intercept() -> None:
    fit = estimate_regression([1.0, 0.0, 1.0], covariates=[1.0, 1.0, 1.0], family=Family.LOGISTIC)

    assert fit.coefficients[0] == pytest.approx(math.log(2))
    assert math.isnan(fit.coefficients[1])
    assert math.isnan(estimate_effect(fit).p_value)


def test_one_patient_alone_tells_no_error() -> None:
    fit = estimate_regression([2.5], covariates=None, family=Family.LINEAR, robust=Robust.HC1)

    assert fit.coefficients.tolist() == [2.5]
    assert np.isnan(fit.covariance).all()


def test_read_only_and_strided_arrays_are_read_as_others() -> None:
    y, x = draw(5, n=40)
    wide = np.asfortranarray(np.repeat(x, 2, axis=1))[:, ::2]
    frozen = y.copy()
    frozen.setflags(write=False)
    one = estimate_regression(frozen, covariates=wide, family=Family.LOGISTIC)

    expected = estimate_regression(y, covariates=x, family=Family.LOGISTIC).coefficients
    assert np.allclose(one.coefficients, expected, rtol=1e-12)


def test_many_rows_are_read_in_blocks_to_the_same_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = draw(7, n=100)
    given = RegressionSampling(weight=np.linspace(0.5, 2, 100), cluster=np.arange(100) // 3)
    whole = estimate_regression(y, covariates=x, family=Family.LOGISTIC, sampling=given)
    monkeypatch.setattr(likelihood_sums, "_BLOCK", 7)
    blocks = estimate_regression(y, covariates=x, family=Family.LOGISTIC, sampling=given)

    assert np.allclose(blocks.coefficients, whole.coefficients, rtol=1e-12)
    assert np.allclose(blocks.robust_covariance, whole.robust_covariance, rtol=1e-12)


def test_calendar_days_cost_no_digits() -> None:
    """A covariate of 20,000 days and a spread of 100 gives the numbers of its deviations."""
    y, x = draw(11, n=60)
    moved = x + np.array([0.0, 20_000.0])
    far = estimate_regression(y, covariates=moved, family=Family.LOGISTIC)
    near = estimate_regression(y, covariates=x, family=Family.LOGISTIC)

    assert np.allclose(far.coefficients[1:], near.coefficients[1:], rtol=1e-10)
    assert np.allclose(far.covariance[1:, 1:], near.covariance[1:, 1:], rtol=1e-10)


@pytest.mark.parametrize(("outcome", "family", "words"), [
    ([0.0, 2.0], Family.LOGISTIC, r"outcome\[1\] is 2.0: outcomes are 0 or 1"),
    ([0.5, 2.0], Family.POISSON, r"outcome\[0\] is 0.5: outcomes are counts from 0 on"),
    ([0.0, -1.0], Family.POISSON, r"outcome\[1\] is -1.0"),
    ([0.0, math.nan], Family.LINEAR, r"outcome\[1\] is nan: outcomes are finite"),
    ([[0.0]], Family.LINEAR, "flat array"),
    ([1.0, 0.0], Family.NEGATIVE_BINOMIAL, "estimate_negative_binomial"),
])  # fmt: skip
def test_outcomes_of_another_family_are_refused(
    outcome: list[float], family: Family, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        estimate_regression(outcome, covariates=None, family=family)


@pytest.mark.parametrize(
    ("label", "n"), [([0, 0, 0, 0], 4), ([0, 1], 2)], ids=["one cluster", "a row a column"]
)
def test_a_small_sample_factor_that_divides_by_nothing_leaves_no_covariance(
    label: list[int], n: int
) -> None:
    fit = estimate_regression(
        [1.0, 2.5, 2.0, 4.0][:n],
        covariates=[0, 1, 0, 1][:n],
        family=Family.LINEAR,
        robust=Robust.HC1,
        sampling=RegressionSampling(cluster=label),
    )

    assert fit.coefficients[0] == pytest.approx(1.5 if n == 4 else 1.0)
    assert np.isnan(fit.robust_covariance).all()


def test_wrong_samplings_are_refused() -> None:
    y, x = draw(1)
    wrong = [
        (RegressionSampling(offset=np.full(24, -math.inf)), r"offset\[0\] is -inf"),
        (RegressionSampling(offset=[1.0]), "offset has shape"),
        (RegressionSampling(weight=np.zeros(24)), r"weight\[0\] is 0.0"),
        (RegressionSampling(cluster=[1]), "cluster has shape"),
    ]
    for sampling, words in wrong:
        with pytest.raises(ValueError, match=words):
            estimate_regression(y, covariates=x, family=Family.LOGISTIC, sampling=sampling)
    with pytest.raises(ValueError, match="HC0 and HC1 only"):
        estimate_regression(
            y, covariates=x, family=Family.LOGISTIC, robust=Robust.HC3,
            sampling=RegressionSampling(cluster=np.arange(24)),
        )  # fmt: skip
    with pytest.raises(ValueError, match="covariates 0 to 1"):
        estimate_regression(y, covariates=x, family=Family.LOGISTIC, tested=(2,))


@pytest.mark.parametrize("outcome", [0.0, 1.0, 7.5])
def test_values_that_are_all_alike_tell_no_variance(outcome: float) -> None:
    _, x = draw(3)
    fit = estimate_regression(np.full(24, outcome), covariates=x, family=Family.LINEAR)
    effect = estimate_effect(fit)

    assert fit.coefficients == pytest.approx([outcome, 0.0, 0.0], abs=1e-12)
    assert fit.converged
    assert math.isnan(fit.wald_test.p_value)
    assert effect.value == pytest.approx(0.0, abs=1e-12)
    assert math.isnan(effect.p_value)


def test_a_climb_given_up_where_no_information_is_left_says_so() -> None:
    x = np.array(
        [[1, -1, 0, 3], [0, 2, 0, 0], [0, 1, 1, 2], [1, 0, 1, 1], [0, -1, 1, 0], [1, -2, 0, 3],
         [1, 2, 0, 3], [0, 0, 1, 0]]
    )  # fmt: skip
    fit = estimate_regression([0, 1, 0, 0, 0, 1, 0, 0], covariates=x, family=Family.LOGISTIC)

    assert not fit.converged
    assert "rises without end" in fit.message
    assert math.isnan(estimate_effect(fit).value)


def test_a_coefficient_of_next_to_no_information_has_an_infinite_limit() -> None:
    effect = effect_of(700.0, standard_error=100.0)

    assert effect.upper == math.inf
    assert effect.lower == pytest.approx(math.exp(700 - 195.99639845400545), rel=1e-9)
