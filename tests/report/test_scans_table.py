"""Scans by visit: expected, done, adequate, on time, in both arms alike."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.tables.scans import build_scans
from report.table_reading import row_named
from report.trial_rows import START

M3 = START + timedelta(days=84)  # days of the schedule count from randomisation, day 0


def facts_of_one(facts: Facts, *, last: date, progression: date | None = None) -> Facts:
    """The facts with one subject of the control arm, followed until `last`."""
    own = pl.col("subject") == "01-001"
    times = facts.times.filter(own & (pl.col("endpoint") == "pfs"))
    ended = times.with_columns(
        end_date=pl.lit(progression or last), cause=pl.lit(1 if progression else 0, dtype=pl.Int8)
    )
    subjects = facts.subjects.filter(own).with_columns(
        last_alive_date=pl.lit(last), death_date=pl.lit(None, dtype=pl.Date)
    )
    return replace(facts, subjects=subjects, times=ended, assessments=facts.assessments.head(0))


def with_scan(facts: Facts, *, day: date, adequate: bool = True) -> Facts:
    """The same with one scan of month 3."""
    scan = pl.DataFrame(
        {"subject": ["01-001"], "visit": ["M3"], "first_date": [day], "adequate": [adequate]}
    )
    return replace(facts, assessments=scan)


def test_nobody_is_expected_before_the_window_of_the_visit_has_closed(facts: Facts) -> None:
    assert build_scans(facts_of_one(facts, last=M3 + timedelta(days=6))).rows == ()
    assert build_scans(facts_of_one(facts, last=M3 + timedelta(days=7))).rows != ()


def test_nobody_is_expected_after_progression(facts: Facts) -> None:
    late = M3 + timedelta(days=400)
    table = build_scans(facts_of_one(facts, last=late, progression=M3 - timedelta(days=30)))
    assert table.rows == ()


def test_an_expected_scan_that_is_not_there_is_missing(facts: Facts) -> None:
    table = build_scans(facts_of_one(facts, last=M3 + timedelta(days=20)))
    assert row_named(table, "Month 3")[:4] == ("1", "0 (0.0%)", "0 (0.0%)", "–")


def test_a_scan_is_done_and_adequate_and_so_many_days_from_plan(facts: Facts) -> None:
    one = facts_of_one(facts, last=M3 + timedelta(days=20))
    early = with_scan(one, day=M3 - timedelta(days=4))
    assert row_named(build_scans(early), "Month 3")[:4] == (
        "1",
        "1 (100.0%)",
        "1 (100.0%)",
        "−4 (−4 to −4)",
    )
    poor = with_scan(one, day=M3, adequate=False)
    assert row_named(build_scans(poor), "Month 3")[1:3] == ("1 (100.0%)", "0 (0.0%)")


def test_the_other_arm_has_its_own_columns(facts: Facts) -> None:
    table = build_scans(facts_of_one(facts, last=M3 + timedelta(days=20)))
    assert row_named(table, "Month 3")[4:] == ("0", "0", "0", "–")
    assert [name for name, _ in table.groups] == [
        "",
        "Systemic therapy alone",
        "Systemic therapy plus SBRT",
    ]


def test_visits_follow_the_schedule_of_the_protocol(facts: Facts) -> None:
    names = [row.cells[0] for row in build_scans(facts).rows]
    assert names[:4] == ["Month 3", "Month 6", "Month 9", "Month 12"]


def test_a_trial_before_its_first_scan_says_so(facts: Facts) -> None:
    empty = replace(facts, subjects=facts.subjects.head(0))
    assert build_scans(empty).empty == "No assessment was expected before the data cut."
