"""Programs beside the test that use a data folder, and what a test asks a server."""

import os
import pwd
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from equipoise.store.embedded import Server

HOLD = """
import os, sys
from pathlib import Path
import encodings.idna, psycopg
from equipoise.store.embedded import start_server
if len(sys.argv) > 2:  # after the imports: this Python may lie where that user cannot read
    os.setgroups([])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[2]))
with start_server(Path(sys.argv[1]), durable=False) as server:
    print(server.application_url, flush=True)
    sys.stdin.read()
"""
SOURCES = str(Path(__file__).resolve().parents[2] / "src")


@contextmanager
def another_program(
    data: Path, *, user: pwd.struct_passwd | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A program that uses the server of `data` until its standard input is closed."""
    dropped = [str(user.pw_uid), str(user.pw_gid)] if user else []
    program = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data), *dropped],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": SOURCES, "PYTHONDONTWRITEBYTECODE": "1"}, cwd="/",
    )  # fmt: skip
    try:
        yield program
    finally:
        program.communicate(timeout=60)


def answer(server: Server | str, question: str) -> object:
    """The one value that the application's role is answered."""
    url = server if isinstance(server, str) else server.application_url
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def server_number(data: Path) -> int:
    """The process number of the server of `data`."""
    return int((data / "database" / "postmaster.pid").read_text().split()[0])


def is_up(data: Path) -> bool:
    """Whether the server of `data` has a process."""
    try:
        os.kill(server_number(data), 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True


def wait_until_gone(number: int) -> None:
    """Waits for the end of a process, for five seconds."""
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        if "\nState:\tZ" in Path(f"/proc/{number}/status").read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"process {number} is still there")


def skip_loudly(why: str) -> None:
    """Skips a test so that the summary of warnings says it too."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn(f"NOT TESTED HERE: {why}", stacklevel=2)
    pytest.skip(why)
