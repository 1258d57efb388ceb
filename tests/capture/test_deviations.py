"""Deviations that the program records by itself: windows, missed visits, forms of another arm."""

import pytest

from capture.small_trial import protocol
from capture.visit_tables import circumstances, held
from equipoise.capture.deviations import Category, Deviation, Weight, days_outside, list_deviations
from equipoise.capture.schedule import build_schedule

RAND = "rand | | 2025-01-01 | complete\n"
M3 = "ecog | M3 | 2025-03-26 | complete\n"


def told(text: str, *, day: int = 85, arm: str | None = "A") -> tuple[Deviation, ...]:
    entries = held(text)
    visits = build_schedule(entries, protocol(), given=circumstances(day, arm=arm))
    return list_deviations(visits, protocol(), entries=entries, subject="01-001", arm=arm)


def about(text: str, *, day: int = 85, arm: str | None = "A") -> list[tuple[str, str, str]]:
    found = told(RAND + text, day=day, arm=arm)
    return [(d.category.value, d.about, d.weight.value) for d in found if d.about != "SCR"]


# the date of the ECOG of month 3 (window 2025-03-19 to 2025-04-02) | days outside
DATES = """
2025-03-18 | 1 days before
2025-03-19 |
2025-03-26 |
2025-04-02 |
2025-04-03 | 1 days after
2025-04-12 | 10 days after
"""


@pytest.mark.parametrize("line", DATES.strip().splitlines())
def test_a_visit_outside_its_window_is_a_minor_deviation(line: str) -> None:
    day, words = (cell.strip() for cell in line.split("|"))
    found = [d for d in told(f"{RAND}ecog | M3 | {day} | complete") if d.about == "M3"]
    assert bool(found) == bool(words)
    for deviation in found:
        assert deviation.category is Category.WINDOW
        assert deviation.weight is Weight.MINOR
        assert str(deviation.deviation_date) == day
        assert words in deviation.words
        assert deviation.entries == ("01-001/ecog/M3",)


def test_a_visit_is_one_deviation_by_its_furthest_entry() -> None:
    text = f"{RAND}ecog | M3 | 2025-04-04 | complete\nles_fu | M3 L01 | 2025-04-20 | complete"
    (found,) = [d for d in told(text) if d.about == "M3"]
    assert "18 days after its window (2025-03-19 to 2025-04-02)" in found.words
    assert found.entries == ("01-001/les_fu/M3.L01", "01-001/ecog/M3")


def test_a_draft_is_no_deviation_yet() -> None:
    assert about("ecog | M3 | 2025-04-12 | draft") == []


def test_screening_too_early_is_a_deviation_once_the_subject_is_randomised() -> None:
    early = "les_bl | L01 | 2024-11-19 | complete\n"  # 43 days before
    assert [d.about for d in told(RAND + early) if d.category is Category.WINDOW] == ["SCR"]
    assert told(early) == ()


def test_a_visit_of_which_nothing_was_entered_is_missed_once_its_window_is_over() -> None:
    assert about("", day=91) == []
    assert about("", day=92) == [("missed", "M3", "major")]
    assert about("ecog | M3 | 2025-03-26 | draft", day=92) == []
    assert about(M3, day=92) == []


def test_a_missed_visit_without_scan_is_minor() -> None:
    fractions = "rt_fx | L01 1 | 2025-01-20 | complete"
    assert about(f"{fractions}\n{M3}", day=69, arm="B") == [("missed", "W6", "minor")]
    assert about(f"{fractions}\n{M3}", day=68, arm="B") == []


def test_sbrt_in_the_control_arm_is_an_important_deviation() -> None:
    text = f"{M3}rt_fx | L01 1 | 2025-01-20 | complete\nrt_fx | L01 2 | 2025-01-18 | complete"
    (found,) = [d for d in told(RAND + text) if d.category is Category.ARM]
    assert (found.about, found.weight) == ("rt_fx", Weight.IMPORTANT)
    assert str(found.deviation_date) == "2025-01-18"
    assert found.entries == ("01-001/rt_fx/L01.1", "01-001/rt_fx/L01.2")
    for arm in ("B", None):
        assert [row for row in about(text, arm=arm) if row[0] == "arm"] == []


def test_a_deviation_is_found_once_and_again_the_same() -> None:
    text = f"{RAND}ecog | M3 | 2025-04-12 | complete"
    first = told(text, day=400)
    assert first == told(text, day=400)
    identities = [(d.subject, d.category, d.about) for d in first]
    assert len(set(identities)) == len(identities)


def test_days_outside_a_window_that_is_not_known_are_none() -> None:
    assert days_outside(circumstances(3).as_of_date, window=None) == 0
