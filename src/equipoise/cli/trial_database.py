"""The database of a trial, for commands: the one in a data folder, or a server of one's own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from equipoise.cli.output import MISUSE, leave
from equipoise.store.embedded import start_server
from equipoise.store.postgres_programs import ServerNotStartedError

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="The data folder of the trial; without it, the server that DATABASE_URL names.",
)


@contextmanager
def open_database(data: Path | None) -> Iterator[None]:
    """The trial's database for as long as the block lasts; only in it can the store be imported."""
    url = os.environ.get("DATABASE_URL", "")
    if data is None and not url:
        click.echo("Name the trial: --data FOLDER, or DATABASE_URL for your own server.", err=True)
        leave(MISUSE)
    if data is not None and not data.is_dir():
        click.echo(f"There is no data folder '{data}'. Make one with: equipoise serve", err=True)
        leave(MISUSE)
    try:
        with start_server(data) if data else nullcontext() as server:
            _connect(server.application_url if server else url)
            yield
    except ServerNotStartedError as refused:
        click.echo(str(refused), err=True)
        leave(MISUSE)


def _connect(url: str) -> None:
    import django
    from django.conf import settings
    from django.db import OperationalError, connections

    from equipoise.web.addresses import read_database_url

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "equipoise.web.settings")
    django.setup()
    connections.close_all()
    settings.DATABASES["default"].update(read_database_url(url))
    try:
        connections["default"].ensure_connection()
    except OperationalError as refused:
        click.echo(f"The database cannot be reached: {refused}", err=True)
        leave(MISUSE)
