"""Mean times of lesions by patient, and of patients weighed by the chance of their arm."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, adjust, ask, build_sample
from equipoise.analysis.adjusted_curves import compare_adjusted_means
from equipoise.analysis.restricted_mean import compare_restricted_means
from equipoise.analysis.result import Result
from equipoise.analysis.treatment_weights import weigh_by_arm
from equipoise.numerics.hazards.cox_design import weigh_by_patient
from equipoise.numerics.survival.weighted_rmst import compare_weighted_rmst
from equipoise.protocol.methods.survival import AdjustedRmstOptions, RmstOptions

# arm, time, stratum, patient: all lesions are followed to their event
LESIONS = build_sample("""
A 2 s p
A 4 s p
A 6 s p
A 8 s q
B 10 s r
B 20 s r
B 6 s u
""")
CLUSTERED = RmstOptions(variance="clustered")
BY_PATIENT = RmstOptions(variance="clustered", weights="patient")


def means_of(result: Result) -> list[float | None]:
    """The mean time of each arm."""
    return [arm.estimates["rmst"].value for arm in result.arms]


def told(result: Result) -> tuple[float, float, float]:
    """Estimate, standard error and p, which must be there."""
    found = result.estimate
    assert found is not None
    assert found.value is not None
    assert found.standard_error is not None
    assert result.p_value is not None
    return found.value, found.standard_error, result.p_value


def test_means_of_lesions_are_those_by_hand() -> None:
    by_lesion = compare_restricted_means(LESIONS, question=ask(12, options=CLUSTERED))
    assert means_of(by_lesion) == pytest.approx([20 / 4, 28 / 3])
    by_patient = compare_restricted_means(LESIONS, question=ask(12, options=BY_PATIENT))
    # each patient's lesions are averaged first
    assert means_of(by_patient) == pytest.approx([(4 + 8) / 2, (11 + 6) / 2])
    assert "patients as clusters (infinitesimal jackknife), each patient of" in by_patient.method


def test_the_variance_is_that_of_patients() -> None:
    found = compare_restricted_means(LESIONS, question=ask(12, options=CLUSTERED))
    # without censoring the mean is that of the times: a patient moves it by the sum of the gaps
    # over the number of lesions
    first, second = 20 / 4, 28 / 3
    moved = [(12 - 3 * first) / 4, (8 - first) / 4, (22 - 2 * second) / 3, (6 - second) / 3]
    value, error, p_value = told(found)
    assert value == pytest.approx(second - first)
    assert error == pytest.approx(math.sqrt(sum(m * m for m in moved)))
    assert p_value == pytest.approx(math.erfc(value / error / math.sqrt(2)))


def test_censored_lesions_give_the_numbers_of_the_kernel() -> None:
    text = "\n".join(
        f"{line} s {line[0]}{place // 3}" for place, line in enumerate(GOLDEN.strip().splitlines())
    )
    sample = build_sample(text)
    for options in (CLUSTERED, BY_PATIENT):
        found = compare_restricted_means(sample, question=ask(12, level=0.9, options=options))
        weight = weigh_by_patient(sample.subject) if options is BY_PATIENT else np.ones(32)
        kernel = compare_weighted_rmst(
            sample.time, event=sample.event, group=sample.arm, weight=weight, horizon=12,
            cluster=sample.subject,
        )  # fmt: skip
        assert told(found) == pytest.approx(
            (kernel.difference, kernel.difference_error, kernel.p_value), rel=1e-12
        )
        assert found.estimate is not None
        assert found.estimate.upper == pytest.approx(
            kernel.difference + 1.6448536269514722 * kernel.difference_error
        )
        assert found.arms[1].estimates["rmst"].standard_error == kernel.standard_error[1]
    assert "rows of one patient count as independent" not in " ".join(found.warnings)
    plain = compare_restricted_means(sample, question=ask(12))
    assert "rows of one patient count as independent" in " ".join(plain.warnings)


def test_a_ratio_of_clustered_means_has_its_logarithm() -> None:
    options = RmstOptions(variance="clustered", contrast="ratio")
    found = compare_restricted_means(LESIONS, question=ask(12, options=options))
    assert found.measure == "rmst_ratio"
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx((28 / 3) / 5)
    errors = [arm.estimates["rmst"].standard_error for arm in found.arms]
    log = found.further["log_rmst_ratio"]
    assert log.standard_error == pytest.approx(
        math.hypot((errors[0] or 0) / 5, (errors[1] or 0) / (28 / 3))
    )


def test_weights_by_hand_make_the_arms_alike() -> None:
    # sex 0: one of three in arm B, sex 1: two of three, which the logistic model gives exactly
    sample = replace(
        build_sample("A 2\nA 4\nB 9\nA 8\nB 5\nB 7"),
        covariates=np.array([[0.0], [0], [0], [1], [1], [1]]),
        covariate_names=("Sex",),
    )
    assert sample.covariates is not None
    weight, message = weigh_by_arm(sample.arm, covariates=sample.covariates)
    assert weight == pytest.approx([1.5, 1.5, 3, 3, 1.5, 1.5])
    assert message == ""
    options = AdjustedRmstOptions(model="treatment_weights")
    found = compare_adjusted_means(sample, question=ask(10, options=options))
    # half of each sex in both arms: (3 + 8) / 2 and (9 + 6) / 2
    assert means_of(found) == pytest.approx([5.5, 7.5])
    kernel = compare_weighted_rmst(
        sample.time, event=sample.event, group=sample.arm, weight=weight, horizon=10
    )
    assert told(found) == pytest.approx((2, kernel.difference_error, kernel.p_value))
    assert "weighed by the inverse chance of their arm, adjusted for Sex" in found.method


def test_a_ratio_of_weighed_means() -> None:
    sample = adjust(build_sample(GOLDEN))
    options = AdjustedRmstOptions(model="treatment_weights", contrast="ratio")
    found = compare_adjusted_means(sample, question=ask(12, options=options))
    first, second = means_of(found)
    assert first is not None
    assert second is not None
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(second / first)
    assert found.measure == "rmst_ratio"


def test_a_covariate_that_tells_the_arm_leaves_no_weights() -> None:
    sample = replace(
        build_sample("A 2\nA 4\nB 9\nB 8"),
        covariates=np.array([[0.0], [1], [2], [3]]),
        covariate_names=("Age",),
    )
    options = AdjustedRmstOptions(model="treatment_weights")
    found = compare_adjusted_means(sample, question=ask(5, options=options))
    assert found.p_value is None
    assert any("the chance of an arm cannot be told" in words for words in found.warnings)
