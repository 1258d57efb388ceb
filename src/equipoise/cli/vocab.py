"""`equipoise vocab`: words that are the user's own, as the grade wording of CTCAE."""

from pathlib import Path

import click

from equipoise.cli.output import (
    FINDINGS,
    MISUSE,
    finding_values,
    leave,
    print_findings,
    print_json,
)
from equipoise.vocab.ctcae_workbook import (
    WorkbookRefusedError,
    parse_workbook,
    render_wording,
)

WORDING = "ctcae_wording.csv"


@click.group()
def vocab() -> None:
    """Import wording that is no part of the program."""


@vocab.command("import-ctcae")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=WORDING,
    show_default=True,
    help="Where to write the wording.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_ctcae(file: Path, output: Path, *, as_json: bool) -> None:
    """Read the grade wording from FILE, your own copy of the public CTCAE v5.0 workbook."""
    try:
        wording = parse_workbook(file.read_bytes())
        output.write_text(render_wording(wording), encoding="utf-8")
    except (WorkbookRefusedError, OSError) as refused:
        click.echo(str(refused), err=True)
        leave(MISUSE)
    terms = len({term for term, _ in wording.words})
    if as_json:
        values = finding_values(wording.findings)
        print_json({"file": str(output), "terms": terms, "findings": values})
    else:
        print_findings(wording.findings)
        click.echo(f"{terms} terms, {len(wording.words)} grades: {output}")
    if wording.findings:
        leave(FINDINGS)
