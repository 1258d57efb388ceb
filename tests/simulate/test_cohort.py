"""Chance is drawn under names: the same subject meets the same chance wherever it stands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.simulate.cohort import (
    NEVER,
    Cohort,
    any_of,
    between,
    build_cohort,
    choose,
    draw_normal,
    draw_uniform,
    wait,
    whole_days,
)
from equipoise.simulate.purpose import Purpose


def test_a_cohort_has_every_subject_of_every_trial() -> None:
    cohort = build_cohort(1, replicates=range(4, 6), subjects=3)
    assert cohort.size == 6
    assert cohort.replicate.tolist() == [4, 4, 4, 5, 5, 5]
    assert cohort.subject.tolist() == [0, 1, 2, 0, 1, 2]


def test_a_subject_draws_the_same_whoever_stands_beside_it() -> None:
    together = build_cohort(7, replicates=range(3), subjects=5)
    alone = Cohort(seed=7, replicate=np.array([2]), subject=np.array([4]))
    all_draws = draw_uniform(together, purpose=Purpose.FRAILTY, count=4)
    assert (all_draws[-1] == draw_uniform(alone, purpose=Purpose.FRAILTY, count=4)[0]).all()


def test_more_columns_leave_the_first_ones_alone() -> None:
    cohort = build_cohort(7, replicates=range(1), subjects=5)
    few = draw_normal(cohort, purpose=Purpose.DEATH, count=2)
    more = draw_normal(cohort, purpose=Purpose.DEATH, count=9)
    assert (more[:, :2] == few).all()


def test_purposes_seeds_and_trials_differ() -> None:
    cohort = build_cohort(7, replicates=range(2), subjects=1)
    draws = draw_uniform(cohort, purpose=Purpose.DEATH, count=1)
    other = draw_uniform(cohort, purpose=Purpose.LEAVING, count=1)
    seeded = draw_uniform(
        build_cohort(8, replicates=range(2), subjects=1), purpose=Purpose.DEATH, count=1
    )
    assert len({*draws.ravel(), *other.ravel(), *seeded.ravel()}) == 6


def test_no_two_purposes_share_a_number() -> None:
    values = [purpose.value for purpose in Purpose]
    assert len(values) == len(set(values))
    assert all(0 < value < 2**32 for value in values)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=6), st.floats(1e-9, 1 - 1e-9))
def test_a_choice_is_always_one_of_the_shares(shares: list[float], uniform: float) -> None:
    place = choose(np.array([uniform]), shares=shares)[0]
    assert 0 <= place < len(shares)


def test_choices_come_out_in_the_ratio_of_the_shares() -> None:
    uniform = (np.arange(10_000) + 0.5) / 10_000
    counts = np.bincount(choose(uniform, shares=(1, 2, 5)))
    assert counts.tolist() == [1250, 2500, 6250]


def test_a_share_of_nothing_is_never_chosen() -> None:
    uniform = (np.arange(1000) + 0.5) / 1000
    assert set(choose(uniform, shares=(0.5, 0.0, 0.5))) == {0, 2}


def test_waiting_times_have_the_mean_of_their_rate() -> None:
    uniform = (np.arange(100_000) + 0.5) / 100_000
    assert wait(uniform, rate=0.5).mean() == pytest.approx(2.0, rel=1e-3)


def test_without_a_rate_nobody_waits_in_vain() -> None:
    waits = wait(np.array([0.5, 0.5]), rate=np.array([0.0, 1.0]))
    assert waits.tolist() == [NEVER, pytest.approx(np.log(2))]


@given(st.floats(1e-12, 1 - 1e-12), st.integers(0, 30), st.integers(0, 30))
def test_days_between_two_days_include_both(uniform: float, low: int, more: int) -> None:
    day = between(np.array([uniform]), low=low, high=low + more)[0]
    assert low <= day <= low + more


def test_days_between_two_days_reach_both_ends() -> None:
    days = between((np.arange(1000) + 0.5) / 1000, low=14, high=35)
    assert (days.min(), days.max()) == (14, 35)


def test_times_become_whole_days_from_the_first_on() -> None:
    assert whole_days(np.array([0.0, 0.2, 3.0, 3.1, 1e12])).tolist() == [1, 1, 3, 4, NEVER]


def test_any_of_looks_along_the_rows() -> None:
    assert any_of(np.array([[False, True], [False, False]])).tolist() == [True, False]
