"""`equipoise analyse`: every analysis of the plan on a trial folder."""

from dataclasses import asdict
from pathlib import Path

import click

from equipoise.analysis.result import Estimate, Family, Result
from equipoise.cli.output import (
    FINDINGS,
    finding_values,
    has_refusal,
    leave,
    print_findings,
    print_json,
)
from equipoise.cli.protocol import load_protocol, protocol_option
from equipoise.cli.result_values import result_values
from equipoise.cli.trial_run import cut_option, load_trial, run_trial
from equipoise.report.stamp import stamp_values, write_stamp


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@protocol_option
@cut_option
@click.option("--seed", default=1, show_default=True, help="Seed of the resampling.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def analyse(data: Path, protocol_name: str, cut: str, seed: int, as_json: bool) -> None:
    """Run every planned analysis of the trial in folder DATA."""
    protocol = load_protocol(protocol_name)
    trial, found = load_trial(data, protocol)
    done = run_trial(trial, protocol, cut=cut, seed=seed, folder=data)
    findings = (*found, *done.questions)
    results = done.results.results
    if as_json:
        values = {name: result_values(result) for name, result in results.items()}
        stamp = stamp_values(done.stamp)
        family = done.results.family
        print_json(
            {
                "stamp": stamp,
                "findings": finding_values(findings),
                "results": values,
                "multiplicity": asdict(family) if family else None,
            }
        )
    else:
        print_findings(findings)
        for result in results.values():
            click.echo(result_line(result))
        print_family(done.results.family)
        click.echo(write_stamp(done.stamp), err=True)
    if has_refusal(findings):
        leave(FINDINGS)


def print_family(family: Family | None) -> None:
    """Prints the tests that share the level with their adjusted p values; nothing without any."""
    if family is None:
        return
    click.echo(f"\nMultiplicity, {family.words}; level {family.alpha:g}")
    for test in family.tests:
        p_value = "-" if test.adjusted is None else f"{test.adjusted:.4g}"
        said = "rejected" if test.is_rejected else "not rejected"
        click.echo(f"{test.analysis:24} adjusted p = {p_value}  {said}")


def result_line(result: Result) -> str:
    """A result in one line for a terminal."""
    arms = "  ".join(f"{arm.arm} {arm.events}/{arm.n}" for arm in result.arms)
    said = _interval(result.estimate)
    p_value = "" if result.p_value is None else f"  p = {result.p_value:.4g}"
    noted = f"  ({'; '.join(result.warnings)})" if result.warnings else ""
    return f"{result.name:24} {arms:22} {result.measure:22} {said}{p_value}{noted}"


def _interval(estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None:
        return ""
    if estimate.lower is None or estimate.upper is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.lower:.3f} to {estimate.upper:.3f})"
