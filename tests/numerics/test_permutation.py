"""Tests by allocating again: scores, every allocation counted, allocations at random."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.ranks.permutation import (
    compare_with_draws,
    estimate_group_curves,
    logrank_scores,
    sum_scores,
)
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier, estimate_survival_at
from equipoise.numerics.survival.rmst import estimate_rmst
from naive.cox import Person
from naive.logrank import logrank
from numerics.samples import columns, people


@given(people(groups=2))
def test_scores_of_a_group_are_its_events_observed_less_expected(sample: list[Person]) -> None:
    time, event = columns(sample)
    group = np.array([p.group for p in sample])
    stratum = np.array([p.stratum for p in sample])
    scores = logrank_scores(time, event=event, stratum=stratum)
    observed, expected, _ = logrank(sample, 2)

    assert sum_scores(scores, group=group)[0] == pytest.approx(observed[1] - expected[1], abs=1e-9)
    for code in np.unique(stratum):
        assert scores[stratum == code].sum() == pytest.approx(0, abs=1e-9)


@given(people(groups=2), st.integers(0, 100))
def test_counting_every_allocation_equals_counting_by_hand(sample: list[Person], seed: int) -> None:
    sample = sample[:8]
    time, event = columns(sample)
    scores = logrank_scores(time, event=event)
    n, size = len(sample), len(sample) // 2
    chosen = sorted(np.random.default_rng(seed).permutation(n)[:size].tolist())
    all_groups = [[int(i in taken) for i in range(n)] for taken in combinations(range(n), size)]
    seen = sum(scores[i] for i in chosen)
    sums = [sum(scores[i] for i in range(n) if group[i]) for group in all_groups]
    found = compare_with_draws(seen, drawn=sum_scores(scores, group=all_groups), exact=True)

    far = sum(abs(value - np.mean(sums)) >= abs(seen - np.mean(sums)) - 1e-9 for value in sums)
    assert found.p_value == pytest.approx(far / len(sums))
    assert found.p_lower == pytest.approx(sum(v <= seen + 1e-9 for v in sums) / len(sums))
    assert found.p_upper == pytest.approx(sum(v >= seen - 1e-9 for v in sums) / len(sums))
    assert found.p_limits == (found.p_value, found.p_value)


def test_draws_at_random_never_give_p_zero() -> None:
    found = compare_with_draws(5.0, drawn=np.linspace(-1, 1, 99))

    assert (found.p_value, found.p_lower, found.p_upper) == (0.01, 1.0, 0.01)
    assert found.p_limits[0] == 0.0
    assert 0.05 < found.p_limits[1] < 0.06


def test_a_scheme_that_favours_an_arm_is_judged_from_its_own_mean() -> None:
    found = compare_with_draws(4.0, drawn=[3.0, 4.0, 5.0], exact=True)

    assert found.mean == 4.0
    assert found.p_value == 1.0


def test_ties_by_rounding_are_ties() -> None:
    assert compare_with_draws(0.3, drawn=[0.1 + 0.2, -0.3], exact=True).p_value == 1.0


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        compare_with_draws(0.0, drawn=[])
    with pytest.raises(ValueError, match="finite"):
        compare_with_draws(float("nan"), drawn=[1.0])
    with pytest.raises(ValueError, match="2 columns: one for each of 3 rows"):
        sum_scores(np.zeros(3), group=[[0, 1]])
    with pytest.raises(ValueError, match="0 and 1"):
        sum_scores(np.zeros(2), group=[[0, 2]])
    with pytest.raises(ValueError, match=r"time\[0\] is nan"):
        logrank_scores([float("nan")], event=[1])


@given(people(groups=2), st.integers(1, 9), st.integers(0, 50))
def test_curves_of_all_draws_at_once_equal_one_after_another(
    sample: list[Person], at: int, seed: int
) -> None:
    time, event = columns(sample)
    groups = np.random.default_rng(seed).integers(0, 2, (3, time.size))
    found = estimate_group_curves(time, event=event, group=groups, at=float(at))
    for draw, group in enumerate(groups):
        for code in (0, 1):
            own = group == code
            told = found.survival[draw, code], found.restricted_mean[draw, code]
            if not own.any():
                assert np.isnan(told).all()
                continue
            curve = estimate_kaplan_meier(time[own], event=event[own])
            survival = estimate_survival_at(curve, at=[at]).survival[0]
            mean = estimate_rmst(curve, horizon=float(at)).value

            assert told == pytest.approx((survival, mean), nan_ok=True)


def test_curves_of_other_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or 1 for each of 2 rows"):
        estimate_group_curves([1.0, 2.0], event=[1, 1], group=[[0, 2]], at=1.0)
