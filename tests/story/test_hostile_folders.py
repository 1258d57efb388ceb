"""Trial folders as they come from elsewhere, and as they should not: an answer or a finding."""

import csv
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from equipoise.cli.main import main
from equipoise.cli.output import finding_values
from equipoise.cli.trial_run import load_trial
from equipoise.protocol.parse import shipped_protocol

Damage = Callable[[Path], None]
SUBJECTS = 8


@pytest.fixture(name="small", scope="module")
def _small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first eight subjects of a rehearsed trial."""
    folder = tmp_path_factory.mktemp("hostile") / "data"
    assert _run("rehearse", str(folder), "--seed", "3")[0] == 0
    kept = {row[0] for row in _rows(folder / "rand.csv")[1 : SUBJECTS + 1]}
    for file in folder.glob("*.csv"):
        head, *rows = _rows(file)
        _write(file, [head, *(row for row in rows if row[0] in kept)])
    return folder


@pytest.fixture(name="sound", scope="module")
def _sound(small: Path) -> tuple[int, dict[str, Any]]:
    return _analyse(small)


@pytest.fixture(name="data")
def _data(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "data"))


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert "Traceback" not in done.output
    return done.exit_code, done.stdout, done.stderr


def _rows(file: Path) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.reader(opened))


def _write(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened, lineterminator="\n").writerows(rows)


def _set(data: Path, place: str, value: str, *, row: int = 1) -> str:
    """Writes a cell of `form.item`; gives the subject of its row."""
    form, item = place.split(".")
    rows = _rows(data / f"{form}.csv")
    rows[row][rows[0].index(item)] = value
    _write(data / f"{form}.csv", rows)
    return rows[row][0]


def _analyse(data: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and answer of an analysis, whose JSON is valid."""
    code, said, _ = _run("analyse", str(data), "--json")

    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    answer: dict[str, Any] = json.loads(said, parse_constant=refuse)
    return code, answer


def _findings(data: Path) -> list[dict[str, str]]:
    """What reading the folder finds."""
    return finding_values(load_trial(data, shipped_protocol())[1])


def _each_file(data: Path, change: Callable[[bytes], bytes]) -> None:
    for file in data.glob("*.csv"):
        file.write_bytes(change(file.read_bytes()))


def _shuffle(data: Path) -> None:
    drawn = random.Random(5)
    for file in data.glob("*.csv"):
        head, *rows = _rows(file)
        drawn.shuffle(rows)
        order = drawn.sample(range(len(head)), len(head))
        _write(file, [[row[place] for place in order] for row in (head, *rows)])


def _to_parquet(data: Path) -> None:
    for file in data.glob("*.csv"):
        pl.read_csv(file, infer_schema=False).write_parquet(file.with_suffix(".parquet"))
        file.unlink()


def _add_replicate(data: Path, *, number: str = "0") -> None:
    for file in data.glob("*.csv"):
        head, *rows = _rows(file)
        _write(file, [["replicate", *head], *([number, *row] for row in rows)])


SAME: dict[str, Damage] = {
    "rows and columns shuffled": _shuffle,
    "windows line ends": lambda data: _each_file(data, lambda b: b.replace(b"\n", b"\r\n")),
    "semicolons": lambda data: _each_file(data, lambda b: b.replace(b",", b";")),
    "byte order mark": lambda data: _each_file(data, lambda b: b"\xef\xbb\xbf" + b),
    "utf-16": lambda data: _each_file(data, lambda b: b.decode().encode("utf-16")),
    "blanks about cells": lambda data: _each_file(data, lambda b: b.replace(b",", b" , ")),
    "parquet": _to_parquet,
    "a column of replicates": _add_replicate,
}


@pytest.mark.parametrize("how", SAME)
def test_the_same_trial_written_another_way_has_the_same_answer(
    sound: tuple[int, dict[str, Any]], data: Path, how: str
) -> None:
    SAME[how](data)
    assert _analyse(data) == sound


def _no_events_in_one_arm(data: Path) -> None:
    arms = dict(_rows(data / "allocations.csv")[1:])
    for form in ("dth", "newles", "rs", "subseq", "ae", "sae"):
        head, *rows = _rows(data / f"{form}.csv")
        _write(data / f"{form}.csv", [head, *(row for row in rows if arms[row[0]] == "A")])


def _one_arm_only(data: Path) -> None:
    rows = _rows(data / "allocations.csv")
    _write(data / "allocations.csv", [rows[0], *([row[0], "A"] for row in rows[1:])])


def _one_subject(data: Path) -> None:
    kept = _rows(data / "rand.csv")[1][0]
    for file in data.glob("*.csv"):
        head, *rows = _rows(file)
        _write(file, [head, *(row for row in rows if row[0] == kept)])


def _only_headers(data: Path) -> None:
    _each_file(data, lambda b: b.split(b"\n")[0] + b"\n")


def _strange_subject(data: Path) -> None:
    old = _rows(data / "rand.csv")[1][0].encode()
    _each_file(data, lambda b: b.replace(old, "пациент-1&amp;'<b>".encode()))


POOR: dict[str, tuple[Damage, int]] = {
    "no event in one arm": (_no_events_in_one_arm, 0),
    "everybody in one arm": (_one_arm_only, 0),
    "one subject": (_one_subject, 0),
    "only headers": (_only_headers, 0),
    "a subject with marks of HTML": (_strange_subject, 0),
    "every file empty": (lambda data: _each_file(data, lambda _: b""), 1),
    "no allocation": (lambda data: (data / "allocations.csv").unlink(), 0),
    "no randomisation": (lambda data: (data / "rand.csv").unlink(), 1),
    "no baseline lesion": (lambda data: (data / "les_bl.csv").unlink(), 1),
}


@pytest.mark.parametrize("how", POOR)
def test_poor_trials_go_through_every_command(data: Path, how: str) -> None:
    damage, code = POOR[how]
    damage(data)
    output = data.parent / "report.html"
    assert _run("derive", str(data))[0] == code
    assert _run("analyse", str(data), "--cut", "DC1")[0] == code
    assert _run("report", str(data), "--output", str(output))[0] == code
    page = output.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "пациент-1&amp;'<b>" not in page


ONE: list[tuple[str, str, str, str]] = [  # place, value, code, severity
    ("les_bl.ld_mm", "1.6 cm", "wrong-unit", "hard"),
    ("les_bl.ld_mm", "1e400", "wrong-type", "hard"),
    ("les_bl.ld_mm", "160", "unusual-value", "soft"),
    ("dm.birth_year", "9" * 30, "wrong-type", "hard"),
    ("rand.randomised_date", "2025-02-30", "impossible-date", "hard"),
    ("rand.randomised_date", "0000-00-00", "impossible-date", "hard"),
    ("rand.randomised_date", "04/26/2025", "wrong-type", "hard"),
    ("rand.randomised_date", "", "randomised-without-date", "hard"),
    ("rs.assessment_date", "2020-01-01", "response-before-randomisation", "hard"),
    ("newles.scan_date", "2020-01-01", "new-lesion-before-randomisation", "hard"),
    ("surv.alive_date", "2050-01-01", "alive-after-death", "hard"),
    ("ae.term", "Fat\nigue", "not-in-code-list", "hard"),
    ("dm.subject", "../../etc/passwd", "pattern-mismatch", "hard"),
    ("dm.subject", "03\x07001", "pattern-mismatch", "hard"),
    ("les_fu.visit", "M3/4", "pattern-mismatch", "hard"),
    ("allocations.arm", "<script>", "unknown-arm", "hard"),
]


@pytest.mark.parametrize(("place", "value", "code", "severity"), ONE)
def test_a_spoilt_cell_is_told_with_its_place_reason_and_mend(
    data: Path, place: str, value: str, code: str, severity: str
) -> None:
    row = 1
    if place.startswith("surv"):
        dead = {each[0] for each in _rows(data / "dth.csv")[1:]}
        row = next(n for n, each in enumerate(_rows(data / "surv.csv")) if each[0] in dead)
    subject = _set(data, place, value, row=row)
    (found,) = [one for one in _findings(data) if one["code"] == code]
    form, item = place.split(".")
    assert found["severity"] == severity
    assert form in found["where"]
    assert f"row {row + 1}" in found["where"] or subject in found["where"]
    assert item in found["where"] or form == "allocations"
    assert value in found["found"] + found["message"]
    assert found["message"]
    assert found["mend"]


def test_a_second_randomisation_is_told_and_changes_no_date(
    sound: tuple[int, dict[str, Any]], data: Path
) -> None:
    rows = _rows(data / "rand.csv")
    again = [rows[1][0], "2025-12-01", *rows[1][2:]]
    _write(data / "rand.csv", [*rows, again])
    code, answer = _analyse(data)
    assert code == 1
    [told] = [one for one in answer["findings"] if one["severity"] == "hard"]
    assert told["code"] == "randomised-twice"
    assert f"randomised_date = 2025-12-01 against {rows[1][1]}" in told["found"]
    assert answer["results"] == sound[1]["results"]


def test_a_lesion_measured_after_its_removal_is_told(data: Path) -> None:
    rows = _rows(data / "les_fu.csv")
    subject, visit, lesion = next(row for row in rows[1:] if row[4] == "measured")[:3]
    head = _rows(data / "surg.csv")[0]
    removed = {"subject": subject, "record": "1", "type": "metastasectomy", "planned": "N"}
    removed |= {"surgery_date": "2025-07-01", "lesion": lesion}
    _write(data / "surg.csv", [head, [removed.get(name, "") for name in head]])
    found = [one for one in _findings(data) if one["code"] == "measured-after-resection"]
    assert f"les_fu {subject}/les_fu/{visit}.{lesion}: status" in [one["where"] for one in found]


def test_each_missing_form_is_told_for_it_may_change_an_answer(data: Path) -> None:
    for form in ("dth", "surg"):
        (data / f"{form}.csv").unlink()
    (data / "surg.csv").mkdir()
    found = [one for one in _findings(data) if one["code"] == "file-missing"]
    assert [one["where"] for one in found] == ["dth.csv", "surg.csv"]
    assert {one["severity"] for one in found} == {"soft"}


def test_a_folder_without_forms_is_misuse(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("read me", encoding="utf-8")
    (tmp_path / "dm.csv").mkdir()
    for command in ("derive", "analyse", "report"):
        code, said, told = _run(command, str(tmp_path), "--json")
        assert (code, said) == (2, "")
        assert "holds no form of the protocol" in told


@pytest.mark.parametrize("command", ["derive", "analyse", "report"])
def test_several_trials_in_one_folder_are_never_mixed(data: Path, command: str) -> None:
    _add_replicate(data, number="7")
    code, said, told = _run(command, str(data), "--json")
    assert (code, said) == (2, "")
    assert "holds the trials 7 in the column 'replicate'" in told


def test_garbage_is_told_and_the_other_files_are_read(data: Path) -> None:
    noise = random.Random(1)
    (data / "les_fu.csv").write_bytes(noise.randbytes(1_000_000))
    (data / "rs.csv").write_bytes(b"PAR1" + noise.randbytes(1000))
    found = {one["where"]: one["code"] for one in _findings(data)}
    assert found == {"les_fu.csv": "other-encoding", "rs.csv": "other-encoding"}


def test_a_terminal_is_spared_a_hundred_thousand_lines(data: Path) -> None:
    head = (data / "les_fu.csv").read_text(encoding="utf-8").splitlines()[0]
    (data / "les_fu.csv").write_text(head + "\n" + "a,b\n" * 6000, encoding="utf-8")
    code, _, told = _run("derive", str(data))
    assert code == 1
    assert (
        len(told.splitlines()) == 5003
    )  # with how many more there are, how many entries were left out, the stamp
    every = json.loads(_run("derive", str(data), "--json")[1])["findings"]
    asked = [one for one in every if one["severity"] == "soft"]
    assert len(every) == 6000 + len(asked)
    assert f"... and {1000 + len(asked)} more findings; --json has all." in told
    assert len(_findings(data)) == 6000


WRONG_TYPES: dict[str, tuple[pl.Expr, str]] = {
    "a number": (pl.lit(45000.5), "wrong-type"),
    "an instant": (pl.lit("2025-06-01T10:30:00").str.to_datetime(), "wrong-type"),
    "a list": (pl.lit([1, 2]), "not-parquet"),
    "bytes": (pl.lit(b"\xff\xfe"), "not-parquet"),
    "nothing": (pl.lit(None), "randomised-without-date"),
}


@pytest.mark.parametrize("what", WRONG_TYPES)
def test_parquet_columns_of_a_wrong_type_are_told(data: Path, what: str) -> None:
    values, code = WRONG_TYPES[what]
    table = pl.read_csv(data / "rand.csv", infer_schema=False)
    (data / "rand.csv").unlink()
    table.with_columns(values.alias("randomised_date")).write_parquet(data / "rand.parquet")
    hard = [one for one in _findings(data) if one["code"] == code]
    assert hard
    assert all(one["where"].startswith("rand") for one in hard)
    assert {one["severity"] for one in hard} == {"hard"}
