"""`equipoise trial`: a site gets the trial that it is to run."""

from datetime import UTC, datetime
from pathlib import Path

import click

from equipoise.cli.protocol import DEFAULT, load_protocol, load_texts
from equipoise.cli.site_database import (
    connect_django,
    data_option,
    open_database,
    prepare_site,
    refuse,
)
from equipoise.protocol.fingerprint import fingerprint


@click.group()
def trial() -> None:
    """Open the trial of a site."""


@trial.command(name="open")
@data_option
@click.argument("name", default=DEFAULT, metavar="[NAME|FOLDER]")
def open_(data: Path, name: str) -> None:
    """Open the trial with a protocol, once; further versions are amendments, on pages.

    Makes the data folder where there is none. The protocol is in force at a site once a project
    manager has approved it there.
    """
    protocol = load_protocol(name)
    with open_database(data) as database:
        prepare_site(database)
        connect_django(database)
        from equipoise.store.actions.open_trial import open_trial
        from equipoise.store.deed import OPERATOR, Deed
        from equipoise.store.refusals import RefusedError

        try:
            open_trial(load_texts(name), deed=Deed(actor=OPERATOR, at=datetime.now(UTC)))
        except RefusedError as refusal:
            refuse(refusal)
    told = protocol.identity
    click.echo(f"Opened: {told.acronym or told.id} {told.version}, {fingerprint(protocol)}")
