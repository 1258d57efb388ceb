"""The demonstration from the command line: filled, looked at, verified, and kept from trials."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import click
import pytest
from click.testing import CliRunner

from cli.test_serve import answer_of, free_port
from equipoise.cli.demo_site import OUTPUT, SITE, choose_folder, words_to_look
from equipoise.cli.main import main
from equipoise.cli.site_database import data_option
from equipoise.store.demo_secrets import DEMO_KEY, DEMO_PASSWORD
from store.servers import SOURCES

FILL = """
import os, sys
from pathlib import Path
from equipoise.cli.demo_site import Filled, close_connections, fill_demo_site
from equipoise.cli.main import main
from equipoise.cli.site_database import open_embedded, prepare_site
folder = sys.argv[1]
with open_embedded(Path(folder)) as database:
    prepare_site(database, demo=True)
    for seed in (20, 20, 21):
        try:
            print("filled", fill_demo_site(database, filled=Filled(subjects=2, seed=seed)))
        except SystemExit as refused:
            print("refused", refused.code)
    close_connections()
    os.environ["DATABASE_URL"] = ""
    main(["ledger", "verify", "--data", folder])
"""
MAIN = "from equipoise.cli.main import main; main()"


def known() -> dict[str, str]:
    """The environment of a program, which names a real trial somewhere else."""
    said = {k: v for k, v in os.environ.items() if not k.startswith(("EQUIPOISE", "DATABASE"))}
    real = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real", "EQUIPOISE_DATA": "/nowhere"}
    return {**said, **real, "PYTHONPATH": SOURCES}


@contextmanager
def looked_at(data: Path, port: int) -> Iterator[Path]:
    """The demonstration served; what it prints is in the file."""
    told = data.parent / "told.txt"
    words = ("serve", "--demo", "--data", str(data), "--port", str(port), "--workers", "1")
    with told.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-c", MAIN, *words],
            env={**known(), "PYTHONUNBUFFERED": "1"}, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield told
        finally:
            running.terminate()
            assert running.wait(timeout=60) == 0, told.read_text()


def request(port: int, path: str, cookies: SimpleCookie, **form: str) -> tuple[int, str]:
    """The status and the page of an answer; cookies are kept."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": "; ".join(f"{k}={m.value}" for k, m in cookies.items())}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request("POST" if form else "GET", path, urlencode(form) or None, headers)
    answer = connection.getresponse()
    for each in answer.headers.get_all("Set-Cookie") or []:
        cookies.load(each)
    page = answer.read().decode()
    connection.close()
    return answer.status, page


def log_in(port: int, username: str) -> SimpleCookie:
    """The cookies of a browser in which the account is logged in."""
    cookies = SimpleCookie()
    _, page = request(port, "/accounts/login/", cookies)
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"login": username, "password": DEMO_PASSWORD, "csrfmiddlewaretoken": token}
    assert request(port, "/accounts/login/", cookies, **form)[0] == 302
    return cookies


def test_a_demonstration_is_filled_looked_at_and_sound(tmp_path: Path) -> None:
    data, port = tmp_path / "demo" / "site", free_port()
    filled = subprocess.run(
        [sys.executable, "-c", FILL, str(data)], env=known(), capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    *_, first, again, other, verified = filled.stdout.splitlines()
    assert (first, again, other) == ("filled True", "filled False", "refused 1")
    assert "Remove its folder" in filled.stderr
    assert "lines, sound. Head" in verified
    assert not any(
        DEMO_KEY.encode() in path.read_bytes() for path in data.rglob("*") if path.is_file()
    )
    with looked_at(data, port) as told:
        assert answer_of(port, "health") == 200
        for role in ("investigator", "blinded-reader", "administrator"):
            assert f"{role}  " in told.read_text()
        assert DEMO_PASSWORD in told.read_text()
        cookies = log_in(port, "coordinator")
        status, page = request(port, "/work/", cookies)
        assert (status, "Demonstration – rehearsed patients, not real" in page) == (200, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--host", "0.0.0.0", "--url", "https://trial.example"), "for this machine alone"),
        (("--url", "https://trial.example"), "for this machine alone"),
        (("--ask-key",), "brings its own key"),
    ],
)
def test_a_demonstration_is_for_this_machine_and_takes_no_key(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["serve", "--demo", *words], env={"EQUIPOISE_URL": ""})
    assert (done.exit_code, told in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "environment", "folder"),
    [
        ([], "", str(OUTPUT / SITE)),
        ([], "/srv/trial", str(OUTPUT / SITE)),
        (["--data", "elsewhere"], "/srv/trial", "elsewhere"),
    ],
)
def test_the_environment_names_trials_and_never_the_demonstration(
    words: list[str], environment: str, folder: str
) -> None:
    @click.command()
    @data_option
    def told(data: Path) -> None:
        click.echo(choose_folder(data))

    done = CliRunner().invoke(told, words, env={"EQUIPOISE_DATA": environment})
    assert done.stdout == f"{folder}\n"


def test_the_way_to_look_is_told_as_it_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr(sys, "argv", [".venv/bin/equipoise", "demo"])
    assert words_to_look(OUTPUT / SITE) == ".venv/bin/equipoise serve --demo"
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/equipoise")
    assert words_to_look(Path("x/site")) == "equipoise serve --demo --data x/site"
