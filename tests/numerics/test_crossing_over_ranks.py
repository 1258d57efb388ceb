"""Rows kept in order from factor to factor, and how far nothing of the test changes."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.sensitivity.crossing_over_ranks import (
    CrossedRows,
    CrossingTests,
    find_statistics,
    lay_out_tests,
    sort_untreated,
)
from equipoise.numerics.sensitivity.crossing_over_search import _reach_kernel
from equipoise.numerics.sensitivity.rank_preserving import Treated, estimate_rank_preserving
from naive.crossing_over import Patient, logrank_z, without_treatment

PATIENT = st.builds(
    lambda time, event, group, part, more: Patient(
        time=float(time), event=event, group=group,
        treated=time * part / 4, follow_up=float(time + more),
    ),
    time=st.integers(1, 40), event=st.integers(0, 1), group=st.integers(0, 1),
    part=st.integers(0, 4), more=st.integers(0, 20),
)  # fmt: skip
PATIENTS = st.lists(PATIENT, min_size=2, max_size=15)
LOG_FACTOR = st.floats(-1.5, 1.5)


def rows_of(patients: list[Patient]) -> CrossedRows:
    return CrossedRows(
        time=np.array([p.time for p in patients]),
        event=np.array([p.event for p in patients]),
        on=np.array([p.treated for p in patients]),
        group=np.array([p.group for p in patients]),
        follow_up=np.array([p.follow_up for p in patients]),
        stratum=np.zeros(len(patients), dtype=np.int64),
    )


def reach_of(tests: CrossingTests, *, log_factor: float) -> tuple[float, float]:
    """Between which log factors the statistic stays what it was found to be at this one."""
    factor = math.exp(log_factor)
    down, up = _reach_kernel(factor, tests.lines, tests.order, tests.room)
    return math.log(factor + down), math.log(factor + up)


def changes_seen(patients: list[Patient], log_factor: float) -> list[tuple[int, int, bool]]:
    """Who comes after whom, who could have an event, where a time is one with that before."""
    could = [replace(patient, event=1) for patient in patients]
    alone = [without_treatment(patient, math.exp(log_factor)) for patient in could]
    order = sorted(range(len(alone)), key=lambda row: alone[row][0])
    close = 2.0**-26 * max(1.0, float(np.mean(sorted({time for time, _ in alone}))))
    before = [-math.inf, *(alone[row][0] for row in order)]
    return [
        (row, alone[row][1], alone[row][0] - last <= close)
        for row, last in zip(order, before, strict=False)
    ]


@settings(max_examples=40)
@given(PATIENTS, LOG_FACTOR, st.randoms(use_true_random=False))
def test_whatever_order_rows_come_in_they_end_from_the_last_time_to_the_first(
    patients: list[Patient], log_factor: float, chance: np.random.Generator
) -> None:
    n, tests = len(patients), lay_out_tests(rows_of(patients))
    mixed = list(range(n))
    chance.shuffle(mixed)
    tests.order[:n] = mixed
    find_statistics(tests, log_factors=[log_factor])
    found = tests.order[:n].tolist()
    sort_untreated(tests, log_factor=log_factor)

    assert sorted(found) == list(range(n))
    alone = [without_treatment(patient, math.exp(log_factor))[0] for patient in patients]
    for order in (found, tests.order[:n].tolist()):
        ordered = [alone[row] for row in order]
        assert ordered == pytest.approx(sorted(alone, reverse=True), rel=1e-13)


@settings(max_examples=40)
@given(PATIENTS, LOG_FACTOR, st.floats(0, 1))
def test_within_reach_of_a_factor_the_statistic_stays(
    patients: list[Patient], log_factor: float, part: float
) -> None:
    tests = lay_out_tests(rows_of(patients))
    at = find_statistics(tests, log_factors=[log_factor])
    first, last = reach_of(tests, log_factor=log_factor)
    inside = [first + 1e-12, first + part * (last - first), last - 1e-12]
    inside = [log_factor, *(x for x in inside if first < x < last)]
    found = find_statistics(tests, log_factors=inside)

    assert first - 1e-15 <= log_factor <= last + 1e-15
    assert np.array_equal(found, np.full(found.size, at[0]), equal_nan=True)


@settings(max_examples=40)
@given(PATIENTS, LOG_FACTOR)
def test_beyond_reach_something_changes(patients: list[Patient], log_factor: float) -> None:
    tests = lay_out_tests(rows_of(patients))
    find_statistics(tests, log_factors=[log_factor])
    first, last = reach_of(tests, log_factor=log_factor)
    farthest = math.log(math.exp(log_factor) / 2), math.log(2 * math.exp(log_factor))
    for end, beyond, limit in ((first, -1e-10, farthest[0]), (last, 1e-10, farthest[1])):
        if abs(end - limit) > 1e-9 and abs(end) > 1e-9:  # at 1 follow-up ceases to shrink
            here, there = (changes_seen(patients, end + side) for side in (-beyond, beyond))
            assert here != there


def test_the_statistic_jumps_where_two_rows_tie_and_where_they_part_again() -> None:
    # untreated times 4 f and 2, one in each group: at half a day of treated time they change places
    patients = [
        Patient(time=4.0, event=1, group=1, treated=4.0, follow_up=9.0),
        Patient(time=2.0, event=1, group=0, treated=0.0, follow_up=9.0),
        Patient(time=3.0, event=1, group=0, treated=0.0, follow_up=9.0),
    ]
    tests, half = lay_out_tests(rows_of(patients)), math.log(0.5)
    mean = (4.0 * 0.5 + 2.0 + 3.0) / 3  # of three distinct times, just before they are two
    for side in (-1.0, 1.0):
        z = find_statistics(tests, log_factors=[half + side * 0.01])[0]
        near, far = sorted(reach_of(tests, log_factor=half + side * 0.01), key=lambda x: -side * x)[
            ::-1
        ]
        edge = half + side * 2.0**-26 * mean / 2.0  # 4 f grows by 2 a log
        assert near == pytest.approx(edge, abs=1e-13)
        assert z == pytest.approx(logrank_z(patients, half + side * 0.01), rel=1e-12)
        assert abs(far - half) > 0.1
    assert logrank_z(patients, half) != pytest.approx(logrank_z(patients, half - 0.01))


def z_of(time: list[float], stratum: list[int]) -> tuple[float, float]:
    """The statistic at factor 1 of events in groups 1 and 0 in turn, and that of the plain test."""
    n = len(time)
    times, layers, event = np.array(time), np.array(stratum), np.ones(n, dtype=np.int64)
    group = 1 - np.arange(n) % 2
    rows = CrossedRows(
        time=times, event=event, on=0.0 * times, group=group, follow_up=times, stratum=layers
    )
    test = compare_logrank(times, event=event, group=group, stratum=layers, groups=2).test
    return float(find_statistics(lay_out_tests(rows), log_factors=[0.0])[0]), test.statistic


def test_times_that_are_one_by_a_time_of_another_stratum_are_one() -> None:
    time = [1.0, 1.0 + 4e-8, 1.0 + 2e-8, 3.0, 2.0, 2.5]
    linked, linked_twin = z_of(time, [0, 0, 1, 1, 0, 1])
    apart, apart_twin = z_of([*time[:2], 1.5, *time[3:]], [0, 0, 1, 1, 0, 1])

    assert linked**2 == pytest.approx(linked_twin, rel=1e-12)
    assert apart**2 == pytest.approx(apart_twin, rel=1e-12)
    assert abs(linked - apart) > 0.05


@pytest.mark.parametrize("n", [7, 8, 900])
def test_one_time_far_beyond_the_others_leaves_them_in_order(n: int) -> None:
    gaps = np.random.default_rng(n).permutation(n - 1)
    time = [*(1.0 + 3e-3 * gaps / n).tolist(), 200.0 * n]
    z, twin = z_of(time, [0] * n)

    assert z**2 == pytest.approx(twin, rel=1e-9)


def crossing_trial(seed: int, n: int) -> tuple[NDArray[np.float64], NDArray[np.int64], Treated]:
    """Times in months of whole days, three strata; most of the control arm crosses over."""
    rng = np.random.default_rng(seed)
    time, end = np.ceil(rng.exponential(300.0, n)), np.ceil(rng.uniform(200, 900, n))
    group, stratum = np.arange(n) % 2, rng.integers(0, 3, n)
    begins = np.where(group == 1, 0.0, np.where(rng.random(n) < 0.6, 90.0, np.inf))
    event, time = (time <= end).astype(np.int64), np.minimum(time, end) / 30.4375
    treated = np.maximum(time - begins / 30.4375, 0.0)
    return time, event, Treated(
        group=group, treated_time=treated, follow_up=end / 30.4375, stratum=stratum
    )  # fmt: skip


@pytest.mark.parametrize(("seed", "n"), [(0, 12), (1, 41), (2, 150), (3, 400)])
def test_a_search_that_remembers_ends_at_the_jumps_of_one_that_does_not(seed: int, n: int) -> None:
    time, event, treated = crossing_trial(seed, n)
    found = estimate_rank_preserving(time, event=event, treated=treated)
    group, on, end = (
        np.asarray(column) for column in (treated.group, treated.treated_time, treated.follow_up)
    )
    tests = lay_out_tests(
        CrossedRows(
            time=time, event=event, on=on, group=group, follow_up=end,
            stratum=np.asarray(treated.stratum),
        )
    )  # fmt: skip

    def crossings(level: float) -> list[float]:
        def above(log_factor: float) -> float:
            return float(find_statistics(tests, log_factors=[log_factor])[0]) - level

        grid = np.linspace(-2.0, 2.0, 201).tolist()
        ends = [(a, b) for a, b in pairwise(grid) if above(a) * above(b) < 0]
        return [float(brentq(above, *pair, xtol=1e-12)) for pair in ends]

    assert found.roots == pytest.approx(crossings(0.0), abs=2e-12)
    z = normal_quantile(0.95)
    limits = crossings(z) + crossings(-z)
    for limit in (found.lower, found.upper):
        assert math.isnan(limit) or min(abs(limit - one) for one in limits) < 2e-12
    assert n < 100 or found.lower < found.log_factor < found.upper
