"""`equipoise design`: the 88 with its warnings, other assumptions, plans that cannot be."""

import json
from typing import Any

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
