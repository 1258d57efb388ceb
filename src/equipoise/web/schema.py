"""Whether the tables are those of this program: made, brought up to date, or refused."""

from enum import Enum

from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

MIGRATION_LOCK = 0x65717570


class SchemaRefusedError(Exception):
    """The tables are not those of this program; the message says what to do."""


class State(Enum):
    """How the tables of a database stand to the program."""

    NEW = "nothing was ever written: tables are to be made"
    OLD = "there is a trial, and migrations are to be done"
    READY = "the tables are those of the program"


def read_state(alias: str = "default") -> State:
    """How the tables stand; SchemaRefusedError when they are newer, or not what they claim."""
    executor = MigrationExecutor(connections[alias])
    applied, known = set(executor.loader.applied_migrations), set(executor.loader.graph.nodes)
    labels = {label for label, _ in known}
    newer = sorted(f"{label}.{name}" for label, name in applied - known if label in labels)
    if newer:
        raise SchemaRefusedError(
            f"This database was brought up to date by a newer Equipoise ({', '.join(newer)}). "
            "Start that version, or restore a backup of this one into a new database."
        )
    _check_history(executor, alias=alias)
    if applied:
        _check_tables(executor, alias=alias)
    if known - applied:
        return State.OLD if _has_lines(alias) else State.NEW
    return State.READY


def require_schema(alias: str = "default") -> None:
    """SchemaRefusedError unless the tables are those of the program."""
    state = read_state(alias)
    if state is not State.READY:
        raise SchemaRefusedError(
            f"The tables are not ready: {state.value}. Start the site with `equipoise serve`, "
            "which makes them; for a trial that runs, see the upgrade guide."
        )


def prepare_schema(*, upgrade: bool) -> State:
    """Makes the tables as their owner; a trial that runs is touched only when `upgrade` says so."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])  # one site at a time
        before = read_state("owner")
        if before is State.OLD and not upgrade:
            raise SchemaRefusedError(
                "This trial was kept by an older Equipoise. Make a backup (equipoise backup FILE), "
                "then start once with --upgrade."
            )
        if before is not State.READY:
            call_command("migrate", database="owner", verbosity=0, interactive=False)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    return before


def _check_history(executor: MigrationExecutor, *, alias: str) -> None:
    try:
        executor.loader.check_consistent_history(connections[alias])
    except InconsistentMigrationHistory as problem:
        raise SchemaRefusedError(f"{_HALF} ({problem}).") from problem


def _check_tables(executor: MigrationExecutor, *, alias: str) -> None:
    """Every application that claims to be up to date has all its tables."""
    known, applied = executor.loader.graph.nodes, executor.loader.applied_migrations
    pending = {label for label, name in known if (label, name) not in applied}
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]
    wanted = {m._meta.db_table for m in models if m._meta.app_label not in pending}
    missing = sorted(wanted - set(connections[alias].introspection.table_names()))
    if missing:
        raise SchemaRefusedError(f"{_HALF} (missing: {', '.join(missing)}).")


def _has_lines(alias: str) -> bool:
    connection = connections[alias]
    if "ledger_line" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_line)")
        return bool(cursor.fetchone()[0])


_HALF = (
    "The tables of this database are only half there. Restore the last backup into a new database"
)
