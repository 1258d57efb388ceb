"""Survival given an earlier time, and Peto's ratio beside the log-rank test."""

import math

import pytest

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.conditional import compare_given_earlier
from equipoise.analysis.hazards import compare_by_logrank
from equipoise.analysis.plan import answer
from equipoise.analysis.result import Result
from equipoise.numerics.ranks.logrank import compare_logrank, estimate_one_step_ratio
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.survival.landmark import estimate_conditional_survival
from equipoise.protocol.methods.ranks import LogrankOptions
from equipoise.protocol.methods.survival import ConditionalOptions

SAMPLE = build_sample("A 1\nA 2\nA 4\nA 6+\nA 7\nB 2+\nB 3\nB 5\nB 8\nB 9+")
FROM_TWO = ConditionalOptions(given_months=2)


def value_of(result: Result) -> float:
    """The estimate, which must be there."""
    assert result.estimate is not None
    assert result.estimate.value is not None
    return result.estimate.value


def test_survival_given_an_earlier_time_is_that_of_those_left_by_hand() -> None:
    found = compare_given_earlier(SAMPLE, question=ask(5.5, options=FROM_TWO))
    first, second = (arm.estimates["survival"] for arm in found.arms)
    # after day 2: of three in A one fails at 4; of four in B one fails at 3 and one at 5
    assert (first.value, second.value) == pytest.approx((2 / 3, 3 / 4 * 2 / 3))
    greenwood = [1 / (3 * 2), 1 / (4 * 3) + 1 / (3 * 2)]
    assert first.standard_error == pytest.approx(2 / 3 * math.sqrt(greenwood[0]))
    assert value_of(found) == pytest.approx(-1 / 6)
    assert found.estimate is not None
    assert found.estimate.standard_error == pytest.approx(
        math.sqrt((2 / 3) ** 2 * greenwood[0] + (1 / 2) ** 2 * greenwood[1])
    )
    assert found.measure == "survival_difference"


def test_its_numbers_are_those_of_the_kernel() -> None:
    sample = build_sample(GOLDEN)
    options = ConditionalOptions(given_months=6, alternative="greater", margin=-0.5)
    question = ask(12, 18, level=0.9, options=options)
    found = answer(sample, question=question, method=compare_given_earlier)
    assert [part.at for part in found.parts] == [12, 18]
    for at, part in zip((12, 18), found.parts, strict=True):
        for place, arm in enumerate(part.arms):
            own = sample.arm == place
            curve = estimate_kaplan_meier(sample.time[own], event=sample.event[own])
            kernel = estimate_conditional_survival(curve, given=6, at=[at], level=0.9)
            told = arm.estimates["survival"]
            assert (told.value, told.lower, told.upper) == (
                kernel.survival[0], kernel.lower[0], kernel.upper[0],
            )  # fmt: skip
    assert found.p_value is not None
    assert found.p_value < 0.01


@pytest.mark.parametrize(
    ("text", "at", "given", "words"),
    [
        ("A 1\nA 9+\nB 2\nB 9+", 3, 5, "at 3 months: not after 5"),
        ("A 1\nA 2\nB 2\nB 9+", 6, 5, "the follow-up of arm A ends before, or nobody is left at 5"),
        ("A 1\nA 6+\nB 2\nB 9+", 8, 5, "the follow-up of arm A ends before"),
        ("A 1\nA 9+\nB 2\nB 9+", 8, 5, "no event between in either arm"),
    ],
)
def test_why_nothing_is_compared_is_told(text: str, at: float, given: float, words: str) -> None:
    options = ConditionalOptions(given_months=given)
    found = compare_given_earlier(build_sample(text), question=ask(at, options=options))
    assert found.p_value is None
    assert any(words in told for told in found.warnings), found.warnings


def test_petos_ratio_by_hand() -> None:
    sample = build_sample("A 1\nA 3\nB 2\nB 4+")
    found = compare_by_logrank(sample, question=ask(options=LogrankOptions(ratio="one_step")))
    # of B at risk: 2 of 4, 2 of 3, 1 of 2
    expected, variance = 2 / 4 + 2 / 3 + 1 / 2, 1 / 4 + 2 / 9 + 1 / 4
    log_ratio = (1 - expected) / variance
    assert value_of(found) == pytest.approx(math.exp(log_ratio))
    log = found.further["log_hazard_ratio"]
    assert log.standard_error == pytest.approx(1 / math.sqrt(variance))
    assert found.statistic == pytest.approx((1 - expected) ** 2 / variance)
    assert found.measure == "hazard_ratio"


def test_petos_ratio_is_stratified_and_keeps_the_side() -> None:
    text = "\n".join(f"{line} {'xy'[k % 3 % 2]}" for k, line in enumerate(GOLDEN.split("\n")[1:-1]))
    sample = build_sample(text)
    options = LogrankOptions(ratio="one_step", alternative="less")
    question = ask(stratified=True, options=options)
    found = answer(sample, question=question, method=compare_by_logrank)
    test = compare_logrank(
        sample.time, event=sample.event, group=sample.arm, stratum=sample.stratum, groups=2
    )
    assert value_of(found) == pytest.approx(estimate_one_step_ratio(test).value)
    assert found.p_value == pytest.approx(test.test.p_value / 2)
    assert found.method.startswith("Log-rank test, stratified by stratum; Peto's one-step")


def test_without_a_test_there_is_no_ratio() -> None:
    options = LogrankOptions(ratio="one_step")
    found = compare_by_logrank(build_sample("A 3+\nB 4+"), question=ask(options=options))
    assert found.estimate is not None
    assert found.estimate.value is None
    assert found.warnings
    bare = compare_by_logrank(build_sample(GOLDEN), question=ask())
    assert bare.estimate is None
    assert bare.measure == "logrank"
