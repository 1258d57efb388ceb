"""Mean time without event up to a horizon: the twin, ends of follow-up, differences."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.survival.pooled_difference import find_arms
from equipoise.numerics.survival.rmst import (
    HorizonRule,
    RmstComparison,
    choose_horizon,
    compare_rmst,
    compare_rmst_strata,
    estimate_rmst,
)
from naive.survival import restricted_mean
from numerics.samples import marked, rows, split


def compare(first: str, second: str, horizon: float) -> RmstComparison:
    (t0, e0), (t1, e1) = marked(first), marked(second)
    group = np.repeat([0, 1], [t0.size, t1.size])
    return compare_rmst(np.r_[t0, t1], event=np.r_[e0, e1], group=group, horizon=horizon)


@given(rows(), st.floats(0.5, 12))
def test_mean_and_variance_equal_the_twin(pairs: list[tuple[float, int]], horizon: float) -> None:
    time, event = split(pairs)
    curve = estimate_kaplan_meier(time, event=event)
    found = estimate_rmst(curve, horizon=horizon)

    assert found.complete == (horizon <= curve.time[-1] or curve.survival[-1] == 0)
    if found.complete:
        mean, variance = restricted_mean(pairs, horizon)
        assert found.value == pytest.approx(mean)
        assert found.standard_error**2 == pytest.approx(variance, abs=1e-12)
    else:
        assert np.isnan([found.value, found.standard_error, found.lower, found.upper]).all()


def test_without_events_the_mean_is_the_horizon_and_has_no_spread() -> None:
    time, event = marked("12+ 13+ 20+")
    found = estimate_rmst(estimate_kaplan_meier(time, event=event), horizon=12)

    assert (found.value, found.standard_error) == (12.0, 0.0)


def test_without_censoring_the_mean_is_that_of_the_shortened_times() -> None:
    time, event = marked("2 4 9 15 30")
    found = estimate_rmst(estimate_kaplan_meier(time, event=event), horizon=12)
    shortened = np.minimum(time, 12)

    assert found.value == pytest.approx(shortened.mean())
    assert found.standard_error == pytest.approx(shortened.std() / math.sqrt(5))


def test_difference_and_ratio_come_from_both_arms() -> None:
    found = compare("2 4 9 15 30", "5 6+ 14 20 22", 12)
    first, second = found.groups
    error = math.hypot(first.standard_error, second.standard_error)

    assert found.difference == pytest.approx(second.value - first.value)
    assert found.standard_error == pytest.approx(error)
    assert found.upper - found.difference == pytest.approx(1.959963984540054 * error)
    assert found.ratio == pytest.approx(second.value / first.value)
    assert found.ratio_lower < found.ratio < found.ratio_upper
    assert found.ratio_lower * found.ratio_upper == pytest.approx(found.ratio**2)


def test_published_difference_of_the_simulated_trial_has_its_sign() -> None:
    swapped = compare("5 6+ 14 20 22", "2 4 9 15 30", 12)
    straight = compare("2 4 9 15 30", "5 6+ 14 20 22", 12)

    assert swapped.difference == pytest.approx(-straight.difference)
    assert swapped.p_value == pytest.approx(straight.p_value)


def test_an_arm_followed_too_short_has_no_difference() -> None:
    found = compare("2 4+", "5 6+ 14 20", 12)

    assert not found.groups[0].complete
    assert found.groups[1].complete
    assert math.isnan(found.difference)
    assert math.isnan(found.p_value)


def test_arms_without_events_have_no_p() -> None:
    assert math.isnan(compare("12+", "13+ 14+", 12).p_value)


def test_an_arm_that_fails_on_day_zero_has_a_difference_but_no_ratio() -> None:
    found = compare("0 0 0", "5 6 14 20", 12)

    assert found.groups[0].value == 0
    assert found.difference == pytest.approx((5 + 6 + 12 + 12) / 4)
    assert math.isnan(found.ratio)
    assert math.isnan(found.ratio_upper)


def test_a_missing_arm_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        compare_rmst([1.0, 2.0], event=[1, 1], group=[0, 0], horizon=2)


@pytest.mark.parametrize("horizon", [0.0, -1.0, math.nan, math.inf])
def test_a_horizon_that_is_none_is_refused(horizon: float) -> None:
    with pytest.raises(ValueError, match="horizon"):
        estimate_rmst(estimate_kaplan_meier([1.0], event=[1]), horizon=horizon)


def test_the_time_lost_is_the_horizon_less_the_time_without_event() -> None:
    found = compare("2 4 9 15 30", "5 6+ 14 20 22", 12)
    lost = [12 - one.value for one in found.groups]
    errors = [one.standard_error / own for one, own in zip(found.groups, lost, strict=True)]
    half = 1.959963984540054 * math.hypot(*errors)

    assert [one.lost for one in found.groups] == pytest.approx(lost)
    assert found.lost_ratio == pytest.approx(lost[1] / lost[0])
    assert found.lost_ratio_upper == pytest.approx(found.lost_ratio * math.exp(half))
    assert found.lost_ratio_lower == pytest.approx(found.lost_ratio * math.exp(-half))


def test_without_events_nothing_is_lost_and_has_no_ratio() -> None:
    found = compare("1.1+ 2.3+ 3.7+ 12.9+", "5 6+ 14 20", 12)

    assert found.groups[0].lost == 0
    assert math.isnan(found.lost_ratio)
    assert found.ratio < 1


@pytest.mark.parametrize(("first", "second", "rule", "horizon"), [
    ("3 9 12+", "4 15+", HorizonRule.LONGEST, 12),
    ("3 9 12", "4 15+", HorizonRule.LONGEST, 15),  # the first has reached 0: no limit
    ("3 9 12", "4 15", HorizonRule.LONGEST, 15),
    ("3 9 12", "4 15+", HorizonRule.LAST_TIME, 12),
    ("3 9 12+", "4 15+", HorizonRule.LAST_EVENT, 4),
])  # fmt: skip
def test_the_horizon_follows_its_rule(
    first: str, second: str, rule: HorizonRule, horizon: float
) -> None:
    curves = [estimate_kaplan_meier(t, event=e) for t, e in map(marked, (first, second))]

    assert choose_horizon(curves[0], second=curves[1], rule=rule) == horizon
    assert all(estimate_rmst(curve, horizon=horizon).complete for curve in curves)


def test_a_group_without_events_has_no_last_one() -> None:
    first, second = (estimate_kaplan_meier([5.0], event=[event]) for event in (0, 1))

    assert choose_horizon(first, second=second) == 5
    with pytest.raises(ValueError, match="a group has no event"):
        choose_horizon(first, second=second, rule=HorizonRule.LAST_EVENT)


def test_strata_are_averaged() -> None:
    texts = ("2 4 9 15 30", "5 6+ 14 20 22", "1 3 3+ 18+", "7 9+ 13")
    parts = [marked(text) for text in texts]
    time, event = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    cell = np.repeat(np.arange(4), [part[0].size for part in parts])
    arms = find_arms(time, event=event, group=cell % 2, stratum=cell // 2)
    found = compare_rmst_strata(arms, horizon=12)
    single = [compare(texts[0], texts[1], 12), compare(texts[2], texts[3], 12)]

    assert found.weight == pytest.approx([10 / 17, 7 / 17])
    assert found.difference == pytest.approx(
        (10 * single[0].difference + 7 * single[1].difference) / 17
    )
    assert found.standard_error == pytest.approx(
        math.hypot(10 * single[0].standard_error, 7 * single[1].standard_error) / 17
    )
    assert "stratum 1" in compare_rmst_strata(arms, horizon=25).message


def test_a_weighted_curve_has_no_mean_of_this_kind() -> None:
    weighted = estimate_kaplan_meier([1.0, 2.0], event=[1, 1], weight=[1.0, 2.0])

    with pytest.raises(ValueError, match="weighted or clustered rows"):
        estimate_rmst(weighted, horizon=1.5)


def test_rows_that_enter_late_count_from_their_entry_in_both_arms_and_strata() -> None:
    time = np.array([2, 4, 5, 9, 12, 3, 6, 8, 10, 12.0, 1, 5, 7, 4, 6, 12])
    event = np.array([1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0])
    group = np.repeat([0, 1, 0, 1], [5, 5, 3, 3])
    stratum = np.repeat([0, 1], [10, 6])
    entry = np.array([0, 0, 3, 1, 0, 0, 2, 0, 5, 0, 0, 0, 2, 0, 3, 0.0])
    curves = [
        estimate_kaplan_meier(time[own], event=event[own], entry=entry[own])
        for own in (group == 0, group == 1)
    ]
    means = [estimate_rmst(curve, horizon=6) for curve in curves]
    found = compare_rmst(time, event=event, group=group, horizon=6, entry=entry)
    arms = find_arms(time, event=event, group=group, stratum=stratum, entry=entry)
    first = (group == 1) & (stratum == 0)
    own = estimate_kaplan_meier(time[first], event=event[first], entry=entry[first])

    assert found.difference == means[1].value - means[0].value
    assert found.difference != compare_rmst(time, event=event, group=group, horizon=6).difference
    assert np.array_equal(arms[0].curves[1].survival, own.survival)
    with pytest.raises(ValueError, match=r"entry\[0\] is 2.0: a row enters before"):
        compare_rmst(time, event=event, group=group, horizon=6, entry=entry + 2)
    with pytest.raises(ValueError, match="entry has shape"):
        find_arms(time, event=event, group=group, stratum=stratum, entry=[0.0])
