"""`equipoise demo`: the reference trial rehearsed, analysed and reported, and a site to look at."""

from pathlib import Path

import click

from equipoise.capture.trial import TrialData
from equipoise.cli.demo_site import (
    OUTPUT,
    SCENARIO,
    SEED,
    SITE,
    Filled,
    close_connections,
    fill_demo_site,
    words_to_look,
)
from equipoise.cli.output import FINDINGS, has_refusal, leave, print_findings
from equipoise.cli.protocol import load_protocol, protocol_option
from equipoise.cli.rehearse import check_scenario, draw_folder
from equipoise.cli.site_database import open_embedded, prepare_site
from equipoise.cli.trial_run import load_trial, run_trial, write_report
from equipoise.protocol.model import Protocol
from equipoise.store.demo_secrets import DEMO_KEY


@click.command()
@protocol_option
@click.option("--scenario", default=SCENARIO, show_default=True, help="A scenario of the protocol.")
@click.option("--seed", default=SEED, show_default=True, help="Same seed, same bytes.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=OUTPUT)
@click.option("--site/--no-site", default=True, help="Fill a site, too: `equipoise serve --demo`.")
def demo(protocol_name: str, scenario: str, seed: int, output: Path, site: bool) -> None:
    """Rehearse, analyse and report a whole trial, and fill a site with it."""
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
    if site:
        _fill_site(output / SITE, Filled(protocol_name=protocol_name, scenario=scenario, seed=seed))
    if has_refusal(findings):
        leave(FINDINGS)


def _fill_site(folder: Path, filled: Filled) -> None:
    click.echo()
    with open_embedded(folder) as database:
        prepare_site(database, key=DEMO_KEY, demo=True)
        is_new = fill_demo_site(database, filled=filled)
        from equipoise.store.ledger import read_head

        lines = read_head().number
        close_connections()
    told = "is filled now" if is_new else "stands from before (remove the folder to fill it anew)"
    click.echo(f"A site of such a trial {told}: {lines} deeds of its ledger, in {folder.resolve()}")
    click.echo(f"Look at it:  {words_to_look(folder)}")


def _report(trial: TrialData, protocol: Protocol, *, cut: str, data: Path) -> tuple[str, str, Path]:
    done = run_trial(trial, protocol, cut=cut, folder=data)
    file = data.parent / f"report-{cut}.html"
    answer = write_report(done, protocol, output=file)
    return f"{cut}: {protocol.cut_named(cut).label}", answer, file
