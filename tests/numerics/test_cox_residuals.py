"""Residuals of Cox's model: the twin, their sums, and what they lead back to."""

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.cox_residuals import (
    estimate_residuals,
    estimate_schoenfeld,
    influence_of_clusters,
)
from naive.cox import Person, risk_sets, score_residual, terms
from numerics.samples import columns, marked, people


def fit_of(persons: list[Person], ties: Ties) -> Cox:
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


def expected_events(persons: list[Person], beta: list[float], *, efron: bool) -> list[float]:
    """Hazard handed to each person, event time after event time."""
    out = {id(p): 0.0 for p in persons}
    for at_risk, failed in risk_sets(persons):
        for weight, part in terms(at_risk, failed, beta, efron):
            total = sum(risk for _, risk in part)
            for person, risk in part:
                out[id(person)] += weight * risk / person.weight / total
    return [out[id(p)] for p in persons]


@settings(deadline=None, max_examples=40)
@given(people(covariates=2, late=True, least=15))
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_residuals_equal_the_twin_in_the_order_of_the_rows(
    ties: Ties, persons: list[Person]
) -> None:
    fit = fit_of(persons, ties)
    if not (fit.converged and np.isfinite(fit.coefficients).all()):
        return
    found, beta = estimate_residuals(fit), fit.coefficients.tolist()
    efron = ties is Ties.EFRON
    slow = [score_residual(persons, who, beta, efron) for who in range(len(persons))]
    _, event = columns(persons)

    assert np.allclose(found.score, slow, atol=1e-8)
    assert np.allclose(
        found.martingale, event - expected_events(persons, beta, efron=efron), atol=1e-8
    )
    assert np.allclose(
        found.influence,
        (np.array(slow) * [[p.weight] for p in persons]) @ fit.covariance,
        atol=1e-7 * np.abs(fit.covariance).max(),
    )
    pairs = np.arange(len(persons)) // 2
    together = np.add.reduceat(found.influence, np.arange(0, len(persons), 2))
    size = np.abs(found.influence).max()
    assert np.allclose(influence_of_clusters(fit, cluster=pairs), together, atol=1e-10 * size)
    assert fit.robust_covariance is not None
    assert np.allclose(found.influence.T @ found.influence, fit.robust_covariance, rtol=1e-8)


@settings(deadline=None, max_examples=40)
@given(people(covariates=2, late=True, least=15))
def test_schoenfeld_residuals_of_one_weight_sum_to_zero(persons: list[Person]) -> None:
    even = [Person(time=p.time, entry=p.entry, event=p.event, x=p.x) for p in persons]
    fit = fit_of(even, Ties.EFRON)
    if not (fit.converged and np.isfinite(fit.coefficients).all()):
        return
    found = estimate_schoenfeld(fit)

    assert np.allclose(found.residual.sum(axis=0), 0, atol=1e-7)
    assert np.allclose(found.scaled.mean(axis=0), fit.coefficients, atol=1e-6)
    assert found.time.tolist() == sorted(p.time for p in even if p.event)
    assert sorted(found.row) == [i for i, p in enumerate(even) if p.event]


def test_deviance_has_the_sign_of_the_martingale_and_grows_with_it() -> None:
    time, event = marked("1 2+ 3 4 5+ 6 7 8+")
    fit = estimate_cox(time, event=event, covariates=[0, 1, 1, 0, 1, 0, 0, 1])
    found = estimate_residuals(fit)

    assert found.martingale.sum() == pytest.approx(0, abs=1e-9)
    assert (np.sign(found.deviance) == np.sign(found.martingale)).all()
    for kind in (0, 1):
        own = np.argsort(found.martingale[event == kind])
        assert (np.diff(found.deviance[event == kind][own]) > 0).all()


def test_a_column_without_information_has_no_residual() -> None:
    time, event = marked("1 4 6 7+ 2 3 5+ 8")
    x = np.c_[np.repeat([0, 1], 4), np.ones(8)]
    fit = estimate_cox(time, event=event, covariates=x)

    assert np.isnan(estimate_residuals(fit).influence[:, 1]).all()
    assert np.isfinite(estimate_residuals(fit).influence[:, 0]).all()
    assert np.isnan(estimate_schoenfeld(fit).scaled[:, 1]).all()


def test_fits_without_residuals_are_refused_by_name() -> None:
    time, event = marked("1 2 3 4 5+ 6+ 7+")
    arm = np.repeat([0, 1], [4, 3])
    with pytest.raises(ValueError, match="did not settle: the likelihood rises"):
        estimate_residuals(estimate_cox(time, event=event, covariates=arm))
    exact = estimate_cox(time, event=event, covariates=[0, 1, 0, 1, 0, 1, 0], ties=Ties.EXACT)
    with pytest.raises(ValueError, match="exact ties have no residuals"):
        estimate_schoenfeld(exact)
