"""The baseline table shows how the arms looked, and nothing is tested in it."""

from dataclasses import replace

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.tables.baseline import build_baseline, codes_of, item_of
from equipoise.report.tables.summary import write_spread
from report.table_reading import headings_of, lines_of, row_named
from report.trial_values import build_small_trial, facts_of


def test_both_arms_and_all_have_a_column_with_the_reference_first(facts: Facts) -> None:
    table = build_baseline(facts)
    assert [column.heading for column in table.columns] == [
        "Characteristic",
        "Systemic therapy alone",
        "Systemic therapy plus SBRT",
        "All",
    ]
    assert row_named(table, "Patients") == ("22", "22", "44")


def test_strata_come_first_with_the_words_of_their_levels(facts: Facts) -> None:
    table = build_baseline(facts)
    assert headings_of(table)[:3] == [
        "Induced oligometastatic disease (stratum)",
        "Number of metastases (stratum)",
        "IMDC risk (stratum)",
    ]
    assert row_named(table, "4 or 5") == ("11 (50.0%)", "0 (0.0%)", "11 (25.0%)")


def test_a_number_is_shown_as_median_and_range_with_its_unit(facts: Facts) -> None:
    table = build_baseline(facts)
    assert row_named(table, "Age at consent, years")[2] == "55.5 (45 to 74)"
    assert row_named(table, "Disease-free interval, months")[0] == "14 (0 to 35)"


def test_an_aggregate_of_lesions_is_a_number_like_any_other(facts: Facts) -> None:
    assert row_named(build_baseline(facts), "Number of metastases at baseline")[2] == "3 (1 to 5)"


def test_codes_are_printed_in_the_words_of_the_protocol(facts: Facts) -> None:
    lines = lines_of(build_baseline(facts))
    assert any(line.startswith("  clear cell | ") for line in lines)
    assert not any("clear_cell" in line for line in lines)


def test_what_is_unknown_is_counted_and_leaves_the_percentages(facts: Facts) -> None:
    table = build_baseline(facts)
    assert row_named(table, "resected") == ("18 (100.0%)", "19 (100.0%)", "37 (100.0%)")
    assert row_named(table, "unknown") == ("4", "3", "7")


def test_no_test_of_balance_is_made(facts: Facts) -> None:
    table = build_baseline(facts)
    assert "No test of balance" in table.footnotes[0]
    assert "p" not in [column.heading for column in table.columns]


def test_a_value_outside_the_code_list_is_shown_as_it_is(facts: Facts) -> None:
    odd = facts.subjects.with_columns(diag__histology=pl.lit("other thing"))
    table = build_baseline(replace(facts, subjects=odd))
    assert row_named(table, "other thing")[2] == "44 (100.0%)"


def test_a_variable_that_is_all_unknown_says_so(facts: Facts) -> None:
    empty = facts.subjects.with_columns(
        dm__age_years=pl.lit(None, dtype=pl.Int64), dm__sex=pl.lit(None, dtype=pl.String)
    )
    table = build_baseline(replace(facts, subjects=empty))
    assert row_named(table, "Age at consent, years") == ("–", "–", "–")
    assert row_named(table, "unknown") == ("22", "22", "44")


def test_subjects_that_were_not_randomised_are_not_in_the_table(facts: Facts) -> None:
    first = facts.subjects["subject"][0]
    date = pl.when(pl.col("subject") != first).then(pl.col("randomised_date"))
    table = build_baseline(replace(facts, subjects=facts.subjects.with_columns(date)))
    assert row_named(table, "Patients")[2] == "43"


def test_a_trial_without_subjects_has_a_table_of_zeros() -> None:
    table = build_baseline(facts_of(build_small_trial(subjects=0)))
    assert row_named(table, "Patients") == ("0", "0", "0")
    assert row_named(table, "Age at consent, years") == ("–", "–", "–")


def test_a_yes_or_no_variable_has_both_answers(facts: Facts) -> None:
    with_answer = facts.protocol.model_copy(
        update={
            "baseline": (
                facts.protocol.baseline[0].model_copy(
                    update={"form": "omd", "item": "poly_history", "label": "Many before"}
                ),
            )
        }
    )
    subjects = facts.subjects.with_columns(omd__poly_history=pl.col("imdc") == "fav")
    table = build_baseline(replace(facts, protocol=with_answer, subjects=subjects))
    assert "Many before" in headings_of(table)
    assert row_named(table, "yes")[2] == "18 (40.9%)"
    assert row_named(table, "no")[2] == "26 (59.1%)"


def test_items_and_their_codes_are_found_in_the_protocol(facts: Facts) -> None:
    sex = item_of(facts.protocol, form="dm", item="sex")
    assert sex is not None
    assert codes_of(facts.protocol, item=sex) == {"M": "male", "F": "female"}
    assert item_of(facts.protocol, form="omd", item="n_lesions") is None


def test_a_spread_keeps_whole_numbers_whole_except_a_median_between_two() -> None:
    assert write_spread(pl.Series([1, 2, 3])) == "2 (1 to 3)"
    assert write_spread(pl.Series([57, 58, 34, 75])) == "57.5 (34 to 75)"
    assert write_spread(pl.Series([0.5, 1.0])) == "0.8 (0.5 to 1.0)"
    assert write_spread(pl.Series([0.9, 1.0]), factor=100, digits=0) == "95 (90 to 100)"
    assert write_spread(pl.Series([None], dtype=pl.Int64)) == "–"
