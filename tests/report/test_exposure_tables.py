"""Treatment as delivered: systemic therapy, SBRT, and what came after."""

from dataclasses import replace

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.tables.exposure import build_later, build_sbrt, build_systemic
from report.table_reading import headings_of, row_named


def test_each_regimen_is_counted_by_patient_and_not_by_agent(facts: Facts) -> None:
    table = build_systemic(facts)
    assert row_named(table, "Any systemic therapy") == ("22 (100.0%)", "22 (100.0%)")
    assert row_named(table, "pembrolizumab + axitinib") == ("8 (36.4%)", "7 (31.8%)")


def test_each_agent_says_duration_intensity_and_reductions(facts: Facts) -> None:
    table = build_systemic(facts)
    assert headings_of(table)[:3] == ["Regimen", "Pembrolizumab", "Axitinib"]
    assert row_named(table, "Relative dose intensity, %")[0] == "95 (90 to 100)"
    assert row_named(table, "Duration, days")[0].startswith("247 (100 to ")


def test_holds_around_sbrt_are_told_for_agents_that_were_held(facts: Facts) -> None:
    table = build_systemic(facts)
    names = [row.cells[0] for row in table.rows]
    assert names.count("Held around SBRT") == 1
    assert row_named(table, "Held around SBRT") == ("0", "7 (31.8%)")
    assert row_named(table, "Days held around SBRT") == ("–", "9 (9 to 9)")


def test_sbrt_says_lesions_dose_and_timing(facts: Facts) -> None:
    table = build_sbrt(facts)
    assert row_named(table, "Patients with at least one fraction") == ("0", "20 (90.9%)")
    assert row_named(table, "Lowest BED10 of a patient, Gy") == ("–", "60 (60 to 60)")
    assert row_named(table, "Days from first to last fraction") == ("–", "8 (8 to 8)")


def test_sbrt_that_started_late_is_counted_by_the_protocol(facts: Facts) -> None:
    late = facts.sbrt.filter(pl.col("start_lag_days") > 28).height
    cells = row_named(build_sbrt(facts), "Started later than day 28")
    assert cells[1].startswith(f"{late} (")


def test_sbrt_in_the_control_arm_is_seen(facts: Facts) -> None:
    moved = facts.sbrt.with_columns(allocated_arm=pl.lit("A"))
    table = build_sbrt(replace(facts, sbrt=moved))
    assert row_named(table, "Patients with at least one fraction") == ("20 (90.9%)", "0")


def test_sbrt_says_how_many_lesions_kept_each_limit(facts: Facts) -> None:
    """Odd numbers below 44 but two, a lesion each; every fifth broken off, every seventh late."""
    table = build_sbrt(facts)
    own = facts.dose.filter(pl.col("allocated_arm") == "B")
    whole = own.filter("ablative").height
    late = own.filter(pl.col("verdict_completion") == "minor").height
    outside = own.filter(pl.col("library") == "outside").height

    def told(name: str) -> str:
        cells = row_named(table, name)
        assert cells[0] == "–"
        return cells[1].split(" (")[0]

    assert own.height == 20
    assert told("Prescription of the library") == str(20 - outside)
    assert told("BED10 given at least 59 Gy") == str(whole)
    assert told("Complete by day 56") == str(whole - late)
    assert told("At most 14 days from first to last fraction") == "20"
    assert told("At least 18 hours between fractions") == "20"
    assert 0 < late < whole < 20


def test_patients_with_everything_as_the_protocol_says_are_counted_of_those_randomised(
    facts: Facts,
) -> None:
    kept = facts.adherence.filter(pl.col("verdict") == "per_protocol").height
    cells = row_named(build_sbrt(facts), "Patients with everything as the protocol says")
    assert cells == ("0", f"{kept} ({100 * kept / 22:.1f}%)")


def test_a_protocol_without_radiotherapy_has_no_row_of_late_starts(facts: Facts) -> None:
    protocol = facts.protocol.model_copy(update={"radiotherapy": None})
    names = [row.cells[0] for row in build_sbrt(replace(facts, protocol=protocol)).rows]
    assert not any(name.startswith("Started later") for name in names)


def test_stops_are_told_with_their_reason_in_words(facts: Facts) -> None:
    table = build_later(facts)
    assert row_named(table, "Systemic therapy of the trial stopped") == ("11 (50.0%)", "0")
    assert row_named(table, "toxicity") == ("6 (27.3%)", "0")


def test_later_lines_and_local_therapy_are_counted(facts: Facts) -> None:
    table = build_later(facts)
    assert row_named(table, "A later systemic line")[0] == "14 (63.6%)"
    assert row_named(table, "two or more")[0] == "7 (31.8%)"
    assert row_named(table, "Local therapy outside the protocol") == ("6 (27.3%)", "0")


def test_a_trial_before_treatment_says_that_nothing_is_recorded(facts: Facts) -> None:
    bare = replace(
        facts,
        exposure=facts.exposure.head(0),
        sbrt=facts.sbrt.head(0),
        later_lines=facts.later_lines.head(0),
        flow=facts.flow.head(0),
    )
    assert build_systemic(bare).rows == ()
    assert build_sbrt(bare).empty == "No SBRT is recorded."
    assert build_later(bare).rows == ()


def test_a_regimen_outside_the_code_list_is_shown_as_it_is(facts: Facts) -> None:
    odd = facts.exposure.with_columns(regimen=pl.lit("new_drug"))
    assert row_named(build_systemic(replace(facts, exposure=odd)), "new_drug")[0] == "22 (100.0%)"


def test_unknown_doses_leave_a_dash(facts: Facts) -> None:
    unknown = facts.exposure.with_columns(relative_dose_intensity=pl.lit(None, dtype=pl.Float64))
    table = build_systemic(replace(facts, exposure=unknown))
    assert row_named(table, "Relative dose intensity, %") == ("–", "–")
