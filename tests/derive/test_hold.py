"""Rule R12: a suspected progression of index lesions waits for a verdict (D2.3, D3.7)."""

import polars as pl
import pytest

from derive.response_tables import assert_responses
from derive.trial_tables import day, derive, find_time, scans
from equipoise.derive.schemas import Datasets

Progression = tuple[int, str, str | None]


def progressions(data: Datasets, *, frame: str = "progression") -> list[Progression]:
    """Day, pattern and rule of each progression that counts (or, unheld, that was seen)."""
    rows = data.sources[frame].sort("progression_date").iter_rows(named=True)
    named = frame == "progression"
    return [
        (
            (row["progression_date"] - day(0)).days,
            row["pattern"],
            "R12" if named and row["held"] else None,
        )
        for row in rows
    ]


def counted(text: str, **tables: str) -> list[Progression]:
    """The progressions that count in a table of scans."""
    return progressions(derive(scans(text, **tables)))


def test_growth_of_an_index_lesion_is_held_and_dated_back_when_confirmed() -> None:
    found = counted("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    | M6    | 168 | 26  |
    """)
    assert found[0] == (84, "local", "R12")


def test_growth_that_is_gone_on_the_confirming_scan_was_no_progression() -> None:
    text = """
    | visit | day | L01 | overall | held |
    | BL    | -10 | 20  |         | no   |
    | M3    | 84  | 25  | PD      | yes  |
    | M6    | 168 | 20  | SD      | no   |
    """
    assert counted(text) == []
    assert_responses(text)


def test_what_was_held_is_seen_where_nothing_is_held() -> None:
    data = derive(
        scans("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    | M6    | 168 | 20  |
    """)
    )
    assert progressions(data, frame="progression_unheld") == [(84, "local", None)]
    assert find_time(data, "pfs/fda/01-001") == (84, 1, "R4")
    assert find_time(data, "pfs/ema/01-001") == (168, 0, "R11")


def test_a_suspicion_without_any_later_scan_counts() -> None:
    found = counted("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    """)
    assert found == [(84, "local", "R12")]


@pytest.mark.parametrize(
    ("later", "size", "count"),
    [
        (139, "20", 1),  # 55 days later: too soon to refute
        (140, "20", 0),  # 56 days later: decides
        (140, "26", 2),  # confirmed, and progressive itself
        (168, "20", 0),
        (175, "20", 0),
        (176, "20", 0),  # later than 12 weeks and a window: still the scan that decides
        (400, "26", 2),
    ],
)
def test_the_first_scan_eight_weeks_later_or_more_decides(
    later: int, size: str, count: int
) -> None:
    found = counted(f"""
    | visit | day     | L01    |
    | BL    | -10     | 20     |
    | M3    | 84      | 25     |
    | U1    | {later} | {size} |
    """)
    assert len(found) == count
    assert all(rule == "R12" for _, _, rule in found)


def test_a_scan_that_cannot_be_read_decides_nothing() -> None:
    found = counted("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    | M6    | 168 | ne  |
    | M9    | 252 | 26  |
    """)
    assert found[0] == (84, "local", "R12")


def test_a_scan_after_the_cut_decides_nothing() -> None:
    text = """
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    | M6    | 168 | 20  |
    """
    assert progressions(derive(scans(text), cut_day=167)) == [(84, "local", "R12")]
    assert progressions(derive(scans(text), cut_day=168)) == []


@pytest.mark.parametrize(("biopsy", "count"), [("25!", 1), ("25?", 0)])
def test_a_biopsy_on_the_same_day_decides_at_once(biopsy: str, count: int) -> None:
    found = counted(f"""
    | visit | day | L01      |
    | BL    | -10 | 20       |
    | M3    | 84  | {biopsy} |
    | M6    | 168 | 20       |
    """)
    assert len(found) == count


@pytest.mark.parametrize(("biopsy", "days"), [("21!", [84]), ("21?", [168])])
def test_a_biopsy_before_the_confirming_scan_takes_its_place(biopsy: str, days: list[int]) -> None:
    # without viable tumour the growth on day 84 was none; that of day 168 is a new suspicion
    found = counted(f"""
    | visit | day | L01      |
    | BL    | -10 | 20       |
    | M3    | 84  | 25       |
    | U1    | 110 | {biopsy} |
    | M6    | 168 | 26       |
    """)
    assert [when for when, _, _ in found if when in (84, 168)][:1] == days


def test_a_new_lesion_is_never_held() -> None:
    found = counted("""
    | visit | day | L01 | new |
    | BL    | -10 | 20  |     |
    | M3    | 84  | 25  | N01 |
    | M6    | 168 | 20  |     |
    """)
    assert found[0] == (84, "mixed", None)


def test_growth_of_a_target_that_is_no_index_lesion_is_never_held() -> None:
    found = counted("""
    | visit | day | L01:far |
    | BL    | -10 | 20      |
    | M3    | 84  | 25      |
    | M6    | 168 | 20      |
    """)
    assert found == [(84, "distant_existing", None)]


def test_growth_to_which_other_targets_suffice_is_not_held() -> None:
    found = counted("""
    | visit | day | L01 | L02:far |
    | BL    | -10 | 20  | 20      |
    | M3    | 84  | 21  | 28      |
    | M6    | 168 | 20  | 20      |
    """)
    assert found == [(84, "distant_existing", None)]


def test_growth_that_needs_the_index_lesions_is_held() -> None:
    found = counted("""
    | visit | day | L01 | L02:far |
    | BL    | -10 | 20  | 20      |
    | M3    | 84  | 26  | 23      |
    | M6    | 168 | 20  | 20      |
    """)
    assert found == []


def test_a_progressive_non_target_is_held_only_if_it_is_an_index_lesion() -> None:
    held = """
    | visit | day | L01 | L02:other | held |
    | BL    | -10 | 20  | pres      | no   |
    | M3    | 84  | 20  | prog      | yes  |
    | M6    | 168 | 20  | pres      | no   |
    """
    assert counted(held) == []
    assert_responses(held)
    found = counted("""
    | visit | day | L01 | L02:other,far |
    | BL    | -10 | 20  | pres          |
    | M3    | 84  | 20  | prog          |
    | M6    | 168 | 20  | pres          |
    """)
    assert found == [(84, "distant_existing", None)]


def test_a_held_suspicion_beside_a_later_new_lesion_dates_back_only_if_it_goes_on() -> None:
    goes_on = counted("""
    | visit | day | L01 | new |
    | BL    | -10 | 20  |     |
    | M3    | 84  | 25  |     |
    | M6    | 168 | 26  | N01 |
    """)
    gone = counted("""
    | visit | day | L01 | new |
    | BL    | -10 | 20  |     |
    | M3    | 84  | 25  |     |
    | M6    | 168 | 20  | N01 |
    """)
    assert goes_on[0] == (84, "local", "R12")
    assert gone == [(168, "distant_new", None)]


def test_a_second_suspicion_is_judged_by_itself() -> None:
    found = counted("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    | M6    | 168 | 21  |
    | M9    | 252 | 27  |
    | M12   | 365 | 30  |
    """)
    assert found[0] == (252, "local", "R12")


def test_a_suspicion_seen_again_before_its_verdict_is_refuted_with_the_first() -> None:
    found = counted("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M6    | 168 | 26  |
    | U1    | 200 | 26  |
    | M9    | 252 | 20  |
    """)
    assert found == []


def test_a_suspicion_that_comes_back_after_its_verdict_waits_for_one_of_its_own() -> None:
    found = counted("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M6    | 168 | 26  |
    | M9    | 252 | 20  |
    | U1    | 280 | 26  |
    """)
    assert found == [(280, "local", "R12")]


@pytest.mark.parametrize(
    ("target", "bone", "others", "count"),
    [
        ("20", "ne", "pres", 1),  # the lesion suspected was not looked at: no verdict
        ("20", "pres", "ne", 0),  # it was, and another was not
        ("ne", "pres", "pres", 0),
        ("26", "ne", "pres", 2),  # another index lesion is progressive: the suspicion stands
    ],
)
def test_only_a_scan_that_read_the_lesion_suspected_refutes(
    target: str, bone: str, others: str, count: int
) -> None:
    found = counted(f"""
    | visit | day | L01      | L02:other | L03:other,far |
    | BL    | -10 | 20       | pres      | pres          |
    | M3    | 84  | 20       | prog      | pres          |
    | M6    | 168 | {target} | {bone}    | {others}      |
    """)
    assert len(found) == count
    assert all(rule == "R12" for _, _, rule in found)


def test_a_new_lesion_inside_the_field_is_local_and_not_held() -> None:
    found = counted("""
    | visit | day | L01 | new     |
    | BL    | -10 | 20  |         |
    | M3    | 84  | 20  | N01@L01 |
    """)
    assert found == [(84, "local", None)]


def test_progression_is_dated_by_the_scan_that_shows_it() -> None:
    frames = scans(
        """
    | visit | day | L01 | L02:other,far |
    | BL    | -10 | 20  | pres          |
    | M3    | 84  | 20  |               |
    """,
        newles="| visit | lesion | scan_date |\n| M3 | N01 | 88 |",
    )
    assert progressions(derive(frames)) == [(88, "distant_new", None)]


def test_a_confirmed_progression_names_the_scans_that_show_and_confirm_it() -> None:
    data = derive(
        scans("""
    | visit | day | L01 | L02 |
    | BL    | -10 | 20  | 10  |
    | M3    | 84  | 30  | 10  |
    | M6    | 168 | 31  | 10  |
    """)
    )
    first = data.sources["progression"].sort("progression_date").row(0, named=True)
    shown, confirmed = (
        [f"01-001/les_fu/{visit}.L01", f"01-001/les_fu/{visit}.L02"] for visit in ("M3", "M6")
    )
    assert first["entries"] == [*shown, *confirmed]


def test_only_counted_progressions_are_among_those_first_seen() -> None:
    data = derive(
        scans("""
    | visit | day | L01 | new |
    | BL    | -10 | 20  |     |
    | M3    | 84  | 25  |     |
    | M6    | 168 | 20  |     |
    | M9    | 252 | 20  | N01 |
    """)
    )
    key = ["replicate", "subject", "progression_date"]
    counts, seen = data.sources["progression"], data.sources["progression_unheld"]
    assert counts.join(seen, on=key, how="anti").is_empty()
    assert seen.height == 2
    assert counts.select(pl.col("progression_date").min()).item() == day(252)


def told(data: Datasets) -> list[tuple[str, bool, bool, int | None]]:
    """Visit, held, counts and day of the verdict of each progression."""
    return [
        (
            row["visit"],
            row["held"],
            row["counts"],
            row["verdict_date"] and (row["verdict_date"] - day(0)).days,
        )
        for row in data.progressions.iter_rows(named=True)
    ]


def test_every_progression_tells_whether_it_was_held_and_which_scan_judged_it() -> None:
    data = derive(
        scans("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    | M6    | 168 | 20  |
    | M9    | 252 | 30  |
    """)
    )
    assert told(data) == [("M3", True, False, 168), ("M9", True, True, None)]
    refuted, waiting = data.progressions["verdict_entries"].to_list()
    assert refuted == ["01-001/les_fu/M6.L01"]
    assert waiting == []
