"""Which lesions an assessment finds there: what iRECIST and reappearance are judged by."""

import pytest

from derive.trial_tables import build_frames, derive_imaging, scan_rows

# target: mass, node; non-target: index lesion, other lesion
CASES = [
    ("12", "12", "abs", "abs", (True, False, False)),
    ("abs", "12", "abs", "abs", (False, False, False)),  # a node alone is no mass
    ("abs", "9", "abs", "abs", (False, False, False)),
    ("ne", "9", "abs", "abs", (False, False, False)),  # nobody knows
    ("abs", "9", "pres", "abs", (False, True, False)),
    ("abs", "9", "prog", "abs", (False, True, False)),
    ("abs", "9", "abs", "pres", (False, False, True)),
    ("12", "9", "ne", "ne", (True, False, False)),
    ("abs", "9", "pres", "pres", (False, True, True)),
]


@pytest.mark.parametrize(("mass", "node", "index", "other", "found"), CASES)
def test_a_mass_and_the_non_targets_that_are_seen_are_there(
    mass: str, node: str, index: str, other: str, found: tuple[bool, bool, bool]
) -> None:
    rows = scan_rows(f"""
    | visit | day | L01    | L02:node | L03:other | L04:other,far |
    | BL    | -10 | 20     | 16       | 20        | 20            |
    | M3    | 84  | {mass} | {node}   | {index}   | {other}       |
    """)
    holds = derive_imaging(build_frames(rows)).holds
    assert holds.select("back", "index_shown", "other_shown").row(0) == found


def test_a_non_target_that_is_back_dates_the_progression_by_its_own_scan() -> None:
    rows = scan_rows("""
    | visit | day | L01 | L02:other,far | L03:other,far |
    | BL    | -10 | 20  | 20            | 20            |
    | M3    | 84  | abs | abs           | abs           |
    """)
    later = {
        "les_fu": [
            {"visit": "M6", "lesion": "L01", "scan_date": "160", "status": "absent"},
            {"visit": "M6", "lesion": "L02", "scan_date": "162", "status": "absent"},
            {"visit": "M6", "lesion": "L03", "scan_date": "164", "status": "present"},
        ]
    }
    both = {form: own + later.get(form, []) for form, own in rows.items()}
    tumour = derive_imaging(build_frames(both))
    seen = tumour.sources["progression_unheld"]
    start = build_frames(both)["rand"]["randomised_date"].item()
    assert [(day - start).days for day in seen["progression_date"]] == [164]


def test_an_assessment_without_new_lesions_counts_none() -> None:
    rows = scan_rows("| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | 20 |")
    assert derive_imaging(build_frames(rows)).holds["new_here"].to_list() == [0]


@pytest.mark.parametrize(
    ("index", "other", "back"),
    [
        ("pres", "abs", (True, False)),
        ("abs", "pres", (False, True)),
        ("pres", "pres", (True, True)),
        ("abs", "abs", (False, False)),
    ],
)
def test_after_a_complete_response_only_what_is_seen_again_is_back(
    index: str, other: str, back: tuple[bool, bool]
) -> None:
    rows = scan_rows(f"""
    | visit | day | L01 | L02:other | L03:other,far |
    | BL    | -10 | 20  | 20        | 20            |
    | M3    | 84  | abs | abs       | abs           |
    | M6    | 168 | abs | {index}   | {other}       |
    """)
    holds = derive_imaging(build_frames(rows)).holds.sort("first_date")
    assert holds.select("index_non_target", "other_non_target").row(-1) == back


def test_growth_of_the_targets_is_dated_by_the_scan_of_a_target() -> None:
    rows = scan_rows("""
    | visit | day | L01 | L02:other,far |
    | BL    | -10 | 20  | 20            |
    """)
    later = {
        "les_fu": [
            {"visit": "M3", "lesion": "L02", "scan_date": "80", "status": "present"},
            {
                "visit": "M3",
                "lesion": "L01",
                "scan_date": "84",
                "status": "measured",
                "mm": "26",
            },
        ]
    }
    both = {form: own + later.get(form, []) for form, own in rows.items()}
    seen = derive_imaging(build_frames(both)).sources["progression_unheld"]
    start = build_frames(both)["rand"]["randomised_date"].item()
    assert [(day - start).days for day in seen["progression_date"]] == [84]
