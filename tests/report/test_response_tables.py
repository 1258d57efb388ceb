"""Best overall response and pattern of progression, counted again from a few made rows."""

from dataclasses import replace

import polars as pl
import pytest

from equipoise.derive.schemas import BEST_RESPONSES, PROGRESSION_PATTERNS, Schema
from equipoise.report.facts import Facts
from equipoise.report.tables.response import build_best_response, build_progression_pattern
from report.table_reading import headings_of, row_named

Said = dict[str, list[str]]
BEST: Said = {"A": ["CR", "PR", "PR", "SD", "PD", "NE"], "B": ["CR", "CR", "PR", "PR", "PR", "SD"]}
CONFIRMED: Said = {
    "A": ["CR", "SD", "PR", "SD", "PD", "NE"],
    "B": ["CR", "CR", "PR", "PR", "SD", "SD"],
}
FIRST: dict[str, list[tuple[str, str | None]]] = {
    "A": [("local", "oligo"), ("local", "poly"), ("distant_new", "oligo"), ("death", None)],
    "B": [("distant_new", "oligo"), ("mixed", "poly"), ("distant_existing", "oligo")],
}


def rows_of(schema: Schema, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Made rows with the arm beside them, as the facts hold them."""
    return pl.DataFrame(rows, schema={**schema, "allocated_arm": pl.String()})


@pytest.fixture(name="made", scope="module")
def _made(facts: Facts) -> Facts:
    best: list[dict[str, object]] = [
        {
            "subject": f"{arm}{number}",
            "allocated_arm": arm,
            "confirmation": version,
            "best_response": code,
            "days_to_response": 85 + number if code in ("CR", "PR") else None,
            "best_change_percent": -10.0 * number,
        }
        for version, arms in (("none", BEST), ("confirmed", CONFIRMED))
        for arm, codes in arms.items()
        for number, code in enumerate(codes)
    ]
    first: list[dict[str, object]] = [
        {"subject": f"{arm}{number}", "allocated_arm": arm, "pattern": pattern, "extent": extent}
        for arm, rows in FIRST.items()
        for number, (pattern, extent) in enumerate(rows)
    ]
    return replace(
        facts,
        best_responses=rows_of(BEST_RESPONSES, best),
        progression_patterns=rows_of(PROGRESSION_PATTERNS, first),
    )


def test_every_response_is_counted_among_all_randomised(made: Facts) -> None:
    table = build_best_response(made)
    assert headings_of(table) == ["Without confirmation", "With confirmation"]
    assert row_named(table, "Complete response") == ("1 (4.5%)", "2 (9.1%)", "")
    assert row_named(table, "Partial response") == ("2 (9.1%)", "3 (13.6%)", "")
    assert row_named(table, "Partial response", nth=1) == ("1 (4.5%)", "2 (9.1%)", "")
    assert row_named(table, "Stable disease", nth=1) == ("2 (9.1%)", "2 (9.1%)", "")


def test_responses_that_nobody_has_are_listed_unless_they_are_rare(made: Facts) -> None:
    names = [row.cells[0] for row in build_best_response(made).rows]
    assert names.count("Not evaluable, or not assessed") == 2
    assert not [name for name in names if "No evidence" in name or "Neither" in name]


def test_objective_response_and_disease_control_have_a_difference(made: Facts) -> None:
    table = build_best_response(made)
    objective = row_named(table, "Objective response (CR or PR)")
    assert objective[:2] == ("3 (13.6%)", "5 (22.7%)")
    assert objective[2].startswith("9.1 (−15.")
    assert objective[2].endswith(" points")
    assert row_named(table, "Disease control")[:2] == ("4 (18.2%)", "6 (27.3%)")


def test_days_to_response_and_depth_are_those_without_confirmation(made: Facts) -> None:
    table = build_best_response(made)
    assert row_named(table, "Days to first response, median (range)")[0] == "86 (85 to 87)"
    change = row_named(table, "Best change of the sum, per cent, median (range)")
    assert change[0] == "−25.0 (−50.0 to 0.0)"


def test_patterns_are_counted_with_their_extent(made: Facts) -> None:
    table = build_progression_pattern(made)
    assert row_named(table, "Local: index lesions or inside their fields") == (
        "2 (9.1%)",
        "0 (0.0%)",
    )
    assert row_named(table, "Death without progression") == ("1 (4.5%)", "0 (0.0%)")
    oligo = row_named(table, "Oligoprogression: at most 3 new or growing lesions")
    assert oligo == ("2 (9.1%)", "2 (9.1%)")
    assert row_named(table, "Polyprogression: more than 3") == ("1 (4.5%)", "1 (4.5%)")


def test_an_arm_without_patients_has_no_difference(made: Facts) -> None:
    nobody = replace(made, subjects=made.subjects.filter(pl.col("allocated_arm") == "A"))
    assert row_named(build_best_response(nobody), "Disease control") == ("4 (18.2%)", "6", "–")


def test_a_trial_without_anybody_has_its_tables(facts: Facts) -> None:
    for build in (build_best_response, build_progression_pattern):
        assert build(facts).rows
