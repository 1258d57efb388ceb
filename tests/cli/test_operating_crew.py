"""Who simulates a grid: threads that are kept busy, a cluster that answers or is refused."""

import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest

import equipoise
from design.operating_samples import ask
from equipoise.cli import operating_crew
from equipoise.cli.operating_chunks import Chunks
from equipoise.cli.operating_crew import (
    ClusterRefusedError,
    Crew,
    Task,
    digest_program,
    hire,
    work,
)
from equipoise.design.operating_cells import Tally, add_tallies, run_cell
from equipoise.simulate.trial_model import Run

QUESTION = ask("subjects=20")[0]
OTHER = ask("subjects=22")[0]


def tasks(count: int, *, each: int = 20) -> list[Task]:
    return [
        Task(place=0, question=QUESTION, run=Run(seed=3, first=first, trials=each, workers=1))
        for first in range(0, count * each, each)
    ]


WHOLE = run_cell(QUESTION, run=Run(seed=3, trials=120, workers=1))


@pytest.mark.parametrize("workers", [1, 3])
def test_threads_do_every_task_once(workers: int) -> None:
    with hire(workers=workers, scheduler="") as crew:
        done = list(work(crew, tasks(6)))

    assert crew.workers == workers
    assert sorted(task.run.first for task, _ in done) == [0, 20, 40, 60, 80, 100]
    assert add_tallies(tally for _, tally in done) == WHOLE


def test_without_a_number_there_is_a_thread_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    with hire(workers=0, scheduler="") as crew:
        assert crew.workers == 5


def test_nothing_to_do_is_done_at_once() -> None:
    with hire(workers=1, scheduler="") as crew:
        assert list(work(crew, [])) == []


def test_no_more_tasks_are_drawn_than_the_crew_is_about_to_do() -> None:
    drawn: list[int] = []

    def watched() -> Iterator[Task]:
        for task in tasks(40, each=2):
            drawn.append(task.run.first)
            yield task

    with hire(workers=2, scheduler="") as crew:
        done = work(crew, watched())
        next(done)
        assert len(drawn) <= 2 * 3 + 1
        assert len(list(done)) == 39


def test_a_crew_that_is_left_in_the_middle_begins_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on, lock = [0], Event(), Lock()

    def slow(*words: Any, **named: Any) -> Tally:
        with lock:
            begun[0] += 1
        if begun[0] > 1:
            go_on.wait(5)
        return WHOLE

    monkeypatch.setattr(operating_crew, "run_cell", slow)
    with hire(workers=1, scheduler="") as crew:
        done = work(crew, tasks(6))
        next(done)
        done.close()  # type: ignore[attr-defined]
        go_on.set()

    assert begun[0] <= 2


class Gone(Executor):
    """A cluster whose scheduler has gone: what it was given is cancelled."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(CancelledError())
        return future


def test_a_cluster_that_is_gone_is_told() -> None:
    with pytest.raises(ClusterRefusedError, match="scheduler of the cluster is gone"):
        list(work(Crew(pool=Gone(), workers=2), tasks(2)))


def test_without_dask_a_scheduler_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with (
        pytest.raises(ClusterRefusedError, match="not installed: pip install dask distributed"),
        hire(workers=0, scheduler="tcp://127.0.0.1:8786"),
    ):
        pass


def test_the_digest_of_the_program_follows_its_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = digest_program()
    assert own == digest_program()
    for room in ("numerics/ranks", "simulate", "design"):
        (tmp_path / room).mkdir(parents=True)
    file = tmp_path / "numerics/ranks/logrank.py"
    file.write_text("a = 1\n", encoding="utf-8")
    monkeypatch.setattr(equipoise, "__file__", str(tmp_path / "__init__.py"))
    first = digest_program()
    file.write_text("a = 2\n", encoding="utf-8")

    assert len({own, first, digest_program()}) == 3


def test_a_tally_is_kept_and_read_back(tmp_path: Path) -> None:
    chunks = Chunks(folder=tmp_path, origin="p e")
    (task,) = tasks(1, each=120)

    assert chunks.read(task) is None
    chunks.write(task, tally=WHOLE)

    assert chunks.read(task) == WHOLE
    (file,) = tmp_path.rglob("*.*")
    assert file.suffix == ".json"
    assert file.parent.name == file.name[:2]


def test_a_tally_is_found_by_its_question_and_by_nothing_else(tmp_path: Path) -> None:
    chunks = Chunks(folder=tmp_path, origin="p e")
    (task,) = tasks(1, each=120)
    chunks.write(task, tally=WHOLE)
    run = task.run

    again = Task(place=7, question=QUESTION, run=Run(seed=3, trials=120, workers=2))
    assert chunks.read(again) == WHOLE
    for other in (
        Task(place=0, question=OTHER, run=run),
        Task(place=0, question=QUESTION, run=Run(seed=4, trials=120)),
        Task(place=0, question=QUESTION, run=Run(seed=3, trials=119)),
        Task(place=0, question=QUESTION, run=Run(seed=3, trials=120, first=1)),
    ):
        assert chunks.read(other) is None
    assert Chunks(folder=tmp_path, origin="other").read(task) is None


def test_a_tally_that_is_written_twice_stands_once(tmp_path: Path) -> None:
    chunks = Chunks(folder=tmp_path, origin="p e")
    (task,) = tasks(1, each=120)

    for _ in range(2):
        chunks.write(task, tally=WHOLE)

    assert len(list(tmp_path.rglob("*.json"))) == 1
