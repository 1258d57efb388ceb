"""Cox models of every cause: each is the model of its own events."""

import numpy as np
import pytest

from equipoise.numerics.hazards.cause_specific import estimate_cause_specific_cox
from equipoise.numerics.hazards.cox import Sampling, Ties, estimate_cox

TIME = np.array([1.0, 2, 2, 3, 4, 5, 5, 6, 7, 8, 9, 9])
CAUSE = np.array([1, 2, 1, 0, 1, 2, 2, 1, 0, 1, 2, 0])
AGE = np.array([60.0, 71, 55, 48, 66, 59, 70, 62, 51, 68, 64, 57])


def test_each_cause_is_the_model_of_its_own_events() -> None:
    patient, weight = np.arange(12) // 2, 1 + np.arange(12) % 3
    rows = Sampling(cluster=patient, weight=weight)
    both = estimate_cause_specific_cox(
        TIME, cause=CAUSE, covariates=AGE, stratum=patient % 2, sampling=rows, ties=Ties.BRESLOW
    )

    assert len(both) == 2
    for code, found in enumerate(both, start=1):
        alone = estimate_cox(
            TIME, event=code == CAUSE, covariates=AGE, stratum=patient % 2, sampling=rows,
            ties=Ties.BRESLOW,
        )  # fmt: skip
        assert found.n_events == np.count_nonzero(code == CAUSE)
        assert found.coefficients == pytest.approx(alone.coefficients)
        assert found.robust_covariance == pytest.approx(alone.robust_covariance)


def test_a_cause_between_that_nobody_has_is_told_as_such() -> None:
    found = estimate_cause_specific_cox(TIME, cause=np.where(CAUSE == 2, 3, CAUSE), covariates=AGE)

    assert [one.converged for one in found] == [True, False, True]
    assert np.isnan(found[1].coefficients).all()
    assert found[1].message != ""


def test_without_events_there_is_no_model_and_bad_causes_are_named() -> None:
    assert estimate_cause_specific_cox(TIME, cause=0 * CAUSE, covariates=AGE) == ()
    with pytest.raises(ValueError, match=r"cause\[0\] is -1"):
        estimate_cause_specific_cox(TIME, cause=CAUSE - 2, covariates=AGE)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_causes_of_late_comers_are_fitted_as_if_each_were_alone(seed: int, ties: Ties) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    time = rng.integers(1, 30, n).astype(float) if seed % 2 else rng.exponential(10.0, n) + 0.1
    cause, stratum = rng.integers(0, 3, n), rng.integers(0, 3, n)
    x = np.column_stack([rng.integers(0, 2, n), rng.normal(size=n)])
    rows = Sampling(
        entry=time * rng.integers(0, 2, n) * 0.7 - 1, weight=rng.uniform(0.5, 2.0, n),
        cluster=rng.integers(0, 20, n),
    )  # fmt: skip
    found = estimate_cause_specific_cox(
        time, cause=cause, covariates=x, stratum=stratum, sampling=rows, ties=ties
    )

    assert [one.n_events for one in found] == np.bincount(cause)[1:].tolist()
    for code, one in enumerate(found, start=1):
        alone = estimate_cox(
            time, event=cause == code, covariates=x, stratum=stratum, sampling=rows, ties=ties
        )
        assert np.array_equal(one.coefficients, alone.coefficients)
        assert one.robust_covariance == pytest.approx(alone.robust_covariance, rel=1e-14)
        assert one.robust_score_test == alone.robust_score_test
        assert one.model.design.order is found[0].model.design.order


def test_what_one_model_refuses_all_refuse() -> None:
    weighed = Sampling(weight=AGE)
    with pytest.raises(ValueError, match="exact ties have no weights"):
        estimate_cause_specific_cox(
            TIME, cause=CAUSE, covariates=AGE, sampling=weighed, ties=Ties.EXACT
        )
    with pytest.raises(ValueError, match="one row for each of 12 times"):
        estimate_cause_specific_cox(TIME, cause=CAUSE, covariates=AGE[:5])
    exact = estimate_cause_specific_cox(TIME, cause=CAUSE, covariates=AGE, ties=Ties.EXACT)
    assert [one.n_events for one in exact] == [5, 4]
