"""The tests that share the level of the trial, with p values adjusted for each other."""

from equipoise.report.facts import Facts, planned_cut
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.wording import write_p

MULTIPLICITY = Shell(
    id="multiplicity",
    title="Tests that share the level",
    columns=(
        Column(heading="Analysis"),
        Column(heading="p", align="right"),
        Column(heading="Adjusted p", align="right"),
        Column(heading="At this level"),
    ),
    empty="The plan has no such family.",
)


def build_multiplicity(facts: Facts) -> Table | None:
    """A row a test of the family; None where the plan has none."""
    family = facts.results.family
    if family is None:
        return None
    planned = {analysis.id: analysis for analysis in facts.protocol.analysis}
    rows = []
    for test in family.tests:
        analysis = planned[test.analysis]
        endpoint = facts.protocol.endpoint_named(analysis.endpoint)
        later = planned_cut(facts, endpoint=endpoint.id)
        said = "rejected" if test.is_rejected else "not rejected"
        said = f"planned for data cut {later.id}" if later else said
        name = f"{endpoint.label}: {analysis.spec.title} ({analysis.id})"
        rows.append(Row(cells=(name, write_p(test.p_value), write_p(test.adjusted), said)))
    note = (
        f"Procedure: {family.words}. Level {family.alpha:g} for all together. A test without p "
        "is not rejected, and counts all the same."
    )
    return fill(MULTIPLICITY, rows=rows, footnotes=[note])
