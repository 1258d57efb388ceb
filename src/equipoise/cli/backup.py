"""`equipoise backup` and `equipoise restore`: the whole trial as one file, and back."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from psycopg.conninfo import conninfo_to_dict

from equipoise.cli.output import FINDINGS, leave, print_findings
from equipoise.cli.site_database import (
    Addresses,
    connect_django,
    data_option,
    open_database,
    open_trial_database,
    refuse,
)
from equipoise.store.backup_file import BackupRefusedError, Source

phrase_option = click.option(
    "--pass-phrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The pass phrase, else EQUIPOISE_PASS_PHRASE, else it is asked for.",
)


@click.command()
@data_option
@click.option("--encrypt", is_flag=True, help="Encrypt the file under a pass phrase.")
@phrase_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(data: Path, encrypt: bool, pass_phrase_file: Path | None, file: Path) -> None:
    """Write the whole trial at this instant to FILE; the site may run meanwhile."""
    phrase = _read_phrase(pass_phrase_file, confirm=True) if encrypt else ""
    with open_trial_database(data) as database:
        from equipoise.store.actions.back_up import note_backup
        from equipoise.store.backup import write_backup
        from equipoise.store.deed import OPERATOR, Deed

        now = datetime.now(UTC)
        try:
            note_backup(deed=Deed(actor=OPERATOR, at=now))
            made = write_backup(file, source=_source(database), at=now, pass_phrase=phrase)
        except (BackupRefusedError, OSError) as refusal:
            refuse(refusal)
    click.echo(f"{file}: {made.lines} ledger lines, {'encrypted' if made.salt else 'in clear'}.")
    click.echo(f"Head of the ledger: {made.head}")
    click.echo("Keep the head elsewhere: `equipoise ledger verify --head` checks against it.")


@click.command()
@data_option
@click.option("--head", default="", help="The head that was printed when the backup was made.")
@phrase_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(data: Path, head: str, pass_phrase_file: Path | None, file: Path) -> None:
    """Fill a new data folder (or empty database) from FILE, and replay its ledger."""
    with open_database(data) as database:
        connect_django(database)
        from equipoise.store.backup import (
            check_restored,
            empty_database,
            read_header,
            restore_backup,
        )

        try:
            header = read_header(file)
            if head and head != header.head:
                refuse(f"This backup ends with {header.head}, not with the head that you gave.")
            phrase = _read_phrase(pass_phrase_file, confirm=False) if header.salt else ""
            restore_backup(file, target=_source(database), pass_phrase=phrase)
        except (BackupRefusedError, OSError) as refusal:
            refuse(refusal)
        with click.progressbar(length=1, label="Replaying the ledger") as bar:
            findings = list(check_restored(header))
            bar.update(1)
        if findings:
            empty_database(database.owner)
            print_findings(findings)
            click.echo("The backup is not what its ledger says. Nothing was kept.", err=True)
            leave(FINDINGS)
    click.echo(f"{header.lines} ledger lines of {header.made_at} restored and verified.")
    click.echo(f"Head of the ledger: {header.head}")


def _source(database: Addresses) -> Source:
    role = conninfo_to_dict(database.application).get("user")
    return Source(owner_url=database.owner, application_role=str(role or ""))


def _read_phrase(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    if given := os.environ.get("EQUIPOISE_PASS_PHRASE"):
        return given
    return str(click.prompt("Pass phrase", hide_input=True, confirmation_prompt=confirm))
