"""`equipoise ledger`: is the ledger whole, and what does it say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from equipoise.cli.output import FINDINGS, finding_values, leave, print_findings, print_json
from equipoise.cli.site_database import data_option, open_trial_database, refuse_misuse


@click.group()
def ledger() -> None:
    """Verify the ledger of a trial, or show its lines."""


@ledger.command()
@data_option
@click.option(
    "--head", default="", metavar="DIGEST", help="A digest noted before: it must be there."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(data: Path, head: str, as_json: bool) -> None:
    """Replay the ledger and compare it with its chain and with the tables.

    --head takes the digest of a report, a backup or an export: so a tail that was cut off, or a
    ledger that was written anew, shows.
    """
    with open_trial_database(data):
        from equipoise.store.refusals import DigestRefusedError
        from equipoise.store.verify import verify_trial

        try:
            said = verify_trial(head=head)
        except DigestRefusedError as refusal:
            refuse_misuse(str(refusal))
    if as_json:
        values = finding_values(said.findings)
        print_json({"lines": said.lines, "head": said.head, "findings": values})
    else:
        print_findings(said.findings)
        state = "not sound" if said.findings else "sound"
        click.echo(f"{said.lines} lines, {state}. Head {said.head}")
    if said.findings:
        leave(FINDINGS)


@ledger.command()
@data_option
@click.option("--subject", default=None, help="Only the lines about this subject.")
@click.option("--from", "first", default=1, show_default=True, help="The first line.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line a deed.")
def show(data: Path, subject: str | None, first: int, as_json: bool) -> None:
    """Print the lines of the ledger, arms left out."""
    with open_trial_database(data):
        for line in _lines(subject, first):
            if as_json:
                click.echo(json.dumps(line, ensure_ascii=False))
            else:
                click.echo(
                    f"{line['number']:>7}  {line['at']}  {line['actor']:12} {line['verb']:18} "
                    f"{line['subject'] or line['site']:10} {line['reason']}".rstrip()
                )


def _lines(subject: str | None, first: int) -> Iterator[dict[str, Any]]:
    from equipoise.store.ledger import read_lines
    from equipoise.store.read_telling import read_telling
    from equipoise.store.read_trail import tell_line

    hidden = read_telling()
    for line in read_lines(after=first - 1, subject=subject):
        yield tell_line(line, hidden=hidden)
