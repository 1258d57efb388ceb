"""The site from the command line: started, stopped, killed, started again, and refused."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main
from store.servers import SOURCES, is_up, server_number, wait_until_gone

KEY = "six words that dice have drawn"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def site(data: Path, port: int, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A site on `data` in a process of its own; killed when the block ends with it running."""
    known = {k: v for k, v in os.environ.items() if not k.startswith(("EQUIPOISE", "DATABASE"))}
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heeds}; from equipoise.cli.main import main; main()"
    words = ("serve", "--data", str(data), "--port", str(port), "--workers", "1", *words)
    running = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        env={**known, "PYTHONPATH": SOURCES, "EQUIPOISE_KEY": KEY, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/",
    )  # fmt: skip
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def answer_of(port: int, path: str, *, claimed: int = 0) -> int:
    """The status of the site's answer, once it answers at all; `claimed` bytes are not sent."""
    for _ in range(600):
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            headers = {"Content-Length": str(claimed)} if claimed else {}
            connection.request("POST" if claimed else "GET", f"/{path}", headers=headers)
            return connection.getresponse().status
        except ConnectionError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("the site does not answer")


def test_a_site_is_started_shared_killed_started_again_and_stopped(tmp_path: Path) -> None:
    data, port = tmp_path / "trial", free_port()
    with site(data, port) as first:
        assert answer_of(port, "health") == 200
        assert answer_of(port, "metrics") == 200
        assert answer_of(port, "nowhere", claimed=50_000_000) == 413
        secret = data / "secret_key"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        kept = secret.read_text()
        assert len(kept) > 50
        files = [path for path in data.rglob("*") if path.is_file()]
        assert not any(
            KEY.encode() in path.read_bytes() for path in files
        )  # the key of the randomisation stands nowhere beside the database
        with site(data, free_port()) as second:
            told, _ = second.communicate(timeout=60)
            assert second.returncode == 1
            assert f"runs on {data} already (process {first.pid})" in told
        number = server_number(data)
        children = Path(f"/proc/{first.pid}/task/{first.pid}/children")
        if children.exists():
            worker = int(children.read_text().split()[0])
            os.kill(worker, signal.SIGTERM)
            wait_until_gone(worker)
        assert answer_of(port, "health") == 200  # another worker, the same database
        assert server_number(data) == number
    assert is_up(data)  # the site was killed; its database goes on for the next one
    with site(data, port) as third:
        assert answer_of(port, "health") == 200
        assert server_number(data) == number
        assert secret.read_text() == kept
        third.send_signal(signal.SIGTERM)
        told, _ = third.communicate(timeout=60)
        assert third.returncode == 0, told
    wait_until_gone(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_starts_leaves_no_server(tmp_path: Path, number: signal.Signals) -> None:
    with site(tmp_path / "trial", free_port()) as starting:
        for _ in range(600):
            if (tmp_path / "trial" / "database").exists():
                break
            time.sleep(0.05)
        starting.send_signal(number)
        told, _ = starting.communicate(timeout=60)
    assert "Traceback" not in told
    assert not is_up(tmp_path / "trial"), (starting.returncode, told)


def refused(*words: str, code: int) -> str:
    env = {"EQUIPOISE_URL": "", "EQUIPOISE_SECRET_KEY": "", "DATABASE_URL": ""}
    done = CliRunner().invoke(main, ["serve", *words], env=env)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--host", "0.0.0.0"),
        ("--host", "0.0.0.0", "--url", "http://trial.example"),
        ("--url", "http://trial.example"),
    ],
)
def test_passwords_in_clear_over_a_network_are_refused(words: tuple[str, ...]) -> None:
    assert "passwords in clear" in refused(*words, code=2)


def test_an_address_that_is_none_is_told() -> None:
    assert "is no address" in refused("--url", "trial.example", code=2)


def test_a_key_beside_the_database_or_open_to_others_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "trial"
    data.mkdir()
    for path, mode, words in (
        (data / "key", 0o600, "Keep the key apart"),
        (tmp_path / "key", 0o644, "Others may read"),
    ):
        path.write_text(KEY)
        path.chmod(mode)
        assert words in refused("--data", str(data), "--key-file", str(path), code=1)


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("x" * 60)
    (tmp_path / "secret_key").chmod(0o644)
    assert "chmod 600" in refused("--data", str(tmp_path), code=1)


def test_a_database_that_cannot_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "database").mkdir()
    (tmp_path / "database" / "PG_VERSION").write_text("16\n")
    assert "made by PostgreSQL 16" in refused("--data", str(tmp_path), code=1)
