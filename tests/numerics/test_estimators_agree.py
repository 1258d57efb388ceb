"""Estimators that must say the same where theory says so: one trial, looked at in several ways."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.competing.aalen_johansen import estimate_incidence, estimate_incidence_at
from equipoise.numerics.hazards.cox import Ties, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.rates.poisson import compare_rates, estimate_rates
from equipoise.numerics.shares.proportions import (
    compare_miettinen_nurminen,
    estimate_clopper_pearson,
    estimate_wilson,
)
from equipoise.numerics.survival.kaplan_meier import (
    estimate_kaplan_meier,
    estimate_quantile,
    estimate_survival_at,
)
from equipoise.numerics.survival.milestone import compare_milestone
from equipoise.numerics.survival.rmst import compare_rmst, estimate_rmst
from equipoise.numerics.survival.survival_scales import Interval
from numerics.samples import rows, split

Arms = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]


def draw_arms(seed: int) -> Arms:
    """Times, events and groups of two arms without ties, so that every way to break them is one."""
    drawn = np.random.default_rng(seed)
    time = drawn.permutation(40)[:24].astype(np.float64) + 1
    return time, drawn.integers(0, 2, 24), np.repeat([0, 1], 12)


DISTINCT = st.integers(0, 1000).map(draw_arms)
counts = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=40)
@given(DISTINCT)
def test_the_log_rank_test_is_the_score_test_of_the_cox_model(arms: Arms) -> None:
    time, event, group = arms
    logrank = compare_logrank(time, event=event, group=group)
    fit = estimate_cox(time, event=event, covariates=group.astype(float)[:, None])
    expected = pytest.approx(logrank.test.statistic, rel=1e-8, abs=1e-10, nan_ok=True)
    assert fit.score_test.statistic == expected


@settings(max_examples=40)
@given(DISTINCT)
def test_without_ties_every_way_to_break_them_gives_one_hazard_ratio(arms: Arms) -> None:
    time, event, group = arms
    fits = [
        estimate_cox(time, event=event, covariates=group.astype(float)[:, None], ties=ties)
        for ties in (Ties.EFRON, Ties.BRESLOW)
    ]
    one, other = (fit.coefficients[0] for fit in fits)
    assert one == pytest.approx(other, rel=1e-9, nan_ok=True)


@settings(max_examples=40)
@given(DISTINCT, st.sampled_from([0.5, 2.0, 30.4375, 365.25]))
def test_the_unit_of_time_moves_no_test_and_scales_every_time(arms: Arms, unit: float) -> None:
    time, event, group = arms
    plain = compare_logrank(time, event=event, group=group).test.statistic
    scaled = compare_logrank(unit * time, event=event, group=group).test.statistic
    assert scaled == pytest.approx(plain, nan_ok=True)
    curve = estimate_kaplan_meier(time, event=event)
    other = estimate_kaplan_meier(unit * time, event=event)
    assert np.array_equal(curve.survival, other.survival)
    median, moved = estimate_quantile(curve).value, estimate_quantile(other).value
    assert moved == pytest.approx(unit * median, nan_ok=True)


@settings(max_examples=40)
@given(DISTINCT)
def test_the_hazard_ratio_turns_over_with_the_arms(arms: Arms) -> None:
    time, event, group = arms
    assume(event[group == 0].sum() > 0 and event[group == 1].sum() > 0)
    found = [
        estimate_hazard_ratio(estimate_cox(time, event=event, covariates=codes[:, None]))
        for codes in (group.astype(float), 1.0 - group)
    ]
    assume(all(math.isfinite(each.value) for each in found))
    assert found[0].value * found[1].value == pytest.approx(1, rel=1e-6)
    assert found[0].lower * found[1].upper == pytest.approx(1, rel=1e-6)
    assert found[0].p_value == pytest.approx(found[1].p_value, rel=1e-6)


@settings(max_examples=40)
@given(rows(causes=2))
def test_survival_free_of_both_is_kaplan_meier_of_either_event(
    pairs: list[tuple[float, int]],
) -> None:
    time, cause = split(pairs)
    both = estimate_incidence(time, cause=cause)
    curve = estimate_kaplan_meier(time, event=(cause > 0).astype(np.int64))
    assert np.allclose(both.survival, curve.survival)


@settings(max_examples=40)
@given(rows(causes=2))
def test_incidence_lies_below_one_less_survival_that_censors_competitors(
    pairs: list[tuple[float, int]],
) -> None:
    time, cause = split(pairs)
    competing = estimate_incidence(time, cause=cause).incidence
    naive = 1 - estimate_kaplan_meier(time, event=(cause == 1).astype(np.int64)).survival
    assert (competing <= naive + 1e-12).all()


@settings(max_examples=40)
@given(rows(causes=2))
def test_incidence_never_falls_and_never_leaves_zero_to_one(
    pairs: list[tuple[float, int]],
) -> None:
    time, cause = split(pairs)
    found = estimate_incidence(time, cause=cause)
    assert (np.diff(found.incidence) >= 0).all()
    assert (found.incidence >= 0).all()
    assert (found.incidence <= 1 + 1e-12).all()
    assert (found.variance >= 0).all()


@settings(max_examples=40)
@given(counts)
def test_without_censoring_incidence_is_the_share_of_patients(arm: tuple[int, int]) -> None:
    events, n = arm
    time = np.arange(1, n + 1, dtype=np.float64)
    cause = np.where(np.arange(n) < events, 1, 2)
    found = estimate_incidence_at(estimate_incidence(time, cause=cause), at=n)
    assert found.incidence[0] == pytest.approx(events / n)


@settings(max_examples=40)
@given(rows(least=3), st.integers(1, 8))
def test_mean_time_is_the_area_under_the_curve_day_by_day(
    pairs: list[tuple[float, int]], horizon: int
) -> None:
    time, event = split(pairs)
    curve = estimate_kaplan_meier(time, event=event)
    found = estimate_rmst(curve, horizon=horizon)
    assume(found.complete)
    days = estimate_survival_at(curve, at=np.arange(horizon, dtype=np.float64))
    assert found.value == pytest.approx(float(days.survival.sum()))


@settings(max_examples=40)
@given(DISTINCT)
def test_mean_time_with_and_without_event_add_up_to_the_horizon(arms: Arms) -> None:
    time, event, group = arms
    found = compare_rmst(time, event=event, group=group, horizon=6.0)
    assume(all(each.complete for each in found.groups))
    lost = [6.0 - each.value for each in found.groups]
    assert found.difference == pytest.approx(lost[0] - lost[1])
    assert found.lower <= found.difference <= found.upper


@settings(max_examples=40)
@given(counts, counts)
def test_without_censoring_a_milestone_compares_two_shares(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    curves = [
        estimate_kaplan_meier(
            [1.0] * failed + [9.0] * (n - failed), event=[1] * failed + [0] * (n - failed)
        )
        for failed, n in (first, second)
    ]
    assume(all(failed < n for failed, n in (first, second)))
    found = compare_milestone(curves[0], second=curves[1], at=5, scale=Interval.PLAIN)
    shares = [1 - failed / n for failed, n in (first, second)]
    assert found.survival == pytest.approx(tuple(shares))
    variance = sum(s * (1 - s) / n for s, (_, n) in zip(shares, (first, second), strict=True))
    assert found.standard_error == pytest.approx(math.sqrt(variance), abs=1e-12)


@settings(max_examples=40)
@given(counts)
def test_two_intervals_for_one_share_overlap_and_hold_what_was_observed(
    arm: tuple[int, int],
) -> None:
    events, n = arm
    exact, score = estimate_clopper_pearson(events, n=n), estimate_wilson(events, n=n)
    assert exact.value == score.value
    assert exact.lower <= exact.value <= exact.upper
    assert max(exact.lower, score.lower) < min(exact.upper, score.upper)


@settings(max_examples=40)
@given(counts)
def test_successes_and_failures_have_mirrored_limits(arm: tuple[int, int]) -> None:
    events, n = arm
    for estimate in (estimate_clopper_pearson, estimate_wilson):
        one, other = estimate(events, n=n), estimate(n - events, n=n)
        assert one.lower == pytest.approx(1 - other.upper, abs=1e-10)
        assert one.upper == pytest.approx(1 - other.lower, abs=1e-10)


@settings(max_examples=40)
@given(counts, st.integers(2, 5))
def test_more_patients_with_the_same_share_give_narrower_limits(
    arm: tuple[int, int], times: int
) -> None:
    events, n = arm
    for estimate in (estimate_clopper_pearson, estimate_wilson):
        few, many = estimate(events, n=n), estimate(times * events, n=times * n)
        assert many.upper - many.lower < few.upper - few.lower


@pytest.mark.parametrize("n", [10, 29, 30, 100, 300])
def test_without_any_event_the_rule_of_three_holds(n: int) -> None:
    """With no event in n the one-sided 95 % limit is about 3 / n (Hanley, Lippman-Hand, 1983)."""
    share = estimate_clopper_pearson(0, n=n, level=0.90).upper
    rate = estimate_rates([0], time=[float(n)], level=0.90).upper[0]
    assert share == pytest.approx(1 - 0.05 ** (1 / n))
    assert share <= rate <= 3 / n
    assert share == pytest.approx(3 / n, rel=0.15)


@settings(max_examples=40)
@given(st.tuples(st.integers(0, 30), st.integers(0, 30)), st.floats(0.5, 50))
def test_a_ratio_of_rates_turns_over_with_the_arms(events: tuple[int, int], time: float) -> None:
    assume(sum(events) > 0)
    assume(min(events) > 0)
    one = compare_rates(events, time=(time, 10.0))
    other = compare_rates(events[::-1], time=(10.0, time))
    assert one.value * other.value == pytest.approx(1)
    assert one.lower * other.upper == pytest.approx(1)
    rates = estimate_rates(list(events), time=[time, 10.0]).value
    assert one.value == pytest.approx(rates[1] / rates[0])


@settings(max_examples=40)
@given(counts, counts)
def test_a_higher_level_never_gives_a_narrower_difference(
    control: tuple[int, int], treated: tuple[int, int]
) -> None:
    events, n = (control[0], treated[0]), (control[1], treated[1])
    narrow, wide = (compare_miettinen_nurminen(events, n=n, level=x) for x in (0.8, 0.99))
    assert wide.lower <= narrow.lower + 1e-9
    assert narrow.upper <= wide.upper + 1e-9
    assert narrow.value == wide.value
