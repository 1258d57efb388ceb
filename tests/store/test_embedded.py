"""The server of the data folder starts, is shared, survives kill -9, and tells why it cannot."""

import os
import pwd
import re
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from _pytest.raises import RaisesExc

from equipoise.store import embedded, postgres_programs
from equipoise.store.embedded import start_server
from equipoise.store.postgres_programs import DiskFullError, ServerNotStartedError
from store.servers import (
    another_program,
    answer,
    is_up,
    server_number,
    skip_loudly,
    wait_until_gone,
)


def refused(kind: type[ServerNotStartedError], words: str) -> RaisesExc[ServerNotStartedError]:
    """Holds that the block is refused in these words."""
    return pytest.raises(kind, match=re.escape(words))


AS_ROOT = os.geteuid() == 0


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a table, its server stopped."""
    data = tmp_path_factory.mktemp("trial")
    with start_server(data, durable=False) as server, psycopg.connect(server.owner_url) as owner:
        owner.execute("CREATE TABLE kept (note text)")
        owner.execute("INSERT INTO kept VALUES ('acknowledged')")
        owner.execute("GRANT SELECT ON kept TO equipoise_app")
    return data


def test_the_application_and_the_owner_are_different_roles(made: Path) -> None:
    with start_server(made, durable=False) as server:
        assert answer(server, "SELECT current_user || '@' || current_database()") == (
            "equipoise_app@equipoise"
        )
        assert answer(server.owner_url, "SELECT current_user::text") == "equipoise_owner"
        assert answer(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            answer(server, "CREATE TABLE own (note text)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            answer(server, "CREATE TEMP TABLE own (note text)")


def test_a_durable_server_confirms_only_what_is_on_the_disk(tmp_path: Path) -> None:
    with start_server(tmp_path / "data") as server:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert answer(server, f"SHOW {name}") == "on"
        assert answer(server, "SHOW listen_addresses") == ""
        assert answer(server, "SHOW timezone") == "UTC"


def test_the_folder_is_private_and_the_socket_lies_in_it(made: Path) -> None:
    with start_server(made, durable=False):
        database = made / "database"
        assert database.stat().st_mode & 0o777 == 0o700
        assert (database / ".s.PGSQL.5432").is_socket()


def test_a_stopped_server_leaves_no_process_and_keeps_its_rows(made: Path) -> None:
    with start_server(made, durable=False) as server:
        assert answer(server, "SELECT note FROM kept") == "acknowledged"
        number = server_number(made)
    wait_until_gone(number)
    assert not (made / "database" / "postmaster.pid").exists()


def test_a_value_that_is_refused_is_not_in_the_log(made: Path) -> None:
    with start_server(made, durable=False) as server, pytest.raises(psycopg.Error):
        answer(server, "SELECT 'Kim Minjun'::integer")
    assert "Kim" not in (made / "database" / "server.log").read_text()


def test_a_second_program_shares_the_server_and_the_last_stops_it(made: Path) -> None:
    with another_program(made) as other:
        assert other.stdout is not None
        url = other.stdout.readline().strip()
        number = server_number(made)
        with start_server(made, durable=False) as server:
            assert server_number(made) == number
            assert answer(server, "SELECT note FROM kept") == "acknowledged"
        assert answer(url, "SELECT 1") == 1  # the first to leave did not pull the plug
    wait_until_gone(number)


def test_two_programs_that_make_the_same_folder_at_once_make_it_once(tmp_path: Path) -> None:
    with another_program(tmp_path) as one, another_program(tmp_path) as two:
        assert one.stdout is not None
        assert two.stdout is not None
        urls = {one.stdout.readline(), two.stdout.readline()}
        assert len(urls) == 1
        assert is_up(tmp_path)
    assert not is_up(tmp_path)


def test_two_folders_have_two_servers(made: Path, tmp_path: Path) -> None:
    with start_server(made, durable=False), start_server(tmp_path, durable=False) as other:
        assert server_number(made) != server_number(tmp_path)
        assert answer(other, "SELECT to_regclass('kept')") is None


def test_a_killed_program_leaves_a_server_that_the_next_one_uses_and_stops(made: Path) -> None:
    with another_program(made) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.send_signal(signal.SIGKILL)
        other.wait()
        number = server_number(made)
        with start_server(made, durable=False) as server:
            assert server_number(made) == number
            assert answer(server, "SELECT note FROM kept") == "acknowledged"
    wait_until_gone(number)


def test_a_killed_server_is_started_again_with_what_it_had_acknowledged(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        with psycopg.connect(server.owner_url) as owner:
            owner.execute("CREATE TABLE saved (n int)")
            owner.execute("INSERT INTO saved VALUES (41)")
        os.kill(server_number(tmp_path), signal.SIGKILL)
    with start_server(tmp_path) as server:
        assert answer(server.owner_url, "SELECT n FROM saved") == 41


@pytest.mark.parametrize("alive", [True, False])
def test_a_stale_number_is_no_server(made: Path, *, alive: bool) -> None:
    """In a container numbers start again from 1, so another program may have a dead one's."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    note = made / "database" / "postmaster.pid"
    number = os.getpid() if alive else dead.pid
    note.write_text(f"{number}\n/elsewhere\n1700000000\n5432\n.\n\n  1  1\nready\n")
    with start_server(made, durable=False) as server:
        assert answer(server, "SELECT note FROM kept") == "acknowledged"


@pytest.mark.parametrize("text", ["", "not a number\n", "0x12"])
def test_a_damaged_number_is_no_server(made: Path, text: str) -> None:
    note = made / "database" / "postmaster.pid"
    note.write_text(text)
    assert not embedded._is_running(note.parent)
    note.unlink()


def test_a_folder_half_made_by_a_killed_program_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "database.making"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with start_server(tmp_path, durable=False) as server:
        assert answer(server, "SELECT 1") == 1
    assert not half.exists()


def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("한글" * 20)
    with start_server(deep, durable=False) as server:
        assert len(os.fsencode(deep)) > 200
        assert len(os.fsencode(server.socket_folder)) < 80
        assert answer(server, "SELECT 1") == 1
    assert not server.socket_folder.exists()


def test_a_path_with_spaces_and_quotes_works(tmp_path: Path) -> None:
    with start_server(tmp_path / 'the trial\'s "data" & $HOME %41', durable=False) as server:
        assert answer(server, "SELECT 1") == 1


def test_a_private_home_works_and_stays_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with start_server(home / "trial", durable=False) as server:
        assert answer(server, "SELECT 1") == 1
        assert home.stat().st_mode & 0o777 == 0o700


def test_an_ordinary_user_runs_the_server_as_himself(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if not AS_ROOT:
        skip_loudly("only root can run a program as another user")
    user = pwd.getpwnam("nobody")
    home = Path(subprocess.check_output(["mktemp", "-d", "-p", "/tmp"], text=True).strip())
    try:
        os.chown(home, user.pw_uid, user.pw_gid)
        with another_program(home / "trial", user=user) as other:
            assert other.stdout is not None
            url = other.stdout.readline().strip()
            if not url:
                assert other.stderr is not None
                said = other.stderr.read()
                assert "Permission denied" in said, said
                skip_loudly("nobody cannot reach the programs of PostgreSQL that are installed")
            assert (home / "trial" / "database").stat().st_uid == user.pw_uid
            assert answer(url, "SELECT 1") == 1  # root may look in
            with start_server(home / "trial", durable=False) as server:
                assert answer(server, "SELECT 1") == 1
        with start_server(home / "trial", durable=False):  # root starts it as the folder's owner
            number = server_number(home / "trial")
            assert Path(f"/proc/{number}").stat().st_uid == user.pw_uid
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)


def test_root_never_runs_the_server_as_root(made: Path) -> None:
    if not AS_ROOT:
        skip_loudly("only root is refused by PostgreSQL")
    with start_server(made, durable=False):
        assert Path(f"/proc/{server_number(made)}").stat().st_uid != 0


def test_programs_in_a_private_home_are_copied_where_the_server_may_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not AS_ROOT:
        skip_loudly("only root hands the server to another user")
    package = postgres_programs.programs_folder()
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "install").symlink_to(package.parent)
    reachable = Path(subprocess.check_output(["mktemp", "-d", "-p", "/tmp"], text=True).strip())
    reachable.chmod(0o755)
    monkeypatch.setattr(postgres_programs, "programs_folder", lambda: private / "install" / "bin")
    monkeypatch.setattr(postgres_programs, "_REACHABLE", reachable)
    try:
        with start_server(tmp_path / "trial", durable=False) as server:
            assert answer(server, "SELECT 1") == 1
        assert private.stat().st_mode & 0o777 == 0o700
        assert [copy.name[:13] for copy in reachable.iterdir()] == ["postgresql-18"]
    finally:
        subprocess.run(["rm", "-rf", str(reachable)], check=True)


def test_a_full_disk_is_told_and_nothing_half_made_stays(tmp_path: Path) -> None:
    disk = tmp_path / "small"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)]
    if not AS_ROOT or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        skip_loudly("a small disk cannot be mounted here")
    try:
        with (
            pytest.raises(DiskFullError, match=r"is full. Free some space and start again"),
            start_server(disk / "data", durable=False),
        ):
            pass
        assert list((disk / "data").iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_at_a_later_start_is_told(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, database: Path, **__: object) -> subprocess.CompletedProcess[str]:
        (database / "server.log").write_text("FATAL:  could not write: No space left on device\n")
        return subprocess.CompletedProcess([], 1, "", "")

    monkeypatch.setattr(embedded, "run_program", fails)
    with (
        pytest.raises(DiskFullError, match=r"acknowledged is still there"),
        start_server(made, durable=False),
    ):
        pass


def test_why_a_server_did_not_start_is_told(made: Path) -> None:
    settings = made / "database" / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("no_such_setting = 1\n")
    try:
        with (
            pytest.raises(ServerNotStartedError, match=r"no_such_setting"),
            start_server(made, durable=False),
        ):
            pass
    finally:
        settings.write_text(before)


def test_a_folder_of_another_version_is_told(tmp_path: Path) -> None:
    (tmp_path / "database").mkdir()
    (tmp_path / "database" / "PG_VERSION").write_text("17\n")
    with (
        pytest.raises(ServerNotStartedError, match=r"PostgreSQL 17, and this program brings 18"),
        start_server(tmp_path),
    ):
        pass


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with (
        pytest.raises(ServerNotStartedError, match=r"cannot be made"),
        start_server(tmp_path / "data"),
    ):
        pass


def test_a_folder_of_a_user_without_a_name_is_told(tmp_path: Path) -> None:
    if not AS_ROOT:
        skip_loudly("only root can give a folder away")
    (tmp_path / "data").mkdir()
    os.chown(tmp_path / "data", 54321, 54321)
    with (
        pytest.raises(ServerNotStartedError, match=r"54321, who has no name"),
        start_server(tmp_path / "data"),
    ):
        pass
