"""Findings, identities, kinds of missing and partial dates."""

from dataclasses import replace
from datetime import date

import pytest

from equipoise.vocab.finding import Finding, Severity
from equipoise.vocab.ids import build_entry_id
from equipoise.vocab.missing import WRITTEN, Missing
from equipoise.vocab.partial_date import Imputed, parse_partial_date


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "imputed"),
    [
        ("2026-03-09", date(2026, 3, 9), date(2026, 3, 9), Imputed.NONE),
        ("2026-03", date(2026, 3, 1), date(2026, 3, 31), Imputed.DAY),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), Imputed.DAY),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), Imputed.MONTH),
    ],
)
def test_a_partial_date_has_a_first_and_a_last_day(
    text: str, earliest: date, latest: date, imputed: Imputed
) -> None:
    parsed = parse_partial_date(text)

    assert (parsed.earliest, parsed.latest, parsed.imputed) == (earliest, latest, imputed)


@pytest.mark.parametrize("text", ["", "26-03-09", "2026-13", "2026-02-30", "2026-3-9", "2026-00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_partial_date(text)


def test_an_entry_is_named_by_subject_form_and_key() -> None:
    assert build_entry_id(subject="01-012", form="dth", key=()) == "01-012/dth"
    assert build_entry_id(subject="01-012", form="les_fu", key=("M3", "L01")) == (
        "01-012/les_fu/M3.L01"
    )


def test_an_empty_string_is_no_kind_of_missing() -> None:
    assert "" not in WRITTEN
    assert set(WRITTEN.values()) == set(Missing)


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding(where="ae.csv row 3: grade", code="x", message="no.", found="9", mend="Do.")

    assert str(finding) == "ae.csv row 3: grade: [x] no. (found: 9) Do."
    assert str(replace(finding, message="no")).endswith("[x] no (found: 9). Do.")
    assert finding.severity is Severity.HARD
