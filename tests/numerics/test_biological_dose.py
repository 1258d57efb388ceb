"""BED, EQD2 and isoeffect: the table of schedules to its printed digits, and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.biological_dose import (
    LinearTail,
    biologically_effective_dose,
    equivalent_dose_in_2_gy,
    isoeffective_fraction_dose,
    isoeffective_total_dose,
)

# D5.1. The columns headed 6.9 and 2.6 there were counted with the values before rounding, 6.92 and
# 2.63 Gy (1 x 20: 20 + 400 / 6.92 = 77.8; with 6.9 it would be 78.0).
SCHEDULES = """
n x d | BED10 | BED6.92 | BED3  | BED2.63 | EQD2_10 | EQD2_3
1x20  | 60.0  | 77.8    | 153.3 | 172.1   | 50.0    | 92.0
1x24  | 81.6  | 107.2   | 216.0 | 243.0   | 68.0    | 129.6
1x25  | 87.5  | 115.3   | 233.3 | 262.6   | 72.9    | 140.0
1x26  | 93.6  | 123.7   | 251.3 | 283.0   | 78.0    | 150.8
2x12  | 52.8  | 65.6    | 120.0 | 133.5   | 44.0    | 72.0
3x9   | 51.3  | 62.1    | 108.0 | 119.4   | 42.8    | 64.8
3x10  | 60.0  | 73.4    | 130.0 | 144.1   | 50.0    | 78.0
3x12  | 79.2  | 98.4    | 180.0 | 200.3   | 66.0    | 108.0
3x14  | 100.8 | 127.0   | 238.0 | 265.6   | 84.0    | 142.8
3x15  | 112.5 | 142.5   | 270.0 | 301.7   | 93.8    | 162.0
3x18  | 151.2 | 194.5   | 378.0 | 423.6   | 126.0   | 226.8
4x12  | 105.6 | 131.2   | 240.0 | 267.0   | 88.0    | 144.0
5x7   | 59.5  | 70.4    | 116.7 | 128.2   | 49.6    | 70.0
5x8   | 72.0  | 86.2    | 146.7 | 161.7   | 60.0    | 88.0
5x9   | 85.5  | 103.5   | 180.0 | 199.0   | 71.2    | 108.0
5x10  | 100.0 | 122.3   | 216.7 | 240.1   | 83.3    | 130.0
8x7.5 | 105.0 | 125.0   | 210.0 | 231.1   | 87.5    | 126.0
10x3  | 39.0  | 43.0    | 60.0  | 64.2    | 32.5    | 36.0
10x5  | 75.0  | 86.1    | 133.3 | 145.1   | 62.5    | 80.0
"""
HEAD, *LINES = ([c.strip() for c in line.split("|")] for line in SCHEDULES.strip().splitlines())
doses = st.floats(0.1, 40)
counts = st.integers(1, 40)
ratios = st.floats(0.5, 20)


def bed(dose: float, fractions: int, ratio: float, tail: LinearTail | None = None) -> float:
    return float(
        biologically_effective_dose(dose, fractions=fractions, alpha_beta_gy=ratio, tail=tail)
    )


@pytest.mark.parametrize("line", LINES, ids=[line[0] for line in LINES])
def test_the_table_of_schedules_is_met_to_its_printed_digits(line: list[str]) -> None:
    count, dose = (float(part) for part in line[0].split("x"))
    for name, printed in zip(HEAD[1:], line[1:], strict=True):
        kind, ratio = name.replace("EQD2_", "EQD2 ").replace("BED", "BED ").split()
        found = bed(dose, int(count), float(ratio))
        if kind == "EQD2":
            found = float(equivalent_dose_in_2_gy(found, alpha_beta_gy=float(ratio)))
        assert found == pytest.approx(float(printed), abs=0.05 + 1e-9), name


def test_the_table_has_nineteen_schedules() -> None:
    assert len(LINES) == 19


def test_fractions_of_2_gy_are_their_own_equivalent() -> None:
    assert float(equivalent_dose_in_2_gy(bed(2, 30, 10), alpha_beta_gy=10)) == pytest.approx(60)
    assert float(equivalent_dose_in_2_gy(bed(2, 30, 3), alpha_beta_gy=3)) == pytest.approx(60)


def test_one_fraction_of_24_gy_is_as_much_as_three_of_12_at_some_ratio() -> None:
    # 24 (1 + 24/r) = 36 (1 + 12/r)  <=>  576/r - 432/r = 12  <=>  r = 12
    assert bed(24, 1, 12) == pytest.approx(bed(12, 3, 12)) == pytest.approx(72)


def test_arrays_go_element_by_element_and_unknown_stays_unknown() -> None:
    found = biologically_effective_dose([20, 10, np.nan], fractions=[1, 3, 3], alpha_beta_gy=10)
    assert found[:2].tolist() == [60, 60]
    assert np.isnan(found[2])


@given(doses, counts, ratios)
def test_the_dose_of_equal_effect_in_the_same_number_of_fractions_is_the_dose(
    dose: float, count: int, ratio: float
) -> None:
    again = isoeffective_fraction_dose(
        bed(dose, count, ratio), fractions=count, alpha_beta_gy=ratio
    )
    assert float(again) == pytest.approx(dose, rel=1e-12)


@given(doses, counts, counts, ratios, st.floats(4, 12))
def test_a_dose_of_equal_effect_has_equal_effect_with_a_tail_too(
    dose: float, count: int, other: int, ratio: float, edge: float
) -> None:
    for tail in (None, LinearTail(from_gy=edge), LinearTail(from_gy=edge, slope=1.5)):
        effect = bed(dose, count, ratio, tail)
        total = isoeffective_total_dose(effect, fractions=other, alpha_beta_gy=ratio, tail=tail)
        assert bed(float(total) / other, other, ratio, tail) == pytest.approx(effect, rel=1e-9)


@given(doses, ratios)
def test_more_fractions_need_more_dose(dose: float, ratio: float) -> None:
    totals = isoeffective_total_dose(
        bed(dose, 3, ratio), fractions=np.arange(1, 12), alpha_beta_gy=ratio
    )
    assert (np.diff(totals) > 0).all()


def test_the_root_is_exact_where_it_can_be_written_down() -> None:
    # 60 Gy at alpha/beta 10 in 5 fractions: d (1 + d/10) = 12, d = 5 (sqrt(5.8) - 1)
    found = isoeffective_fraction_dose(60, fractions=5, alpha_beta_gy=10)
    assert float(found) == pytest.approx(5 * (5.8**0.5 - 1))
    assert float(isoeffective_fraction_dose(0, fractions=5, alpha_beta_gy=10)) == 0


def test_a_tail_counts_in_a_straight_line_above_its_dose_and_nothing_below() -> None:
    tail = LinearTail(from_gy=10)
    assert bed(8, 3, 10, tail) == bed(8, 3, 10)
    assert bed(10, 3, 10, tail) == bed(10, 3, 10)
    # 10 (1 + 10/10) + (1 + 2 x 10 / 10) x 4 = 32, three times
    assert bed(14, 3, 10, tail) == pytest.approx(96)
    assert bed(14, 3, 10, LinearTail(from_gy=10, slope=2)) == pytest.approx(84)
    assert bed(14, 3, 10, tail) < bed(14, 3, 10)


def test_what_cannot_be_a_dose_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="dose per fraction is negative"):
        bed(-1, 3, 10)
    with pytest.raises(ValueError, match="BED is negative"):
        equivalent_dose_in_2_gy(-1, alpha_beta_gy=10)
    with pytest.raises(ValueError, match="alpha/beta must be above 0"):
        bed(10, 3, 0)
    with pytest.raises(ValueError, match="fractions must be above 0"):
        isoeffective_total_dose(60, fractions=0, alpha_beta_gy=10)
