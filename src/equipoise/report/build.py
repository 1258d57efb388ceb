"""From results, derived frames and protocol to the report as one value."""

from dataclasses import replace

import polars as pl

from equipoise.analysis.result import Results
from equipoise.derive.schemas import Datasets
from equipoise.protocol.model import Protocol
from equipoise.report.facts import Facts, gather_facts
from equipoise.report.further_sections import (
    build_forest_section,
    build_harms_section,
    build_home_section,
    build_plan_section,
    build_registry_section,
    build_response_section,
    build_scans_section,
    build_sensitivity_section,
    build_treatment_section,
)
from equipoise.report.headline import build_answer, build_caveats, build_key_figures
from equipoise.report.page import Report
from equipoise.report.sections import (
    build_baseline_section,
    build_exploratory_section,
    build_flow_section,
    build_primary_section,
    build_secondary_section,
)
from equipoise.report.stamp import Stamp, list_stamp, write_stamp

SECTIONS = (
    build_flow_section,
    build_baseline_section,
    build_primary_section,
    build_sensitivity_section,
    build_forest_section,
    build_secondary_section,
    build_response_section,
    build_harms_section,
    build_treatment_section,
    build_scans_section,
    build_exploratory_section,
    build_plan_section,
    build_registry_section,
    build_home_section,
)


def build(
    results: Results,
    *,
    datasets: Datasets,
    protocol: Protocol,
    allocations: pl.DataFrame,
    stamp: Stamp,
    screened: int | None = None,
) -> Report:
    """The report of one trial, every section filled; nothing in the data raises.

    `screened` counts those assessed for eligibility, None where nobody recorded it.
    """
    facts = gather_facts(
        datasets,
        protocol=protocol,
        results=results,
        allocations=allocations,
        stamp=stamp,
    )
    return build_from(replace(facts, screened=screened))


def build_from(facts: Facts) -> Report:
    """The report of facts gathered before."""
    identity = facts.protocol.identity
    return Report(
        trial=identity.acronym or identity.id,
        title=identity.title,
        subtitle=_subtitle(facts),
        question=identity.question,
        answer=build_answer(facts),
        caveats=build_caveats(facts),
        key_figures=build_key_figures(facts),
        sections=tuple(section(facts) for section in SECTIONS),
        stamp=facts.stamp,
        stamp_lines=list_stamp(facts.stamp),
        stamp_line=write_stamp(facts.stamp),
        notice=write_notice(facts.stamp, protocol=facts.protocol),
    )


def _subtitle(facts: Facts) -> str:
    identity, cut = facts.protocol.identity, facts.cut
    words = [f"Phase {identity.phase} randomised trial", identity.sponsor]
    words.append(f"{cut.label} (data cut {cut.id})" if cut else "All entries, no data cut")
    if facts.stamp.cutoff_date:
        words.append(f"entries up to {facts.stamp.cutoff_date.isoformat()}")
    return " · ".join(word for word in words if word)


def write_notice(stamp: Stamp, *, protocol: Protocol) -> str:
    """The notice of a rehearsed trial, which stands above everything; empty for one that runs."""
    if not stamp.is_rehearsed:
        return ""
    names = {each.name: each.label for each in protocol.scenario}
    label = names.get(stamp.scenario, "")
    said = f"{stamp.scenario} ({label})" if label else stamp.scenario
    seed = stamp.scenario_seed
    drawn = f"{said}, seed {seed}" if seed is not None else said
    return (
        f"Rehearsed trial: every entry was drawn by the program from scenario {drawn}. "
        "No patient stands behind any number of this report."
    )
