"""Sums over subsets, row by row and from powers: every subset written out."""

import math
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_exact_powers import _read_powers, _sum_subsets
from equipoise.numerics.hazards.cox_exact_subsets import count_subsets, read_subsets

Floats = NDArray[np.float64]
RISK = np.array([0.3, 1.2, 0.7, 2.0, 0.9, 1.4, 0.2])
X = np.array([[1.0, 0.2], [0.0, -1.1], [1.0, 0.4], [0.0, 0.3], [1.0, -0.6], [0.0, 0.9], [1.0, 2.0]])


def written_out(size: int) -> tuple[float, Floats, Floats]:
    """The sum over subsets of a size, mean and covariance of what their covariates sum to."""
    subsets = [list(rows) for rows in combinations(range(RISK.size), size)]
    share = np.array([RISK[rows].prod() for rows in subsets])
    sums = np.array([X[rows].sum(axis=0) for rows in subsets])
    mean = share @ sums / share.sum()
    return float(share.sum()), mean, (sums.T * share) @ sums / share.sum() - np.outer(mean, mean)


def moments(most: int, unit: float) -> tuple[Floats, Floats]:
    """Sums of the powers of the risks in a unit, and of these times the covariates."""
    powers = (RISK / unit) ** np.arange(1, most + 1)[:, None]
    return powers.sum(axis=1), powers @ X


@pytest.mark.parametrize("failed", [1, 2, 3, 5, 7])
def test_rows_that_come_one_after_the_other_make_all_subsets(failed: int) -> None:
    whole, mean, covariance = written_out(failed)
    sums, unit = count_subsets(np.arange(RISK.size), failed, X, RISK)
    score, information = np.zeros(2), np.zeros((2, 2))
    value = read_subsets(sums, unit, failed, score, information)

    assert value == pytest.approx(-math.log(whole), rel=1e-13)
    assert score == pytest.approx(-mean, rel=1e-13)
    assert information == pytest.approx(np.tril(covariance), abs=1e-13)


def test_rows_that_are_not_named_are_in_no_subset() -> None:
    named = np.array([1, 3, 4])
    sums, unit = count_subsets(named, 2, X, RISK)
    pairs = sum(RISK[a] * RISK[b] for a, b in combinations(named, 2))

    assert sums[0, 2] * unit**2 == pytest.approx(pairs, rel=1e-14)


@pytest.mark.parametrize("failed", [1, 2, 3])
def test_powers_make_all_subsets(failed: int) -> None:
    """The rows' own part of the curvature is each power of their risk times its step."""
    whole, mean, covariance = written_out(failed)
    unit, subsets, step = RISK.sum() / failed, np.zeros(9), np.zeros(failed)
    power, moment = moments(failed, unit)
    score, information = np.zeros(2), np.zeros((2, 2))

    assert _sum_subsets(failed, power, power, subsets)
    value = _read_powers(failed, subsets, moment, step, score, information)
    own = step @ (RISK / unit) ** np.arange(1, failed + 1)[:, None]

    assert value - failed * math.log(unit) == pytest.approx(-math.log(whole), rel=1e-13)
    assert score == pytest.approx(-mean, rel=1e-13)
    assert information + np.tril((X.T * own) @ X) == pytest.approx(np.tril(covariance), abs=1e-13)


def test_sums_whose_terms_nearly_cancel_are_not_taken() -> None:
    """All seven fail: of the terms next to nothing is left, and what is left is rounding."""
    power, _ = moments(7, RISK.sum() / 7)
    assert not _sum_subsets(7, power, power, np.zeros(9))


def test_sums_of_which_much_has_left_are_not_taken() -> None:
    power, _ = moments(2, RISK.sum() / 2)
    assert _sum_subsets(2, power, 1e13 * power, np.zeros(9))
    assert not _sum_subsets(2, power, 1e15 * power, np.zeros(9))


def test_powers_that_matter_must_all_be_there() -> None:
    """Three of seven fail: two powers are not enough; of ten thousand rows alike, they are."""
    power, _ = moments(2, RISK.sum() / 3)
    assert not _sum_subsets(3, power, power, np.zeros(9))
    alike = 3.0 ** np.arange(1, 6) * 1e4 ** -np.arange(0.0, 5.0)
    subsets = np.zeros(9)

    assert _sum_subsets(3, alike, alike, subsets)
    assert subsets[3] == pytest.approx(27 * math.comb(10_000, 3) / 1e12, rel=1e-14)
