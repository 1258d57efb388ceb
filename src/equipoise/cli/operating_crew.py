"""Who simulates the cells of a grid: the cores of this machine, or a Dask cluster."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import equipoise
from equipoise.cli.processes import hire_processes
from equipoise.design.operating_cells import Tally
from equipoise.design.operating_cells import run_cell as run_replicates
from equipoise.design.whole_question import AnyQuestion, WholeQuestion
from equipoise.simulate.trial_model import Run

_AHEAD = 3  # tasks that wait for each worker
_RETRIES = 5
_ROOMS = (
    "vocab", "numerics", "protocol", "capture", "derive", "randomise", "analysis", "simulate",
    "design",
)  # fmt: skip
_PATIENCE = 10.0  # seconds


class ClusterRefusedError(Exception):
    """A cluster that cannot be worked with; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Some replicates of the cell at a place in the grid."""

    place: int
    question: AnyQuestion
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who works, and how many at a time."""

    pool: Executor
    workers: int


@contextmanager
def hire(*, workers: int, scheduler: str, processes: bool = False) -> Iterator[Crew]:
    """The threads of this machine (0: as many as it has cores), or the cluster at an address.

    Whole trials need `processes`: they are not compiled, and threads would wait for each other.
    Raises ClusterRefusedError where the cluster cannot be used.
    """
    if scheduler:
        with _join_cluster(scheduler) as crew:
            yield crew
        return
    count = workers or os.cpu_count() or 1
    if processes:
        with hire_processes(count) as executor:
            yield Crew(pool=executor, workers=count)
        return
    pool = ThreadPoolExecutor(count)
    try:
        yield Crew(pool=pool, workers=count)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _join_cluster(scheduler: str) -> Iterator[Crew]:
    try:
        from distributed import Client
    except ImportError as missing:
        raise ClusterRefusedError(
            "--scheduler needs Dask, which is not installed: pip install dask distributed "
            "(the extra 'cluster' of Equipoise)"
        ) from missing
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as refusal:
        raise ClusterRefusedError(f"no Dask scheduler answers at {scheduler}: {refusal}") from None
    with client:
        threads = client.nthreads()
        if not threads:
            raise ClusterRefusedError(
                f"the cluster at {scheduler} has no worker: start some, dask worker {scheduler}"
            )
        own = digest_program()
        others = [name for name, found in client.run(digest_program).items() if found != own]
        if others:
            raise ClusterRefusedError(
                f"{', '.join(sorted(others))} runs another version of Equipoise: install this one"
            )
        yield Crew(pool=client.get_executor(pure=False, retries=_RETRIES), workers=len(threads))


def digest_program() -> str:
    """A digest of the code that the numbers come from: other code, other numbers perhaps."""
    found = hashlib.sha256()
    home = Path(equipoise.__file__).parent
    for file in sorted(file for room in _ROOMS for file in (home / room).rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()


def run_cell(question: AnyQuestion, *, run: Run) -> Tally:
    """The trials of a cell that `run` names, counted, by the engine that the question is for."""
    if isinstance(question, WholeQuestion):
        from equipoise.design.whole_cells import run_whole

        return run_whole(question, run=run)
    return run_replicates(question, run=run)


def _has_failed(future: Future[Tally]) -> bool:
    return future.cancelled() or future.exception() is not None


def work(crew: Crew, tasks: Iterable[Task]) -> Iterator[tuple[Task, Tally]]:
    """The tally of each task, in the order in which they are done.

    Tasks are handed out as workers become free; what a worker that dies was doing is done by
    another. Raises ClusterRefusedError when the cluster itself is gone.
    """
    waiting: dict[Future[Tally], Task] = {}
    coming = iter(tasks)
    try:
        while True:
            while len(waiting) < _AHEAD * crew.workers and (task := next(coming, None)):
                waiting[crew.pool.submit(run_cell, task.question, run=task.run)] = task
            if not waiting:
                return
            done = wait(waiting, return_when=FIRST_COMPLETED).done
            for future in sorted(done, key=_has_failed):  # what is done is kept though others fail
                yield waiting.pop(future), future.result()
    except BrokenProcessPool as dead:
        raise ClusterRefusedError(
            "a worker ended before its time, as without memory: try fewer --workers"
        ) from dead
    except CancelledError as gone:
        raise ClusterRefusedError("the scheduler of the cluster is gone") from gone
    finally:
        for future in waiting:
            future.cancel()
