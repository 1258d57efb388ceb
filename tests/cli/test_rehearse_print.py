"""A summary by hand as the terminal shows it."""

from dataclasses import replace

import pytest

from equipoise.cli.rehearse_print import print_summary
from equipoise.design.answers import COMPARISON, FAMILY, Line
from equipoise.design.expected_course import Spread
from equipoise.design.operating_summary import (
    CutSummary,
    LineSummary,
    Months,
    MonthSummary,
    Summary,
)
from equipoise.numerics.shares.proportions import Proportion
from simulate.rehearsed import trial

COUNT = Spread(median=50, low=40, high=60, total=500)
FEW = Spread(median=3, low=1, high=6, total=30)
NONE = Spread(median=0, low=0, high=0, total=0)
MILESTONE = LineSummary(
    line=Line(
        cut="DC1",
        analysis="pfs_milestone",
        name="pfs_milestone",
        of=COMPARISON,
        measure="survival_difference",
    ),
    role="primary",
    at=12.0,
    alpha=0.05,
    unanswered=0.0,
    rejected=Proportion(value=0.044, lower=0.0322, upper=0.0586),
    mean=0.0012,
    spread=0.1,
    truth=-0.0004,
    truth_error=0.002,
    bias=0.0016,
    bias_error=0.0033,
    covered=Proportion(value=0.95, lower=0.9346, upper=0.9627),
    below=0.03,
    above=0.02,
)
SILENT = replace(
    MILESTONE,
    line=replace(MILESTONE.line, analysis="pfs_median", name="pfs_median", of="B"),
    role="supportive",
    unanswered=0.125,
    rejected=None,
    mean=16.5,
    truth=None,
    bias=None,
    bias_error=None,
    covered=None,
)
ARM = replace(MILESTONE, line=replace(MILESTONE.line, of="A"), rejected=None)
ANY = replace(
    MILESTONE,
    line=replace(MILESTONE.line, cut="", analysis=FAMILY, name="any"),
    role=FAMILY,
)
SUMMARY = Summary(
    scenario="null",
    seed=3,
    trials=10,
    large_trials=10,
    is_null=True,
    lines=(MILESTONE, ARM, SILENT),
    last_subject=Months(median=40.25, low=30.0, high=52.5),
    cuts=(
        CutSummary(
            cut="DC1",
            months=Months(median=52.25, low=42.0, high=64.5),
            events={"pfs": COUNT, "dor": FEW},
            died=COUNT,
            left={"lost": FEW},
            due=replace(COUNT, median=400, total=4000),
            missed_scans=replace(FEW, total=160),
            missed=0.04,
        ),
    ),
    course=(MonthSummary(month=6, randomised=FEW, events={"pfs": NONE, "dor": NONE}),),
)


def shown(summary: Summary, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_summary(summary, trial())
    return capsys.readouterr().out.splitlines()


def test_the_primary_test_is_told_first_with_its_error(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(SUMMARY, capsys)

    assert lines[0].endswith(
        "10 trials of 88 subjects, rehearsed by scenario null (seed 3). No patient is behind them."
    )
    assert (
        "The primary test (pfs_milestone, two-sided 0.05) rejects in 4.4 % (3.2 to 5.9) of the "
        "trials: its type I error."
    ) in lines
    assert any(line.startswith("SBRT does its harm here") for line in lines)


def test_under_an_effect_the_share_is_the_power(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(replace(SUMMARY, scenario="S2", is_null=False), capsys)

    assert any("of the trials: its power." in line for line in lines)
    assert not any(line.startswith("SBRT does its harm") for line in lines)


def test_every_comparison_has_a_row_and_an_arm_only_where_none_is_compared(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = shown(SUMMARY, capsys)
    rows = [line.split() for line in lines if line.startswith("pfs_m")]

    assert rows == [
        ["pfs_milestone", "4.4", "%", "(3.2", "to", "5.9)", "0.001", "-0.000",
         "+0.0016", "+-", "0.0033", "95.0", "%", "(93.5", "to", "96.3)", "0.0%"],
        ["pfs_median,", "arm", "B", "-", "16.500", "-", "-", "-", "12.5%"],
    ]  # fmt: skip
    assert lines.index("DC1: Primary analysis") > 0


def test_the_family_stands_under_its_own_title(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(replace(SUMMARY, lines=(MILESTONE, ANY)), capsys)
    at = lines.index("The tests that share the level")
    assert lines[at + 2].startswith("any ")


def test_the_truth_is_said_to_be_of_large_trials_or_not_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "mean of 10 large trials" in "\n".join(shown(SUMMARY, capsys))
    without = "\n".join(shown(replace(SUMMARY, large_trials=0), capsys))
    assert "No truth was asked for (--truth)" in without


def test_what_is_not_made_in_these_trials_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    said = "Made once, of the real trial, and not in these: pfs_rerandomised, pfs_tipping."
    assert said in shown(SUMMARY, capsys)

    own = trial()
    rest = tuple(each for each in own.analysis if not each.once)
    print_summary(SUMMARY, own.model_copy(update={"analysis": rest}))
    assert "Made once" not in capsys.readouterr().out


def test_the_course_tells_months_counts_and_shares(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(SUMMARY, capsys)

    assert "last subject comes      40.2 (30.0 to 52.5)" in lines
    assert "DC1                     52.2 (42.0 to 64.5)" in lines
    assert "  events                pfs 50 (40 to 60)" in lines
    assert "  died, left            50 (40 to 60) died, lost 3 (1 to 6)" in lines
    assert "  scans missed          3 (1 to 6) of 400 due: 4.0% over all trials" in lines
    assert lines[-1].split() == ["6", "3", "(1", "to", "6)", "0", "(0", "to", "0)"]


def test_without_a_scan_due_none_is_told_as_missed(capsys: pytest.CaptureFixture[str]) -> None:
    cut = replace(SUMMARY.cuts[0], missed=None)
    assert "scans missed" not in "\n".join(shown(replace(SUMMARY, cuts=(cut,)), capsys))
