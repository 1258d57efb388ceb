"""The Fine-Gray model as a named analysis: the numbers of the kernel, in words and by patient."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import adjust, ask, build_sample
from equipoise.analysis.sample import Sample
from equipoise.analysis.subdistribution import compare_by_fine_gray
from equipoise.numerics.competing.fine_gray import (
    estimate_fine_gray,
    estimate_subdistribution_ratio,
)
from equipoise.numerics.hazards.cox import Sampling
from equipoise.protocol.methods.competing import FineGrayOptions

ROWS = build_sample(
    "A 2 x\nA 3x x\nA 4 y\nA 5 y\nA 7+ x\nA 9 y\nB 3 x\nB 4x y\nB 6 x\nB 8 y\nB 10x x\nB 12+ y"
)
LESIONS = replace(ROWS, subject=np.array(list("ppqqrsttuvvw")))


def expected(sample: Sample, **more: object) -> float:
    """The ratio straight from the kernel."""
    fit = estimate_fine_gray(
        sample.time,
        cause=sample.cause,
        covariates=sample.design,
        **more,  # type: ignore[arg-type]
    )
    return estimate_subdistribution_ratio(fit).value


def test_the_ratio_is_that_of_the_kernel_with_its_logarithm_beside_it() -> None:
    result = compare_by_fine_gray(ROWS, question=ask())
    assert result.estimate is not None
    assert result.estimate.value is not None
    assert result.estimate.value == pytest.approx(expected(ROWS))
    log = result.further["log_subdistribution_hazard_ratio"]
    assert log.value == pytest.approx(np.log(result.estimate.value))
    assert log.standard_error is not None
    assert result.statistic == pytest.approx(np.log(result.estimate.value) / log.standard_error)
    assert result.curves[0].is_rising
    assert result.arms[0].estimates["competing_events"].value == 1


def test_strata_and_covariates_and_the_patients_of_lesions_are_taken_and_told() -> None:
    stratified = compare_by_fine_gray(ROWS, question=ask(stratified=True))
    assert stratified.estimate is not None
    assert stratified.estimate.value == pytest.approx(expected(ROWS, stratum=ROWS.stratum))
    assert "stratified by stratum" in stratified.method
    adjusted = compare_by_fine_gray(adjust(ROWS), question=ask())
    assert adjusted.estimate is not None
    assert adjusted.estimate.value == pytest.approx(expected(adjust(ROWS)))
    assert "adjusted for Sex: male and Age" in adjusted.method
    clustered = compare_by_fine_gray(LESIONS, question=ask())
    fit = estimate_fine_gray(
        LESIONS.time,
        cause=LESIONS.cause,
        covariates=LESIONS.design,
        sampling=Sampling(cluster=LESIONS.subject),
    )
    log = clustered.further["log_subdistribution_hazard_ratio"]
    assert log.standard_error == pytest.approx(float(np.sqrt(fit.robust_covariance[0, 0])))
    assert "clustered by patient" in clustered.method


def test_the_censoring_of_another_program_may_be_asked_for() -> None:
    own = compare_by_fine_gray(ROWS, question=ask())
    other = compare_by_fine_gray(ROWS, question=ask(options=FineGrayOptions(censoring="finegray")))
    assert own.further != other.further


def test_a_covariate_that_nothing_tells_apart_is_told() -> None:
    sample = adjust(ROWS)
    assert sample.covariates is not None
    sample = replace(sample, covariates=np.column_stack([sample.covariates[:, 0], np.ones(12)]))
    result = compare_by_fine_gray(sample, question=ask())
    assert any("not adjusted for Age" in word for word in result.warnings)


def test_no_event_says_why_there_is_no_ratio() -> None:
    result = compare_by_fine_gray(build_sample("A 3x\nA 4+\nB 5x\nB 6+"), question=ask())
    assert result.estimate is not None
    assert result.estimate.value is None
    assert any("cannot be estimated" in word for word in result.warnings)
