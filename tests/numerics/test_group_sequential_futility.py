"""Futility beside efficacy: what both bounds spend, and the drift at which they meet."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from equipoise.numerics.sequential.group_sequential import crossing_probabilities, find_bounds
from equipoise.numerics.sequential.group_sequential_futility import (
    crossing_around_wedge,
    find_drift,
    find_futility_bounds,
    find_lower_bounds,
    find_upper_bounds,
)
from naive.group_sequential import chances_around_wedge, first_crossings

THIRDS = [1 / 3, 2 / 3, 1.0]
ALPHA = [0.0001, 0.006, 0.025]
BETA = [0.03, 0.09, 0.2]
STEPS = st.lists(st.sampled_from([0.3, 0.5, 1.0]), min_size=2, max_size=4)
SHARES = st.lists(st.sampled_from([0.0, 0.1, 0.3]), min_size=3, max_size=3)
INFINITE = [np.inf, np.inf, np.inf]


def cumulate(shares: list[float], looks: int, total: float) -> list[float]:
    return [*(total * np.cumsum(shares[: looks - 1])), total]


@settings(max_examples=15)
@given(STEPS, SHARES, SHARES, st.booleans())
def test_both_bounds_spend_what_they_should(
    steps: list[float], above: list[float], below: list[float], binding: bool
) -> None:
    information = np.cumsum(steps)
    alpha, beta = cumulate(above, len(steps), 0.025), cumulate(below, len(steps), 0.2)
    found = find_futility_bounds(alpha, information=information, beta_spent=beta, binding=binding)
    null = crossing_probabilities(
        found.upper, information=information, lower=found.lower if binding else None
    )
    alternative = crossing_probabilities(
        found.upper, information=information, lower=found.lower, drift=found.drift
    )

    assert np.cumsum(null.upper) == pytest.approx(alpha, abs=1e-13)
    assert np.cumsum(alternative.lower) == pytest.approx(beta, abs=1e-12)
    assert alternative.upper.sum() == pytest.approx(0.8, abs=1e-12)
    assert found.lower[-1] == found.upper[-1]
    assert np.isneginf(found.lower).tolist() == [
        *(np.diff(beta, prepend=0) == 0)[:-1].tolist(), False
    ]  # fmt: skip


@settings(max_examples=6)
@given(STEPS, st.booleans())
def test_bounds_keep_their_errors_on_the_dense_grid(steps: list[float], binding: bool) -> None:
    information, looks = np.cumsum(steps), len(steps)
    alpha, beta = cumulate([0.2, 0.2, 0.2], looks, 0.025), cumulate([0.1, 0.3, 0.2], looks, 0.1)
    found = find_futility_bounds(alpha, information=information, beta_spent=beta, binding=binding)
    lower = found.lower.tolist() if binding else [-9.0] * looks
    null = first_crossings(found.upper.tolist(), lower, information.tolist(), 0.0, 700)
    alternative = first_crossings(
        found.upper.tolist(), found.lower.tolist(), information.tolist(), found.drift, 700
    )

    assert np.cumsum([above for above, _ in null]) == pytest.approx(alpha, abs=2e-5)
    assert np.cumsum([below for _, below in alternative]) == pytest.approx(beta, abs=1e-4)


@settings(max_examples=6)
@given(st.sampled_from([0.0, 1.5, 3.0]), st.sampled_from([0.0, 0.3, 0.8]))
def test_chances_around_a_wedge_equal_the_dense_grid(drift: float, inner: float) -> None:
    upper, hole = [3.0, 2.4, 2.0], [inner, inner + 0.2, 2.0]
    found = crossing_around_wedge(upper, inner=hole, information=THIRDS, drift=drift)
    twin = np.array(chances_around_wedge(upper, hole, THIRDS, drift)).T

    assert found == pytest.approx(twin, abs=3e-5)
    assert found.sum() == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("binding", [False, True])
def test_a_wedge_spends_beta_between_two_bounds(binding: bool) -> None:
    found = find_futility_bounds(
        np.multiply(2, ALPHA), information=THIRDS, beta_spent=BETA, binding=binding, two_sided=True
    )
    drifting = crossing_around_wedge(
        found.upper, inner=found.lower, information=THIRDS, drift=found.drift
    )
    hole = found.lower if binding else np.array([0.0, 0.0, found.upper[-1]])
    still = crossing_around_wedge(found.upper, inner=hole, information=THIRDS)

    assert np.cumsum(drifting[2]) == pytest.approx(BETA, abs=1e-12)
    assert np.cumsum(still[0]) == pytest.approx(ALPHA, abs=1e-13)
    assert still[0] == pytest.approx(still[1], abs=1e-15)
    assert (found.lower >= 0).all()


def test_binding_futility_lowers_the_bounds_of_success() -> None:
    bound = find_futility_bounds(ALPHA, information=THIRDS, beta_spent=BETA, binding=True)
    free = find_futility_bounds(ALPHA, information=THIRDS, beta_spent=BETA)

    assert free.upper == pytest.approx(find_bounds(ALPHA, information=THIRDS), abs=1e-12)
    assert (bound.upper[1:] < free.upper[1:]).all()
    assert bound.drift < free.drift


@pytest.mark.parametrize("binding", [False, True])
def test_bounds_of_harm_spend_error_of_the_null(binding: bool) -> None:
    found = find_lower_bounds(ALPHA, information=THIRDS, lower_spent=BETA, binding=binding)
    null = crossing_probabilities(found.upper, information=THIRDS, lower=found.lower)

    assert np.cumsum(null.lower) == pytest.approx(BETA, abs=1e-13)
    assert found.lower[-1] < found.upper[-1]
    assert (null.upper.sum() == pytest.approx(0.025, abs=1e-14)) == binding


def test_upper_bounds_spend_alpha_above_lower_ones_that_bind() -> None:
    lower = [0.0, 0.8, -np.inf]
    upper = find_upper_bounds(ALPHA, information=THIRDS, lower=lower)
    found = crossing_probabilities(upper, information=THIRDS, lower=lower)

    assert np.cumsum(found.upper) == pytest.approx(ALPHA, abs=1e-14)


def test_the_drift_of_one_look_is_the_sum_of_two_quantiles() -> None:
    drift = find_drift([1.959963984540054], information=[4.0], power=0.9)

    assert drift == pytest.approx((1.959963984540054 - ndtri(0.1)) / 2, rel=1e-14)
    found = find_futility_bounds([0.025], information=[4.0], beta_spent=[0.1])
    assert found.drift == pytest.approx(drift, rel=1e-12)
    assert found.lower == found.upper


def test_a_trial_that_spends_beta_at_once_stops_where_its_bounds_meet() -> None:
    found = find_futility_bounds([0.02, 0.025], information=[0.5, 1], beta_spent=[0.199, 0.2])

    assert found.lower[0] <= found.upper[0]
    assert found.drift > 2.8


@pytest.mark.parametrize(
    ("alpha", "beta", "words"),
    [
        ([0.02, 0.01, 0.03], BETA, "alpha_spent must grow"),
        (ALPHA, [0.1, 0.05, 0.2], "beta_spent must grow"),
        (ALPHA, [0.1, 0.2], "each of 3 looks"),
        (ALPHA, [0.1, math.nan, 0.2], "finite"),
        (ALPHA, [0.5, 0.9, 0.98], "not above alpha"),
    ],
)
def test_errors_that_cannot_be_spent_are_refused(
    alpha: list[float], beta: list[float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        find_futility_bounds(alpha, information=THIRDS, beta_spent=beta)


def test_a_power_that_no_drift_gives_is_refused() -> None:
    with pytest.raises(ValueError, match="which no drift gives"):
        find_drift([1.959963984540054], information=[1.0], power=0.02)
    with pytest.raises(ValueError, match="no drift gives"):
        find_drift(INFINITE, information=THIRDS, power=0.8)
    with pytest.raises(ValueError, match="inner lies above upper at look 2"):
        crossing_around_wedge([3, 1], inner=[0, 2], information=[1, 2])


def test_read_only_and_strided_arrays_are_taken() -> None:
    table = np.array([ALPHA, BETA]).T
    table.flags.writeable = False
    found = find_futility_bounds(table[:, 0], information=THIRDS, beta_spent=table[:, 1])

    assert found.upper == pytest.approx(find_bounds(ALPHA, information=THIRDS), abs=1e-12)
    assert table[0, 0] == ALPHA[0]
