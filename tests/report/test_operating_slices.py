"""How a grid is cut for a reader: what stands along, what tells lines apart, what stands apart."""

from itertools import product
from typing import Any

import polars as pl
import pytest

from equipoise.design.operating_statistics import STATISTICS
from equipoise.design.operating_table import OPERATING_SCHEMA
from equipoise.report.operating.figures import (
    draw_curves,
    draw_heat_map,
    draw_scenarios,
)
from equipoise.report.operating.slices import (
    Grid,
    build_grid,
    cut_slices,
    name_axis,
    name_line,
    rows_of,
)
from equipoise.report.operating.tables import build_course, build_parameters, build_power

CELL: dict[str, Any] = {
    "no_effect": False,
    "trials": 100,
    "known": 100,
    "power": 0.5,
    "power_lower": 0.4,
    "power_upper": 0.6,
    "look_events": [0],
    "alpha": 0.05,
    "sides": 2,
    "milestone": 12.0,
}


def grid_of(
    scenarios: dict[str, str], statistics: tuple[str, ...] = ("logrank",), **axes: list[float]
) -> Grid:
    rows = [
        {**CELL, "scenario": name, "label": label, "statistic": statistic,
         "statistic_words": STATISTICS[statistic].words,
         **dict(zip(axes, values, strict=True))}
        for name, label in scenarios.items()
        for values in product(*axes.values())
        for statistic in statistics
    ]  # fmt: skip
    return build_grid(pl.DataFrame(rows, schema=OPERATING_SCHEMA), axes=list(axes))


ONE = {"base": "Base"}
BOTH = {"base": "Base", "null": "No effect"}


def test_an_axis_with_one_value_does_not_vary() -> None:
    grid = grid_of(ONE, events=[60], subjects=[60, 88])

    assert grid.axes == ("events", "subjects")
    assert grid.varying == ("subjects",)
    assert (grid.along, grid.lines) == ("subjects", "")


def test_the_axis_with_the_most_values_stands_along() -> None:
    grid = grid_of(ONE, subjects=[60, 88], hazard_ratio=[0.5, 0.6, 0.7])

    assert (grid.along, grid.lines) == ("hazard_ratio", "subjects")
    assert grid.values("hazard_ratio") == [0.5, 0.6, 0.7]


def test_of_axes_with_as_many_values_the_first_stands_along() -> None:
    grid = grid_of(ONE, delay=[0, 3], subjects=[60, 88])

    assert (grid.along, grid.lines) == ("delay", "subjects")


def test_nothing_stands_along_where_nothing_varies() -> None:
    grid = grid_of(BOTH)

    assert (grid.along, grid.lines, grid.varying) == ("", "", ())
    assert [part.words for part in cut_slices(grid)] == [""]


def test_scenarios_with_one_label_are_told_apart_by_name() -> None:
    grid = grid_of({"base": "Base", "S2": "Base", "null": "No effect"})

    assert grid.scenarios == {"base": "Base (base)", "S2": "Base (S2)", "null": "No effect"}


def test_a_line_is_a_scenario_or_a_value() -> None:
    by_scenario = grid_of(BOTH, subjects=[60, 88])
    alone = grid_of(ONE, subjects=[60, 88])
    by_value = grid_of(BOTH, subjects=[60, 88, 90], delay=[0, 3])

    assert name_line(by_scenario.rows[0], grid=by_scenario) == "Base"
    assert name_line(alone.rows[0], grid=alone) == ""
    assert name_line(by_value.rows[1], grid=by_value) == "delay 3"
    assert name_axis("hazard_ratio") == "hazard ratio"


def test_slices_hold_every_row_once_in_the_order_of_the_table() -> None:
    grid = grid_of(BOTH, ("logrank", "cox"), subjects=[1, 2, 3], delay=[0, 3], accrual=[2, 4])

    slices = cut_slices(grid)

    assert [part.words for part in slices] == [
        "Base, accrual 2", "Base, accrual 4", "No effect, accrual 2", "No effect, accrual 4",
    ]  # fmt: skip
    assert sum(len(part.rows) for part in slices) == len(grid.rows) == 48
    assert len(list(rows_of(slices[0].rows, statistic="cox"))) == 6


def test_each_statistic_has_its_panel_and_its_heat_map() -> None:
    grid = grid_of(ONE, ("logrank", "maxcombo"), subjects=[60, 88], delay=[0, 3])
    (part,) = cut_slices(grid)

    curves = draw_curves(part, grid=grid, enough=0.8, place=1)
    heat = draw_heat_map(part, grid=grid, statistic="maxcombo", enough=0.9, place=1)

    assert "Log-rank test" in curves.svg
    assert "MaxCombo of FH" in curves.svg
    assert "Power of: MaxCombo" in heat.caption
    assert heat.caption.endswith("Framed: 90% or more.")
    assert heat.svg.count("<rect") == 4


def test_scenarios_stand_from_the_first_down() -> None:
    figure = draw_scenarios(grid_of(BOTH, ("logrank", "cox")), enough=0.8)

    assert figure.svg.index(">null<") < figure.svg.index(">base<")  # drawn from below
    assert figure.svg.count("<rect") == 4


@pytest.mark.parametrize("build", [build_power, build_course])
def test_what_a_cell_does_not_have_is_a_dash(build: Any) -> None:
    rows = [{**CELL, "scenario": "S2", "label": "x", "statistic": "cox", "level": 0.5,
             "statistic_words": "Cox",
             "level_lower": 0.4, "level_upper": 0.6}]  # fmt: skip
    grid = build_grid(pl.DataFrame(rows, schema=OPERATING_SCHEMA), axes=["hazard_ratio"])

    (row,) = build(grid).rows

    assert row.cells[:2] == ("S2", "–")


def test_many_values_are_told_by_their_ends_and_a_truth_by_its_scenarios() -> None:
    values = [float(place) for place in range(20)]
    table = build_parameters(grid_of(BOTH, delay=values))

    said = {row.cells[0]: row.cells[2] for row in table.rows}
    assert said == {"delay": "0, 1, 2, 3, 4, 5, 6, …, 19", "milestone": "12"}
    rows = [{**CELL, "scenario": name, "label": name, "statistic": "cox", "statistic_words": "Cox",
             "reference_median": at}
            for name, at in (("a", 12.0), ("b", 18.0))]  # fmt: skip
    grid = build_grid(pl.DataFrame(rows, schema=OPERATING_SCHEMA), axes=[])
    said = {row.cells[0]: row.cells[2] for row in build_parameters(grid).rows}
    assert said["reference median"] == "12, 18 (by scenario)"
