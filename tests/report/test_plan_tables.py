"""What was planned stands in the report in the words of the protocol."""

from dataclasses import replace

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.tables.plan import (
    build_analyses,
    build_eligibility,
    build_estimands,
    build_findings,
    build_sources,
)
from report.table_reading import headings_of, row_named


def test_every_planned_analysis_has_a_row_under_its_endpoint(facts: Facts) -> None:
    table = build_analyses(facts.protocol)
    names = [row.cells[0] for row in table.rows if not row.heading]
    assert sorted(names) == sorted(analysis.id for analysis in facts.protocol.analysis)
    assert headings_of(table)[0] == "Progression-free survival (primary)"


def test_the_primary_analysis_carries_its_alpha_and_its_source(facts: Facts) -> None:
    cells = row_named(build_analyses(facts.protocol), "pfs_milestone")
    assert cells[1] == "Intention to treat; Treatment policy (EMA style)"
    assert cells[2:5] == ("12", "Primary", "0.05")
    assert cells[5].startswith("literature: Klein")


def test_a_stratified_analysis_says_so(facts: Facts) -> None:
    assert row_named(build_analyses(facts.protocol), "pfs_cox")[0] == "Hazard ratio, stratified"


def test_a_window_is_named_in_the_plan(facts: Facts) -> None:
    assert row_named(build_analyses(facts.protocol), "acute_risk")[1] == "Safety; day 1 to 183"


def test_every_endpoint_has_the_five_attributes_of_its_estimand(facts: Facts) -> None:
    table = build_estimands(facts.protocol)
    names = [row.cells[0] for row in table.rows if not row.heading]
    five = ["Population", "Treatments", "Variable", "Intercurrent events", "Summary"]
    assert names == five * len(facts.protocol.endpoint)


def test_each_intercurrent_event_has_its_strategy_in_words(facts: Facts) -> None:
    said = row_named(build_estimands(facts.protocol), "Intercurrent events")[0]
    assert "death: composite" in said
    assert "local therapy outside the protocol: treatment policy (censored in the FDA" in said


def test_every_registry_finding_has_its_resolution(facts: Facts) -> None:
    table = build_findings(facts.protocol)
    assert len(table.rows) == len(facts.protocol.registry.finding)
    first = table.rows[0].cells
    assert "“until the date of first documented progression or date of death”" in first[1]
    assert first[2].endswith("(S1).")


def test_a_finding_without_resolution_is_open(facts: Facts) -> None:
    finding = facts.protocol.registry.finding[0].model_copy(
        update={"resolution": "", "proposal": "Ask the sponsor."}
    )
    registry = facts.protocol.registry.model_copy(update={"finding": (finding,)})
    protocol = facts.protocol.model_copy(update={"registry": registry})
    assert build_findings(protocol).rows[0].cells[2] == "Open. Ask the sponsor."


def test_a_record_without_findings_says_so(facts: Facts) -> None:
    registry = facts.protocol.registry.model_copy(update={"finding": ()})
    protocol = facts.protocol.model_copy(update={"registry": registry})
    assert build_findings(protocol).empty == "Nothing was found in the registry record."


def test_patients_who_failed_a_criterion_are_counted_by_arm(facts: Facts) -> None:
    cells = row_named(build_eligibility(facts), "I3")
    assert cells[0] == "Age 20 to 80 years"
    assert cells[2:] == ("2", "1")
    assert row_named(build_eligibility(facts), "E1")[2:] == ("0", "0")


def test_unknown_eligibility_counts_nowhere(facts: Facts) -> None:
    unknown = facts.subjects.with_columns(failed_criteria=pl.lit(None, dtype=pl.List(pl.String)))
    table = build_eligibility(replace(facts, subjects=unknown))
    assert row_named(table, "I3")[2:] == ("0", "0")


def test_inclusion_and_exclusion_have_headings(facts: Facts) -> None:
    assert headings_of(build_eligibility(facts)) == ["Inclusion: not met", "Exclusion: present"]


def test_every_setting_has_a_source(facts: Facts) -> None:
    table = build_sources(facts.protocol)
    assert all(row.cells[2] for row in table.rows if not row.heading)
    assert row_named(table, "Ratio") == ("A 1, B 1", "proposal: D1.3")
    assert row_named(table, "Planned subjects") == ("88", "registry: NCT06467097")
    hidden, source = row_named(table, "Block sizes")
    assert hidden == "not shown: it helps to predict an arm (ICH E9, 2.3.2)"
    assert source == "proposal: D1.3"
    assert row_named(table, "Ablative bed10, Gy")[0] == "59.0"
    assert row_named(table, "Start max, days")[0] == "28"


def test_the_size_of_the_trial_is_told_with_its_assumptions(facts: Facts) -> None:
    said = row_named(build_sources(facts.protocol), "Size of the trial")[0]
    assert said == ("50% against 80% at 12 months, 2-sided alpha 0.05, power 0.8, 10% lost")


def test_a_protocol_without_radiotherapy_has_its_sources_too(facts: Facts) -> None:
    protocol = facts.protocol.model_copy(update={"radiotherapy": None})
    names = [row.cells[0] for row in build_sources(protocol).rows]
    assert "Size of the trial" in names
    assert "Start max, days" not in names
