"""`equipoise derive`: from entries to the endpoint of every subject."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import polars as pl

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
from equipoise.cli.trial_run import cut_option, cut_trial, load_trial, stamp_trial
from equipoise.derive.consistency import check_consistency
from equipoise.report.stamp import stamp_values, write_stamp

CAUSES = ("censored", "event", "competing")


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@protocol_option
@cut_option
@click.option("--endpoint", default="", help="Only this endpoint.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def derive(data: Path, protocol_name: str, cut: str, endpoint: str, as_json: bool) -> None:
    """Derive every endpoint of the trial in folder DATA.

    Prints date, days, cause, rule and words of each subject, and how many entries were left out;
    --json adds the entries, and the reason for each one left out.
    """
    protocol = load_protocol(protocol_name)
    if endpoint and endpoint not in [each.id for each in protocol.endpoint]:
        click.echo(f"There is no endpoint '{endpoint}'.", err=True)
        leave(MISUSE)
    trial, found = load_trial(data, protocol)
    frames, derived = cut_trial(trial, protocol, cut=cut)
    stamp = replace(stamp_trial(trial, protocol, stood=(frames, derived), folder=data), cut=cut)
    findings = (*found, *check_consistency(derived, frames=frames, protocol=protocol))
    left_out = derived.left_out.drop("replicate")
    times = derived.times.drop("replicate")
    times = times.filter(pl.col("endpoint") == endpoint) if endpoint else times
    if as_json:
        rows = times.with_columns(pl.col(pl.Date).cast(pl.String)).to_dicts()
        said = {"findings": finding_values(findings), "left_out": left_out.to_dicts()}
        print_json({"stamp": stamp_values(stamp), **said, "times": rows})
    else:
        print_findings(findings)
        click.echo(left_out_line(left_out), err=True)
        _print_times(times)
        click.echo(write_stamp(stamp), err=True)
    if has_refusal(findings):
        leave(FINDINGS)


def _print_times(times: pl.DataFrame) -> None:
    for row in times.iter_rows(named=True):
        click.echo(time_line(row))


def left_out_line(left_out: pl.DataFrame) -> str:
    """How many entries derivation left out, by reason, in one line for a terminal."""
    counts = left_out["code"].value_counts().sort("code").iter_rows()
    said = ", ".join(f"{count} {code}" for code, count in counts)
    return f"Entries left out: {left_out.height}" + (f" ({said})" if said else "")


def time_line(row: Mapping[str, Any]) -> str:
    """A derived time in one line for a terminal; dashes for a unit that was never at risk."""
    if row["cause"] is None:
        ended = f"{'-':10}{'-':>6}    {'-':10}"
    else:
        ended = f"{row['end_date']}{row['days']:>6} d  {CAUSES[row['cause']]:10}"
    return f"{row['row']:26} {ended}{row['rule']:5} {row['words']}"
