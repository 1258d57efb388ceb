"""The table of a grid as lines for a terminal: a line a cell, a column a statistic."""

from collections.abc import Sequence
from typing import Any

import click
import polars as pl

_LINES = 60
_WHOLE = (
    "Power: the planned test rejects, whichever arm is better. *: the experimental arm does as the "
    "reference, but for harm; the share is the type I error. -: no trial has an answer."
)
_NOTE = (
    "Power: decided for the experimental arm. *: both arms are alike, the share of any decision "
    "is the type I error."
)


def print_grid(table: pl.DataFrame, *, axes: Sequence[str]) -> None:
    """Prints the cells with the parameters that vary, up to what one reads."""
    first, *_ = table.rows(named=True)
    statistics = list(dict.fromkeys(table["statistic"]))
    margin = max(row["power_upper"] - row["power_lower"] for row in table.rows(named=True)) / 2
    whole = first["engine"] == "whole"
    what = "Overall survival, " if first["endpoint"] == "os" and not whole else ""
    what = "Whole protocol, " if whole else what
    click.echo(
        f"{what}{first['trials']:,} trials a cell (95% intervals up to ±{margin:.1%}), "
        f"{first['sides']}-sided alpha {first['alpha']:g}, seed {first['seed']}.\n"
    )
    head = ["scenario", *axes, *statistics, "events", "months"]
    cells = table.rows(named=True)
    lines = [
        _line(cells[place : place + len(statistics)], axes)
        for place in range(0, len(cells), len(statistics))
    ]
    _print_lines([head, *lines[:_LINES]])
    if len(lines) > _LINES:
        click.echo(f"... and {len(lines) - _LINES} more cells; the file has all.")
    click.echo(f"\n{_WHOLE if whole else _NOTE}")


def _line(rows: Sequence[dict[str, Any]], axes: Sequence[str]) -> list[str]:
    cell = rows[0]
    return [
        cell["scenario"],
        *(_number(cell[name]) for name in axes),
        *map(_share, rows),
        "-" if cell["mean_events"] is None else f"{cell['mean_events']:.1f}",
        "-" if cell["mean_months"] is None else f"{cell['mean_months']:.1f}",
    ]


def _share(row: dict[str, Any]) -> str:
    if row["known"] == 0:
        return "- "
    return f"{row['level']:.1%}*" if row["no_effect"] else f"{row['power']:.1%} "


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _print_lines(lines: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    for line in lines:
        first, *others = zip(line, widths, strict=True)
        said = [f"{first[0]:{first[1]}}", *(f"{word:>{width}}" for word, width in others)]
        click.echo("  ".join(said).rstrip())
