"""A CSV or Parquet file as a table of text, whatever its encoding or delimiter."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from equipoise.capture.codes import Code
from equipoise.vocab.finding import Finding, Severity

Rows = list[tuple[int, list[str]]]  # each with the number of its row in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A file as text, the number of each row in the file, and what was found.

    A file that cannot be read gives a table without columns.
    """

    table: pl.DataFrame
    rows: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a file, and what was found in its bytes."""

    text: str
    findings: tuple[Finding, ...] = ()


def read_table(file: Path) -> RawTable:
    """The file as a table of text; a Parquet file by its types, anything else as CSV."""
    if file.suffix.lower() == ".parquet":
        return _read_parquet(file)
    decoded = _decode(file)
    try:
        rows = _split(decoded.text)
    except csv.Error as error:
        found = tell_file(
            file, code=Code.NOT_CSV, message=f"no CSV text: {error}", mend="Export the file again."
        )
        return RawTable(table=pl.DataFrame(), findings=(*decoded.findings, found))
    if not rows:
        found = tell_file(
            file, code=Code.EMPTY_FILE, message="the file is empty", mend="Remove it, or fill it."
        )
        return RawTable(table=pl.DataFrame(), findings=(*decoded.findings, found))
    shaped = _shape(file, rows)
    return RawTable(
        table=shaped.table, rows=shaped.rows, findings=(*decoded.findings, *shaped.findings)
    )


def tell_file(
    file: Path, *, code: Code, message: str, mend: str, place: str = "", soft: bool = False
) -> Finding:
    """A finding about a file, or about a `place` in it."""
    return Finding(
        where=f"{file.name}{place}",
        code=code.value,
        message=f"{message}.",
        severity=Severity.SOFT if soft else Severity.HARD,
        mend=mend,
    )


def _split(text: str) -> Rows:
    """The rows that are not blank; the delimiter is the mark that the header has most of."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t|", key=lambda mark: (header.count(mark), mark == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [(n, row) for n, row in enumerate(reader, start=1) if any(c.strip() for c in row)]


def _shape(file: Path, rows: Rows) -> RawTable:
    header = [name.strip() for name in rows[0][1]]
    named = [place for place, name in enumerate(header) if name]
    names = [header[place] for place in named]
    if len(set(names)) < len(names):
        repeated = ", ".join(sorted({name for name in names if names.count(name) > 1}))
        words = f"the header names more than once: {repeated}"
        found = tell_file(
            file, code=Code.COLUMN_TWICE, message=words, mend="Keep one of the columns."
        )
        return RawTable(table=pl.DataFrame(), findings=(found,))
    good = [(number, row) for number, row in rows[1:] if len(row) == len(header)]
    ragged = tuple(
        tell_file(
            file,
            code=Code.RAGGED_ROW,
            message=f"the row has {len(row)} cells, the header {len(header)}",
            mend="Mend the delimiters or quotes of the row.",
            place=f" row {number}",
        )
        for number, row in rows[1:]
        if len(row) != len(header)
    )
    table = pl.DataFrame(
        [[row[place] for place in named] for _, row in good],
        schema=dict.fromkeys(names, pl.String()),
        orient="row",
    )
    return RawTable(table=table, rows=tuple(number for number, _ in good), findings=ragged)


def _decode(file: Path) -> Decoded:
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Decoded(text=data.decode("utf-16", errors="replace").removeprefix("\ufeff"))
    if b"\0" in data:
        end = "le" if data[1::2].count(0) >= data[::2].count(0) else "be"
        text = data.decode(f"utf-16-{end}", errors="replace").replace("\0", "")
        return Decoded(text=text, findings=(_tell_encoding(file, "UTF-16 without a mark"),))
    try:
        return Decoded(text=data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        found = _tell_encoding(file, "Latin-1")
        return Decoded(text=data.decode("latin-1"), findings=(found,))


def _tell_encoding(file: Path, encoding: str) -> Finding:
    words = f"the text is not UTF-8; it was read as {encoding}"
    return tell_file(
        file, code=Code.OTHER_ENCODING, message=words, mend="Save it as UTF-8.", soft=True
    )


def _read_parquet(file: Path) -> RawTable:
    try:
        table = pl.read_parquet(file)
        midnights = pl.col(pl.Datetime)
        whole = table.with_columns(midnights.dt.date()) if _only_dates(table) else table
        text = whole.cast(pl.String)
    except (pl.exceptions.PolarsError, OSError) as error:
        words = f"no Parquet table of plain values: {str(error).splitlines()[0]}"
        found = tell_file(file, code=Code.NOT_PARQUET, message=words, mend="Write the file again.")
        return RawTable(table=pl.DataFrame(), findings=(found,))
    return RawTable(table=text, rows=tuple(range(1, text.height + 1)))


def _only_dates(table: pl.DataFrame) -> bool:
    """Whether every instant of the table is a midnight: a date as other programs write it."""
    instants = table.select(pl.col(pl.Datetime))
    return all(
        bool((column.dt.truncate("1d") == column).fill_null(value=True).all())
        for column in instants.iter_columns()
    )
