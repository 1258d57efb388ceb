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
