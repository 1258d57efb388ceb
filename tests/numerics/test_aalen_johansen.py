"""Incidence with a competing event: the twin, ties, what adds up to one, ends of follow-up."""

import numpy as np
import pytest
from hypothesis import given

from equipoise.numerics.competing.aalen_johansen import (
    estimate_incidence,
    estimate_incidence_at,
    incidence_limits,
)
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from naive.survival import aalen_johansen, aalen_variance
from numerics.samples import rows, split


@given(rows(causes=2))
def test_incidence_and_variance_equal_the_twin(pairs: list[tuple[float, int]]) -> None:
    time, cause = split(pairs)
    found = estimate_incidence(time, cause=cause)

    assert np.allclose(found.incidence, [f for _, f in aalen_johansen(pairs)], atol=1e-13)
    assert np.allclose(found.competing, [f for _, f in aalen_johansen(pairs, 2)], atol=1e-13)
    slow = [aalen_variance(pairs, now) for now in found.time]
    assert np.allclose(found.variance, slow, atol=1e-12)


@given(rows(causes=2))
def test_the_three_states_add_up_to_one(pairs: list[tuple[float, int]]) -> None:
    time, cause = split(pairs)
    found = estimate_incidence(time, cause=cause)

    assert np.allclose(found.incidence + found.competing + found.survival, 1)
    assert found.n_events == found.events.sum()
    assert found.n_competing == found.competing_events.sum()
    assert found.censored.tolist() == [pairs.count((now, 0)) for now in found.time]


def test_the_square_of_many_patients_is_not_cut_off() -> None:
    n = 70_000  # its square has more than the 32 bits of a count
    time = np.arange(n) + 0.5
    curve = estimate_incidence(time, cause=np.r_[1, np.zeros(n - 1, dtype=np.int64)])

    assert curve.variance[0] == pytest.approx(1 / n**2, rel=1e-12)


@given(rows())
def test_without_competing_events_incidence_is_one_less_survival(
    pairs: list[tuple[float, int]],
) -> None:
    time, event = split(pairs)
    found = estimate_incidence(time, cause=event)

    curve = estimate_kaplan_meier(time, event=event)

    assert np.allclose(found.incidence, 1 - curve.survival)


def test_incidence_of_four_lesions_worked_by_hand() -> None:
    # day 1: 1 of 4 fails locally; day 2: 1 of 3 dies; day 3: 1 of 2 fails locally
    found = estimate_incidence([1.0, 2.0, 3.0, 4.0], cause=[1, 2, 1, 0])

    assert found.incidence == pytest.approx([1 / 4, 1 / 4, 1 / 4 + 1 / 2 * 1 / 2, 1 / 2])
    assert found.competing == pytest.approx([0, 1 / 4, 1 / 4, 1 / 4])


def test_one_less_survival_overstates_incidence_when_deaths_compete() -> None:
    time, cause = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], np.array([1, 2, 1, 2, 1, 0])
    incidence = estimate_incidence(time, cause=cause).incidence
    naive = 1 - estimate_kaplan_meier(time, event=cause == 1).survival

    assert (naive >= incidence - 1e-12).all()
    assert naive[-1] > incidence[-1] + 0.1


def test_failure_and_death_on_one_day_share_those_at_risk() -> None:
    found = estimate_incidence([5.0, 5.0, 5.0, 9.0], cause=[1, 2, 0, 0])

    assert found.incidence.tolist() == [0.25, 0.25]
    assert found.competing.tolist() == [0.25, 0.25]


def test_incidence_at_chosen_times() -> None:
    curve = estimate_incidence([1.0, 2.0, 3.0, 4.0], cause=[1, 2, 1, 0])
    found = estimate_incidence_at(curve, at=[0.5, 1, 3.5, 4, 4.5])

    assert found.incidence[:4] == pytest.approx([0, 0.25, 0.5, 0.5])
    assert found.at_risk.tolist() == [4, 4, 1, 1, 0]
    assert np.isnan(found.incidence[4])
    assert np.isnan(found.lower[4])


def test_incidence_stays_known_when_nobody_is_left_to_follow() -> None:
    curve = estimate_incidence([1.0, 2.0], cause=[1, 2])

    assert estimate_incidence_at(curve, at=50).incidence.tolist() == [0.5]


def test_limits_enclose_the_incidence_and_are_unknown_at_its_ends() -> None:
    lower, upper = incidence_limits(np.array([0.0, 0.2, 1.0]), variance=np.array([0.0, 0.01, 0.0]))

    assert 0 < lower[1] < 0.2 < upper[1] < 1
    assert np.isnan(lower[[0, 2]]).all()
    assert np.isnan(upper[[0, 2]]).all()


def test_limits_of_an_incidence_near_one_with_large_variance_are_zero_and_one() -> None:
    lower, upper = incidence_limits(np.array([1 - 1e-9]), variance=np.array([1.0]))

    assert (lower[0], upper[0]) == (0.0, 1.0)


def test_a_third_cause_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cause\[1\] is 3"):
        estimate_incidence([1.0, 2.0], cause=[1, 3])


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="at must hold"):
        estimate_incidence_at(estimate_incidence([1.0], cause=[1]), at=-1)
