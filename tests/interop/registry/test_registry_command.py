"""The command `draft`: what it prints, writes and answers."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from equipoise.cli.protocol_draft import draft
from interop.registry.registry_samples import FOLDER, PLANTED, REFERENCE


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(draft, [str(argument) for argument in arguments])


def test_findings_end_with_exit_code_one() -> None:
    result = _run(REFERENCE)
    assert result.exit_code == 1
    assert "FINDINGS (21)" in result.stdout
    assert "progression-free survival -> pfs, at 12 months" in result.stdout


def test_clean_record_ends_with_exit_code_zero() -> None:
    result = _run(FOLDER / "breast_clean.txt")
    assert result.exit_code == 0
    assert "FINDINGS (0)" in result.stdout


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_planted_fault_is_printed_with_its_code_and_proposal(name: str) -> None:
    result = _run(FOLDER / f"{name}.txt")
    assert result.exit_code == 1
    assert f"1. {PLANTED[name][0]}" in result.stdout
    assert "proposal" in result.stdout


def test_json_has_endpoints_and_findings_and_nothing_else_on_stdout() -> None:
    result = _run(REFERENCE, "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [endpoint["id"] for endpoint in said["endpoints"]][:2] == ["pfs", "local_failure"]
    assert len(said["findings"]) == 21
    assert said["findings"][0]["code"] == "outcome-time-frame-words-another-endpoint"


def test_draft_folder_is_written(tmp_path: Path) -> None:
    result = _run(REFERENCE, "--output", tmp_path / "draft")
    assert result.exit_code == 1
    written = sorted(p.relative_to(tmp_path / "draft").as_posix() for p in tmp_path.rglob("*.toml"))
    assert written == [
        "forms/ae.toml",
        "forms/dth.toml",
        "forms/rand.toml",
        "forms/surv.toml",
        "forms/treatment.toml",
        "trial.toml",
    ]


def test_a_folder_with_files_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = _run(REFERENCE, "--output", tmp_path)
    assert result.exit_code == 2
    assert "not empty" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"one\ntwo\n", "2 filled lines"),
        (b"\x00\x01\x02\x03\x04", "plain text"),
    ],
)
def test_unreadable_file_is_refused_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "record.txt"
    file.write_bytes(data)
    result = _run(file)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_missing_file_is_misuse(tmp_path: Path) -> None:
    assert _run(tmp_path / "nowhere.txt").exit_code == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_other_encodings_give_the_same_answer(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "record.txt"
    file.write_bytes(REFERENCE.read_text(encoding="utf-8").encode(encoding))
    assert _run(file).stdout == _run(REFERENCE).stdout
