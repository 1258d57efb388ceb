"""The log-rank test: the twin, strata, empty groups, no variance."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk, count_groups_at_risk
from equipoise.numerics.ranks.logrank import (
    LogRank,
    compare_logrank,
    compare_trend,
    estimate_one_step_ratio,
)
from naive.cox import Person
from naive.logrank import logrank
from numerics.samples import columns, marked, people


def compare(persons: list[Person], groups: int = 3) -> LogRank:
    time, event = columns(persons)
    return compare_logrank(
        time,
        event=event,
        group=[p.group for p in persons],
        stratum=[p.stratum for p in persons],
        groups=groups,
    )


def arms(*texts: str) -> LogRank:
    parts = [marked(text) for text in texts]
    group = np.repeat(np.arange(len(parts)), [time.size for time, _ in parts])
    return compare_logrank(
        np.concatenate([time for time, _ in parts]),
        event=np.concatenate([event for _, event in parts]),
        group=group,
    )


@given(people())
def test_counts_and_covariance_equal_the_twin(persons: list[Person]) -> None:
    found = compare(persons)
    observed, expected, variance = logrank(persons, 3)

    assert np.allclose(found.observed, observed)
    assert np.allclose(found.expected, expected, atol=1e-12)
    assert np.allclose(found.variance, variance, atol=1e-12)
    assert found.n.tolist() == [sum(p.group == g for p in persons) for g in range(3)]


@given(people())
def test_observed_and_expected_events_have_one_sum(persons: list[Person]) -> None:
    found = compare(persons)

    assert found.observed.sum() == pytest.approx(found.expected.sum(), abs=1e-9)
    assert np.allclose(found.variance.sum(axis=1), 0, atol=1e-9)


@given(people(groups=2))
def test_two_groups_have_a_signed_z_whose_square_is_the_statistic(persons: list[Person]) -> None:
    found = compare(persons, groups=2)
    excess = found.observed[1] - found.expected[1]

    if found.test.degrees_of_freedom == 0:
        assert math.isnan(found.z)
        assert math.isnan(found.test.p_value)
    else:
        assert found.z**2 == pytest.approx(found.test.statistic, abs=1e-9)
        assert math.copysign(1, found.z) == math.copysign(1, excess) or abs(excess) < 1e-12


@given(people(groups=2))
def test_names_of_groups_do_not_matter(persons: list[Person]) -> None:
    turned = [Person(time=p.time, event=p.event, group=1 - p.group, stratum=p.stratum)
              for p in persons]  # fmt: skip
    one, other = compare(persons, groups=2), compare(turned, groups=2)

    assert one.test.statistic == pytest.approx(other.test.statistic, nan_ok=True, abs=1e-9)
    assert one.z == pytest.approx(-other.z, nan_ok=True, abs=1e-9)


def test_equal_arms_do_not_differ() -> None:
    found = arms("3 5 8+ 9", "3 5 8+ 9")

    assert found.test.statistic == pytest.approx(0, abs=1e-12)
    assert found.test.p_value == pytest.approx(1)


def test_an_empty_group_takes_no_part() -> None:
    time, event = marked("3 5 8+ 9 2 4 6 7")
    group = np.repeat([0, 2], 4)
    with_gap = compare_logrank(time, event=event, group=group, groups=4)
    without = compare_logrank(time, event=event, group=group // 2)

    assert with_gap.test == without.test
    assert with_gap.n.tolist() == [4, 0, 4, 0]
    assert with_gap.observed.tolist() == [3, 0, 4, 0]


@pytest.mark.parametrize(("first", "second"), [
    ("3+ 5+", "4+ 6+"),  # nobody has the event
    ("1+ 2+", "5 6"),  # when the events come, one arm alone is followed
    ("5", "5"),  # the last two have the event on one day
])  # fmt: skip
def test_without_variance_there_is_no_p(first: str, second: str) -> None:
    found = arms(first, second)

    assert found.test.degrees_of_freedom == 0
    assert math.isnan(found.test.statistic)
    assert math.isnan(found.test.p_value)
    assert math.isnan(found.z)


def test_a_stratum_of_one_group_alone_adds_nothing() -> None:
    time, event = marked("3 5 8+ 9 2 4 6 7 1 2")
    group, stratum = np.r_[np.repeat([0, 1], 4), 1, 1], np.repeat([0, 1], [8, 2])
    whole = compare_logrank(time, event=event, group=group, stratum=stratum)
    alone = compare_logrank(time[:8], event=event[:8], group=group[:8])

    assert whole.test.statistic == pytest.approx(alone.test.statistic)


def test_three_groups_have_two_degrees_of_freedom_and_no_z() -> None:
    found = arms("1 2 3", "2 4 6+", "5 7 9+")

    assert found.test.degrees_of_freedom == 2
    assert math.isnan(found.z)


def test_a_group_beyond_the_number_of_groups_is_refused() -> None:
    with pytest.raises(ValueError, match=r"group\[1\] is 2"):
        compare_logrank([1.0, 2.0], event=[1, 1], group=[0, 2], groups=2)


@given(people(), st.data())
def test_with_late_entry_counts_and_covariance_equal_the_twin(
    persons: list[Person], data: st.DataObject
) -> None:
    time, event = columns(persons)
    entry = [float(data.draw(st.integers(-1, int(p.time) - 1))) for p in persons]
    found = compare_logrank(
        time, event=event, group=[p.group for p in persons],
        stratum=[p.stratum for p in persons], groups=3, entry=entry,
    )  # fmt: skip
    observed, expected, variance = logrank(persons, 3, entry=entry)

    assert np.allclose(found.observed, observed)
    assert np.allclose(found.expected, expected, atol=1e-12)
    assert np.allclose(found.variance, variance, atol=1e-12)


def at_risk(persons: list[Person], groups: int = 3) -> GroupsAtRisk:
    time, event = columns(persons)
    return count_groups_at_risk(
        time, event=event, group=[p.group for p in persons],
        stratum=[p.stratum for p in persons], groups=groups,
    )  # fmt: skip


@given(people(), st.sampled_from([(0.0, 1.0, 2.0), (1.0, 0.0, 5.0), (-3.0, 1.5, 1.5)]))
def test_trend_is_the_scored_excess_over_its_standard_error(
    persons: list[Person], scores: tuple[float, ...]
) -> None:
    observed, expected, variance = logrank(persons, 3)
    excess = sum(s * (o - e) for s, o, e in zip(scores, observed, expected, strict=True))
    spread = sum(a * b * v for a, row in zip(scores, variance, strict=True)
                 for b, v in zip(scores, row, strict=True))  # fmt: skip
    found = compare_trend(at_risk(persons), scores=scores)

    if spread < 1e-9:
        assert math.isnan(found.z)
        assert math.isnan(found.test.p_value)
    else:
        assert found.z == pytest.approx(excess / math.sqrt(spread), abs=1e-9)
        assert found.test.statistic == pytest.approx(found.z**2)


@given(people(groups=2))
def test_trend_of_two_groups_is_the_logrank_test(persons: list[Person]) -> None:
    found = compare_trend(at_risk(persons, groups=2))

    assert found.z == pytest.approx(compare(persons, groups=2).z, nan_ok=True, abs=1e-9)


def test_equal_scores_tell_no_trend() -> None:
    found = compare_trend(at_risk([Person(time=1, event=1), Person(time=2, event=1, group=1)]),
                          scores=[2, 2, 2])  # fmt: skip

    assert math.isnan(found.z)
    assert found.test.degrees_of_freedom == 0


@pytest.mark.parametrize("scores", [[0.0, 1.0], [0.0, 1.0, math.nan], [[0.0, 1.0, 2.0]]])
def test_scores_that_do_not_fit_the_groups_are_refused(scores: list[float]) -> None:
    with pytest.raises(ValueError, match="one finite number for each of 3 groups"):
        compare_trend(at_risk([Person(time=1, event=1)]), scores=scores)


def test_one_step_ratio_is_exp_of_excess_over_variance() -> None:
    found = arms("1 2 3 5 8+", "4 6 7 9 9+")
    ratio = estimate_one_step_ratio(found)
    excess = found.observed[1] - found.expected[1]

    assert ratio.log_value == pytest.approx(excess / found.variance[1, 1])
    assert ratio.value < 1
    assert ratio.lower < ratio.value < ratio.upper
    assert ratio.log_value / ratio.standard_error == pytest.approx(found.z)
    assert math.log(ratio.upper / ratio.lower) == pytest.approx(2 * 1.959964 * ratio.standard_error)


def test_one_step_ratio_is_unknown_without_variance_and_refused_for_three_groups() -> None:
    assert math.isnan(estimate_one_step_ratio(arms("3+ 5+", "4+ 6+")).value)
    with pytest.raises(ValueError, match="two groups, not 3"):
        estimate_one_step_ratio(arms("1 2", "2 3", "3 4"))
