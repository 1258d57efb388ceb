"""`equipoise rehearse`: a whole trial as entries, before the first patient."""

from pathlib import Path

import click

from equipoise.capture.folder_write import write_folder
from equipoise.capture.trial import TrialData
from equipoise.cli.output import MISUSE, leave, print_json
from equipoise.cli.protocol import load_protocol, protocol_option
from equipoise.cli.trial_run import write_rehearsal
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.simulate.rehearsal import rehearse as rehearse_trial


@click.command()
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@protocol_option
@click.option("--scenario", default="S2", show_default=True, help="A scenario of the protocol.")
@click.option("--seed", default=1, show_default=True, help="Same seed, same bytes.")
@click.option("--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rehearse(
    output: Path, protocol_name: str, scenario: str, seed: int, file_format: str, as_json: bool
) -> None:
    """Draw a whole trial by a scenario into folder OUTPUT."""
    protocol = load_protocol(protocol_name)
    trial = draw_folder(protocol, output, scenario=scenario, seed=seed, file_format=file_format)
    counts = {name: frame.height for name, frame in trial.frames.items()}
    if as_json:
        said = {"scenario": scenario, "seed": seed, "fingerprint": fingerprint(protocol)}
        print_json({**said, "folder": str(output), "entries": counts})
    else:
        subjects, entries = trial.allocations.height, sum(counts.values())
        click.echo(f"{subjects} subjects, {entries} entries in {len(counts)} forms: {output}")


def draw_folder(
    protocol: Protocol, folder: Path, *, scenario: str, seed: int, file_format: str = "csv"
) -> TrialData:
    """A rehearsed trial, also written to a folder with a note that it is one."""
    check_scenario(protocol, scenario)
    drawn = rehearse_trial(protocol, scenario=scenario, seed=seed)
    trial = TrialData(frames=drawn.frames, allocations=drawn.allocations)
    try:
        write_folder(trial, protocol, folder=folder, file_format=file_format)
        write_rehearsal(folder, scenario=scenario, seed=seed, fingerprint=fingerprint(protocol))
    except OSError as refusal:
        click.echo(f"{folder}: the trial cannot be written ({refusal.strerror})", err=True)
        leave(MISUSE)
    return trial


def check_scenario(protocol: Protocol, name: str) -> None:
    """Ends the command when the protocol has no scenario of that name."""
    names = [each.name for each in protocol.scenario]
    if name not in names:
        raise click.BadParameter(f"no scenario '{name}'; the protocol has {', '.join(names)}.")
