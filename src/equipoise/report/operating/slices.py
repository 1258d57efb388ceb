"""A grid as a reader can look at it: one parameter along, another as lines, the rest apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

Cell = Mapping[str, Any]  # a row of the table: a cell with one statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The rows of the table of a grid, and what varies in it.

    `varying` are the axes with more than one value, those with the most first: `along` stands
    along the x axis, `lines` tells lines apart (empty: the scenarios do). Scenarios and statistics
    have their words.
    """

    rows: tuple[Cell, ...]
    axes: tuple[str, ...]
    varying: tuple[str, ...]
    scenarios: Mapping[str, str]
    statistics: Mapping[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether whole trials were rehearsed."""
        return bool(self.rows[0]["engine"] == "whole")

    @property
    def along(self) -> str:
        """What stands along the x axis."""
        return self.varying[0] if self.varying else ""

    @property
    def lines(self) -> str:
        """What tells the lines apart; empty: the scenarios do."""
        return self.varying[1] if len(self.varying) > 1 else ""

    def values(self, axis: str) -> list[float]:
        """The values of an axis in their order."""
        return sorted({row[axis] for row in self.rows if row[axis] is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Rows that stand in one figure, with what they have in common in words."""

    words: str
    rows: tuple[Cell, ...]


def build_grid(table: pl.DataFrame, *, axes: Sequence[str]) -> Grid:
    """The grid of a table; `axes` are the parameters that were asked to vary."""
    rows = tuple(table.rows(named=True))
    counts = {axis: len({row[axis] for row in rows}) for axis in axes}
    varying = sorted((axis for axis in axes if counts[axis] > 1), key=lambda axis: -counts[axis])
    labels = {row["scenario"]: row["label"] for row in rows}
    shared = {label for label in labels.values() if list(labels.values()).count(label) > 1}
    return Grid(
        rows=rows,
        axes=tuple(axes),
        varying=tuple(varying),
        scenarios={
            name: f"{label} ({name})" if label in shared else label
            for name, label in labels.items()
        },
        statistics={row["statistic"]: row["statistic_words"] for row in rows},
    )


def cut_slices(grid: Grid) -> tuple[Slice, ...]:
    """The rows by scenario (where lines are values) and by all parameters beyond two."""
    beyond = grid.varying[2:]

    def name(row: Cell) -> tuple[str, ...]:
        scenario = grid.scenarios[row["scenario"]] if grid.lines else ""
        return scenario, *(f"{name_axis(axis)} {row[axis]:g}" for axis in beyond)

    order = {key: place for place, key in enumerate(dict.fromkeys(map(name, grid.rows)))}
    ordered = sorted(grid.rows, key=lambda row: order[name(row)])
    return tuple(
        Slice(words=", ".join(filter(None, key)), rows=tuple(rows))
        for key, rows in groupby(ordered, key=name)
    )


def name_axis(axis: str) -> str:
    """A parameter in words: `hazard ratio`."""
    return axis.replace("_", " ")


def name_line(row: Cell, *, grid: Grid) -> str:
    """What tells the line of a row from the others."""
    if grid.lines:
        return f"{name_axis(grid.lines)} {row[grid.lines]:g}"
    return "" if len(grid.scenarios) == 1 else grid.scenarios[row["scenario"]]


def spread_out(values: Sequence[str], *, most: int) -> list[str]:
    """At most so many of the values, the first and the last among them, evenly."""
    if len(values) <= most:
        return list(values)
    step = (len(values) - 1) / (most - 1)
    return [values[round(place * step)] for place in range(most)]


def rows_of(rows: Sequence[Cell], *, statistic: str) -> Iterator[Cell]:
    """The rows of one statistic."""
    return (row for row in rows if row["statistic"] == statistic)
