"""The database of a site, for commands: one's own, or the embedded server of the data folder."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from equipoise.cli.output import FINDINGS, MISUSE, leave

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("equipoise-data"),
    show_default=True,
    envvar="EQUIPOISE_DATA",
    show_envvar=True,
    help="The folder of the trial; its PostgreSQL is used unless DATABASE_URL names another.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """A database as its owner and as the running site reach it."""

    owner: str
    application: str


def refuse(refusal: Exception | str) -> NoReturn:
    """Ends the command with the words of a refusal."""
    click.echo(str(refusal), err=True)
    leave(FINDINGS)


def refuse_misuse(words: str) -> NoReturn:
    """Ends the command with words on what was named wrongly."""
    click.echo(words, err=True)
    leave(MISUSE)


@contextmanager
def open_database(data: Path) -> Iterator[Addresses]:
    """The addresses of the database, for as long as the block lasts; a folder not there is made."""
    if given := os.environ.get("DATABASE_URL"):
        yield Addresses(owner=os.environ.get("EQUIPOISE_OWNER_URL", given), application=given)
        return
    with open_embedded(data) as addresses:
        yield addresses


@contextmanager
def open_embedded(data: Path) -> Iterator[Addresses]:
    """The addresses of the server in the folder itself, whatever the environment names."""
    from equipoise.store.embedded import start_server
    from equipoise.store.postgres_programs import ServerNotStartedError

    try:
        with start_server(data) as server:
            yield Addresses(owner=server.owner_url, application=server.application_url)
    except ServerNotStartedError as refusal:
        refuse(refusal)


def prepare_site(
    addresses: Addresses, *, key: str = "", upgrade: bool = False, demo: bool = False
) -> None:
    """Makes or checks the tables as their owner, the key and the kind, in a process of its own."""
    words = [f"--{name}" for name, said in (("upgrade", upgrade), ("demo", demo)) if said]
    known = {
        "DATABASE_URL": addresses.application,
        "DJANGO_SETTINGS_MODULE": "equipoise.web.settings",
        "EQUIPOISE_KEY": key,
        "EQUIPOISE_OWNER_URL": addresses.owner,
        "EQUIPOISE_SECRET_KEY": "none",
    }
    call = [sys.executable, "-m", "equipoise.web.opening", *words]
    if subprocess.run(call, env={**os.environ, **known}, check=False).returncode != 0:  # noqa: S603
        leave(FINDINGS)


def connect_django(addresses: Addresses) -> None:
    """Sets Django up on the database, for a command that is no site."""
    import django
    from django.conf import settings
    from django.db import connections

    from equipoise.web.addresses import read_database_url

    if not settings.configured:
        os.environ["DATABASE_URL"] = addresses.application
    os.environ.setdefault("EQUIPOISE_SECRET_KEY", secrets.token_urlsafe(50))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "equipoise.web.settings")
    django.setup()
    connections.close_all()
    settings.DATABASES["default"].update(read_database_url(addresses.application))
    settings.DATABASES["owner"].update(read_database_url(addresses.owner))


@contextmanager
def open_trial_database(data: Path) -> Iterator[Addresses]:
    """The database of a trial that is there, Django set up; only in it can the store be imported.

    Refused when there is none, when it does not answer, and when its tables are not the program's.
    """
    if not os.environ.get("DATABASE_URL") and not (data / "database").is_dir():
        refuse_misuse(
            f"There is no trial in '{data}'. Name its folder (--data, or DATABASE_URL for a server "
            f"of your own), or make one: equipoise serve --data {data}"
        )
    with open_database(data) as addresses:
        connect_django(addresses)
        from django.db import OperationalError

        from equipoise.web.schema import SchemaRefusedError, require_schema

        try:
            require_schema()
        except SchemaRefusedError as refusal:
            refuse(refusal)
        except OperationalError as refusal:
            refuse_misuse(f"The database cannot be reached: {refusal}")
        yield addresses
