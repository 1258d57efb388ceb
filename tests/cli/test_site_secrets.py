"""Secrets of a site: made once, kept from others, never beside the database they protect."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from equipoise.cli.site_database import Addresses, open_database
from equipoise.cli.site_secrets import lock_site, read_randomisation_key, read_secret_key

KEY = "six words that dice have drawn"


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EQUIPOISE_KEY", "EQUIPOISE_SECRET_KEY", "EQUIPOISE_OWNER_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def run(deed: Callable[[], object], given: str = "") -> Result:
    """A command that prints what the deed comes to."""
    command = click.Command("told", callback=lambda: click.echo(deed()))
    return CliRunner().invoke(command, input=given)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = read_secret_key(tmp_path)
    assert len(first) >= 50
    assert mode_of(tmp_path / "secret_key") == 0o600
    assert read_secret_key(tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_two_sites_have_two_secrets(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    assert len({read_secret_key(folder) for folder in folders}) == 2


def test_a_secret_of_the_environment_is_taken_and_none_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EQUIPOISE_SECRET_KEY", "given")
    assert read_secret_key(tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []


def test_what_a_crash_left_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret_key.making").write_text("half")
    assert read_secret_key(tmp_path) != "half"
    assert not (tmp_path / "secret_key.making").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_secret_that_anybody_else_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    read_secret_key(tmp_path)
    (tmp_path / "secret_key").chmod(mode)
    done = run(lambda: read_secret_key(tmp_path))
    assert done.exit_code == 1
    assert "chmod 600" in done.stderr
    assert done.stdout == ""


def key_from(path: Path, data: Path) -> Result:
    return run(lambda: read_randomisation_key(data, file=path, ask=False))


def test_the_key_is_read_from_its_file_without_the_end_of_the_line(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n", encoding="utf-8")
    path.chmod(0o600)
    assert key_from(path, tmp_path / "trial").stdout == f"{KEY}\n"


@pytest.mark.parametrize("place", ["key", "deep/er/key"])
def test_a_key_anywhere_in_the_data_folder_is_refused(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(KEY)
    path.chmod(0o600)
    done = key_from(path, tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "apart from the database" in done.stderr
    assert KEY not in done.output


def test_a_link_does_not_hide_that_the_key_lies_in_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "trial"
    data.mkdir()
    (data / "key").write_text(KEY)
    (data / "key").chmod(0o600)
    (tmp_path / "link").symlink_to(data / "key")
    assert key_from(tmp_path / "link", data).exit_code == 1


@pytest.mark.parametrize(
    ("environment", "ask", "given", "key"),
    [
        ("", False, "", ""),
        ("from outside", False, "", "from outside"),
        ("", True, "typed\n", "typed"),
        ("from outside", True, "typed\n", "typed"),
    ],
)
def test_the_key_comes_from_the_prompt_then_the_environment_or_there_is_none(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: str,
    ask: bool,
    given: str,
    key: str,
) -> None:
    monkeypatch.setenv("EQUIPOISE_KEY", environment)
    done = run(lambda: f"[{read_randomisation_key(tmp_path, file=None, ask=ask)}]", given)
    assert done.stdout.splitlines()[-1] == f"[{key}]"
    assert done.stdout.count("typed") == bool(given)  # only what the test itself echoes


def test_a_site_locks_its_folder_and_names_its_process(tmp_path: Path) -> None:
    def second() -> None:
        with lock_site(tmp_path / "trial"):
            pytest.fail("two sites ran on one folder")

    with lock_site(tmp_path / "trial"):
        assert mode_of(tmp_path / "trial") == 0o700
        done = run(second)
        assert done.exit_code == 1
        assert f"(process {os.getpid()})" in done.stderr
        assert "Stop it first." in done.stderr
    with lock_site(tmp_path / "trial"):  # free again once the first has ended
        pass


def test_a_lock_left_by_a_dead_process_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "site.lock").write_text("999999999999")
    with lock_site(tmp_path):
        assert (tmp_path / "site.lock").read_text() == str(os.getpid())


def test_a_lock_is_given_back_when_the_site_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lock_site(tmp_path):
        raise RuntimeError
    with lock_site(tmp_path):
        pass


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("", Addresses(owner="", application="app")),
        ("own", Addresses(owner="own", application="app")),
    ],
)
def test_a_server_of_ones_own_is_taken_as_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: str, expected: Addresses
) -> None:
    monkeypatch.setenv("DATABASE_URL", "app")
    monkeypatch.setenv("EQUIPOISE_OWNER_URL", owner)
    with open_database(tmp_path / "none") as found:
        assert found == expected
    assert not (tmp_path / "none").exists()  # nothing is started beside it
    monkeypatch.delenv("EQUIPOISE_OWNER_URL")
    with open_database(tmp_path / "none") as found:
        assert found == Addresses(owner="app", application="app")
