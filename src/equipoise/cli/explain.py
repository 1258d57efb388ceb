"""`equipoise explain`: the story of one subject, from the entries to what each convention says."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from equipoise.capture.cut_note import read_lines
from equipoise.cli.explain_print import print_story
from equipoise.cli.output import (
    FINDINGS,
    MISUSE,
    finding_values,
    has_refusal,
    leave,
    print_findings,
    print_json,
)
from equipoise.cli.protocol import load_protocol, protocol_option
from equipoise.cli.trial_run import cut_option, cut_trial, load_trial, read_cut_note
from equipoise.protocol.model import Protocol
from equipoise.report.story.find import SubjectNotFoundError, find_subject
from equipoise.report.story.material import gather_material
from equipoise.report.story.tell import tell_story


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--subject", required=True, help="A subject: 01-012, or 012 where only one ends so.")
@click.option("--endpoint", default="pfs", show_default=True, help="An endpoint of the protocol.")
@protocol_option
@cut_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(
    data: Path, subject: str, endpoint: str, protocol_name: str, cut: str, as_json: bool
) -> None:
    """Explain the endpoint of one subject of the trial in folder DATA.

    Tells who it is, each assessment and why, which entries and which rule decided, and what every
    other convention and endpoint says.
    """
    protocol = load_protocol(protocol_name)
    _refuse_unknown_endpoint(protocol, endpoint)
    trial, findings = load_trial(data, protocol)
    frames, derived = cut_trial(trial, protocol, cut=cut)
    material = gather_material(
        derived, protocol, frames=frames, allocations=trial.allocations, cut=cut
    )
    try:
        found = find_subject(material.subjects, asked=subject)
    except SubjectNotFoundError as refusal:
        click.echo(str(refusal), err=True)
        leave(MISUSE)
    own = tuple(finding for finding in findings if finding.subject in ("", found))
    note = read_cut_note(trial, protocol, folder=data).note
    material = replace(material, ledger_lines=read_lines(data, note=note))
    story = tell_story(material, subject=found, endpoint=endpoint)
    if as_json:
        print_json({"findings": finding_values(own), "story": as_values(story)})
    else:
        print_findings(own)
        print_story(story, folder_has_arms=bool(material.arms))
    if has_refusal(own):
        leave(FINDINGS)


def _refuse_unknown_endpoint(protocol: Protocol, endpoint: str) -> None:
    known = [each.id for each in protocol.endpoint]
    if endpoint not in known:
        click.echo(f"There is no endpoint '{endpoint}'. There are {', '.join(known)}.", err=True)
        leave(MISUSE)


def as_values(value: Any) -> Any:
    """A value of frozen dataclasses as plain dicts and lists, dates in ISO form."""
    if is_dataclass(value):
        return {each.name: as_values(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [as_values(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
