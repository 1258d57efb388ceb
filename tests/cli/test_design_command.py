"""`equipoise design`: the 88 with its warnings, other assumptions, plans that cannot be."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["design", *words])


def test_without_words_the_reference_trial_is_sized_and_warned_of() -> None:
    done = run("size")

    assert done.exit_code == 0, done.output
    assert "39 + 39 = 78 subjects; with 10% leaving 44 + 44 = 88." in done.output
    assert "The protocol plans 88." in done.output
    assert "Optimistic, as SABR-COMET" in done.output
    assert "Warning: below 80% by the milestone test in" in done.output


def test_json_holds_every_number() -> None:
    said = json.loads(run("size", "--json").stdout)

    assert said["sized"]["enrolled"] == said["planned"] == 88
    assert said["plan"]["test"] == "pooled"
    assert said["rates"] == {"alpha": 0.05, "sides": 2, "power": 0.8}
    assert len(said["rows"]) == 6
    assert 0 < said["rows"][3]["milestone_power"] < said["rows"][3]["logrank_power"] < 1


def test_every_assumption_may_be_another() -> None:
    words = ["--test", "fisher", "--power", "0.9", "--dropout", "0", "--experimental", "0.85"]
    said = json.loads(run("size", "--json", *words).stdout)

    assert said["plan"]["experimental"] == 0.85
    assert said["sized"]["enrolled"] == said["sized"]["evaluable"]
    assert said["sized"]["power"] >= 0.9


def test_non_inferiority_names_its_margin() -> None:
    done = run("size", "--experimental", "0.5", "--margin", "-0.15")

    assert "0.5 against 0.5, margin -0.15, pooled test" in done.output


def test_an_impossible_plan_ends_with_1_and_says_why() -> None:
    done = run("size", "--experimental", "0.5")

    assert done.exit_code == 1
    assert "[no-effect]" in done.stderr
    said = json.loads(run("size", "--dropout", "1", "--power", "0.02", "--json").stdout)
    assert {finding["code"] for finding in said["findings"]} == {
        "dropout-impossible",
        "power-not-above-alpha",
    }


@pytest.mark.parametrize(("words", "code", "why"), [
    (["--alpha", "2"], "alpha-impossible", "no level of a test"),
    (["--power", "1"], "power-not-above-alpha", "between alpha"),
    (["--ratio", "-1"], "ratio-impossible", "-1 subjects"),
    (["--reference", "1.2"], "share-impossible", "1.2 is not in (0, 1)"),
    (["--margin", "-0.1", "--test", "fisher"], "margin-untested", "no margin"),
])  # fmt: skip
def test_each_impossible_size_says_why(words: list[str], code: str, why: str) -> None:
    done = run("size", *words, "--json")
    findings = json.loads(done.stdout)["findings"]

    assert done.exit_code == 1
    assert [finding["code"] for finding in findings] == [code]
    assert why in findings[0]["message"]


def write_subjects(folder: Path, *, sites: int = 3, count: int = 30) -> str:
    lines = ["site,randomised,until,status"]
    for place in range(count):
        came = date(2025, 1, 6) + timedelta(days=8 * place)
        status = ("event", "followed", "followed", "left")[place % 4]
        until = min(came + timedelta(days=90), CUT) if status != "followed" else CUT
        lines.append(f"S{place % sites},{came},{until},{status}")
    file = folder / "subjects.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return str(file)


CUT = date(2025, 10, 1)
ON = ["--on", "2025-10-01", "--replicates", "200"]


def test_planned_subjects_and_events_are_given_dates(tmp_path: Path) -> None:
    file = write_subjects(tmp_path)
    done = run("forecast", file, *ON, "--subjects", "60", "--events", "30")

    assert done.exit_code == 0, done.output
    assert done.output.startswith("60 subjects: 2026-")
    assert "\n30 events: " in done.output
    assert "(90 percent from " in done.output


def test_a_further_site_brings_the_last_subject_nearer(tmp_path: Path) -> None:
    file = write_subjects(tmp_path)
    words = ["forecast", file, *ON, "--subjects", "60", "--json"]
    alone = json.loads(run(*words).stdout)
    joined = json.loads(run(*words, "--opening", "2025-10-15").stdout)

    assert joined["subjects"]["median"] < alone["subjects"]["median"]
    assert alone["subjects"]["lower"] < alone["subjects"]["upper"]
    assert alone["events"] is None


def test_a_protocol_says_how_many_subjects_and_which_sites_are_to_come(tmp_path: Path) -> None:
    file = write_subjects(tmp_path)
    alone = json.loads(run("forecast", file, *ON, "--subjects", "88", "--json").stdout)
    planned = json.loads(run("forecast", file, *ON, "--protocol", "oligo_rcc", "--json").stdout)

    assert planned["subjects"]["median"] < alone["subjects"]["median"]  # it has further sites
    said = [word for day in range(5) for word in ("--opening", f"2030-01-0{day + 1}")]
    full = run("forecast", file, *ON, "--protocol", "oligo_rcc", *said, "--json")
    late = json.loads(full.stdout)["subjects"]["median"]
    assert planned["subjects"]["median"] < late  # five are named, so that the plan adds none
    assert run("forecast", file, *ON, "--protocol", "nowhere").exit_code == 2


def test_the_seed_names_the_forecast(tmp_path: Path) -> None:
    words = ["forecast", write_subjects(tmp_path), *ON, "--events", "15", "--json"]

    assert run(*words).stdout == run(*words).stdout
    assert run(*words).stdout != run(*words, "--seed", "2").stdout
    assert run(*words, "--model", "weibull").exit_code == 0


def test_events_beyond_the_subjects_end_with_1(tmp_path: Path) -> None:
    done = run("forecast", write_subjects(tmp_path), *ON, "--events", "500")

    assert done.exit_code == 1
    assert "[events-beyond-subjects]" in done.stderr


@pytest.mark.parametrize("text", [
    "site,randomised\nS1,2025-01-01\n",
    "site,randomised,until,status\n",
    "site,randomised,until,status\nS1,2025-01-01,2025-02-30,event\n",
    "site,randomised,until,status\nS1,2025-01-01,2025-02-20,dead\n",
    "site,randomised,until,status\nS1,2025-03-01,2025-02-20,event\n",
    "site,randomised,until,status\nS1,2025-01-01,2026-02-20,event\n",
])  # fmt: skip
def test_a_file_of_no_subjects_is_misuse(tmp_path: Path, text: str) -> None:
    file = tmp_path / "subjects.csv"
    file.write_text(text, encoding="utf-8")
    done = run("forecast", str(file), *ON, "--events", "5")

    assert done.exit_code == 2
    assert "subjects.csv" in done.stderr
