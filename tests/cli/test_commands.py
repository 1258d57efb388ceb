"""Every command: what it prints, what it writes, with which code it ends."""

import json
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from equipoise.cli.main import main
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.parse import shipped_protocol

READERS = [
    "protocol check",
    "protocol diff",
    "protocol draft",
    "rehearse",
    "derive",
    "explain",
    "analyse",
    "report",
    "curves",
    "design size",
    "design forecast",
]


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.stdout, done.stderr


def _command(words: str) -> click.Command:
    command: click.Command | None = main
    for word in words.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    return command


@pytest.mark.parametrize("words", READERS)
def test_every_reader_speaks_json_and_has_help(words: str) -> None:
    options = [option.opts for option in _command(words).params]

    assert ["--json"] in options
    assert _run(*words.split(), "--help")[0] == 0


def test_protocol_check_says_what_it_read() -> None:
    code, said, _ = _run("protocol", "check")

    assert code == 0
    assert "SABLOR 1.0: no problem found." in said
    assert fingerprint(shipped_protocol()) in said


def test_protocol_check_tells_every_problem_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "trial.toml").write_text("format = 1\n", encoding="utf-8")

    code, said, _ = _run("protocol", "check", str(tmp_path), "--json")

    problems = json.loads(said)["problems"]
    assert code == 1
    assert {"identity", "design", "endpoint"} <= {p["where"].split(": ")[-1] for p in problems}


def test_a_protocol_that_is_nowhere_is_misuse() -> None:
    code, _, told = _run("protocol", "check", "no_such_trial")

    assert code == 2
    assert "oligo_rcc" in told


def test_rehearse_writes_a_file_a_form_and_says_that_it_is_rehearsed(rehearsed: Path) -> None:
    names = {file.stem for file in rehearsed.glob("*.csv")}
    note = json.loads((rehearsed / "rehearsal.json").read_text(encoding="utf-8"))

    assert names == {form.form for form in shipped_protocol().form} | {"allocations"}
    assert (note["scenario"], note["seed"]) == ("S2", 7)


def test_the_same_seed_writes_the_same_bytes(rehearsed: Path, tmp_path: Path) -> None:
    code, _, _ = _run("rehearse", str(tmp_path / "again"), "--seed", "7", "--json")

    assert code == 0
    for file in rehearsed.iterdir():
        if file.suffix in (".csv", ".json"):
            assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


def test_an_unknown_scenario_is_misuse_and_names_the_known_ones(tmp_path: Path) -> None:
    code, _, told = _run("rehearse", str(tmp_path), "--scenario", "S9")

    assert code == 2
    assert "S1, S2, S3, S4" in told


def test_derive_prints_date_cause_rule_and_words(rehearsed: Path) -> None:
    code, said, _ = _run("derive", str(rehearsed), "--endpoint", "os", "--cut", "DC2")

    lines = said.splitlines()
    assert code == 0
    assert len(lines) == 88
    assert all(line.startswith("os//") for line in lines)
    assert any("death from any cause" in line for line in lines)


def test_derive_as_json_carries_the_entries_behind_each_row(rehearsed: Path) -> None:
    code, said, _ = _run("derive", str(rehearsed), "--endpoint", "pfs", "--json")

    rows = json.loads(said)["times"]
    assert code == 0
    conventions = shipped_protocol().endpoint_named("pfs").convention
    assert len(rows) == len(conventions) * 88
    assert all(row["entries"] for row in rows)


@pytest.mark.parametrize("command", ["derive", "analyse", "report"])
def test_a_cut_the_protocol_lacks_is_misuse(rehearsed: Path, command: str) -> None:
    code, _, told = _run(command, str(rehearsed), "--cut", "DC9")

    assert code == 2
    assert "DC1, DC2" in told


@pytest.mark.parametrize("command", ["derive", "analyse", "report"])
def test_a_folder_that_is_nowhere_is_misuse(tmp_path: Path, command: str) -> None:
    code, _, told = _run(command, str(tmp_path / "nowhere"))

    assert code == 2
    assert "There is no folder" in told


def test_an_endpoint_the_protocol_lacks_is_misuse(rehearsed: Path) -> None:
    assert _run("derive", str(rehearsed), "--endpoint", "qol")[0] == 2


def test_analyse_prints_a_line_an_analysis(rehearsed: Path) -> None:
    code, said, _ = _run("analyse", str(rehearsed), "--cut", "DC1")

    assert code == 0
    assert len(said.splitlines()) == len(shipped_protocol().analysis)


def test_analyse_as_json_is_valid_and_counts_its_rows(rehearsed: Path) -> None:
    code, said, _ = _run("analyse", str(rehearsed), "--cut", "DC1", "--json")

    results = json.loads(said)["results"]
    primary = results["pfs_milestone"]
    assert code == 0
    assert sum(arm["n"] for arm in primary["arms"]) == 88 == len(primary["rows"])
    assert 0 <= primary["p"] <= 1


def test_report_writes_one_file_and_prints_the_answer(rehearsed: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"

    code, said, _ = _run("report", str(rehearsed), "--cut", "DC1", "--output", str(file))

    assert code == 0
    assert "Progression-free survival at 12 months was" in said
    assert "scenario S2 (Base), seed 7" in file.read_text(encoding="utf-8")


def test_a_refused_row_is_told_and_ends_with_1_and_the_rest_is_analysed(
    rehearsed: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(rehearsed, data)
    dirty = (data / "dth.csv").read_text(encoding="utf-8") + "01-999,2026-13-45,rcc,\n"
    (data / "dth.csv").write_text(dirty, encoding="utf-8")

    code, said, told = _run("analyse", str(data))

    assert code == 1
    assert "dth.csv row" in told
    assert "impossible-date" in told
    assert len(said.splitlines()) == len(shipped_protocol().analysis)


def test_an_empty_folder_is_misuse_and_says_what_is_looked_for(tmp_path: Path) -> None:
    for command in ("derive", "analyse", "report"):
        code, said, told = _run(command, str(tmp_path), "--json")

        assert (code, said) == (2, "")
        assert "holds no form of the protocol" in told


def test_a_note_of_rehearsal_that_cannot_be_read_still_marks_the_report(
    rehearsed: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(rehearsed, data)
    (data / "rehearsal.json").write_text("{", encoding="utf-8")

    _run("report", str(data), "--output", str(tmp_path / "r.html"))

    assert "Rehearsed trial" in (tmp_path / "r.html").read_text(encoding="utf-8")
