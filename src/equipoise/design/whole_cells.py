"""Cells of a grid by the whole protocol: rehearsed trials through derivation and analysis."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from equipoise.analysis.gather import DAYS_PER_MONTH
from equipoise.analysis.sides import RATIOS
from equipoise.design.answers import COMPARISON
from equipoise.design.error_rates import ImpossiblePlanError, impossible, refuse
from equipoise.design.expected_course import CUT_DAYS, EVENTS
from equipoise.design.operating_cells import UNIT, Count, Tally, add_exactly
from equipoise.design.operating_plan import read_operations
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.design.scenario_grid import Cell
from equipoise.design.whole_protocol import Chunk, PlanRefusedError, operate
from equipoise.design.whole_question import VARIED, PlannedLine, WholeQuestion
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.simulate.setting import RehearsalRefusedError
from equipoise.simulate.trial_model import Run
from equipoise.vocab.finding import Finding

_USUAL_ROLES = ("primary", "supportive")


def build_whole_questions(
    protocol: Protocol, *, cells: Sequence[Cell], statistics: Sequence[str] = ()
) -> tuple[WholeQuestion, ...]:
    """The question of every cell; `statistics` are analyses of the plan (none: the usual ones).

    Raises ImpossiblePlanError with all that whole trials cannot vary or be asked.
    """
    refuse(_find_problems(protocol, cells, statistics))
    asked = statistics or [a.id for a in protocol.analysis if a.role in _USUAL_ROLES]
    kept = tuple(a for a in protocol.analysis if a.id in asked and not a.once)
    plan = protocol.model_copy(update={"analysis": kept, "multiplicity": None})
    lines = _find_lines(plan, cells[0].scenario)
    return tuple(_ask(plan, cell, lines) for cell in cells)


def _find_problems(
    protocol: Protocol, cells: Sequence[Cell], statistics: Sequence[str]
) -> Iterator[Finding]:
    known = [each.name for each in protocol.scenario]
    for name in dict.fromkeys(cell.scenario for cell in cells):
        if name not in known:
            yield impossible(
                "scenarios", code="scenario-not-rehearsed",
                message=f"whole trials follow a scenario of lesions, and '{name}' is none",
                mend=f"Name some of {', '.join(known)}.",
            )  # fmt: skip
    for name in dict.fromkeys(name for cell in cells for name, _ in cell.settings):
        if name not in VARIED:
            yield impossible(
                f"grid {name}", code="whole-cannot-vary",
                message=f"{name} cannot vary in whole trials: scenario or protocol have it",
                mend=f"Vary {', '.join(VARIED)}, name other scenarios, or leave --whole out.",
            )  # fmt: skip
    planned = [a.id for a in protocol.analysis if not a.once]
    for name in statistics:
        if name not in planned:
            yield impossible(
                "statistics", code="analysis-unknown",
                message=f"'{name}' is no analysis of the plan that is made in many trials",
                mend=f"Name some of {', '.join(planned)}.",
            )  # fmt: skip
    if not planned:
        yield impossible(
            "statistics", code="analysis-missing", message="the protocol plans no analysis",
            mend="Add an [[analysis]].",
        )  # fmt: skip


def _find_lines(plan: Protocol, scenario: str) -> tuple[PlannedLine, ...]:
    """What the plan compares, read off one trial."""
    try:
        rows = operate(plan, scenario=scenario, seed=1, trials=range(1), truth={}).rows
    except (PlanRefusedError, RehearsalRefusedError) as refusal:
        raise _refuse("plan-untried", str(refusal), "Mend the protocol.") from refusal
    analyses = {analysis.id: analysis for analysis in plan.analysis}
    labels = {endpoint.id: endpoint.label for endpoint in plan.endpoint}
    lines = []
    for row in rows.filter(of=COMPARISON).to_dicts():
        own = analyses[row["analysis"]]
        at = "" if row["at"] is None else f", month {row['at']:g}"
        how = f"{own.method.replace('_', ' ')}{at}"
        words = f"planned analysis ({how}) of {_inside(labels[own.endpoint])}"
        lines.append(
            PlannedLine(
                name=row["line"], cut=row["cut"], endpoint=own.endpoint, measure=row["measure"],
                is_ratio=row["measure"] in RATIOS, words=words,
            )
        )  # fmt: skip
    if not lines:
        raise _refuse(
            "nothing-compared", "the analyses that are asked for compare no arms",
            "Name analyses that do.",
        )  # fmt: skip
    return tuple(lines)


def _inside(label: str) -> str:
    """A label within a sentence; an abbreviation stays as it is."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _ask(plan: Protocol, cell: Cell, lines: tuple[PlannedLine, ...]) -> WholeQuestion:
    changed = _change(plan, dict(cell.settings))
    scenario = plan.scenario_named(cell.scenario)
    return WholeQuestion(
        cell=cell,
        label=scenario.label,
        protocol=changed,
        digest=fingerprint(changed),
        lines=lines,
        rates=plan_of_protocol(plan)[1],
        values=tuple(read_operations(changed).items()),
        no_effect=scenario.experimental_as_reference,
    )


def _change(protocol: Protocol, settings: Mapping[str, float]) -> Protocol:
    """The protocol with the parameters of a cell."""
    operations, cuts = protocol.operations, protocol.cut
    accrual, leaving = operations.accrual, operations.leaving
    subjects = int(settings.get("subjects", protocol.randomisation.planned_subjects))
    if "accrual" in settings:
        accrual = accrual.model_copy(update={"rate_per_month": settings["accrual"] / accrual.sites})
    if "dropout" in settings:
        a_year = -math.log1p(-settings["dropout"])
        before = leaving.lost_per_year + leaving.withdrawn_per_year
        lost = a_year * (leaving.lost_per_year / before if before else 1.0)
        leaving = leaving.model_copy(
            update={"lost_per_year": lost, "withdrawn_per_year": a_year - lost}
        )
    if "follow_up" in settings:
        first = cuts[0].model_copy(update={"plus_months": settings["follow_up"]})
        cuts = (first, *cuts[1:])
    planned = protocol.randomisation.model_copy(update={"planned_subjects": subjects})
    run = operations.model_copy(update={"accrual": accrual, "leaving": leaving})
    return protocol.model_copy(update={"randomisation": planned, "operations": run, "cut": cuts})


def run_whole(question: WholeQuestion, *, run: Run) -> Tally:
    """The rehearsed trials of a cell that `run` names, counted in whole numbers.

    `favour` counts the trials in which a planned test rejects, whichever arm is better.
    """
    trials = range(run.first, run.first + run.trials)
    scenario, protocol = question.cell.scenario, question.protocol
    chunk = operate(protocol, scenario=scenario, seed=run.seed, trials=trials, truth={})
    subjects = protocol.randomisation.planned_subjects
    counts = tuple(_count(chunk, line, run.trials, subjects) for line in question.lines)
    return Tally(trials=run.trials, counts=counts)


def _count(chunk: Chunk, line: PlannedLine, trials: int, subjects: int) -> Count:
    rows = chunk.rows.filter(of=COMPARISON, line=line.name, cut=line.cut)
    values = rows["estimate"].drop_nulls().to_numpy()
    values = np.log(values[values > 0]) if line.is_ratio else values
    values = values[np.isfinite(values)]
    course = chunk.operating.course.filter(cut=line.cut)
    events = course.filter(measure=EVENTS, of=line.endpoint)
    days = course.filter(measure=CUT_DAYS)
    months = np.rint(days["value"].to_numpy() / DAYS_PER_MONTH / UNIT).astype(int).tolist()
    return Count(
        favour=(int(rows["rejected"].fill_null(value=False).sum()),),
        against=(0,),
        futile=(0,),
        known=int(rows["rejected"].is_not_null().sum()),
        events=_total(events),
        entered=subjects * trials,
        timed=trials,
        time=sum(each * n for each, n in zip(months, days["trials"], strict=True)),
        estimated=values.size,
        estimate=add_exactly(values),
        square=add_exactly(values * values),
    )


def _total(course: pl.DataFrame) -> int:
    return int((course["value"] * course["trials"]).sum())


def _refuse(code: str, message: str, mend: str) -> ImpossiblePlanError:
    return ImpossiblePlanError((impossible("plan", code=code, message=message, mend=mend),))
