"""Firth's penalty: the twin, slopes by differences, data without events in an arm, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.cox_firth import (
    estimate_firth,
    estimate_firth_interval,
    sum_firth_likelihood,
)
from naive.cox import Person
from naive.cox_firth import largest, penalised_log_likelihood
from numerics.samples import columns, marked, people
from numerics.test_cox_extremes import design as wild


def fit_of(persons: list[Person], ties: Ties = Ties.EFRON) -> Cox:
    time, event = columns(persons)
    return estimate_cox(
        time,
        event=event,
        covariates=[p.x for p in persons],
        stratum=[p.stratum for p in persons],
        sampling=Sampling(entry=[p.entry for p in persons], weight=[p.weight for p in persons]),
        ties=ties,
    )


@settings(deadline=None, max_examples=5)
@given(people(covariates=1, late=True, least=6).map(lambda rows: rows[:10]))
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_the_top_is_that_of_the_penalised_likelihood_written_out(
    ties: Ties, persons: list[Person]
) -> None:
    plain, efron = fit_of(persons, ties), ties is Ties.EFRON
    fit = estimate_firth(plain)
    if plain.model.kept.size == 0:
        assert not fit.converged
        assert fit.message == plain.message
        return
    slow = largest(persons, efron=efron)

    assert fit.converged
    assert fit.coefficients[0] == pytest.approx(slow, abs=1e-5)
    assert fit.log_likelihood == pytest.approx(
        penalised_log_likelihood(persons, slow, efron=efron), abs=1e-9
    )


@settings(deadline=None, max_examples=20)
@given(people(covariates=2, late=True, least=10))
def test_the_score_is_the_slope_of_the_penalised_likelihood(persons: list[Person]) -> None:
    design, small = fit_of(persons).model.design, 1e-5
    beta = np.full(design.scale.size, 0.2)
    for j in range(beta.size):
        step = np.eye(beta.size)[j] * small
        up = sum_firth_likelihood(design, beta=beta + step).log_likelihood
        down = sum_firth_likelihood(design, beta=beta - step).log_likelihood

        found = sum_firth_likelihood(design, beta=beta).score[j]
        assert found == pytest.approx((up - down) / (2 * small), abs=1e-6)


def test_an_arm_without_events_has_a_finite_ratio_and_interval() -> None:
    time, event = marked("1 2 3 4 5+ 6+ 7+")
    plain = estimate_cox(time, event=event, covariates=np.repeat([0, 1], [4, 3]))
    fit = estimate_firth(plain)
    found = estimate_firth_interval(fit)

    assert "estimate_firth and estimate_profile_interval" in plain.message
    assert fit.converged
    assert fit.message == ""
    assert 0 < found.lower < found.value < found.upper < 1
    assert found.value == pytest.approx(math.exp(fit.coefficients[0]))
    assert found.test.p_value < 0.05
    assert found.test.statistic == pytest.approx(fit.likelihood_ratio_test.statistic)


def test_a_swap_of_the_arms_turns_the_interval() -> None:
    time, event = marked("1 2 3 4 5+ 6+ 7+")
    arm = np.repeat([0, 1], [4, 3])
    one, other = (
        estimate_firth_interval(estimate_firth(estimate_cox(time, event=event, covariates=side)))
        for side in (arm, 1 - arm)
    )

    assert one.log_value == pytest.approx(-other.log_value)
    assert (one.log_lower, one.log_upper) == pytest.approx((-other.log_upper, -other.log_lower))


@pytest.mark.parametrize("heavy", [False, True])
def test_no_design_raises_and_each_that_fails_says_why(heavy: bool) -> None:
    for seed in range(12):
        time, event, x, stratum = wild(seed, heavy, ordered=True)
        plain = estimate_cox(time, event=event, covariates=x, stratum=stratum)
        fit = estimate_firth(plain)
        found = estimate_firth_interval(fit, column=1)

        assert fit.converged or fit.message
        assert found.message or found.log_lower <= found.log_value <= found.log_upper


def test_exact_ties_are_refused() -> None:
    time, event = marked("1 2 2 3+")
    fit = estimate_cox(time, event=event, covariates=[0, 1, 0, 1], ties=Ties.EXACT)
    with pytest.raises(ValueError, match="not defined for exact ties"):
        estimate_firth(fit)


def test_a_covariate_without_information_is_nan_and_the_other_is_told() -> None:
    time, event = marked("1 4 6 7+ 2 3 5+ 8")
    x = np.c_[np.repeat([0, 1], 4), np.ones(8)]
    fit = estimate_firth(estimate_cox(time, event=event, covariates=x))

    assert fit.message == "no information of its own in covariate 1"
    assert math.isfinite(fit.coefficients[0])
    assert math.isnan(fit.coefficients[1])
    assert math.isnan(estimate_firth_interval(fit, column=1).value)
