"""Survival that a Cox model predicts: by hand, against Kaplan-Meier's cousin, and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.hazards.baseline_hazard import predict_survival
from equipoise.numerics.hazards.cox import Sampling, Ties, estimate_cox
from naive.cox import Person, risk_sets, terms
from numerics.samples import columns, marked, people


@settings(deadline=None, max_examples=40)
@given(people(covariates=1, late=True, least=12))
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_the_hazard_equals_risk_sets_written_out(ties: Ties, persons: list[Person]) -> None:
    time, event = columns(persons)
    fit = estimate_cox(
        time,
        event=event,
        covariates=[p.x for p in persons],
        stratum=[p.stratum for p in persons],
        sampling=Sampling(entry=[p.entry for p in persons], weight=[p.weight for p in persons]),
        ties=ties,
    )
    if not fit.converged:
        return
    found = predict_survival(fit, covariates=[0.5], stratum=1)
    beta, efron = [float(fit.coefficients[0])], ties is Ties.EFRON
    own = [p for p in persons if p.stratum == 1]
    steps = [
        sum(weight / sum(r for _, r in part) for weight, part in terms(*pair, beta, efron))
        for pair in risk_sets(own)
    ]

    assert found.time.tolist() == sorted({p.time for p in own if p.event})
    assert np.allclose(found.hazard, math.exp(beta[0] / 2) * np.cumsum(steps), rtol=1e-8)
    assert np.allclose(found.survival, np.exp(-found.hazard))


def test_equal_arms_give_nelson_and_aalen() -> None:
    time, event = marked("3 5 8+ 9 3 5 8+ 9")
    fit = estimate_cox(time, event=event, covariates=np.repeat([0, 1], 4), ties=Ties.BRESLOW)
    found = predict_survival(fit, covariates=[0])

    assert found.hazard == pytest.approx([2 / 8, 2 / 8 + 2 / 6, 2 / 8 + 2 / 6 + 1])
    assert (found.lower < found.survival).all()
    assert (found.survival < found.upper).all()


def test_a_stratum_without_events_has_an_empty_curve() -> None:
    time, event = marked("1 4 6 7+ 2 3 5+ 8 9+")
    fit = estimate_cox(time, event=event, covariates=[0, 1] * 4 + [0], stratum=[0] * 8 + [1])

    assert predict_survival(fit, covariates=[0], stratum=1).time.size == 0


@pytest.mark.parametrize("patient", [[1.0, 2.0], [math.nan], 1.0])
def test_a_patient_unlike_the_fit_is_refused(patient: list[float]) -> None:
    time, event = marked("1 4 6 7+ 2 3 5+ 8")
    fit = estimate_cox(time, event=event, covariates=np.repeat([0, 1], 4))
    with pytest.raises(ValueError, match="1 numbers, as in the fit"):
        predict_survival(fit, covariates=patient)


def test_an_untold_coefficient_predicts_nothing() -> None:
    time, event = marked("1 4 6 7+ 2 3 5+ 8")
    fit = estimate_cox(time, event=event, covariates=np.c_[np.repeat([0, 1], 4), np.ones(8)])
    with pytest.raises(ValueError, match="no information of its own in covariate 1"):
        predict_survival(fit, covariates=[0, 1])
