"""Twelve subjects written by hand: what is derived from them is what a reader expects, row by row.

The tables stand in `subjects/expected.md`, worked out from the rules and not by the program.
"""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from equipoise.analysis.plan import run
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.folder_read import read_folder
from equipoise.capture.trial import TrialData
from equipoise.cli.main import main
from equipoise.derive.consistency import check_consistency
from equipoise.derive.cut import cut_dates
from equipoise.derive.datasets import derive_datasets
from equipoise.derive.schemas import Datasets
from equipoise.protocol.parse import shipped_protocol
from equipoise.vocab.finding import Finding, Severity

FOLDER = Path(__file__).parent / "subjects"
PROTOCOL = shipped_protocol()
Row = dict[str, str]


@cache
def tables() -> dict[str, list[Row]]:
    """The tables of expected.md by the heading they stand under."""
    found: dict[str, list[Row]] = {}
    text = (FOLDER / "expected.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        lines = [line for line in body.splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        names, _, *rows = cells
        found[heading] = [dict(zip(names, row, strict=True)) for row in rows]
    return found


@cache
def read() -> tuple[TrialData, tuple[Finding, ...]]:
    """The trial of the folder, with what reading and checking it found."""
    trial = read_folder(FOLDER, PROTOCOL)
    return trial.trial, (*trial.findings, *check_frames(trial.trial.frames, PROTOCOL))


@cache
def derived(cut: str = "") -> Datasets:
    """The datasets of the trial, of all entries or as of a cut."""
    frames = read()[0].frames
    cutoffs = cut_dates(frames, PROTOCOL, cut=cut) if cut else None
    return derive_datasets(frames, PROTOCOL, cutoffs=cutoffs)


def times_of(data: Datasets) -> dict[tuple[str, str], Row]:
    """Every derived time as the table writes it, by subject and endpoint."""
    found = {}
    for row in data.times.iter_rows(named=True):
        parts = (row["endpoint"], row["convention"], row["lesion"])
        endpoint = "/".join(part for part in parts if part)
        found[row["subject"], endpoint] = {
            "start": str(row["start_date"]),
            "end": str(row["end_date"]),
            "days": str(row["days"]),
            "cause": str(row["cause"]),
            "rule": row["rule"],
        }
    return found


def expected_times(heading: str) -> dict[tuple[str, str], Row]:
    """The expected times of a table, by subject and endpoint."""
    names = ("start", "end", "days", "cause", "rule")
    return {
        (row["subject"], row["endpoint"]): {name: row[name] for name in names}
        for row in tables()[heading]
    }


OTHER_CONVENTIONS = "Times by the other readings"


@cache
def every_expected_time() -> dict[tuple[str, str], Row]:
    """The expected times by every reading: as by the main ones, but for the rows that differ.

    Conventions have the row of the one they are based on. Local failure with removal counted, from
    the two clocks of LC-4, and from week 8 follows from local failure as it stands in the table.
    """
    said = expected_times("Times")
    for convention in PROTOCOL.endpoint_named("pfs").convention:
        base = "fda" if convention.based_on == "fda" else "ema"
        for subject, endpoint in list(said):
            if endpoint == f"pfs/{base}":
                said.setdefault((subject, f"pfs/{convention.id}"), said[subject, endpoint])
    said |= expected_times(OTHER_CONVENTIONS)
    for (subject, endpoint), row in list(said.items()):
        kind, _, lesion = endpoint.partition("/")
        if kind == "lc":
            said.setdefault((subject, f"lc_removed/{lesion}"), row)
            said[subject, f"lc_pseudo/reference/{lesion}"] = row
            said[subject, f"lc_landmark/{lesion}"] = from_week_8(row)
        if kind == "lc_sbrt":
            said[subject, f"lc_pseudo/{lesion}"] = row
    return said


def from_week_8(row: Row) -> Row:
    """The same time counted from 56 days later; not at risk where it had ended by then."""
    start = (date.fromisoformat(row["start"]) + timedelta(days=56)).isoformat()
    days = int(row["days"]) - 56
    if days < 1:
        return {"start": start, "end": "None", "days": "None", "cause": "None", "rule": "R0"}
    return {**row, "start": start, "days": str(days)}


def test_a_row_of_another_convention_stands_in_the_table_because_it_differs() -> None:
    for (subject, endpoint), row in expected_times(OTHER_CONVENTIONS).items():
        if endpoint.startswith("pfs/"):
            assert row != expected_times("Times")[subject, "pfs/ema"], (subject, endpoint)


@pytest.mark.parametrize("subject", sorted({row["subject"] for row in tables()["Traps"]}))
def test_every_time_of_a_subject_is_what_a_reader_expects(subject: str) -> None:
    found = {key: row for key, row in times_of(derived()).items() if key[0] == subject}
    wanted = {key: row for key, row in every_expected_time().items() if key[0] == subject}
    assert found == wanted
    assert len(wanted) >= 4


def test_at_the_data_cut_only_what_was_not_known_yet_differs() -> None:
    wanted = {**every_expected_time(), **expected_times("Times as of data cut DC1")}
    assert times_of(derived("DC1")) == wanted
    assert len(expected_times("Times as of data cut DC1")) == 2


def test_every_time_says_why_in_words_and_names_its_entries() -> None:
    times = derived().times
    assert times.filter(pl.col("words").str.len_chars() < 5).is_empty()
    assert times.filter(pl.col("entries").list.len() == 0).is_empty()
    known = {entry for frame in read()[0].frames.values() for entry in frame["entry"]}
    assert set(times["entries"].explode()) <= known


def test_the_deciding_entries_are_those_a_reader_would_look_up() -> None:
    entries = dict(derived().times.select("row", "entries").iter_rows())
    assert entries["os//01-001"] == ["01-001/dth"]
    assert entries["pfs/ema/01-001"] == ["01-001/newles/M3.N01", "01-001/newles/M6.N01"]
    assert entries["lc//01-007/L01"] == ["01-007/les_fu/M9.L01", "01-007/les_fu/M12.L01"]
    assert "01-011/subseq/1" in entries["pfs/fda/01-011"]
    assert "01-010/newles/M12.N01" in entries["pfs/fda/01-010"]


def test_every_assessment_has_the_response_a_reader_expects() -> None:
    rows = derived().assessments.filter(~pl.col("baseline")).iter_rows(named=True)
    found = [
        {
            "subject": row["subject"],
            "visit": row["visit"],
            "first": str(row["first_date"]),
            "last": str(row["last_date"]),
            "sum": _millimetres(row["sum_tenths_mm"]),
            "nadir": _millimetres(row["nadir_tenths_mm"]),
            "target": row["target_response"] or "",
            "response": row["response"],
            "held": "yes" if row["held"] else "no",
        }
        for row in rows
    ]
    wanted = [{k: v for k, v in row.items() if k != "why"} for row in tables()["Assessments"]]
    assert found == wanted


def test_the_best_response_of_a_subject_is_what_a_reader_expects() -> None:
    frame = derived().best_responses
    confirmed = dict(
        frame.filter(confirmation="confirmed").select("subject", "best_response").rows()
    )
    found = [
        {
            "subject": row["subject"],
            "best": row["best_response"],
            "confirmed": confirmed[row["subject"]],
            "response": _told(row["response_date"]),
            "days": _told(row["days_to_response"]),
            "duration": _told(row["duration_days"]),
            "goes on": "" if row["ongoing"] is None else _yes_no(row["ongoing"]),
            "change": ""
            if row["best_change_percent"] is None
            else f"{row['best_change_percent']:.1f}",
        }
        for row in frame.filter(confirmation="none").iter_rows(named=True)
    ]
    wanted = [{k: v for k, v in row.items() if k != "why"} for row in tables()["Best responses"]]
    assert found == wanted


def test_the_first_progression_of_a_subject_is_what_a_reader_expects() -> None:
    found = [
        {
            "subject": row["subject"],
            "pattern": row["pattern"],
            "lesions": _told(row["progressing_lesions"]),
            "extent": _told(row["extent"]),
            "date": str(row["date"]),
        }
        for row in derived().progression_patterns.iter_rows(named=True)
    ]
    rows = tables()["First progressions"]
    assert found == [{k: v for k, v in row.items() if k != "why"} for row in rows]


def test_who_is_eligible_and_treated_is_what_a_reader_expects() -> None:
    found = [
        {
            "subject": row["subject"],
            "eligible": _yes_no(row["eligible"]),
            "failed": " ".join(row["failed_criteria"]),
            "started": str(row["treatment_started_days"]),
            "sbrt started": _yes_no(row["sbrt_started"]),
            "sbrt complete": _yes_no(row["sbrt_complete"]),
        }
        for row in derived().subjects.iter_rows(named=True)
    ]
    assert found == tables()["Subjects"]


def test_the_populations_have_the_sizes_a_reader_expects() -> None:
    results = run(derived(), PROTOCOL, allocations=read()[0].allocations)
    for row in tables()["Populations"]:
        counts = results.populations[row["population"]]
        assert (str(counts["A"]), str(counts["B"])) == (row["A"], row["B"]), row["population"]
    assert len(tables()["Populations"]) == len(PROTOCOL.population)


def test_severe_adverse_events_have_the_dates_a_reader_expects() -> None:
    acute = derived().occurrences.filter(pl.col("endpoint") == "acute_g3")
    found = [
        {
            "entry": row["entries"][0],
            "onset": str(row["onset_date"]),
            "end": str(row["end_date"] or ""),
            "grade": str(row["grade"]),
            "emergent": _yes_no(row["treatment_emergent"]),
        }
        for row in acute.iter_rows(named=True)
    ]
    heading = "Adverse events of grade 3 or higher"
    assert found == [{k: v for k, v in row.items() if k != "why"} for row in tables()[heading]]


def test_exposure_counts_holds_and_reductions_as_a_reader_does() -> None:
    (wanted,) = tables()["Exposure of 01-004 to axitinib"]
    own = (pl.col("subject") == wanted["subject"]) & (pl.col("agent") == wanted["agent"])
    row = derived().exposure.filter(own).row(0, named=True)
    assert str(row["days"]) == wanted["days"]
    assert f"{row['relative_dose_intensity']:.3f}" == wanted["relative dose intensity"]
    assert str(row["held_for_sbrt_days"]) == wanted["held for sbrt"]
    assert str(row["reductions"]) == wanted["reductions"]


def test_the_traps_are_no_errors_of_entry_and_raise_the_questions_a_reader_would_ask() -> None:
    trial, findings = read()
    asked = check_consistency(derived(), frames=trial.frames, protocol=PROTOCOL)
    every = (*findings, *asked)
    assert [str(each) for each in every if each.severity is Severity.HARD] == []
    wanted = tables()["Questions that the data raise"]
    assert sorted((each.entry, each.code) for each in every) == sorted(
        (row["entry"], row["question"]) for row in wanted
    )


def test_the_folder_can_be_analysed_from_the_command_line() -> None:
    told = CliRunner().invoke(main, ["analyse", str(FOLDER)])
    assert told.exit_code == 0, told.output
    line = next(line for line in told.output.splitlines() if line.startswith("pfs_milestone "))
    assert "A 4/6" in line
    assert "B 5/6" in line


def _millimetres(tenths: int | None) -> str:
    return "" if tenths is None else f"{tenths / 10:.1f}"


def _told(value: object) -> str:
    return "" if value is None else str(value)


def _yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[value]
