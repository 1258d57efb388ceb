"""`equipoise protocol draft`: endpoints, findings and a draft protocol from a record."""

from pathlib import Path

import click

from equipoise.cli.output import FINDINGS, MISUSE, finding_values, leave, print_json
from equipoise.interop.registry_record import (
    RegistryRecord,
    RegistryRecordUnreadableError,
    read_registry_record,
)
from equipoise.interop.registry_record_draft import write_draft
from equipoise.interop.registry_record_draft_endpoints import DraftEndpoint, draft_endpoints
from equipoise.interop.registry_record_outcome import RecordReading, read_record
from equipoise.interop.registry_record_rules import check_registry_record
from equipoise.interop.registry_record_time import write_duration
from equipoise.vocab.finding import Finding

_WIDTH = 96


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the draft protocol into this new or empty folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def draft(file: Path, output: Path | None, as_json: bool) -> None:
    """Read a registry record FILE, print its endpoints and its findings, write a draft protocol."""
    record = _read(file)
    reading = read_record(record)
    findings = check_registry_record(record)
    if output is not None:
        _write(output, write_draft(record, findings=findings))
    if as_json:
        print_json({"endpoints": _endpoint_values(reading), "findings": finding_values(findings)})
    else:
        _print_endpoints(reading)
        _print_findings(findings)
        if output is not None:
            click.echo(f"\nDraft protocol in {output}; lines with '# OPEN' are yours to fill in.")
    if findings:
        leave(FINDINGS)


def _read(file: Path) -> RegistryRecord:
    try:
        return read_registry_record(file.read_bytes())
    except RegistryRecordUnreadableError as refusal:
        reason = str(refusal)
    except OSError as refusal:
        reason = f"The file cannot be read ({refusal.strerror})."
    click.echo(f"{file}: {reason}", err=True)
    raise SystemExit(MISUSE)


def _write(folder: Path, texts: dict[str, str]) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        click.echo(f"{folder} is not empty. Name a new folder for the draft.", err=True)
        leave(MISUSE)
    try:
        for name, text in texts.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    except OSError as refusal:
        click.echo(f"{folder}: cannot be written ({refusal.strerror}).", err=True)
        leave(MISUSE)


def _endpoint_values(reading: RecordReading) -> list[dict[str, object]]:
    return [_endpoint_value(drafted) for drafted in draft_endpoints(reading)]


def _endpoint_value(drafted: DraftEndpoint) -> dict[str, object]:
    outcome = drafted.reading
    window = outcome.window
    return {
        "id": drafted.id,
        "role": outcome.role,
        "number": outcome.number,
        "measure": outcome.outcome.measure,
        "kind": outcome.kind.value,
        "is_drafted": bool(drafted.text),
        "milestone_days": outcome.milestone_days,
        "clock": [origin.kind.value for origin in outcome.origins],
        "window_days": [window.start_days, window.end_days] if window else None,
        "time_frame": outcome.outcome.time_frame,
    }


def _print_endpoints(reading: RecordReading) -> None:
    if reading.comparison is not None:
        click.echo(f"Arms       {reading.comparison.reference.label} (comparator)")
        click.echo(f"           {reading.comparison.experimental.label}")
    click.echo("\nENDPOINTS")
    for drafted in draft_endpoints(reading):
        outcome = drafted.reading
        click.echo(f"  {outcome.role} {outcome.number}: {outcome.outcome.measure}")
        click.echo(f"      {', '.join(_facts(drafted))}")


def _facts(drafted: DraftEndpoint) -> list[str]:
    outcome = drafted.reading
    facts = [outcome.kind.value + (f" -> {drafted.id}" if drafted.text else ", not drafted")]
    if outcome.milestone_days is not None:
        facts.append(f"at {write_duration(outcome.milestone_days)}")
    facts += [f"clock: {origin.kind.value} ('{origin.words}')" for origin in outcome.origins[:1]]
    window = outcome.window
    if window is not None:
        end = "open" if window.end_days is None else write_duration(window.end_days)
        start = "0" if window.start_days == 0 else write_duration(window.start_days)
        facts.append(f"window: {start} to {end}")
    return facts


def _print_findings(findings: tuple[Finding, ...]) -> None:
    click.echo(f"\nFINDINGS ({len(findings)})")
    for number, finding in enumerate(findings, 1):
        click.echo(f"\n{number:3}. {finding.code} [{finding.severity.value}]")
        for label, text in (
            ("where", finding.where),
            ("what", finding.message),
            ("words", f'"{finding.found}"' if finding.found else ""),
            ("proposal", finding.mend),
        ):
            if text:
                click.echo(_wrapped(label, text))


def _wrapped(label: str, text: str) -> str:
    head = f"     {label:9}"
    return click.wrap_text(
        text, width=_WIDTH, initial_indent=head, subsequent_indent=" " * len(head)
    )
