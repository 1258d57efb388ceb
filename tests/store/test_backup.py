"""A trial is copied whole at one instant, and comes back verified or not at all."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from equipoise.store.actions.back_up import note_backup
from equipoise.store.backup import (
    check_restored,
    empty_database,
    read_header,
    restore_backup,
    write_backup,
)
from equipoise.store.backup_file import BackupRefusedError, PassPhraseRefusedError, Source
from equipoise.store.deed import OPERATOR, Deed
from equipoise.store.embedded import APPLICATION, DATABASE, OWNER, Server
from equipoise.store.ledger import read_head
from equipoise.store.models import Subject
from store.people import open_sites, screen
from store.trial_database import close_connections, run_as_superuser

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
PHRASE = "correct horse battery"


def source(trial: Server) -> Source:
    return Source(owner_url=trial.owner_url, application_role=APPLICATION)


def emptied(trial: Server) -> Source:
    close_connections()
    run_as_superuser(
        trial, f"DROP DATABASE {DATABASE} WITH (FORCE)", f"CREATE DATABASE {DATABASE} OWNER {OWNER}"
    )
    return source(trial)


@pytest.mark.parametrize("phrase", ["", PHRASE])
def test_a_restored_trial_is_the_trial(trial: Server, tmp_path: Path, phrase: str) -> None:
    open_sites()
    subject = screen()
    note_backup(deed=Deed(actor=OPERATOR, at=NOW))
    head = read_head()
    file = tmp_path / "trial.backup"
    made = write_backup(file, source=source(trial), at=NOW, pass_phrase=phrase)
    assert (made.lines, made.head) == (head.number, head.digest)
    assert file.stat().st_mode & 0o777 == 0o600
    restored = restore_backup(file, target=emptied(trial), pass_phrase=phrase)
    assert restored == made == read_header(file)
    assert list(check_restored(restored)) == []
    assert read_head() == head
    assert Subject.objects.get().number == subject
    screen(minutes=3)  # and the trial goes on
    with psycopg.connect(trial.application_url) as application:
        for deed in ("UPDATE ledger_line SET reason = 'x'", "DELETE FROM ledger_line"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(deed.encode())
            application.rollback()


def test_deeds_after_the_copy_began_are_not_in_it(trial: Server, tmp_path: Path) -> None:
    open_sites()
    made = write_backup(tmp_path / "a", source=source(trial), at=NOW)
    screen()
    assert read_head().number == made.lines + 1


def test_a_row_changed_in_the_copy_is_found(trial: Server, tmp_path: Path) -> None:
    open_sites()
    screen()
    run_as_superuser(
        trial, "UPDATE subject SET site = '02'", database=DATABASE
    )  # behind the ledger's back
    made = write_backup(tmp_path / "a", source=source(trial), at=NOW)
    restore_backup(tmp_path / "a", target=emptied(trial))
    assert [found.code for found in check_restored(made)] == ["table-differs"]
    close_connections()
    empty_database(trial.owner_url)
    with psycopg.connect(trial.owner_url) as owner:
        tables = owner.execute("SELECT FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() is None


def test_a_damaged_copy_writes_nothing(trial: Server, tmp_path: Path) -> None:
    open_sites()
    file = tmp_path / "a"
    write_backup(file, source=source(trial), at=NOW, pass_phrase=PHRASE)
    with pytest.raises(PassPhraseRefusedError):
        restore_backup(file, target=emptied(trial), pass_phrase="another pass phrase")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(BackupRefusedError):
        restore_backup(file, target=source(trial), pass_phrase=PHRASE)
    empty_database(trial.owner_url)  # still empty: nothing to complain about
    assert list(tmp_path.iterdir()) == [file]


def test_a_database_with_tables_is_not_written_over(trial: Server, tmp_path: Path) -> None:
    write_backup(tmp_path / "a", source=source(trial), at=NOW)
    with pytest.raises(BackupRefusedError, match="Restore into a new one"):
        restore_backup(tmp_path / "a", target=source(trial))


def test_a_file_that_exists_is_not_written_over(trial: Server, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("precious")
    with pytest.raises(BackupRefusedError, match="name a new file"):
        write_backup(tmp_path / "a", source=source(trial), at=NOW)
    assert (tmp_path / "a").read_text() == "precious"


def test_a_copy_that_fails_leaves_no_file(trial: Server, tmp_path: Path) -> None:
    broken = Source(owner_url=trial.url("nobody_here"), application_role=APPLICATION)
    with pytest.raises(psycopg.OperationalError):
        write_backup(tmp_path / "a", source=broken, at=NOW)
    assert list(tmp_path.iterdir()) == []


def test_another_name_of_the_role_is_told(trial: Server, tmp_path: Path) -> None:
    write_backup(tmp_path / "a", source=source(trial), at=NOW)
    target = Source(owner_url=trial.owner_url, application_role="site")
    with pytest.raises(BackupRefusedError, match="name the role as in the backup"):
        restore_backup(tmp_path / "a", target=target)
