"""Death, last contact and overall survival (D2.2, D2.7)."""

import pytest

from derive.case_tables import derive_cases, read_cases, read_expected, time_of
from derive.trial_tables import build_frames, day, derive, find_time

# Day 0 is 2024-01-01; day 60 is 2024-03-01.
SITUATIONS = """
| situation | scans | else | os |
| dead | | death 200 | 200 event OS |
| dead on the day of randomisation | | death 0 | 0 event OS |
| alive at a call | | alive 300 | 300 censored OS-C |
| alive at the last scan | 84:20 168:20 | alive 100 | 168 censored OS-C |
| alive at a new therapy | 84:20 | systemic 190 | 190 censored OS-C |
| alive at a surgery | 84:20 | resection 190 | 190 censored OS-C |
| nothing after randomisation | | | 0 censored OS-C |
| the end of the study proves nothing | 84:20 | lost 300 | 84 censored OS-C |
| a prescription proves nothing | 84:20 | prescribed 3 | 84 censored OS-C |
| progression is no event | 84:20+N01 | alive 100 | 100 censored OS-C |
| new therapy changes nothing | 84:20 | systemic 100, death 300 | 300 event OS |
| day unknown: the 15th | | death 2024-03 | 74 event OS |
| alive on the 20th: the day after | | death 2024-03, alive 79 | 80 event OS |
| alive on the last of the month | | death 2024-03, alive 90 | 90 event OS |
| month unknown: the 1st of July | | death 2024 | 182 event OS |
| alive in August: the day after | | death 2024, alive 230 | 231 event OS |
"""
CASES = read_cases(SITUATIONS)


def test_every_situation_of_survival() -> None:
    data = derive_cases(CASES)
    for case in CASES:
        assert time_of(data, case, reading="os/") == read_expected(case.cells["os"]), case.name


def test_a_completed_date_of_death_is_marked() -> None:
    data = derive_cases(read_cases("| a | else |\n| b | death 2024-03 |\n| c | death 200 |"))
    rows = data.sources["death"].select("subject", "imputed").rows()
    assert rows == [("01-001", True), ("01-002", False)]


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (73, (60, 0, "OS-C")),  # the 15th is not reached: not dead yet
        (74, (74, 1, "OS")),
    ],
)
def test_a_death_counts_from_its_completed_date(cut: int, expected: tuple[int, int, str]) -> None:
    case = read_cases("| a | else |\n| b | death 2024-03, alive 60 |")
    assert time_of(derive_cases(case, cut_day=cut), case[0], reading="os/") == expected


def test_the_last_of_several_contacts_on_one_day_is_named_once() -> None:
    frames = build_frames(
        surv="| visit | alive_date |\n| S1 | 100 |\n| S2 | 100 |\n| S3 | 90 |",
    )
    contact = derive(frames).sources["contact"].row(0, named=True)
    assert contact["alive_date"] == day(100)
    assert contact["entries"] == ["01-001/surv/S1"]


def test_survival_of_subjects_who_were_never_randomised_is_not_counted() -> None:
    frames = build_frames(surv="| subject | alive_date |\n| 01-001 | 90 |\n| 01-002 | 90 |")
    frames["rand"] = frames["rand"].filter(subject="01-001")
    assert derive(frames).times.filter(endpoint="os")["subject"].to_list() == ["01-001"]


def test_of_two_randomisations_the_first_counts() -> None:
    frames = build_frames(
        rand="| subject | randomised_date |\n| 01-001 | 30 |\n| 01-001 | 10 |",
        dth="| death_date |\n| 110 |",
    )
    data = derive(frames)
    assert find_time(data, "os//01-001") == (100, 1, "OS")
    assert data.subjects.height == 1
    assert data.subjects["randomised_date"].to_list() == [day(10)]
