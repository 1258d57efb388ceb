"""Profile-likelihood intervals: the twin, no event in an arm, what cannot be told."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.hazards.cox import Ties, estimate_cox
from equipoise.numerics.hazards.cox_profile import ascend, estimate_profile_interval
from equipoise.numerics.likelihood_climb import LikelihoodSums
from naive.cox import Person, log_likelihood
from naive.cox_profile import profile_end
from numerics.samples import columns, marked, people
from numerics.test_cox_extremes import design as wild

FALL = normal_quantile(0.95) ** 2 / 2


@settings(deadline=None, max_examples=25)
@given(people(covariates=1, least=8))
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_the_ends_equal_those_found_by_bisection(ties: Ties, persons: list[Person]) -> None:
    time, event = columns(persons)
    even = [Person(time=p.time, event=p.event, x=p.x) for p in persons]
    fit = estimate_cox(time, event=event, covariates=[p.x for p in persons], ties=ties)
    found = estimate_profile_interval(fit)
    if not fit.converged:
        assert found.message or math.isinf(found.log_value)
        return
    top, efron = float(fit.coefficients[0]), ties is Ties.EFRON
    lower, upper = (
        profile_end(even, top=top, fall=FALL, side=side, efron=efron) for side in (-1, 1)
    )
    ratio = 2 * (log_likelihood(even, [top], efron) - log_likelihood(even, [0.0], efron))

    assert found.log_value == top
    assert found.log_lower == pytest.approx(lower, abs=1e-7)
    assert found.log_upper == pytest.approx(upper, abs=1e-7)
    assert found.test.statistic == pytest.approx(ratio, abs=1e-8)


@pytest.mark.parametrize("swapped", [False, True])
def test_an_arm_without_events_has_one_finite_end(swapped: bool) -> None:
    time, event = marked("1 2 3 4 5+ 6+ 7+")
    arm = np.repeat([1, 0] if swapped else [0, 1], [4, 3])
    found = estimate_profile_interval(estimate_cox(time, event=event, covariates=arm))
    r = found.lower if swapped else 1 / found.upper
    # at risk in the arm with events 4, 3, 2, 1, beside 3: each event has chance kr / (kr + 3)
    chance = math.prod(k * r / (k * r + 3) for k in (4, 3, 2, 1))

    assert math.log(chance) == pytest.approx(-FALL, abs=1e-9)
    assert found.value == (math.inf if swapped else 0.0)
    assert found.upper == (math.inf if swapped else pytest.approx(1 / r))
    assert found.test.p_value < 0.05


def test_the_other_covariate_of_a_runaway_fit_has_no_interval_and_says_why() -> None:
    time, event = marked("1 2 3 4 6 8+ 5+ 6+ 7+ 8+ 8+ 8+")
    age = [1, 5, 2, 4, 3, 3, 2, 3, 1, 4, 2, 5]
    fit = estimate_cox(time, event=event, covariates=np.c_[age, np.repeat([0, 1], 6)])
    first, second = (estimate_profile_interval(fit, column=column) for column in (0, 1))

    assert math.isnan(first.value)
    assert "rises without end along covariate 1" in first.message
    assert second.value == 0
    assert math.isfinite(second.log_upper)


def test_a_wider_level_has_wider_ends() -> None:
    time, event = marked("1 4 6 7+ 9 2 3 5+ 8 10+")
    fit = estimate_cox(time, event=event, covariates=np.repeat([0, 1], 5), ties=Ties.EXACT)
    near, far = (estimate_profile_interval(fit, level=level) for level in (0.8, 0.99))

    assert far.log_lower < near.log_lower < near.log_value < near.log_upper < far.log_upper


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("ordered", [False, True])
def test_no_design_raises_and_each_that_fails_says_why(heavy: bool, ordered: bool) -> None:
    for seed in range(30):
        time, event, x, stratum = wild(seed, heavy, ordered)
        fit = estimate_cox(time, event=event, covariates=x, stratum=stratum)
        found = estimate_profile_interval(fit, column=1)

        assert found.message or found.log_lower <= found.log_value <= found.log_upper


def test_a_step_that_promises_next_to_nothing_is_counted_and_not_made() -> None:
    """Half of what it promises is what a parabola gains."""
    tried: list[NDArray[np.float64]] = []

    def parabola(at: NDArray[np.float64]) -> LikelihoodSums:
        tried.append(at)
        value = -1e3 - float(at @ at) / 2
        return LikelihoodSums(log_likelihood=value, score=-at, information=np.eye(2))

    near, far = np.array([1e-6, -1e-6]), np.array([1.0, -2.0])
    beta, top = ascend(parabola, start=near, free=np.arange(2))
    assert (len(tried), top) == (1, -1e3)
    assert beta == pytest.approx(np.zeros(2))

    beta, top = ascend(parabola, start=far, free=np.array([1]))
    assert len(tried) == 3
    assert beta == pytest.approx([1.0, 0.0])
    assert top == pytest.approx(-1000.5, rel=1e-15)
