"""`equipoise queries`: what the data leave open, asked by the program itself."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from equipoise.cli.output import print_json
from equipoise.cli.site_database import data_option, open_trial_database


@click.group()
def queries() -> None:
    """Let the program ask what the data leave open."""


@queries.command()
@data_option
@click.option("--show", "only_show", is_flag=True, help="Tell what would be asked; ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ask(data: Path, only_show: bool, as_json: bool) -> None:
    """Bring the queries of the program to what edit checks and consistency find now.

    New findings are asked, those that came back asked again, those that are gone closed. Made to
    be run every night, while the site is in use.
    """
    with open_trial_database(data):
        from equipoise.capture.roles import Verb
        from equipoise.store.actions.ask_questions import ask_questions
        from equipoise.store.deed import PROGRAM, Deed
        from equipoise.store.read_questions import read_questions

        counts = Counter(deed.verb for deed in read_questions())
        told = {
            "opened": counts[Verb.OPEN_QUERY],
            "reopened": counts[Verb.REOPEN_QUERY],
            "closed": counts[Verb.CLOSE_QUERY],
        }
        if not only_show:
            ask_questions(deed=Deed(actor=PROGRAM, at=datetime.now(UTC)))
    if as_json:
        print_json(told)
    else:
        words = "would be " if only_show else ""
        click.echo(", ".join(f"{count} {words}{name}" for name, count in told.items()) + ".")
