"""A table is declared before there are data, and filled only as declared."""

import pytest

from equipoise.report.shell import Column, Row, Shell, fill, spread_columns

SHELL = Shell(
    id="small",
    title="A small table",
    columns=(
        Column(heading="What"),
        Column(heading="{arm}", align="right", per_arm=True),
        Column(heading="p", align="right"),
    ),
    footnotes=("A note.",),
)


def test_a_column_of_each_arm_stands_where_the_shell_asks_for_it() -> None:
    columns = spread_columns(SHELL, arms=("Control", "SBRT"))
    assert [column.heading for column in columns] == ["What", "Control", "SBRT", "p"]
    assert [column.align for column in columns] == ["left", "right", "right", "right"]
    assert not any(column.per_arm for column in columns)


def test_a_filled_table_keeps_its_title_and_adds_footnotes_once() -> None:
    rows = (Row(cells=("Events", "3", "1", "0.31")),)
    table = fill(SHELL, rows=rows, arms=("A", "B"), footnotes=("More.", "More."))
    assert table.title == "A small table"
    assert table.footnotes == ("A note.", "More.")
    assert table.rows[0].cells == ("Events", "3", "1", "0.31")


def test_a_heading_has_one_cell_whatever_the_columns() -> None:
    table = fill(SHELL, rows=(Row(cells=("Sex",), heading=True),), arms=("A", "B"))
    assert table.rows[0].heading


@pytest.mark.parametrize(
    "row",
    [
        Row(cells=("Events", "3", "1")),
        Row(cells=("Events", "3", "1", "0.3", "x")),
        Row(cells=("Sex", "", "", ""), heading=True),
    ],
)
def test_a_row_with_too_few_or_many_cells_is_a_bug(row: Row) -> None:
    with pytest.raises(ValueError, match="table small"):
        fill(SHELL, rows=(row,), arms=("A", "B"))


def test_neighbours_of_one_group_share_a_heading() -> None:
    shell = Shell(
        id="grouped",
        title="",
        columns=(
            Column(heading="Term"),
            Column(heading="Grade 3", group="A"),
            Column(heading="Grade 4", group="A"),
            Column(heading="Grade 3", group="B"),
        ),
    )
    assert fill(shell, rows=()).groups == (("", 1), ("A", 2), ("B", 1))
    assert fill(SHELL, rows=(), arms=("A",)).groups == ()


def test_a_table_without_rows_says_so_in_its_own_words() -> None:
    assert fill(SHELL, rows=(), arms=("A", "B")).empty == "There is no row to show."
