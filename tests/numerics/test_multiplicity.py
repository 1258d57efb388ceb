"""Adjusted p values: closed testing by brute force, order, ties, what cannot be tested."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.multiplicity import Adjustment, adjust_p_values
from naive.closed_testing import bonferroni, in_sequence, simes

P = st.lists(st.sampled_from([0.0, 0.001, 0.01, 0.012, 0.02, 0.04, 0.3, 1.0]) | st.floats(0, 1),
             min_size=1, max_size=6)  # fmt: skip
FAMILYWISE = [
    Adjustment.BONFERRONI,
    Adjustment.HOLM,
    Adjustment.HOCHBERG,
    Adjustment.HOMMEL,
]


@settings(max_examples=40)
@given(P)
def test_holm_hommel_and_the_fixed_sequence_are_closed_tests(p: list[float]) -> None:
    for method, twin in (
        (Adjustment.HOLM, bonferroni),
        (Adjustment.HOMMEL, simes),
        (Adjustment.FIXED_SEQUENCE, in_sequence),
    ):
        assert adjust_p_values(p, method=method).tolist() == pytest.approx(twin(p))


@settings(max_examples=30)
@given(P)
def test_each_procedure_rejects_no_less_than_the_one_before(p: list[float]) -> None:
    found = [adjust_p_values(p, method=method) for method in FAMILYWISE]

    for cautious, bold in pairwise(found):
        assert (bold <= cautious + 1e-12).all()
    assert (found[-1] >= np.array(p) - 1e-12).all()


@settings(max_examples=30)
@given(P, st.sampled_from(Adjustment))
def test_smaller_p_values_have_smaller_adjusted_ones(p: list[float], method: Adjustment) -> None:
    found = adjust_p_values(p, method=method)

    if method is not Adjustment.FIXED_SEQUENCE:
        assert (np.diff(found[np.argsort(p)]) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


@settings(max_examples=30)
@given(P, st.sampled_from(Adjustment), st.randoms())
def test_the_order_matters_to_the_fixed_sequence_only(
    p: list[float], method: Adjustment, chance: Random
) -> None:
    order = list(range(len(p)))
    chance.shuffle(order)
    mixed = adjust_p_values(np.array(p)[order], method=method)

    if method is not Adjustment.FIXED_SEQUENCE:
        assert mixed.tolist() == pytest.approx(adjust_p_values(p, method=method)[order].tolist())


def test_a_hypothesis_that_cannot_be_tested_stays_in_the_family() -> None:
    holm = adjust_p_values([0.01, np.nan, 0.02], method=Adjustment.HOLM)
    sequence = adjust_p_values([0.01, np.nan, 0.02], method=Adjustment.FIXED_SEQUENCE)

    assert holm[[0, 2]].tolist() == pytest.approx([0.03, 0.04])
    assert sequence[[0, 2]].tolist() == [0.01, 1.0]
    assert np.isnan(holm[1])
    assert np.isnan(sequence[1])


def test_read_only_p_values_are_not_written() -> None:
    p = np.array([0.02, 0.01, 0.03])[::-1]
    p.setflags(write=False)

    assert adjust_p_values(p, method=Adjustment.HOLM).tolist() == pytest.approx([0.04, 0.03, 0.04])
    assert p.tolist() == [0.03, 0.01, 0.02]


@pytest.mark.parametrize(
    ("p", "words"),
    [([0.1, 1.5], r"p\[1\] is 1.5"), ([-0.1], r"p\[0\]"), ([], "at least one"), ([[0.1]], "flat")],
)
def test_what_is_no_p_value_is_refused(p: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        adjust_p_values(p, method=Adjustment.HOLM)
