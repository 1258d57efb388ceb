"""Every test holds its level and every interval its coverage at 500 an arm; at 44 it is told."""

import pytest

from long.level_and_coverage import PAGE, REPLICATES, SIZES, Measured, measure, write_page


@pytest.fixture(scope="module")
def measured() -> dict[int, list[Measured]]:
    return {size: measure(size) for size in SIZES}


def test_levels_and_coverages_hold_with_many_patients(measured: dict[int, list[Measured]]) -> None:
    wrong = [
        f"{each.kind} of {each.name}: {each.share:.4f}" for each in measured[500] if not each.holds
    ]

    assert wrong == []


def test_hardly_any_trial_is_left_without_an_answer(measured: dict[int, list[Measured]]) -> None:
    for size, found in measured.items():
        assert [each.name for each in found if each.told < 0.999 * REPLICATES] == [], size


def test_the_page_tells_what_was_measured(measured: dict[int, list[Measured]]) -> None:
    write_page(measured[500], measured[44], replicates=REPLICATES)

    assert PAGE.read_text().count("| level: ") + PAGE.read_text().count("| coverage: ") == len(
        measured[44]
    )


def test_a_level_of_six_percent_would_be_found() -> None:
    spoilt = Measured(name="x", kind="level", exact=False, hits=1200, told=REPLICATES)
    right = Measured(name="x", kind="level", exact=False, hits=1030, told=REPLICATES)

    assert (spoilt.holds, right.holds) == (False, True)
