"""Progression-free survival: every rule of D2.3 in both conventions, a line a situation."""

import pytest

from derive.case_tables import Case, derive_cases, read_cases, read_expected, time_of
from equipoise.derive.schemas import Datasets

# ema: treatment policy (primary); fda: censoring (sensitivity); same: both agree. Planned scans:
# M3 84, M6 168, M9 252, M12 365 (7 days around), M24 701, M30 869, M36 1037 (14 days around).
SITUATIONS = """
| situation | scans | else | ema | fda |
| R1: no baseline, nothing seen | | no baseline, alive 300 | 0 censored R1 | same |
| R1: no baseline, new lesion | 84:+N01 | no baseline | 84 event R1 | 0 censored R1 |
| R1: no baseline, death | | no baseline, death 300 | 300 event R1 | 0 censored R1 |
| R2: no scan, alive | | alive 300 | 0 censored R2 | same |
| R2: only scans that cannot be read | 84:ne 168:ne | | 0 censored R2 | same |
| R2: no scan, lost | | alive 30, lost 300 | 0 censored R2 | same |
| R3: no scan, early death | | death 100 | 100 event R3 | same |
| R3: death on the last day of the second window | | death 175 | 175 event R3 | same |
| R3: death a day later | | death 176 | 176 event R3 | 0 censored R3 |
| R3: death after unreadable scans | 84:ne 168:ne | death 200 | 200 event R3 | 0 censored R3 |
| R4: progression at a visit | 84:20 168:20+N01 | | 168 event R4 | same |
| R4: progression between visits | 84:20 120:20+N01 | | 120 event R4 | same |
| R4: progression and death on one day | 84:20 168:20+N01 | death 168 | 168 event R4 | same |
| R4: progression at the first scan | 84:20+N01 | death 90 | 84 event R4 | same |
| R5: death without progression | 84:20 168:20 | death 200 | 200 event R5 | same |
| R5: one missed scan, death in time | 84:20 | death 259 | 259 event R5 | same |
| R6: two missed scans, death a day later | 84:20 | death 260 | 260 event R6 | 84 censored R6 |
| R4: one missed scan, progression | 84:20 252:20+N01 | | 252 event R4 | same |
| R6: two missed scans, progression | 84:20 365:20+N01 | | 365 event R6 | 84 censored R6 |
| R6: two unreadable scans | 84:20 168:ne 252:ne 365:20+N01 | | 365 event R6 | 84 censored R6 |
| R4: one unreadable scan | 84:20 168:ne 252:20+N01 | | 252 event R4 | same |
| R6: first scan after two were missed | 252:20+N01 | | 252 event R6 | 0 censored R6 |
| R6: missed scans, then stable again | 84:20 365:20 449:20+N01 | | 449 event R4 | same |
| R5: wide windows in year three | 701:20 | death 1051 | 1051 event R5 | same |
| R6: a day beyond them | 701:20 | death 1052 | 1052 event R6 | 701 censored R6 |
| R5: month 6 scanned ten days early | 84:20 158@M6:20 | death 330 | 330 event R5 | same |
| R6: an extra scan is no visit | 84:20 158:20 | death 330 | 330 event R6 | 158 censored R6 |
| R7: new therapy | 84:20 168:20 252:20+N01 | systemic 200 | 252 event R4 | 168 censored R7 |
| R7: therapy on the day of progression | 84:20 168:20+N01 | systemic 168 | 168 event R4 | same |
| R7: scan on that day | 84:20 168:20 252:20+N01 | systemic 168 | 252 event R4 | 168 censored R7 |
| R7: new therapy, death | 84:20 | systemic 100, death 200 | 200 event R5 | 84 censored R7 |
| R7: new therapy before any scan | 84:20 | systemic 50 | 84 censored R11 | 0 censored R7 |
| R7: surgery not planned | 84:20 168:20+N01 | nephrectomy 100 | 168 event R4 | 84 censored R7 |
| R15: palliative RT | 84:20 168:20+N01 | radiotherapy 100 | 168 event R4 | 84 censored R7 |
| R7: therapy after progression | 84:20+N01 | systemic 100 | 84 event R4 | same |
| R8: study therapy stopped | 84:20 168:20 | stopped 100 | 168 censored R11 | same |
| R9: clinical deterioration alone | 84:20 168:20 | clinical 120 | 168 censored R11 | same |
| R10: lost | 84:20 168:20 | lost 300, alive 250 | 168 censored R10 | same |
| R10: withdrawn | 84:20 | withdrew 300 | 84 censored R10 | same |
| R11: alive without progression | 84:20 168:20 | alive 300 | 168 censored R11 | same |
| R11: last scan unreadable | 84:20 168:ne | | 84 censored R11 | same |
| R11: completed | 84:20 | completed 300 | 84 censored R11 | same |
| R12: confirmed, dated back | 84:20 168:25 252:26 | | 168 event R12 | 168 event R4 |
| R12: not confirmed | 84:20 168:25 252:20 | | 252 censored R11 | 168 event R4 |
| R12: death before the verdict | 84:20 168:25 | death 210 | 168 event R12 | 168 event R4 |
| R12: not confirmed, then death | 84:20 168:25 252:20 | death 300 | 300 event R5 | 168 event R4 |
| R12: not confirmed, then new lesion | 84:20 168:25 252:20+N01 | | 252 event R4 | 168 event R4 |
| R12: lost before the verdict | 84:20 168:25 | lost 200 | 168 event R12 | 168 event R4 |
| R13: treatment of another cancer | 84:20 168:20+N01 | other-cancer 100 | 168 event R4 | same |
| R14: planned nephrectomy | 84:20 168:20+N01 | planned-nephrectomy 100 | 168 event R4 | same |
| R14: therapy of the protocol | 84:20 168:20+N01 | planned-therapy 100 | 168 event R4 | same |
| R14: SBRT of the protocol | 84:20 168:20+N01 | sbrt 20 | 168 event R4 | same |
"""
CASES = read_cases(SITUATIONS)


@pytest.fixture(scope="module")
def trial() -> Datasets:
    return derive_cases(CASES)


@pytest.mark.parametrize("convention", ["ema", "fda"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_situation_in_both_conventions(trial: Datasets, case: Case, convention: str) -> None:
    cell = case.cells[convention]
    expected = read_expected(case.cells["ema"] if cell == "same" else cell)
    assert time_of(trial, case, reading=f"pfs/{convention}") == expected


def test_censoring_never_dates_an_event_later_than_treatment_policy(trial: Datasets) -> None:
    """D8.5, test 8."""
    for case in CASES:
        policy = time_of(trial, case, reading="pfs/ema")
        censoring = time_of(trial, case, reading="pfs/fda")
        assert censoring[0] is not None
        assert policy[0] is not None
        assert censoring[0] <= policy[0], case.name


def test_days_count_the_day_of_randomisation_as_the_first(trial: Datasets) -> None:
    row = trial.times.filter(endpoint="pfs", convention="ema").row(0, named=True)
    assert row["days"] == (row["end_date"] - row["start_date"]).days + 1


def test_each_rule_is_printed_in_the_words_of_its_convention(trial: Datasets) -> None:
    case = next(case for case in CASES if case.name == "R6: two missed scans, progression")
    rows = trial.times.filter(subject=case.subject, endpoint="pfs")
    words = dict(rows.select("convention", "words").iter_rows())
    assert words["ema"].endswith("event on its own date")
    assert words["fda"].endswith("censored at the last adequate assessment before the gap")


@pytest.mark.parametrize(
    ("name", "convention", "entries"),
    [
        ("R5: death without progression", "ema", ["dth"]),
        ("R11: alive without progression", "ema", ["les_fu/M6.L01"]),
        ("R12: confirmed, dated back", "ema", ["les_fu/M6.L01", "les_fu/M9.L01"]),
        ("R7: new therapy", "fda", ["les_fu/M6.L01", "subseq/1"]),
        ("R6: two missed scans, death a day later", "fda", ["les_fu/M3.L01", "dth"]),
        ("R2: no scan, alive", "ema", ["rand"]),
    ],
)
def test_each_time_names_the_entries_that_decided_it(
    trial: Datasets, name: str, convention: str, entries: list[str]
) -> None:
    case = next(case for case in CASES if case.name == name)
    row = trial.times.filter(subject=case.subject, endpoint="pfs", convention=convention)
    assert row["entries"].item().to_list() == [f"{case.subject}/{place}" for place in entries]


def test_a_death_that_ended_nothing_is_named_though_it_is_the_only_date_of_the_trial() -> None:
    """R3, and nobody was ever scanned: the death is the first row that the engine reads."""
    alone = read_cases("| a | scans | else |\n| never scanned | | death 400 |")
    times = derive_cases(alone).times
    row = times.filter(row="pfs/fda/01-001")
    assert row.select("cause", "rule").row(0) == (0, "R3")
    assert row["entries"].item().to_list() == ["01-001/dth"]
