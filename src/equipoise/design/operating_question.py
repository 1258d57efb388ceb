"""From the cells of a grid to what is simulated for them: the trial, its looks, its decisions."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from equipoise.design.bounds import build_design
from equipoise.design.error_rates import (
    ErrorRates,
    ImpossiblePlanError,
    find_error_rates_problems,
    impossible,
    refuse,
)
from equipoise.design.operating_plan import CellPlan, plan_cell
from equipoise.design.operating_statistics import USUALLY, find_statistic_problems, plan_reading
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.design.scenario_grid import Cell
from equipoise.design.scenario_truth import Truth, find_truth
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import OBRIEN_FLEMING, BoundRule
from equipoise.protocol.model import Protocol
from equipoise.simulate.trial_checks import ImpossibleTrialError, check_trial
from equipoise.simulate.trial_model import Endpoint, Look, Reading, TrialModel
from equipoise.vocab.finding import Finding

_MOST_FINDINGS = 20
ENDPOINTS = {Endpoint.FIRST: "pfs", Endpoint.DEATH: "os"}
Bounds = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of every cell.

    `endpoint`: whose events are tested and counted, the first ones (PFS) or deaths (OS).
    `looks` are interim looks as shares of the events of the final analysis. They stop the trial by
    the rules `efficacy` and `futility` for the statistics whose information is events (log-rank,
    Cox); all others are tested at the final analysis alone.
    """

    statistics: tuple[str, ...] = USUALLY
    endpoint: Endpoint = Endpoint.FIRST
    rates: ErrorRates = field(default_factory=ErrorRates)
    looks: tuple[float, ...] = ()
    efficacy: BoundRule = field(default_factory=lambda: BoundRule(name=OBRIEN_FLEMING))
    futility: BoundRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A cell as it is simulated: all that its numbers depend on, but for seed and replicates.

    `upper` and `lower` are the bounds of z at each look, of efficacy and futility. `values` are the
    parameters in force, `no_effect` tells that both arms are the same.
    """

    cell: Cell
    label: str
    model: TrialModel
    looks: tuple[Look, ...]
    reading: Reading
    endpoint: Endpoint
    statistics: tuple[str, ...]
    rates: ErrorRates
    upper: tuple[float, ...]
    lower: tuple[float, ...]
    values: tuple[tuple[str, float], ...]
    no_effect: bool


def wanted_of(protocol: Protocol) -> Wanted:
    """What is asked where nothing is said: the usual statistics at the level of the protocol."""
    return Wanted(rates=plan_of_protocol(protocol)[1])


def build_questions(
    protocol: Protocol, *, cells: Sequence[Cell], wanted: Wanted
) -> tuple[Question, ...]:
    """The question of every cell.

    Raises ImpossiblePlanError with why cells cannot be, each reason with the first of them.
    """
    refuse(_find_problems(wanted))
    truths = _find_truths(protocol, cells)
    bounds: dict[tuple[int, ...], Bounds] = {}
    problems: dict[tuple[str, str], Finding] = {}
    found = []
    for cell in cells:
        try:
            truth = truths[cell.scenario]
            plan = plan_cell(protocol, cell=cell, truth=truth, endpoint=wanted.endpoint)
            found.append(_ask(cell, truth, plan, wanted, bounds))
        except ImpossiblePlanError as refusal:
            for one in refusal.findings:
                problems.setdefault((one.code, one.message), one)
        if len(problems) >= _MOST_FINDINGS:
            break
    refuse(iter(problems.values()))
    return tuple(found)


def _find_problems(wanted: Wanted) -> Iterator[Finding]:
    yield from find_statistic_problems(wanted.statistics)
    yield from find_error_rates_problems(wanted.rates)
    for share in wanted.looks:
        if not 0 < share < 1:
            yield impossible(
                "looks", code="look-impossible", message=f"there is no interim look at {share:g}",
                mend="Interim looks are shares of the events, between 0 and 1: 0.5,0.75.",
            )  # fmt: skip


def _find_truths(protocol: Protocol, cells: Sequence[Cell]) -> dict[str, Truth]:
    truths: dict[str, Truth] = {}
    problems: list[Finding] = []
    for name in dict.fromkeys(cell.scenario for cell in cells):
        try:
            truths[name] = find_truth(protocol, name=name)
        except ImpossiblePlanError as refusal:
            problems += refusal.findings
    refuse(iter(problems))
    return truths


def _ask(
    cell: Cell,
    truth: Truth,
    plan: CellPlan,
    wanted: Wanted,
    bounds: dict[tuple[int, ...], Bounds],
) -> Question:
    values = plan.values
    counts = _count_events(cell, plan, wanted)
    looks = tuple(
        Look(events=count, latest=plan.latest, endpoint=wanted.endpoint) for count in counts
    )
    reading = plan_reading(
        wanted.statistics, milestone=values["milestone"], horizon=values["horizon"]
    )
    try:
        check_trial(plan.model, looks=looks, reading=reading)
    except ImpossibleTrialError as refusal:
        raise ImpossiblePlanError(tuple(_explain(cell, str(refusal)))) from refusal
    if counts not in bounds:
        bounds[counts] = _find_bounds(counts, wanted)
    upper, lower = bounds[counts]
    return Question(
        cell=cell, label=truth.label, model=plan.model, looks=looks, reading=reading,
        endpoint=wanted.endpoint, statistics=wanted.statistics, rates=wanted.rates,
        upper=upper, lower=lower, values=tuple(values.items()), no_effect=plan.no_effect,
    )  # fmt: skip


def _explain(cell: Cell, problems: str) -> Iterator[Finding]:
    for problem in problems.split("; "):
        yield impossible(
            str(cell), code="trial-impossible", message=problem,
            mend="Change the axis, or leave the cells out that cannot be.",
        )  # fmt: skip


def _count_events(cell: Cell, plan: CellPlan, wanted: Wanted) -> tuple[int, ...]:
    """The events at each look, 0 where the final analysis is at a date."""
    events = int(plan.values.get("events", 0))
    if not events and wanted.looks:
        raise ImpossiblePlanError(
            (
                impossible(
                    str(cell), code="looks-need-events",
                    message="interim looks are shares of the events of the final analysis, which "
                    "is at a date",
                    mend="Say how many events it is after: --grid events=60.",
                ),
            )
        )  # fmt: skip
    return (*(math.ceil(share * events) for share in wanted.looks), events)


def _find_bounds(counts: tuple[int, ...], wanted: Wanted) -> Bounds:
    """The bounds of z of efficacy and futility at looks after so many events."""
    if len(counts) == 1:
        return (wanted.rates.critical,), (-math.inf,)
    plan = SequentialPlan(
        information=tuple(count / counts[-1] for count in counts),
        rates=wanted.rates, efficacy=wanted.efficacy, futility=wanted.futility,
    )  # fmt: skip
    design = build_design(plan)
    return tuple(map(float, design.upper)), tuple(map(float, design.lower))
