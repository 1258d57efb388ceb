"""Every reader of a trial asks what its entries do not explain, and says what it left out."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from equipoise.cli.derive import left_out_line
from equipoise.cli.main import main
from equipoise.derive.schemas import LEFT_OUT

READERS = ["derive", "analyse", "report"]


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    """The twelve subjects written by hand."""
    subjects = Path(__file__).parents[1] / "golden" / "subjects"
    return Path(shutil.copytree(subjects, tmp_path / "data"))


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, list(arguments))
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("command", READERS)
def test_a_reader_asks_about_entries_that_do_not_fit_and_leaves_with_success(
    command: str, data: Path
) -> None:
    code, _, told = _run(command, str(data))
    assert code == 0
    asked = [line for line in told.splitlines() if "[response-differs]" in line]
    assert asked
    assert all(line.startswith("asked   rs 01-") for line in asked)


@pytest.mark.parametrize("command", READERS)
def test_questions_stand_in_json_with_subject_entry_and_what_to_do(
    command: str, data: Path
) -> None:
    _, said, _ = _run(command, str(data), "--json")
    findings = json.loads(said)["findings"]
    [first, *_] = [each for each in findings if each["code"] == "response-differs"]
    assert first["entry"].startswith(f"{first['subject']}/rs/")
    assert first["severity"] == "soft"
    assert first["mend"]


def test_a_question_about_a_later_entry_is_not_asked_at_a_cut(data: Path) -> None:
    dates = pl.read_csv(data / "rs.csv", infer_schema=False)
    late = dates.with_columns(assessment_date=pl.lit("2099-01-01"))
    late.write_csv(data / "rs.csv")
    _, every, _ = _run("derive", str(data), "--json")
    _, at_cut, _ = _run("derive", str(data), "--cut", "DC1", "--json")
    asked = [{each["code"] for each in json.loads(said)["findings"]} for said in (every, at_cut)]
    assert "response-dated-elsewhere" in asked[0]
    assert not {"response-dated-elsewhere", "response-differs"} & asked[1]


def test_derive_says_how_many_entries_it_left_out_and_json_names_each(data: Path) -> None:
    file = data / "newles.csv"
    head, *_ = file.read_text(encoding="utf-8").splitlines()
    row = dict.fromkeys(head.split(","), "")
    row |= {"subject": "01-001", "visit": "M3", "lesion": "N07", "scan_date": "2099-01-01"}
    row |= {"site": "lung", "certainty": "equivocal"}
    with file.open("a", encoding="utf-8") as opened:
        opened.write(",".join(row.values()) + "\n")
    _, _, told = _run("derive", str(data))
    line = next(line for line in told.splitlines() if line.startswith("Entries left out:"))
    assert "never-unequivocal" in line
    _, said, _ = _run("derive", str(data), "--json")
    left_out = json.loads(said)["left_out"]
    assert line.split(":")[1].split()[0] == str(len(left_out))
    assert {
        "subject": "01-001",
        "form": "newles",
        "entry": "01-001/newles/M3.N07",
        "code": "never-unequivocal",
        "words": "equivocal, and never unequivocal later (D3.4)",
    } in left_out


def test_nothing_left_out_is_said_too() -> None:
    nothing = pl.DataFrame(schema=LEFT_OUT)
    assert left_out_line(nothing) == "Entries left out: 0"
    rows = pl.DataFrame({"code": ["b", "a", "b"]})
    assert left_out_line(rows) == "Entries left out: 3 (1 a, 2 b)"
