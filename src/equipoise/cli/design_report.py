"""`equipoise design report`: the plan of a trial as one HTML page."""

from pathlib import Path
from typing import Any

import click

import equipoise
from equipoise.cli.design_assumptions import assumption_options
from equipoise.cli.design_rules import RULES, looks_options
from equipoise.cli.output import FINDINGS, finding_values, leave, print_findings, print_json
from equipoise.cli.protocol import DEFAULT, load_protocol
from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.report.plan.outlook import gather_outlook
from equipoise.report.plan.sections import build_design_page
from equipoise.report.render_html import render_html

OTHERS = (
    "reference", "experimental", "ratio", "dropout", "alpha", "sides", "power", "subjects"
)  # fmt: skip


@click.command(epilog=RULES)
@click.argument("protocol_name", default=DEFAULT, metavar="[NAME|FOLDER]")
@assumption_options
@click.option("--subjects", type=click.IntRange(2), help="Planned; else the protocol's.")
@looks_options(looks=None)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default="design.html")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def report(protocol_name: str, output: Path, as_json: bool, **said: Any) -> None:
    """Write the plan of a protocol as one HTML page.

    Assumptions, size, power if the truth is another, expected course, sensitivity, wording for the
    protocol, references. With --looks also what interim looks, of which the protocol has none,
    would be. Other assumptions than the protocol's stand on the page as such, beside its own.
    """
    protocol = load_protocol(protocol_name)
    other = {name: value for name in OTHERS if (value := said.pop(name)) is not None}
    try:
        outlook = gather_outlook(protocol, looks=_read_looks(**said), said=other)
    except ImpossiblePlanError as refusal:
        if as_json:
            print_json({"findings": finding_values(refusal.findings)})
        else:
            print_findings(refusal.findings)
        leave(FINDINGS)
    page = build_design_page(outlook, code_version=equipoise.__version__)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(render_html(page), encoding="utf-8", newline="\n")
    findings = outlook.looks.findings if outlook.looks else ()
    if as_json:
        values = {"report": str(output), "answer": page.answer}
        print_json({**values, "findings": finding_values(findings)})
    else:
        click.echo(f"{page.answer}\n{output}")
        print_findings(findings)
    if findings:
        leave(FINDINGS)


def _read_looks(
    *, looks: tuple[float, ...] | None, efficacy: Any, futility: Any, binding: bool
) -> SequentialPlan | None:
    if looks is None:
        if futility is not None or binding:
            raise click.UsageError("--futility and --binding tell of --looks.")
        return None
    return SequentialPlan(information=looks, efficacy=efficacy, futility=futility, binding=binding)
