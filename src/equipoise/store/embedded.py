"""A PostgreSQL server of the trial's own, in the data folder: started by the first who needs it,
stopped by the last who leaves.

It listens on a socket in its private folder only, and the system tells it who connects (peer):
there is no port and no password. `database/` is the server's; what else lies in the data folder
is the program's.
"""

import fcntl
import os
import pwd
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

from equipoise.store.postgres_programs import (
    VERSION,
    DiskFullError,
    Programs,
    ServerNotStartedError,
    find_programs,
    run_program,
)

DATABASE = "equipoise"
OWNER, APPLICATION, SUPERUSER = "equipoise_owner", "equipoise_app", "postgres"
_SOCKET = ".s.PGSQL.5432"
_SOCKET_BYTES = 103  # sockaddr_un: 104 with its end on BSD and macOS, 108 on Linux
_LOG, _LOG_BEFORE = "server.log", "server.log.before"

# Written once, when the folder is made; whoever runs the site may tune them in postgresql.conf.
_TUNING = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_parallel_workers_per_gather": "0",  # needs shared memory that containers do not give
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "idle_in_transaction_session_timeout": "60s",
}
# Given at every start, whatever the file says: what is acknowledged is on the disk, nothing is
# on the network, and no value of a patient is in the log.
_GUARANTEES = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
}
_QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: where its socket is found, and who may connect as whom."""

    socket_folder: Path

    @property
    def owner_url(self) -> str:
        """Address for the role that migrates; it owns every table."""
        return self.url(OWNER)

    @property
    def application_url(self) -> str:
        """Address for the role of the running site."""
        return self.url(APPLICATION)

    def url(self, role: str, *, database: str = DATABASE) -> str:
        """Address of one database for one role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder), safe='')}"


@contextmanager
def start_server(data: Path, *, durable: bool = True) -> Iterator[Server]:
    """The server of a data folder, made on first use, for as long as the block lasts.

    Several programs may use one folder at once: the first starts the server, the last stops it.
    `durable=False` is for tests that throw their data away. Raises ServerNotStartedError.
    """
    data, starter = _made(data), os.getpid()
    with _refusals(data):
        programs = find_programs(data)
        database = data / "database"
        with _locked(data):  # one program at a time starts or stops
            _make_database(database, programs=programs)
            in_use = os.open(database, os.O_RDONLY)
            fcntl.flock(in_use, fcntl.LOCK_SH)  # the system drops it, even after kill -9
    try:
        with _short_way(database) as folder:
            server = Server(socket_folder=folder)
            with _refusals(data), _locked(data), _undisturbed():
                _ensure_running(database, programs=programs, durable=durable)
                _ensure_roles(server)
            yield server
    finally:
        with _locked(data):
            # A process forked in the block leaves it too, and holds the same lock.
            if os.getpid() == starter and _is_last(in_use) and _is_running(database):
                _stop(database, programs=programs)
            os.close(in_use)


def _made(data: Path) -> Path:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise ServerNotStartedError(
            f"The data folder {data} cannot be made: {problem.strerror}. Choose another (--data)."
        ) from problem
    return data.resolve()


@contextmanager
def _refusals(data: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as problem:
        raise ServerNotStartedError(
            f"{problem.filename or data} may not be used by {_user_name(os.geteuid())}. "
            "Run this as the user to whom the data folder belongs, or choose another (--data)."
        ) from problem
    except (OSError, psycopg.Error) as problem:
        raise _refusal(str(problem), place=data) from problem


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keeps Ctrl-C and SIGTERM waiting: a server half started would be left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals interrupt only the main thread
        return
    came: list[int] = []
    kept = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda n, _: came.append(n)) for number in kept}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, signal.SIG_DFL if handler is None else handler)
        for number in came[:1]:
            signal.raise_signal(number)


def _is_last(in_use: int) -> bool:
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_database(database: Path, *, programs: Programs) -> None:
    if database.exists():
        _check_version(database)
        return
    making = database.with_name("database.making")  # renamed when whole: a kill leaves no half
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    if programs.user:
        os.chown(making, programs.user.pw_uid, programs.user.pw_gid)
    words = ["-D", programs.place(making), "-U", SUPERUSER, "--encoding=UTF8", "--auth=peer"]
    words += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words += [word for name, value in _TUNING.items() for word in ("-c", f"{name}={value}")]
    done = run_program("initdb", words=words, programs=programs, database=making)
    if done.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise _refusal(done.stderr, place=database)
    making.rename(database)


def _check_version(database: Path) -> None:
    found = (database / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(VERSION):
        raise ServerNotStartedError(
            f"{database} was made by PostgreSQL {found}, and this program brings {VERSION}. Make a "
            "backup with the version of Equipoise that made it, and restore it with this one."
        )


def _ensure_running(database: Path, *, programs: Programs, durable: bool) -> None:
    if _is_running(database):
        return
    _write_who_may_connect(database, programs=programs)
    log = database / _LOG
    settings = _GUARANTEES | ({} if durable else _QUICK)
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    words = ["start", "--wait", "--timeout=3600", "-D", programs.place(database)]
    words += ["-l", _LOG, "-o", options]
    for _ in range(10):  # after kill -9 the last children of the old server may still be leaving
        if log.exists():
            log.rename(database / _LOG_BEFORE)
        done = run_program("pg_ctl", words=words, programs=programs, database=database)
        if done.returncode == 0:
            return
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        if "shared memory block" not in said and "lock file" not in said:
            break
        time.sleep(0.5)
    raise _refusal(said, place=database)


def _is_running(database: Path) -> bool:
    """Whether the server of this very folder runs; a number left by a dead one is taken away."""
    note = database / "postmaster.pid"
    try:
        number = int(note.read_text(encoding="ascii").split()[0])
        os.kill(number, 0)
    except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        return False
    except PermissionError:
        pass  # it lives, under another user
    if _is_server_of(database, number=number):
        return True
    # Another program got the dead server's number, as happens in containers.
    for left in (note, database / f"{_SOCKET}.lock"):
        left.unlink(missing_ok=True)
    return False


def _is_server_of(database: Path, *, number: int) -> bool:
    process = Path("/proc") / str(number)
    try:
        return (process / "cwd").samefile(database)  # a server works in its folder
    except PermissionError:
        return (process / "comm").read_text(encoding="utf-8").strip() == "postgres"
    except FileNotFoundError:
        return not process.parent.joinpath("self").exists()  # no /proc: believe the number


def _write_who_may_connect(database: Path, *, programs: Programs) -> None:
    """The system's users who may take the trial's roles: the folder's owner and root."""
    roles = (OWNER, APPLICATION, SUPERUSER)
    users = sorted({"root", _user_name(database.stat().st_uid), _user_name(os.geteuid())})
    texts = {
        "pg_hba.conf": "".join(f"local all {role} peer map=site\n" for role in roles),
        "pg_ident.conf": "".join(f'site "{user}" {role}\n' for user in users for role in roles),
    }
    for name, text in texts.items():
        path = database / name
        path.write_text(text, encoding="utf-8")
        if programs.user:
            os.chown(path, programs.user.pw_uid, programs.user.pw_gid)


def _user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        raise ServerNotStartedError(
            f"User number {number} has no name on this machine, and PostgreSQL needs one. "
            "Run this as a user of this machine."
        ) from None


@contextmanager
def _short_way(database: Path) -> Iterator[Path]:
    """A path to the socket's folder that is short enough for a socket."""
    if len(os.fsencode(database / _SOCKET)) <= _SOCKET_BYTES:
        yield database
        return
    with tempfile.TemporaryDirectory(prefix="equipoise-", dir="/tmp") as folder:
        way = Path(folder) / "database"
        way.symlink_to(database)
        yield way


def _ensure_roles(server: Server) -> None:
    """The roles of owner and application, and the trial's database, made where they are missing."""
    with _connected(server.url(SUPERUSER, database="postgres")) as connection:
        for role in (OWNER, APPLICATION):
            if not _is_there(connection, "SELECT FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if not _is_there(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
            names = sql.Identifier(DATABASE), sql.Identifier(OWNER)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
        names = sql.Identifier(DATABASE), sql.Identifier(APPLICATION)
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(names[0]))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(*names))


def _connected(url: str) -> psycopg.Connection:
    for _ in range(600):  # a server found running may still be recovering from a crash
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError as problem:
            if "starting up" not in str(problem) and "recovery" not in str(problem):
                raise
            time.sleep(0.5)
    raise ServerNotStartedError("PostgreSQL is still recovering after five minutes. Start again.")


def _is_there(connection: psycopg.Connection, question: LiteralString, name: str) -> bool:
    return connection.execute(question, [name]).fetchone() is not None


def _stop(database: Path, *, programs: Programs) -> None:
    words = ["stop", "--mode=fast", "--wait", "--timeout=600", "-D", programs.place(database)]
    run_program("pg_ctl", words=words, programs=programs, database=database)


def _refusal(said: str, *, place: Path) -> ServerNotStartedError:
    if "No space left on device" in said:
        return DiskFullError(
            f"The disk of {place} is full. Free some space and start again; "
            "whatever was acknowledged is still there."
        )
    last = "\n".join(said.strip().splitlines()[-5:]) or "it did not say why"
    return ServerNotStartedError(f"PostgreSQL did not start in {place}:\n{last}")
