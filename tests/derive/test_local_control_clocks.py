"""Local failure by every clock and unit of D2.5: landmark, stand-in, patient, removal, weights."""

import pytest

from derive.case_tables import derive_cases, read_cases, read_expected, time_of
from derive.trial_tables import build_frames, derive, find_time, scan_rows

# One index lesion of 20 mm; failure = 25 mm. Days of lc_landmark count from day 56.
SITUATIONS = """
| situation | scans | else | lc | lc_removed | lc_landmark |
| failure | 84:20 168:25 252:26 | | 168 event LF | same | 112 event LF |
| failure before the landmark | 50:25 140:26 | | 50 event LF | same | out |
| failure on the landmark | 56:25 140:26 | | 56 event LF | same | 0 event LF |
| none | 84:20 168:20 | | 168 censored LC-C | same | 112 censored LC-C |
| last seen before the landmark | 50:20 | alive 300 | 50 censored LC-C | same | out |
| never seen | | alive 300 | 0 censored R2 | same | out |
| death | 84:20 | death 200 | 200 competing LC-D | same | 144 competing LC-D |
| death before the landmark | | death 40 | 40 competing LC-D | same | out |
| resected | 84:20 | resection 100 | 100 censored LC-R | 100 event LC-R | 44 censored LC-R |
| + death | 84:20 | resection 90, death 95 | 90 censored LC-R | 90 event LC-R | 34 censored LC-R |
| resected early | | resection 30, death 200 | 30 censored LC-R | 30 event LC-R | out |
| ablated | 84:20 168:20 | ablation 100 | 84 censored LC-R | 100 event LC-R | 28 censored LC-R |
| failed, then resected | 84:25 168:26 | resection 200 | 84 event LF | same | 28 event LF |
"""
CASES = read_cases(SITUATIONS)


@pytest.mark.parametrize("reading", ["lc", "lc_removed", "lc_landmark"])
def test_every_situation_by_each_reading(reading: str) -> None:
    data = derive_cases(CASES)
    for case in CASES:
        cell = case.cells[reading]
        found = time_of(data, case, reading=f"{reading}/", lesion="L01")
        expected = (
            read_expected(case.cells["lc"] if cell == "same" else cell)
            if (cell != "out")
            else (None, None, "R0")
        )
        assert found == expected, case.name


def test_who_is_no_longer_followed_at_the_landmark_is_told_so() -> None:
    times = derive_cases(CASES).times.filter(endpoint="lc_landmark", rule="R0")
    words = dict(times.select("subject", "words").iter_rows())
    said = {case.name: words.get(case.subject) for case in CASES}
    early = "the event came before the origin: not at risk"
    gone = "no longer followed at the landmark: not at risk"
    assert said["failure before the landmark"] == said["death before the landmark"] == early
    assert said["last seen before the landmark"] == said["resected early"] == gone


TWO = """
| visit | day | L01 | L02 |
| BL    | -10 | 20  | 20  |
| M3    | 84  | 20  | 25  |
| M6    | 168 | 25  | 27  |
| M9    | 252 | 26  | 28  |
"""
FRACTIONS = "| lesion | fraction | fraction_date |\n| L01 | 1 | 20 |\n| L02 | 1 | 31 |"
PLANS = "| lesion | fractions |\n| L01 | 1 |\n| L02 | 1 |"


def test_the_first_lesion_that_fails_is_the_failure_of_the_patient() -> None:
    data = derive(build_frames(scan_rows(TWO)))
    assert find_time(data, "lc_patient//01-001") == (84, 1, "LF")
    row = data.times.filter(endpoint="lc_patient").row(0, named=True)
    assert row["entries"] == ["01-001/les_fu/M3.L02", "01-001/les_fu/M6.L02"]


def test_both_clocks_of_the_stand_in_are_derived_without_knowing_the_arm() -> None:
    data = derive(build_frames(scan_rows(TWO), rt_fx=FRACTIONS, rt_rx=PLANS))
    assert find_time(data, "lc_pseudo//01-001/L01") == (168 - 20, 1, "LF")
    assert find_time(data, "lc_pseudo//01-001/L02") == (84 - 31, 1, "LF")
    assert find_time(data, "lc_pseudo/reference/01-001/L01") == (168, 1, "LF")
    never = derive(build_frames(scan_rows(TWO)))
    assert never.times.filter(endpoint="lc_pseudo")["convention"].unique().to_list() == [
        "reference"
    ]


def test_lesions_weigh_one_over_those_at_risk_in_their_patient() -> None:
    data = derive(build_frames(scan_rows(TWO)))
    assert data.times.filter(endpoint="lc")["weight"].to_list() == [0.5, 0.5]
    assert set(data.times.filter(endpoint="pfs")["weight"]) == {1.0}
    one_out = derive(build_frames(scan_rows(TWO.replace("84 ", "50 "))))
    landmark = one_out.times.filter(endpoint="lc_landmark").sort("lesion")
    assert landmark["weight"].to_list() == [1.0, None]


def test_a_local_failure_happened_since_the_last_scan_of_that_lesion() -> None:
    rows = derive(build_frames(scan_rows(TWO))).times.filter(endpoint="lc").sort("lesion")
    assert rows.select("left_days", "right_days").rows() == [(85, 169), (0, 85)]
