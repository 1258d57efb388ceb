"""The note of a data cut holds only for the files that were cut, read by their protocol."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from equipoise.capture.cut_note import (
    CUT,
    ENTRY_LINES,
    CutNote,
    CutRead,
    read_lines,
    read_note,
    write_lines,
    write_note,
)
from equipoise.vocab.finding import Severity

NOTE = CutNote(
    ledger_line=12,
    ledger_head="a" * 64,
    protocol_fingerprint="f" * 64,
    code_version="0.1.0",
    blinded=False,
    left_out=(),
    visits_left_out=(),
    data_digest="d" * 64,
    lines_digest="",
)


def read(folder: Path, *, data: str = "d" * 64, protocol: str = "f" * 64) -> CutRead:
    return read_note(folder, data_digest=data, protocol_fingerprint=protocol)


def told(found: CutRead) -> list[str]:
    assert all(finding.severity is Severity.SOFT and finding.mend for finding in found.findings)
    return [finding.code for finding in found.findings]


def test_a_folder_without_a_note_is_no_cut_and_nothing_is_told(tmp_path: Path) -> None:
    assert read(tmp_path) == CutRead(note=None)
    assert read_lines(tmp_path, note=None) == {}


def test_a_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_note(NOTE, folder=tmp_path)
    assert read(tmp_path) == CutRead(note=NOTE)


def test_changed_files_or_another_protocol_take_the_note_its_worth(tmp_path: Path) -> None:
    write_note(NOTE, folder=tmp_path)
    changed = read(tmp_path, data="e" * 64)
    assert (changed.note, told(changed)) == (None, ["cut-changed"])
    assert "ledger line 12" in changed.findings[0].message
    other = read(tmp_path, protocol="0" * 64)
    assert (other.note, told(other)) == (None, ["cut-other-protocol"])
    assert "ffffffffffff" in other.findings[0].message


def test_a_blinded_cut_names_what_is_not_in_it(tmp_path: Path) -> None:
    blinded = replace(NOTE, blinded=True, left_out=("ae", "newles"), visits_left_out=("W6",))
    write_note(blinded, folder=tmp_path)
    found = read(tmp_path)
    assert (found.note, told(found)) == (blinded, ["cut-blinded"])
    assert "ae, newles, visit W6 are not in it" in found.findings[0].message


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"ledger_line": 1}', "\x00", "no JSON"],
)
def test_a_file_that_is_no_note_is_told_and_claims_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / CUT).write_text(text, encoding="utf-8")
    found = read(tmp_path)
    assert (found.note, told(found)) == (None, ["cut-unreadable"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ledger_line", "12"),
        ("ledger_head", None),
        ("blinded", "no"),
        ("left_out", 3),
        ("visits_left_out", None),
        ("data_digest", 4),
        ("further", "word"),
    ],
)
def test_a_note_with_another_kind_of_value_is_none(tmp_path: Path, name: str, value: Any) -> None:
    (tmp_path / CUT).write_text(json.dumps({**asdict(NOTE), name: value}), encoding="utf-8")
    assert told(read(tmp_path)) == ["cut-unreadable"]


def test_lines_of_entries_are_told_while_their_file_is_the_one_that_was_cut(
    tmp_path: Path,
) -> None:
    lines = {"01-001/dm": 7, "01-001/les_fu/M3.L01": 9}
    note = replace(NOTE, lines_digest=write_lines(lines, folder=tmp_path))
    assert read_lines(tmp_path, note=note) == lines
    assert read_lines(tmp_path, note=None) == {}
    file = tmp_path / f"{ENTRY_LINES}.csv"
    file.write_text(file.read_text().replace("dm,7", "dm,8"))
    assert read_lines(tmp_path, note=note) == {}
    file.unlink()
    assert read_lines(tmp_path, note=note) == {}
