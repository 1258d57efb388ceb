"""The table of responses and the list of happenings: what stands where, and in what order."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from equipoise.report.story.values import AssessmentTold
from equipoise.web.lesions.happenings import list_happenings
from equipoise.web.lesions.response_table import ResponseTable, build_response_table
from web.told_stories import RANDOMISED, event, lesion, reading, scan, story, treatment


def table(*scans: AssessmentTold, investigator: dict[str, str] | None = None) -> ResponseTable:
    lesions = (lesion("L01"), lesion("L02", failed=date(2024, 12, 11), failure="grew by a fifth"))
    told = story(assessments=scans, lesions=lesions)
    return build_response_table(told, investigator=investigator or {})


def scan_with(visit: str, name: str, value: Any) -> AssessmentTold:
    """A scan of which one size or change is known."""
    return replace(scan(visit), **{name: value})


def cells(made: ResponseTable, words: str) -> list[str]:
    """The cells of the row that starts with these words."""
    (row,) = [row for row in made.sums if row.words.startswith(words)]
    return [cell for cell, _ in row.cells]


def codes(made: ResponseTable, words: str) -> list[str]:
    """The codes by which the cells of a row are coloured."""
    (row,) = [row for row in made.sums if row.words.startswith(words)]
    return [code for _, code in row.cells]


# row | tenths at baseline and month 3 | cells
SIZES = """
sum_tenths_mm   | Sum of targets       | 430 401 | 43.0 mm, 40.1 mm
sum_tenths_mm   | Sum of targets       | 430 0   | 43.0 mm, 0.0 mm
sum_tenths_mm   | Sum of targets       | -   5   | –, 0.5 mm
nadir_tenths_mm | Smallest sum before  | -   430 | –, 43.0 mm
from_baseline   | Change from baseline | -   -67 | –, −6.7 %
from_baseline   | Change from baseline | -   -300 | –, −30 %
from_nadir      | Change from nadir    | -   199 | –, +19.9 %
from_nadir      | Change from nadir    | -   200 | –, +20 %
from_nadir      | Change from nadir    | -   0   | –, ±0 %
"""


@pytest.mark.parametrize("text", SIZES.strip().splitlines())
def test_sizes_and_changes_are_written_as_one_reads_them(text: str) -> None:
    name, row, values, expected = (part.strip() for part in text.split("|"))
    first, later = (None if word == "-" else int(word) for word in values.split())
    made = table(scan_with("BL", name, first), scan_with("M3", name, later))
    assert ", ".join(cells(made, row)) == expected
    assert codes(made, row) == ["", ""]


def test_the_rows_stand_in_the_order_in_which_one_works_them_out() -> None:
    assert [row.words for row in table(scan("BL")).sums] == [
        "Sum of targets",
        "Smallest sum before (nadir)",
        "Change from baseline",
        "Change from nadir",
        "Targets",
        "Non-targets",
        "Response, derived",
        "Response, investigator",
    ]


def test_every_row_has_a_cell_for_each_assessment_and_none_without_any() -> None:
    made = table(scan("BL"), scan("M3"), scan("M6"))
    assert {len(row.cells) for row in made.sums} == {3}
    assert {len(row.cells) for row in made.lesions} == {3}
    assert {len(row.cells) for row in table().sums} == {0}
    assert [each.cells for each in table().lesions] == [(), ()]


def test_a_baseline_has_no_response_whatever_is_written_there() -> None:
    made = table(scan("BL", "SD", target_response="SD"), scan("M3", "PR"))
    assert cells(made, "Response, derived") == ["–", "PR"]
    assert cells(made, "Targets") == ["–", "–"]


def test_the_response_of_the_investigator_stands_below_that_derived_by_its_visit() -> None:
    told = {"M6": "PD", "M3": "SD", "M9": "PD"}
    made = table(scan("BL"), scan("M3", "SD"), scan("M6", "SD"), investigator=told)
    assert cells(made, "Response, derived") == ["–", "SD", "SD"]
    assert cells(made, "Response, investigator") == ["–", "SD", "PD"]
    assert codes(made, "Response, investigator") == ["", "SD", "PD"]
    assert cells(table(scan("BL"), scan("M3", "SD")), "Response, investigator") == ["–", "–"]


def test_a_scan_between_visits_has_a_column_of_its_own() -> None:
    made = table(scan("BL"), scan("M3", "SD"), scan("M3U", "PD"), scan("M6", "PD"))
    assert [each.visit for each in made.assessments] == ["BL", "M3", "M3U", "M6"]
    assert cells(made, "Response, derived") == ["–", "SD", "PD", "PD"]


def test_a_lesion_not_read_at_a_scan_has_a_dash_there() -> None:
    made = table(
        scan("BL", readings=(reading("L01", "28.0 mm"), reading("L02", "15.0 mm"))),
        scan("M3", readings=(reading("L02", "merged into L01"),)),
    )
    assert [(each.lesion, each.cells) for each in made.lesions] == [
        ("L01", ("28.0 mm", "–")),
        ("L02", ("15.0 mm", "merged into L01")),
    ]


def test_a_reading_of_a_lesion_that_is_not_of_the_baseline_list_has_no_row() -> None:
    made = table(scan("M3", readings=(reading("N01", "12.0 mm"),)))
    assert [each.lesion for each in made.lesions] == ["L01", "L02"]
    assert {cell for each in made.lesions for cell in each.cells} == {"–"}


def test_a_local_failure_is_told_with_its_day() -> None:
    assert [each.failure for each in table().lesions] == ["", "2024-12-11: grew by a fifth"]


def test_happenings_stand_in_the_order_of_days_whatever_they_are() -> None:
    told = story(
        person={"death_date": date(2025, 3, 1), "last_alive_date": date(2025, 2, 27)},
        treatments=(treatment("sbrt", date(2024, 4, 22)), treatment("systemic", RANDOMISED)),
        assessments=(scan("M3", "SD", first_date=date(2024, 6, 25), sum_tenths_mm=380),),
        adverse_events=(event("Cough", onset=date(2024, 5, 1)),),
    )
    found = list_happenings(told)
    assert [each.kind for each in found] == [
        "randomised", "systemic", "sbrt", "event", "scan", "alive", "death",
    ]  # fmt: skip
    assert [each.day for each in found] == sorted(each.day for each in found)


@pytest.mark.parametrize(
    ("scanned", "words"),
    [
        (scan("M3", "SD", sum_tenths_mm=380), "m3: sum 38.0 mm, SD, stable disease"),
        (scan("M3", "PD"), "m3: sum –, PD, progressive disease"),
        (scan("M3", "NON-CR/NON-PD"),
         "m3: sum –, NON-CR/NON-PD, neither complete response nor progression"),
        (scan("M3"), "m3: sum –, no response"),
        (scan("BL", "SD", sum_tenths_mm=430), "bl: sum 43.0 mm"),
    ],
)  # fmt: skip
def test_a_scan_is_told_with_its_sum_and_response(scanned: AssessmentTold, words: str) -> None:
    dated = scan(scanned.visit, scanned.response, first_date=RANDOMISED,
                 sum_tenths_mm=scanned.sum_tenths_mm)  # fmt: skip
    found = list_happenings(story(assessments=(dated,)))
    assert [each.words for each in found if each.kind == "scan"] == [words]


def test_a_grade_that_nobody_gave_is_asked() -> None:
    known, open_ = event("Cough", onset=RANDOMISED), event("Rash", onset=RANDOMISED, grade=None)
    found = list_happenings(story(adverse_events=(known, open_)))
    assert [each.words for each in found][1:] == ["Cough, grade 2", "Rash, grade ?"]
    death = list_happenings(story(adverse_events=(event("x", onset=RANDOMISED, grade=0),)))
    assert death[-1].words == "x, grade 0"


def test_what_has_no_day_does_not_happen_on_one() -> None:
    told = story(
        person={"randomised_date": None},
        assessments=(scan("M3", "SD"),),
        adverse_events=(event("Cough", onset=None),),
    )
    assert list_happenings(told) == []
