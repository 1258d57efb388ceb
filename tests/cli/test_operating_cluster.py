"""The same grid on a Dask cluster in this process: the same numbers, or a refusal that helps.

Clusters of processes, and workers that are killed: tests/long/test_operating_cluster_killed.py.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from distributed import LocalCluster

from equipoise.cli import operating_crew
from equipoise.cli.main import main

GRID = ["--scenarios", "base", "--grid", "subjects=60,88", "--trials", "300"]


def run(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(main, ["operating", *GRID, "--output", str(folder), *words])


@pytest.fixture(name="cluster", scope="module")
def _cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0", protocol="tcp://",
        host="127.0.0.1",
    ) as cluster:  # fmt: skip
        yield cluster


def test_a_cluster_gives_the_same_numbers(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert run(here).exit_code == 0
    monkeypatch.setattr("equipoise.cli.operating._AT_A_TIME", 40)

    told = run(there, "--scheduler", cluster.scheduler_address)

    assert told.exit_code == 0, told.output
    table = pl.read_parquet(there / "operating.parquet")
    assert table.equals(pl.read_parquet(here / "operating.parquet"))
    assert len(list(there.glob("chunks/*/*.json"))) == 16


def test_a_worker_with_other_code_is_refused(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = iter("abc")
    monkeypatch.setattr(operating_crew, "digest_program", lambda: next(digests))

    told = run(tmp_path, "--scheduler", cluster.scheduler_address)

    assert told.exit_code == 2
    assert "runs another version of Equipoise: install this one" in told.stderr


def test_an_address_at_which_nobody_answers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operating_crew, "_PATIENCE", 0.2)

    told = run(tmp_path, "--scheduler", "tcp://127.0.0.1:1")
    odd = run(tmp_path, "--scheduler", "nonsense://x")

    assert told.exit_code == odd.exit_code == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in told.stderr
    assert "no Dask scheduler answers at nonsense://x" in odd.stderr


def test_a_cluster_without_workers_is_refused(tmp_path: Path) -> None:
    with LocalCluster(
        n_workers=0,
        processes=False,
        dashboard_address="127.0.0.1:0",
        protocol="tcp://",
        host="127.0.0.1",
    ) as empty:
        told = run(tmp_path, "--scheduler", empty.scheduler_address)

    assert told.exit_code == 2
    assert f"has no worker: start some, dask worker {empty.scheduler_address}" in told.stderr
