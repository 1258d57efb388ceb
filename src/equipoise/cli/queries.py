"""`equipoise queries`: what the data leave open, asked and recorded by the program itself."""

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
@click.option("--show", "only_show", is_flag=True, help="Tell what would be done; do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ask(data: Path, only_show: bool, as_json: bool) -> None:
    """Bring the queries of the program to what edit checks and consistency find now.

    New findings are asked, those that came back asked again, those that are gone closed.
    Deviations from windows, visits, arms and doses are recorded, each once. Made to be run every
    night, while the site is in use.
    """
    with open_trial_database(data):
        told, noted = _ask(only_show=only_show)
    if as_json:
        print_json({**told, "deviations": noted})
        return
    words = "would be " if only_show else ""
    for head, counts in (("", told), ("Deviations: ", noted)):
        listed = ", ".join(f"{count} {words}{name}" for name, count in counts.items())
        click.echo(f"{head}{listed}.")


def _ask(*, only_show: bool) -> tuple[dict[str, int], dict[str, int]]:
    """How many queries and deviations moved, or would move, and how."""
    from equipoise.capture.roles import Verb
    from equipoise.store.actions.ask_questions import ask_questions
    from equipoise.store.actions.record_seen_deviations import count_turns, record_seen_deviations
    from equipoise.store.deed import PROGRAM, Deed
    from equipoise.store.read_deviations import count_changes, read_deviation_changes
    from equipoise.store.read_questions import read_questions

    deed = Deed(actor=PROGRAM, at=datetime.now(UTC))
    counts = Counter(deed.verb for deed in read_questions())
    told = {
        "opened": counts[Verb.OPEN_QUERY],
        "reopened": counts[Verb.REOPEN_QUERY],
        "closed": counts[Verb.CLOSE_QUERY],
    }
    if only_show:
        return told, count_changes(read_deviation_changes(now=deed.at))
    ask_questions(deed=deed)
    return told, count_turns(record_seen_deviations(deed=deed))
