"""The benchmark of the estimators runs: its tasks, its table of calls, what it says of peers."""

import importlib
import re
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from house.source import ROOT

FOLDER = ROOT / "benchmarks"


@pytest.fixture(scope="module")
def benchmark() -> Iterator[ModuleType]:
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("estimators")
    sys.path.remove(str(FOLDER))


@pytest.mark.parametrize("days", [True, False])
def test_every_task_gives_numbers(benchmark: ModuleType, days: bool) -> None:
    data = benchmark.draw_data(200, days=days)
    for name, task in benchmark.TASKS.items():
        assert np.isfinite(task(data)()).all(), name


def test_two_ways_to_one_answer_agree(benchmark: ModuleType) -> None:
    data = benchmark.draw_data(200, days=True)
    tasks = benchmark.TASKS
    once, twice = (tasks[f"curves_{word}_logrank"](data)() for word in ("and", "then"))
    np.testing.assert_allclose(once, twice, rtol=1e-12)


def test_the_table_of_calls_leaves_no_public_function_out(benchmark: ModuleType) -> None:
    names = importlib.import_module("estimators_calls").public_names()
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("estimators_*calls.py"))
    assert len(names) > 120
    assert {name for name in names if f"{name}," not in text and f"{name}\n" not in text} == set()


def test_a_peer_has_no_task_that_is_not_ours(benchmark: ModuleType) -> None:
    peers = (FOLDER / "estimators_peers.py").read_text(encoding="utf-8")
    r = (FOLDER / "estimators.R").read_text(encoding="utf-8")
    in_python = set(re.findall(r"^(?:def )?[a-z]+__([a-z_]+)", peers, flags=re.M))
    in_r = set(re.findall(r"^  ([a-z_]+) = function", r, flags=re.M))
    assert in_python | in_r <= set(benchmark.TASKS)
    assert in_r >= {"cox_one", "cox_four", "fine_gray", "gray", "incidence"}


def test_a_peer_with_another_answer_is_told_apart(benchmark: ModuleType) -> None:
    said = {"peer": "R", "seconds": 0.5, "values": [1.0, 2.0]}
    assert benchmark._peer_cell(said, 0.1, np.array([1.0, 2.0])) == "R 500 (5 x)"
    assert benchmark._peer_cell(said, 0.1, np.array([1.0, 2.2])) == "R 500 (5 x, apart by 1e-01)"
    refused = {"peer": "R", "error": "too slow"}
    assert benchmark._peer_cell(refused, 0.1, np.ones(1)) == "R: NOT COMPARED (too slow)"


def test_a_table_takes_the_place_of_the_one_before(
    benchmark: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "HERE", tmp_path)
    marks = ("<!-- estimators: small -->", "<!-- end: small -->")
    page = tmp_path / "README.md"
    page.write_text("before\n{}\nold\n{}\nafter\n".format(*marks), encoding="utf-8")
    benchmark.write_markdown("small", lines=["| new |"])
    text = page.read_text(encoding="utf-8")
    assert "old" not in text
    assert "| new |" in text
    assert text.startswith("before\n")
    assert text.endswith(f"{marks[1]}\nafter\n")


def test_every_table_has_its_marks_in_the_page(benchmark: ModuleType) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in benchmark.TABLES:
        assert f"<!-- estimators: {name} -->" in page
        assert f"<!-- end: {name} -->" in page


def test_memory_is_counted_against_the_columns_that_a_task_reads(benchmark: ModuleType) -> None:
    of = importlib.import_module("estimators_processes").columns_of
    assert of("cox_one") == ("time", "event", "arm")
    assert of("cox_strata") == ("time", "event", "arm", "stratum")
    assert of("fine_gray") == ("time", "cause", "arm", "x1", "x2", "x3")
    assert of("incidence") == ("time", "cause", "arm")


LEAN = (
    "curves_and_logrank", "curves_then_logrank", "logrank_strata", "incidence", "restricted_mean",
    "cox_one", "cox_four", "cox_strata", "hazards_over_time", "fine_gray", "fine_gray_uncounted",
)  # fmt: skip


@pytest.mark.parametrize(("name", "days", "rows"), [
    *((name, days, 50_000) for name in LEAN for days in (True, False)),
    ("weibull", True, 200_000),  # it takes 16,384 rows at once
])  # fmt: skip
def test_a_task_takes_no_more_than_twice_its_columns(
    benchmark: ModuleType, name: str, days: bool, rows: int
) -> None:
    """Counted without what kernels take inside; results, and the rows that a fit keeps, with it."""
    of = importlib.import_module("estimators_processes").columns_of
    benchmark.TASKS[name](benchmark.draw_data(100, days=days))()
    data = benchmark.draw_data(rows, days=days)
    run = benchmark.TASKS[name](data)
    tracemalloc.start()
    try:
        run()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * sum(data[column].nbytes for column in of(name))
