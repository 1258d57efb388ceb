"""`equipoise design bounds`: when a trial with looks may stop, on every scale, and its chances."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from equipoise.cli.design_bounds_print import came_values, looks_values, print_came, print_looks
from equipoise.cli.design_rules import RULES, looks_options
from equipoise.cli.output import FINDINGS, finding_values, leave, print_findings, print_json
from equipoise.cli.protocol import DEFAULT, load_protocol
from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.events import EventPlan
from equipoise.design.planned_looks import PlannedLooks, expect_look_times, plan_looks
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.design.recalculation import recalculate_bounds
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.share_size import SharePlan
from equipoise.design.truths import assume, assumed_hazard_ratio, expect_trial
from equipoise.protocol.model import Protocol
from equipoise.vocab.finding import Finding

_OF_RATES = ("alpha", "sides", "power")


@click.command(epilog=RULES)
@click.argument("protocol_name", default=DEFAULT, metavar="[NAME|FOLDER]")
@looks_options(looks="1/2,1")
@click.option("--harm-alpha", type=float, help="Futility spends this error of the null instead.")
@click.option("--alpha", type=float, help="Type I error; else the protocol's.")
@click.option("--sides", type=click.IntRange(1, 2), help="Of the test.")
@click.option("--power", type=float, help="Power that is wanted.")
@click.option("--ratio", type=float, help="Experimental to reference subjects.")
@click.option("--hazard-ratio", type=float, help="Assumed; else that of the protocol's shares.")
@click.option(
    "--margin", type=float, default=1.0, show_default=True,
    help="Hazard ratio to exclude; 1.3 for non-inferiority.",
)  # fmt: skip
@click.option("--events", type=float, help="Of the last look; else as many as the power asks for.")
@click.option(
    "--came", type=float, multiple=True, metavar="EVENTS",
    help="Events at a look that took place, one after the other: bounds at these.",
)  # fmt: skip
@click.option("--final", is_flag=True, help="The last of --came is the last look.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bounds(protocol_name: str, as_json: bool, **said: Any) -> None:
    """Tell when a trial with interim looks may stop: bounds as z, p and hazard ratio.

    With --margin the null is that hazard ratio: bounds show that the true one lies below. Give
    --hazard-ratio too, 1 where both arms are alike.

    And conditional power on each bound, the error spent, the chances to stop with and without the
    effect, and the month in which each look is expected by the protocol's accrual. Looks are
    counted in events.
    """
    protocol = load_protocol(protocol_name)
    _check_came(said["came"], final=said["final"])
    shares, rates = plan_of_protocol(protocol)
    if said["ratio"] is not None:
        shares = replace(shares, ratio=said["ratio"])
    found: dict[str, Any] = {}
    try:
        looks = _plan(said, rates, shares)
        months, findings = _expect(looks, protocol, shares)
        found = looks_values(looks, months=months)
        if said["came"]:
            came = tuple(events / looks.events for events in said["came"])
            actual = recalculate_bounds(looks.design, information=came, final=said["final"])
            found["came"] = came_values(actual, looks=looks, events=said["came"])
    except ImpossiblePlanError as refusal:
        findings = refusal.findings
    _tell(found, findings, as_json=as_json)


def _check_came(came: tuple[float, ...], *, final: bool) -> None:
    if final and not came:
        raise click.UsageError("--final tells of the last of --came.")
    if any(not before < after < math.inf for before, after in pairwise((0.0, *came))):
        raise click.UsageError("--came: events above 0 that grow from look to look.")


def _plan(said: dict[str, Any], rates: ErrorRates, shares: SharePlan) -> PlannedLooks:
    named = {name: said[name] for name in _OF_RATES if said[name] is not None}
    plan = SequentialPlan(
        information=said["looks"],
        rates=replace(rates, **named),
        efficacy=said["efficacy"],
        futility=said["futility"],
        harm_alpha=said["harm_alpha"],
        binding=said["binding"],
    )
    ratio = said["hazard_ratio"]
    effect = EventPlan(
        hazard_ratio=assumed_hazard_ratio(shares) if ratio is None else ratio,
        margin=said["margin"],
        ratio=shares.ratio,
    )
    return plan_looks(plan, effect=effect, events=said["events"])


def _expect(
    looks: PlannedLooks, protocol: Protocol, shares: SharePlan
) -> tuple[NDArray[np.float64], tuple[Finding, ...]]:
    truth = assume(protocol, plan=shares, hazard_ratio=looks.effect.hazard_ratio)
    course = expect_trial(truth, protocol=protocol, ratio=shares.ratio)
    return expect_look_times(looks, course=course)


def _tell(found: dict[str, Any], findings: tuple[Finding, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({**found, "findings": finding_values(findings)})
    else:
        if "looks" in found:
            print_looks(found)
        if "came" in found:
            print_came(found)
        print_findings(findings)
    if findings:
        leave(FINDINGS)
