"""A table as text that a clinician can read in a test."""

from equipoise.report.shell import Row, Table


def lines_of(table: Table) -> list[str]:
    """Each row on a line, cells apart by a bar; a heading in brackets, a level set in."""
    return [_line_of(row) for row in table.rows]


def _line_of(row: Row) -> str:
    cells = [cell.replace("\u00a0", " ") for cell in row.cells]
    if row.heading:
        return f"[{cells[0]}]"
    return f"{'  ' * row.level}{' | '.join(cells)}"


def row_named(table: Table, name: str, *, nth: int = 0) -> tuple[str, ...]:
    """The cells after the name of the nth row with that name."""
    found = [row.cells[1:] for row in table.rows if row.cells[0] == name and not row.heading]
    return found[nth]


def headings_of(table: Table) -> list[str]:
    """The heading rows of a table."""
    return [row.cells[0] for row in table.rows if row.heading]
