"""Cox's model: sums and residuals against the twin, and fits that the data cannot settle."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.hazards.cox_design import CoxDesign, build_design
from equipoise.numerics.hazards.cox_means import score_residuals
from equipoise.numerics.hazards.cox_sums import sum_partial_likelihood
from naive.cox import Person, log_likelihood, score_and_information, score_residual
from numerics.samples import columns, marked, people

BETA = (0.4, -0.3)


def design_of(persons: list[Person], *, efron: bool) -> CoxDesign:
    time, event = columns(persons)
    return build_design(
        time,
        event=event,
        covariates=[p.x for p in persons],
        stratum=[p.stratum for p in persons],
        sampling=Sampling(weight=[p.weight for p in persons], entry=[p.entry for p in persons]),
        efron=efron,
    )


def fit_of(persons: list[Person], ties: Ties = Ties.EFRON) -> Cox:
    time, event = columns(persons)
    return estimate_cox(
        time,
        event=event,
        covariates=[p.x for p in persons],
        stratum=[p.stratum for p in persons],
        sampling=Sampling(
            weight=[p.weight for p in persons], entry=[p.entry for p in persons], robust=True
        ),
        ties=ties,
    )


def centred(persons: list[Person]) -> list[Person]:
    """The same persons with covariates less their means, as the design keeps them."""
    mean = np.mean([p.x for p in persons], axis=0)
    return [
        Person(time=p.time, entry=p.entry, event=p.event, stratum=p.stratum, weight=p.weight,
               x=tuple(np.array(p.x) - mean))
        for p in persons
    ]  # fmt: skip


@settings(deadline=None)
@given(persons=people(covariates=2) | people(covariates=2, late=True))
@pytest.mark.parametrize("efron", [True, False])
def test_likelihood_score_and_information_equal_the_twin(
    persons: list[Person], *, efron: bool
) -> None:
    design = design_of(persons, efron=efron)
    found = sum_partial_likelihood(design, beta=np.array(BETA) * design.scale)
    twin = centred(persons)
    score, information = score_and_information(twin, BETA, efron)
    unit = np.outer(design.scale, design.scale)

    assert found.log_likelihood == pytest.approx(log_likelihood(twin, BETA, efron), abs=1e-10)
    assert np.allclose(found.score * design.scale, score, atol=1e-10)
    assert np.allclose(found.information * unit, information, atol=1e-10)


@settings(deadline=None, max_examples=50)
@given(persons=people(covariates=2) | people(covariates=2, late=True))
@pytest.mark.parametrize("efron", [True, False])
def test_score_residuals_equal_the_twin_and_sum_to_the_score(
    persons: list[Person], *, efron: bool
) -> None:
    design = design_of(persons, efron=efron)
    beta = np.array(BETA) * design.scale
    found = score_residuals(design, beta=beta)
    twin = centred(persons)
    slow = np.array([score_residual(twin, who, BETA, efron) for who in design.order])
    total = (found * design.weight[:, None]).sum(axis=0)

    assert np.allclose(found * design.scale, slow, atol=1e-10)
    assert np.allclose(total, sum_partial_likelihood(design, beta=beta).score, atol=1e-10)


@settings(deadline=None, max_examples=200)
@given(people(covariates=2) | people(covariates=2, late=True))
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_a_settled_fit_stands_on_the_top_and_an_unsettled_one_says_so(
    ties: Ties, persons: list[Person]
) -> None:
    fit = fit_of(persons, ties)
    if not fit.converged:
        assert fit.message != ""
        return
    assume(np.isfinite(fit.coefficients).all())
    score, _ = score_and_information(persons, fit.coefficients.tolist(), ties is Ties.EFRON)

    assert np.allclose(score, 0, atol=1e-7)
    assert fit.log_likelihood >= fit.log_likelihood_null - 1e-12
    assert (np.linalg.eigvalsh(fit.covariance) > 0).all()


def two_arms(first: str, second: str) -> tuple[NDArray[np.float64], NDArray[np.int64], list[int]]:
    (t0, e0), (t1, e1) = marked(first), marked(second)
    return np.r_[t0, t1], np.r_[e0, e1], [0] * t0.size + [1] * t1.size


def test_a_pair_worked_by_hand() -> None:
    # events on days 1 (arm 1), 2 (arm 0), 3 (arm 1); at risk in arms 0 and 1: 2 and 2, 2 and 1,
    # 1 and 1: the hazard ratio r makes two events in arm 1 the expected number
    time, event, arm = two_arms("2 9+", "1 3")
    r = math.exp(estimate_cox(time, event=event, covariates=arm).coefficients[0])

    assert 2 - 2 * r / (2 * r + 2) - r / (r + 2) - r / (r + 1) == pytest.approx(0, abs=1e-12)


def test_tests_of_equal_arms_are_zero() -> None:
    time, event, arm = two_arms("3 5 8+ 9", "3 5 8+ 9")
    fit = estimate_cox(time, event=event, covariates=arm)

    assert fit.coefficients[0] == pytest.approx(0, abs=1e-12)
    for test in (fit.score_test, fit.wald_test, fit.likelihood_ratio_test):
        assert test.statistic == pytest.approx(0, abs=1e-12)
        assert test.degrees_of_freedom == 1


def test_an_arm_without_events_gives_a_finite_number_and_says_that_it_is_none() -> None:
    time, event, arm = two_arms("1 2 3 4", "5+ 6+ 7+")
    fit = estimate_cox(time, event=event, covariates=arm)

    assert not fit.converged
    assert fit.message.startswith("the likelihood rises without end along covariate 0: see estim")
    assert math.isfinite(fit.coefficients[0])
    assert fit.coefficients[0] < -10
    assert fit.score_test.p_value < 0.05
    assert estimate_hazard_ratio(fit).upper == math.inf


def test_the_other_covariate_of_a_runaway_fit_is_not_blamed() -> None:
    time, event, arm = two_arms("1 2 3 4 6 8+", "5+ 6+ 7+ 8+ 8+ 8+")
    age = [1, 5, 2, 4, 3, 3, 2, 3, 1, 4, 2, 5]
    fit = estimate_cox(time, event=event, covariates=np.c_[age, arm])

    assert fit.message.startswith("the likelihood rises without end along covariate 1: see estim")


@pytest.mark.parametrize(("first", "second"), [("1+ 2+", "3+ 4+"), ("1", "1+"), ("5", "3+")])
def test_without_information_there_is_no_coefficient(first: str, second: str) -> None:
    time, event, arm = two_arms(first, second)
    fit = estimate_cox(time, event=event, covariates=arm if first != "1" else [7, 7])

    assert not fit.converged
    assert "no event has covariates that differ" in fit.message
    assert np.isnan(fit.coefficients).all()
    assert math.isnan(fit.score_test.p_value)
    assert math.isnan(estimate_hazard_ratio(fit).value)


def test_a_covariate_that_repeats_another_is_left_out_and_named() -> None:
    time, event, arm = two_arms("1 4 6 7+", "2 3 5+ 8")
    alone = estimate_cox(time, event=event, covariates=arm)
    doubled = estimate_cox(time, event=event, covariates=np.c_[arm, np.array(arm) * 2 + 1])

    assert doubled.converged
    assert doubled.message == "no information of its own in covariate 1"
    assert doubled.coefficients[0] == pytest.approx(alone.coefficients[0])
    assert np.isnan(doubled.coefficients[1])
    assert np.isnan(doubled.covariance[1]).all()
    assert doubled.wald_test.degrees_of_freedom == 1


def test_a_covariate_constant_within_strata_is_left_out() -> None:
    time, event, arm = two_arms("1 4 6 7+", "2 3 5+ 8")
    stratum = [0, 1] * 4
    fit = estimate_cox(time, event=event, covariates=np.c_[arm, stratum], stratum=stratum)

    assert fit.message == "no information of its own in covariate 1"


def test_units_of_a_covariate_do_not_matter() -> None:
    time, event, _ = two_arms("1 4 6 7+", "2 3 5+ 8")
    age = np.array([50.0, 61, 47, 70, 55, 68, 59, 62])
    years = estimate_cox(time, event=event, covariates=age)
    millions = estimate_cox(time, event=event, covariates=age * 1e6 + 1e9)

    assert years.coefficients[0] == pytest.approx(millions.coefficients[0] * 1e6, rel=1e-8)
    assert years.wald_test.p_value == pytest.approx(millions.wald_test.p_value, rel=1e-8)


def test_single_rows_as_clusters_in_doubled_data_give_smaller_variance_than_pairs() -> None:
    time, event, arm = two_arms("1 4 6 7+ 9", "2 3 5+ 8 10+")
    rows = np.arange(10)
    once = estimate_cox(time, event=event, covariates=arm, sampling=Sampling(cluster=rows))

    def twice(cluster: NDArray[np.int64]) -> Cox:
        return estimate_cox(
            np.tile(time, 2),
            event=np.tile(event, 2),
            covariates=np.tile(arm, 2),
            sampling=Sampling(cluster=cluster),
            ties=Ties.BRESLOW,
        )

    pairs, apart = twice(np.tile(rows, 2)), twice(np.arange(20))

    assert once.robust_covariance is not None
    assert pairs.robust_covariance is not None
    assert apart.robust_covariance is not None
    # the same patients written down twice tell no more than once
    assert pairs.robust_covariance[0, 0] == pytest.approx(once.robust_covariance[0, 0])
    assert apart.robust_covariance[0, 0] == pytest.approx(once.robust_covariance[0, 0] / 2)


def test_hazard_ratio_and_interval_are_those_of_the_coefficient() -> None:
    time, event, arm = two_arms("1 4 6 7+ 9", "2 3 5+ 8 10+")
    fit = estimate_cox(time, event=event, covariates=arm)
    found = estimate_hazard_ratio(fit, level=0.95)
    error = math.sqrt(fit.covariance[0, 0])

    assert found.value == pytest.approx(math.exp(fit.coefficients[0]))
    assert found.standard_error == pytest.approx(error)
    assert found.lower == pytest.approx(math.exp(fit.coefficients[0] - 1.959963984540054 * error))
    assert found.upper == pytest.approx(math.exp(fit.coefficients[0] + 1.959963984540054 * error))
    assert found.p_value == pytest.approx(fit.wald_test.p_value)


def test_the_interval_takes_the_robust_variance_where_there_is_one() -> None:
    time, event, arm = two_arms("1 4 6 7+ 9", "2 3 5+ 8 10+")
    fit = estimate_cox(
        time, event=event, covariates=arm, sampling=Sampling(cluster=[0, 0, 1, 1, 2] * 2)
    )

    assert fit.robust_covariance is not None
    assert estimate_hazard_ratio(fit).standard_error ** 2 == pytest.approx(
        fit.robust_covariance[0, 0]
    )


@pytest.mark.parametrize(("covariates", "sampling", "words"), [
    ([1.0], None, "one row for each"),
    ([[1.0], [np.nan]], None, r"covariates\[1, 0\]"),
    (np.ones((2, 0)), None, "one row for each"),
    ([1.0, 2.0], Sampling(weight=[1.0, 0.0]), "weight"),
    ([1.0, 2.0], Sampling(weight=[1.0]), "weight"),
    ([1.0, 0.0], Sampling(cluster=[1]), "cluster"),
])  # fmt: skip
def test_what_is_no_design_is_refused(
    covariates: list[float], sampling: Sampling | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        estimate_cox([1.0, 2.0], event=[1, 1], covariates=covariates, sampling=sampling)
