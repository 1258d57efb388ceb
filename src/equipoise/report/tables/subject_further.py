"""Small tables on the page of a subject, each only where the subject has rows for it."""

from collections.abc import Callable, Sequence

from equipoise.report.links import link_entries
from equipoise.report.page import Block
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.story.values import Finding, Further
from equipoise.report.story.words import write_int
from equipoise.report.wording import MISSING, capital

Cell = Callable[[Finding], str]
_CELLS: dict[str, Cell] = {
    "what": lambda found: capital(found.what) or MISSING,
    "date": lambda found: found.found_date.isoformat() if found.found_date else MISSING,
    "day": lambda found: MISSING if found.day is None else write_int(found.day),
    "said": lambda found: found.said or MISSING,
    "words": lambda found: capital(found.words) or MISSING,
}
# the headings of each table, each with the part of a finding that stands below it
_IRECIST = {"Visit": "what", "Date": "date", "Day": "day", "iRECIST": "said", "Why": "words"}
_DOSE = {"Lesion": "what", "First day": "date", "Day": "day", "Given": "said", "Verdict": "words"}
_LABORATORY = {"Term": "what", "Date": "date", "Day": "day", "Value": "said", "Why": "words"}
_LEFT_OUT = {"Reason": "what", "Why": "words"}


def build_iresponses(further: Further) -> tuple[Block, ...]:
    """The response by iRECIST at each assessment, beside that by RECIST 1.1."""
    note = "iUPD: unconfirmed progression. iCPD: confirmed progression (Seymour, 2017)."
    shell = _shell("iresponses", "Responses by iRECIST", _IRECIST, notes=(note,))
    return _tables(shell, found=further.iresponses, parts=_IRECIST)


def build_doses(further: Further) -> tuple[Block, ...]:
    """The dose of each irradiated lesion, and how far SBRT kept to the protocol."""
    note = "BED10: biologically effective dose for an alpha/beta ratio of 10 Gy."
    shell = _shell("doses", "SBRT against the protocol", _DOSE, notes=(note,))
    return _tables(shell, found=further.doses, parts=_DOSE)


def build_laboratory(further: Further) -> tuple[Block, ...]:
    """Laboratory values of grade 3 or higher, graded by the program."""
    note = "Graded by CTCAE v5.0 from the values alone, whatever was entered as adverse event."
    shell = _shell(
        "laboratory", "Laboratory values of grade 3 or higher", _LABORATORY, notes=(note,)
    )
    return _tables(shell, found=further.laboratory, parts=_LABORATORY)


def build_own_left_out(further: Further) -> tuple[Block, ...]:
    """The entries of the subject that count for nothing, with the reason."""
    shell = _shell("left-out", "Entries that derivation left out", _LEFT_OUT)
    return _tables(shell, found=further.left_out, parts=_LEFT_OUT)


def _shell(id_: str, title: str, parts: dict[str, str], *, notes: Sequence[str] = ()) -> Shell:
    columns = [
        Column(heading=heading, align="right" if part == "day" else "left")
        for heading, part in parts.items()
    ]
    return Shell(
        id=id_,
        title=title,
        columns=(*columns, Column(heading="Entries")),
        footnotes=tuple(notes),
    )


def _tables(shell: Shell, *, found: Sequence[Finding], parts: dict[str, str]) -> tuple[Table, ...]:
    """The filled table; nothing where nothing was found."""
    if not found:
        return ()
    rows = []
    for each in found:
        cells = tuple(_CELLS[part](each) for part in parts.values())
        links = (*[() for _ in cells], link_entries(each.entries))
        rows.append(Row(cells=(*cells, " ".join(each.entries) or MISSING), links=links))
    return (fill(shell, rows=rows),)
