"""Local control of index lesions (D2.5): failure, competing death, censoring, removal."""

import polars as pl
import pytest

from derive.case_tables import Case, derive_cases, read_cases, read_expected, time_of
from derive.trial_tables import derive, find_time, scans
from equipoise.derive.schemas import Datasets

# One index lesion of 20 mm at baseline; a sign needs a verdict 56 days later or more (R12).
SITUATIONS = """
| situation | scans | else | lc |
| growth, confirmed | 84:20 168:25 252:26 | | 168 event LF |
| growth under a fifth | 84:23.9 168:23.9 | | 168 censored LC-C |
| growth under 5 mm | 84:20 168:24.9 252:24.9 | | 252 censored LC-C |
| growth from its own nadir | 84:12 168:17 252:17 | | 168 event LF |
| small lesion that stays under 10 mm | 84:4 168:9.5 252:9.5 | | 252 censored LC-C |
| small lesion that reaches 10 mm | 84:4 168:10 252:10 | | 168 event LF |
| back after it was gone, however small | 84:abs 168:3 252:3 | | 168 event LF |
| too small to measure after it was gone | 84:abs 168:tstm 252:tstm | | 168 event LF |
| growth, not confirmed | 84:20 168:26 252:20 | | 252 censored LC-C |
| growth, last scan | 84:20 168:26 | | 168 event LF |
| growth, death before the verdict | 84:20 168:26 | death 200 | 168 event LF |
| growth, unreadable, then gone again | 84:20 168:26 252:ne 365:20 | | 365 censored LC-C |
| verdict after 55 days is none | 84:26 139:20 | | 84 event LF |
| verdict after 56 days | 84:26 140:20 | | 140 censored LC-C |
| death without failure | 84:20 | death 200 | 200 competing LC-D |
| failure and death on one day | 84:20 168:26 | death 168 | 168 event LF |
| death before any scan | | death 30 | 30 competing LC-D |
| viable tumour on biopsy | 84:20! | | 84 event LF |
| growth without viable tumour | 84:20 168:26? | | 168 censored LC-C |
| new lesion inside the field | 84:20+N01@L01 | | 84 event LF |
| new lesion at the margin | 84:20+N01@L01~ | | 84 censored LC-C |
| new lesion elsewhere | 84:20+N01 | | 84 censored LC-C |
| resected, then dead | 84:20 | resection 120, death 300 | 120 censored LC-R |
| found resected | 84:20 168:res | death 300 | 84 censored LC-R |
| measured after its resection | 84:20 168:30 252:30 | resection 120 | 120 censored LC-R |
| resected after it failed | 84:26 168:27 | resection 200 | 84 event LF |
| ablated, then dead | 84:20 168:30 | ablation 120, death 300 | 84 censored LC-R |
| radiotherapy outside the protocol | 84:20 168:20 | radiotherapy 100 | 168 censored LC-C |
| systemic switch | 84:20 168:20 | systemic 100 | 168 censored LC-C |
| last scan unreadable | 84:20 168:ne | | 84 censored LC-C |
| nobody ever looked | | alive 300 | 0 censored R2 |
| lost | 84:20 | lost 200 | 84 censored LC-C |
"""
# The clock of LC-2 starts with the last of all prescribed fractions.
AFTER_SBRT = """
| situation | scans | else | lc |
| failure after SBRT | 84:20 168:26 252:26 | prescribed 1, sbrt 20 | 148 event LF |
| death after SBRT | 84:20 | prescribed 1, sbrt 20, death 120 | 100 competing LC-D |
| controlled | 84:20 168:15 | prescribed 1, sbrt 20 | 148 censored LC-C |
"""
CASES = read_cases(SITUATIONS)
IRRADIATED = read_cases(AFTER_SBRT)


@pytest.fixture(scope="module")
def trial() -> Datasets:
    return derive_cases(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_situation_of_local_control(trial: Datasets, case: Case) -> None:
    found = time_of(trial, case, reading="lc/", lesion="L01")
    assert found == read_expected(case.cells["lc"])


def test_after_sbrt_the_clock_starts_with_the_last_fraction_of_the_lesion() -> None:
    data = derive_cases(IRRADIATED)
    for case in IRRADIATED:
        found = time_of(data, case, reading="lc_sbrt/", lesion="L01")
        assert found == read_expected(case.cells["lc"]), case.name


def test_a_lesion_without_all_its_fractions_never_completed_sbrt() -> None:
    case = read_cases("| a | scans | else |\n| b | 84:20 | prescribed 3, sbrt 20 |")
    data = derive_cases(case)
    assert data.times.filter(endpoint="lc_sbrt").is_empty()
    assert data.times.filter(endpoint="lc").height == 1


def test_a_lesion_that_failed_before_its_sbrt_is_not_at_risk_after_it() -> None:
    case = read_cases("| a | scans | else |\n| b | 84:26 168:26 | prescribed 1, sbrt 100 |")
    found = time_of(derive_cases(case), case[0], reading="lc_sbrt/", lesion="L01")
    assert found == (None, None, "R0")


def test_each_index_lesion_has_its_own_time_and_other_lesions_have_none() -> None:
    data = derive(
        scans("""
    | visit | day | L01 | L02 | L03:far |
    | BL    | -10 | 20  | 15  | 12      |
    | M3    | 84  | 27  | 15  | 12      |
    | M6    | 168 | 27  | 10  | 20      |
    """)
    )
    rows = data.times.filter(endpoint="lc").select("lesion", "days", "cause").rows()
    assert rows == [("L01", 85, 1), ("L02", 169, 0)]


@pytest.mark.parametrize(
    ("later", "cause"), [("9.9", 0), ("12.9", 0), ("13", 1)], ids=["normal", "under 5", "grown"]
)
def test_a_node_fails_when_it_grows_by_its_short_axis_to_ten(later: str, cause: int) -> None:
    data = derive(
        scans(f"""
    | visit | day | L01:node |
    | BL    | -10 | 18       |
    | M3    | 84  | 8        |
    | M6    | 168 | {later}  |
    | M9    | 252 | {later}  |
    """)
    )
    assert find_time(data, "lc//01-001/L01")[1] == cause


@pytest.mark.parametrize(
    ("first", "then", "cause"), [("pres", "prog", 1), ("abs", "pres", 1), ("pres", "pres", 0)]
)
def test_a_lesion_that_cannot_be_measured_fails_by_its_status(
    first: str, then: str, cause: int
) -> None:
    data = derive(
        scans(f"""
    | visit | day | L01:other |
    | BL    | -10 | pres      |
    | M3    | 84  | {first}   |
    | M6    | 168 | {then}    |
    | M9    | 252 | {then}    |
    """)
    )
    expected = (168, 1, "LF") if cause else (252, 0, "LC-C")
    assert find_time(data, "lc//01-001/L01") == expected


@pytest.mark.parametrize(("mass", "cause"), [("38", 0), ("42", 1)])
def test_a_mass_is_held_against_all_that_merged_into_it(mass: str, cause: int) -> None:
    # 20 + 15 = 35 mm: 42 is a fifth and 5 mm more
    data = derive(
        scans(f"""
    | visit | day | L01    | L02  |
    | BL    | -10 | 20     | 15   |
    | M3    | 84  | {mass} | >L01 |
    | M6    | 168 | {mass} | >L01 |
    """)
    )
    assert find_time(data, "lc//01-001/L01")[1] == cause
    assert find_time(data, "lc//01-001/L02") == (0, 0, "R2")


def test_a_mass_that_shrank_fails_when_it_grows_again() -> None:
    # the mass was 12 mm at its smallest: 20 is a fifth and 5 mm more, though less than 35
    data = derive(
        scans("""
    | visit | day | L01 | L02  |
    | BL    | -10 | 20  | 15   |
    | M3    | 84  | 30  | >L01 |
    | M6    | 168 | 12  | >L01 |
    | M9    | 252 | 20  | >L01 |
    | M12   | 365 | 20  | >L01 |
    """)
    )
    assert find_time(data, "lc//01-001/L01") == (252, 1, "LF")


def test_a_mass_that_another_lesion_joins_is_not_held_against_the_smaller_mass() -> None:
    # 22 + 16 + 18 = 56 mm: nothing grew, though the mass of the first two was 38
    data = derive(
        scans("""
    | visit | day | L01 | L02  | L03  |
    | BL    | -10 | 22  | 16   | 18   |
    | M3    | 84  | 38  | >L01 | 18   |
    | M6    | 168 | 56  | >L01 | >L01 |
    | M9    | 252 | 56  | >L01 | >L01 |
    """)
    )
    assert find_time(data, "lc//01-001/L01") == (252, 0, "LC-C")


def test_a_lesion_outside_the_index_counts_in_the_mass_it_merged_into() -> None:
    data = derive(
        scans("""
    | visit | day | L01 | L02:far |
    | BL    | -10 | 20  | 15      |
    | M3    | 84  | 38  | >L01    |
    | M6    | 168 | 38  | >L01    |
    """)
    )
    assert find_time(data, "lc//01-001/L01") == (168, 0, "LC-C")


def test_a_removal_names_its_kind_and_its_entry() -> None:
    data = derive_cases([case for case in CASES if "then dead" in case.name])
    rows = data.sources["lesion_removal"].sort("subject").select("type", "entries")
    assert rows["type"].to_list() == ["resected", "ablated"]
    assert [ids[0].split("/")[1] for ids in rows["entries"].to_list()] == ["surg", "subseq"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("growth, confirmed", "growth"),
        ("back after it was gone, however small", "reappearance"),
        ("viable tumour on biopsy", "biopsy"),
        ("new lesion inside the field", "in_field"),
    ],
)
def test_a_failure_says_what_showed_it(trial: Datasets, name: str, kind: str) -> None:
    subject = next(case.subject for case in CASES if case.name == name)
    failures = trial.sources["lesion_failure"].filter(pl.col("subject") == subject)
    assert failures["kind"].to_list() == [kind]
