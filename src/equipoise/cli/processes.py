"""Processes of one thread each for work that is not compiled."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

_ONE_THREAD = ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


@contextmanager
def hire_processes(number: int) -> Iterator[Executor]:
    """Processes of one thread each; a single one works in this process."""
    if number == 1:
        with ThreadPoolExecutor(1) as executor:
            yield executor
        return
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(number, mp_context=context, initializer=_end_at_once) as executor:
            yield executor
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _end_at_once() -> None:
    """Ctrl-C ends a worker without a word: its parent speaks."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
