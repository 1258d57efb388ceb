"""Standardised risks: the twin, theory, groups without rows or responders, bad input."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import estimate_regression
from equipoise.numerics.models.standardisation import (
    RiskMeasure,
    RiskVariance,
    compare_standardised_risks,
    estimate_standardised_risks,
)
from naive.regression import standardised_risk

Table = NDArray[np.float64]


def draw(seed: int, *, n: int = 40) -> tuple[Table, NDArray[np.int64], Table]:
    rng = np.random.default_rng(seed)
    marker, group = rng.normal(size=n).round(1), np.arange(n) % 2
    risk = 1 / (1 + np.exp(-(marker + 0.5 * group)))
    return (rng.random(n) < risk).astype(float), group, marker


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_risks_are_the_twins(seed: int) -> None:
    y, group, marker = draw(seed)
    found = estimate_standardised_risks(y, group=group, covariates=marker)
    assume(not found.message)
    fit = estimate_regression(y, covariates=np.c_[group, marker], family=Family.LOGISTIC)
    rows = [[1.0, float(g), m] for g, m in zip(group, marker, strict=True)]
    beta = fit.coefficients.tolist()

    assert np.allclose(found.risk, [standardised_risk(rows, beta, g) for g in (0, 1)])


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from(list(RiskVariance)), st.booleans())
def test_names_of_groups_do_not_matter(
    seed: int, variance: RiskVariance, interaction: bool
) -> None:
    y, group, marker = draw(seed)
    one, other = (
        estimate_standardised_risks(
            y, group=codes, covariates=marker, variance=variance, interaction=interaction
        )
        for codes in (group, 1 - group)
    )
    assume(not one.message)

    assert np.allclose(one.risk, other.risk[::-1])
    assert np.allclose(one.covariance, other.covariance[::-1, ::-1], atol=1e-12)


def test_a_covariate_that_says_nothing_leaves_the_plain_risks_and_errors() -> None:
    """Balanced over response and group, it changes no risk; the variances are binomial."""
    y, group = np.repeat([1.0, 0.0, 1.0, 0.0], [8, 12, 14, 6]), np.repeat([0, 1], 20)
    idle = np.tile([0.0, 1.0], 20)
    for variance in (RiskVariance.MODEL, RiskVariance.SANDWICH, RiskVariance.STACKED):
        found = estimate_standardised_risks(y, group=group, covariates=idle, variance=variance)
        effect = compare_standardised_risks(found)
        assert found.risk == pytest.approx([0.4, 0.7])
        assert effect.value == pytest.approx(0.3)
        assert effect.standard_error == pytest.approx(math.sqrt((0.4 * 0.6 + 0.7 * 0.3) / 20))
    randomised = estimate_standardised_risks(y, group=group, covariates=idle)
    expected = (0.4 * 0.6 + 0.7 * 0.3) / 19  # sample variances within the groups
    assert compare_standardised_risks(randomised).standard_error ** 2 == pytest.approx(expected)


def test_a_covariate_that_tells_the_response_narrows_the_interval() -> None:
    y, group, marker = draw(5, n=600)
    sharp = estimate_standardised_risks(y, group=group, covariates=marker)
    blunt = estimate_standardised_risks(y, group=group, covariates=np.zeros(600))

    assert sharp.covariance[0, 0] < 0.95 * blunt.covariance[0, 0]
    assert compare_standardised_risks(sharp).standard_error < 0.95 * (
        compare_standardised_risks(blunt).standard_error
    )


def test_strata_of_blocks_take_their_part_of_the_variance() -> None:
    y, group, marker = draw(6, n=600)
    stratum = (marker > 0).astype(int)
    plain = estimate_standardised_risks(y, group=group, covariates=np.zeros(600))
    blocks = estimate_standardised_risks(y, group=group, covariates=np.zeros(600), stratum=stratum)

    assert np.array_equal(plain.risk, blocks.risk)
    assert (
        compare_standardised_risks(blocks).standard_error
        < 0.97 * compare_standardised_risks(plain).standard_error
    )


def test_a_group_without_a_responder_still_has_its_risks_and_randomised_errors() -> None:
    y = np.where(np.arange(40) % 2 == 1, 0.0, np.arange(40) % 4 == 0)
    group, marker = np.arange(40) % 2, np.sin(np.arange(40.0))
    found = estimate_standardised_risks(y, group=group, covariates=marker)
    model = estimate_standardised_risks(
        y, group=group, covariates=marker, variance=RiskVariance.MODEL
    )

    assert "without end along covariate 0" in found.message
    assert found.risk[1] == pytest.approx(0, abs=1e-6)
    assert compare_standardised_risks(found).lower < -0.3
    assert np.isnan(model.covariance).all()
    assert math.isnan(compare_standardised_risks(model).lower)


def test_where_nobody_responds_there_is_no_error_to_tell() -> None:
    found = estimate_standardised_risks(np.zeros(6), group=[0, 0, 0, 1, 1, 1], covariates=range(6))

    assert found.risk.tolist() == [0, 0]
    assert np.isnan(found.covariance).all()
    assert math.isnan(compare_standardised_risks(found, measure=RiskMeasure.RATIO).value)


def test_an_empty_group_is_nan_and_the_others_are_as_without_it() -> None:
    y, group, marker = draw(3)
    found = estimate_standardised_risks(y, group=2 * group, covariates=marker)
    without = estimate_standardised_risks(y, group=group, covariates=marker)

    assert found.n.tolist() == [20, 0, 20]
    assert np.allclose(found.risk[[0, 2]], without.risk)
    assert math.isnan(found.risk[1])
    assert np.allclose(found.covariance[np.ix_([0, 2], [0, 2])], without.covariance)
    assert math.isnan(compare_standardised_risks(found, groups=(0, 1)).value)


def test_one_group_alone_has_a_risk() -> None:
    y, _, marker = draw(3)
    found = estimate_standardised_risks(y, group=np.zeros(40, dtype=int), covariates=marker)

    assert found.risk == pytest.approx([y.mean()])
    assert found.covariance[0, 0] == pytest.approx(y.var(ddof=1) / 40, rel=0.05)
    with pytest.raises(ValueError, match=r"groups \(0, 1\): there are risks of 1"):
        compare_standardised_risks(found)


def test_ratios_have_their_limits_on_the_log_scale() -> None:
    y, group, marker = draw(8, n=200)
    found = estimate_standardised_risks(y, group=group, covariates=marker)
    ratio = compare_standardised_risks(found, measure=RiskMeasure.RATIO)
    odds = compare_standardised_risks(found, measure=RiskMeasure.ODDS_RATIO)
    turned = compare_standardised_risks(found, measure=RiskMeasure.RATIO, groups=(1, 0))

    assert ratio.value == pytest.approx(found.risk[1] / found.risk[0])
    assert ratio.lower * ratio.upper == pytest.approx(ratio.value**2)
    assert turned.upper == pytest.approx(1 / ratio.lower)
    assert abs(odds.coefficient) > abs(ratio.coefficient)


def test_wrong_rows_are_refused() -> None:
    with pytest.raises(ValueError, match=r"outcome\[0\] is 3.0: outcomes are 0 or 1"):
        estimate_standardised_risks([3.0, 0.0], group=[0, 1], covariates=[1.0, 2.0])
    with pytest.raises(ValueError, match=r"group\[1\] is -1"):
        estimate_standardised_risks([1.0, 0.0], group=[0, -1], covariates=[1.0, 2.0])
    with pytest.raises(ValueError, match=r"covariates\[1, 0\] is nan"):
        estimate_standardised_risks([1.0, 0.0], group=[0, 1], covariates=[1.0, math.nan])
