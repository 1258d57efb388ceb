"""The conventions of an endpoint side by side: what each says, and what comes of it."""

from equipoise.analysis.result import Result
from equipoise.protocol.endpoint_model import Analysis, Convention, Endpoint
from equipoise.report.facts import Facts, analyses_of, convention_of, population_of
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.tables.outcome import (
    arm_writer,
    case_of,
    cells_by_arm,
    comparison_cell,
    row_name,
)
from equipoise.report.wording import MISSING, capital, write_p, write_time

RESULTS = Shell(
    id="sensitivity",
    title="The primary endpoint by convention and population",
    columns=(
        Column(heading="Analysis"),
        Column(heading="Patients (events)", align="right"),
        Column(heading="{arm}", align="right", per_arm=True),
        Column(heading="Comparison (95% CI)", align="right"),
        Column(heading="p", align="right"),
    ),
    empty="No sensitivity analysis is planned.",
)


def build_sensitivity(facts: Facts, *, endpoint: Endpoint) -> Table:
    """A heading a measure, and below it the primary and the sensitivity analyses of it."""
    planned = analyses_of(facts, endpoint=endpoint.id)
    methods = [analysis.method for analysis, _ in planned if analysis.role == "sensitivity"]
    rows: list[Row] = []
    for method in dict.fromkeys(methods):
        same = [(analysis, result) for analysis, result in planned if analysis.method == method]
        name = row_name(endpoint, analysis=same[0][0], part=same[0][1])
        rows.append(Row(cells=(name,), heading=True))
        usual = same[0][1].at
        rows += [
            _row(facts, endpoint=endpoint, planned=case, usual=usual)
            for pair in same
            for case in _cases(pair)
        ]
    notes = [_population_note(facts, endpoint=endpoint)] if rows else []
    arms = [facts.labels[code] for code in facts.codes]
    return fill(RESULTS, rows=rows, arms=arms, footnotes=notes)


def _cases(planned: tuple[Analysis, Result]) -> list[tuple[Analysis, Result]]:
    """The cases of an analysis, as the worst and the best; the analysis itself where it has none.

    Each site left out has a figure of its own, where the sites stand below each other.
    """
    analysis, result = planned
    cases = [p for p in result.parts if p.measure == result.measure and case_of(p)]
    told = analysis.method != "leave_one_site_out" and cases
    return [(analysis, part) for part in cases] if told else [planned]


def _usual_population(facts: Facts, *, endpoint: Endpoint) -> str:
    """The population of the first analysis of the endpoint, which is the primary one."""
    return next((a.population for a, _ in analyses_of(facts, endpoint=endpoint.id)), "")


def _population_note(facts: Facts, *, endpoint: Endpoint) -> str:
    usual = population_of(facts.protocol, name=_usual_population(facts, endpoint=endpoint))
    said = f"{usual.label}, unless the row names another population. " if usual else ""
    return f"{said}No p value is corrected for the number of analyses."


def _row(
    facts: Facts, *, endpoint: Endpoint, planned: tuple[Analysis, Result], usual: float | None
) -> Row:
    result = planned[1]
    size = sum(arm.n for arm in result.arms)
    events = sum(arm.events for arm in result.arms)
    cells = cells_by_arm(facts, arms=result.arms, write=arm_writer(result.arm_measure))
    comparison = comparison_cell(result) or MISSING
    counts = f"{size} ({events})"
    name = name_analysis(facts, endpoint=endpoint, planned=planned, usual=usual)
    return Row(cells=(name, counts, *cells, comparison, write_p(result.p_value)), level=1)


def name_analysis(
    facts: Facts,
    *,
    endpoint: Endpoint,
    planned: tuple[Analysis, Result],
    usual: float | None = None,
) -> str:
    """What sets an analysis apart: convention, population, and its time if that is not usual."""
    analysis, result = planned
    name = _name(facts, endpoint=endpoint, analysis=analysis)
    if result.at is not None and result.at != usual:
        name = f"{name}, at {write_time(result.at)} {result.time_unit}"
    case = case_of(result)
    return f"{name}, {case}" if case else name


def _name(facts: Facts, *, endpoint: Endpoint, analysis: Analysis) -> str:
    asked = convention_of(endpoint, asked=analysis.convention)
    convention = next((c.label for c in endpoint.convention if c.id == asked), "")
    words = [convention]
    if analysis.population != _usual_population(facts, endpoint=endpoint) or not convention:
        population = population_of(facts.protocol, name=analysis.population)
        words.append(population.label if population else analysis.population)
    mark = " (primary)" if analysis.role == "primary" else ""
    return ", ".join(word for word in words if word) + mark


def build_rules(endpoint: Endpoint) -> Table:
    """What each convention says, rule by rule: one based on another only where it differs."""
    shell = Shell(
        id=f"rules-{endpoint.id}",
        title=f"{endpoint.label}: the rules of each convention",
        columns=(Column(heading="Rule"), Column(heading="What it says")),
    )
    known = {convention.id: convention for convention in endpoint.convention}
    rows = [
        row
        for convention in endpoint.convention
        for row in _rule_rows(convention, base=known.get(convention.based_on))
    ]
    return fill(shell, rows=rows)


def _rule_rows(convention: Convention, *, base: Convention | None) -> list[Row]:
    heading = f"{convention.label}, {convention.role}"
    if base is not None:
        heading = f"{heading}: as “{base.label}”, but"
    said = convention.words.items()
    own = {rule: words for rule, words in said if base is None or base.words.get(rule) != words}
    ordered = sorted(own, key=lambda name: (len(name), name))
    rows = [Row(cells=(rule, capital(own[rule])), level=1) for rule in ordered]
    return [Row(cells=(heading,), heading=True), *rows]
