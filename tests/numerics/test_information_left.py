"""Directions in which the information of a likelihood is gone."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.information_left import find_vanished

START = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])


def test_nothing_is_gone_at_the_start() -> None:
    assert not find_vanished(START, start=START).any()


@pytest.mark.parametrize("column", [0, 1, 2])
def test_a_coefficient_without_information_is_found(column: int) -> None:
    left = np.diag([1.0, 1.0, 1.0])
    left[column, column] = 1e-9

    assert np.flatnonzero(find_vanished(left, start=np.eye(3))).tolist() == [column]


def test_two_coefficients_whose_difference_is_untold_are_both_found() -> None:
    apart = np.array([1.0, -1.0, 0.0]) / np.sqrt(2)
    left = np.eye(3) - (1 - 1e-9) * np.outer(apart, apart)

    assert find_vanished(left, start=np.eye(3)).tolist() == [True, True, False]


def test_information_counts_against_that_at_the_start_whatever_the_unit() -> None:
    unit = np.diag([1e-6, 1.0, 1e5])

    assert not find_vanished(unit @ START @ unit, start=unit @ START @ unit).any()


def test_what_is_lost_beside_information_without_end_is_gone() -> None:
    along = np.array([[2.6e18, 2.4e18], [2.4e18, 2.4e18 * 2.4e18 / 2.6e18]])

    assert find_vanished(along, start=np.eye(2)).any()


def test_none_at_the_start_is_told() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="no information at the start"):
        find_vanished(np.eye(2), start=np.zeros((2, 2)))


@given(st.lists(st.floats(-2, 2), min_size=9, max_size=9), st.floats(-12, 0))
def test_it_is_the_generalised_eigenvalue_that_decides(raw: list[float], power: float) -> None:
    spread = np.array(raw).reshape(3, 3) + 3 * np.eye(3)
    start = spread @ spread.T + np.eye(3)
    left = start - (1 - 10**power) * np.outer(start[0], start[0]) / start[0, 0]
    roots = scipy.linalg.eigh(left, start, eigvals_only=True)

    if not 0.5e-7 < roots.min() < 2e-7:
        assert find_vanished(left, start=start).any() == (roots.min() < 1e-7)
