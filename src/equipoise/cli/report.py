"""`equipoise report`: the trial's report as one HTML file, with a page a subject beside it."""

from pathlib import Path

import click

from equipoise.cli.output import (
    FINDINGS,
    finding_values,
    has_refusal,
    leave,
    print_findings,
    print_json,
)
from equipoise.cli.protocol import load_protocol, protocol_option
from equipoise.cli.trial_run import cut_option, load_trial, run_trial, write_report


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@protocol_option
@cut_option
@click.option("--seed", default=1, show_default=True, help="Seed of the resampling.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=None)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def report(
    data: Path, protocol_name: str, cut: str, seed: int, output: Path | None, as_json: bool
) -> None:
    """Report the trial in folder DATA as one HTML file.

    Beside it, in a folder of its name, stands a page a subject: time line, assessments and why,
    what each convention says, and the entries; the rows of the report lead to them.
    """
    protocol = load_protocol(protocol_name)
    trial, found = load_trial(data, protocol)
    done = run_trial(trial, protocol, cut=cut, seed=seed, folder=data)
    findings = (*found, *done.questions)
    file = output or data / f"report-{cut or 'all'}.html"
    answer = write_report(done, protocol, output=file)
    if as_json:
        said = {"report": str(file), "answer": answer}
        print_json({**said, "findings": finding_values(findings)})
    else:
        print_findings(findings)
        click.echo(answer)
        click.echo(f"Report: {file}")
    if has_refusal(findings):
        leave(FINDINGS)
