"""`equipoise cut`: the entries of the site as of a line of the ledger, as a trial folder."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from equipoise.cli.output import print_json
from equipoise.cli.site_database import data_option, open_trial_database, refuse

if TYPE_CHECKING:
    from equipoise.capture.cut_note import CutNote
    from equipoise.store.read_cut import DataCut


@click.command()
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@data_option
@click.option("--reader", required=True, metavar="NAME", help="The account that the cut is for.")
@click.option("--upto", default=None, type=click.IntRange(1), metavar="LINE",
              help="The ledger line up to which deeds count; else the last.")  # fmt: skip
@click.option("--allocations", is_flag=True, help="With arms, for a reader who may know them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cut(
    output: Path, data: Path, reader: str, upto: int | None, allocations: bool, as_json: bool
) -> None:
    """Cut the data of a site as of a ledger line into folder OUTPUT.

    A CSV file a form, as `derive`, `explain`, `analyse` and `report` read them, and cut.json, which
    tells ledger line and head digest: the stamp of every report from here. No names of patients.
    A blinded reader gets no form and no visit that tells an arm. The ledger notes who cut what.
    """
    with open_trial_database(data):
        read, note = _cut(output, reader=reader, upto=upto, with_arms=allocations)
    if as_json:
        print_json({"folder": str(output), "entries": len(read.entries), **asdict(note)})
        return
    arms = "with arms" if allocations else "without arms"
    click.echo(f"{len(read.entries)} entries as of ledger line {read.line}, {arms}: {output}")
    click.echo(f"Head of the ledger there: {read.head}")
    if read.blinded:
        visits = [f"visit {visit}" for visit in read.visits_left_out]
        click.echo(f"Blinded: left out {', '.join((*read.left_out, *visits))}.")


def _cut(
    output: Path, *, reader: str, upto: int | None, with_arms: bool
) -> tuple["DataCut", "CutNote"]:
    """The cut written; ends the command where it is refused."""
    from equipoise.cli.cut_folder import FolderTakenError, require_free, write_cut
    from equipoise.store.deed import Deed
    from equipoise.store.protocol_read import read_newest, read_version
    from equipoise.store.read_cut import read_cut
    from equipoise.store.refusals import RefusedError

    try:
        require_free(output, read_newest())
        deed = Deed(actor=reader, at=datetime.now(UTC))
        read = read_cut(deed, upto=upto, with_arms=with_arms)
        return read, write_cut(read, read_version(read.protocol), folder=output)
    except (FolderTakenError, RefusedError) as refusal:
        refuse(refusal)
    except OSError as refusal:
        refuse(f"{output}: the cut cannot be written ({refusal.strerror})")
