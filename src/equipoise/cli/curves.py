"""`equipoise curves`: estimates, tests and a figure of any two-arm file of times and events."""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from equipoise.analysis.two_arms import TwoArms, compare_two_arms
from equipoise.cli.curves_file import Columns, CurvesFile, CurvesFileRefusedError, read_curves
from equipoise.cli.curves_print import comparison_values, print_comparison
from equipoise.cli.output import FINDINGS, MISUSE, finding_values, leave, print_findings, print_json
from equipoise.cli.quick_start import start_kernels
from equipoise.cli.result_values import result_values

if TYPE_CHECKING:
    from equipoise.cli.curves_methods import Asked

UNIT = "time units"
_SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--time", default="time", show_default=True, help="Column of the time.")
@click.option("--event", default="event", show_default=True, help="Column of the event: 1 or 0.")
@click.option("--arm", default="arm", show_default=True, help="Column of the arm; two values.")
@click.option("--strata", default="", metavar="COLUMN", help="Stratify Cox and log-rank by it.")
@click.option("--reference", default="", metavar="ARM", help="Else the first in sorted order.")
@click.option("--at", multiple=True, type=float, metavar="TIME", help="Milestone; may repeat.")
@click.option("--tau", type=float, metavar="TIME", help="Horizon of the restricted mean.")
@click.option("--unit", default=UNIT, help="Unit of the time, as it is printed.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FIGURE.svg",
    help="Write the Kaplan-Meier figure.",
)
@click.option("--method", multiple=True, metavar="NAME", help="A method of a plan; may repeat.")
@click.option(
    "--option",
    multiple=True,
    metavar="METHOD.KEY=VALUE",
    help="An option of such a method, as cox.ties=exact; may repeat.",
)
@click.option("--covariate", multiple=True, metavar="COLUMN", help="Adjust methods; may repeat.")
@click.option("--cluster", default="", metavar="COLUMN", help="The patient of each row.")
@click.option("--since", default="", metavar="COLUMN", help="Last assessment before the event.")
@click.option("--second", nargs=2, metavar="TIME EVENT", help="Columns of a second endpoint.")
@click.option("--switch", default="", metavar="COLUMN", help="When one crossed over; may be empty.")
@click.option("--follow-up", default="", metavar="COLUMN", help="How long one could be followed.")
@click.option("--competing", is_flag=True, help="An event of 2 is a competing one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def curves(
    file: Path,
    time: str,
    event: str,
    arm: str,
    strata: str,
    reference: str,
    at: tuple[float, ...],
    tau: float | None,
    unit: str,
    output: Path | None,
    method: tuple[str, ...],
    option: tuple[str, ...],
    covariate: tuple[str, ...],
    cluster: str,
    since: str,
    second: tuple[str, str] | None,
    switch: str,
    follow_up: str,
    competing: bool,
    as_json: bool,
) -> None:
    """Compare the two arms of a time-to-event FILE (CSV).

    Milestone: the median follow-up by reverse Kaplan-Meier, unless --at names others; restricted
    mean: up to the smaller of the arms' last times, unless --tau names another. --method adds any
    method that a plan can name, adjusted and stratified where it can be.
    """
    _check_times(at, tau)
    start_kernels()
    asked = _read_asked(method, option)
    columns = Columns(
        time=time,
        event=event,
        arm=arm,
        stratum=strata,
        cluster=cluster,
        since=since,
        second=second or (),
        switch=switch,
        follow_up=follow_up,
        covariates=covariate,
        competing=competing,
    )
    read = _read(file, columns, reference)
    if read.sample is None:
        _leave_with_findings(read, as_json)
        return
    sample = replace(read.sample, time_unit=unit)
    if asked:
        asked.check(sample)
    plain = replace(sample, covariates=None, covariate_names=())
    result = compare_two_arms(plain, at=at, horizon=tau)
    times = at or tuple(part.at for part in result.milestone.parts if part.at is not None)
    named = asked.run(sample, at=times) if asked else {}
    if output is not None:
        _write_figure(output, result)
    if as_json:
        own = {name: result_values(each) for name, each in named.items()}
        print_json(comparison_values(result) | {"methods": own})
    else:
        print_comparison(result)
        if asked:
            asked.print(named)
        if output is not None:
            click.echo(f"\nFigure in {output}")


def _read_asked(methods: tuple[str, ...], options: tuple[str, ...]) -> "Asked | None":
    """The methods asked for; None without any, for all of them take long to import."""
    if not methods and not options:
        return None
    from equipoise.cli.curves_methods import read_asked

    return read_asked(methods, options=options)


def _check_times(at: tuple[float, ...], tau: float | None) -> None:
    for name, value in [*(("--at", each) for each in at), ("--tau", tau)]:
        if value is not None and not (math.isfinite(value) and value > 0):
            raise click.BadParameter(f"{value:g}; a time is finite and above 0.", param_hint=name)


def _read(file: Path, columns: Columns, reference: str) -> CurvesFile:
    try:
        return read_curves(file.read_bytes(), name=file.name, columns=columns, reference=reference)
    except OSError as refusal:
        reason = f"the file cannot be read ({refusal.strerror})"
    except CurvesFileRefusedError as refusal:
        reason = str(refusal)
    click.echo(f"{file}: {reason}", err=True)
    raise SystemExit(MISUSE)


def _leave_with_findings(read: CurvesFile, as_json: bool) -> None:
    if as_json:
        print_json({"findings": finding_values(read.findings)})
    print_findings(read.findings[:_SHOWN])
    more = len(read.findings) - _SHOWN
    if more > 0:
        click.echo(f"... and {more} more.", err=True)
    click.echo("Nothing was estimated: mend the rows above.", err=True)
    leave(FINDINGS)


def _write_figure(output: Path, result: TwoArms) -> None:
    # the library of figures takes as long to import as all the rest
    from equipoise.report.figures.kaplan_meier import render_kaplan_meier
    from equipoise.report.figures.steps import Look

    unit = result.medians.time_unit
    look = Look(
        milestones=tuple(part.at for part in result.milestone.parts if part.at is not None),
        x_label="Time" if unit == UNIT else f"Time, {unit}",
        compared=result.milestone,
    )
    try:
        output.write_text(render_kaplan_meier(result.medians, look=look), encoding="utf-8")
    except OSError as refusal:
        click.echo(f"{output}: the figure cannot be written ({refusal.strerror})", err=True)
        leave(MISUSE)
