"""The rows of an analysis looked at: what is told of them before any estimate, and of estimates."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.hand_data import ask, build_sample
from equipoise.analysis.binomial import compare_risks
from equipoise.analysis.hazards import compare_by_cox, compare_by_logrank
from equipoise.analysis.inputs import select_replicate
from equipoise.analysis.restricted_mean import compare_restricted_means
from equipoise.analysis.result import build_estimate, known
from equipoise.analysis.sample import (
    Sample,
    check_sample,
    check_strata,
    common_follow_up,
    is_comparable,
    select_arms,
    select_rows,
)
from equipoise.analysis.stand_in import set_offset
from equipoise.protocol.parse import shipped_protocol

# rows | what a reader should know of them
WARNED = {
    "A 3\nB 4": (),
    "A 3\nB 4+": ("no event in arm B",),
    "A 3x\nB 4x": ("no event in arm A", "no event in arm B"),
    "A 3": ("arm B has no row in this analysis",),
    "B 4+": ("arm A has no row in this analysis", "no event in arm B"),
    "": ("there is no row to analyse",),
}


@pytest.mark.parametrize("text", WARNED)
def test_what_is_poor_in_the_rows_is_told_arm_by_arm(text: str) -> None:
    assert check_sample(build_sample(text)) == WARNED[text]


@pytest.mark.parametrize(
    ("text", "arms", "told"),
    [
        ("A 3\nB 4", ("A", "B"), True),
        ("A 3", ("A", "B"), False),
        ("A 3", ("A",), False),
        ("A 3\nB 4\nC 5", ("A", "B", "C"), False),
        ("", ("A", "B"), False),
    ],
)
def test_only_two_arms_with_rows_are_compared(text: str, arms: tuple[str, ...], told: bool) -> None:
    assert is_comparable(build_sample(text, arms=arms)) is told


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("A 3\nA 9+\nB 4\nB 12+", 9.0),
        ("A 3\nB 12+", 3.0),
        ("A 7", 7.0),  # the arm without rows ends nothing
        ("A 0\nB 5", None),
        ("", None),
    ],
)
def test_the_arms_are_followed_together_until_the_smaller_last_time(
    text: str, until: float | None
) -> None:
    assert common_follow_up(build_sample(text)) == until


def test_a_stratum_of_one_arm_is_named_with_its_rows() -> None:
    sample = build_sample("A 3 x\nB 4 x\nA 5 y\nA 6 y\nB 7 z")
    assert check_strata(sample) == (
        "stratum y has rows of arm A only (2): it adds nothing to the stratified comparison",
        "stratum z has rows of arm B only (1): it adds nothing to the stratified comparison",
    )


def test_rows_taken_away_keep_the_others_as_they_were() -> None:
    sample = build_sample("A 3 x p1\nB 4x y p2\nA 5+ y p3")
    kept = select_rows(sample, kept=np.array([True, False, True]))
    assert kept.rows == ("row0", "row2")
    assert kept.time.tolist() == [3, 5]
    assert kept.cause.tolist() == [1, 0]
    assert kept.subject.tolist() == ["p1", "p3"]
    assert (kept.arms, kept.strata) == (sample.arms, sample.strata)
    assert (kept.size("A"), kept.size("B")) == (2, 0)


def test_a_competing_event_is_no_event() -> None:
    assert build_sample("A 3\nA 4x\nB 5+").event.tolist() == [1, 0, 0]


def test_a_pair_of_three_arms_is_the_pair_alone() -> None:
    three = build_sample("A 3\nC 6\nB 4+\nA 5\nC 8+", arms=("A", "B", "C"))
    pair = select_arms(three, arms=("A", "C"))
    alone = build_sample("A 3\nC 6\nA 5\nC 8+", arms=("A", "C"))
    assert pair.arm.tolist() == alone.arm.tolist()
    assert pair.time.tolist() == alone.time.tolist()
    one, other = (compare_by_logrank(each, question=ask()) for each in (pair, alone))
    assert one.statistic == other.statistic


def test_rows_of_one_trial_only() -> None:
    frame = pl.DataFrame({"replicate": [0, 1, 1], "subject": ["a", "b", "c"]})
    assert select_replicate(frame, replicate=1)["subject"].to_list() == ["b", "c"]
    assert select_replicate(frame, replicate=7).is_empty()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_has_neither_value_nor_interval(value: float) -> None:
    assert known(value) is None
    found = build_estimate(value, lower=0.1, upper=0.9, standard_error=0.2, level=0.9)
    assert (found.value, found.lower, found.upper, found.standard_error) == (None,) * 4
    assert found.level == 0.9


def test_a_limit_that_is_none_leaves_the_value() -> None:
    found = build_estimate(2, lower=math.nan, upper=math.inf, standard_error=0.5)
    assert (found.value, found.lower, found.upper, found.standard_error) == (2.0, None, None, 0.5)
    assert isinstance(found.value, float)


# lags of the other arm | offset of the protocol | days | how it was set
OFFSETS = [
    ([10, 14, 20], None, 14, "the median lag of the other arm"),
    ([10, 13], None, 12, "the median lag of the other arm"),  # 11.5: half a day up
    ([-3, -2], None, -2, "the median lag of the other arm"),  # -2.5: up is towards 0
    ([10, 14, 20], 21, 21, "as the protocol gives it"),
    ([], 21, 21, "as the protocol gives it"),
    ([], None, 0, "so no lag"),
]


@pytest.mark.parametrize(("lags", "given_days", "days", "how"), OFFSETS)
def test_the_clock_of_the_reference_arm_is_set_and_it_is_said_how(
    lags: list[int], given_days: int | None, days: int, how: str
) -> None:
    endpoint = shipped_protocol().endpoint_named("lc")
    endpoint = endpoint.model_copy(update={"reference_offset_days": given_days})
    found, words = set_offset(pl.Series(lags, dtype=pl.Int64), endpoint=endpoint)
    assert found == days
    assert words[0].endswith(how)


times = st.integers(1, 30)
marks = st.sampled_from(["", "+"])
lines = st.lists(
    st.builds("{} {}{}".format, st.sampled_from("AB"), times, marks), min_size=2, max_size=24
)


def swap_arms(sample: Sample) -> Sample:
    return select_arms(sample, arms=("B", "A"))


@settings(max_examples=25)
@given(lines)
def test_a_difference_of_risks_turns_round_with_the_arms(words: list[str]) -> None:
    sample = build_sample("\n".join(words))
    one = compare_risks(sample, question=ask(20.0))
    other = compare_risks(swap_arms(sample), question=ask(20.0))
    assert [arm.events for arm in one.arms] == [arm.events for arm in reversed(other.arms)]
    if one.estimate is None or other.estimate is None:
        assert one.estimate is other.estimate is None
        return
    assert one.estimate.value == pytest.approx(-(other.estimate.value or 0.0), abs=1e-12)
    assert one.p_value == pytest.approx(other.p_value)


@settings(max_examples=25)
@given(lines)
def test_no_result_holds_a_number_that_is_none(words: list[str]) -> None:
    sample = build_sample("\n".join(words))
    for compare, at in (
        (compare_by_logrank, ()),
        (compare_by_cox, ()),
        (compare_restricted_means, (8.0,)),
        (compare_risks, (8.0,)),
    ):
        result = compare(sample, question=ask(*at))
        told = [result.p_value, result.statistic]
        told += [result.estimate.value] if result.estimate else []
        assert all(number is None or math.isfinite(number) for number in told)
        assert sum(arm.n for arm in result.arms) == len(words) == len(result.rows)
        assert result.p_value is None or 0 <= result.p_value <= 1


@settings(max_examples=25)
@given(lines)
def test_the_order_of_rows_moves_no_comparison(words: list[str]) -> None:
    forward, backward = (build_sample("\n".join(each)) for each in (words, words[::-1]))
    for compare in (compare_by_logrank, compare_by_cox):
        one, other = (compare(each, question=ask()) for each in (forward, backward))
        pair = np.array([one.statistic, other.statistic], dtype=np.float64)  # None becomes NaN
        assert np.allclose(pair[0], pair[1], rtol=1e-9, atol=1e-12, equal_nan=True)
        assert one.warnings == other.warnings
