"""Two arms without a protocol: defaults of milestone and horizon, and all comparisons at once."""

import pytest

from analysis.hand_data import GOLDEN, build_sample
from equipoise.analysis.sample import common_follow_up
from equipoise.analysis.two_arms import choose_milestone, compare_two_arms


def test_common_follow_up_is_the_smaller_of_the_last_times() -> None:
    assert common_follow_up(build_sample(GOLDEN)) == 22
    assert common_follow_up(build_sample("A 3\nA 8+")) == 8
    assert common_follow_up(build_sample("A 0\nB 5")) is None
    assert common_follow_up(build_sample("")) is None


def test_milestone_is_the_median_follow_up() -> None:
    sample = build_sample("A 2+\nA 4+\nA 6+\nA 9\nB 4+\nB 5+\nB 8")
    assert choose_milestone(sample) == 5  # 6/7, 4/7, 3/7 still followed after 2, 4, 5


def test_milestone_is_no_later_than_both_arms_are_followed() -> None:
    assert choose_milestone(build_sample("A 2\nA 3+\nB 9+\nB 8+\nB 12+")) == 3


def test_milestone_of_complete_data_is_the_median_time() -> None:
    assert choose_milestone(build_sample("A 2\nA 5\nB 3\nB 4")) == 3.5


def test_milestone_of_an_arm_at_day_zero_is_none() -> None:
    assert choose_milestone(build_sample("A 0\nB 5")) is None


def test_every_comparison_is_made() -> None:
    found = compare_two_arms(build_sample(GOLDEN), at=(12, 18), horizon=12)
    assert found.milestone.statistic == pytest.approx(2.465693, abs=5e-7)
    assert found.logrank.statistic == pytest.approx(3.722857, abs=5e-7)
    assert found.cox.further["log_hazard_ratio"].value == pytest.approx(-0.926235, abs=5e-7)
    assert found.rmst.arms[1].estimates["rmst"].value == pytest.approx(10.676442, abs=5e-7)
    assert found.medians.arms[0].estimates["median"].value == 11.8
    assert found.milestone.at == 12
    assert [part.at for part in found.milestone.parts] == [12, 18]
    assert found.warnings == ()


def test_factors_make_logrank_and_cox_stratified() -> None:
    found = compare_two_arms(build_sample("A 2 x\nA 5 y\nB 3 x\nB 9 y\nB 6+ x\nA 4 y"))
    assert "stratified" in found.cox.method
    assert "stratified" in found.logrank.method
    assert not any("not stratified" in word for word in found.warnings)


def test_what_cannot_be_said_is_told_once() -> None:
    found = compare_two_arms(build_sample("A 0+\nB 0+"))
    assert found.milestone.estimate is None
    assert found.rmst.estimate is None
    assert len(set(found.warnings)) == len(found.warnings)
    assert "no event in arm A" in found.warnings
