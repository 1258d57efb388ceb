"""`equipoise randomise simulate`: every scheme in a table or as JSON, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main
from equipoise.randomise.schemes import SCHEMES
from protocol.trial_texts import reference_texts


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["randomise", "simulate", *words])


def simulated(*words: str) -> dict[str, Any]:
    done = run("--json", "--trials", "40", *words)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def write_protocol(folder: Path, old: str, new: str) -> str:
    texts = reference_texts()
    texts["trial.toml"] = texts["trial.toml"].replace(old, new, 1)
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def test_every_scheme_is_shown_and_the_protocols_own_first() -> None:
    said = simulated("--subjects", "30")
    assert (said["trials"], said["subjects"]) == (40, 30)
    names = [each["scheme"] for each in said["schemes"]]
    assert names[0] == "permuted_blocks"
    assert set(names) == set(SCHEMES)
    for each in said["schemes"]:
        assert 0.45 <= each["guessed"] <= 1
        assert each["certain"] <= each["certainty"] <= 1
        assert 0 <= each["overall"] <= each["overall_95"] + 1


def test_the_same_seed_prints_the_same_figures() -> None:
    assert simulated("--seed", "3") == simulated("--seed", "3")
    assert simulated("--seed", "3") != simulated("--seed", "4")


def test_the_table_says_what_its_columns_mean() -> None:
    done = run("--trials", "20")
    assert done.exit_code == 0
    assert "20 trials of 88 subjects; the protocol's scheme first." in done.output
    assert "permuted_blocks 1:1 (blocks of 4 or 6)" in done.output
    assert "minimisation 1:1 (range, preferred 0.8)" in done.output
    assert "known: arms named right by who knows all but the seed" in done.output


def test_levels_may_be_rare() -> None:
    rare = simulated("--levels", "imdc=1,99", "--levels", "n_mets=0.99,0.01")
    assert rare["schemes"] != simulated()["schemes"]


@pytest.mark.parametrize(
    "levels", ["imdc=1", "imdc=a,b", "sex=1,1", "imdc", "imdc=0,1", "imdc=nan,1"]
)
def test_levels_that_do_not_fit_are_refused_with_the_factors(levels: str) -> None:
    done = run("--levels", levels)
    assert done.exit_code == 2
    assert "omd_induced (2 levels), n_mets (2 levels), imdc (2 levels)" in " ".join(
        done.output.replace("│", " ").split()
    )


@pytest.mark.parametrize("words", [("--trials", "0"), ("--subjects", "-5"), ("--trials", "900000")])
def test_too_few_or_too_many_subjects_are_refused(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_a_protocol_of_unequal_ratio_is_simulated_as_it_says(tmp_path: Path) -> None:
    folder = write_protocol(
        tmp_path,
        "ratio = { A = 1, B = 1 }\nblock_sizes = [4, 6]",
        "ratio = { A = 1, B = 2 }\nblock_sizes = [3, 6]",
    )
    done = run(folder, "--trials", "20")
    assert done.exit_code == 0, done.output
    assert "permuted_blocks 1:2 (blocks of 3 or 6)" in done.output


def test_a_protocol_with_problems_is_told_and_nothing_simulated(tmp_path: Path) -> None:
    done = run(write_protocol(tmp_path, "block_sizes = [4, 6]", "block_sizes = [5]"))
    assert done.exit_code == 1
    assert "block-does-not-fit" in done.output
