"""Intercurrent events of each subject, with the strategy of the estimand (D2.8)."""

import polars as pl

from derive.case_tables import derive_cases, read_cases
from derive.trial_tables import PROTOCOL, SUBJECT

STOP = "stop or switch of systemic therapy without progression"
LOCAL = "local therapy outside the protocol"
SITUATIONS = """
| situation | scans | else | event | day | by |
| therapy stopped for toxicity | 84:20 168:20 | stopped 100 | STOP | 101 | ex_sys/1 |
| switched for another reason | 84:20 168:20 | systemic 120 | STOP | 121 | subseq/1 |
| stopped, then switched | 84:20 168:20 | systemic 120, stopped 100 | STOP | 101 | ex_sys/1 |
| local therapy | 84:20 168:20 | radiotherapy 60 | LOCAL | 61 | subseq/1 |
| on the day of progression | 84:20 168:20+N01 | radiotherapy 168 | LOCAL | 169 | subseq/1 |
| death | 84:20 | death 200 | death | 201 | dth |
| after progression: none | 84:20+N01 | radiotherapy 100 | | | |
| after the last scan: none | 84:20 | stopped 100 | | | |
| nothing | 84:20 168:20 | | | | |
"""
CASES = read_cases(SITUATIONS)
NAMES = {"STOP": STOP, "LOCAL": LOCAL, "death": "death"}


def rows_of(endpoint: str) -> pl.DataFrame:
    return derive_cases(CASES).intercurrent.filter(endpoint=endpoint)


def test_each_event_on_the_way_to_progression_is_told_with_its_day_and_entry() -> None:
    rows = rows_of("pfs")
    for case in CASES:
        found = rows.filter(subject=case.subject).select("event", "day", "entries").rows()
        named = case.cells.get("event")
        expected = (
            [(NAMES[named], int(case.cells["day"]), [f"{case.subject}/{case.cells['by']}"])]
            if named
            else []
        )
        assert found == expected, case.name


def test_the_strategy_is_that_of_the_estimand() -> None:
    said = {e.event: e.strategy for e in PROTOCOL.endpoint_named("pfs").estimand.intercurrent}
    rows = rows_of("pfs")
    assert {row[0]: row[1] for row in rows.select("event", "strategy").rows()} == {
        name: said[name] for name in (STOP, LOCAL, "death")
    }
    assert "SBRT not delivered" in said  # told in the estimand, without a source


def test_a_lesion_that_was_removed_is_told_at_that_lesion() -> None:
    cases = read_cases("| a | scans | else |\n| b | 84:20 | resection 100 |")
    rows = derive_cases(cases).intercurrent.filter(endpoint="lc")
    assert rows.select("subject", "lesion", "strategy", "day").rows() == [
        (SUBJECT, "L01", "hypothetical", 101)
    ]


def test_later_entries_leave_no_trace() -> None:
    cases = read_cases("| a | scans | else |\n| b | 84:20 168:20 | stopped 100, alive 160 |")
    assert derive_cases(cases, cut_day=99).intercurrent.is_empty()
    assert derive_cases(cases, cut_day=170).intercurrent.filter(endpoint="pfs").height == 1
