"""What was planned, in words: analyses, estimands, eligibility, registry findings, sources."""

from collections.abc import Mapping

import polars as pl

from equipoise.protocol.endpoint_model import Analysis, Endpoint
from equipoise.protocol.model import Protocol
from equipoise.protocol.randomisation_model import KEPT_FROM_SITES
from equipoise.report.facts import Facts, convention_of, population_of
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.wording import MISSING, capital, small

ANALYSES = Shell(
    id="plan",
    title="Analyses planned",
    columns=(
        Column(heading="Analysis"),
        Column(heading="Method"),
        Column(heading="Population, convention or window"),
        Column(heading="At, months", align="right"),
        Column(heading="Role"),
        Column(heading="Alpha", align="right"),
        Column(heading="Source"),
    ),
)
ESTIMANDS = Shell(
    id="estimands",
    title="Estimands (ICH E9(R1))",
    columns=(Column(heading="Attribute"), Column(heading="In this trial")),
)
FINDINGS = Shell(
    id="findings",
    title="Inconsistencies of the registry record and their resolution",
    columns=(
        Column(heading="Where"),
        Column(heading="What was found"),
        Column(heading="Resolution in the protocol"),
    ),
    empty="Nothing was found in the registry record.",
)
ELIGIBILITY = Shell(
    id="eligibility",
    title="Eligibility criteria, and patients randomised who did not meet them",
    columns=(
        Column(heading="Criterion"),
        Column(heading="Text"),
        Column(heading="Source"),
        Column(heading="{arm}", align="right", per_arm=True),
    ),
)
SOURCES = Shell(
    id="sources",
    title="Where each setting comes from",
    columns=(Column(heading="Setting"), Column(heading="Value"), Column(heading="Source")),
)


def build_analyses(protocol: Protocol) -> Table:
    """A row an analysis of the plan, by endpoint."""
    rows: list[Row] = []
    for endpoint in protocol.endpoint:
        own = [each for each in protocol.analysis if each.endpoint == endpoint.id]
        if own:
            rows.append(Row(cells=(f"{endpoint.label} ({endpoint.role})",), heading=True))
        rows += [_analysis_row(protocol, endpoint=endpoint, analysis=each) for each in own]
    return fill(ANALYSES, rows=rows)


def _analysis_row(protocol: Protocol, *, endpoint: Endpoint, analysis: Analysis) -> Row:
    population = population_of(protocol, name=analysis.population)
    asked = convention_of(endpoint, asked=analysis.convention)
    words = [
        population.label if population else analysis.population,
        next((c.label for c in endpoint.convention if c.id == asked), ""),
        next((w.label for w in endpoint.window if w.id == analysis.window), ""),
        _say_second(protocol, analysis=analysis),
    ]
    method = analysis.spec.title
    cells = (
        analysis.id,
        f"{method}, stratified" if analysis.stratified else method,
        "; ".join(word for word in words if word),
        ", ".join(f"{at:g}" for at in analysis.at_months) or MISSING,
        capital(analysis.role),
        f"{analysis.alpha:g}" if analysis.alpha else MISSING,
        analysis.provenance or MISSING,
    )
    return Row(cells=cells, level=1)


def _say_second(protocol: Protocol, *, analysis: Analysis) -> str:
    """The endpoint that is read beside that of the analysis, with its convention."""
    named = analysis.options.get("second_endpoint")
    second = next((each for each in protocol.endpoint if each.id == named), None)
    if second is None:
        return ""
    asked = convention_of(second, asked=str(analysis.options.get("second_convention", "")))
    read = next((f" ({small(c.label)})" for c in second.convention if c.id == asked), "")
    return f"with {small(second.label)}{read}"


def build_estimands(protocol: Protocol) -> Table:
    """The five attributes of each endpoint's estimand, in the words of the protocol."""
    rows: list[Row] = []
    for endpoint in protocol.endpoint:
        estimand = endpoint.estimand
        events = [
            f"{each.event}: {each.strategy.replace('_', ' ')}"
            + (f" ({each.detail})" if each.detail else "")
            for each in estimand.intercurrent
        ]
        said = (
            ("Population", estimand.population),
            ("Treatments", estimand.treatments),
            ("Variable", estimand.variable),
            ("Intercurrent events", capital("; ".join(events)) or MISSING),
            ("Summary", estimand.summary),
        )
        rows.append(Row(cells=(f"{endpoint.label} ({endpoint.role})",), heading=True))
        rows += [Row(cells=pair, level=1) for pair in said]
    return fill(ESTIMANDS, rows=rows)


def build_findings(protocol: Protocol) -> Table:
    """What is inconsistent or open in the registry record, and what the protocol does about it."""
    rows = []
    for finding in protocol.registry.finding:
        quoted = f" “{finding.evidence}”" if finding.evidence else ""
        resolution = finding.resolution or f"Open. {finding.proposal}".strip()
        cells = (capital(finding.where), f"{finding.message}{quoted}", resolution)
        rows.append(Row(cells=cells))
    return fill(FINDINGS, rows=rows)


def build_eligibility(facts: Facts) -> Table:
    """Each criterion with its source, and how many randomised patients of an arm failed it."""
    randomised = facts.subjects.filter(pl.col("randomised_date").is_not_null())
    rows: list[Row] = []
    kind = ""
    for criterion in facts.protocol.criterion:
        if criterion.kind != kind:
            kind = criterion.kind
            name = "Inclusion: not met" if kind == "inclusion" else "Exclusion: present"
            rows.append(Row(cells=(name,), heading=True))
        failed = randomised.filter(
            pl.col("failed_criteria").list.contains(criterion.id).fill_null(value=False)
        )
        counts = [
            str(failed.filter(pl.col("allocated_arm") == code).height) for code in facts.codes
        ]
        cells = (criterion.id, criterion.text, criterion.provenance, *counts)
        rows.append(Row(cells=cells, level=1))
    return fill(ELIGIBILITY, rows=rows, arms=[facts.labels[code] for code in facts.codes])


def build_sources(protocol: Protocol) -> Table:
    """The settings that the registry does not give, and those it does, each with its source."""
    identity, randomisation = protocol.identity, protocol.randomisation
    rows = [Row(cells=("Identity",), heading=True)]
    rows += _sourced(identity.model_dump(), identity.provenance)
    rows += [Row(cells=("Randomisation",), heading=True)]
    kept = dict.fromkeys(KEPT_FROM_SITES, "not shown: it helps to predict an arm (ICH E9, 2.3.2)")
    rows += _sourced(randomisation.model_dump() | kept, randomisation.provenance)
    rows += [
        _source_row(f"stratum: {each.label}", _levels(each.level), each.provenance)
        for each in protocol.stratum
    ]
    rows += [Row(cells=("Arms, schedule, data cuts, design",), heading=True)]
    rows += [_source_row(f"arm {a.code}", a.description, a.provenance) for a in protocol.arm]
    rows.append(_source_row("schedule", _visits(protocol), protocol.schedule.provenance))
    rows += [
        _source_row(f"data cut {c.id}", f"last randomised + {c.plus_months:g} months", c.provenance)
        for c in protocol.cut
    ]
    rows.append(_source_row("size of the trial", _design(protocol), protocol.design.provenance))
    if protocol.radiotherapy:
        rows += _sourced(protocol.radiotherapy.model_dump(), protocol.radiotherapy.provenance)
    if protocol.response.provenance:
        rows.append(Row(cells=("Tumour response",), heading=True))
        rows += _sourced(protocol.response.model_dump(), protocol.response.provenance)
    return fill(SOURCES, rows=rows)


def _levels(levels: tuple[object, ...]) -> str:
    return " / ".join(str(getattr(level, "label", level)) for level in levels)


def _visits(protocol: Protocol) -> str:
    return ", ".join(visit.code for visit in protocol.schedule.visit)


def _design(protocol: Protocol) -> str:
    design = protocol.design
    return (
        f"{100 * design.reference_rate:.0f}% against {100 * design.experimental_rate:.0f}% at "
        f"{design.milestone_months:g} months, "
        f"{design.sides}-sided alpha {design.alpha:g}, power {design.power:g}, "
        f"{100 * design.dropout:g}% lost"
    )


def _sourced(values: Mapping[str, object], provenance: Mapping[str, str]) -> list[Row]:
    return [
        _source_row(_setting(name), _say(values.get(name)), source)
        for name, source in provenance.items()
    ]


def _setting(name: str) -> str:
    """The name of a setting in words, its unit after a comma."""
    for unit, words in (("_gy", ", Gy"), ("_days", ", days")):
        if name.endswith(unit):
            name = name.removesuffix(unit) + words
    return name.replace("_", " ")


def _say(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in (None, "") else MISSING


def _source_row(name: str, value: str, source: str) -> Row:
    return Row(cells=(capital(name), value, source or MISSING), level=1)
