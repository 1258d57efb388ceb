"""Cells by the whole protocol: what `operate` says, in any parts; what cannot vary says why."""

import math
from functools import cache

import pytest

from design.rehearsed_plan import COX, MILESTONE, operated, short_plan
from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.operating_cells import UNIT, Tally, add_tallies
from equipoise.design.operating_table import Answer, Origin, build_table
from equipoise.design.scenario_grid import Cell
from equipoise.design.whole_cells import build_whole_questions, run_whole
from equipoise.design.whole_question import WholeQuestion
from equipoise.protocol.model import Protocol
from equipoise.simulate.trial_model import Run

SETTINGS = (("subjects", 60.0), ("accrual", 5.0), ("dropout", 0.2), ("follow_up", 18.0))
NAMES = ("pfs_milestone", "pfs_cox", "os_milestone")


@cache
def questions() -> tuple[WholeQuestion, ...]:
    cells = [Cell(scenario="S2"), Cell(scenario="null", settings=SETTINGS)]
    return build_whole_questions(short_plan(), cells=cells, statistics=NAMES)


@cache
def counted() -> Tally:
    """Four trials in two parts."""
    parts = [
        run_whole(questions()[0], run=Run(seed=7, first=first, trials=trials, workers=1))
        for first, trials in ((3, 1), (0, 3))
    ]
    return add_tallies(parts)


def test_a_line_is_a_comparison_of_the_plan_at_one_time() -> None:
    lines = questions()[0].lines

    assert [line.name for line in lines] == [
        "pfs_milestone", "pfs_cox", "os_milestone@12", "os_milestone@24", "os_milestone@36",
    ]  # fmt: skip
    assert {(line.cut, line.endpoint) for line in lines} == {("DC1", "pfs"), ("DC2", "os")}
    assert lines[2].words == "planned analysis (milestone, month 12) of overall survival"


def test_the_numbers_are_those_of_the_whole_plan_in_any_parts() -> None:
    found, told = counted(), operated(0, 4).operating.tallies

    for place, line in ((0, MILESTONE), (1, COX)):
        count, whole = found.counts[place], told[line]
        assert sum(count.favour) == whole.rejected
        assert (count.known, count.estimated) == (whole.tested, whole.estimates)
        assert count.estimate * UNIT == pytest.approx(float(whole.total), abs=1e-6)
        assert count.square * UNIT == pytest.approx(float(whole.squares), abs=1e-6)
    course = operated(0, 4).operating.course
    events = course.filter(measure="events", cut="DC1", of="pfs")
    assert found.counts[0].events == (events["value"] * events["trials"]).sum()


def test_a_cell_changes_the_protocol_and_its_name() -> None:
    plain, other = questions()
    operations = other.protocol.operations

    assert other.protocol.randomisation.planned_subjects == 60
    assert operations.accrual.rate_per_month * operations.accrual.sites == 5
    a_year = operations.leaving.lost_per_year + operations.leaving.withdrawn_per_year
    assert a_year == pytest.approx(-math.log(0.8))
    assert operations.leaving.lost_per_year == pytest.approx(
        2 * operations.leaving.withdrawn_per_year
    )
    assert [cut.plus_months for cut in other.protocol.cut] == [18, 38]
    told = dict(other.values)
    assert [told[name] for name, _ in SETTINGS] == pytest.approx([60, 5, 0.2, 18])
    assert plain.digest != other.digest
    assert (plain.no_effect, other.no_effect) == (False, True)
    assert "subjects 60" in str(other.cell)
    assert len(repr(other)) < 3000  # the protocol by its fingerprint


def test_the_table_has_a_row_a_line_with_its_own_measure() -> None:
    question, tally = questions()[0], counted()
    origin = Origin(seed=7, protocol="p", program="e")

    table = build_table([Answer(question=question, tally=tally)], origin=origin)

    rows = table.to_dicts()
    assert [row["statistic"] for row in rows] == [line.name for line in question.lines]
    assert {row["engine"] for row in rows} == {"whole"}
    assert rows[0]["estimate_of"] == "survival difference"
    assert rows[1]["estimate_of"] == "hazard ratio"
    mean = tally.counts[1].estimate * UNIT / tally.counts[1].estimated
    assert rows[1]["mean_estimate"] == pytest.approx(math.exp(mean))
    assert rows[0]["mean_subjects"] == 88
    assert rows[0]["mean_months"] < rows[2]["mean_months"]
    assert rows[0]["hazard_ratio"] is None


def refused(cells: list[Cell], *names: str, protocol: Protocol | None = None) -> list[str]:
    with pytest.raises(ImpossiblePlanError) as refusal:
        build_whole_questions(protocol or short_plan(), cells=cells, statistics=names)
    return [finding.code for finding in refusal.value.findings]


def test_what_whole_trials_cannot_vary_is_told_at_once() -> None:
    cells = [Cell(scenario="base", settings=(("hazard_ratio", 0.7), ("subjects", 88.0)))]

    codes = refused(cells, "pfs_milestone", "pfs_rerandomised")
    assert codes == ["scenario-not-rehearsed", "whole-cannot-vary", "analysis-unknown"]


def test_a_plan_that_compares_nothing_or_cannot_be_tried_says_so() -> None:
    cells = [Cell(scenario="S2")]
    bare = short_plan().model_copy(update={"analysis": ()})

    assert refused(cells, "lc_sbrt_cif") == ["nothing-compared"]
    assert refused(cells, protocol=bare) == ["analysis-missing"]
    assert refused(cells, protocol=short_plan().model_copy(update={"cut": ()})) == ["plan-untried"]
