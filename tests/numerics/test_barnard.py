"""Unconditional tests: every table by whole fractions, no smaller than Fisher's, ties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.shares.barnard import Ordering, compare_unconditionally
from equipoise.numerics.shares.fisher import compare_fisher
from naive.unconditional import fisher_p, greatest, squared_score

Floats = NDArray[np.float64]
ARM = st.integers(1, 9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def chances_of(n: int, p: float) -> Floats:
    logs = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        + k * math.log(p) + (n - k) * math.log1p(-p)
        for k in range(n + 1)
    ]  # fmt: skip
    return np.asarray(np.exp(np.array(logs)))


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


@pytest.mark.parametrize(("events", "n"), [((150, 180), (500, 500)), ((3, 30), (110, 900))])
def test_with_many_subjects_no_share_has_a_greater_chance(
    events: tuple[int, int], n: tuple[int, int]
) -> None:
    (x0, x1), (n0, n1) = events, n
    count1, count0 = np.arange(n1 + 1)[:, None], np.arange(n0 + 1)[None, :]
    share = (count1 + count0) / (n1 + n0)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.nan_to_num((count1 / n1 - count0 / n0) / np.sqrt(share * (1 - share)))
    extreme = score >= score[x1, x0] * (1 - 1e-9)
    found = compare_unconditionally(events, n=n).p_greater

    def chance_at(angle: float) -> float:
        p = math.sin(angle) ** 2
        return float(chances_of(n1, p) @ extreme @ chances_of(n0, p))

    grid = np.linspace(0.001, 1.57, 400)
    top = int(np.argmax([chance_at(angle) for angle in grid]))
    most = max(map(chance_at, np.linspace(grid[top - 1], grid[min(top + 1, 399)], 200)))

    assert found >= most * (1 - 1e-11)
    assert found == pytest.approx(most, rel=1e-6)


@pytest.mark.parametrize("n", [1, 7, 60, 500])
def test_all_against_nobody_is_as_rare_as_it_is(n: int) -> None:
    found = compare_unconditionally((0, n), n=(n, n))

    assert found.p_greater == pytest.approx(0.25**n, rel=1e-11)
    assert found.p_value == pytest.approx(2 * 0.25**n, rel=1e-11)
    assert found.p_less == 1


@pytest.mark.parametrize("ordering", Ordering)
@pytest.mark.parametrize(
    ("events", "n"), [((41, 26), (150, 150)), ((3, 30), (110, 400)), ((480, 495), (500, 500))]
)
def test_counting_those_without_the_event_changes_the_sides(
    events: tuple[int, int], n: tuple[int, int], ordering: Ordering
) -> None:
    found = compare_unconditionally(events, n=n, ordering=ordering)
    without = (n[0] - events[0], n[1] - events[1])
    turned = compare_unconditionally(without, n=n, ordering=ordering)

    assert found.p_value == pytest.approx(turned.p_value, rel=1e-11)
    assert found.p_greater == pytest.approx(turned.p_less, rel=1e-11)
    assert found.p_less == pytest.approx(turned.p_greater, rel=1e-11)


@pytest.mark.parametrize("ordering", Ordering)
def test_a_further_event_in_group_1_speaks_more_for_a_greater_share(ordering: Ordering) -> None:
    found = [
        compare_unconditionally((9, more), n=(60, 40), ordering=ordering) for more in range(41)
    ]
    greater, less = ([getattr(each, name) for each in found] for name in ("p_greater", "p_less"))

    assert greater == sorted(greater, reverse=True)
    assert less == sorted(less)
    assert min(greater) > 0


def test_nobody_or_an_empty_group() -> None:
    for ordering in Ordering:
        assert compare_unconditionally((0, 0), n=(20, 29), ordering=ordering).p_value == 1
        assert math.isnan(compare_unconditionally((0, 3), n=(0, 9), ordering=ordering).p_value)
    with pytest.raises(ValueError, match="5 of 4"):
        compare_unconditionally((5, 1), n=(4, 4))
