"""The conventions of the primary endpoint stand side by side."""

from dataclasses import replace

from equipoise.report.facts import Facts
from equipoise.report.tables.sensitivity import build_rules, build_sensitivity
from equipoise.report.wording import MISSING, write_comparison, write_probability
from report.table_reading import headings_of, row_named


def test_each_measure_has_the_primary_and_its_sensitivity_analyses(facts: Facts) -> None:
    table = build_sensitivity(facts, endpoint=facts.protocol.endpoint_named("pfs"))
    assert headings_of(table)[:2] == ["Probability at 12 months", "Hazard ratio, stratified"]
    names = [row.cells[0] for row in table.rows if not row.heading]
    assert names[:13] == [
        "Treatment policy (EMA style) (primary)",
        "Censoring (FDA style)",
        "Treatment policy (EMA style), at 12.5 months",
        "Treatment policy (EMA style), Per protocol",
        "Treatment policy (EMA style)",
        "Censoring (FDA style)",
        "Censoring (FDA style), end of treatment included",
        "Clinical progression counts",
        "No progression held",
        "Progression held in irradiated lesions alone",
        "Irradiated targets left out",
        "Distant progression",
        "iRECIST (iPFS)",
    ]


def test_the_usual_population_is_named_once_below_the_table(facts: Facts) -> None:
    table = build_sensitivity(facts, endpoint=facts.protocol.endpoint_named("pfs"))
    assert " ".join(table.footnotes) == (
        "Intention to treat, unless the row names another population. "
        "No p value is corrected for the number of analyses."
    )
    assert not [row for row in table.rows if "Intention to treat" in row.cells[0]]


def test_each_analysis_says_its_patients_events_and_estimate(facts: Facts) -> None:
    table = build_sensitivity(facts, endpoint=facts.protocol.endpoint_named("pfs"))
    cells = row_named(table, "Censoring (FDA style)")
    result = facts.results.results["pfs_milestone_fda"]
    events = sum(arm.events for arm in result.arms)
    assert cells[0] == f"44 ({events})"
    assert cells[3].endswith("points")


def test_each_case_of_an_analysis_has_a_row(facts: Facts) -> None:
    table = build_sensitivity(facts, endpoint=facts.protocol.endpoint_named("pfs"))
    names = [row.cells[0].rpartition(", ")[2] for row in table.rows if not row.heading]
    cases = ["worst case", "best case"]

    assert [name for name in names if "factor" in name] == [
        f"factor {factor}" for factor in ("1", "1.5", "2", "3", "5")
    ]
    assert [name for name in names if name in cases] == cases
    worst = facts.results.results["pfs_extremes"].parts[0]
    shown = row_named(table, "Treatment policy (EMA style), worst case")[3]
    assert shown == write_comparison(worst.estimate, measure=worst.measure)


def test_survival_between_assessments_is_that_at_the_time_of_the_plan(facts: Facts) -> None:
    table = build_sensitivity(facts, endpoint=facts.protocol.endpoint_named("pfs"))
    heading = headings_of(table).index("Survival between assessments at 12 months")
    arms = facts.results.results["pfs_turnbull"].arms
    rows = [row.cells for row in table.rows]
    place = [row.cells[0] for row in table.rows].index(headings_of(table)[heading]) + 1

    told = tuple(write_probability(arm.estimates["survival_at_12"]) for arm in arms)
    assert rows[place][2:] == (*told, MISSING, MISSING)


def test_a_test_alone_has_a_p_value_and_a_dash_for_its_estimate(facts: Facts) -> None:
    assert _compared(facts, p_value=0.034)[3:] == (MISSING, "0.03")


def test_what_has_neither_estimate_nor_p_value_is_not_estimable(facts: Facts) -> None:
    assert _compared(facts, p_value=None)[3:] == ("not estimable", MISSING)


def _compared(facts: Facts, *, p_value: float | None) -> tuple[str, ...]:
    """The row of an analysis that has no estimate."""
    asked, own = "pfs_milestone_fda", facts.results.results
    bare = replace(own[asked], estimate=None, p_value=p_value)
    results = replace(facts.results, results={**own, asked: bare})
    endpoint = facts.protocol.endpoint_named("pfs")
    table = build_sensitivity(replace(facts, results=results), endpoint=endpoint)
    return row_named(table, "Censoring (FDA style)")


def test_an_endpoint_without_sensitivity_analyses_says_so(facts: Facts) -> None:
    table = build_sensitivity(facts, endpoint=facts.protocol.endpoint_named("os"))
    assert table.rows == ()
    assert table.empty == "No sensitivity analysis is planned."


def test_the_rules_stand_below_their_convention_in_their_own_order(facts: Facts) -> None:
    table = build_rules(facts.protocol.endpoint_named("pfs"))
    assert [column.heading for column in table.columns] == ["Rule", "What it says"]
    first = [row.cells[0] for row in table.rows[1:11]]
    assert headings_of(table)[:2] == [
        "Treatment policy (EMA style), primary",
        "Censoring (FDA style), sensitivity",
    ]
    assert first == "R1 R2 R3 R4 R5 R6 R7 R10 R11 R12".split()
    assert table.rows[7].cells[1] == "New anticancer therapy before progression: ignored"


def test_a_convention_based_on_another_says_only_what_differs(facts: Facts) -> None:
    table = build_rules(facts.protocol.endpoint_named("pfs"))
    names = [row.cells[0] for row in table.rows]
    place = names.index("No progression held, sensitivity: as “Treatment policy (EMA style)”, but")
    assert table.rows[place + 1].cells == (
        "R12",
        "The first progression by RECIST 1.1 counts; nothing is held",
    )
    assert table.rows[place + 2].heading


def test_a_rule_that_only_one_convention_words_stands_there(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    first = endpoint.convention[0].model_copy(update={"words": {"R99": "only here"}})
    odd = endpoint.model_copy(update={"convention": (first, endpoint.convention[1])})
    assert row_named(build_rules(odd), "R99") == ("Only here",)
