"""What is told of rehearsed trials: shares with exact intervals, moments, truth, course."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from design.rehearsed_plan import COX, MILESTONE, TRUTH, operated, short_plan
from equipoise.design.answers import ANY, COMPARISON, FAMILY
from equipoise.design.expected_course import (
    CUT_DAYS,
    EVENTS,
    MISSED,
    RANDOMISED,
    last_month,
    read_spread,
)
from equipoise.design.operating_run import Rehearsed, Rehearsing
from equipoise.design.operating_summary import (
    LineSummary,
    MonthSummary,
    Summary,
    primary_line,
    summarise,
)
from equipoise.design.tallies import TrueValue
from equipoise.numerics.shares.proportions import estimate_clopper_pearson


@cache
def rehearsed() -> Rehearsed:
    asked = Rehearsing(protocol=short_plan(), scenario="S2", seed=7, trials=4, large_trials=2)
    return Rehearsed(asked=asked, operating=operated(0, 4).operating, truth=TRUTH)


@cache
def told() -> Summary:
    return summarise(rehearsed())


def line(name: str, of: str = COMPARISON, summary: Summary | None = None) -> LineSummary:
    lines = (summary or told()).lines
    return next(
        each
        for each in lines
        if (each.line.name, each.line.of) == (name, of) and each.role != FAMILY
    )


def rows(name: str) -> pl.DataFrame:
    return operated(0, 4).rows.filter(analysis=name, of=COMPARISON)


def test_the_share_that_rejects_has_its_exact_interval() -> None:
    rejected = int(rows("pfs_milestone")["rejected"].sum())
    assert line("pfs_milestone").rejected == estimate_clopper_pearson(rejected, n=4)
    assert line("pfs_milestone").alpha == 0.025


def test_moments_of_a_difference_are_those_of_the_estimates() -> None:
    estimates, found = rows("pfs_milestone")["estimate"].to_numpy(), line("pfs_milestone")

    assert found.mean == pytest.approx(estimates.mean(), rel=1e-12)
    assert found.spread == pytest.approx(estimates.std(ddof=1), rel=1e-9)
    assert found.truth == 0.1
    assert found.bias == pytest.approx(estimates.mean() - 0.1, abs=1e-12)
    assert found.bias_error == pytest.approx(estimates.std(ddof=1) / 2, rel=1e-9)
    assert found.at == 12.0


def test_a_ratio_is_told_by_its_geometric_mean_and_its_bias_on_the_log_scale() -> None:
    logs, found = np.log(rows("pfs_cox")["estimate"].to_numpy()), line("pfs_cox")

    assert found.mean == pytest.approx(np.exp(logs.mean()))
    assert found.truth == pytest.approx(math.exp(-0.4))
    assert found.bias == pytest.approx(logs.mean() + 0.4, abs=1e-12)
    assert found.at is None


def test_the_error_of_the_truth_is_part_of_that_of_the_bias() -> None:
    truth = {MILESTONE: TrueValue(value=0.1, standard_error=0.3, at=12.0)}
    found = line("pfs_milestone", summary=summarise(replace(rehearsed(), truth=truth)))

    assert found.spread is not None
    assert found.bias_error == pytest.approx(math.hypot(0.3, found.spread / 2))


def test_coverage_counts_the_intervals_with_the_truth_inside() -> None:
    found, own = line("pfs_cox"), rows("pfs_cox")
    below = int((own["upper"].log() < -0.4).to_numpy().sum())
    above = int((own["lower"].log() > -0.4).to_numpy().sum())

    assert found.covered is not None
    assert found.covered.value == 1 - (below + above) / 4
    assert (found.below, found.above) == (below / 4, above / 4)
    assert line("os_milestone@12").covered is None
    assert line("os_milestone@12").truth is None


def test_lines_stand_in_the_order_of_the_plan_the_family_at_the_end() -> None:
    lines = [(each.line.cut, each.line.name, each.line.of) for each in told().lines]

    assert lines[:3] == [
        ("DC1", "pfs_milestone", COMPARISON),
        ("DC1", "pfs_milestone", "A"),
        ("DC1", "pfs_milestone", "B"),
    ]
    assert lines[-3:] == [("", name, COMPARISON) for name in (ANY, "pfs_cox", "pfs_milestone")]
    times = [name for cut, name, of in lines if cut == "DC2" and of == COMPARISON]
    assert times == ["os_milestone@12", "os_milestone@24", "os_milestone@36"]


def test_the_primary_line_is_that_of_the_primary_analysis() -> None:
    assert primary_line(told()).line == MILESTONE
    others = tuple(each for each in told().lines if each.role != "primary")
    assert primary_line(replace(told(), lines=others)).line == COX


def test_the_course_is_told_in_months_and_every_sixth_of_them() -> None:
    course = operated(0, 4).operating.course
    days = read_spread(course, measure=CUT_DAYS, cut="DC1")
    missed = read_spread(course, measure=MISSED, cut="DC1")
    first, last = told().cuts

    assert (first.cut, last.cut) == ("DC1", "DC2")
    assert days is not None
    assert first.months.median == pytest.approx(days.median / 30.4375)
    assert first.missed_scans == missed
    assert first.missed == pytest.approx(first.missed_scans.total / first.due.total)
    assert [each.month for each in told().course[:2]] == [6, 12]
    assert told().course[0].randomised == read_spread(course, measure=RANDOMISED, month=6)
    assert told().course[-1].randomised.median == 88
    assert set(last.events) == {"os", "ttnt"}


def test_a_scenario_without_an_effect_is_said_to_be_one() -> None:
    asked = replace(rehearsed().asked, scenario="null")
    assert summarise(replace(rehearsed(), asked=asked)).is_null
    assert not told().is_null


def test_the_course_ends_once_nothing_changes_any_more() -> None:
    def counts(month: MonthSummary) -> list[tuple[int, int, int]]:
        every = (month.randomised, *month.events.values())
        return [(each.median, each.low, each.high) for each in every]

    months = told().course
    assert counts(months[-1]) != counts(months[-2])
    course = operated(0, 4).operating.course
    for name, count in months[-1].events.items():
        end = read_spread(course, measure=EVENTS, of=name, month=last_month(course))
        assert end is not None
        assert (end.median, end.low, end.high) == (count.median, count.low, count.high)
