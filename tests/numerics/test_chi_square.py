"""The chi-square test and the normal quantile against the printed tables of every textbook."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.chi_square import (
    chi_square_of,
    normal_quantile,
    normal_tail,
    quadratic_test,
    two_sided_p,
)

# Upper percentage points of chi-square, as tables print them (Pearson, Hartley, table 8)
CRITICAL = """
df | 0.10   | 0.05   | 0.01   | 0.001
1  | 2.706  | 3.841  | 6.635  | 10.828
2  | 4.605  | 5.991  | 9.210  | 13.816
3  | 6.251  | 7.815  | 11.345 | 16.266
5  | 9.236  | 11.070 | 15.086 | 20.515
10 | 15.987 | 18.307 | 23.209 | 29.588
"""
HEAD, *LINES = ([c.strip() for c in line.split("|")] for line in CRITICAL.strip().splitlines())
# Two-sided percentage points of the normal distribution
QUANTILES = [(0.80, 1.2816), (0.90, 1.6449), (0.95, 1.9600), (0.99, 2.5758), (0.999, 3.2905)]
# erfc of 1, 2 and 5 (Abramowitz, Stegun 1964, table 7.1 and 7.3, to more digits), and its argument
COMPLEMENTS = [(1, 0.15729920705028513), (2, 0.004677734981047266), (5, 1.5374597944280349e-12)]
degrees = st.integers(1, 30)
statistics = st.floats(0, 200)


@pytest.mark.parametrize("line", LINES, ids=[f"df {line[0]}" for line in LINES])
def test_critical_values_are_those_of_the_printed_table(line: list[str]) -> None:
    for level, value in zip(HEAD[1:], line[1:], strict=True):
        found = chi_square_of(float(value), degrees_of_freedom=int(line[0]))
        assert found.p_value == pytest.approx(float(level), rel=2e-3)


@pytest.mark.parametrize(("level", "z"), QUANTILES)
def test_quantiles_are_those_of_the_printed_table(level: float, z: float) -> None:
    assert normal_quantile(level) == pytest.approx(z, abs=5e-5)


@pytest.mark.parametrize(("x", "complement"), COMPLEMENTS)
def test_p_values_have_the_digits_of_the_complementary_error_function(
    x: int, complement: float
) -> None:
    """With one degree of freedom, too, where scipy's chdtrc has 3e-14 at a statistic of 2."""
    found = chi_square_of(2.0 * x * x, degrees_of_freedom=1)
    assert found.p_value == pytest.approx(complement, rel=2e-15 * (1 + x * x))
    assert two_sided_p(-x * math.sqrt(2)) == pytest.approx(complement, rel=2e-15 * (1 + x * x))
    assert normal_tail(x * math.sqrt(2)) == pytest.approx(complement / 2, rel=2e-15 * (1 + x * x))


@given(st.floats(-6, 6))
def test_both_tails_of_a_normal_make_one(z: float) -> None:
    assert normal_tail(z) + normal_tail(-z) == pytest.approx(1, rel=1e-15)
    assert two_sided_p(z) == pytest.approx(2 * min(normal_tail(z), normal_tail(-z)), rel=1e-15)


def test_no_z_has_no_p() -> None:
    assert math.isnan(two_sided_p(math.nan))
    assert two_sided_p(-math.inf) == 0


@given(st.floats(0.01, 0.999))
def test_one_degree_of_freedom_is_the_square_of_a_normal(level: float) -> None:
    z = normal_quantile(level)
    assert chi_square_of(z**2, degrees_of_freedom=1).p_value == pytest.approx(1 - level, rel=1e-9)


@given(statistics)
def test_two_degrees_of_freedom_have_a_closed_form(statistic: float) -> None:
    found = chi_square_of(statistic, degrees_of_freedom=2)
    assert found.p_value == pytest.approx(math.exp(-statistic / 2), rel=1e-12)


@given(statistics, statistics, degrees)
def test_a_larger_statistic_is_never_more_likely(one: float, other: float, df: int) -> None:
    low, high = (chi_square_of(x, degrees_of_freedom=df).p_value for x in sorted((one, other)))
    assert low >= high


@given(statistics, degrees)
def test_a_statistic_is_less_surprising_with_more_degrees(statistic: float, df: int) -> None:
    less = chi_square_of(statistic, degrees_of_freedom=df).p_value
    assert chi_square_of(statistic, degrees_of_freedom=df + 1).p_value >= less


def test_a_statistic_just_below_zero_by_rounding_has_p_one() -> None:
    assert chi_square_of(-1e-16, degrees_of_freedom=1).p_value == 1
    assert chi_square_of(0.0, degrees_of_freedom=4).p_value == 1


@pytest.mark.parametrize(("statistic", "df"), [(3.0, 0), (math.nan, 1), (math.inf, 2), (1.0, -1)])
def test_what_cannot_be_tested_has_neither_statistic_nor_p(statistic: float, df: int) -> None:
    found = chi_square_of(statistic, degrees_of_freedom=df)
    assert math.isnan(found.statistic)
    assert math.isnan(found.p_value)
    assert found.degrees_of_freedom == df


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.5, math.nan])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        normal_quantile(level)


def test_a_score_is_tested_over_the_directions_that_vary() -> None:
    """The last of three groups adds nothing: what it has, the others lack."""
    two = quadratic_test(np.array([3.0, -1.0]), variance=np.array([[4.0, -1.0], [-1.0, 2.0]]))
    whole = np.array([[4.0, -1.0, -3.0], [-1.0, 2.0, -1.0], [-3.0, -1.0, 4.0]])
    three = quadratic_test(np.array([3.0, -1.0, -2.0]), variance=whole)

    assert two.statistic == pytest.approx((2 * 9 - 2 * 3 + 4) / 7)
    assert three.statistic == pytest.approx(two.statistic)
    assert three.degrees_of_freedom == two.degrees_of_freedom == 2


def test_a_score_without_variance_has_no_test() -> None:
    for size in (0, 2):
        found = quadratic_test(np.zeros(size), variance=np.zeros((size, size)))
        assert found.degrees_of_freedom == 0
        assert math.isnan(found.statistic)
