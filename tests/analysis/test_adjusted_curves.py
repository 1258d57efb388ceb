"""Adjusted probabilities and means, quantiles, landmarks: the numbers of the kernels in words."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, adjust, ask, build_sample
from equipoise.analysis.adjusted_curves import (
    compare_adjusted_means,
    compare_adjusted_survival,
    independent_columns,
)
from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.landmark import compare_from_landmark
from equipoise.analysis.quantiles import compare_by_quantile
from equipoise.analysis.result import Result
from equipoise.analysis.sample import select_rows
from equipoise.analysis.survival import estimate_arm_curve
from equipoise.numerics.survival.pseudo_values import (
    Link,
    estimate_rmst_pseudo_values,
    estimate_survival_pseudo_values,
    regress_pseudo_values,
)
from equipoise.numerics.survival.quantile_difference import compare_quantiles
from equipoise.numerics.survival.rmst_regression import regress_rmst
from equipoise.protocol.methods.survival import (
    AdjustedMilestoneOptions,
    AdjustedRmstOptions,
    LandmarkOptions,
    QuantileOptions,
)

SAMPLE = adjust(build_sample(GOLDEN))


def limits(result: Result) -> tuple[float | None, float | None, float | None]:
    """The estimate and its interval."""
    assert result.estimate is not None
    return result.estimate.value, result.estimate.lower, result.estimate.upper


def test_survival_is_adjusted_by_pseudo_values() -> None:
    found = compare_adjusted_survival(SAMPLE, question=ask(12))
    pseudo = estimate_survival_pseudo_values(SAMPLE.time, event=SAMPLE.event, at=12)
    model = regress_pseudo_values(pseudo, covariates=SAMPLE.design)
    assert limits(found) == pytest.approx((model.coefficient[1], model.lower[1], model.upper[1]))
    assert found.p_value == pytest.approx(model.p_value[1])
    assert "adjusted for Sex: male and Age" in found.method
    assert found.arms[0].estimates["survival"].value == pytest.approx(0.448718, abs=5e-7)


def test_another_contrast_is_a_ratio_with_its_logarithm() -> None:
    options = AdjustedMilestoneOptions(contrast="hazard_ratio")
    found = compare_adjusted_survival(SAMPLE, question=ask(12, options=options))
    pseudo = estimate_survival_pseudo_values(SAMPLE.time, event=SAMPLE.event, at=12)
    model = regress_pseudo_values(pseudo, covariates=SAMPLE.design, link=Link.LOG_LOG)
    assert limits(found)[0] == pytest.approx(np.exp(model.coefficient[1]))
    assert found.further["log_hazard_ratio"].standard_error == pytest.approx(
        model.standard_error[1]
    )


def test_means_are_adjusted_by_either_model() -> None:
    found = compare_adjusted_means(SAMPLE, question=ask(12, level=0.9))
    model = regress_rmst(
        SAMPLE.time,
        event=SAMPLE.event,
        group=SAMPLE.arm,
        horizon=12,
        covariates=SAMPLE.covariates,
    )
    assert limits(found)[0] == pytest.approx(model.coefficient[1])
    width = 1.6448536269514722 * model.standard_error[1]
    assert limits(found)[2] == pytest.approx(model.coefficient[1] + width)
    options = AdjustedRmstOptions(model="pseudo_values")
    found = compare_adjusted_means(SAMPLE, question=ask(12, options=options))
    pseudo = estimate_rmst_pseudo_values(SAMPLE.time, event=SAMPLE.event, horizon=12)
    expected = regress_pseudo_values(pseudo, covariates=SAMPLE.design)
    assert limits(found)[0] == pytest.approx(expected.coefficient[1])


def test_a_time_beyond_an_arm_has_no_comparison() -> None:
    found = compare_adjusted_survival(SAMPLE, question=ask(12, 24))
    early, late = found.parts
    assert early.p_value is not None
    assert late.p_value is None
    assert any("the curve of arm A ends before" in word for word in late.warnings)


def test_a_covariate_determined_by_others_is_left_out_and_told() -> None:
    design = np.column_stack([SAMPLE.design, SAMPLE.design[:, 1] * 3 + 1])
    assert independent_columns(design) == [0, 1, 2]
    assert independent_columns(np.ones((4, 2))) == []
    table = np.column_stack([SAMPLE.design[:, 1], SAMPLE.design[:, 1]])
    twice = replace(SAMPLE, covariates=table)
    found = compare_adjusted_survival(twice, question=ask(12))
    assert any("not adjusted for Age" in word for word in found.warnings)
    assert found.p_value is not None


@pytest.mark.parametrize("contrast", ["difference", "ratio"])
def test_medians_are_compared_as_the_plan_says(contrast: str) -> None:
    options = QuantileOptions.model_validate({"contrast": contrast, "probability": 0.25})
    found = compare_by_quantile(SAMPLE, question=ask(options=options))
    curves = [estimate_arm_curve(SAMPLE, arm=arm) for arm in "AB"]
    assert curves[0] is not None
    assert curves[1] is not None
    expected = compare_quantiles(curves[0], second=curves[1], probability=0.25)
    value = expected.difference if contrast == "difference" else expected.ratio
    assert limits(found)[0] == pytest.approx(value)
    own = found.arms[1].estimates["quantile"].value
    assert own == pytest.approx(expected.quantiles[1].value)


def test_a_median_that_is_not_reached_is_told() -> None:
    found = compare_by_quantile(build_sample("A 3\nA 4\nB 5+\nB 6+"), question=ask())
    assert limits(found)[0] is None
    assert "the quantile is not reached in arm B" in found.warnings


def test_from_a_landmark_only_those_still_followed_are_compared() -> None:
    bare = build_sample(GOLDEN)
    found = compare_from_landmark(bare, question=ask(options=LandmarkOptions(landmark_months=6)))
    later = bare.time > 6
    rest = select_rows(bare, kept=later)
    expected = compare_by_cox(replace(rest, time=rest.time - 6), question=ask())
    assert limits(found) == limits(expected)
    assert found.rows == rest.rows
    lost = int((~later).sum())
    assert f"{lost} with the event or censored by 6 months: left out" in found.warnings
