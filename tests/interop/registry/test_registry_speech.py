"""What findings say: place, words quoted, severity, proposal, in every record that has one."""

from pathlib import Path

import pytest

from equipoise.interop.registry_record import RegistryRecord, read_registry_record
from equipoise.interop.registry_record_rules import check_registry_record
from equipoise.vocab.finding import Finding, Severity
from interop.registry.registry_samples import (
    FOLDER,
    PLANTED,
    REFERENCE,
    build_lines,
    find_in,
)

OTHER = Path(__file__).parent / "other_records"
FILES = [REFERENCE, *sorted(FOLDER.glob("*.txt")), *sorted(OTHER.glob("fault_*.txt"))]
PLACES = ("primary outcome ", "secondary outcome ", "record", "interventions", "labels")


def _read(file: Path) -> tuple[RegistryRecord, tuple[Finding, ...]]:
    record = read_registry_record(file.read_bytes())
    return record, check_registry_record(record)


def _one(**lines: str) -> Finding:
    (finding,) = find_in(build_lines(**lines))
    return finding


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_place_is_one_a_reader_can_find(file: Path) -> None:
    record, findings = _read(file)
    measures = [outcome.measure for outcome in (*record.primary, *record.secondary)]
    for finding in findings:
        assert finding.where.startswith(PLACES)
        if "outcome" in finding.where:
            assert any(f"({measure})" in finding.where for measure in measures)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_words_quoted_stand_in_the_record(file: Path) -> None:
    record, findings = _read(file)
    text = record.words.casefold()
    for finding in findings:
        for part in finding.found.casefold().replace(" | ", "; ").split("; "):
            assert part in text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message_and_proposal_are_sentences(file: Path) -> None:
    for finding in _read(file)[1]:
        assert finding.message[0] in "'\"" or finding.message[0].isupper()
        assert finding.message.endswith(".")
        assert finding.mend[0].isupper()
        assert finding.mend.endswith(".")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_said_twice(file: Path) -> None:
    findings = _read(file)[1]
    assert len({(one.code, one.where) for one in findings}) == len(findings)


def test_stranger_event_is_named_in_the_message() -> None:
    finding = _one(secondary="Overall survival, Until first relapse or death, up to 5 years")
    assert "waits for death or recurrence" in finding.message
    assert "only death" in finding.mend


def test_measurement_that_waits_for_an_event_is_told_so() -> None:
    finding = _one(secondary="HbA1c, Percent, Until first documented progression, 12 months")
    assert "measurement" in finding.message
    assert "its own event, if it waits for one" in finding.mend


def test_gap_is_told_with_its_first_and_last_day() -> None:
    outcomes = (
        "Acute toxicity of any grade, CTCAE, up to 90 days|"
        "Late toxicity of any grade, CTCAE, 6 months to 3 years"
    )
    finding = _one(secondary=outcomes)
    assert "between 90 days (end of 'Acute toxicity of any grade') and 6 months" in finding.message


def test_late_opening_is_told_with_the_end_of_the_window() -> None:
    finding = _one(secondary="Acute toxicity of any grade, CTCAE, 4 to 6 months")
    assert "opens 4 months after its origin" in finding.message
    assert "the end of the window (6 months)" in finding.mend


def test_window_without_end_is_told_as_open() -> None:
    finding = _one(secondary="Acute toxicity of any grade, CTCAE, beyond 30 days")
    assert "(open)" in finding.mend


@pytest.mark.parametrize(
    ("time_frame", "adds_lag"),
    [("36 months from randomisation", False), ("36 months after hospital discharge", True)],
)
def test_later_cut_adds_the_lag_of_a_clock_that_starts_later(
    time_frame: str, adds_lag: bool
) -> None:
    description = (
        "200 patients will be randomised 1:1. Adults are eligible. "
        "The only analysis is done 12 months after the last patient is randomised."
    )
    finding = _one(
        primary="Overall survival, Death from any cause, 12 months from randomisation",
        secondary=f"Readmission, Any, {time_frame}",
        description=description,
    )
    assert "at least 36 months after the last randomisation" in finding.mend
    assert ("plus the time from there" in finding.mend) is adds_lag


def test_misspelling_is_told_once_with_the_word_meant() -> None:
    finding = _one(
        title="Chemotheraphy Alpha Versus Chemotheraphy Beta",
        interventions="DRUG: Alpha|DRUG: Beta",
    )
    assert (finding.code, finding.found) == ("spelling", "Chemotheraphy")
    assert "'chemotherapy'" in finding.mend


def test_only_open_points_are_soft() -> None:
    soft = {
        "assessor-or-criteria-absent",
        "window-origin-ambiguous",
        "horizons-need-separate-cuts",
        "role-of-primary-tumour-open",
        "term-not-standard",
        "spelling",
    }
    for file in FILES:
        for finding in _read(file)[1]:
            assert (finding.severity is Severity.SOFT) is (finding.code in soft)


def test_findings_come_in_the_order_of_the_rules_and_then_of_the_outcomes() -> None:
    codes = [finding.code for finding in _read(REFERENCE)[1]]
    assert codes == sorted(codes, key=codes.index)
    places = [one.where for one in _read(REFERENCE)[1] if one.code == "grade-open"]
    assert [place.split(" (")[0] for place in places] == [
        "secondary outcome 2",
        "secondary outcome 3",
    ]


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_finding_reads_as_one_line(name: str) -> None:
    (finding,) = _read(FOLDER / f"{name}.txt")[1]
    line = str(finding)
    assert "\n" not in line
    assert line.startswith(f"{finding.where}: [{finding.code}]")
