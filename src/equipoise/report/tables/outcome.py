"""The results of an endpoint as a table: what each arm showed, how they compare, the p value."""

from collections.abc import Callable, Sequence
from functools import partial

from equipoise.analysis.result import ArmResult, Estimate, Result
from equipoise.protocol.endpoint_model import Analysis, Endpoint, Method
from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.wording import (
    MISSING,
    write_comparison,
    write_mean,
    write_median,
    write_number,
    write_p,
    write_probability,
    write_share,
    write_time,
)

COLUMNS = (
    Column(heading=""),
    Column(heading="{arm}", align="right", per_arm=True),
    Column(heading="Comparison (95% CI)", align="right"),
    Column(heading="p", align="right"),
)
ORDER = (
    Method.MILESTONE,
    Method.CUMULATIVE_INCIDENCE,
    Method.RISK_DIFFERENCE,
    Method.MEDIAN,
    Method.COX,
    Method.LOGRANK,
    Method.RMST,
    Method.KAPLAN_MEIER,
)
METHOD_WORDS = {
    Method.MILESTONE: "Probabilities at a time",
    Method.LOGRANK: "Log-rank test",
    Method.COX: "Hazard ratio",
    Method.RMST: "Restricted mean",
    Method.MEDIAN: "Median",
    Method.CUMULATIVE_INCIDENCE: "Cumulative incidence",
    Method.RISK_DIFFERENCE: "Risk difference",
    Method.KAPLAN_MEIER: "Kaplan-Meier curves",
}
Planned = Sequence[tuple[Analysis, Result]]


def build_outcome(facts: Facts, *, endpoint: Endpoint, planned: Planned, table_id: str) -> Table:
    """The table of an endpoint: counts first, then a row an analysis and time."""
    shell = Shell(
        id=table_id,
        title=endpoint.label,
        columns=COLUMNS,
        empty="No analysis of this endpoint is planned.",
    )
    rows = [row for row in _count_rows(facts, endpoint=endpoint, planned=planned) if row]
    notes = []
    for analysis, result in sorted(planned, key=lambda pair: ORDER.index(pair[0].method)):
        rows += _result_rows(facts, endpoint=endpoint, analysis=analysis, result=result)
        notes.append(_note_of(analysis, result))
    return fill(
        shell,
        rows=rows,
        arms=[facts.labels[code] for code in facts.codes],
        footnotes=[note for note in notes if note],
    )


def _note_of(analysis: Analysis, result: Result) -> str:
    name = METHOD_WORDS[analysis.method]
    alpha = f" Two-sided alpha {analysis.alpha:g}." if analysis.alpha else ""
    return f"{name}: {result.method}.{alpha}"


def cells_by_arm(
    facts: Facts, *, arms: Sequence[ArmResult], write: Callable[[ArmResult], str]
) -> list[str]:
    """One cell for each arm of the trial; a dash for an arm that the result does not have."""
    named = {arm.arm: arm for arm in arms}
    return [write(named[code]) if code in named else MISSING for code in facts.codes]


def _count_rows(facts: Facts, *, endpoint: Endpoint, planned: Planned) -> list[Row]:
    """Who was analysed, the events, and the follow-up: from the first analysis."""
    if not planned:
        return []
    arms = planned[0][1].arms
    unit = "Lesions (patients)" if endpoint.grain == "lesion" else "Patients"

    def size(arm: ArmResult) -> str:
        return f"{arm.n} ({arm.subjects})" if endpoint.grain == "lesion" else str(arm.n)

    def events(arm: ArmResult) -> str:
        return write_share(arm.events, of=arm.n)

    rows = [
        Row(cells=(unit, *cells_by_arm(facts, arms=arms, write=size), "", "")),
        Row(cells=("Events", *cells_by_arm(facts, arms=arms, write=events), "", "")),
    ]
    for key, name in (
        ("competing_events", "Competing events"),
        ("median_follow_up", "Median follow-up, months"),
    ):
        if any(key in arm.estimates for arm in arms):
            cells = cells_by_arm(facts, arms=arms, write=partial(_plain, key=key))
            rows.append(Row(cells=(name, *cells, "", "")))
    return rows


def _plain(arm: ArmResult, *, key: str) -> str:
    found = arm.estimates.get(key)
    if found is None or found.value is None:
        return "not reached" if key == "median_follow_up" else MISSING
    return write_number(found.value, digits=0 if found.value == round(found.value) else 1)


def _result_rows(
    facts: Facts, *, endpoint: Endpoint, analysis: Analysis, result: Result
) -> list[Row]:
    """The rows of one analysis; with more than two arms, those of each comparison."""
    if len(result.arms) > 2:
        rows = []
        for part in result.parts:
            rows += _result_rows(facts, endpoint=endpoint, analysis=analysis, result=part)
        return rows
    parts = result.parts if _is_timed(analysis.method) and result.parts else (result,)
    return [_row_of(facts, endpoint=endpoint, analysis=analysis, part=part) for part in parts]


def _is_timed(method: Method) -> bool:
    return method in {Method.MILESTONE, Method.RMST, Method.CUMULATIVE_INCIDENCE}


def row_name(endpoint: Endpoint, *, analysis: Analysis, part: Result) -> str:
    """What a row is about, with its time: `At 12 months`, `Restricted mean to 24 months`."""
    at = "" if part.at is None else f"{write_time(part.at)} {part.time_unit}"
    window = next((w.label for w in endpoint.window if w.id == analysis.window), "")
    strata = ", stratified" if analysis.stratified else ""
    if analysis.method is Method.CUMULATIVE_INCIDENCE and window:
        return f"Incidence, {window}"
    return {
        Method.MILESTONE: f"Probability at {at}",
        Method.LOGRANK: f"Log-rank test{strata}",
        Method.COX: f"Hazard ratio{strata}",
        Method.RMST: f"Restricted mean to {at}, months",
        Method.MEDIAN: "Median, months",
        Method.CUMULATIVE_INCIDENCE: f"Incidence at {at}",
        Method.RISK_DIFFERENCE: f"Patients with the event, {window or 'any time'}",
        Method.KAPLAN_MEIER: "Events over time",
    }[analysis.method]


def _row_of(facts: Facts, *, endpoint: Endpoint, analysis: Analysis, part: Result) -> Row:
    cells = cells_by_arm(facts, arms=part.arms, write=arm_writer(analysis.method))
    compared = part.estimate is not None or part.p_value is not None
    silent = analysis.method in {Method.LOGRANK, Method.MEDIAN, Method.KAPLAN_MEIER}
    comparison = "" if silent else write_comparison(part.estimate, measure=part.measure)
    p = write_p(part.p_value) if compared else ""
    name = row_name(endpoint, analysis=analysis, part=part)
    return Row(cells=(name, *cells, comparison, p))


def arm_writer(method: Method) -> Callable[[ArmResult], str]:
    """How an arm's own estimate is written for a method."""

    def estimate(arm: ArmResult, key: str) -> Estimate | None:
        return arm.estimates.get(key)

    writers: dict[Method, Callable[[ArmResult], str]] = {
        Method.MILESTONE: lambda arm: write_probability(estimate(arm, "survival")),
        Method.RMST: lambda arm: write_mean(estimate(arm, "rmst")),
        Method.MEDIAN: lambda arm: write_median(estimate(arm, "median")),
        Method.CUMULATIVE_INCIDENCE: lambda arm: write_probability(estimate(arm, "incidence")),
        Method.RISK_DIFFERENCE: lambda arm: (
            f"{arm.events}/{arm.n}, {write_probability(estimate(arm, 'risk'))}"
        ),
    }
    return writers.get(method, lambda _arm: "")


def warnings_of(planned: Planned) -> tuple[str, ...]:
    """What the analyses say of themselves, each once."""
    return tuple(dict.fromkeys(word for _, result in planned for word in result.warnings))
