"""Balance by factor, level and stratum, the test of the ratio, and who could have guessed."""

import math

import numpy as np
import pytest

from equipoise.randomise.balance import (
    compare_with_ratio,
    count_guesses,
    imbalance_of,
    measure_balance,
)
from equipoise.randomise.draw import Given
from equipoise.randomise.scheme import Plan
from naive import allocation_chances as exact

PLAN = Plan(
    scheme="permuted_blocks",
    arms=("A", "B"),
    ratio=(1, 1),
    factors=("risk", "many"),
    block_sizes=(4,),
)
TABLE = """
001 low  no  A
002 low  no  B
003 low  yes A
004 high no  A
005 low  no  A
006 high yes B
"""


def given(table: str, plan: Plan = PLAN) -> list[Given]:
    lines = [line.split() for line in table.strip().splitlines()]
    return [
        Given(subject=line[0], stratum=tuple(line[1:-1]), arm=line[-1], plan=plan) for line in lines
    ]


def test_counts_stand_by_level_and_by_stratum() -> None:
    balance = measure_balance(given(TABLE), plan=PLAN)
    assert (balance.overall.counts, balance.overall.imbalance) == ((4, 2), 2)
    assert [(row.group, row.level, row.counts, row.imbalance) for row in balance.levels] == [
        ("risk", "high", (1, 1), 0),
        ("risk", "low", (3, 1), 2),
        ("many", "no", (3, 1), 2),
        ("many", "yes", (1, 1), 0),
    ]
    assert [(row.level, row.counts) for row in balance.strata] == [
        ("high / no", (1, 0)),
        ("high / yes", (0, 1)),
        ("low / no", (2, 1)),
        ("low / yes", (1, 0)),
    ]


def test_a_trial_without_subjects_has_balance_and_nothing_to_test() -> None:
    balance = measure_balance((), plan=PLAN)
    assert (balance.overall.counts, balance.levels, balance.strata) == ((0, 0), (), ())
    assert math.isnan(balance.ratio_test.p_value)
    assert math.isnan(balance.guesses.share)


def test_a_factor_added_by_an_amendment_has_an_empty_level_before() -> None:
    before = Plan(scheme="simple", arms=("A", "B", "C"), ratio=(1, 1, 1), factors=("risk",))
    history = [*given("001 low A\n002 low C", before), *given("003 high yes B")]
    balance = measure_balance(history, plan=PLAN)
    assert balance.overall.counts == (1, 1)
    assert [(row.group, row.level) for row in balance.levels][2:] == [("many", ""), ("many", "yes")]


@pytest.mark.parametrize(
    ("counts", "ratio", "wanted"),
    [((5, 3), (1, 1), 2), ((6, 3), (2, 1), 0), ((6, 3), (4, 2), 0), ((3, 4, 4), (1, 2, 2), 1)],
)
def test_imbalance_is_counted_in_parts_of_the_ratio(
    counts: tuple[int, ...], ratio: tuple[int, ...], wanted: float
) -> None:
    assert imbalance_of(counts, ratio=ratio) == wanted


def test_the_ratio_is_tested_as_pearson_did() -> None:
    """Mendel's round and wrinkled peas, 5474 : 1850 against 3 : 1: chi-square 0.2629."""
    test = compare_with_ratio((5474, 1850), ratio=(3, 1))
    assert test.statistic == pytest.approx(0.2629, abs=5e-5)
    assert test.degrees_of_freedom == 1
    assert test.p_value == pytest.approx(math.erfc(math.sqrt(test.statistic / 2)))


def test_guesses_of_a_case_worked_by_hand() -> None:
    """Ties are half right; 002 and 005 follow a lead (right: 002; wrong: none named, a tie)."""
    guesses = count_guesses(given(TABLE), plan=PLAN)
    assert guesses.subjects == 6
    assert guesses.right == 0.5 + 1 + 0.5 + 0.5 + 0.5 + 0.5
    assert guesses.by_constant == 0.5


def test_the_first_guess_of_an_unequal_ratio_is_the_larger_arm() -> None:
    plan = Plan(scheme="simple", arms=("A", "B"), ratio=(2, 1))
    told = [count_guesses(given(f"1 {arm}", plan), plan=plan).right for arm in "AB"]
    assert told == [1, 0]
    assert count_guesses((), plan=plan).by_constant == pytest.approx(2 / 3)


@pytest.mark.parametrize("half", [1, 2, 3, 4])
def test_guesses_in_a_block_are_those_of_blackwell_and_hodges(half: int) -> None:
    """A block of 2m, 1:1: m + 2^(2m-1) / C(2m, m) - 1/2 are right (Blackwell and Hodges 1957)."""
    closed = half + 2 ** (2 * half - 1) / math.comb(2 * half, half) - 0.5
    counted = exact.correct_guesses(exact.one_block(half, (1, 1)), shares=2, steps=2 * half)
    assert float(counted) == pytest.approx(closed, abs=1e-12)
    orders = [
        order
        for order in range(2 ** (2 * half))
        if order.bit_count() == half  # every order of a block is as likely
    ]
    plan = Plan(scheme="permuted_blocks", arms=("A", "B"), ratio=(1, 1), block_sizes=(2 * half,))
    right = [
        count_guesses(
            [
                Given(subject=str(k), stratum=(), arm="AB"[order >> k & 1], plan=plan)
                for k in range(2 * half)
            ],
            plan=plan,
        ).right
        for order in orders
    ]
    assert np.mean(right) == pytest.approx(closed, abs=1e-12)
