"""`equipoise rehearse`: a whole trial as entries, or many trials, before the first patient."""

import os
from pathlib import Path
from typing import Any

import click

from equipoise.capture.folder_write import write_folder
from equipoise.capture.trial import TrialData
from equipoise.cli.output import FINDINGS, MISUSE, leave, print_json
from equipoise.cli.protocol import load_protocol, protocol_option
from equipoise.cli.trial_run import write_rehearsal
from equipoise.design.large_trials import LARGE_TRIALS
from equipoise.design.whole_protocol import MOST_TRIALS
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.simulate.rehearsal import rehearse as rehearse_trial
from equipoise.simulate.setting import RehearsalRefusedError


@click.command()
@click.argument("output", type=click.Path(path_type=Path, file_okay=False), required=False)
@protocol_option
@click.option("--scenario", default="S2", show_default=True, help="A scenario of the protocol.")
@click.option("--seed", default=1, show_default=True, help="Same seed, same bytes.")
@click.option("--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv")
@click.option("--trials", type=click.IntRange(1, MOST_TRIALS), help="Analyse so many trials.")
@click.option(
    "--truth",
    type=click.IntRange(0),
    default=LARGE_TRIALS,
    show_default=True,
    help="Large trials that tell the truth behind --trials; 0 or 2 and more.",
)
@click.option("--workers", type=click.IntRange(1), help="Of --trials; else one for each core.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rehearse(output: Path | None, protocol_name: str, as_json: bool, **asked: Any) -> None:
    """Draw a whole trial by a scenario into folder OUTPUT.

    With --trials so many of them go through derivation and every planned analysis, each at its
    data cut. Told are type I error or power, bias and coverage of each, and how the trials go
    (accrual, events, scans missed, who leaves). OUTPUT is not needed then; if it is named it gets
    a row a trial and answer (answers.parquet) and what is printed (summary.json).
    """
    protocol = load_protocol(protocol_name)
    check_scenario(protocol, asked["scenario"])
    if asked["trials"]:
        _try_plan(protocol, output, asked, as_json=as_json)
    elif output is None:
        raise click.MissingParameter(param_type="argument", param_hint="'OUTPUT'")
    else:
        _draw(protocol, output, asked, as_json=as_json)


def _try_plan(
    protocol: Protocol, output: Path | None, said: dict[str, Any], *, as_json: bool
) -> None:
    from equipoise.cli.rehearse_print import print_summary
    from equipoise.cli.rehearse_trials import rehearse_trials, summary_values
    from equipoise.design.operating_run import Rehearsing

    if said["truth"] == 1:
        raise click.BadParameter("one large trial tells no error: ask for 0, or 2 and more.")
    asked = Rehearsing(
        protocol=protocol,
        scenario=said["scenario"],
        seed=said["seed"],
        trials=said["trials"],
        large_trials=said["truth"],
    )
    summary = rehearse_trials(asked, output=output, workers=said["workers"] or os.cpu_count() or 1)
    if as_json:
        print_json(summary_values(summary, asked))
    else:
        print_summary(summary, protocol)


def _draw(protocol: Protocol, output: Path, said: dict[str, Any], *, as_json: bool) -> None:
    scenario, seed = said["scenario"], said["seed"]
    trial = draw_folder(
        protocol, output, scenario=scenario, seed=seed, file_format=said["file_format"]
    )
    counts = {name: frame.height for name, frame in trial.frames.items()}
    if as_json:
        made = {"scenario": scenario, "seed": seed, "fingerprint": fingerprint(protocol)}
        print_json({**made, "folder": str(output), "entries": counts})
    else:
        subjects, entries = trial.allocations.height, sum(counts.values())
        click.echo(f"{subjects} subjects, {entries} entries in {len(counts)} forms: {output}")


def draw_folder(
    protocol: Protocol, folder: Path, *, scenario: str, seed: int, file_format: str = "csv"
) -> TrialData:
    """A rehearsed trial, also written to a folder with a note that it is one."""
    check_scenario(protocol, scenario)
    try:
        drawn = rehearse_trial(protocol, scenario=scenario, seed=seed)
    except RehearsalRefusedError as refusal:
        click.echo(str(refusal), err=True)
        leave(FINDINGS)
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
