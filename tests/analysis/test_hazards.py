"""Log-rank test and hazard ratio: golden values, strata, and a likelihood without maximum."""

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.hazards import compare_by_cox, compare_by_logrank
from equipoise.analysis.sample import check_strata
from equipoise.analysis.words import join_words
from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.numerics.hazards.effect_over_time import estimate_effect_over_time

SIX = 5e-7
TWO_STRATA = """
A 2 x
A 5 x
A 9+ x
B 4 x
B 7 x
B 8 x
A 3 y
A 6 y
B 5+ y
B 10 y
"""


def test_golden_logrank_holds_to_six_digits() -> None:
    result = compare_by_logrank(build_sample(GOLDEN), question=ask())
    assert result.statistic == pytest.approx(3.722857, abs=SIX)
    assert result.p_value == pytest.approx(0.053672, abs=SIX)
    assert result.degrees_of_freedom == 1
    assert result.method == "Log-rank test"
    expected = [arm.estimates["expected_events"].value for arm in result.arms]
    assert sum(x for x in expected if x is not None) == pytest.approx(19)


def test_golden_hazard_ratio_holds_to_six_digits() -> None:
    result = compare_by_cox(build_sample(GOLDEN), question=ask())
    log_ratio = result.further["log_hazard_ratio"]
    assert log_ratio.value == pytest.approx(-0.926235, abs=SIX)
    assert log_ratio.standard_error == pytest.approx(0.495425, abs=SIX)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(0.396044, abs=1e-5)
    assert result.measure == "hazard_ratio"


def test_hazard_ratio_comes_with_the_check_of_proportional_hazards() -> None:
    result = compare_by_cox(build_sample(GOLDEN), question=ask())
    (check,) = result.parts
    assert check.measure == "proportional_hazards"
    assert check.p_value is not None
    assert 0 <= check.p_value <= 1


def test_the_check_of_constancy_has_a_point_an_event_and_the_line_of_its_kernel() -> None:
    sample = build_sample(GOLDEN)
    (check,) = compare_by_cox(sample, question=ask()).parts
    assert check.course is not None
    fit = estimate_cox(sample.time, event=sample.event, covariates=sample.design)
    expected = estimate_effect_over_time(fit, level=0.95)
    assert check.course.effect.size == int(sample.event.sum())
    np.testing.assert_array_equal(check.course.line, expected.line)
    np.testing.assert_array_equal(check.course.lower, expected.lower)


def test_strata_are_named_and_change_the_answer() -> None:
    sample = build_sample(TWO_STRATA)
    for compare in (compare_by_logrank, compare_by_cox):
        plain = compare(sample, question=ask())
        stratified = compare(sample, question=ask(stratified=True))
        assert "stratified by stratum" in stratified.method
        assert stratified.p_value != plain.p_value
        assert stratified.warnings == ()


def test_stratum_with_one_arm_is_told() -> None:
    sample = build_sample(TWO_STRATA + "A 4 z\nA 6 z\n")
    result = compare_by_logrank(sample, question=ask(stratified=True))
    assert result.warnings == check_strata(sample)
    assert "stratum z has rows of arm A only (2)" in result.warnings[0]
    assert compare_by_logrank(sample, question=ask()).warnings == ()


def test_arm_without_event_gives_a_test_but_no_ratio() -> None:
    sample = build_sample("A 3\nA 5\nA 6\nB 4+\nB 7+\nB 9+")
    ratio = compare_by_cox(sample, question=ask())
    assert ratio.estimate is not None
    assert ratio.estimate.value is None
    assert ratio.p_value is None
    assert "the hazard ratio cannot be estimated: arm B has no event" in ratio.warnings
    test = compare_by_logrank(sample, question=ask())
    assert test.p_value is not None
    assert test.p_value < 0.2


def test_arm_that_fails_before_the_other_has_no_ratio() -> None:
    sample = build_sample("A 1\nA 2\nA 3\nB 4\nB 5\nB 6")
    ratio = compare_by_cox(sample, question=ask())
    assert ratio.estimate is not None
    assert ratio.estimate.value is None
    assert any("rises without end" in word for word in ratio.warnings)


def test_no_event_at_all_gives_neither_test_nor_ratio() -> None:
    sample = build_sample("A 1+\nA 2+\nB 4+\nB 5+")
    test = compare_by_logrank(sample, question=ask())
    assert test.p_value is None
    assert test.statistic is None
    assert "no event has both arms at risk: nothing can be tested" in test.warnings
    ratio = compare_by_cox(sample, question=ask())
    assert ratio.estimate is not None
    assert ratio.estimate.value is None
    assert "the hazard ratio cannot be estimated: there is no event" in ratio.warnings


def test_everybody_failing_on_one_day_gives_no_test_and_a_ratio_of_one() -> None:
    sample = build_sample("A 3\nA 3\nB 3\nB 3")
    assert compare_by_logrank(sample, question=ask()).p_value is None
    ratio = compare_by_cox(sample, question=ask())  # Efron's ties spread the day out
    assert ratio.estimate is not None
    assert ratio.estimate.value == pytest.approx(1)


@pytest.mark.parametrize("text", ["A 1\nA 2+", "B 3", ""])
def test_single_arm_or_none_is_described_but_not_compared(text: str) -> None:
    for compare in (compare_by_logrank, compare_by_cox):
        result = compare(build_sample(text), question=ask(stratified=True))
        assert result.estimate is None
        assert result.p_value is None
        assert result.warnings


def test_words_of_a_list_are_joined_as_in_a_sentence() -> None:
    assert join_words(["a", "b", "c"]) == "a, b and c"
    assert join_words(["a"]) == "a"
    assert join_words([]) == ""
