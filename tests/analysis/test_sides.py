"""One side of a comparison, and a margin: by hand from the two-sided numbers."""

import math
from dataclasses import replace

import pytest

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.hazards import compare_by_cox, compare_by_logrank
from equipoise.analysis.milestone import compare_at_milestone
from equipoise.analysis.result import Estimate, Result
from equipoise.analysis.sides import level_of, take_side
from equipoise.protocol.methods.spec import (
    Compared,
    MethodOptions,
    WithMargin,
    WithMarginOfRatio,
)

SAMPLE = build_sample(GOLDEN)
COX = compare_by_cox(SAMPLE, question=ask())
LOGRANK = compare_by_logrank(SAMPLE, question=ask())
MILESTONE = compare_at_milestone(SAMPLE, question=ask(6, 12))


def p_of(result: Result, **options: object) -> float:
    """The p value on a side; that it is there."""
    sided = take_side(result, options=WithMargin.model_validate(options))
    assert sided.p_value is not None
    return sided.p_value


@pytest.mark.parametrize("result", [COX, LOGRANK, MILESTONE], ids=lambda r: r.measure)
def test_the_two_sides_add_up_to_one_and_the_smaller_is_half_of_both(result: Result) -> None:
    less, greater = p_of(result, alternative="less"), p_of(result, alternative="greater")
    assert less + greater == pytest.approx(1)
    assert result.p_value is not None
    assert min(less, greater) == pytest.approx(result.p_value / 2)


def test_the_arm_that_lives_longer_has_the_lower_hazard_and_the_higher_probability() -> None:
    assert p_of(COX, alternative="less") < 0.5
    assert p_of(LOGRANK, alternative="less") < 0.5
    assert p_of(MILESTONE, alternative="greater") < 0.5


def test_a_margin_of_a_ratio_is_held_on_the_log_scale() -> None:
    log = COX.further["log_hazard_ratio"]
    assert log.value is not None
    assert log.standard_error is not None
    z = (log.value - math.log(1.3)) / log.standard_error
    expected = 0.5 * math.erfc(-z / math.sqrt(2))
    options = WithMarginOfRatio(alternative="less", margin=1.3)
    sided = take_side(COX, options=options)
    assert sided.p_value == pytest.approx(expected, rel=1e-9)
    assert "less than the margin 1.3" in sided.method


def test_a_margin_of_a_difference_is_that_of_wald() -> None:
    estimate = MILESTONE.estimate
    assert estimate is not None
    assert estimate.value is not None
    assert estimate.standard_error is not None
    z = (estimate.value + 0.1) / estimate.standard_error
    expected = 0.5 * math.erfc(z / math.sqrt(2))
    assert p_of(MILESTONE, alternative="greater", margin=-0.1) == pytest.approx(expected)


def test_every_time_takes_its_side_and_other_parts_keep_theirs() -> None:
    sided = take_side(MILESTONE, options=WithMargin(alternative="greater"))
    assert sided.p_value == sided.parts[-1].p_value
    assert [part.p_value for part in sided.parts] != [part.p_value for part in MILESTONE.parts]
    whole = take_side(COX, options=WithMarginOfRatio(alternative="less"))
    assert whole.parts == COX.parts, "the test of proportional hazards has no side"


@pytest.mark.parametrize("options", [MethodOptions(), Compared(), WithMargin()])
def test_two_sides_leave_a_result_as_it_is(options: MethodOptions) -> None:
    assert take_side(COX, options=options) is COX


def test_without_an_estimate_there_is_no_side() -> None:
    bare = replace(COX, estimate=Estimate(value=None), further={})
    for options in (Compared(alternative="less"), WithMargin(alternative="less", margin=2)):
        sided = take_side(bare, options=options)
        assert sided.p_value is None
        assert any("one-sided" in word for word in sided.warnings)


@pytest.mark.parametrize(
    ("alpha", "alternative", "level"),
    [
        (0.05, "two-sided", 0.95),
        (0.025, "less", 0.95),
        (0.05, "greater", 0.90),
        (0.0, "less", 0.95),
        (0.6, "less", 0.95),
    ],
)
def test_intervals_leave_alpha_on_the_side_that_is_tested(
    alpha: float, alternative: str, level: float
) -> None:
    options = Compared.model_validate({"alternative": alternative})
    assert level_of(alpha, options=options) == pytest.approx(level)
