"""A table declared without data, and the table that comes of it when it is filled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading, and how its cells stand. `per_arm` repeats it for each arm.

    Neighbours with the same `group` share a heading above theirs.
    """

    heading: str
    align: str = "left"
    per_arm: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What a table will say: title, columns and footnotes, before any number is known.

    The first column holds the row's name. `empty` is printed when there is no row.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    footnotes: tuple[str, ...] = ()
    empty: str = "There is no row to show."


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that lead to a place: an anchor of the page, or a file beside it."""

    words: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of words. A heading spans the table; `level` sets the row's name in.

    `links` has the links of each cell, in their order; a cell without any is its words. A row with
    an `id` can be linked to.
    """

    cells: tuple[str, ...]
    heading: bool = False
    level: int = 0
    links: tuple[tuple[Link, ...], ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A filled table: every row has a cell a column, headings have one cell."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[str, ...] = ()
    empty: str = ""
    kind: str = "table"

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The headings above the headings, each with its number of columns; empty without any."""
        if not any(column.group for column in self.columns):
            return ()
        runs = groupby(column.group for column in self.columns)
        return tuple((name, len(list(run))) for name, run in runs)


def spread_columns(shell: Shell, *, arms: Sequence[str]) -> tuple[Column, ...]:
    """The columns of a shell with one for each arm where it asks for it.

    `{arm}` in a heading is replaced by the arm's name.
    """
    columns: list[Column] = []
    for column in shell.columns:
        names = arms if column.per_arm else ("",)
        columns += [
            replace(column, heading=column.heading.replace("{arm}", name), per_arm=False)
            for name in names
        ]
    return tuple(columns)


def fill(
    shell: Shell,
    *,
    rows: Iterable[Row],
    arms: Sequence[str] = (),
    footnotes: Sequence[str] = (),
) -> Table:
    """The table of a shell and its rows; a row with too few or many cells is a bug (ValueError).

    So is one with links that are not as many as its cells.
    """
    columns, filled = spread_columns(shell, arms=arms), tuple(rows)
    for row in filled:
        if len(row.cells) != (1 if row.heading else len(columns)):
            raise ValueError(f"table {shell.id}: {len(row.cells)} cells in row {row.cells}")
        if row.links and len(row.links) != len(row.cells):
            raise ValueError(f"table {shell.id}: {len(row.links)} links in row {row.cells}")
    return Table(
        id=shell.id,
        title=shell.title,
        columns=columns,
        rows=filled,
        footnotes=(*shell.footnotes, *dict.fromkeys(footnotes)),
        empty=shell.empty,
    )
