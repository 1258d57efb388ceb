"""The exact interval of a difference: every table, coverage of every pair of shares, edges."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.barnard import compare_unconditionally
from equipoise.numerics.shares.exact_difference import (
    ExactDifference,
    _ahead,
    _angles,
    _come_and_go,
    _fill_region,
    _log_ways,
    _region,
    _Table,
    compare_exactly,
)
from equipoise.numerics.shares.region_chances import greatest_kernel
from naive.exact_difference import greatest_chance, lower_limit, region
from naive.unconditional import greatest, score_at

ARM = st.integers(1, 7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def worst(one: tuple[int, int], other: tuple[int, int], delta: float) -> float:
    """The greatest chance over the shares of the tables as extreme as the observed or more."""
    (x1, n1), (x0, n0) = one, other
    found = _region(_log_ways(n1), _log_ways(n0), 1e-17)
    _fill_region(_Table(x1=x1, x0=x0, n1=n1, n0=n0), delta, delta, found.top, 0.0)
    alive = np.ones(4 * (4 + math.isqrt(n1 + n0)), dtype=np.bool_)
    return float(greatest_kernel(found, delta, math.inf, alive, 0, math.inf)[0])


@settings(deadline=None, max_examples=12)
@given(ARM, ARM, st.sampled_from([-0.61, -0.23, 0.0, 0.13, 0.47]))
def test_the_greatest_chance_is_that_of_all_tables(
    one: tuple[int, int], other: tuple[int, int], delta: float
) -> None:
    (x1, n1), (x0, n0) = one, other
    here = score_at(x1, n1, x0, n0, delta) - 1e-6  # half the digits of the closed form
    if x1 / n1 - x0 / n0 <= delta:
        return  # more than half are as extreme
    found = worst(one, other, delta)
    twin = greatest(n1, n0, lambda t: score_at(t[0], n1, t[1], n0, delta) >= here, delta)

    assert found == pytest.approx(twin, rel=1e-3, abs=1e-9)
    assert found >= twin - 1e-9


@settings(deadline=None, max_examples=15)
@given(ARM, ARM)
def test_outside_all_is_rejected_and_the_limits_are_not(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = compare_exactly((other[0], one[0]), n=(other[1], one[1]))

    assert -1 <= found.lower <= found.value <= found.upper <= 1
    for limit, pair in ((found.lower, (one, other)), (-found.upper, (other, one))):
        if limit > -1:
            assert max(worst(*pair, limit), worst(*pair, limit + 1e-12)) >= 0.025 - 1e-12
            for outside in np.linspace(-1, limit, 40)[1:-1].tolist():
                assert worst(*pair, outside) <= 0.025


@settings(deadline=None, max_examples=8)
@given(ARM, ARM, st.sampled_from([0.8, 0.95, 0.99]))
def test_no_limit_of_the_twin_is_further_out(
    one: tuple[int, int], other: tuple[int, int], level: float
) -> None:
    (x1, n1), (x0, n0) = one, other
    tail = (1 - level) / 2
    found = compare_exactly((x0, x1), n=(n0, n1), level=level).lower
    twin = lower_limit(x1, n1, x0, n0, tail)

    assert found <= twin + 1e-5
    if found < twin - 1e-3:  # rejected again, before the twin looks
        beside = found + 1e-9
        assert greatest_chance(region(x1, n1, x0, n0, beside), beside) > tail * (1 - 1e-3)


@pytest.mark.parametrize(
    ("events", "n", "level", "lower"),
    [
        ((150, 180), (500, 500), 0.95, 0.00068205175184538),
        ((5, 9), (500, 500), 0.95, -0.0075528615066590),
        ((490, 480), (500, 500), 0.95, -0.0432771725934180),
        ((400, 10), (500, 500), 0.95, -0.8158934818770125),
        ((0, 0), (500, 500), 0.95, -0.0077220840404074),
        ((20, 25), (44, 44), 0.95, -0.1060629467148675),
        ((900, 950), (2000, 2000), 0.95, -0.0060578578723999),
    ],
)
def test_the_limits_are_those_of_a_search_of_the_whole(
    events: tuple[int, int], n: tuple[int, int], level: float, lower: float
) -> None:
    """By a scan of 100 differences and golden sections over the share: stored."""
    found = compare_exactly(events, n=n, level=level)

    assert found.lower == pytest.approx(lower, abs=2e-12)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ((248, 500), (258, 500), 0.95),
        ((260, 500), (244, 500), 0.99),
        ((788, 900), (16, 100), 0.95),
        ((240, 333), (454, 667), 0.9),
        ((33, 44), (33, 44), 0.95),
    ],
)
def test_near_the_limit_all_is_rejected_though_many_scores_are_nearly_one(
    one: tuple[int, int], other: tuple[int, int], level: float
) -> None:
    tail = (1 - level) / 2
    lower = compare_exactly((other[0], one[0]), n=(other[1], one[1]), level=level).lower

    assert worst(one, other, lower - 1e-9) < tail <= worst(one, other, lower + 1e-12) + 1e-12
    for away in (1e-7, 1e-6, 1e-5, 1e-4, 2e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.2):
        assert worst(one, other, lower - away) <= tail


def test_a_table_that_comes_and_goes_between_two_differences_is_told() -> None:
    """Nobody of both against 1 of 2 and 1 of 3: as extreme from -0.43 to -0.14 only."""
    table = _Table(x1=1, x0=1, n1=2, n0=3)
    none, nobody = np.full(3, -1), np.array([0, -1, -1])

    assert _come_and_go(table, -0.5, -0.1, none, none, nobody)
    assert not _come_and_go(table, -0.5, -0.1, none, none, none)
    assert not _come_and_go(table, -0.12, -0.1, none, none, nobody)


@pytest.mark.parametrize(("x1", "x0", "n"), [(3, 5, 9), (24, 20, 44), (180, 150, 500)])
def test_half_of_the_angles_serve_groups_of_one_size(x1: int, x0: int, n: int) -> None:
    found = _region(_log_ways(n), _log_ways(n), 1e-17)
    for delta in (x1 / n - x0 / n - 0.15, x1 / n - x0 / n - 0.01):
        _fill_region(_Table(x1=x1, x0=x0, n1=n, n0=n), delta, delta, found.top, 0.0)
        half = _angles(n, n)
        most = [
            greatest_kernel(found, delta, math.inf, alive, 0, math.inf)[0]
            for alive in (half.copy(), np.ones_like(half))
        ]

        assert half.sum() <= half.size / 2 + 2
        assert most[0] == pytest.approx(most[1], rel=1e-12)
    assert _angles(n, n + 1).all()


def test_the_next_step_is_longer_the_less_likely_the_region_is() -> None:
    steps = [_ahead(0.01, most, 0.025, 1.96, 0.03) for most in (0.025, 0.02, 0.001, 1e-9, 0.0)]

    assert steps[0] == pytest.approx(0.005)
    assert steps == sorted(steps)
    assert steps[-1] < 1


def test_a_jump_far_out_is_a_limit() -> None:
    """11 of 30 against 9 of 9: the chance passes 0.025 at 0.137 and again at 0.212."""
    here = ((9, 9), (11, 30))
    lower = compare_exactly((11, 9), n=(30, 9)).lower

    assert lower == pytest.approx(0.13699566, abs=1e-7)
    assert worst(*here, lower - 1e-9) < 0.025 <= worst(*here, lower + 1e-12)
    assert worst(*here, 0.2) < 0.025


def test_every_pair_of_shares_is_covered() -> None:
    """By full enumeration of all tables of 6 and 5, on a grid of shares."""
    n0, n1 = 6, 5
    found: dict[tuple[int, int], ExactDifference] = {
        (x0, x1): compare_exactly((x0, x1), n=(n0, n1))
        for x0, x1 in product(range(n0 + 1), range(n1 + 1))
    }
    for p0, p1 in product(np.linspace(0, 1, 21).tolist(), repeat=2):
        covered = sum(
            math.comb(n0, x0) * p0**x0 * (1 - p0) ** (n0 - x0)
            * math.comb(n1, x1) * p1**x1 * (1 - p1) ** (n1 - x1)
            for (x0, x1), each in found.items()
            if each.lower - 1e-9 <= p1 - p0 <= each.upper + 1e-9
        )  # fmt: skip
        assert covered >= 0.95


@settings(deadline=None, max_examples=15)
@given(ARM, ARM)
def test_changing_the_groups_turns_the_interval_around(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = compare_exactly((other[0], one[0]), n=(other[1], one[1]))
    turned = compare_exactly((one[0], other[0]), n=(one[1], other[1]))

    assert found.lower == pytest.approx(-turned.upper, abs=1e-12)
    assert found.p_greater == pytest.approx(turned.p_less)


def test_the_test_is_barnards_and_agrees_with_the_interval() -> None:
    found = compare_exactly((1, 7), n=(34, 34))
    barnard = compare_unconditionally((1, 7), n=(34, 34))

    assert found.p_greater == pytest.approx(barnard.p_greater, rel=1e-9)
    assert found.p_value < 0.05
    assert found.lower > 0


def test_the_limit_is_the_outermost_where_the_chance_rises_and_falls() -> None:
    """41 of 150 against 26 of 150: 0.003 is not rejected, though 0.0036 is."""
    here = ((41, 150), (26, 150))

    assert worst(*here, 0.003) > 0.025 > worst(*here, 0.0036)
    assert compare_exactly((26, 41), n=(150, 150)).lower == pytest.approx(0.00270074, abs=1e-8)


def test_everybody_against_nobody_and_nobody_at_all_have_limits() -> None:
    apart, nobody = compare_exactly((0, 10), n=(20, 10)), compare_exactly((0, 0), n=(20, 29))

    assert (apart.value, apart.upper) == (1, 1)
    assert 0.6 < apart.lower < 0.75
    assert -0.2 < nobody.lower < 0 < nobody.upper < 0.2
    assert nobody.p_value == 1


def test_an_empty_group_has_no_interval_and_wrong_counts_are_refused() -> None:
    assert math.isnan(compare_exactly((0, 3), n=(0, 9)).lower)
    with pytest.raises(ValueError, match="5 of 4"):
        compare_exactly((5, 1), n=(4, 4))
