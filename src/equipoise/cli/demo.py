"""`equipoise demo`: the reference trial rehearsed, written, read back, analysed and reported."""

from pathlib import Path

import click

from equipoise.capture.trial import TrialData
from equipoise.cli.output import FINDINGS, has_refusal, leave, print_findings
from equipoise.cli.protocol import load_protocol, protocol_option
from equipoise.cli.rehearse import check_scenario, draw_folder
from equipoise.cli.trial_run import load_trial, run_trial, write_report
from equipoise.protocol.model import Protocol


@click.command()
@protocol_option
@click.option("--scenario", default="S2", show_default=True, help="A scenario of the protocol.")
@click.option("--seed", default=20, show_default=True, help="Same seed, same bytes.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"))
def demo(protocol_name: str, scenario: str, seed: int, output: Path) -> None:
    """Rehearse, analyse and report a whole trial."""
    protocol = load_protocol(protocol_name)
    check_scenario(protocol, scenario)
    data = output / "data"
    with click.progressbar(length=2 + len(protocol.cut), label="Rehearsing the trial") as steps:
        draw_folder(protocol, data, scenario=scenario, seed=seed)
        steps.update(1)
        trial, findings = load_trial(data, protocol)
        steps.update(1)
        reports = []
        for cut in protocol.cut:
            reports.append(_report(trial, protocol, cut=cut.id, data=data))
            steps.update(1)
    print_findings(findings)
    name = protocol.identity.acronym or protocol.identity.id
    click.echo(
        f"\n{name}, rehearsed (scenario {scenario}, seed {seed}): no patient is behind it.\n"
    )
    for label, answer, file in reports:
        told = click.wrap_text(answer, width=78, initial_indent="  ", subsequent_indent="  ")
        click.echo(f"{label}\n{told}\n  Report: {file.resolve()}\n")
    click.echo(f"The entries behind every number: {data.resolve()}")
    if has_refusal(findings):
        leave(FINDINGS)


def _report(trial: TrialData, protocol: Protocol, *, cut: str, data: Path) -> tuple[str, str, Path]:
    done = run_trial(trial, protocol, cut=cut, folder=data)
    file = data.parent / f"report-{cut}.html"
    answer = write_report(done, protocol, output=file)
    return f"{cut}: {protocol.cut_named(cut).label}", answer, file
