"""Named tests and models by rank: the numbers of the kernels, all arms at once, and the sides."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, adjust, ask, build_sample
from equipoise.analysis.cause_specific import compare_by_cause
from equipoise.analysis.gray import compare_by_gray
from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.interval_censored import (
    bound_rows,
    compare_by_interval_cox,
    compare_by_interval_logrank,
    estimate_between_bounds,
)
from equipoise.analysis.subdistribution import compare_by_fine_gray
from equipoise.numerics.competing.gray import compare_gray
from equipoise.numerics.hazards.cox import Ties, estimate_cox
from equipoise.numerics.hazards.cox_design import Sampling, weigh_by_patient
from equipoise.numerics.intervals.interval_cox import (
    estimate_interval_cox,
    estimate_profile_interval,
)
from equipoise.numerics.intervals.interval_logrank import IntervalScores, compare_interval_logrank
from equipoise.numerics.intervals.turnbull import estimate_turnbull, estimate_turnbull_quantile
from equipoise.protocol.methods.competing import FineGrayOptions, GrayOptions
from equipoise.protocol.methods.hazards import CauseSpecificOptions, CoxOptions
from equipoise.protocol.methods.intervals import IntervalCoxOptions, IntervalLogrankOptions

SAMPLE = build_sample(GOLDEN)
COMPETING = build_sample(
    "A 2 x\nA 3x x\nA 4 y\nA 5 y\nA 7+ x\nA 9 y\nB 3 x\nB 4x y\nB 6 x\nB 8 y\nB 10x x\nB 12+ y"
)
THREE = build_sample(
    "A 2\nA 3x\nA 4\nA 9+\nB 3\nB 5\nB 6x\nB 8+\nC 1\nC 7\nC 9x\nC 11", arms=("A", "B", "C")
)


def log_ratio(result: object) -> tuple[float, float]:
    """The log hazard ratio with its standard error."""
    log = result.further["log_hazard_ratio"]  # type: ignore[attr-defined]
    return log.value, log.standard_error


@pytest.mark.parametrize("ties", ["breslow", "exact"])
def test_cox_takes_the_ties_that_are_asked_for(ties: str) -> None:
    tied = replace(SAMPLE, time=np.ceil(SAMPLE.time / 5))
    question = ask(options=CoxOptions.model_validate({"ties": ties}))
    fit = estimate_cox(tied.time, event=tied.event, covariates=tied.design, ties=Ties(ties))
    found = compare_by_cox(tied, question=question)
    expected = (float(fit.coefficients[0]), float(np.sqrt(fit.covariance[0, 0])))
    assert log_ratio(found) == pytest.approx(expected)
    assert len(found.parts) == (ties == "breslow")


def test_ties_too_many_to_count_out_fall_back_to_efron() -> None:
    many = build_sample("\n".join(f"{arm} {1 + k % 2}" for arm in "AB" for k in range(600)))
    found = compare_by_cox(many, question=ask(options=CoxOptions(ties="exact")))
    assert any("Efron" in word for word in found.warnings)


def test_cox_is_adjusted_and_takes_the_patients_of_lesions_together() -> None:
    adjusted = adjust(SAMPLE)
    found = compare_by_cox(adjusted, question=ask())
    fit = estimate_cox(SAMPLE.time, event=SAMPLE.event, covariates=adjusted.design)
    assert log_ratio(found)[0] == pytest.approx(float(fit.coefficients[0]))
    lesions = replace(SAMPLE, subject=np.array([f"p{k // 2}" for k in range(32)]))
    naive = compare_by_cox(lesions, question=ask())
    assert any("count as independent" in word for word in naive.warnings)
    clustered = compare_by_cox(lesions, question=ask(options=CoxOptions(variance="clustered")))
    fit = estimate_cox(
        SAMPLE.time,
        event=SAMPLE.event,
        covariates=SAMPLE.design,
        sampling=Sampling(cluster=lesions.subject),
    )
    assert fit.robust_covariance is not None
    assert log_ratio(clustered)[1] == pytest.approx(float(np.sqrt(fit.robust_covariance[0, 0])))
    assert not any("count as independent" in word for word in clustered.warnings)


def test_each_cause_has_its_hazard_ratio() -> None:
    for cause, code in (("event", 1), ("competing", 2)):
        options = CauseSpecificOptions.model_validate({"cause": cause})
        found = compare_by_cause(COMPETING, question=ask(options=options))
        fit = estimate_cox(
            COMPETING.time, event=COMPETING.cause == code, covariates=COMPETING.design
        )
        assert log_ratio(found)[0] == pytest.approx(float(fit.coefficients[0]))
        assert found.curves[0].is_rising


def test_gray_compares_all_arms_at_once_and_two_with_a_side() -> None:
    options = GrayOptions(rho=1)
    found = compare_by_gray(THREE, question=ask(options=options))
    expected = compare_gray(THREE.time, cause=THREE.cause, group=THREE.arm, rho=1)
    assert found.p_value == pytest.approx(expected.test.p_value)
    assert found.degrees_of_freedom == 2
    assert found.further == {}
    two = compare_by_gray(COMPETING, question=ask(stratified=True))
    expected = compare_gray(
        COMPETING.time, cause=COMPETING.cause, group=COMPETING.arm, stratum=COMPETING.stratum
    )
    assert two.statistic == pytest.approx(expected.test.statistic)
    assert two.further["observed_less_expected"].value == pytest.approx(float(expected.score[1]))


@pytest.mark.parametrize("scores", ["sun", "wilcoxon"])
def test_arms_are_compared_between_assessments(scores: str) -> None:
    options = IntervalLogrankOptions.model_validate({"scores": scores})
    found = compare_by_interval_logrank(SAMPLE, question=ask(options=options))
    expected = compare_interval_logrank(
        bound_rows(SAMPLE), group=SAMPLE.arm, scores=IntervalScores(scores)
    )
    assert found.p_value == pytest.approx(expected.test.p_value)


def test_a_median_between_assessments_has_its_bounds() -> None:
    found = estimate_between_bounds(SAMPLE, question=ask(6, 12))
    rows = SAMPLE.of_arm("A")
    expected = estimate_turnbull_quantile(estimate_turnbull(bound_rows(SAMPLE, rows=rows)))
    median = found.arms[0].estimates["turnbull_median"]
    assert (median.value, median.lower) == pytest.approx((expected.value, expected.earliest))
    assert {"survival_at_6", "survival_at_12"} <= set(found.arms[0].estimates)


def test_exact_times_stand_for_bounds_that_are_not_there() -> None:
    bare = replace(SAMPLE, left=None, right=None)
    found = compare_by_interval_logrank(bare, question=ask())
    assert any("taken as exact" in word for word in found.warnings)
    assert (bound_rows(bare).left == SAMPLE.time).all()


def test_the_hazard_ratio_between_assessments_is_adjusted_and_profiled() -> None:
    adjusted = adjust(SAMPLE)
    fit = estimate_interval_cox(bound_rows(adjusted), covariates=adjusted.design)
    found = compare_by_interval_cox(adjusted, question=ask())
    expected = (float(fit.coefficients[0]), float(np.sqrt(fit.covariance[0, 0])))
    assert log_ratio(found) == pytest.approx(expected)
    assert "adjusted for" in found.method
    options = IntervalCoxOptions(interval="profile")
    profile = compare_by_interval_cox(SAMPLE, question=ask(options=options))
    limits = estimate_profile_interval(bound_rows(SAMPLE), covariates=SAMPLE.design)
    assert profile.estimate is not None
    assert profile.estimate.lower == pytest.approx(float(np.exp(limits[0])))
    lost = compare_by_interval_cox(build_sample("A 3+\nA 4+\nB 5+\nB 6+"), question=ask())
    assert any("cannot be estimated" in word for word in lost.warnings)


def test_each_patient_may_count_one_whatever_the_number_of_lesions() -> None:
    lesions = replace(SAMPLE, subject=np.array([f"p{max(k - 5, 0)}" for k in range(32)]))
    options = CoxOptions(variance="clustered", weights="patient")
    found = compare_by_cox(lesions, question=ask(options=options))
    fit = estimate_cox(
        lesions.time,
        event=lesions.event,
        covariates=lesions.design,
        sampling=Sampling(cluster=lesions.subject, weight=weigh_by_patient(lesions.subject)),
    )
    assert log_ratio(found)[0] == pytest.approx(float(fit.coefficients[0]))
    assert "each patient of weight 1" in found.method
    shares = FineGrayOptions(weights="patient")
    subdistribution = compare_by_fine_gray(lesions, question=ask(options=shares))
    assert "each patient of weight 1" in subdistribution.method
    assert subdistribution.estimate != compare_by_fine_gray(lesions, question=ask()).estimate
