"""Adverse events: each patient once a term, at the worst grade, in the arm treated."""

from dataclasses import replace

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.tables.adverse_events import build_worst_grades, safety_members
from report.table_reading import headings_of, row_named

EVENTS = """
01-001 | Fatigue     | General disorders          | 2
01-001 | Diarrhea    | Gastrointestinal disorders | 3
02-002 | Fatigue     | General disorders          | 1
02-002 | Pneumonitis | Respiratory disorders      | 5
"""


def facts_with(facts: Facts, text: str) -> Facts:
    """The facts with only these adverse events: subject, term, class, grade."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    grades = pl.DataFrame(
        [[subject, term, group, int(grade)] for subject, term, group, grade in lines],
        schema={"subject": pl.String, "term": pl.String, "soc": pl.String, "grade": pl.Int64},
        orient="row",
    )
    return replace(facts, worst_grades=grades)


def test_a_patient_is_counted_once_a_term_at_the_worst_grade(facts: Facts) -> None:
    table = build_worst_grades(facts_with(facts, EVENTS), table_id="x", every_term=True)
    control = row_named(table, "Fatigue")[:4]
    assert control == ("1 (4.2%)", "0", "0", "0")
    assert row_named(table, "Pneumonitis")[4:] == ("0", "0", "0", "1 (5.0%)")


def test_two_records_of_one_term_count_at_the_worse_grade(facts: Facts) -> None:
    twice = EVENTS + "01-001 | Fatigue | General disorders | 4\n"
    table = build_worst_grades(facts_with(facts, twice), table_id="x", every_term=True)
    assert row_named(table, "Fatigue")[:4] == ("0", "0", "1 (4.2%)", "0")


def test_any_adverse_event_counts_each_patient_once(facts: Facts) -> None:
    table = build_worst_grades(facts_with(facts, EVENTS), table_id="x", every_term=True)
    assert row_named(table, "Any adverse event")[:4] == ("0", "1 (4.2%)", "0", "0")
    assert row_named(table, "Any adverse event")[7] == "1 (5.0%)"


def test_terms_stand_under_their_class(facts: Facts) -> None:
    table = build_worst_grades(facts_with(facts, EVENTS), table_id="x", every_term=True)
    assert headings_of(table) == [
        "Gastrointestinal disorders",
        "General disorders",
        "Respiratory disorders",
    ]


def test_the_main_table_has_common_or_severe_terms_only(facts: Facts) -> None:
    rare = "01-001 | Hiccups | Respiratory disorders | 1\n03-003 | Gastritis | GI | 3\n"
    main = build_worst_grades(facts_with(facts, rare), table_id="x", every_term=False)
    names = [row.cells[0] for row in main.rows]
    assert "Gastritis" in names
    assert "Hiccups" not in names
    every = build_worst_grades(facts_with(facts, rare), table_id="x", every_term=True)
    assert "Hiccups" in [row.cells[0] for row in every.rows]


def test_a_class_without_a_term_to_show_has_no_heading(facts: Facts) -> None:
    rare = "01-001 | Hiccups | Respiratory disorders | 1"
    main = build_worst_grades(facts_with(facts, rare), table_id="x", every_term=False)
    assert headings_of(main) == []


def test_patients_are_counted_in_the_arm_treated(facts: Facts) -> None:
    members = safety_members(facts)
    sizes = dict(members.group_by("arm").len().iter_rows())
    assert sizes == {"A": 24, "B": 20}  # two allocated to SBRT never had it
    table = build_worst_grades(facts, table_id="x", every_term=False)
    assert table.groups[1:] == (
        ("Systemic therapy alone (24)", 4),
        ("Systemic therapy plus SBRT (20)", 4),
    )


def test_without_a_safety_population_all_randomised_are_counted(facts: Facts) -> None:
    kept = tuple(p for p in facts.protocol.population if p.id != "safety")
    protocol = facts.protocol.model_copy(update={"population": kept})
    members = safety_members(replace(facts, protocol=protocol))
    assert members.height == 44


def test_no_adverse_event_at_all_is_said_in_words(facts: Facts) -> None:
    none = replace(facts, worst_grades=facts.worst_grades.head(0))
    table = build_worst_grades(none, table_id="x", every_term=False)
    assert table.rows == ()
    assert table.empty == "No adverse event is recorded."


def test_a_term_without_a_class_is_unclassified(facts: Facts) -> None:
    events = facts_with(facts, EVENTS)
    bare = events.worst_grades.with_columns(soc=pl.lit(None, dtype=pl.String))
    table = build_worst_grades(replace(events, worst_grades=bare), table_id="x", every_term=True)
    assert headings_of(table) == ["Unclassified"]
