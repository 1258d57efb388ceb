"""Survival at one time compared: scales, the direction, and what has no log-log value."""

import math

import numpy as np
import pytest
from hypothesis import given

from equipoise.numerics.survival.kaplan_meier import (
    KaplanMeier,
    estimate_kaplan_meier,
    estimate_survival_at,
)
from equipoise.numerics.survival.milestone import Milestone, compare_milestone
from equipoise.numerics.survival.survival_scales import Interval
from numerics.samples import marked, rows, split


def curve(text: str) -> KaplanMeier:
    time, event = marked(text)
    return estimate_kaplan_meier(time, event=event)


def compare(first: str, second: str, scale: Interval = Interval.LOG_LOG) -> Milestone:
    return compare_milestone(curve(first), second=curve(second), at=12, scale=scale)


FIRST, SECOND = "3 5 7 9+ 11 14 16+ 20", "4 8+ 13 15 17 19+ 21 24+"


def test_without_censoring_the_plain_test_compares_two_shares() -> None:
    found = compare("1 2 3 14 15 16", "1 13 14 15 16 17", Interval.PLAIN)
    p0, p1 = 3 / 6, 5 / 6
    variance = p0 * (1 - p0) / 6 + p1 * (1 - p1) / 6

    assert found.survival == pytest.approx((p0, p1))
    assert found.test.statistic == pytest.approx((p1 - p0) ** 2 / variance)
    assert found.standard_error == pytest.approx(math.sqrt(variance))


def test_each_scale_gives_its_own_statistic() -> None:
    statistics = {scale: compare(FIRST, SECOND, scale).test.statistic for scale in Interval}

    assert len(set(statistics.values())) == len(Interval)
    assert all(compare(FIRST, SECOND, scale).scale is scale for scale in Interval)


@given(rows(least=3), rows(least=3))
def test_changing_the_groups_turns_the_difference_around(
    first: list[tuple[float, int]], second: list[tuple[float, int]]
) -> None:
    curves = []
    for pairs in (first, second):
        time, event = split(pairs)
        curves.append(estimate_kaplan_meier(time, event=event))
    one = compare_milestone(curves[0], second=curves[1], at=4)
    other = compare_milestone(curves[1], second=curves[0], at=4)
    straight = [one.difference, one.lower, one.plain_lower, one.test.p_value]
    turned = [-other.difference, -other.upper, -other.plain_upper, other.test.p_value]

    assert straight == pytest.approx(turned, nan_ok=True, abs=1e-12)
    if math.isfinite(one.difference):
        assert one.lower <= one.difference <= one.upper


def test_the_mover_interval_is_made_of_the_two_loglog_intervals() -> None:
    found = compare(FIRST, SECOND)
    a, b = (estimate_survival_at(curve(text), at=12) for text in (FIRST, SECOND))
    below = math.hypot(b.survival[0] - b.lower[0], a.upper[0] - a.survival[0])

    assert found.lower == pytest.approx(found.difference - below)


def test_the_level_reaches_both_intervals() -> None:
    narrow = compare_milestone(curve(FIRST), second=curve(SECOND), at=12, level=0.8)
    wide = compare_milestone(curve(FIRST), second=curve(SECOND), at=12, level=0.99)

    assert wide.lower < narrow.lower < narrow.upper < wide.upper
    assert wide.plain_lower < narrow.plain_lower < narrow.plain_upper < wide.plain_upper


@pytest.mark.parametrize(("text", "value"), [("13+ 14+ 20", "1"), ("1 2 3 4", "0")])
def test_survival_zero_or_one_falls_back_to_the_plain_scale_and_says_so(
    text: str, value: str
) -> None:
    found = compare(text, SECOND)
    other = estimate_survival_at(curve(SECOND), at=12)

    assert found.scale is Interval.PLAIN
    assert found.message.startswith(
        f"survival of group 0 is {value}, where the log-log scale is undefined"
    )
    assert found.test.statistic == pytest.approx(
        found.difference**2 / float(other.standard_error[0]) ** 2
    )
    assert -1 <= found.lower < found.difference < found.upper <= 1


def test_survival_one_is_defined_on_the_log_scale_and_zero_is_not() -> None:
    assert compare("13+ 14+ 20", SECOND, Interval.LOG).scale is Interval.LOG
    assert compare("1 2 3 4", SECOND, Interval.LOG).scale is Interval.PLAIN
    assert compare("1 2 3 4", SECOND, Interval.PLAIN).message == ""


def test_limits_of_a_survival_of_one_are_exact_binomial_ones() -> None:
    found = compare("1 2 3 4", "13+ 14+ 20+ 30+ 40+")

    # 0 of 4 and 5 of 5 alive: 0.025 ** (1/4) and 0.025 ** (1/5)
    worst = math.hypot(1 - 0.025 ** (1 / 5), 1 - 0.025 ** (1 / 4))
    assert found.lower == pytest.approx(1 - worst)
    assert found.upper == 1.0


def test_no_variance_in_either_group_has_no_p() -> None:
    found = compare("13+ 14+", "15+ 16+")

    assert found.difference == 0
    assert math.isnan(found.test.p_value)
    assert "undefined" in found.message
    assert found.lower < 0 < found.upper


def test_a_follow_up_that_ends_before_the_time_gives_no_number() -> None:
    found = compare(FIRST, "3 5+ 9+")

    assert found.message == "the follow-up of group 1 ends before the time"
    assert np.isnan([found.difference, found.lower, found.upper, found.plain_lower]).all()
    assert math.isnan(found.test.p_value)
