"""A trial read from a folder: one CSV or Parquet file per form, and the allocations."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from equipoise.capture.frames import empty_frame
from equipoise.capture.trial import ALLOCATION_SCHEMA, TrialData
from equipoise.capture.validate import validate_rows
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.vocab.finding import Finding, Severity

ALLOCATIONS = "allocations"
SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRead:
    """The trial as far as its rows are good, and what was found in the files."""

    trial: TrialData
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A file as text: column names, rows with the number of their line, and what was found."""

    table: pl.DataFrame
    findings: tuple[Finding, ...]


def read_folder(folder: Path, protocol: Protocol) -> TrialRead:
    """The trial in `folder`, with every finding about its files, rows and cells."""
    findings = list(_check_files(folder, protocol))
    frames: dict[str, pl.DataFrame] = {}
    for form in protocol.form:
        frames[form.form], found = _read_form(folder, form, protocol)
        findings += found
    allocations, found = _read_allocations(folder, protocol)
    findings += [*found, *_check_subjects(frames, allocations, protocol)]
    return TrialRead(
        trial=TrialData(frames=frames, allocations=allocations), findings=tuple(findings)
    )


def read_table(file: Path) -> RawTable:
    """A CSV or Parquet file as a table of text, whatever its encoding or delimiter."""
    if file.suffix == ".parquet":
        return _read_parquet(file)
    text, findings = _decode(file)
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        return RawTable(
            table=pl.DataFrame(),
            findings=(*findings, _problem(file, "empty-file", "the file is empty", "Remove it.")),
        )
    delimiter = max(",;\t|", key=lambda mark: (lines[0].count(mark), mark == ","))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = [name.strip() for name in rows[0]]
    return _shape(file, header, rows[1:], findings)


def _shape(
    file: Path, header: list[str], rows: list[list[str]], findings: list[Finding]
) -> RawTable:
    numbered = [(number, row) for number, row in enumerate(rows, start=2) if any(row)]
    good = []
    for number, row in numbered:
        if len(row) == len(header):
            good.append([*row, str(number)])
        else:
            words = f"the row has {len(row)} cells, the header {len(header)}"
            mend = "Mend the delimiters or quotes of the row."
            findings.append(_problem(file, "ragged-row", words, mend, place=f" row {number}"))
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        words = f"the header names {', '.join(repeated)} twice"
        findings.append(_problem(file, "column-twice", words, "Keep one of the columns."))
        return RawTable(table=pl.DataFrame(), findings=tuple(findings))
    schema = dict.fromkeys([*header, "row"], pl.String())
    return RawTable(table=pl.DataFrame(good, schema=schema, orient="row"), findings=tuple(findings))


def _decode(file: Path) -> tuple[str, list[Finding]]:
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        words = "the text is not UTF-8; it was read as Latin-1"
        found = _problem(file, "other-encoding", words, "Save it as UTF-8.", soft=True)
        return data.decode("latin-1"), [found]


def _read_parquet(file: Path) -> RawTable:
    try:
        table = pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        words = f"no Parquet file: {str(error).splitlines()[0]}"
        found = _problem(file, "not-parquet", words, "Write the file again.")
        return RawTable(table=pl.DataFrame(), findings=(found,))
    dates = table.with_columns(pl.col(pl.Date).cast(pl.String), pl.col(pl.Boolean).cast(pl.String))
    return RawTable(table=dates.cast(pl.String), findings=())


def _read_form(
    folder: Path, form: Form, protocol: Protocol
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    file = _find(folder, form.form)
    if file is None:
        return empty_frame(form), ()
    raw = read_table(file)
    if not raw.table.width:
        return empty_frame(form), raw.findings
    if "subject" not in raw.table.columns:
        found = _problem(file, "column-missing", "no column 'subject'", "Add the column.")
        return empty_frame(form), (*raw.findings, found)
    read = validate_rows(form, raw=raw.table, protocol=protocol, where=file.name)
    return read.frame, (*raw.findings, *read.findings)


def _read_allocations(folder: Path, protocol: Protocol) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    file = _find(folder, ALLOCATIONS)
    none = pl.DataFrame(schema=ALLOCATION_SCHEMA)
    if file is None:
        where = folder / f"{ALLOCATIONS}.csv"
        found = _problem(where, "file-missing", "no allocations", "Add it: subject,arm.", soft=True)
        return none, (found,)
    raw = read_table(file)
    if not {"subject", "arm"} <= set(raw.table.columns):
        found = _problem(file, "column-missing", "needs the columns subject, arm", "Add them.")
        return none, (*raw.findings, *(() if not raw.table.width else (found,)))
    findings = list(raw.findings)
    arms = [arm.code for arm in protocol.arm]
    seen: set[tuple[str, str]] = set()
    kept = []
    for row in raw.table.iter_rows(named=True):
        replicate = str(row.get("replicate") or "0")
        place = f" row {row.get('row', '')}"
        if row["arm"] not in arms:
            words = f"there is no arm '{row['arm']}'"
            mend = f"Write one of {', '.join(arms)}."
            findings.append(_problem(file, "unknown-arm", words, mend, place=place))
        elif (replicate, row["subject"]) in seen:
            words = f"subject {row['subject']} is allocated twice; the first is kept"
            mend = "Keep one allocation."
            findings.append(_problem(file, "duplicate-allocation", words, mend, place=place))
        else:
            seen.add((replicate, row["subject"]))
            kept.append((int(replicate), row["subject"], row["arm"]))
    return pl.DataFrame(kept, schema=ALLOCATION_SCHEMA, orient="row"), tuple(findings)


def _check_subjects(
    frames: dict[str, pl.DataFrame], allocations: pl.DataFrame, protocol: Protocol
) -> Iterator[Finding]:
    """A finding for each subject randomised without allocation, or the other way round."""
    form = protocol.randomisation.form
    key = ["replicate", "subject"]
    randomised = frames[form].select(key).unique(maintain_order=True)
    pairs = (
        (randomised, allocations, "randomised-without-allocation", f"{form}: randomised, no arm"),
        (allocations.select(key), randomised, "allocation-without-randomisation",
         f"{ALLOCATIONS}: an arm, but no randomisation entry"),
    )  # fmt: skip
    for left, right, code, words in pairs:
        for row in left.join(right, on=key, how="anti", maintain_order="left").iter_rows(
            named=True
        ):
            yield Finding(
                where=f"{row['subject']}",
                code=code,
                message=words,
                mend="Compare both files.",
                subject=row["subject"],
            )


def _check_files(folder: Path, protocol: Protocol) -> Iterator[Finding]:
    known = {ALLOCATIONS, *(form.form for form in protocol.form)}
    for file in sorted(folder.iterdir()):
        if file.suffix in SUFFIXES and file.stem not in known:
            words = f"the protocol has no form '{file.stem}'; the file is not read"
            yield _problem(file, "unknown-file", words, "Rename or remove it.", soft=True)


def _find(folder: Path, name: str) -> Path | None:
    files = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
    return next((file for file in files if file.is_file()), None)


def _problem(
    file: Path, code: str, message: str, mend: str, *, place: str = "", soft: bool = False
) -> Finding:
    severity = Severity.SOFT if soft else Severity.HARD
    return Finding(
        where=f"{file.name}{place}", code=code, message=message, severity=severity, mend=mend
    )
