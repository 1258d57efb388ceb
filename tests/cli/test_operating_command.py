"""`equipoise operating`: a grid to a table, gone on with where it stopped, refused with reasons."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from equipoise.cli import operating_crew
from equipoise.cli.main import main
from equipoise.cli.operating_crew import run_cell
from equipoise.design.operating_cells import Tally
from equipoise.design.operating_table import OPERATING_SCHEMA

GRID = ["--scenarios", "base,null", "--grid", "subjects=60,88", "--trials", "300"]


def run(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(main, ["operating", "--output", str(folder), *words])


def table_of(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "operating.parquet")


@pytest.fixture(name="done", scope="module")
def _done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operating")
    told = run(folder, *GRID)
    assert told.exit_code == 0, told.output
    return folder


def test_a_grid_is_told_a_line_a_cell(tmp_path: Path) -> None:
    told = run(tmp_path, *GRID)

    lines = told.stdout.splitlines()
    assert lines[0].startswith("300 trials a cell (95% intervals up to ±")
    assert lines[0].endswith("2-sided alpha 0.05, seed 1.")
    assert lines[2].split() == "scenario subjects logrank cox milestone rmst events months".split()
    assert [line.split()[:2] for line in lines[3:7]] == [
        ["base", "60"], ["base", "88"], ["null", "60"], ["null", "88"],
    ]  # fmt: skip
    assert "*" not in lines[4]
    assert lines[6].count("%*") == 4
    assert "Simulating the grid" in told.stderr


def test_the_file_has_the_schema_and_where_it_came_from(done: Path) -> None:
    table = table_of(done)

    assert dict(table.schema) == OPERATING_SCHEMA
    assert table.height == 16
    assert set(table["trials"]) == {300}
    assert len(table["protocol"][0]) == 64
    assert table["program"][0].startswith("0.1.0 ")
    assert not list(done.glob("*.part"))


def test_workers_and_the_size_of_chunks_change_no_number(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipoise.cli.operating._AT_A_TIME", 77)

    assert run(tmp_path, *GRID, "--workers", "3").exit_code == 0

    assert table_of(tmp_path).equals(table_of(done))


def test_overall_survival_is_the_same_for_any_workers_and_chunks_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--endpoint", "os", "--scenarios", "base", "--trials", "120", "--statistics", "cox"]
    told = run(tmp_path / "once", *words)
    monkeypatch.setattr("equipoise.cli.operating._AT_A_TIME", 50)
    run(tmp_path / "parts", *words, "--workers", "3")

    assert told.stdout.startswith("Overall survival, 120 trials a cell")
    table = table_of(tmp_path / "once")
    assert table["endpoint"].to_list() == ["os"]
    assert table.equals(table_of(tmp_path / "parts"))
    page = (tmp_path / "once" / "operating.html").read_text(encoding="utf-8")
    assert "find an effect on overall survival" in page
    assert "Alive at the milestone" in page


class BrokenError(Exception):
    """The machine is switched off."""


def break_after(chunks: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lets so many chunks be simulated and the next one fail; tells how many were begun."""
    begun: list[int] = []

    def run_until(*words: Any, **named: Any) -> Tally:
        begun.append(1)
        if len(begun) > chunks:
            raise BrokenError
        return run_cell(*words, **named)

    monkeypatch.setattr(operating_crew, "run_cell", run_until)
    return begun


def test_a_grid_that_broke_off_goes_on_where_it_stopped(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipoise.cli.operating._AT_A_TIME", 100)
    with monkeypatch.context() as broken:
        break_after(5, broken)
        assert isinstance(run(tmp_path, *GRID, "--workers", "1").exception, BrokenError)
    kept = list(tmp_path.glob("chunks/*/*.json"))
    assert 0 < len(kept) <= 5
    assert not (tmp_path / "operating.parquet").exists()
    begun = break_after(99, monkeypatch)

    assert run(tmp_path, *GRID).exit_code == 0

    assert len(begun) == 12 - len(kept)
    assert table_of(tmp_path).equals(table_of(done))


def test_a_file_that_was_cut_short_is_simulated_again(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, *GRID)
    broken, strange, *_ = tmp_path.glob("chunks/*/*.json")
    broken.write_text(broken.read_text(encoding="utf-8")[:40], encoding="utf-8")
    strange.write_text('{"trials": 300}', encoding="utf-8")
    begun = break_after(99, monkeypatch)

    run(tmp_path, *GRID)

    assert len(begun) == 2
    assert table_of(tmp_path).equals(table_of(done))


def test_only_what_a_changed_question_asks_anew_is_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipoise.cli.operating._AT_A_TIME", 150)
    begun = break_after(999, monkeypatch)
    few = ["--scenarios", "base", "--trials", "300"]

    run(tmp_path, *few, "--grid", "subjects=60,88")
    assert len(begun) == 4
    run(tmp_path, *few, "--grid", "subjects=60,88,90")  # one cell more
    assert len(begun) == 6
    run(tmp_path, "--scenarios", "base", "--trials", "450", "--grid", "subjects=88")  # one chunk
    assert len(begun) == 7
    run(tmp_path, *few, "--grid", "subjects=88", "--seed", "2")
    assert len(begun) == 9
    run(tmp_path, *few, "--grid", "subjects=88", "--alpha", "0.01")
    assert len(begun) == 11
    assert run(tmp_path, *few, "--grid", "subjects=88", "--alpha", "0.01").stderr == ""
    assert len(begun) == 11


def test_other_code_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = ["--scenarios", "base", "--trials", "100"]
    run(tmp_path, *few)
    monkeypatch.setattr("equipoise.cli.operating.digest_program", lambda: "another")
    begun = break_after(99, monkeypatch)

    run(tmp_path, *few)

    assert len(begun) == 1


def test_the_page_stands_beside_the_file_and_is_the_same_every_time(
    done: Path, tmp_path: Path
) -> None:
    run(tmp_path, *GRID)

    page = (tmp_path / "operating.html").read_text(encoding="utf-8")
    assert page == (done / "operating.html").read_text(encoding="utf-8")
    assert "What the plan is worth" in page
    assert 'aria-labelledby="power-1-title power-1-desc"' in page


def test_json_is_the_table(done: Path, tmp_path: Path) -> None:
    said = json.loads(run(tmp_path, *GRID, "--json").stdout)

    assert said["file"] == str(tmp_path / "operating.parquet")
    assert said["page"] == str(tmp_path / "operating.html")
    assert len(said["rows"]) == 16
    assert said["rows"] == table_of(done).to_dicts()


def test_without_scenarios_the_alternatives_of_the_protocol_are_tried(tmp_path: Path) -> None:
    run(tmp_path, "--trials", "20", "--statistics", "logrank")

    told = table_of(tmp_path)["scenario"].to_list()
    assert told == ["null", "pessimistic", "base", "optimistic", "selected"]


def test_looks_stop_a_trial_by_the_rules_that_are_named(tmp_path: Path) -> None:
    words = ["--scenarios", "design", "--grid", "events=60", "--grid", "subjects=100"]
    looks = ["--looks", "0.5,0.75", "--spending", "lan-demets-pocock", "--trials", "200"]

    told = run(tmp_path, *words, *looks, "--statistics", "logrank,logrank,milestone",
               "--futility", "hwang-shih-decani", "--alpha", "0.025", "--sides", "1")  # fmt: skip

    assert told.exit_code == 0, told.output
    assert "1-sided alpha 0.025" in told.stdout
    logrank, milestone = table_of(tmp_path).to_dicts()
    assert logrank["look_events"] == [30, 45, 60]
    assert logrank["stopped_favour"][0] > 0.3
    assert milestone["stopped_favour"][:2] == [0, 0]
    assert logrank["mean_months"] < milestone["mean_months"]


def test_a_wrong_grid_ends_with_1_and_says_all_that_is_wrong(tmp_path: Path) -> None:
    told = run(tmp_path, "--grid", "colour=red", "--grid", "hazard_ratio=0")

    assert told.exit_code == 1
    assert "[parameter-unknown] 'colour' cannot vary. Name one of subjects" in told.stderr
    assert "[value-impossible] hazard_ratio cannot be 0." in told.stderr
    said = json.loads(run(tmp_path, "--scenarios", "S9", "--json").stdout)
    assert [finding["code"] for finding in said["findings"]] == ["scenario-unknown"]
    assert not (tmp_path / "operating.parquet").exists()


def test_words_that_cannot_be_read_end_with_2(tmp_path: Path) -> None:
    told = run(tmp_path, "--looks", "half")

    assert told.exit_code == 2
    assert "write 0.5,0.75" in told.stderr


def test_a_place_that_cannot_be_written_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert run(tmp_path / "file" / "inside", "--trials", "5").exit_code == 2


def test_a_long_grid_is_cut_for_the_terminal(tmp_path: Path) -> None:
    words = ["--scenarios", "base", "--grid", "follow_up=12:81:1", "--statistics", "logrank"]

    told = run(tmp_path, *words, "--trials", "3")

    assert "... and 10 more cells; the file has all." in told.stdout


def test_the_help_lists_every_parameter_and_statistic() -> None:
    told = CliRunner().invoke(main, ["operating", "--help"]).stdout

    for name in ("subjects", "hazard_ratio", "delay", "dropout", "scans", "maxcombo", "rmst"):
        assert f"    {name} " in told


WHOLE = ["--whole", "--scenarios", "S2", "--statistics", "pfs_milestone", "--workers", "1"]


def test_whole_trials_go_on_where_they_stopped_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipoise.cli.operating._WHOLE_AT_A_TIME", 1)
    begun = break_after(1, monkeypatch)
    assert isinstance(run(tmp_path, *WHOLE, "--trials", "2").exception, BrokenError)
    assert not (tmp_path / "operating.parquet").exists()
    begun = break_after(9, monkeypatch)

    told = run(tmp_path, *WHOLE, "--trials", "2")

    assert told.exit_code == 0, told.output
    assert len(begun) == 1
    assert told.stdout.startswith("Whole protocol, 2 trials a cell")
    assert "whichever arm is better" in told.stdout
    assert table_of(tmp_path)["engine"].to_list() == ["whole"]
    assert "rehearsed whole" in (tmp_path / "operating.html").read_text(encoding="utf-8")


def test_whole_trials_are_analysed_as_planned_or_not_at_all(tmp_path: Path) -> None:
    told = run(tmp_path, *WHOLE, "--alpha", "0.01", "--looks", "0.5")
    assert told.exit_code == 2
    assert "--alpha, --looks: whole trials are analysed as the protocol plans" in told.stderr

    told = run(tmp_path, "--whole", "--scenarios", "S2", "--grid", "hazard_ratio=0.7")
    assert told.exit_code == 1
    assert "[whole-cannot-vary] hazard_ratio cannot vary in whole trials" in told.stderr
