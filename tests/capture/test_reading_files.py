"""Whole files: encodings, delimiters, headers, rows; the good rows are kept, the others named."""

import codecs
import io
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from capture.small_trial import folder, protocol, rows, told
from equipoise.capture.frames import empty_frames
from equipoise.capture.raw_table import read_table
from equipoise.vocab.finding import Severity

HEAD = "subject,site,sex,birth_year\n"
SOUND = HEAD + "01-001,01,F,1950\n01-002,01,M,1948\n"

SAME = {
    "as it is": SOUND.encode(),
    "with a byte order mark": codecs.BOM_UTF8 + SOUND.encode(),
    "as UTF-16 with a mark": SOUND.encode("utf-16"),
    "as UTF-32 with a mark": SOUND.encode("utf-32"),
    "with semicolons": SOUND.replace(",", ";").encode(),
    "with tabs": SOUND.replace(",", "\t").encode(),
    "with bars": SOUND.replace(",", "|").encode(),
    "with a line that says the delimiter": b"sep=;\n" + SOUND.replace(",", ";").encode(),
    "with the line ends of Windows": SOUND.replace("\n", "\r\n").encode(),
    "with old line ends": SOUND.replace("\n", "\r").encode(),
    "with blank lines": ("\n\n" + SOUND.replace("\n", "\n\n") + ",,,\n").encode(),
    "with blanks around the cells": SOUND.replace(",", " , ").encode(),
    "with quotes": SOUND.replace("01-001", '"01-001"').encode(),
    "with an empty last column": SOUND.replace("\n", ",\n").encode(),
    "with the columns in another order": b"sex,subject,birth_year,site\n"
    b"F,01-001,1950,01\nM,01-002,1948,01\n",
}


@pytest.mark.parametrize("data", SAME.values(), ids=SAME.keys())
def test_a_file_is_read_right_however_it_was_saved(data: bytes, tmp_path: Path) -> None:
    plain = folder(tmp_path / "plain", {"dm.csv": SOUND}).trial.frames["dm"]

    read = folder(tmp_path / "other", {"dm.csv": data})

    assert_frame_equal(read.trial.frames["dm"], plain)
    assert told(read.findings) == []


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "cp1252"])
def test_a_file_in_another_encoding_is_read_and_told(encoding: str, tmp_path: Path) -> None:
    text = "subject,visit,ecog_date,ecog,site_note\n01-001,M3,2026-01-05,1,Köln\n"

    read = folder(tmp_path, {"ecog.csv": text.encode(encoding)})

    assert read.trial.frames["ecog"].height == 1
    assert ("ecog.csv", "other-encoding") in told(read.findings)


FILES = [
    ("", "empty-file", True),
    ("\n  \n", "empty-file", True),
    (b"PK\x03\x04\x14\x00\x06\x00workbook", "other-encoding", True),
    (b"\xff\xfe\x00", "other-encoding", True),
    ("subject,site,site\n01-001,01,02\n", "column-twice", True),
    (HEAD + "01-001," + "x" * 140_000, "not-csv", True),
    ("patient,site,sex,birth_year\n01-001,01,F,1950\n", "column-missing", True),
    ("subject,site,sex,birth_year,\n01-001,01,F,1950,extra\n", "unnamed-column", False),
    ("subject,site,sex,birth_year,age\n01-001,01,F,1950,75\n", "unknown-item", True),
    (SOUND + "01-003,01,F\n", "ragged-row", True),
    ("replicate," + HEAD + "-1,01-001,01,F,1950\n", "wrong-type", True),
    ("replicate," + HEAD + "one,01-001,01,F,1950\n", "wrong-type", True),
]


@pytest.mark.parametrize(("data", "code", "hard"), FILES)
def test_a_file_that_is_not_sound_is_named(
    data: str | bytes, code: str, hard: bool, tmp_path: Path
) -> None:
    read = folder(tmp_path, {"dm.csv": data})

    found = [finding for finding in read.findings if finding.code == code]
    assert len(found) == 1
    assert found[0].where.startswith("dm.csv")
    assert found[0].mend.endswith((".", "?"))
    assert (found[0].severity is Severity.HARD) == hard


def test_a_header_without_rows_is_a_form_without_entries(tmp_path: Path) -> None:
    read = folder(tmp_path, {"dm.csv": HEAD, "allocations.csv": "subject,arm\n"})

    assert read.trial.frames["dm"].is_empty()
    assert told(read.findings) == []


def test_an_empty_folder_is_a_trial_without_entries(tmp_path: Path) -> None:
    read = folder(tmp_path, {})

    for name, frame in empty_frames(protocol()).items():
        assert_frame_equal(read.trial.frames[name], frame)
    names = [*(f"{form.form}.csv" for form in protocol().form), "allocations.csv"]
    assert [(f.where, f.code) for f in read.findings] == [(name, "file-missing") for name in names]
    assert {f.severity for f in read.findings} == {Severity.SOFT}


def test_files_that_no_form_reads_are_named(tmp_path: Path) -> None:
    read = folder(tmp_path, {"DM.csv": SOUND, "labs.csv": SOUND, "notes.txt": "read me"})

    assert told(read.findings) == [("DM.csv", "unknown-file"), ("labs.csv", "unknown-file")]
    assert "dm.csv" in read.findings[0].mend


def test_a_form_in_two_files_is_told_and_the_csv_file_is_read(tmp_path: Path) -> None:
    pl.DataFrame({"subject": ["09-009"]}).write_parquet(tmp_path / "dm.parquet")

    read = folder(tmp_path, {"dm.csv": SOUND})

    assert ("dm.parquet", "file-twice") in told(read.findings)
    assert read.trial.frames["dm"]["subject"].to_list() == ["01-001", "01-002"]


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("ld_cm", "ld_mm, in mm"),
        ("lesoin", "lesion"),
        ("diameter_mm", "derived"),
        ("zzz", "Remove the column"),
    ],
)
def test_an_unknown_column_is_answered_with_what_was_meant(column: str, meant: str) -> None:
    read = rows("les_bl", f"subject|{column}\n01-001|1")

    found = [finding for finding in read.findings if finding.code == "unknown-item"]
    assert [finding.where for finding in found] == [f"les_bl.csv header: {column}"]
    assert meant in found[0].mend.replace("'", "")


def test_without_a_key_column_no_row_is_kept_and_one_finding_says_so() -> None:
    read = rows("surv", "subject|alive_date\n01-001|2026-01-05\n01-002|2026-01-06")

    assert [(f.where, f.code) for f in read.findings if f.severity is Severity.HARD] == [
        ("surv.csv header: visit", "column-missing")
    ]
    assert read.frame.is_empty()


def test_refused_rows_are_named_by_their_row_in_the_file_and_the_others_kept(
    tmp_path: Path,
) -> None:
    text = (
        HEAD
        + "\n01-001,01,F,1950\n01-002,01,X,1948\n01-003,01\n\n01-004,01,M,19 50\n01-005,01,M,1951\n"
    )

    read = folder(tmp_path, {"dm.csv": text})

    assert told(read.findings) == [
        ("dm.csv row 5", "ragged-row"),
        ("dm.csv row 4: sex", "not-in-code-list"),
        ("dm.csv row 7: birth_year", "wrong-type"),
    ]
    assert read.trial.frames["dm"]["subject"].to_list() == ["01-001", "01-005"]


def test_of_two_entries_of_one_key_the_first_good_one_is_kept() -> None:
    read = rows(
        "surv",
        """
        subject | visit | alive_date
        01-001  | M3    | 2026-03-99
        01-001  | M3    | 2026-03-09
        01-001  | M3    | 2026-03-10
        01-002  | M3    | 2026-03-11
    """,
    )

    assert [(f.where, f.code) for f in read.findings] == [
        ("surv.csv row 2: alive_date", "impossible-date"),
        ("surv.csv row 4", "duplicate-key"),
    ]
    assert read.frame["alive_date"].dt.to_string().to_list() == ["2026-03-09", "2026-03-11"]


def test_a_subject_randomised_twice_is_told_and_the_first_date_counts() -> None:
    read = rows(
        "rand",
        """
        subject | randomised_date | omd_induced | n_mets | imdc
        01-001  | 2026-03-09      | N           | 1-3    | fav
        01-001  | 2026-04-01      | N           | 1-3    | fav
    """,
    )

    assert [(f.where, f.code) for f in read.findings] == [("rand.csv row 3", "randomised-twice")]
    assert read.frame["randomised_date"].dt.to_string().to_list() == ["2026-03-09"]


def test_allocations_are_held_to_the_arms_the_subjects_and_the_randomisation(
    tmp_path: Path,
) -> None:
    randomised = (
        "subject,randomised_date,omd_induced,n_mets,imdc\n"
        "01-001,2026-03-09,N,1-3,fav\n01-002,2026-03-10,N,1-3,fav\n"
    )
    arms = "subject,arm,replicate\n01-001,A,\n01-001,B,0\n01-003,B,\n01-004,C,\n,A,\n01-005,A,x\n"

    read = folder(tmp_path, {"rand.csv": randomised, "allocations.csv": arms})

    found = [(where.removeprefix("allocations.csv "), code) for where, code in told(read.findings)]
    assert found == [
        ("row 3", "allocated-twice"),
        ("row 5", "unknown-arm"),
        ("row 6", "required-missing"),
        ("row 7", "wrong-type"),
        ("rand, allocations: 01-002", "randomised-without-allocation"),
        ("rand, allocations: 01-003", "allocation-without-randomisation"),
    ]
    assert read.trial.allocations.rows() == [(0, "01-001", "A"), (0, "01-003", "B")]


def test_allocations_need_their_two_columns(tmp_path: Path) -> None:
    read = folder(tmp_path, {"allocations.csv": "subject,group\n01-001,A\n"})

    assert told(read.findings) == [("allocations.csv", "column-missing")]
    assert read.trial.allocations.is_empty()


def parquet(table: pl.DataFrame) -> bytes:
    """The bytes of a Parquet file."""
    data = io.BytesIO()
    table.write_parquet(data)
    return data.getvalue()


def test_a_parquet_file_of_another_program_is_read_by_its_types(tmp_path: Path) -> None:
    days = pl.Series("alive_date", ["2026-03-09", None]).str.to_datetime("%Y-%m-%d")
    table = pl.DataFrame(
        {"subject": ["01-001", "01-002"], "visit": ["M3", "M3"], "alive_date": days}
    )

    read = folder(tmp_path, {"surv.parquet": parquet(table)})

    assert read.trial.frames["surv"]["alive_date"].dt.to_string().to_list() == ["2026-03-09", None]
    assert told(read.findings) == [("surv.parquet row 2: alive_date", "required-missing")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"PAR1", "not-parquet"),
        (b"PAR1" + bytes(60) + b"PAR1", "not-parquet"),
        (parquet(pl.DataFrame({"subject": [["01-001"]]})), "not-parquet"),
        (parquet(pl.DataFrame({"subject": [{"site": 1}]})), "not-parquet"),
        (parquet(pl.DataFrame({"subject": [b"\xff"]})), "not-parquet"),
        (parquet(pl.DataFrame({"subject": ["01-001"]}))[:-9], "not-parquet"),
    ],
)
def test_a_parquet_file_that_is_none_is_named(data: bytes, code: str, tmp_path: Path) -> None:
    read = folder(tmp_path, {"dm.parquet": data})

    assert told(read.findings) == [("dm.parquet", code)]
    assert read.trial.frames["dm"].is_empty()


def test_a_file_that_the_system_does_not_give_is_a_finding(tmp_path: Path) -> None:
    read = read_table(tmp_path / "gone.csv")

    assert read.table.is_empty()
    assert [(f.where, f.code) for f in read.findings] == [("gone.csv", "file-unreadable")]
