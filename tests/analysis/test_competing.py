"""Cumulative incidence: patients as the unit of chance, one arm alone, nothing to see."""

import numpy as np
import pytest

from analysis.hand_data import ask, build_sample
from equipoise.analysis.competing import build_incidence_curves, compare_incidence
from equipoise.numerics.competing.aalen_johansen import estimate_incidence, estimate_incidence_at

LESIONS = """
A 3 x p1
A 5 x p1
A 9+ x p1
A 4x x p2
A 4x x p2
A 12+ y p3
A 7 y p3
A 11+ y p4
B 12+ x p5
B 6 x p5
B 13+ x p6
B 14+ y p7
B 8x y p8
B 8x y p8
B 12+ y p9
"""


def test_incidence_by_arm_is_aalen_johansen() -> None:
    sample = build_sample(LESIONS)
    result = compare_incidence(sample, question=ask(10))
    for arm in result.arms:
        rows = sample.of_arm(arm.arm)
        curve = estimate_incidence(sample.time[rows], cause=sample.cause[rows])
        truth = estimate_incidence_at(curve, at=10).incidence[0]
        assert arm.estimates["incidence"].value == pytest.approx(truth)


def test_a_curve_carries_the_incidence_of_what_competes() -> None:
    for curve in build_incidence_curves(build_sample(LESIONS)):
        assert curve.competing is not None
        assert curve.competing.shape == curve.time.shape
        assert curve.competing[0] == 0
        assert curve.competing[-1] > 0
        assert (curve.estimate + curve.competing <= 1 + 1e-12).all()


def test_difference_has_interval_and_p_from_patients() -> None:
    result = compare_incidence(build_sample(LESIONS), question=ask(10))
    assert result.estimate is not None
    assert result.estimate.value is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    assert result.estimate.lower < result.estimate.value < result.estimate.upper
    assert result.p_value is not None
    assert 0 < result.p_value <= 1
    assert [arm.subjects for arm in result.arms] == [4, 5]
    assert [arm.n for arm in result.arms] == [8, 7]
    assert [arm.estimates["competing_events"].value for arm in result.arms] == [2, 2]
    assert "within strata" in result.method


def test_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    sample = build_sample(LESIONS)
    first = compare_incidence(sample, question=ask(10, seed=7))
    assert compare_incidence(sample, question=ask(10, seed=7)).estimate == first.estimate
    assert compare_incidence(sample, question=ask(10, seed=8)).estimate != first.estimate


def test_arm_alone_has_its_incidence_with_interval_and_no_comparison() -> None:
    text = "\n".join(line for line in LESIONS.strip().splitlines() if line.startswith("B"))
    result = compare_incidence(build_sample(text, arms=("B",)), question=ask(10))
    assert result.estimate is None
    assert result.p_value is None
    own = result.arms[0].estimates["incidence"]
    assert own.value is not None
    assert own.upper is not None
    assert own.upper > own.value


def test_clustered_curves_carry_no_limits_and_single_rows_do() -> None:
    clustered = build_incidence_curves(build_sample(LESIONS))
    assert all(np.isnan(curve.lower).all() for curve in clustered)
    single = build_incidence_curves(build_sample("A 3\nA 5x\nA 7+\nB 2\nB 9+"))
    assert single[0].time.tolist() == [0, 3, 5, 7]
    assert single[0].estimate == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])
    assert 0 < single[0].lower[1] < 1 / 3 < single[0].upper[1]


def test_arm_without_event_has_no_interval_and_a_warning() -> None:
    result = compare_incidence(build_sample("A 3\nA 5\nA 9+\nB 9+\nB 11+\nB 12x"), question=ask(8))
    assert result.arms[1].estimates["incidence"].value == 0
    assert result.arms[1].estimates["incidence"].upper is None
    assert any("resampling takes for certain" in word for word in result.warnings)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(-2 / 3)
    assert result.p_value is not None


def test_no_event_in_either_arm_has_neither_interval_nor_p() -> None:
    result = compare_incidence(build_sample("A 9+\nA 9x\nB 9+\nB 11+"), question=ask(8))
    assert result.estimate is not None
    assert result.estimate.value == 0
    assert result.estimate.lower is None
    assert result.p_value is None


def test_time_beyond_the_follow_up_has_no_estimate_in_that_arm() -> None:
    result = compare_incidence(build_sample("A 3\nA 5+\nB 4\nB 12+"), question=ask(10))
    assert result.estimate is not None
    assert result.estimate.value is None
    assert result.arms[0].estimates["incidence"].value is None
    assert result.arms[1].estimates["incidence"].value == pytest.approx(0.5)
    assert "at 10 months: the follow-up of arm A ends before" in result.warnings


def test_empty_arm_and_no_rows_are_told() -> None:
    assert compare_incidence(build_sample("A 3\nA 5+"), question=ask(4)).estimate is None
    nothing = compare_incidence(build_sample(""), question=ask(4))
    assert nothing.warnings[0] == "there is no row to analyse"
    assert [arm.estimates["incidence"].value for arm in nothing.arms] == [None, None]
