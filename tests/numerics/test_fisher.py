"""Fisher's exact test: whole fractions, limits with their tails, margins that leave one table."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.fisher import compare_fisher, compare_pairs
from naive.unconditional import fisher_p

ARM = st.integers(1, 25).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def tail(x1: int, n1: int, x0: int, n0: int, ratio: float) -> tuple[float, float, float]:
    """Chance of as many events of group 1 or more, of as many or fewer, and their mean."""
    m = x1 + x0
    counts = range(max(0, m - n0), min(m, n1) + 1)
    ways = [math.comb(n1, k) * math.comb(n0, m - k) * ratio ** (k - x1) for k in counts]
    pairs = list(zip(counts, ways, strict=True))
    return (
        sum(w for k, w in pairs if k >= x1) / sum(ways),
        sum(w for k, w in pairs if k <= x1) / sum(ways),
        sum(k * w for k, w in pairs) / sum(ways),
    )


@settings(deadline=None, max_examples=30)
@given(ARM, ARM)
def test_the_p_values_are_those_of_whole_fractions(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = compare_fisher((other[0], one[0]), n=(other[1], one[1]))
    greater, less, _ = tail(*one, *other, 1.0)

    assert found.p_value == pytest.approx(float(fisher_p(*one, *other)))
    assert (found.p_greater, found.p_less) == pytest.approx((greater, less))
    assert found.mid_p == pytest.approx(found.p_value - (greater + less - 1) / 2)


@settings(deadline=None, max_examples=30)
@given(ARM, ARM)
def test_the_limits_leave_their_tails_and_the_ratio_its_mean(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = compare_fisher((other[0], one[0]), n=(other[1], one[1]))
    assume(not math.isnan(found.odds_ratio))

    assert found.lower <= found.odds_ratio <= found.upper
    if found.lower > 0:
        assert tail(*one, *other, found.lower)[0] == pytest.approx(0.025)
    if found.upper < math.inf:
        assert tail(*one, *other, found.upper)[1] == pytest.approx(0.025)
    if 0 < found.odds_ratio < math.inf:
        assert tail(*one, *other, found.odds_ratio)[2] == pytest.approx(one[0])


@settings(deadline=None, max_examples=30)
@given(ARM, ARM)
def test_changing_the_groups_turns_it_over(one: tuple[int, int], other: tuple[int, int]) -> None:
    found = compare_fisher((other[0], one[0]), n=(other[1], one[1]))
    turned = compare_fisher((one[0], other[0]), n=(one[1], other[1]))

    assert found.p_value == pytest.approx(turned.p_value)
    assert found.p_greater == pytest.approx(turned.p_less)
    if found.lower > 0:
        assert found.lower * turned.upper == pytest.approx(1)


@pytest.mark.parametrize(("events", "n"), [((0, 0), (7, 9)), ((7, 9), (7, 9)), ((0, 3), (0, 9))])
def test_one_possible_table_tells_nothing(events: tuple[int, int], n: tuple[int, int]) -> None:
    found = compare_fisher(events, n=n)

    assert (found.p_value, found.lower, found.upper) == (1, 0, math.inf)
    assert math.isnan(found.odds_ratio)


def test_wrong_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="5 of 4"):
        compare_fisher((5, 1), n=(4, 4))
    with pytest.raises(ValueError, match="level must lie"):
        compare_fisher((1, 1), n=(4, 4), level=95)


def test_pairs_that_differ_are_a_coin() -> None:
    found = compare_pairs(3, second_only=10)
    low = sum(math.comb(13, k) for k in range(4)) / 2**13

    assert found.p_value == pytest.approx(2 * low)
    assert found.mid_p == pytest.approx(2 * low - math.comb(13, 3) / 2**13)
    assert found.test.statistic == pytest.approx(49 / 13)
    assert compare_pairs(4, second_only=4).mid_p == pytest.approx(1 - math.comb(8, 4) / 2**9)
    assert compare_pairs(4, second_only=4).p_value == 1


def test_no_pair_that_differs_tells_nothing() -> None:
    assert math.isnan(compare_pairs(0, second_only=0).p_value)
    with pytest.raises(ValueError, match="-1"):
        compare_pairs(-1, second_only=4)
