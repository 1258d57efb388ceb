"""The note beside a data cut of the site: the ledger line where the entries of a folder stood."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from equipoise.capture.codes import Code
from equipoise.vocab.finding import Finding, Severity

CUT = "cut.json"
ENTRY_LINES = "entry_lines"
_LINES_SCHEMA = {"entry": pl.String(), "ledger_line": pl.Int64()}


@dataclass(frozen=True, slots=True, kw_only=True)
class CutNote:
    """Where the entries of a folder come from.

    `ledger_head` is the digest of the ledger line, `data_digest` that of the entries and
    allocations as they were written, `lines_digest` that of the file of entries with their lines.
    `left_out` names the forms that a blinded reader does not see, `visits_left_out` the visits.
    """

    ledger_line: int
    ledger_head: str
    protocol_fingerprint: str
    code_version: str
    blinded: bool
    left_out: tuple[str, ...]
    visits_left_out: tuple[str, ...]
    data_digest: str
    lines_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRead:
    """The note of a folder as far as it holds (None: it does not, or there is none)."""

    note: CutNote | None
    findings: tuple[Finding, ...] = ()


def write_note(note: CutNote, *, folder: Path) -> None:
    """Writes the note into the folder that it is about."""
    text = json.dumps(asdict(note), indent=2, ensure_ascii=False)
    (folder / CUT).write_text(text + "\n", encoding="utf-8")


def write_lines(lines: Mapping[str, int], *, folder: Path) -> str:
    """Writes the ledger line of each entry; answers the digest of the file."""
    table = pl.DataFrame(list(lines.items()), schema=_LINES_SCHEMA, orient="row")
    file = folder / f"{ENTRY_LINES}.csv"
    table.write_csv(file)
    return _digest(file)


def read_note(folder: Path, *, data_digest: str, protocol_fingerprint: str) -> CutRead:
    """The note of a folder held against what its files say now, with what does not fit.

    A note whose entries were changed after the cut, or are read by another protocol, says nothing
    of them any more.
    """
    file = folder / CUT
    if not file.is_file():
        return CutRead(note=None)
    note = _parse(file)
    if note is None:
        words = "this is no note of a data cut; the entries are taken as those of a folder"
        return CutRead(note=None, findings=(_tell(Code.CUT_UNREADABLE, words, _AGAIN),))
    if note.protocol_fingerprint != protocol_fingerprint:
        words = (
            f"cut under protocol {note.protocol_fingerprint[:12]}, read by "
            f"{protocol_fingerprint[:12]}: the stamp tells the digest of the data, not the ledger"
        )
        return CutRead(note=None, findings=(_tell(Code.CUT_OTHER_PROTOCOL, words, _PROTOCOL),))
    if note.data_digest != data_digest:
        words = (
            f"the files are not those that were cut at ledger line {note.ledger_line}: changed "
            "since; the stamp tells the digest of the data, not the ledger"
        )
        return CutRead(note=None, findings=(_tell(Code.CUT_CHANGED, words, _AGAIN),))
    return CutRead(note=note, findings=tuple(_tell_blinded(note)))


def read_lines(folder: Path, *, note: CutNote | None) -> dict[str, int]:
    """The ledger line that last wrote each entry of a cut; nothing where the note does not hold."""
    file = folder / f"{ENTRY_LINES}.csv"
    if note is None or not file.is_file() or _digest(file) != note.lines_digest:
        return {}
    return dict(pl.read_csv(file, schema=_LINES_SCHEMA).iter_rows())


_AGAIN = "Cut again from the site."
_PROTOCOL = "Name the protocol of the cut (--protocol)."


def _tell_blinded(note: CutNote) -> Iterator[Finding]:
    visits = [f"visit {visit}" for visit in note.visits_left_out]
    if note.left_out or visits:
        told = ", ".join((*note.left_out, *visits))
        words = f"the cut is blinded: {told} are not in it, nor what rests on them"
        yield _tell(Code.CUT_BLINDED, words, "Let somebody who may know arms cut what needs them.")


def _tell(code: Code, words: str, mend: str) -> Finding:
    return Finding(
        where=CUT, code=code.value, message=f"{words}.", severity=Severity.SOFT, mend=mend
    )


def _parse(file: Path) -> CutNote | None:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        lists = {name: tuple(said[name]) for name in ("left_out", "visits_left_out")}
        note = CutNote(**{**said, **lists})
    except (ValueError, TypeError, KeyError, OSError):
        return None
    is_sound = isinstance(note.ledger_line, int) and isinstance(note.blinded, bool)
    texts = (note.ledger_head, note.protocol_fingerprint, note.data_digest, note.lines_digest)
    return note if is_sound and all(isinstance(text, str) for text in texts) else None


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
