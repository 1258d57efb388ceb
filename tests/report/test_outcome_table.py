"""The table of an endpoint: counts, then a row an analysis, with the method below."""

from dataclasses import replace

import pytest

from equipoise.analysis.result import ArmResult, Estimate, Result
from equipoise.protocol.methods.families import METHODS
from equipoise.report.facts import Facts, analyses_of
from equipoise.report.shell import Table
from equipoise.report.tables.outcome import ORDER, build_outcome, warnings_of
from report.table_reading import row_named
from report.trial_values import build_small_trial, facts_of, only_arm


def table_of(facts: Facts, endpoint: str) -> Table:
    """The table of an endpoint with every planned analysis."""
    return build_outcome(
        facts,
        endpoint=facts.protocol.endpoint_named(endpoint),
        planned=analyses_of(facts, endpoint=endpoint),
        table_id=endpoint,
    )


def test_the_counts_of_the_first_analysis_come_first(facts: Facts) -> None:
    table = table_of(facts, "os")
    result = facts.results.results["os_logrank"]
    assert row_named(table, "Patients")[:2] == tuple(str(arm.n) for arm in result.arms)
    assert row_named(table, "Events")[0].startswith(f"{result.arms[0].events} (")
    assert "Median follow-up, months" in [row.cells[0] for row in table.rows]


def test_lesions_are_counted_with_their_patients(facts: Facts) -> None:
    cells = row_named(table_of(facts, "lc"), "Lesions (patients)")
    arm = facts.results.results["lc_cif"].arms[0]
    assert cells[0] == f"{arm.n} ({arm.subjects})"
    assert arm.n > arm.subjects


def test_competing_events_are_counted(facts: Facts) -> None:
    assert row_named(table_of(facts, "ttnt"), "Competing events")[0].isdigit()


def test_each_time_of_an_analysis_has_a_row(facts: Facts) -> None:
    names = [row.cells[0] for row in table_of(facts, "os").rows]
    assert [name for name in names if name.startswith("Probability")] == [
        "Probability at 12 months",
        "Probability at 24 months",
        "Probability at 36 months",
    ]


def test_the_row_of_a_milestone_is_that_of_the_result(facts: Facts) -> None:
    cells = row_named(table_of(facts, "pfs"), "Probability at 12 months")
    result = facts.results.results["pfs_milestone"]
    assert result.estimate is not None
    first = result.arms[0].estimates["survival"]
    assert first.value is not None
    assert cells[0].startswith(f"{100 * first.value:.1f}%")
    assert cells[2].endswith("points")
    assert cells[2].startswith(f"{100 * (result.estimate.value or 0):.1f} (")


def test_the_hazard_ratio_stands_in_the_comparison_alone(facts: Facts) -> None:
    cells = row_named(table_of(facts, "pfs"), "Hazard ratio, stratified")
    ratio = facts.results.results["pfs_cox"].estimate
    assert ratio is not None
    assert cells[:2] == ("", "")
    assert cells[2].startswith(f"{ratio.value:.2f} (")


def test_the_log_rank_test_has_a_p_value_only(facts: Facts) -> None:
    cells = row_named(table_of(facts, "pfs"), "Log-rank test, stratified")
    assert cells[:3] == ("", "", "")
    assert cells[3]


def test_a_median_is_told_by_arm_and_not_compared(facts: Facts) -> None:
    cells = row_named(table_of(facts, "pfs"), "Median, months")
    assert cells[2:] == ("", "")
    assert "(" in cells[0]


def test_risks_are_told_by_window_with_events_and_patients(facts: Facts) -> None:
    cells = row_named(table_of(facts, "acute_g3"), "Patients with the event, day 1 to 183")
    arm = facts.results.results["acute_risk"].arms[0]
    assert cells[0].startswith(f"{arm.events}/{arm.n}, ")
    names = [row.cells[0] for row in table_of(facts, "acute_g3").rows]
    assert "Patients with the event, day 92 to 183, as registered" in names


def test_the_incidence_of_a_window_is_named_by_its_days(facts: Facts) -> None:
    names = [row.cells[0] for row in table_of(facts, "chronic_g3").rows]
    assert "Incidence, day 365 to 1096" in names


def test_an_arm_that_an_analysis_leaves_out_has_dashes(facts: Facts) -> None:
    table = table_of(facts, "lc_sbrt")
    assert row_named(table, "Lesions (patients)")[0] == "–"
    assert row_named(table, "Incidence at 12 months")[0] == "–"
    assert row_named(table, "Incidence at 12 months")[2] == "not estimable"


def test_the_method_of_each_analysis_stands_below_with_its_alpha(facts: Facts) -> None:
    notes = table_of(facts, "pfs").footnotes
    assert any("Two-sided alpha 0.05." in note for note in notes)
    assert any(note.startswith("Hazard ratio: Cox model, Efron ties") for note in notes)
    assert len(notes) == len(set(notes))


def test_an_endpoint_without_a_planned_analysis_says_so(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("os")
    table = build_outcome(facts, endpoint=endpoint, planned=(), table_id="os")
    assert table.rows == ()
    assert table.empty == "No analysis of this endpoint is planned."


@pytest.mark.parametrize("endpoint", ["pfs", "os", "lc", "ttnt"])
def test_one_arm_alone_gives_a_table_without_comparison(endpoint: str) -> None:
    alone = facts_of(only_arm(build_small_trial(subjects=20), arm="B"))
    table = table_of(alone, endpoint)
    compared = [row.cells[3] for row in table.rows if row.cells[3]]
    assert set(compared) <= {"not estimable"}


def test_every_method_has_a_place_in_the_order_of_print() -> None:
    assert set(ORDER) <= set(METHODS)


def test_warnings_are_told_once(facts: Facts) -> None:
    planned = analyses_of(facts, endpoint="pfs")
    doubled = tuple((a, replace(r, warnings=("twice", "twice"))) for a, r in planned)
    assert warnings_of(doubled) == ("twice",)


def test_three_arms_give_a_row_for_each_comparison(facts: Facts) -> None:
    analysis, result = analyses_of(facts, endpoint="os")[1]
    ratio = Estimate(value=0.5, lower=0.2, upper=0.9)
    parts = tuple(
        replace(result, estimate=ratio, arms=(result.arms[0], ArmResult(arm=name, n=9, events=1)))
        for name in ("B", "C")
    )
    three: Result = replace(
        result, arms=(*result.arms, ArmResult(arm="C", n=9, events=1)), parts=parts, estimate=None
    )
    endpoint = facts.protocol.endpoint_named("os")
    table = build_outcome(facts, endpoint=endpoint, planned=((analysis, three),), table_id="x")
    assert row_named(table, "Hazard ratio, stratified", nth=1)[2] == "0.50 (0.20 to 0.90)"


def test_a_method_that_the_report_does_not_know_has_a_plain_row(facts: Facts) -> None:
    analysis, result = analyses_of(facts, endpoint="os")[0]
    endpoint = facts.protocol.endpoint_named("os")
    arms = tuple(
        replace(arm, estimates={**arm.estimates, "rate": Estimate(value=0.456, lower=0.2)})
        for arm in result.arms
    )
    rate = replace(
        result,
        measure="rate_ratio",
        arm_measure="rate",
        arms=arms,
        estimate=Estimate(value=0.5, lower=0.25, upper=0.75),
        p_value=0.04,
    )
    asked = analysis.model_copy(update={"method": "rate_ratio", "covariates": ("imdc",)})
    table = build_outcome(facts, endpoint=endpoint, planned=((asked, rate),), table_id="x")
    cells = row_named(table, "Ratio of rates, stratified, adjusted")
    assert cells == ("0.46 (0.20 to NE)",) * 2 + ("0.50 (0.25 to 0.75)", "0.04")


def test_a_test_of_all_arms_has_one_row_and_no_comparison(facts: Facts) -> None:
    analysis, result = analyses_of(facts, endpoint="os")[0]
    third = ArmResult(arm="C", n=9, events=1)
    three = replace(result, arms=(*result.arms, third), p_value=0.04)
    asked = analysis.model_copy(update={"method": "logrank_all_arms", "stratified": False})
    endpoint = facts.protocol.endpoint_named("os")
    table = build_outcome(facts, endpoint=endpoint, planned=((asked, three),), table_id="x")
    assert row_named(table, "Log-rank test of all arms")[2:] == ("", "0.04")


def test_cases_at_one_time_are_told_apart(facts: Facts) -> None:
    analysis, result = analyses_of(facts, endpoint="os")[0]
    asked = analysis.model_copy(update={"method": "leave_one_site_out", "stratified": False})
    parts = tuple(
        replace(result, name=f"x/without {site}", at=12.0, parts=()) for site in ("01", "02")
    )
    whole = replace(result, parts=parts, at=12.0)
    endpoint = facts.protocol.endpoint_named("os")
    table = build_outcome(facts, endpoint=endpoint, planned=((asked, whole),), table_id="x")
    names = [row.cells[0] for row in table.rows]
    assert "Each site left out at 12 months, without 01" in names
    assert "Each site left out at 12 months, without 02" in names
