"""Events of special interest, rates per patient-time, worst grades by class and from SBRT."""

from dataclasses import replace

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.tables.adverse_events import (
    ANY_OF_CLASS,
    build_sbrt_related,
    build_worst_grades,
)
from equipoise.report.tables.event_rates import build_event_rates, build_special_interest
from report.table_reading import headings_of, row_named


def test_every_group_of_the_protocol_has_its_rows(facts: Facts) -> None:
    table = build_special_interest(facts)
    assert headings_of(table) == [group.label for group in facts.protocol.aesi]
    names = [row.cells[0] for row in table.rows if not row.heading]
    each = ["Any grade", "Grade 3 or higher", "First day", "First events per 100 patient-years"]
    assert names == each * len(facts.protocol.aesi)


def test_patients_of_a_group_are_counted_by_the_arm_treated(facts: Facts) -> None:
    """Every fourth subject, all of even number: arm A."""
    table = build_special_interest(facts)
    any_grade = [row.cells[1:] for row in table.rows if row.cells[0] == "Any grade"]
    pneumonitis, hepatitis = any_grade[0], any_grade[6]
    own = facts.special_interest.filter(pl.col("treated_arm") == "A")["group"].to_list()
    assert pneumonitis[0].startswith(f"{own.count('pneumonitis')} (")
    assert hepatitis[0].startswith(f"{own.count('hepatitis')} (")
    assert pneumonitis[1] == "0"


def test_a_rate_is_first_events_over_patient_years(facts: Facts) -> None:
    table = build_event_rates(facts)
    cells = row_named(table, "Any adverse event")
    at_risk = facts.time_at_risk.filter(pl.col("treated_arm") == "A")
    had = facts.worst_grades.filter(pl.col("treated_arm") == "A").group_by("subject")
    first = had.agg(pl.col("onset_date").min()).join(at_risk, on="subject")
    spared = sum((first["end_date"] - first["onset_date"]).dt.total_days().to_list())
    years = (sum(at_risk["days"].to_list()) - spared) / 365.25
    assert cells[0].startswith(
        f"{first.height} in {years:.1f} y: {100 * first.height / years:.1f} ("
    )


def test_rates_stand_for_any_and_for_severe_grades_by_class(facts: Facts) -> None:
    table = build_event_rates(facts)
    assert headings_of(table) == ["Any grade", "Grade 3 or higher"]
    names = [row.cells[0] for row in table.rows]
    assert names[1:5] == [
        "Any adverse event",
        "Gastrointestinal disorders",
        "Diarrhea",
        "General disorders",
    ]


def test_a_class_counts_each_patient_once_at_the_worst_of_its_terms(facts: Facts) -> None:
    rows = [("01-001", "Colitis", 2), ("01-001", "Nausea", 4), ("02-002", "Nausea", 1)]
    grades = pl.DataFrame(
        [(s, t, "GI", g) for s, t, g in rows],
        schema={"subject": pl.String, "term": pl.String, "soc": pl.String, "grade": pl.Int64},
        orient="row",
    )
    table = build_worst_grades(replace(facts, worst_grades=grades), table_id="x", every_term=True)
    assert row_named(table, ANY_OF_CLASS)[:4] == ("0", "0", "1 (4.2%)", "0")


def test_what_is_related_to_sbrt_has_a_table_of_its_own(facts: Facts) -> None:
    table = build_sbrt_related(facts)
    related = facts.worst_grades.drop_nulls("sbrt_grade")
    in_sbrt_arm = related.filter(pl.col("treated_arm") == "B")["subject"].n_unique()
    assert row_named(table, "Any adverse event")[4].startswith(f"{in_sbrt_arm} (")
    none = facts.worst_grades.with_columns(sbrt_grade=pl.lit(None, dtype=pl.Int64))
    empty = build_sbrt_related(replace(facts, worst_grades=none))
    assert not empty.rows
    assert "related to SBRT" in empty.empty


def test_without_events_or_groups_the_tables_say_so(facts: Facts) -> None:
    none = replace(facts, worst_grades=facts.worst_grades.head(0))
    assert build_event_rates(none).rows == ()
    protocol = facts.protocol.model_copy(update={"aesi": ()})
    assert build_special_interest(replace(facts, protocol=protocol)).rows == ()
