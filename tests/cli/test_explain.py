"""`equipoise explain`: what it prints, what it refuses, as of a cut, and as data."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main

GOLDEN = Path(__file__).parents[1] / "golden" / "subjects"


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["explain", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done.exit_code, done.stdout, done.stderr


def _golden(*arguments: str) -> str:
    code, said, told = _run(str(GOLDEN), *arguments)
    assert code == 0, told
    return said


def test_a_story_has_its_parts_in_order() -> None:
    said = _golden("--subject", "007", "--endpoint", "pfs")

    parts = [
        "Who",
        "Lesions at baseline",
        "Treatment",
        "Assessments",
        "What decided",
        "Every other",
    ]
    places = [said.index(f"\n{part}") for part in parts]
    assert places == sorted(places)
    assert said.startswith("SABLOR, subject 01-007: Progression-free survival\nAll entries")


def test_every_convention_of_the_protocol_is_told() -> None:
    said = _golden("--subject", "01-007", "--json")

    verdicts = json.loads(said)["story"]["verdicts"]
    pfs = [verdict for verdict in verdicts if verdict["endpoint"] == "pfs"]
    assert [verdict["role"] == "primary" for verdict in pfs] == [True] + [False] * (len(pfs) - 1)
    assert {"ema", "fda"} <= {verdict["convention"] for verdict in pfs}


def test_json_says_the_same_as_the_text() -> None:
    story = json.loads(_golden("--subject", "007", "--endpoint", "lc", "--json"))["story"]
    text = " ".join(_golden("--subject", "007", "--endpoint", "lc").split())

    assert story["endpoint"] == "lc"
    assert story["person"]["subject"] == "01-007"
    assert story["person"]["randomised_date"] == "2024-04-02"
    for assessment in story["assessments"]:
        assert "; ".join(assessment["why"]) in text
    for verdict in story["verdicts"]:
        if verdict["endpoint"] == "lc":
            assert f"{verdict['end_date']}, day {verdict['days']}" in text
    shown = {entry["entry"] for entry in story["entries"]}
    assert {name for verdict in story["verdicts"] for name in verdict["entries"]} <= shown


def test_a_subject_without_allocation_is_told_without_an_arm(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(GOLDEN, folder)
    (folder / "allocations.csv").write_text("subject,arm\n", encoding="utf-8")

    code, said, told = _run(str(folder), "--subject", "007")

    assert (code, "randomised-without-allocation" in told) == (1, True)
    assert "no allocations, so the arm is not told" in " ".join(said.split())
    assert "SBRT (arm" not in said


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--subject", "99"], "There is no randomised subject '99'. There are 01-001"),
        (["--subject", "01-0"], "There is no randomised subject '01-0'. There are 01-001"),
        (["--subject", "1"], "'1' could be 01-001, 01-011"),
        (["--subject", "007", "--endpoint", "qol"], "There is no endpoint 'qol'. There are pfs"),
        (["--subject", "007", "--cut", "DC9"], "DC1, DC2"),
        ([], "Missing option '--subject'"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_there_is(words: list[str], answer: str) -> None:
    code, said, told = _run(str(GOLDEN), *words)

    assert (code, said) == (2, "")
    assert answer in told


def test_after_the_cut_nothing_is_known(tmp_path: Path) -> None:
    whole = _golden("--subject", "007")
    cut = _golden("--subject", "007", "--cut", "DC1")

    assert "2025-08-15" in whole
    assert "2025-08-15" not in cut
    assert "As of data cut DC1, 2025-06-10." in cut


def test_a_refused_entry_of_the_subject_ends_with_1_and_one_of_another_does_not(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(GOLDEN, folder)
    scans = folder / "les_fu.csv"
    text = scans.read_text(encoding="utf-8")
    scans.write_text(f"{text}01-007,M15,L09,2025-05-01,measured,9,,ct\n", encoding="utf-8")

    code, said, told = _run(str(folder), "--subject", "007")
    other, _, _ = _run(str(folder), "--subject", "008")

    assert (code, other) == (1, 0)
    assert "01-007" in told
    assert "Month 9" in said


def test_hostile_words_of_an_entry_are_printed_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(GOLDEN, folder)
    later = folder / "subseq.csv"
    text = later.read_text(encoding="utf-8").replace("cabozantinib", "<script>alert(1)</script>")
    later.write_text(text, encoding="utf-8")

    _, said, _ = _run(str(folder), "--subject", "007")

    assert "<script>alert(1)</script>" in said


def test_the_same_entries_in_another_order_give_the_same_story(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(GOLDEN, folder)
    for file in folder.glob("*.csv"):
        head, *rows = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join([head, *rows[::-1]]) + "\n", encoding="utf-8")

    for subject in ("001", "007", "012"):
        assert _run(str(folder), "--subject", subject)[1] == _golden("--subject", subject)


def test_a_rehearsed_trial_can_be_explained(rehearsed: Path) -> None:
    first = (rehearsed / "rand.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[0]

    code, said, _ = _run(str(rehearsed), "--subject", first, "--endpoint", "acute_g3")

    assert code in (0, 1)
    assert "What happened: Acute adverse event of grade 3 or higher" in said
