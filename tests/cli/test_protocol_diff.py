"""`equipoise protocol diff`: an amendment told in words, as data, and with its exit code."""

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from equipoise.cli.main import main
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.parse import shipped_protocol


@pytest.fixture(name="amended")
def _amended(tmp_path: Path) -> Path:
    folder = tmp_path / "amended"
    with as_file(files("equipoise.protocols") / "oligo_rcc") as shipped:
        shutil.copytree(shipped, folder)
    ecog, icf = folder / "forms" / "ecog.toml", folder / "forms" / "icf.toml"
    ecog.write_text(ecog.read_text("utf-8").replace("max = 5", "max = 4"), "utf-8")
    renamed = 'name = "tissue"\nrenamed_from = "biobank"'
    icf.write_text(icf.read_text("utf-8").replace('name = "biobank"', renamed), "utf-8")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["protocol", "diff", *arguments])


TOLD = """
form
  form ecog, item ecog: highest value 5 becomes 4
  form icf, item biobank: renamed to tissue
What was entered
  checked again: form ecog, item ecog: highest value: entries are held to it, and what does not
  carried over: form icf, item biobank: the item is now tissue: its values are carried
"""


def test_an_amendment_is_told_part_by_part_with_what_was_entered(amended: Path) -> None:
    done = run("oligo_rcc", str(amended))

    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    for line, start in zip(lines, TOLD.strip().splitlines(), strict=True):
        assert line.startswith(start)


def test_an_amendment_that_touches_no_entry_says_so(amended: Path, tmp_path: Path) -> None:
    wider = tmp_path / "wider"
    shutil.copytree(amended, wider)
    text = (wider / "forms" / "ecog.toml").read_text("utf-8")
    (wider / "forms" / "ecog.toml").write_text(text.replace("max = 4", "max = 5"), "utf-8")

    assert run(str(amended), str(wider)).stdout.splitlines()[-1] == (
        "Nothing that was entered is touched."
    )


def test_the_same_as_data(amended: Path) -> None:
    said = json.loads(run("oligo_rcc", str(amended), "--json").stdout)

    assert said["old"]["fingerprint"] == fingerprint(shipped_protocol())
    assert said["new"]["fingerprint"] != said["old"]["fingerprint"]
    assert said["changes"][0] == {
        "part": "form",
        "where": "form ecog, item ecog",
        "kind": "changed",
        "words": "highest value 5 becomes 4",
    }
    assert [(m["item"], m["kind"], m["to"]) for m in said["migration"]] == [
        ("ecog", "check", "ecog"),
        ("biobank", "carry", "tissue"),
    ]


def test_the_same_text_twice_ends_with_zero() -> None:
    done = run("oligo_rcc", "oligo_rcc")

    assert done.exit_code == 0
    assert fingerprint(shipped_protocol()) in done.stdout


def test_a_protocol_that_is_not_there_is_misuse() -> None:
    done = run("oligo_rcc", "oligo_rc")

    assert done.exit_code == 2
    assert "no shipped protocol of that name" in done.stderr
