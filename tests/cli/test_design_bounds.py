"""`equipoise design bounds`: looks of a plan on every scale, at the events that came, refusals."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main

ONE_SIDED = ["--sides", "1", "--alpha", "0.025", "--power", "0.9", "--hazard-ratio", "0.7"]
LATE_BETA = ["--futility", "hwang-shih-decani:-2"]


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["design", "bounds", *words])


def read(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_without_words_one_interim_look_of_the_reference_trial_is_told() -> None:
    done = run()

    assert done.exit_code == 0, done.output
    assert "Hazard ratio 0.322, 2-sided alpha 0.05" in done.output
    assert "25 events at the last look give power 80.7%" in done.output
    assert "   1   0.500    12.5    22.6   2.9626    0.00305   0.187" in done.output
    assert "Stop for futility" not in done.output


def test_three_looks_have_the_bounds_of_the_books() -> None:
    said = read("--looks", "3", *ONE_SIDED)

    assert [row["information"] for row in said["looks"]] == pytest.approx([1 / 3, 2 / 3, 1])
    z = [row["efficacy"]["z"] for row in said["looks"]]
    assert z == pytest.approx([3.710302873262, 2.511427481270, 1.993047477825], abs=1e-11)
    assert [row["efficacy"]["p"] for row in said["looks"]][-1] == pytest.approx(0.0231, abs=1e-4)
    assert said["looks"][0]["futility"] is None
    assert said["looks"][-1]["efficacy"]["design_power"] is None


def test_chances_of_all_looks_are_level_and_power() -> None:
    said = read("--looks", "1/3,2/3,1", *LATE_BETA, *ONE_SIDED)

    stopped = sum(sum(row["effect"].values()) for row in said["looks"])
    assert stopped == pytest.approx(1)
    assert sum(row["null"]["above"] for row in said["looks"]) < 0.025
    assert said["looks"][-1]["alpha_spent"] == pytest.approx(0.025)
    assert sum(row["effect"]["above"] for row in said["looks"]) == pytest.approx(said["power"])
    assert said["expected_events"]["null"] < said["expected_events"]["effect"] < said["events"]


def test_futility_is_printed_as_a_block_of_its_own() -> None:
    one = run(*LATE_BETA, "--sides", "1", "--hazard-ratio", "0.5")
    two = run(*LATE_BETA, "--binding", "--hazard-ratio", "0.5")

    assert "Futility: hwang-shih-decani (-2), not binding." in one.output
    assert "Stop for futility below z:" in one.output
    assert "harm" not in one.output
    assert "Futility: hwang-shih-decani (-2), binding." in two.output
    assert "Stop for futility between -z and z:" in two.output
    assert "harm" in two.output


def test_events_that_came_have_their_own_bounds() -> None:
    words = [*LATE_BETA, "--sides", "1", "--hazard-ratio", "0.5"]
    said = read(*words, "--came", "20", "--came", "60", "--final")
    done = run(*words, "--came", "20")

    first, last = said["came"]
    assert first["alpha_spent"] < last["alpha_spent"] == pytest.approx(0.05)
    assert last["futility"]["z"] == last["efficacy"]["z"]
    assert last["information"] == pytest.approx(60 / said["events"])
    assert "At the events that came:" in done.output
    assert f"{first['efficacy']['z']:.4f}" in done.output


@pytest.mark.parametrize(
    ("rule", "z"),
    [
        ("obrien-fleming", [2.796511, 1.977432]),  # Jennison, Turnbull (2000), table 2.3
        ("pocock", [2.178, 2.178]),  # table 2.1
        ("haybittle-peto:3", [3.0, 1.967]),
        ("bounds:2.5,2.2", [2.5, 2.2]),
        ("shares:0,1", [None, 1.959964]),
    ],
)
def test_a_rule_is_named_with_its_numbers(rule: str, z: list[float | None]) -> None:
    said = read("--efficacy", rule)

    for row, expected in zip(said["looks"], z, strict=True):
        found = row["efficacy"]["z"]
        assert found is None if expected is None else found == pytest.approx(expected, abs=2e-3)


def test_a_bound_that_is_not_there_is_null_on_every_scale() -> None:
    first = read("--efficacy", "shares:0,1")["looks"][0]["efficacy"]
    done = run("--efficacy", "shares:0,1")

    assert set(first.values()) == {None}
    assert done.exit_code == 0
    assert "inf" not in done.output


def test_given_events_tell_the_power_they_give() -> None:
    said = read("--events", "40", "--hazard-ratio", "0.5", "--ratio", "2")

    assert said["events"] == 40
    assert said["ratio"] == 2
    assert 0.4 < said["power"] < 0.6


def test_a_look_that_the_planned_subjects_never_reach_is_a_finding() -> None:
    done = run("--hazard-ratio", "0.7")
    said = read("--hazard-ratio", "0.7")

    assert done.exit_code == 1
    assert "never" in done.output
    assert "[events-out-of-reach]" in done.stderr
    assert said["looks"][0]["month"] is None
    assert {finding["code"] for finding in said["findings"]} == {"events-out-of-reach"}


def test_an_impossible_plan_says_every_reason() -> None:
    words = ["--power", "0.01", "--looks", "0.5,0.4,1", "--efficacy", "shares:0.5,0.2,1"]
    said = read(*words)

    assert {finding["code"] for finding in said["findings"]} == {
        "looks-not-growing", "power-not-above-alpha", "spending-not-monotone",
    }  # fmt: skip
    assert "looks" not in said
    done = run(*words)
    assert done.exit_code == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["--looks", "0.5,0.9"], "last-look-not-at-1", "0.9"),
        (["--efficacy", "bounds:1.5,1.5"], "spending-beyond-alpha", "more than alpha"),
        (["--efficacy", "shares:0.2,0.8"], "spending-short", "0.8 of the error"),
        (["--binding"], "futility-missing", "no rule of futility"),
        (["--hazard-ratio", "1"], "no-effect", "no number of events"),
        (["--hazard-ratio", "1.4"], "effect-other-way", "1.4 is above 1"),
        (["--events", "0"], "no-events", "show nothing"),
        (["--ratio", "0"], "ratio-impossible", "0 subjects"),
    ],
)
def test_each_impossible_plan_says_why(words: list[str], code: str, why: str) -> None:
    said = read(*words)

    (finding,) = said["findings"]
    assert finding["code"] == code
    assert why in finding["message"]
    assert finding["mend"]
    assert "looks" not in said


@pytest.mark.parametrize(
    "words",
    [
        ["--looks", "half"],
        ["--looks", "1/0,1"],
        ["--efficacy", "shares:a,b"],
        ["--efficacy", "pocock:1,2"],
        ["--final"],
        ["--came", "20", "--came", "10"],
        ["--came", "0"],
    ],
)
def test_what_cannot_be_read_is_misuse(words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_a_rule_nobody_knows_is_told_with_those_there_are() -> None:
    said = read("--efficacy", "surely")

    (finding,) = said["findings"]
    assert finding["code"] == "rule-unknown"
    assert "lan-demets-pocock" in finding["mend"]


def test_json_holds_the_plan_as_it_was_asked_for() -> None:
    words = ["--futility", "kim-demets:2", "--binding", "--sides", "1", "--alpha", "0.05"]
    said = read(*words, "--efficacy", "shares:0.3,1")

    assert said["plan"] == {
        "information": [0.5, 1.0],
        "alpha": 0.05,
        "sides": 1,
        "power": 0.8,
        "efficacy": {"name": "shares", "parameter": None, "values": [0.3, 1.0]},
        "futility": {"name": "kim-demets", "parameter": 2.0, "values": []},
        "harm_alpha": None,
        "binding": True,
    }
    assert said["drift"] > 0
    assert said["inflation"] > 1
    assert said["findings"] == []


def test_the_bounds_of_harm_spend_their_own_error() -> None:
    words = ["--futility", "lan-demets-obrien-fleming", "--harm-alpha", "0.1", "--sides", "1"]
    said = read(*words, "--hazard-ratio", "0.5")

    below = sum(row["null"]["futility"] for row in said["looks"])
    assert below == pytest.approx(0.1, abs=0.002)


def test_a_margin_moves_hazard_ratios_and_nothing_else() -> None:
    looks = ["--looks", "0.5,1", *LATE_BETA, "--sides", "1", "--alpha", "0.025"]
    margin = read(*looks, "--hazard-ratio", "1", "--margin", "1.3", "--came", "100")
    plain = read(*looks, "--hazard-ratio", str(1 / 1.3), "--came", "100")

    assert margin["fixed_events"] == pytest.approx(456.1, abs=0.05)  # Schoenfeld (1981)
    assert margin["events"] == plain["events"]
    assert (margin["margin"], plain["margin"]) == (1.3, 1)
    pairs = zip((*margin["looks"], *margin["came"]), (*plain["looks"], *plain["came"]), strict=True)
    for moved, stayed in pairs:
        for name in ("efficacy", "futility"):
            there, here = moved[name], stayed[name]
            assert there["z"] == pytest.approx(here["z"], rel=1e-12)
            assert there["hazard_ratio"] == pytest.approx(1.3 * here["hazard_ratio"], rel=1e-12)
            powers = [each.get("design_power") or 0.0 for each in (there, here)]
            assert powers[0] == pytest.approx(powers[1], rel=1e-9)
    assert margin["power"] == pytest.approx(plain["power"], rel=1e-12)


def test_a_margin_is_told_in_words() -> None:
    told = run("--hazard-ratio", "1", "--margin", "1.3").output

    assert "Hazard ratio 1 against a margin of 1.3, 2-sided alpha 0.05" in told
    assert "at the margin" in told
    assert "as assumed." in told
    assert "or below -z to be above the margin" in told
    assert "without effect" not in told


@pytest.mark.parametrize(("words", "code"), [
    (["--margin", "1.3", "--hazard-ratio", "1.4"], "effect-other-way"),
    (["--margin", "1.3", "--hazard-ratio", "1.3"], "no-effect"),
    (["--margin", "-1"], "ratio-of-hazards-impossible"),
])  # fmt: skip
def test_a_margin_that_cannot_be_shown_says_why(words: list[str], code: str) -> None:
    done = run(*words)

    assert done.exit_code == 1
    assert f"[{code}]" in done.stderr
