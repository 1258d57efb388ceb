"""Every test holds its level and every interval its coverage at 500 an arm; at 44 it is told."""

import pytest

from long.level_advice import ADVICE, find_named
from long.level_and_coverage import REPLICATES, SIZES, measure
from long.level_measured import Measured
from long.level_page import PAGE, print_page
from long.level_registry import CHECKS


@pytest.fixture(scope="module")
def measured() -> dict[int, list[Measured]]:
    return {size: measure(size) for size in SIZES}


def test_levels_and_coverages_hold_with_many_patients(measured: dict[int, list[Measured]]) -> None:
    asked = [each for each in measured[500] if not each.check.misses]

    assert [f"{each.name}: {each.share:.4f}" for each in asked if not each.holds] == []


def test_what_is_known_to_miss_does(measured: dict[int, list[Measured]]) -> None:
    held = [each.name for each in measured[500] if each.check.misses and each.holds]

    assert held == []


def test_hardly_any_trial_is_left_without_an_answer(measured: dict[int, list[Measured]]) -> None:
    """But for those that say in which small trials there is none, and they alone."""
    left = {
        size: [each.name for each in found if each.told < 0.999 * each.asked]
        for size, found in measured.items()
    }

    assert left == {500: [], 44: [each.name for each in measured[44] if each.check.unanswered]}


def test_the_advice_follows_from_what_was_measured(measured: dict[int, list[Measured]]) -> None:
    unsafe, held = [], []
    for each in ADVICE:
        unsafe += [m.name for m in find_named(measured[44], each.take) if not m.is_safe]
        held += [m.name for m in find_named(measured[44], each.leave) if m.holds]

    assert (unsafe, held) == ([], [])


def test_the_page_tells_what_was_measured(measured: dict[int, list[Measured]]) -> None:
    PAGE.write_text(print_page(measured[500], measured[44], replicates=REPLICATES))

    rows = PAGE.read_text().split("## Rank tests")[1]
    assert rows.count("| level: ") + rows.count("| coverage: ") == len(CHECKS)
