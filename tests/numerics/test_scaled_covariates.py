"""Covariates before a climb: centred, scaled, without those that are sums of others."""

import numpy as np
import pytest

from equipoise.numerics.models.scaled_covariates import missing_words, scale_covariates

ROWS = np.random.default_rng(4).normal(size=(40, 3))


def test_columns_have_mean_0_and_spread_1() -> None:
    found = scale_covariates(ROWS, n=40)

    assert found.kept.tolist() == [0, 1, 2]
    assert found.table.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-14)
    assert found.table.std(axis=0) == pytest.approx([1, 1, 1])
    assert found.table * found.size + found.centre == pytest.approx(ROWS)


@pytest.mark.parametrize(
    ("apart", "kept"),
    [(1.0, [0, 1, 2, 3]), (1e-5, [0, 1, 2, 3]), (1e-12, [0, 1, 2]), (0.0, [0, 1, 2])],
)
def test_a_sum_of_others_is_left_out_however_it_is_looked_for(
    apart: float, kept: list[int]
) -> None:
    """At 1e-5 the products alone do not tell."""
    fourth = ROWS[:, 0] + ROWS[:, 1] + apart * ROWS[::-1, 2]
    found = scale_covariates(np.c_[ROWS, fourth], n=40)

    assert found.kept.tolist() == kept
    assert (missing_words(found) == "") == (len(kept) == 4)


def test_constants_and_zeros_tell_nothing() -> None:
    found = scale_covariates(np.c_[np.zeros(40), ROWS[:, 0], np.full(40, 7.0)], n=40)

    assert found.kept.tolist() == [1]
    assert missing_words(found) == "no information of its own in covariate 0, 2"


def test_far_from_0_a_column_is_told_from_a_constant() -> None:
    assert scale_covariates(1e6 + ROWS[:, 0], n=40).kept.tolist() == [0]


def test_the_table_has_ones_in_front() -> None:
    plain, other = scale_covariates(ROWS, n=40), scale_covariates(ROWS, n=40, before=1)

    assert (other.table[:, 0] == 1).all()
    assert np.array_equal(other.table[:, 1:], plain.table)
