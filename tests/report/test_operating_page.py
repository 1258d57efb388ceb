"""The page of a grid: what stands in it, how it cuts a grid into figures, and that it is safe."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import polars as pl
import pytest

from equipoise.design.operating_statistics import STATISTICS
from equipoise.design.operating_table import OPERATING_SCHEMA
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.operating.page import MOST_SLICES, build_operating_page
from equipoise.report.operating.slices import build_grid, cut_slices, name_line, spread_out
from equipoise.report.operating.tables import MOST_ROWS, build_power, build_stops
from equipoise.report.page import Figure, Heading, Report, blocks_of
from equipoise.report.render_html import render_html
from equipoise.report.shell import Table
from equipoise.report.stamp import build_stamp

PROTOCOL = shipped_protocol()
STAMP = build_stamp(PROTOCOL, data_digest="d" * 64, code_version="0.1.0", seed=5)
LABELS = {"base": "Base", "null": "No effect", "S2": "Base"}
PLAIN: dict[str, Any] = {
    "trials": 1000, "known": 1000, "against": 0.0, "mean_events": 50.0, "mean_subjects": 88.0,
    "mean_months": 51.0, "reference_survival": 0.6, "experimental_survival": 0.7,
    "mean_estimate": 0.7, "sd_estimate": 0.3, "look_events": [0], "stopped_favour": [0.3],
    "stopped_against": [0.0], "stopped_futile": [0.0], "alpha": 0.05, "sides": 2, "seed": 5,
    "protocol": "f" * 64, "program": "0.1.0 x", "milestone": 12.0, "dropout": 0.0440025,
}  # fmt: skip


def rows_of(
    scenarios: list[str], statistics: list[str], axes: dict[str, list[float]]
) -> Iterator[dict[str, Any]]:
    cells = product(scenarios, *axes.values())
    for number, (cell, statistic) in enumerate(product(cells, statistics)):
        scenario, values = str(cell[0]), cell[1:]
        power = min(0.05 + 0.03 * number, 0.99)
        shares = {
            f"{kind}{end}": power + shift
            for kind in ("power", "level")
            for end, shift in (("", 0.0), ("_lower", -0.01), ("_upper", 0.01))
        }
        yield {
            **PLAIN, **shares, "scenario": scenario, "label": LABELS[scenario],
            "statistic": statistic, "no_effect": scenario == "null",
            "statistic_words": STATISTICS[statistic].words,
            "estimate_of": STATISTICS[statistic].estimate or None,
            "hazard_ratio": None if scenario == "S2" else 0.65,
            **dict(zip(axes, values, strict=True)),
        }  # fmt: skip


def table_of(
    scenarios: list[str],
    statistics: list[str],
    changes: dict[str, Any] | None = None,
    **axes: list[float],
) -> pl.DataFrame:
    rows = [row | (changes or {}) for row in rows_of(scenarios, statistics, axes)]
    return pl.DataFrame(rows, schema=OPERATING_SCHEMA)


def page_of(table: pl.DataFrame, *axes: str) -> Report:
    return build_operating_page(build_grid(table, axes=axes), protocol=PROTOCOL, stamp=STAMP)


def figures_of(report: Report) -> list[str]:
    return [block.id for block in blocks_of(report) if isinstance(block, Figure)]


def table_named(report: Report, name: str) -> Table:
    return next(b for b in blocks_of(report) if isinstance(b, Table) and b.id == name)


TWO = table_of(
    ["base", "null"], ["logrank", "cox"], subjects=[60, 88, 120], hazard_ratio=[0.5, 0.7]
)
WIDE = page_of(TWO, "subjects", "hazard_ratio")


def test_the_answer_gives_the_range_and_how_many_cells_reach_the_power_wanted() -> None:
    assert WIDE.answer.startswith("The power of the log-rank test goes from 5.0% (base, subjects")
    assert "0 of 6 cells with an effect reach 80%." in WIDE.answer
    assert "Where there is no effect its type I error is 41.0% to 71.0%." in WIDE.answer
    assert "“Base” and “No effect”, by subjects and hazard ratio?" in WIDE.question


def test_one_cell_has_no_range() -> None:
    report = page_of(table_of(["base"], ["milestone"]))

    assert "The power of the survival at the milestone, log-log scale is 5.0%;" in report.answer
    assert "0 of 1 cell with an effect reach 80%." in report.answer
    assert report.key_figures[0].detail == "1 scenario"


def test_a_hazard_ratio_of_the_grid_is_said_to_stand_in_place_of_the_scenario() -> None:
    (words,) = WIDE.caveats
    assert words.startswith("the hazard ratios of the grid stand in place of each scenario's own")


def test_trials_that_could_not_be_told_are_a_caveat() -> None:
    assert page_of(table_of(["base"], ["logrank"]), "subjects").caveats == ()
    (words,) = page_of(table_of(["base"], ["logrank"], {"known": 900})).caveats
    assert "10.0% of the trials of logrank in the worst cell (base)" in words


def test_where_two_parameters_vary_each_scenario_has_curves_and_heat_maps() -> None:
    assert figures_of(WIDE) == [
        "power-1", "heat-logrank-1", "heat-cox-1", "power-2", "heat-logrank-2", "heat-cox-2",
    ]  # fmt: skip
    headings = [b.words for b in blocks_of(WIDE) if isinstance(b, Heading)]
    assert headings == ["Base", "No effect"]


def test_where_one_parameter_varies_the_scenarios_are_the_lines() -> None:
    report = page_of(table_of(["base", "S2"], ["logrank"], subjects=[60, 88]), "subjects")

    assert figures_of(report) == ["power-1"]
    (figure,) = (b for b in blocks_of(report) if isinstance(b, Figure))
    assert "Base (base)" in figure.svg
    assert "Base (S2)" in figure.svg


def test_where_nothing_varies_scenarios_stand_against_statistics() -> None:
    report = page_of(table_of(["base", "null"], ["logrank", "cox"], events=[60.0]), "events")

    assert figures_of(report) == ["heat-scenarios"]


def test_a_third_parameter_makes_slices_and_not_all_are_drawn() -> None:
    table = table_of(
        ["base"], ["logrank"], subjects=[60, 70, 80, 90], accrual=[2, 3], delay=[0, 6],
        hazard_ratio=[0.5, 0.6, 0.7],
    )  # fmt: skip
    grid = build_grid(table, axes=["subjects", "accrual", "delay", "hazard_ratio"])

    assert (grid.along, grid.lines) == ("subjects", "hazard_ratio")
    slices = cut_slices(grid)
    assert [part.words for part in slices] == [
        "Base, accrual 2, delay 0", "Base, accrual 2, delay 6",
        "Base, accrual 3, delay 0", "Base, accrual 3, delay 6",
    ]  # fmt: skip
    assert all(len(part.rows) == 12 for part in slices)
    assert name_line(slices[0].rows[0], grid=grid) == "hazard ratio 0.5"
    many = table_of(
        ["base"], ["logrank"], subjects=[60, 70], accrual=[2, 3], cured=[0, 0.1],
        delay=[float(place) for place in range(10)],
    )  # fmt: skip
    report = page_of(many, "subjects", "accrual", "delay", "cured")
    curves = [name for name in figures_of(report) if name.startswith("power")]
    assert curves == [f"power-{place}" for place in range(1, 5)]
    wide = table_of(["base"], ["logrank"], subjects=[60, 70, 80, 90], accrual=[2, 3, 4, 5],
                    delay=[1, 2, 3], cured=[0, 0.1, 0.2])  # fmt: skip
    report = page_of(wide, "subjects", "accrual", "delay", "cured")
    assert len([name for name in figures_of(report) if name.startswith("power")]) == MOST_SLICES
    assert "1 more slices of the grid stand in the Parquet file." in render_html(report)


def test_heat_maps_are_drawn_as_far_as_a_page_can_hold_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("equipoise.report.operating.page.MOST_SHADES", 12)
    report = page_of(TWO, "subjects", "hazard_ratio")
    assert figures_of(report) == ["power-1", "heat-logrank-1", "heat-cox-1", "power-2"]
    assert "Too many cells for a heat map; the Parquet file has them." in render_html(report)


def test_at_most_so_many_lines_are_drawn_the_ends_among_them() -> None:
    assert spread_out(list("abcdefghij"), most=4) == ["a", "d", "g", "j"]
    assert spread_out(list("abc"), most=4) == list("abc")
    table = table_of(
        ["base"],
        ["logrank"],
        subjects=[60 + p for p in range(9)],
        delay=[float(p) for p in range(8)],
    )
    (first, *_) = (
        b for b in blocks_of(page_of(table, "subjects", "delay")) if isinstance(b, Figure)
    )
    assert "6 of 8 lines are drawn." in first.caption


def test_every_cell_has_its_power_or_its_type_one_error() -> None:
    table = table_named(WIDE, "power")

    assert [column.heading for column in table.columns] == [
        "Scenario", "Subjects", "Hazard ratio", "logrank", "cox",
    ]  # fmt: skip
    assert table.rows[0].cells == ("base", "60", "0.5", "5.0% (4.0 to 6.0)", "8.0% (7.0 to 9.0)")
    assert table.rows[6].cells[3].startswith("α 41.0% (40.0")


def test_course_and_parameters_are_told() -> None:
    course = table_named(WIDE, "course")
    assert course.rows[0].cells[3:] == ("60.0%", "70.0%", "50.0", "88.0", "51.0", "0.70 (0.30)")
    parameters = {row.cells[0]: row.cells[2] for row in table_named(WIDE, "parameters").rows}
    assert parameters["subjects"] == "60, 88, 120"
    assert parameters["dropout"] == "0.044"
    assert "cured" not in parameters


def test_stops_are_told_where_there_are_looks() -> None:
    assert build_stops(build_grid(TWO, axes=[])) is None
    looks = {
        "look_events": [30, 60], "stopped_favour": [0.2, 0.3], "stopped_against": [0.01, 0.02],
        "stopped_futile": [0.1, 0.0],
    }  # fmt: skip
    table = table_of(["base"], ["logrank", "milestone"], looks)

    stops = build_stops(build_grid(table, axes=[]))

    assert stops is not None
    (row,) = stops.rows
    assert row.cells == ("base", "logrank", "20.0%", "1.0%", "10.0%", "30.0%", "2.0%", "0.0%")
    assert stops.groups == (("", 2), ("Look 1", 3), ("Look 2", 3))


def test_a_long_table_says_where_the_rest_is() -> None:
    table = table_of(["base"], ["logrank"], delay=[float(place) for place in range(MOST_ROWS + 5)])

    power = build_power(build_grid(table, axes=["delay"]))

    assert len(power.rows) == MOST_ROWS
    assert power.footnotes[-1].endswith(f"has all {MOST_ROWS + 5} cells.")


def test_a_scenario_of_lesions_says_what_it_is() -> None:
    assert "40,000 rehearsed" in render_html(page_of(table_of(["S2"], ["logrank"])))
    assert "40,000 rehearsed" not in render_html(WIDE)


def test_the_page_needs_nothing_beside_it_and_is_the_same_every_time() -> None:
    html = render_html(WIDE)

    assert html == render_html(page_of(TWO, "subjects", "hazard_ratio"))
    assert "<script" not in html
    assert not re.search(r"""(src|href)=["']https?:""", html)
    assert "Simulated: no patient is behind these numbers." in html
    assert f"digest {'d' * 64}" in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_words_of_a_protocol_cannot_become_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LABELS, "base", "<b>x</b> & y")
    html = render_html(
        page_of(table_of(["base", "null"], ["logrank"], subjects=[60, 88]), "subjects")
    )

    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x&lt;/b&gt; &amp; y" in html


def test_whole_trials_are_told_as_what_they_are() -> None:
    changes = {
        "engine": "whole", "statistic": "pfs_cox", "endpoint": "os", "estimate_of": "hazard ratio",
        "statistic_words": "planned analysis (cox) of overall survival",
        "reference_survival": None, "experimental_survival": None, "hazard_ratio": None,
    }  # fmt: skip
    report = page_of(table_of(["base"], ["cox"], changes, subjects=[60.0, 88.0]), "subjects")

    page = render_html(report)
    assert "Each trial is rehearsed whole by the scenario" in page
    assert "the share of trials in which the planned test rejects" in page
    assert "decided for the experimental arm" not in page
    assert "The power of the planned analysis (cox) of overall survival goes from" in page
    assert "and the type I error" in page
    assert "hazards by month of both" not in page
    course = table_named(report, "course")
    assert [column.group for column in course.columns].count("Mean at the end") == 3
    assert not any("milestone" in column.group for column in course.columns)
    assert "data cut of pfs_cox" in " ".join(course.footnotes)
