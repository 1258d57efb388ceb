"""`equipoise rehearse --trials`: what it prints and writes, on one worker and on two."""

import json
import shutil
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from equipoise.cli import rehearse_trials
from equipoise.cli.main import main
from equipoise.design.answers import ANSWERS
from protocol.trial_texts import reference_texts

KEPT = ("pfs_milestone", "pfs_median", "os_milestone")


@pytest.fixture(name="short", scope="module")
def _short(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The reference trial with three of its analyses."""
    folder = tmp_path_factory.mktemp("short")
    (folder / "forms").mkdir()
    for name, text in reference_texts().items():
        (folder / name).write_text(_shorten(text), encoding="utf-8")
    return str(folder)


def _shorten(text: str) -> str:
    first, *analyses = text.split("[[analysis]]")
    if not analyses:
        return text
    rest = analyses[-1][analyses[-1].index("[[subgroup]]") :]
    kept = [each for each in analyses if each.split('"')[1] in KEPT]
    return "[[analysis]]".join([first, *kept]) + rest


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["rehearse", *words])


def test_the_answers_and_their_summary_are_written_and_printed(short: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    words = ["--protocol", short, "--trials", "2", "--truth", "0", "--workers", "1"]
    done = run(str(folder), *words, "--scenario", "null")

    assert done.exit_code == 0, done.output
    assert sorted(file.name for file in folder.iterdir()) == ["answers.parquet", "summary.json"]
    answers = pl.read_parquet(folder / "answers.parquet")
    assert dict(answers.schema) == ANSWERS
    assert answers["replicate"].unique().to_list() == [0, 1]
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["trials"], summary["subjects"], summary["scenario"]) == (2, 88, "null")
    assert summary["lines"][0]["name"] == "pfs_milestone"
    for words_of in (
        "2 trials of 88 subjects, rehearsed by scenario null (seed 1). No patient",
        "its type I error",
        "DC2: Survival and chronic toxicity",
        "os_milestone@36",
        "No truth was asked for",
        "last subject comes",
        "scans missed",
    ):
        assert words_of in done.output


def test_a_run_that_breaks_off_leaves_no_file(
    short: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_and_break(*_: object, keep: Callable[[pl.DataFrame], None], **__: object) -> None:
        keep(pl.DataFrame({"replicate": [0]}))
        raise KeyboardInterrupt

    monkeypatch.setattr(rehearse_trials, "run_rehearsing", run_and_break)
    done = run(str(tmp_path / "out"), "--protocol", short, "--trials", "9", "--workers", "1")

    assert done.exit_code == 1
    assert "Aborted" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_worker_that_dies_is_told(short: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise BrokenProcessPool

    monkeypatch.setattr(rehearse_trials, "run_rehearsing", die)
    done = run("--protocol", short, "--trials", "9", "--workers", "1")

    assert done.exit_code == 1
    assert "fewer --workers" in done.stderr


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--trials", "0"], "0 is not in the range"),
        (["--trials", "-3"], "not in the range"),
        (["--trials", "many"], "not a valid integer"),
        (["--trials", "5", "--scenario", "S9"], "no scenario 'S9'"),
        (["--trials", "5", "--truth", "1"], "one large trial tells no error"),
        (["--trials", "5", "--workers", "0"], "not in the range"),
        ([], "Missing argument 'OUTPUT'"),
    ],
)
def test_what_cannot_be_asked_ends_with_2_and_says_so(words: list[str], answer: str) -> None:
    done = run(*words)

    assert done.exit_code == 2
    assert answer in done.stderr


@pytest.mark.parametrize("words", [["--trials", "2", "--workers", "1"], ["OUT"]])
def test_a_protocol_that_cannot_be_rehearsed_is_refused(
    words: list[str], short: str, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(short, bare)
    text = (bare / "trial.toml").read_text(encoding="utf-8")
    sites = text[text.index("site = {") :].partition("\n")[0]
    (bare / "trial.toml").write_text(text.replace(sites, ""), encoding="utf-8")

    done = run(*(str(tmp_path / "out") if word == "OUT" else word for word in words),
               "--protocol", str(bare))  # fmt: skip

    assert done.exit_code == 1, done.output
    assert "who is enrolled" in done.stderr
