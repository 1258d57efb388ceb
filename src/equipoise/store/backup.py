"""Backup and restore of a whole trial as one file, verified by replaying its ledger."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import equipoise
from equipoise.store.backup_file import (
    BackupRefusedError,
    Header,
    Source,
    read_backup_content,
    read_backup_header,
    write_backup_file,
)
from equipoise.store.ledger import GENESIS, instant
from equipoise.store.postgres_programs import programs_folder
from equipoise.store.verify import verify_trial
from equipoise.vocab.finding import Finding


def write_backup(path: Path, *, source: Source, at: datetime, pass_phrase: str = "") -> Header:
    """Writes all of the trial at one instant into a new file that only its owner may read."""
    if path.exists():
        raise BackupRefusedError(f"{path} exists: name a new file.")
    making = path.with_name(f".{path.name}.making")
    with psycopg.connect(source.owner_url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        head = connection.execute(
            "SELECT number, digest FROM ledger_line ORDER BY number DESC LIMIT 1"
        ).fetchone() or (0, GENESIS)
        header = Header(
            made_at=instant(at), program=equipoise.__version__, lines=head[0], head=head[1],
            application_role=source.application_role,
        )  # fmt: skip
        assert row is not None
        try:
            with _private_file(making) as file:
                content = _dump(source.owner_url, snapshot=row[0])
                header = write_backup_file(
                    file, header=header, content=content, pass_phrase=pass_phrase
                )
            making.rename(path)
        finally:
            making.unlink(missing_ok=True)
    return header


def read_header(path: Path) -> Header:
    """What the backup is of."""
    with path.open("rb") as file:
        return read_backup_header(file)


def restore_backup(path: Path, *, target: Source, pass_phrase: str = "") -> Header:
    """Fills the empty database of `target` from the file, all or nothing.

    The whole file is checked before anything is written. Django's database is not asked here: hold
    `check_restored` against it afterwards.
    """
    header = read_header(path)
    if header.application_role != target.application_role:
        raise BackupRefusedError(
            f"The application's role is {header.application_role} in the backup and "
            f"{target.application_role} here: name the role as in the backup."
        )
    _require_empty(target.owner_url)
    with path.open("rb") as file, tempfile.TemporaryFile(dir=path.resolve().parent) as plain:
        for piece in read_backup_content(file, pass_phrase=pass_phrase):
            plain.write(piece)
        plain.seek(0)
        _load(plain, url=target.owner_url)
    return header


def check_restored(header: Header) -> Iterator[Finding]:
    """Every difference between Django's database and what the header and its ledger say."""
    found = verify_trial(head=header.head)
    yield from found.findings
    if (found.lines, found.head) != (header.lines, header.head):
        yield Finding(
            where=f"ledger line {found.lines}",
            code="backup-head-differs",
            message=f"the ledger ends elsewhere than the backup says (line {header.lines})",
            mend="Take another copy of the backup.",
        )


def empty_database(owner_url: str) -> None:
    """Throws away everything in the database: what was restored and found wrong."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _require_empty(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    if row is None or row[0]:
        raise BackupRefusedError(
            "There are tables in this database. Restore into a new one: "
            "name a new data folder (--data), or an empty database in DATABASE_URL."
        )


@contextmanager
def _private_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file, on the disk when the block ends."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _dump(url: str, *, snapshot: str) -> Iterator[bytes]:
    words = ["--format=custom", f"--snapshot={snapshot}", "--no-owner"]
    with tempfile.TemporaryFile() as said, _program("pg_dump", words, url=url, stderr=said) as done:
        assert done.stdout is not None
        while piece := done.stdout.read(1 << 20):
            yield piece
        _require_done(done, said=said)


def _load(dump: IO[bytes], *, url: str) -> None:
    words = ["--single-transaction", "--exit-on-error", "--no-owner"]
    with (
        tempfile.TemporaryFile() as said,
        _program("pg_restore", words, url=url, stdin=dump, stderr=said) as done,
    ):
        _require_done(done, said=said)


def _program(
    name: str, words: list[str], *, url: str, stdin: IO[bytes] | None = None, stderr: IO[bytes]
) -> subprocess.Popen[bytes]:
    """A program of PostgreSQL connected to the database; a password is not among its words."""
    said = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    password = said.pop("password", None)
    return subprocess.Popen(  # noqa: S603 - our own words, no shell
        [str(programs_folder() / name), *words, "--dbname", make_conninfo("", **said)],
        stdin=stdin or subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})},
    )


def _require_done(program: subprocess.Popen[bytes], *, said: IO[bytes]) -> None:
    if program.wait() != 0:
        said.seek(0)
        told = said.read().decode("utf-8", errors="replace").strip().splitlines()[-3:]
        raise BackupRefusedError("PostgreSQL did not finish:\n" + "\n".join(told))
