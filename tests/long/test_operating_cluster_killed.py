"""A Dask cluster of two processes: the same numbers, and nothing lost with a worker or a run.

Not part of `make test`: each process imports the program. Only loopback addresses are used.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from distributed import LocalCluster

PROGRAM = "from equipoise.cli.main import main; main()"
GRID = [
    "operating", "--scenarios", "base,null", "--grid", "subjects=60,88,120",
    "--statistics", "logrank,milestone,maxcombo", "--trials", "30000",
]  # fmt: skip
CHUNKS = 2 * 3 * 3
PATIENCE = 300.0


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    call = [sys.executable, "-c", PROGRAM, *GRID, "--output", str(folder), *words]
    return subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> None:
    out, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out + told


def table_of(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "operating.parquet")


def count_chunks(folder: Path) -> int:
    return len(list(folder.glob("chunks/*/*.json")))


def wait_for_chunks(folder: Path, count: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE
    while count_chunks(folder) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "nothing comes"
        time.sleep(0.02)


@pytest.fixture(name="here", scope="module")
def _here(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("here")
    finish(start(folder, "--workers", "2"))
    return table_of(folder)


@pytest.fixture(name="cluster")
def _cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
    ) as cluster:  # fmt: skip
        yield cluster


def kill_one_worker(cluster: LocalCluster) -> int:
    """Kills the process of a worker at once; its nanny starts another. Tells which it was."""
    worker, *_ = cluster.workers.values()
    pid: int = worker.process.process.pid
    os.kill(pid, signal.SIGKILL)
    return pid


def test_two_processes_give_the_numbers_of_two_threads(
    here: pl.DataFrame, cluster: LocalCluster, tmp_path: Path
) -> None:
    finish(start(tmp_path, "--scheduler", cluster.scheduler_address))

    assert table_of(tmp_path).equals(here)
    assert count_chunks(tmp_path) == CHUNKS


def test_a_worker_killed_in_the_middle_loses_nothing(
    here: pl.DataFrame, cluster: LocalCluster, tmp_path: Path
) -> None:
    process = start(tmp_path, "--scheduler", cluster.scheduler_address)
    wait_for_chunks(tmp_path, 3, process)

    killed = kill_one_worker(cluster)

    assert count_chunks(tmp_path) < CHUNKS, "all was done before a worker was killed"
    finish(process)
    assert table_of(tmp_path).equals(here)
    with pytest.raises(ProcessLookupError):
        os.kill(killed, 0)


def test_a_run_that_is_killed_goes_on_where_it_stopped(here: pl.DataFrame, tmp_path: Path) -> None:
    process = start(tmp_path, "--workers", "2")
    wait_for_chunks(tmp_path, 4, process)
    process.kill()
    process.communicate()
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.glob("chunks/*/*.json")}
    assert 4 <= len(kept) < CHUNKS
    assert not (tmp_path / "operating.parquet").exists()

    finish(start(tmp_path, "--workers", "2"))

    assert table_of(tmp_path).equals(here)
    assert all(file.stat().st_mtime_ns == at for file, at in kept.items())


def test_a_cluster_that_goes_away_is_told_and_its_chunks_are_kept(
    here: pl.DataFrame, tmp_path: Path
) -> None:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as cluster:
        process = start(tmp_path, "--scheduler", cluster.scheduler_address)
        wait_for_chunks(tmp_path, 3, process)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=60)
    process.kill()
    process.communicate()
    assert count_chunks(tmp_path) >= 3

    finish(start(tmp_path, "--workers", "2"))

    assert table_of(tmp_path).equals(here)
