"""The user's own copy of the public CTCAE v5.0 workbook: its grade wording, checked term by term.

The wording is no part of the package. A workbook is a zip of XML; a document type definition, which
could name entities, is refused, and so is a part that is larger than any real one.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from equipoise.vocab.ctcae import read_ctcae
from equipoise.vocab.finding import Finding, Severity

SHEET = "CTCAE v5.0 Clean Copy"
HEADER = ("code", "term", "grade", "words")
_COLUMNS = {"code": "MedDRA Code", "soc": "MedDRA SOC", "term": "CTCAE Term"}
_GRADES = range(1, 6)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LARGEST = 30_000_000  # bytes of one part, unpacked
_MEND = "Take the workbook 'CTCAE v5.0' of the US National Cancer Institute, as it was published."


class WorkbookRefusedError(Exception):
    """The file is not the CTCAE v5.0 workbook; says why, and which file to take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of each grade by term and grade, and what differs from the shipped facts."""

    words: Mapping[tuple[str, int], str]
    findings: tuple[Finding, ...]


def parse_workbook(content: bytes) -> Wording:
    """The grade wording of a workbook; every difference in code, class or grades is a finding.

    Raises WorkbookRefusedError when it is no workbook, or not this one.
    """
    header, *rows = _read_sheet(content)
    names = [_plain(cell) for cell in header]
    wanted = [*_COLUMNS.values(), *(f"Grade {grade}" for grade in _GRADES)]
    absent = [name for name in wanted if name not in names]
    if absent:
        raise WorkbookRefusedError(f"The sheet has no column '{absent[0]}'. {_MEND}")
    places = {name: names.index(name) for name in wanted}
    words: dict[tuple[str, int], str] = {}
    findings: list[Finding] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        cells = {name: _plain(row[at]) if at < len(row) else "" for name, at in places.items()}
        term = cells[_COLUMNS["term"]]
        if not term:
            continue
        seen.add(term)
        said = {g: cells[f"Grade {g}"] for g in _GRADES if cells[f"Grade {g}"] not in ("", "-")}
        words |= {(term, grade): text for grade, text in said.items()}
        findings += _differences(cells, grades=frozenset(said), row=number)
    findings += [_finding(SHEET, "term-missing", term) for term in read_ctcae() if term not in seen]
    return Wording(words=words, findings=tuple(findings))


def render_wording(wording: Wording) -> str:
    """The wording as CSV: code, term, grade, words; the shipped terms only."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for (term, grade), text in wording.words.items():
        if term in read_ctcae():
            writer.writerow([read_ctcae()[term].code, term, grade, text])
    return out.getvalue()


def parse_wording(text: str) -> Mapping[tuple[str, int], str]:
    """The wording from the CSV that `render_wording` wrote, by term and grade."""
    rows = csv.DictReader(io.StringIO(text))
    return {(row["term"], int(row["grade"])): row["words"] for row in rows}


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " ")).strip()


def _differences(
    cells: Mapping[str, str], *, grades: frozenset[int], row: int
) -> Iterator[Finding]:
    term = read_ctcae().get(cells[_COLUMNS["term"]])
    place = f"{SHEET}: row {row}"
    if term is None:
        yield _finding(place, "term-unknown", cells[_COLUMNS["term"]])
        return
    if cells[_COLUMNS["code"]] != term.code:
        yield _finding(place, "code-differs", cells[_COLUMNS["code"]])
    if cells[_COLUMNS["soc"]] != term.soc:
        yield _finding(place, "class-differs", cells[_COLUMNS["soc"]])
    if grades != term.grades:
        yield _finding(place, "grades-differ", "".join(map(str, sorted(grades))))


def _finding(where: str, code: str, found: str) -> Finding:
    return Finding(
        where=where,
        code=code,
        message="The workbook differs from the facts of CTCAE v5.0 that ship with the program.",
        severity=Severity.SOFT,
        found=found,
        mend=_MEND,
    )


def _read_sheet(content: bytes) -> Sequence[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            strings = _shared_strings(archive)
            sheet = _part(archive, _sheet_path(archive))
    except (zipfile.BadZipFile, KeyError, ET.ParseError, NotImplementedError, RuntimeError) as bad:
        raise WorkbookRefusedError(f"The file is no readable workbook (.xlsx). {_MEND}") from bad
    rows = [list(_cells(row, strings)) for row in sheet.iter(f"{_MAIN}row")]
    if not rows:
        raise WorkbookRefusedError(f"The sheet '{SHEET}' is empty. {_MEND}")
    return rows


def _part(archive: zipfile.ZipFile, name: str) -> ET.Element:
    if archive.getinfo(name).file_size > _LARGEST:
        raise WorkbookRefusedError(f"The part {name} of the workbook is too large. {_MEND}")
    text = archive.read(name)
    if b"\x00" in text[:200] or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise WorkbookRefusedError(f"The part {name} holds more than plain XML. {_MEND}")
    return ET.fromstring(text)  # noqa: S314 - no document type, hence no entities


def _sheet_path(archive: zipfile.ZipFile) -> str:
    book = _part(archive, "xl/workbook.xml")
    links = {
        each.get("Id"): each.get("Target", "")
        for each in _part(archive, "xl/_rels/workbook.xml.rels")
    }
    for sheet in book.iter(f"{_MAIN}sheet"):
        if _plain(sheet.get("name", "")) == SHEET:
            return f"xl/{links.get(sheet.get(_LINK), '').removeprefix('/xl/')}"
    raise WorkbookRefusedError(f"The workbook has no sheet '{SHEET}'. {_MEND}")


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    items = _part(archive, "xl/sharedStrings.xml").iter(f"{_MAIN}si")
    return ["".join(part.text or "" for part in item.iter(f"{_MAIN}t")) for item in items]


def _cells(row: ET.Element, strings: list[str]) -> Iterator[str]:
    """The texts of a row, empty cells included: a cell names its column."""
    at = 0
    for cell in row.iter(f"{_MAIN}c"):
        column = _column(cell.get("r", ""), default=at)
        yield from [""] * min(column - at, 100)
        at = column + 1
        value = cell.find(f"{_MAIN}v")
        text = "" if value is None else value.text or ""
        if cell.get("t") == "s":
            place = int(text) if text.isdigit() else -1
            yield strings[place] if 0 <= place < len(strings) else ""
        elif cell.get("t") == "inlineStr":
            yield "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
        else:
            yield text


def _column(name: str, *, default: int) -> int:
    letters = re.match(r"[A-Z]{1,3}", name)
    if letters is None:
        return default
    number = 0
    for letter in letters.group():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
