"""`equipoise design size`: the subjects that a protocol's assumptions ask for, and their power."""

from dataclasses import asdict, replace
from typing import Any

import click

from equipoise.cli.design_assumptions import assumption_options
from equipoise.cli.output import (
    FINDINGS,
    finding_values,
    leave,
    print_findings,
    print_json,
)
from equipoise.cli.protocol import DEFAULT, load_protocol
from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.protocol_size import ProtocolSize, plan_of_protocol, size_protocol
from equipoise.design.share_size import SharePlan, ShareTest
from equipoise.design.truths import PowerRow

_ENOUGH = 0.8  # a power below it is told
_HEAD = (
    f"{'if the truth is':36}{'reference':>10}{'experim.':>9}{'HR':>7}{'milestone':>10}"
    f"{'log-rank':>9}{'events':>8}"
)
_PLAN = ("reference", "experimental", "margin", "ratio", "dropout")


@click.command()
@click.argument("protocol_name", default=DEFAULT, metavar="[NAME|FOLDER]")
@assumption_options
@click.option("--margin", type=float, help="Difference to exclude; -0.1 for non-inferiority.")
@click.option(
    "--test", default="pooled", show_default=True, type=click.Choice([t.value for t in ShareTest])
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def size(protocol_name: str, test: str, as_json: bool, **changes: float | None) -> None:
    """Tell how many subjects the protocol's assumptions ask for.

    And the power of those it plans, by the milestone and by the log-rank test, if the truth is
    another: each [[design.alternative]] of the protocol.
    """
    protocol = load_protocol(protocol_name)
    said = {name: value for name, value in changes.items() if value is not None}
    plan, rates = _changed(*plan_of_protocol(protocol), said)
    try:
        found = size_protocol(protocol, plan=replace(plan, test=ShareTest(test)), rates=rates)
    except ImpossiblePlanError as refusal:
        if as_json:
            print_json({"findings": finding_values(refusal.findings)})
        else:
            print_findings(refusal.findings)
        leave(FINDINGS)
    if as_json:
        print_json(_values(found))
    else:
        _print(found)


def _changed(
    plan: SharePlan, rates: ErrorRates, said: dict[str, float]
) -> tuple[SharePlan, ErrorRates]:
    of_plan: dict[str, Any] = {name: said[name] for name in _PLAN if name in said}
    of_rates: dict[str, Any] = {name: said[name] for name in said if name not in _PLAN}
    return replace(plan, **of_plan), replace(rates, **of_rates)


def _values(found: ProtocolSize) -> dict[str, Any]:
    return {
        **asdict(found),
        "plan": {**asdict(found.plan), "test": found.plan.test.value},
        "sized": {
            **asdict(found.sized),
            "evaluable": found.sized.evaluable,
            "enrolled": found.sized.enrolled,
        },
    }


def _print(found: ProtocolSize) -> None:
    plan, rates, sized = found.plan, found.rates, found.sized
    margin = f", margin {plan.margin:g}" if plan.margin else ""
    click.echo(
        f"{plan.reference:g} against {plan.experimental:g}{margin}, {plan.test.value} test, "
        f"{rates.sides}-sided alpha {rates.alpha:g}, power {rates.power:g}:\n"
        f"{sized.reference} + {sized.experimental} = {sized.evaluable} subjects; with "
        f"{plan.dropout:.0%} leaving {sized.enrolled_reference} + {sized.enrolled_experimental} = "
        f"{sized.enrolled}. The protocol plans {found.planned}."
    )
    click.echo(
        f"\nPower of {found.planned} subjects, all come by month {found.accrual_months:.1f}, "
        f"analysed at month {found.study_months:.1f}:\n\n{_HEAD}"
    )
    for row in found.rows:
        click.echo(
            f"{row.label:36}{row.reference:10.3f}{row.experimental:9.3f}{row.hazard_ratio:7.2f}"
            f"{row.milestone_power:10.1%}{row.logrank_power:9.1%}{row.events:8.1f}"
        )
    _warn(found.rows)


def _warn(rows: tuple[PowerRow, ...]) -> None:
    weak = [r for r in rows if r.milestone_power < _ENOUGH and abs(r.hazard_ratio - 1) > 1e-9]
    if weak:
        worst = min(weak, key=lambda row: row.milestone_power)
        click.echo(
            f"\nWarning: below {_ENOUGH:.0%} by the milestone test in {len(weak)} of these, "
            f"{worst.milestone_power:.1%} under '{worst.label}'. Where the hazards are "
            "proportional the log-rank test shows more; report the hazard ratio beside the "
            "milestone."
        )
