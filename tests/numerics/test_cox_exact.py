"""Exact ties: the twin, slope and curvature by differences, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.hazards.cox import Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.cox_design import CoxDesign, build_design
from equipoise.numerics.hazards.cox_exact import sum_exact_likelihood
from naive.cox import Person
from naive.cox_exact import exact_log_likelihood
from numerics.samples import columns, marked, people

BETA = np.array([0.4, -0.3])


def design_of(persons: list[Person]) -> CoxDesign:
    time, event = columns(persons)
    return build_design(
        time,
        event=event,
        covariates=[p.x for p in persons],
        stratum=[p.stratum for p in persons],
        sampling=Sampling(entry=[p.entry for p in persons]),
    )


FEW = st.booleans().flatmap(lambda late: people(covariates=2, late=late)).map(lambda p: p[:12])


@settings(deadline=None, max_examples=60)
@given(FEW)
def test_the_likelihood_equals_all_subsets_written_out(persons: list[Person]) -> None:
    design = design_of(persons)
    found = sum_exact_likelihood(design, beta=BETA * design.scale)

    assert found.log_likelihood == pytest.approx(
        exact_log_likelihood(persons, BETA.tolist()), abs=1e-10
    )


@settings(deadline=None, max_examples=30)
@given(FEW)
def test_without_effect_all_subsets_weigh_the_same(persons: list[Person]) -> None:
    """The closed form is where the sums over subsets go as the effect does."""
    design = design_of(persons)
    none, near = (sum_exact_likelihood(design, beta=np.full(2, b)) for b in (0.0, 1e-13))

    assert none.log_likelihood == pytest.approx(
        exact_log_likelihood(persons, [0.0, 0.0]), abs=1e-12
    )
    assert none.score == pytest.approx(near.score, abs=1e-10)
    assert none.information == pytest.approx(near.information, abs=1e-10)


@settings(deadline=None, max_examples=30)
@given(FEW)
def test_score_and_information_are_slope_and_curvature(persons: list[Person]) -> None:
    design = design_of(persons)
    beta, small = np.array([0.3, -0.2]), 1e-5
    here = sum_exact_likelihood(design, beta=beta)
    for j in range(2):
        step = np.eye(2)[j] * small
        up = sum_exact_likelihood(design, beta=beta + step)
        down = sum_exact_likelihood(design, beta=beta - step)

        slope = (up.log_likelihood - down.log_likelihood) / (2 * small)
        assert here.score[j] == pytest.approx(slope, abs=1e-7)
        assert here.information[j] == pytest.approx((down.score - up.score) / (2 * small), abs=1e-7)


def test_risks_apart_by_a_hundred_powers_of_ten_leave_the_floats_in_no_sum() -> None:
    """The last two weigh 1e-130 of the others each, and both fail together."""
    persons = [
        Person(time=time, event=event, x=x)
        for time, event, x in (
            (1.0, 1, (1.0, 0.0)), (1.0, 1, (1.0, 1.0)), (2.0, 0, (1.0, 1.0)),
            (3.0, 1, (-1.0, 0.0)), (3.0, 1, (-1.0, 1.0)), (3.0, 0, (-1.0, 0.0)),
        )
    ]  # fmt: skip
    beta, design = np.array([150.0, 0.3]), design_of(persons)
    found = sum_exact_likelihood(design, beta=beta * design.scale)

    assert found.log_likelihood == pytest.approx(
        exact_log_likelihood(persons, beta.tolist()), abs=1e-10
    )
    assert np.isfinite(found.information).all()


def test_without_ties_exact_is_efron() -> None:
    time, event = marked("1 2 3 4+ 5 6 7+ 8 9")
    x = np.array([0, 1, 0, 1, 1, 0, 0, 1, 0])
    exact = estimate_cox(time, event=event, covariates=x, ties=Ties.EXACT)
    efron = estimate_cox(time, event=event, covariates=x)

    assert exact.coefficients == pytest.approx(efron.coefficients, rel=1e-12)
    assert exact.covariance == pytest.approx(efron.covariance, rel=1e-12)


def test_without_ties_and_with_late_entry_exact_is_efron() -> None:
    rng = np.random.default_rng(8)
    time, event, x = rng.permutation(40) + 1.0, rng.integers(0, 2, 40), rng.normal(size=(40, 3))
    late = Sampling(entry=np.floor(time * rng.uniform(size=40)))
    exact = estimate_cox(time, event=event, covariates=x, ties=Ties.EXACT, sampling=late)
    efron = estimate_cox(time, event=event, covariates=x, sampling=late)

    assert exact.coefficients == pytest.approx(efron.coefficients, rel=1e-10)
    assert exact.covariance == pytest.approx(efron.covariance, rel=1e-10)
    assert exact.log_likelihood_null == pytest.approx(efron.log_likelihood_null, rel=1e-12)


def test_all_at_risk_failing_together_tell_nothing() -> None:
    fit = estimate_cox([5.0, 5, 5], event=[1, 1, 1], covariates=[0, 1, 2], ties=Ties.EXACT)

    assert not fit.converged
    assert np.isnan(fit.coefficients).all()


def test_steps_beyond_the_range_of_floats_are_taken_back() -> None:
    x = [
        [0, -3, 0, 5], [1, 0, 0, 2], [1, -2, 1, 3], [1, 0, 0, 7],
        [0, -3, 0, 6], [1, 1, 0, 2], [1, 1, 0, 3], [0, 2, 1, 4],
    ]  # fmt: skip
    event = [1, 1, 1, 1, 1, 1, 0, 1]
    fit = estimate_cox(np.full(8, 9.0), event=event, covariates=x, ties=Ties.EXACT)

    assert "rises without end" in fit.message
    assert np.isfinite(fit.coefficients).all()


def test_many_that_tie_are_counted_out_as_few_are() -> None:
    """Twelve of thirty fail at once, then three: the sums over many sizes take another way."""
    rng = np.random.default_rng(3)
    x = rng.random((30, 3))
    time, event = np.repeat([1.0, 2, 3], [12, 3, 15]), np.repeat([1, 1, 0], [12, 3, 15])
    together = estimate_cox(time, event=event, covariates=x, ties=Ties.EXACT)
    late = Sampling(entry=np.zeros(30))
    again = estimate_cox(time, event=event, covariates=x, ties=Ties.EXACT, sampling=late)
    risk = np.exp(x @ together.coefficients)
    sums = [np.ones(1), np.ones(1)]
    for k, rows in enumerate((slice(0, 30), slice(12, 30))):
        for one in risk[rows]:
            sums[k] = np.append(sums[k], 0.0) + one * np.append(0.0, sums[k])
    failed = np.log(risk[:15]).sum()

    assert again.coefficients == pytest.approx(together.coefficients, rel=1e-12)
    assert together.log_likelihood == pytest.approx(
        failed - np.log(sums[0][12]) - np.log(sums[1][3])
    )


def test_risks_too_far_apart_for_the_floats_are_no_likelihood() -> None:
    design = build_design(np.ones(4), event=[1, 1, 1, 0], covariates=[0.0, 1.0, 2.0, 3.0])
    sums = sum_exact_likelihood(design, beta=np.array([-600.0]))

    assert sums.log_likelihood == -np.inf
    assert np.isnan(sums.score).all()


@pytest.mark.parametrize(
    "sampling", [Sampling(weight=[1.0, 2.0]), Sampling(cluster=[0, 1]), Sampling(robust=True)]
)
def test_weights_and_robust_variance_are_refused(sampling: Sampling) -> None:
    with pytest.raises(ValueError, match=r"exact ties have no weights"):
        estimate_cox(
            [1.0, 2.0], event=[1, 1], covariates=[0, 1], sampling=sampling, ties=Ties.EXACT
        )


def test_too_many_ties_are_refused_by_name() -> None:
    time = np.repeat([1.0, 2.0], 600)
    with pytest.raises(ValueError, match=r"600 events tie, 1200 in all, .* use Ties.EFRON"):
        estimate_cox(time, event=time > 0, covariates=np.arange(1200) % 2, ties=Ties.EXACT)
