"""Rounds of kill -9 under load, and what must stand after each."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from equipoise.store.embedded import Server, start_server
from house.source import ROOT

SITE = Path(__file__).with_name("crash_site.py")
PATHS = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
SUBJECTS = ("01-001", "01-002")


def start_site(server: Server, *task: str) -> "subprocess.Popen[str]":
    """The site at a task, in a process of its own."""
    command = [sys.executable, str(SITE), task[0], server.application_url, server.owner_url]
    return subprocess.Popen(
        [*command, *task[1:]],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": PATHS},
    )  # fmt: skip


def answer_of(server: Server, task: str) -> str:
    """What the site prints when it is left alone."""
    told, _ = start_site(server, task).communicate(timeout=120)
    return told


def save_and_kill(data: Path, *, seconds: float, with_server: bool) -> dict[str, int]:
    """The last version acknowledged to each of two who save while the site is killed."""
    with start_server(data) as server:
        sites = [start_site(server, "load", subject) for subject in SUBJECTS]
        first = [_line(site) for site in sites]
        time.sleep(seconds)
        if with_server:
            number = int((data / "database" / "postmaster.pid").read_text().split()[0])
            os.kill(number, signal.SIGKILL)
        for site in sites:
            site.kill()
        told = [site.communicate()[0].split() for site in sites]
    return {
        subject: int(lines[-1] if lines else begun)
        for subject, lines, begun in zip(SUBJECTS, told, first, strict=True)
    }


def _line(site: "subprocess.Popen[str]") -> str:
    assert site.stdout is not None
    return site.stdout.readline().strip()


def check_round(data: Path, *, seconds: float, with_server: bool) -> None:
    """One round: every save that was acknowledged stands, none is half saved, all is whole."""
    acknowledged = save_and_kill(data, seconds=seconds, with_server=with_server)
    with start_server(data) as server:
        said: dict[str, Any] = json.loads(answer_of(server, "check"))
    assert said["findings"] == []
    for subject, version in acknowledged.items():
        stands, values = said["versions"][subject]
        assert stands in {version, version + 1}  # one more may stand that nobody was told of
        assert values == {"birth_year": str(1900 + (stands - 1) % 100)}
