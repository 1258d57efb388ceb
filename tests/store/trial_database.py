"""A PostgreSQL of the test session: migrated once, and copied for each test."""

import os

import django
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from equipoise.store.embedded import DATABASE, OWNER, SUPERUSER, Server
from equipoise.web.addresses import read_database_url

TEMPLATE = "trial_template"


def run_as_superuser(server: Server, *statements: str, database: str = "postgres") -> None:
    """Runs statements, each by itself, as who may do everything."""
    with psycopg.connect(server.url(SUPERUSER, database=database), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def set_django_up() -> None:
    """Sets Django up, before any test imports a model; `connect_django` names the database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "equipoise.web.settings"
    os.environ["EQUIPOISE_URL"] = "http://testserver"  # as Django's client calls it
    django.setup()
    settings.SECRET_KEY = "a key for tests only, as long as a key should be"
    settings.PASSWORD_HASHERS = ["store.quick_hasher.QuickArgon2"]
    settings.WHITENOISE_AUTOREFRESH = True  # files are found when asked for, not for every browser


def connect_django(server: Server) -> None:
    """Connects Django to the trial of the server, and migrates it into a template."""
    _name_addresses(server)
    call_command("migrate", database="owner", verbosity=0)
    close_connections()
    run_as_superuser(server, f"ALTER DATABASE {DATABASE} RENAME TO {TEMPLATE}")


def _name_addresses(server: Server) -> None:
    settings.DATABASES["default"].update(read_database_url(server.application_url))
    settings.DATABASES["owner"].update(read_database_url(server.owner_url))


def copy_template(server: Server, *, template: str = TEMPLATE) -> None:
    """A copy of the template as the trial, in place of the one before."""
    close_connections()
    _name_addresses(server)  # a command run in this process may have named others
    copy = f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE {template} STRATEGY FILE_COPY"
    run_as_superuser(server, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", copy)


def keep_as_template(server: Server, *, template: str) -> None:
    """The trial as it stands kept under a name, to be copied."""
    close_connections()
    run_as_superuser(server, f"ALTER DATABASE {DATABASE} RENAME TO {template}")


def close_connections() -> None:
    """Closes the connections of this thread."""
    connections.close_all()
