"""Sizes in centimetres, jumps, lesions that change place: asked, and never mended."""

import pytest

from derive.trial_tables import PROTOCOL, build_frames, derive, scan_rows
from equipoise.derive.consistency import check_consistency

CODES = ("baseline-in-centimetres", "size-in-centimetres", "size-jumped")
DAYS = (84, 168, 252, 365, 449)
VISITS = ("M3", "M6", "M9", "M12", "M15")


def ask(scans: str, **tables: str) -> list[tuple[str, str, str]]:
    """Code, entry (without the subject) and what was found, but for responses."""
    frames = build_frames({k: v for k, v in scan_rows(scans).items() if v}, **tables)
    found = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    return [
        (each.code, each.entry.removeprefix("01-001/"), each.found)
        for each in found
        if not each.code.startswith(("progression-", "response-"))
    ]


def course(cells: str) -> list[tuple[str, str, str]]:
    """What is asked about a lesion of such sizes, the baseline first."""
    first, *later = cells.split()
    lines = [
        f"| {visit} | {day} | {cell} |"
        for visit, day, cell in zip(VISITS, DAYS, later, strict=False)
    ]
    return ask("\n".join(["| visit | day | L01 |", f"| BL | -10 | {first} |", *lines]))


COURSES = {
    # sizes, the baseline first: (code, entry, found) ...
    "20 20 21": [],
    "20 2.1 20": [("size-in-centimetres", "les_fu/M3.L01", "2.1 after 20.0 mm")],
    "20 20 2.1 2.2": [
        ("size-in-centimetres", "les_fu/M6.L01", "2.1 after 20.0 mm"),
        ("size-in-centimetres", "les_fu/M9.L01", "2.2 after 21.0 mm"),
    ],
    "20 tstm 2.1": [("size-in-centimetres", "les_fu/M6.L01", "2.1 after 20.0 mm")],
    "20 ne 2.1": [("size-in-centimetres", "les_fu/M6.L01", "2.1 after 20.0 mm")],
    "20 8 2.1": [
        ("size-jumped", "les_fu/M3.L01", "8.0 after 20.0 mm"),
        ("size-jumped", "les_fu/M6.L01", "2.1 after 8.0 mm"),
    ],
    "20 1.3": [("size-jumped", "les_fu/M3.L01", "1.3 after 20.0 mm")],
    "2.1 20 21": [("baseline-in-centimetres", "les_bl/L01", "2.1 mm")],
    "2.1 2 20": [("size-jumped", "les_fu/M6.L01", "20.0 after 2.0 mm")],
    "20 30": [],
    "20 30.1": [("size-jumped", "les_fu/M3.L01", "30.1 after 20.0 mm")],
    "20 10": [],
    "20 9.9": [("size-jumped", "les_fu/M3.L01", "9.9 after 20.0 mm")],
    "9 4.1": [],
    "20 abs 20": [],
    "20 20 45 20": [
        ("size-jumped", "les_fu/M6.L01", "45.0 after 20.0 mm"),
        ("size-jumped", "les_fu/M9.L01", "20.0 after 45.0 mm"),
    ],
}


@pytest.mark.parametrize("cells", COURSES)
def test_a_course_of_sizes_is_asked_about_where_it_breaks(cells: str) -> None:
    assert course(cells) == COURSES[cells]


def test_a_size_in_centimetres_is_asked_about_at_its_lesion_only() -> None:
    table = """
    | visit | day | L01 | L02 | L03 |
    | BL    | -10 | 20  | 30  | 25  |
    | M3    | 84  | 20  | 3.1 | 25  |
    | M6    | 168 | 20  | 31  | 25  |
    """
    assert ask(table) == [("size-in-centimetres", "les_fu/M3.L02", "3.1 after 30.0 mm")]
    states = derive(build_frames(scan_rows(table))).lesion_states
    assert states.filter(lesion="L02")["tenths_mm"].to_list() == [300, 31, 310]


def test_a_mass_that_others_merged_into_is_no_jump() -> None:
    table = """
    | visit | day | L01 | L02  |
    | BL    | -10 | 20  | 20   |
    | M3    | 84  | 20  | 20   |
    | M6    | 168 | 45  | >L01 |
    """
    assert ask(table) == []


def test_a_new_lesion_that_changes_organ_is_asked_about_at_the_later_entry() -> None:
    head = "| visit | lesion | scan_date | site |"
    newles = f"{head}\n| M3 | N01 | 84 | lung |\n| M6 | N01 | 168 | liver |"
    scans = "| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | 20 |\n| M6 | 168 | 20 |"
    assert ask(scans, newles=newles) == [("new-lesion-moved", "newles/M6.N01", "liver, first lung")]
    assert ask(scans, newles=newles.replace("liver", "lung")) == []


@pytest.mark.parametrize(("site", "asked"), [("lung", True), ("liver", False)])
def test_a_new_lesion_where_an_old_one_goes_missing_is_asked_about(
    site: str,
    asked: bool,
) -> None:
    scans = """
    | visit | day | L01 | L02 |
    | BL    | -10 | 20  | 20  |
    | M3    | 84  | 20  | 20  |
    | M6    | 168 | 20  | abs |
    """
    newles = f"| visit | lesion | scan_date | site |\n| M6 | N01 | 168 | {site} |"
    found = [("new-lesion-perhaps-old", "newles/M6.N01", "lung, where L02 is absent")]
    assert ask(scans, newles=newles) == (found if asked else [])


def test_a_new_lesion_long_after_an_old_one_went_is_not_asked_about() -> None:
    scans = """
    | visit | day | L01 | L02 |
    | BL    | -10 | 20  | 20  |
    | M3    | 84  | 20  | abs |
    | M6    | 168 | 20  | abs |
    """
    newles = "| visit | lesion | scan_date |\n| M6 | N01 | 168 |"
    assert ask(scans, newles=newles) == []


def test_every_question_about_sizes_is_planted() -> None:
    assert {code for told in COURSES.values() for code, _, _ in told} == set(CODES)
