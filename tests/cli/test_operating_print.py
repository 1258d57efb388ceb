"""The lines that a grid is told in."""

from typing import Any

import polars as pl
import pytest

from equipoise.cli.operating_print import print_grid
from equipoise.design.operating_table import OPERATING_SCHEMA

CELL: dict[str, Any] = {
    "scenario": "base",
    "subjects": 88.0,
    "no_effect": False,
    "statistic": "logrank",
    "trials": 12000,
    "power": 0.2345,
    "power_lower": 0.22,
    "power_upper": 0.25,
    "level": 0.24,
    "mean_events": 46.61,
    "mean_months": 51.2,
    "alpha": 0.025,
    "sides": 1,
    "seed": 4,
}


def lines_of(
    capsys: pytest.CaptureFixture[str],
    *cells: dict[str, Any],
    axes: tuple[str, ...] = ("subjects",),
) -> list[str]:
    print_grid(pl.DataFrame([CELL | cell for cell in cells], schema=OPERATING_SCHEMA), axes=axes)
    return capsys.readouterr().out.splitlines()


def test_the_first_line_says_how_sure_the_others_are(capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = lines_of(capsys, {}, {"statistic": "cox", "power_lower": 0.20})

    assert first == (
        "12,000 trials a cell (95% intervals up to ±2.5%), 1-sided alpha 0.025, seed 4."
    )


def test_a_line_is_a_cell_with_its_axes_and_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    told = lines_of(capsys, {}, {"statistic": "cox", "power": 0.5, "mean_events": 1.0})

    assert told[2].split() == ["scenario", "subjects", "logrank", "cox", "events", "months"]
    assert told[3].split() == ["base", "88", "23.4%", "50.0%", "46.6", "51.2"]


def test_where_both_arms_are_alike_the_level_stands_with_a_star(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = lines_of(capsys, {"no_effect": True, "level": 0.0512})

    assert told[3].split() == ["base", "88", "5.1%*", "46.6", "51.2"]
    assert told[-1].startswith("Power: decided for the experimental arm. *: both arms are alike")


def test_what_is_not_known_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    told = lines_of(
        capsys, {"mean_events": None, "mean_months": None}, axes=("subjects", "hazard_ratio")
    )

    assert told[3].split() == ["base", "88", "-", "23.4%", "-", "-"]


def test_columns_stand_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    told = lines_of(capsys, {}, {"scenario": "pessimistic", "subjects": 1000.0})

    assert len({len(line) for line in told[2:5]}) == 1
