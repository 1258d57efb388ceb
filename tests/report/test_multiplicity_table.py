"""The tests that share the level, as a table of the primary section."""

from dataclasses import replace

from equipoise.analysis.result import AdjustedTest, Family
from equipoise.report.facts import Facts
from equipoise.report.sections import build_primary_section
from equipoise.report.shell import Table
from equipoise.report.tables.multiplicity import build_multiplicity
from report.table_reading import row_named

FAMILY = Family(
    words="Holm",
    alpha=0.05,
    tests=(
        AdjustedTest(analysis="pfs_milestone", p_value=0.01, adjusted=0.02, is_rejected=True),
        AdjustedTest(analysis="os_logrank", p_value=None, adjusted=None, is_rejected=False),
    ),
)


def test_a_family_has_a_row_a_test(facts: Facts) -> None:
    told = replace(facts, results=replace(facts.results, family=FAMILY))
    table = build_multiplicity(told)
    assert table is not None
    name = "Progression-free survival: Probabilities at a time (pfs_milestone)"
    assert row_named(table, name)[:2] == ("0.01", "0.02")
    assert len(table.rows) == 2
    assert "Holm" in table.footnotes[0]
    assert table in build_primary_section(told).blocks


def test_a_plan_without_a_family_has_no_table(facts: Facts) -> None:
    assert build_multiplicity(facts) is None
    blocks = build_primary_section(facts).blocks
    assert not any(isinstance(b, Table) and b.id == "multiplicity" for b in blocks)
