"""A CSV or Parquet file as a table of text, whatever its encoding or delimiter."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from equipoise.capture.codes import Code
from equipoise.vocab.finding import Finding, Severity

_MARKS = (  # byte order marks, the longer first
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
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
    """The text of a file (None when it is no text), and what was found in its bytes."""

    text: str | None
    findings: tuple[Finding, ...] = ()


def read_table(file: Path) -> RawTable:
    """The file as a table of text; a Parquet file by its types, anything else as CSV.

    Text is UTF-8, or what its byte order mark says; anything else is read as Windows-1252.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        return _unreadable(file, error.strerror or "no reason given")
    if file.suffix.lower() == ".parquet" and data:
        return _read_parquet(file, data)
    decoded = _decode(file, data)
    if decoded.text is None:
        return RawTable(table=pl.DataFrame(), findings=decoded.findings)
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


def _unreadable(file: Path, why: str) -> RawTable:
    mend = "Close it elsewhere, or mend its permissions."
    words = f"the file cannot be read: {why}"
    found = tell_file(file, code=Code.FILE_UNREADABLE, message=words, mend=mend)
    return RawTable(table=pl.DataFrame(), findings=(found,))


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
    """The rows that are not blank; the delimiter is the mark that the header has most of.

    A spreadsheet may say its delimiter in a first line `sep=;`, which is no row.
    """
    lines = text.splitlines()
    said = lines[0][len("sep=") :] if lines and re.fullmatch(r"sep=[,;\t|]", lines[0]) else ""
    header = next((line for line in lines if line.strip()), "")
    delimiter = said or max(",;\t|", key=lambda mark: (header.count(mark), mark == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = [(n, row) for n, row in enumerate(reader, start=1) if any(c.strip() for c in row)]
    return rows[1:] if said else rows


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
    if any(row[place].strip() for _, row in good for place in range(len(row)) if not header[place]):
        words = "a column without a name holds values; it is not read"
        mend = "Name the column, or empty it."
        found = tell_file(file, code=Code.UNNAMED_COLUMN, message=words, mend=mend, soft=True)
        ragged = (found, *ragged)
    table = pl.DataFrame(
        [[row[place] for place in named] for _, row in good],
        schema=dict.fromkeys(names, pl.String()),
        orient="row",
    )
    return RawTable(table=table, rows=tuple(number for number, _ in good), findings=ragged)


def _decode(file: Path, data: bytes) -> Decoded:
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    encoding = marked or _guess_unmarked(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "Windows-1252", data.decode("cp1252", errors="replace")
    if "\0" in text or (marked and encoding == "Windows-1252"):
        words = "no text: perhaps a workbook, or damaged"
        return Decoded(text=None, findings=(_tell_encoding(file, words),))
    if marked or encoding == "utf-8":
        return Decoded(text=text)
    words = f"the text is not UTF-8; it was read as {encoding}"
    return Decoded(text=text, findings=(_tell_encoding(file, words, soft=True),))


def _guess_unmarked(data: bytes) -> str:
    """UTF-16 without a mark shows in the zeros beside the letters of the header."""
    first, second = (*data[:2], 1, 1)[:2]
    if second == 0 and first != 0:
        return "utf-16-le"
    return "utf-16-be" if first == 0 and second != 0 else "utf-8"


def _tell_encoding(file: Path, words: str, *, soft: bool = False) -> Finding:
    mend = "Save it as CSV in UTF-8."
    return tell_file(file, code=Code.OTHER_ENCODING, message=words, mend=mend, soft=soft)


def _read_parquet(file: Path, data: bytes) -> RawTable:
    try:
        table = pl.read_parquet(io.BytesIO(data))
        midnights = pl.col(pl.Datetime)
        whole = table.with_columns(midnights.dt.date()) if _only_dates(table) else table
        text = whole.cast(pl.String)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        return _not_parquet(file, str(error).splitlines()[0])
    if any(kind.is_nested() for kind in table.dtypes):
        return _not_parquet(file, "a column holds lists or structures")
    return RawTable(table=text, rows=tuple(range(1, text.height + 1)))


def _not_parquet(file: Path, why: str) -> RawTable:
    words = f"no Parquet table of plain values: {why}"
    found = tell_file(file, code=Code.NOT_PARQUET, message=words, mend="Write the file again.")
    return RawTable(table=pl.DataFrame(), findings=(found,))


def _only_dates(table: pl.DataFrame) -> bool:
    """Whether every instant of the table is a midnight: a date as other programs write it."""
    instants = table.select(pl.col(pl.Datetime))
    return all(
        bool((column.dt.truncate("1d") == column).fill_null(value=True).all())
        for column in instants.iter_columns()
    )
