"""Survival results: the golden example through the analysis, and what cannot be estimated."""

from typing import Literal

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.milestone import compare_at_milestone
from equipoise.analysis.restricted_mean import compare_restricted_means
from equipoise.analysis.result import Result
from equipoise.analysis.survival import (
    estimate_arm_curve,
    estimate_medians,
    estimate_survival,
)
from equipoise.numerics.survival.confidence_bands import BandKind, estimate_simultaneous_band
from equipoise.numerics.survival.milestone import compare_milestone, compare_milestone_strata
from equipoise.numerics.survival.pooled_difference import find_arms
from equipoise.numerics.survival.rmst import compare_rmst_strata
from equipoise.numerics.survival.survival_scales import Interval
from equipoise.protocol.methods.survival import CurveOptions, MilestoneOptions, RmstOptions

SIX = 5e-7


def numbers(result: Result, name: str, what: str) -> list[float | None]:
    """One estimate of each arm, as value, lower and upper."""
    estimates = [arm.estimates[what] for arm in result.arms if arm.arm == name]
    return [x for e in estimates for x in (e.value, e.lower, e.upper)]


def test_golden_milestone_at_twelve_months_holds_to_six_digits() -> None:
    result = compare_at_milestone(build_sample(GOLDEN), question=ask(12))
    assert numbers(result, "A", "survival") == pytest.approx(
        [0.448718, 0.191572, 0.677997], abs=SIX
    )
    assert numbers(result, "B", "survival") == pytest.approx(
        [0.740385, 0.446392, 0.894025], abs=SIX
    )
    assert result.statistic == pytest.approx(2.465693, abs=SIX)
    assert result.p_value == pytest.approx(0.116356, abs=SIX)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(0.291667, abs=SIX)
    assert result.estimate.standard_error == pytest.approx(0.173756, abs=SIX)
    assert result.estimate.lower == pytest.approx(-0.081161, abs=SIX)
    assert result.estimate.upper == pytest.approx(0.591215, abs=SIX)
    plain = result.further["plain_interval"]
    assert plain.lower == pytest.approx(0.291667 - 1.959964 * 0.173756, abs=2e-6)


def test_golden_standard_errors_hold_to_six_digits() -> None:
    result = compare_at_milestone(build_sample(GOLDEN), question=ask(12))
    errors = [arm.estimates["survival"].standard_error for arm in result.arms]
    assert errors == pytest.approx([0.132779, 0.112076], abs=SIX)


def test_golden_medians_and_counts() -> None:
    result = estimate_medians(build_sample(GOLDEN), question=ask())
    assert [arm.estimates["median"].value for arm in result.arms] == [11.8, 20.2]
    assert [(arm.n, arm.events, arm.subjects) for arm in result.arms] == [(16, 11, 16), (16, 8, 16)]
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("horizon", "control", "treated"), [(12, 9.404113, 10.676442), (18, 11.451389, 14.604183)]
)
def test_golden_restricted_means_hold_to_six_digits(
    horizon: float, control: float, treated: float
) -> None:
    result = compare_restricted_means(build_sample(GOLDEN), question=ask(horizon))
    means = [arm.estimates["rmst"].value for arm in result.arms]
    assert means == pytest.approx([control, treated], abs=SIX)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(treated - control, abs=1e-6)


def test_several_times_give_one_part_each_and_the_headline_on_top() -> None:
    question = ask(6, 12, 18, headline=12.0)
    for compare in (compare_at_milestone, compare_restricted_means):
        result = compare(build_sample(GOLDEN), question=question)
        assert [part.at for part in result.parts] == [6, 12, 18]
        assert [part.name for part in result.parts] == ["asked@6", "asked@12", "asked@18"]
        assert result.at == 12
        assert result.estimate == result.parts[1].estimate
        assert result.p_value == result.parts[1].p_value
        assert result.name == "asked"
        assert result.curves
        assert all(not part.curves for part in result.parts)


def test_headline_that_is_not_asked_for_falls_to_the_last_time() -> None:
    result = compare_at_milestone(build_sample(GOLDEN), question=ask(6, 12, headline=24.0))
    assert result.at == 12


def test_no_time_to_compare_at_is_told() -> None:
    result = compare_at_milestone(build_sample(GOLDEN), question=ask())
    assert result.estimate is None
    assert "the plan names no time to compare at" in result.warnings


def test_milestone_beyond_the_follow_up_has_no_estimate_and_says_so() -> None:
    result = compare_at_milestone(build_sample(GOLDEN), question=ask(25))
    assert result.estimate is not None
    assert result.estimate.value is None
    assert result.p_value is None
    assert any("arm A ends before" in word for word in result.warnings)
    assert numbers(result, "A", "survival") == [None, None, None]
    assert numbers(result, "B", "survival")[0] is not None


def test_restricted_mean_beyond_the_follow_up_has_no_estimate_and_says_so() -> None:
    result = compare_restricted_means(build_sample(GOLDEN), question=ask(25))
    assert result.estimate is None
    assert result.p_value is None
    assert "at 25 months: the curve of arm A ends before the horizon" in result.warnings


def test_survival_of_one_falls_back_to_the_plain_scale_and_says_so() -> None:
    sample = build_sample("A 5\nA 8\nA 12+\nA 13+\nB 12+\nB 14+\nB 15\nB 16+")
    result = compare_at_milestone(sample, question=ask(10))
    assert result.p_value is not None
    assert any("arm B" in word and "plain" in word for word in result.warnings)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(0.5)


def test_arm_without_event_is_told_and_has_no_median() -> None:
    result = estimate_medians(build_sample("A 3\nA 5\nB 4+\nB 6+"), question=ask())
    assert result.warnings == ("no event in arm B", "the median is not reached in arm B")
    assert numbers(result, "B", "median") == [None, None, None]


def test_empty_arm_is_told_and_nothing_is_compared() -> None:
    sample = build_sample("A 3\nA 5+")
    for compare in (compare_at_milestone, compare_restricted_means):
        result = compare(sample, question=ask(4))
        assert result.estimate is None
        assert "arm B has no row in this analysis" in result.warnings
        assert [arm.n for arm in result.arms] == [2, 0]


def test_no_row_at_all_is_told_once() -> None:
    result = estimate_survival(build_sample(""), question=ask())
    assert result.warnings == ("there is no row to analyse",)
    assert result.curves == ()


def test_competing_events_are_censorings_of_survival_and_it_is_said() -> None:
    result = estimate_survival(build_sample("A 3x\nA 5\nB 4\nB 6"), question=ask())
    assert [arm.events for arm in result.arms] == [1, 2]
    assert any("taken as censorings" in word for word in result.warnings)


def test_curve_starts_at_one_and_steps_at_events() -> None:
    control, _ = estimate_survival(build_sample("A 3\nA 5+\nA 5\nA 9+\nB 1"), question=ask()).curves
    assert control.time.tolist() == [0, 3, 5, 9]
    assert control.estimate == pytest.approx([1, 0.75, 0.5, 0.5])
    assert control.at_risk.tolist() == [4, 4, 3, 1]
    assert control.censored.tolist() == [5, 9]
    assert np.isnan(control.lower[0])
    assert control.lower[1] < 0.75 < control.upper[1]


def test_event_on_day_zero_is_not_preceded_by_a_second_zero() -> None:
    control, _ = estimate_survival(build_sample("A 0\nA 5\nB 1"), question=ask()).curves
    assert control.time.tolist() == [0, 5]
    assert control.estimate == pytest.approx([0.5, 0])


def test_follow_up_is_reverse_kaplan_meier() -> None:
    result = estimate_survival(build_sample("A 2+\nA 4\nA 6+\nA 8+\nB 1"), question=ask())
    control = result.arms[0].estimates
    assert control["median_follow_up"].value == 6
    assert control["longest_follow_up"].value == 8
    assert result.arms[1].estimates["median_follow_up"].value is None


def test_strata_are_averaged_and_one_without_both_arms_is_told() -> None:
    rows = "A 3 x\nA 6 x\nA 9+ x\nB 4 x\nB 8 x\nB 9+ x\nA 2 y\nA 7 y\nB 5 y\nB 8+ y\nB 9 z"
    sample = build_sample(rows)
    arms = find_arms(sample.time, event=sample.event, group=sample.arm, stratum=sample.stratum)
    milestone = compare_at_milestone(sample, question=ask(5, stratified=True))
    expected = compare_milestone_strata(arms, at=5)
    assert milestone.estimate is not None
    assert milestone.estimate.value == pytest.approx(expected.difference)
    assert milestone.p_value == pytest.approx(expected.p_value)
    assert any("stratum z has rows of arm B only" in word for word in milestone.warnings)
    mean = compare_restricted_means(sample, question=ask(5, stratified=True))
    assert mean.estimate is not None
    assert mean.estimate.value == pytest.approx(compare_rmst_strata(arms, horizon=5).difference)


def test_no_stratum_with_both_arms_is_told() -> None:
    sample = build_sample("A 3 x\nA 6 x\nB 4 y\nB 8 y")
    for compare in (compare_at_milestone, compare_restricted_means):
        result = compare(sample, question=ask(3, stratified=True))
        assert "no stratum has both arms" in result.warnings
        assert result.p_value is None


@pytest.mark.parametrize("scale", list(Interval))
def test_a_milestone_is_tested_on_the_scale_that_is_asked_for(scale: Interval) -> None:
    sample = build_sample(GOLDEN)
    options = MilestoneOptions.model_validate({"scale": scale.value})
    result = compare_at_milestone(sample, question=ask(12, options=options))
    curves = [estimate_arm_curve(sample, arm=arm) for arm in "AB"]
    assert curves[0] is not None
    assert curves[1] is not None
    expected = compare_milestone(curves[0], second=curves[1], at=12, scale=scale)
    assert result.p_value == pytest.approx(expected.test.p_value)


def test_limits_of_curves_and_medians_follow_the_scale() -> None:
    sample = build_sample(GOLDEN)
    plain = estimate_medians(sample, question=ask(options=CurveOptions(interval="plain")))
    usual = estimate_medians(sample, question=ask())
    assert "plain" in plain.method
    assert plain.arms[0].estimates["median"] != usual.arms[0].estimates["median"]
    assert not np.array_equal(plain.curves[0].lower, usual.curves[0].lower)


@pytest.mark.parametrize("band", ["Hall-Wellner", "equal precision"])
def test_a_band_for_the_whole_curve_is_that_of_its_kernel(
    band: Literal["Hall-Wellner", "equal precision"],
) -> None:
    sample = build_sample(GOLDEN)
    result = estimate_survival(sample, question=ask(options=CurveOptions(band=band)))
    fit = estimate_arm_curve(sample, arm="A")
    assert fit is not None
    expected = estimate_simultaneous_band(fit, kind=BandKind(band))
    curve = result.curves[0]
    assert curve.band == band
    np.testing.assert_array_equal(curve.lower, np.r_[np.nan, expected.lower])
    np.testing.assert_array_equal(curve.upper, np.r_[np.nan, expected.upper])
    assert result.curves[0].time.size == curve.lower.size


def test_an_arm_with_one_event_has_no_band_for_the_whole_curve() -> None:
    sample = build_sample("A 3 x\nA 5+ x\nB 4+ x\nB 6+ x")
    result = estimate_survival(sample, question=ask(options=CurveOptions(band="Hall-Wellner")))
    assert all(np.isnan(curve.lower).all() for curve in result.curves)
    assert estimate_survival(sample, question=ask()).curves[0].band == "pointwise"


def test_a_ratio_of_means_has_the_difference_beside_it() -> None:
    sample, options = build_sample(GOLDEN), RmstOptions(contrast="ratio")
    ratio = compare_restricted_means(sample, question=ask(12, options=options))
    usual = compare_restricted_means(sample, question=ask(12))
    assert ratio.measure == "rmst_ratio"
    assert ratio.further["difference"] == usual.estimate
    assert ratio.estimate is not None
    beside = usual.further["ratio"]
    told = (ratio.estimate.value, ratio.estimate.lower, ratio.estimate.upper)
    assert told == pytest.approx((beside.value, beside.lower, beside.upper))


def test_words_of_the_plan_replace_those_of_the_method() -> None:
    told = compare_at_milestone(build_sample(GOLDEN), question=ask(12, words="as the plan says"))
    assert told.method == "as the plan says"
