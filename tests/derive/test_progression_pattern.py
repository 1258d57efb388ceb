"""Where a subject first progressed and in how many lesions (D3.7)."""

import polars as pl
import pytest

from derive.trial_tables import PROTOCOL, build_frames, day, derive, scan_rows, scans

# Baseline: an index lesion of 20 mm, another target of 20 mm, an index and another non-target.
PATTERNS = [
    # L01, far target, index other, far other, new, pattern, lesions
    ("25", "16", "pres", "pres", "", None, None),
    ("40", "15", "pres", "pres", "", "local", 1),
    ("15", "40", "pres", "pres", "", "distant_existing", 1),
    ("20", "20", "prog", "pres", "", "local", 1),
    ("20", "20", "pres", "prog", "", "distant_existing", 1),
    ("20", "20", "pres", "pres", "N01", "distant_new", 1),
    ("20", "20", "pres", "pres", "N01 N02 N03", "distant_new", 3),
    ("20", "20", "pres", "pres", "N01@L01", "local", 1),
    ("40", "20", "pres", "pres", "N01", "mixed", 2),
    ("20", "20", "prog", "prog", "", "mixed", 2),
    ("40", "40", "prog", "prog", "N01", "mixed", 5),
]


def table_of(case: tuple[str, ...]) -> str:
    near, far, index, other, new = case
    return f"""
    | visit | day | L01    | L02:far | L03:other | L04:other,far | new   |
    | BL    | -10 | 20     | 20      | pres      | pres          |       |
    | M3    | 84  | {near} | {far}   | {index}   | {other}       | {new} |
    """


@pytest.mark.parametrize("case", PATTERNS)
def test_pattern_and_number_of_lesions_of_a_first_progression(
    case: tuple[str, str, str, str, str, str | None, int | None],
) -> None:
    found = derive(scans(table_of(case[:5]))).progression_patterns
    if case[5] is None:
        assert found.is_empty()
        return
    row = found.row(0, named=True)
    assert (row["pattern"], row["progressing_lesions"]) == case[5:]
    assert row["extent"] == ("oligo" if case[6] <= 3 else "poly")  # type: ignore[operator]
    assert (row["date"], len(row["entries"]) > 0) == (day(84), True)


def test_up_to_how_many_lesions_it_is_oligoprogression_is_a_setting() -> None:
    frames = build_frames(scan_rows(table_of(("40", "40", "prog", "prog", "N01"))))
    for most, extent in ((4, "poly"), (5, "oligo")):
        settings = PROTOCOL.response.model_copy(update={"oligoprogression_max_lesions": most})
        protocol = PROTOCOL.model_copy(update={"response": settings})
        found = derive(frames, protocol=protocol).progression_patterns
        assert found["extent"].to_list() == [extent]


def test_a_sum_that_progresses_in_no_single_lesion_counts_every_larger_target() -> None:
    table = """
    | visit | day | L01 | L02 | L03 |
    | BL    | -10 | 15  | 15  | 15  |
    | M3    | 84  | 19  | 19  | 19  |
    """
    assert derive(scans(table)).progression_patterns["progressing_lesions"].to_list() == [3]


def test_a_lesion_is_held_against_its_own_smallest_size() -> None:
    table = """
    | visit | day | L01 | L02 |
    | BL    | -10 | 30  | 30  |
    | M3    | 84  | 10  | 30  |
    | M6    | 168 | 22  | 30  |
    """
    assert derive(scans(table)).progression_patterns["progressing_lesions"].to_list() == [1]


def test_death_without_progression_is_a_pattern_of_its_own() -> None:
    text = "| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | 20 |"
    row = derive(scans(text, dth="| death_date |\n| 200 |")).progression_patterns.row(0, named=True)
    assert (row["pattern"], row["date"], row["extent"]) == ("death", day(200), None)
    assert row["entries"] == ["01-001/dth"]


def test_the_first_progression_counts_and_not_a_death_after_it() -> None:
    text = """
    | visit | day | L01 | new |
    | BL    | -10 | 20  |     |
    | M3    | 84  | 20  | N01 |
    | M6    | 168 | 40  | N02 |
    """
    found = derive(scans(text, dth="| death_date |\n| 200 |")).progression_patterns
    assert found.select("pattern", "date").rows() == [("distant_new", day(84))]


def test_a_refuted_progression_is_none() -> None:
    text = "| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | 26 |\n| M6 | 168 | 20 |"
    assert derive(scans(text)).progression_patterns.is_empty()


def test_a_confirmed_one_names_the_entries_of_the_verdict_too() -> None:
    text = "| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | 26 |\n| M6 | 168 | 27 |"
    found = derive(scans(text)).progression_patterns
    assert found["entries"].to_list() == [["01-001/les_fu/M3.L01", "01-001/les_fu/M6.L01"]]
    assert found.schema["progressing_lesions"] == pl.Int64
