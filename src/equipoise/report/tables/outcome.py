"""The results of an endpoint as a table: what each arm showed, how they compare, the p value."""

from collections.abc import Callable, Sequence
from functools import partial

from equipoise.analysis.result import ArmResult, Result
from equipoise.protocol.endpoint_model import Analysis, Endpoint
from equipoise.protocol.methods.competing import IllnessDeathOptions
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.methods.spec import Use
from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.wording import (
    MISSING,
    capital,
    write_arm_estimate,
    write_comparison,
    write_number,
    write_p,
    write_share,
    write_time,
)

COLUMNS = (
    Column(heading=""),
    Column(heading="{arm}", align="right", per_arm=True),
    Column(heading="Comparison (95% CI)", align="right"),
    Column(heading="p", align="right"),
)
# the rows that a reader looks for first; others follow in the order of the named methods
ORDER = (
    "milestone",
    "cumulative_incidence",
    "risk_difference",
    "median",
    "cox",
    "logrank",
    "rmst",
    "kaplan_meier",
)
WITHOUT_ESTIMATE = frozenset({"logrank", "median", "survival"})
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
    order = list(dict.fromkeys((*ORDER, *METHODS)))
    for analysis, result in sorted(planned, key=lambda pair: order.index(pair[0].method)):
        rows += _result_rows(facts, endpoint=endpoint, analysis=analysis, result=result)
        notes.append(_note_of(analysis, result))
    return fill(
        shell,
        rows=rows,
        arms=[facts.labels[code] for code in facts.codes],
        footnotes=[note for note in notes if note],
    )


def _note_of(analysis: Analysis, result: Result) -> str:
    alpha = f" {capital(sides_of(analysis))} alpha {analysis.alpha:g}." if analysis.alpha else ""
    return f"{analysis.spec.title}: {result.method}.{alpha}"


def sides_of(analysis: Analysis) -> str:
    """Of how many sides the test is, in words."""
    sided = analysis.options.get("alternative", "two-sided") != "two-sided"
    return "one-sided" if sided else "two-sided"


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
    if len(result.arms) > 2 and not analysis.spec.whole:
        rows = []
        for part in result.parts:
            rows += _result_rows(facts, endpoint=endpoint, analysis=analysis, result=part)
        return rows
    timed = result.parts and all(part.at is not None for part in result.parts)
    parts = result.parts if timed else (result,)
    return [_row_of(facts, endpoint=endpoint, analysis=analysis, part=part) for part in parts]


def row_name(endpoint: Endpoint, *, analysis: Analysis, part: Result) -> str:
    """What a row is about, with its time: `At 12 months`, `Restricted mean to 24 months`."""
    at = "" if part.at is None else f"{write_time(part.at)} {part.time_unit}"
    window = next((w.label for w in endpoint.window if w.id == analysis.window), "")
    used = analysis.spec.strata in (Use.MAY, Use.MUST)
    strata = ", stratified" if analysis.stratified and used else ""
    told = "djusted" in analysis.spec.title
    adjusted = ", adjusted" if analysis.covariates and not told else ""
    by_name = {
        "milestone": f"Probability at {at}",
        "rmst": f"Restricted mean to {at}, months",
        "median": "Median, months",
        "cumulative_incidence": f"Incidence, {window}" if window else f"Incidence at {at}",
        "risk_difference": f"Patients with the event, {window or 'any time'}",
        "kaplan_meier": "Events over time",
    }
    if analysis.method == "illness_death":
        return name_state(analysis, at=at)
    when = f" at {at}" if at and not window else f", {window}" if window else ""
    case = f", {case_of(part)}" if case_of(part) else ""
    what = f"{analysis.spec.title}{when}{case}{strata}{adjusted}"
    return by_name.get(analysis.method, what)


def name_state(analysis: Analysis, *, at: str) -> str:
    """The state that `illness_death` compares, as the share in it or the mean time."""
    options = IllnessDeathOptions.model_validate(analysis.options)
    words = {"free": "free of the event", "progressed": "alive with the event", "dead": "dead"}
    state = words[options.state]
    return f"Months {state}, to {at}" if options.measure == "time" else f"{capital(state)} at {at}"


def case_of(part: Result) -> str:
    """Which of several cases at one time a part is: the end of its name, if it is not its time."""
    case = part.name.rpartition("/")[2] if "/" in part.name else ""
    factor = part.name.rpartition("@")[2] if "@" in part.name else ""
    if factor and part.at is not None and factor != f"{part.at:g}":
        return f"factor {factor}"
    return f"{case} case" if case in ("worst", "best") else case


def _row_of(facts: Facts, *, endpoint: Endpoint, analysis: Analysis, part: Result) -> Row:
    cells = cells_by_arm(facts, arms=part.arms, write=arm_writer(part.arm_measure))
    compared = part.estimate is not None or part.p_value is not None
    p = write_p(part.p_value) if compared else ""
    name = row_name(endpoint, analysis=analysis, part=part)
    return Row(cells=(name, *cells, comparison_cell(part), p))


def comparison_cell(part: Result) -> str:
    """The estimate of a comparison with its interval; nothing where it is a test alone."""
    tested = part.p_value is not None or part.measure in WITHOUT_ESTIMATE
    silent = part.estimate is None and tested
    return "" if silent else write_comparison(part.estimate, measure=part.measure)


def arm_writer(key: str) -> Callable[[ArmResult], str]:
    """How an arm's own estimate of this name is written; nothing where there is no name."""

    def write(arm: ArmResult) -> str:
        words = write_arm_estimate(arm.estimates.get(key), key=key)
        return f"{arm.events}/{arm.n}, {words}" if key == "risk" else words

    return write if key else lambda _arm: ""


def warnings_of(planned: Planned) -> tuple[str, ...]:
    """What the analyses say of themselves, each once."""
    return tuple(dict.fromkeys(word for _, result in planned for word in result.warnings))
