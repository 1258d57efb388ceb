"""Unconditional tests: every table by whole fractions, no smaller than Fisher's, ties."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.barnard import Ordering, compare_unconditionally
from equipoise.numerics.shares.fisher import compare_fisher
from naive.unconditional import fisher_p, greatest, squared_score

ARM = st.integers(1, 9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None, max_examples=15)
@given(ARM, ARM)
def test_by_the_score_it_is_the_twin(one: tuple[int, int], other: tuple[int, int]) -> None:
    (x1, n1), (x0, n0) = one, other
    here = squared_score(x1, n1, x0, n0)
    found = compare_unconditionally((x0, x1), n=(n0, n1))
    both = greatest(n1, n0, lambda t: abs(squared_score(t[0], n1, t[1], n0)) >= abs(here))
    more = greatest(n1, n0, lambda t: squared_score(t[0], n1, t[1], n0) >= here)

    assert found.p_value == pytest.approx(both, rel=1e-4)
    assert found.p_greater == pytest.approx(more, rel=1e-4)
    assert found.p_value >= both - 1e-12


@settings(deadline=None, max_examples=15)
@given(ARM, ARM)
def test_by_fishers_p_it_is_the_twin(one: tuple[int, int], other: tuple[int, int]) -> None:
    (x1, n1), (x0, n0) = one, other
    here = fisher_p(x1, n1, x0, n0)
    found = compare_unconditionally((x0, x1), n=(n0, n1), ordering=Ordering.FISHER)
    both = greatest(n1, n0, lambda t: fisher_p(t[0], n1, t[1], n0) <= here)

    assert found.p_value == pytest.approx(both, rel=1e-4)
    assert found.p_value >= both - 1e-12


@settings(deadline=None, max_examples=15)
@given(ARM, ARM)
def test_boschloo_rejects_no_less_than_fisher(one: tuple[int, int], other: tuple[int, int]) -> None:
    events, n = (other[0], one[0]), (other[1], one[1])
    found, fisher = (
        compare_unconditionally(events, n=n, ordering=Ordering.FISHER), compare_fisher(events, n=n)
    )  # fmt: skip

    for name in ("p_value", "p_greater", "p_less"):
        assert getattr(found, name) <= getattr(fisher, name) * (1 + 1e-9)


@settings(deadline=None, max_examples=15)
@given(ARM, ARM, st.sampled_from(Ordering))
def test_changing_the_groups_changes_the_sides(
    one: tuple[int, int], other: tuple[int, int], ordering: Ordering
) -> None:
    found = compare_unconditionally((other[0], one[0]), n=(other[1], one[1]), ordering=ordering)
    turned = compare_unconditionally((one[0], other[0]), n=(one[1], other[1]), ordering=ordering)

    assert found.p_value == pytest.approx(turned.p_value)
    assert found.p_greater == pytest.approx(turned.p_less)


def test_a_table_and_its_mirror_are_as_extreme() -> None:
    """Scipy's barnard_exact loses the mirror to rounding, and says 0.2107."""
    here = squared_score(12, 17, 7, 15)
    both = greatest(17, 15, lambda t: abs(squared_score(t[0], 17, t[1], 15)) >= here)

    assert compare_unconditionally((7, 12), n=(15, 17)).p_value == pytest.approx(both, rel=1e-4)
    assert both == pytest.approx(0.21598, abs=1e-5)


def test_nobody_or_an_empty_group() -> None:
    for ordering in Ordering:
        assert compare_unconditionally((0, 0), n=(20, 29), ordering=ordering).p_value == 1
        assert math.isnan(compare_unconditionally((0, 3), n=(0, 9), ordering=ordering).p_value)
    with pytest.raises(ValueError, match="5 of 4"):
        compare_unconditionally((5, 1), n=(4, 4))
