"""The sections of the report, each from the facts alone, in the order of print."""

from collections.abc import Iterator

import numpy as np

from equipoise.analysis.result import Result
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.report.facts import (
    Facts,
    analyses_of,
    convention_of,
    name_arms,
    planned_cut,
    primary_analysis,
)
from equipoise.report.figures.consort import render_consort
from equipoise.report.figures.cumulative_incidence import render_cumulative_incidence
from equipoise.report.figures.kaplan_meier import render_kaplan_meier
from equipoise.report.figures.steps import Look, longest_time
from equipoise.report.flow import build_flow
from equipoise.report.method_figures import build_method_figures, name_figures, origin_of
from equipoise.report.page import Block, Figure, Fold, Heading, Section, Text
from equipoise.report.shell import Table
from equipoise.report.tables.baseline import build_baseline
from equipoise.report.tables.endings import build_endings
from equipoise.report.tables.multiplicity import build_multiplicity
from equipoise.report.tables.outcome import Planned, build_outcome, warnings_of
from equipoise.report.wording import capital, join_words, small, write_time

ENDED = "How the times ended, by rule"
FURTHER = "The curves, and how the times ended"
BEHIND = "Behind these numbers: "
EXPLORED = "Nothing is concluded from these; they show whether another way to look says otherwise."
NO_OTHER = "The protocol has no such endpoint."


def build_flow_section(facts: Facts) -> Section:
    """The participant flow of CONSORT 2025."""
    figure = Figure(
        id="flow",
        caption="Participant flow (CONSORT 2025).",
        svg=render_consort(build_flow(facts), figure_id="flow"),
    )
    return Section(id="participants", title="Participants", blocks=(figure,))


def build_baseline_section(facts: Facts) -> Section:
    """The baseline table."""
    return Section(id="at-baseline", title="Baseline", blocks=(build_baseline(facts),))


def build_primary_section(facts: Facts) -> Section:
    """The primary endpoint: figure, results by its primary convention, how the times ended."""
    primary = primary_analysis(facts.protocol)
    endpoint = facts.protocol.endpoint_named(primary.endpoint)
    own = tuple(
        pair
        for pair in analyses_of(facts, endpoint=endpoint.id)
        if pair[0].role in {"primary", "supportive"}
    )
    blocks = list(build_endpoint_blocks(facts, endpoint=endpoint, planned=own))
    shared = build_multiplicity(facts)
    blocks += [shared] if shared else []
    return Section(
        id="primary", title=f"Primary endpoint: {small(endpoint.label)}", blocks=tuple(blocks)
    )


def build_secondary_section(facts: Facts) -> Section:
    """Every secondary endpoint with its figure and table, marked where its time has not come."""
    blocks: list[Block] = []
    for endpoint in _others(facts, exploratory=False):
        planned = analyses_of(facts, endpoint=endpoint.id)
        blocks.append(Heading(words=endpoint.label, id=f"endpoint-{endpoint.id}"))
        blocks += build_endpoint_blocks(facts, endpoint=endpoint, planned=planned)
    return Section(
        id="secondary", title="Secondary endpoints", blocks=tuple(blocks) or (Text(words=NO_OTHER),)
    )


def build_exploratory_section(facts: Facts) -> Section:
    """Every exploratory endpoint with its table; figure and endings are there to unfold."""
    blocks: list[Block] = []
    for endpoint in _others(facts, exploratory=True):
        planned = analyses_of(facts, endpoint=endpoint.id)
        blocks.append(Heading(words=endpoint.label, id=f"endpoint-{endpoint.id}"))
        folded: list[Figure | Table] = []
        for block in build_endpoint_blocks(facts, endpoint=endpoint, planned=planned):
            if isinstance(block, Figure):
                folded.append(block)
            elif isinstance(block, Fold):
                folded += [inner for inner in block.blocks if isinstance(inner, Table | Figure)]
            else:
                blocks.append(block)
        if folded:
            drawn = any(isinstance(block, Figure) for block in folded)
            blocks.append(Fold(summary=FURTHER if drawn else ENDED, blocks=tuple(folded)))
    words = EXPLORED if blocks else NO_OTHER
    return Section(
        id="exploratory", title="Exploratory endpoints", blocks=(Text(words=words), *blocks)
    )


def _others(facts: Facts, *, exploratory: bool) -> Iterator[Endpoint]:
    """The endpoints beside the primary one, in the order of the protocol."""
    primary = primary_analysis(facts.protocol).endpoint
    for endpoint in facts.protocol.endpoint:
        if endpoint.id != primary and (endpoint.role == "exploratory") is exploratory:
            yield endpoint


def build_endpoint_blocks(facts: Facts, *, endpoint: Endpoint, planned: Planned) -> Iterator[Block]:
    """Immaturity, deviation from the registry, figure, table, warnings, endings of an endpoint."""
    later = planned_cut(facts, endpoint=endpoint.id)
    if later is not None:
        yield Text(
            words=f"Immature. {endpoint.label} is planned for data cut {later.id} "
            f"({small(later.label)}); what is known at this cut is shown, and nothing is concluded "
            "from it.",
            tone="warning",
        )
    yield Text(words=_say_estimand(endpoint))
    registered = _say_registered(facts, endpoint=endpoint)
    if registered:
        yield Text(words=registered, tone="note")
    figure = _figure(facts, endpoint=endpoint, planned=planned)
    if figure is not None:
        yield figure
    yield build_outcome(
        facts, endpoint=endpoint, planned=planned, table_id=f"outcome-{endpoint.id}"
    )
    warnings = warnings_of(planned)
    if warnings:
        yield Text(words=name_arms(facts, words=f"Note: {'; '.join(warnings)}."), tone="note")
    further = build_method_figures(facts, endpoint=endpoint, planned=planned)
    if further:
        yield Fold(summary=f"{BEHIND}{name_figures(further)}", blocks=further)
    if endpoint.kind == "time_to_event":
        convention = convention_of(endpoint, asked="")
        yield Fold(
            summary=ENDED,
            blocks=(
                build_endings(
                    facts,
                    endpoint=endpoint,
                    convention=convention,
                    table_id=f"endings-{endpoint.id}",
                ),
            ),
        )


def _say_estimand(endpoint: Endpoint) -> str:
    """What is estimated and in whom, in one sentence; the full estimand has its own table."""
    estimand = endpoint.estimand
    parts = (estimand.variable, f"in {small(estimand.population)}", estimand.summary)
    return f"Estimand: {'; '.join(small(part) for part in parts)}."


def _say_registered(facts: Facts, *, endpoint: Endpoint) -> str:
    """The outcome as the registry words it, so that a deviation can be seen; else empty."""
    kind, _, number = endpoint.registry_outcome.partition(" ")
    text = facts.protocol.registry.text
    outcomes = {"primary": text.primary_outcome, "secondary": text.secondary_outcome}.get(kind, ())
    if not number.isdigit() or not 0 < int(number) <= len(outcomes):
        return ""
    return f"Registered as {kind} outcome {number}: “{outcomes[int(number) - 1]}”."


def _figure(facts: Facts, *, endpoint: Endpoint, planned: Planned) -> Figure | None:
    """The curves of an endpoint; None where no analysis has any."""
    # states rise and fall: they have a figure of their own
    drawn = [pair for pair in planned if pair[1].curves and pair[0].method != "illness_death"]
    if not drawn:
        return None
    preferred = [p for p in drawn if p[0].method in {"milestone", "kaplan_meier"}]
    result = (*preferred, *drawn)[0][1]
    rising = result.curves[0].is_rising
    look = Look(
        figure_id=f"figure-{endpoint.id}",
        title=f"{endpoint.label} by arm",
        x_label=f"{capital(result.time_unit)} since {origin_of(facts, endpoint=endpoint)}",
        y_label=endpoint.label,
        milestones=_marked(endpoint, result),
        labels=facts.labels,
        short=facts.short,
    )
    draw = render_cumulative_incidence if rising else render_kaplan_meier
    return Figure(
        id=f"curves-{endpoint.id}",
        caption=_caption(endpoint, result=result, rising=rising),
        svg=draw(result, look=look),
    )


def _marked(endpoint: Endpoint, result: Result) -> tuple[float, ...]:
    """The times that the figure marks: the endpoint's horizon, else those compared."""
    if endpoint.horizon_months:
        return (endpoint.horizon_months,)
    times = (result.at, *[part.at for part in result.parts])
    return tuple(dict.fromkeys(time for time in times if time is not None))


def _caption(endpoint: Endpoint, *, result: Result, rising: bool) -> str:
    kind = "Aalen-Johansen cumulative incidence" if rising else "Kaplan-Meier estimates"
    drawn = longest_time(result.curves)
    marked = join_words([write_time(at) for at in _marked(endpoint, result) if at <= drawn])
    words = [f"{endpoint.label}: {kind} by arm."]
    banded = any(np.isfinite(curve.lower).any() for curve in result.curves)
    kinds = join_words(list(dict.fromkeys(curve.band for curve in result.curves)))
    words += [f"Shaded: {kinds} 95% confidence bands."] if banded else []
    medians = [arm.estimates["median"] for arm in result.arms if "median" in arm.estimates]
    reached = not rising and any(median.value is not None for median in medians)
    words.append("Ticks: censored. Falling lines: medians." if reached else "Ticks: censored.")
    if marked:
        words.append(f"Dotted line: {marked} {result.time_unit}.")
    if rising:
        competing = join_words([source.words for source in endpoint.competing])
        words.append(f"Competing: {competing}." if competing else "")
    convention = next((c.label for c in endpoint.convention if c.role == "primary"), "")
    words.append(f"Convention: {small(convention)}." if convention else "")
    return " ".join(word for word in words if word)
