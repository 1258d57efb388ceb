"""`equipoise design report`: the page of a plan as a file."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from equipoise.cli.main import main


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["design", "report", *words])


def test_the_page_is_written_and_its_answer_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "made" / "plan.html"
    done = run("--looks", "2", "--futility", "kim-demets:2", "--output", str(file))

    assert done.exit_code == 0, done.output
    assert done.output.startswith("88 patients, 44 in each arm")
    assert str(file) in done.output
    html = file.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert "power family of spending functions" in html


def test_an_impossible_plan_writes_nothing_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / "plan.html"
    done = run("--looks", "0.5,0.4,1", "--output", str(file))

    assert done.exit_code == 1
    assert "[looks-not-growing]" in done.stderr
    assert not file.exists()
    said = json.loads(run("--looks", "0.9", "--output", str(file), "--json").stdout)
    assert said["findings"][0]["code"] == "last-look-not-at-1"


def test_futility_without_looks_is_misuse(tmp_path: Path) -> None:
    assert run("--binding", "--output", str(tmp_path / "plan.html")).exit_code == 2


def test_other_assumptions_stand_on_the_page_beside_those_of_the_protocol(tmp_path: Path) -> None:
    file = tmp_path / "plan.html"
    words = ["--reference", "0.55", "--power", "0.9", "--sides", "1", "--subjects", "300"]
    done = run(*words, "--output", str(file))

    assert done.exit_code == 0, done.output
    assert "if 55% in the reference arm and 80% in the experimental arm" in done.output
    assert "Asked for are 300" in done.output
    page = file.read_text(encoding="utf-8")
    assert "the protocol: 50%" in page
    assert "asked for here; the protocol has 5%" not in page  # of alpha: two-sided alone is another
    assert page.count("asked for here; the protocol has") == 4
    assert "Assumed instead" in page


def test_other_assumptions_that_cannot_be_say_why(tmp_path: Path) -> None:
    for words, code in (
        (["--reference", "1.2"], "share-impossible"),
        (["--ratio", "-1"], "ratio-impossible"),
        (["--reference", "0", "--looks", "2"], "share-impossible"),
    ):
        done = run(*words, "--output", str(tmp_path / "plan.html"))
        assert done.exit_code == 1
        assert f"[{code}]" in done.stderr
