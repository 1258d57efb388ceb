"""iRECIST: which scan decides, and what counts as progression in the end (D3.8)."""

import polars as pl
import pytest

from derive.irecist_tables import assert_iresponses, progression_of, words_at
from derive.trial_tables import find_time

# --- when a scan decides


@pytest.mark.parametrize(("when", "overall"), [(111, "iUPD"), (112, "iCPD"), (400, "iCPD")])
def test_a_scan_28_days_later_or_more_decides(when: int, overall: str) -> None:
    data = assert_iresponses(f"""
    | visit | day    | L01 | overall   |
    | BL    | -10    | 20  |           |
    | M3    | 84     | 25  | iUPD      |
    | U1    | {when} | 31  | {overall} |
    """)
    soon = "less than 28 days" in words_at(data, visit="U1")
    assert soon == (overall == "iUPD")


def test_an_early_scan_neither_confirms_nor_resets() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | new | overall | now |
    | BL    | -10 | 20  |     |         |     |
    | M3    | 84  | 25  |     | iUPD    |     |
    | U1    | 100 | 20  |     | iUPD    |     |
    | U2    | 105 | ne  |     | NE      |     |
    | U3    | 110 | 25  | N01 | iUPD    |     |
    | M6    | 168 | 25  | N01 | iCPD    | L   |
    """)
    assert progression_of(data) == (84, True)


def test_a_scan_that_cannot_be_read_leaves_the_iupd_open() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | overall |
    | BL    | -10 | 20  |         |
    | M3    | 84  | 25  | iUPD    |
    | M6    | 168 | ne  | NE      |
    | M9    | 252 | 30  | iCPD    |
    """)
    assert words_at(data, visit="M6").startswith("cannot be evaluated")
    assert progression_of(data) == (84, True)


def test_a_category_of_the_iupd_that_is_not_read_is_not_over() -> None:
    assert_iresponses("""
    | visit | day | L01 | L02:other | overall |
    | BL    | -10 | 20  | pres      |         |
    | M3    | 84  | 20  | prog      | iUPD    |
    | M6    | 168 | 20  | ne        | NE      |
    | M9    | 252 | 20  | pres      | iSD     |
    """)


def test_growth_seen_on_part_of_the_targets_is_measured_from_the_first_complete_sum() -> None:
    assert_iresponses("""
    | visit | day | L01 | L02 | overall |
    | BL    | -10 | 20  | 20  |         |
    | M3    | 84  | 50  | ne  | iUPD    |
    | M6    | 168 | 50  | 20  | iUPD    |
    | M9    | 252 | 56  | ne  | iUPD    |
    | M12   | 365 | 56  | 20  | iCPD    |
    """)


def test_a_confirmed_progression_stays_confirmed() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | overall | first | now | of |
    | BL    | -10 | 20  |         |       |     |    |
    | M3    | 84  | 25  | iUPD    | T     |     |    |
    | M6    | 168 | 30  | iCPD    | T     | T   | M3 |
    | M9    | 252 | 10  | iCPD    | T     |     |    |
    """)
    assert words_at(data, visit="M9").startswith("progression was confirmed before")


# --- iPFS


@pytest.mark.parametrize(
    ("scans", "ipfs"),
    [
        ("25 30", (84, 1, "R4")),
        ("25 25", (84, 1, "R12")),
        ("25", (84, 1, "R12")),
        ("25 20", (168, 0, "R11")),
        ("20 25", (168, 1, "R12")),
        ("25 20 26", (252, 1, "R12")),
        ("25 20 26 31", (252, 1, "R4")),
        ("25 ne 31", (84, 1, "R4")),
        ("20 20", (168, 0, "R11")),
    ],
)
def test_ipfs_is_dated_at_the_first_iupd_that_was_not_reset(
    scans: str, ipfs: tuple[int, int, str]
) -> None:
    days = (84, 168, 252, 365)
    lines = [f"| V{n} | {days[n]} | {mm} |" for n, mm in enumerate(scans.split())]
    table = "\n".join(["| visit | day | L01 |", "| BL | -10 | 20 |", *lines])
    assert find_time(assert_iresponses(table), "pfs/ipfs/01-001") == ipfs


def test_a_death_after_a_reset_is_an_event_at_death() -> None:
    table = """
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    | M6    | 168 | 20  |
    """
    data = assert_iresponses(table, dth="| death_date |\n| 200 |")
    assert find_time(data, "pfs/ipfs/01-001") == (200, 1, "R5")
    assert progression_of(data) is None


def test_a_confirmed_progression_names_the_scans_that_show_and_confirm_it() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | L02:other | new    | overall |
    | BL    | -10 | 20  | pres      |        |         |
    | M3    | 84  | 20  | pres      | N01=12 | iUPD    |
    | M6    | 168 | 20  | pres      | N01=17 | iCPD    |
    """)
    entries = data.sources["iprogression"]["entries"].item().to_list()
    m6 = [f"01-001/les_fu/M6.{lesion}" for lesion in ("L01", "L02")]
    assert entries == ["01-001/newles/M3.N01", *m6, "01-001/newles/M6.N01"]
    second = data.iresponses.filter(pl.col("visit") == "M6")["entries"].item().to_list()
    assert second == [*m6, "01-001/newles/M6.N01"]


def test_an_equivocal_new_lesion_dates_the_iupd_back_to_its_first_sighting() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | new     | overall |
    | BL    | -10 | 20  |         |         |
    | M3    | 84  | 20  | N01?=12 | iUPD    |
    | M6    | 168 | 20  | N01=12  | iUPD    |
    """)
    assert progression_of(data) == (84, False)
    entries = data.iresponses.filter(pl.col("visit") == "M3")["entries"].item().to_list()
    assert entries[1:] == ["01-001/newles/M3.N01", "01-001/newles/M6.N01"]
