"""A trial read from a folder: one CSV or Parquet file per form, and the allocations."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from equipoise.capture.codes import Code
from equipoise.capture.cut_note import ENTRY_LINES
from equipoise.capture.frames import empty_frame
from equipoise.capture.raw_table import RawTable, read_table, tell_file
from equipoise.capture.trial import ALLOCATION_SCHEMA, TrialData
from equipoise.capture.validate import Validated, validate_rows
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.vocab.finding import Finding

ALLOCATIONS = "allocations"
SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRead:
    """The trial as far as its rows are good, and what was found in the files."""

    trial: TrialData
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAllocations:
    """The allocations as far as their rows are good, and what was found."""

    table: pl.DataFrame
    findings: tuple[Finding, ...]


def read_folder(folder: Path, protocol: Protocol) -> TrialRead:
    """The trial in `folder`, with every finding about its files, rows and cells."""
    forms = {form.form: _read_form(folder, form, protocol) for form in protocol.form}
    frames = {name: read.frame for name, read in forms.items()}
    allocated = _read_allocations(folder, protocol)
    findings = [
        *_check_files(folder, protocol),
        *(finding for read in forms.values() for finding in read.findings),
        *allocated.findings,
    ]
    findings += _check_dates(frames[protocol.randomisation.form], protocol)
    if _find(folder, ALLOCATIONS) is not None:
        findings += _check_both(frames[protocol.randomisation.form], allocated.table, protocol)
    return TrialRead(
        trial=TrialData(frames=frames, allocations=allocated.table), findings=tuple(findings)
    )


def _read_form(folder: Path, form: Form, protocol: Protocol) -> Validated:
    file = _find(folder, form.form)
    raw = read_table(file) if file is not None else _tell_missing(folder, form)
    if file is None or not raw.table.width:
        return Validated(frame=empty_frame(form), findings=raw.findings)
    read = validate_rows(form, raw=raw.table, protocol=protocol, where=file.name, rows=raw.rows)
    return Validated(frame=read.frame, findings=(*raw.findings, *read.findings))


def _tell_missing(folder: Path, form: Form) -> RawTable:
    found = tell_file(
        folder / f"{form.form}.csv",
        code=Code.FILE_MISSING,
        message=f"there is no such file: read as no entry of '{form.title}'",
        mend="Add it, if only its header.",
        soft=True,
    )
    return RawTable(table=pl.DataFrame(), findings=(found,))


def _read_allocations(folder: Path, protocol: Protocol) -> ReadAllocations:
    none = pl.DataFrame(schema=ALLOCATION_SCHEMA)
    file = _find(folder, ALLOCATIONS)
    if file is None:
        place = folder / f"{ALLOCATIONS}.csv"
        found = tell_file(
            place,
            code=Code.FILE_MISSING,
            message="there is no such file",
            mend="Add it: subject,arm.",
            soft=True,
        )
        return ReadAllocations(table=none, findings=(found,))
    raw = read_table(file)
    if not {"subject", "arm"} <= set(raw.table.columns):
        found = tell_file(
            file,
            code=Code.COLUMN_MISSING,
            message="it needs the columns subject, arm",
            mend="Add them.",
        )
        added = (found,) if raw.table.width else ()
        return ReadAllocations(table=none, findings=(*raw.findings, *added))
    return _keep_allocations(file, raw, protocol)


def _keep_allocations(file: Path, raw: RawTable, protocol: Protocol) -> ReadAllocations:
    arms = [arm.code for arm in protocol.arm]
    findings = list(raw.findings)
    kept: dict[tuple[str, str], str] = {}
    for number, row in zip(raw.rows, raw.table.iter_rows(named=True), strict=True):
        cells = {name: (cell or "").strip() for name, cell in row.items()}
        place = (cells.get("replicate") or "0", cells["subject"])
        problem = _tell_allocation(cells, arms=arms, is_again=place in kept)
        if problem is None:
            kept[place] = cells["arm"]
        else:
            code, words, mend = problem
            findings.append(
                tell_file(file, code=code, message=words, mend=mend, place=f" row {number}")
            )
    table = pl.DataFrame(
        [(int(replicate), subject, arm) for (replicate, subject), arm in kept.items()],
        schema=ALLOCATION_SCHEMA,
        orient="row",
    )
    return ReadAllocations(table=table, findings=tuple(findings))


def _tell_allocation(
    cells: dict[str, str], *, arms: list[str], is_again: bool
) -> tuple[Code, str, str] | None:
    """What is wrong with a row of allocations, and its mend; None when it may be kept."""
    subject, arm, replicate = cells["subject"], cells["arm"], cells.get("replicate") or "0"
    if not subject:
        return Code.REQUIRED_MISSING, "the row names no subject", "Name the subject."
    if re.fullmatch(r"[0-9]{1,9}", replicate) is None:
        return Code.WRONG_TYPE, f"'{replicate}' is no number of a trial", "Write it from 0."
    if arm not in arms:
        near = difflib.get_close_matches(arm, arms, n=1)
        guess = f"Did you mean '{near[0]}'?" if near else f"Write one of: {', '.join(arms)}."
        return Code.UNKNOWN_ARM, f"there is no arm '{arm}' ({subject})", guess
    if is_again:
        words = f"subject {subject} is allocated above already; the first is kept"
        return Code.ALLOCATED_TWICE, words, "Keep one allocation."
    return None


def _check_dates(randomised: pl.DataFrame, protocol: Protocol) -> Iterator[Finding]:
    """A finding for each randomised subject without a date: none of its clocks can start."""
    form, item = protocol.randomisation.form, protocol.randomisation.date_item
    for row in randomised.filter(pl.col(item).is_null()).iter_rows(named=True):
        yield Finding(
            where=f"{form} {row['entry']}: {item}",
            code=Code.RANDOMISED_WITHOUT_DATE.value,
            message="the subject is randomised, but nobody says when: no endpoint can be derived.",
            mend="Enter the date of randomisation.",
            subject=row["subject"],
            entry=row["entry"],
        )


def _check_both(
    randomised: pl.DataFrame, allocations: pl.DataFrame, protocol: Protocol
) -> Iterator[Finding]:
    """A finding for each subject randomised without allocation, or the other way round."""
    form = protocol.randomisation.form
    key = ["replicate", "subject"]
    pairs = (
        (randomised, allocations, Code.RANDOMISED_WITHOUT_ALLOCATION,
         f"the subject has an entry in '{form}', but no arm."),
        (allocations, randomised, Code.ALLOCATION_WITHOUT_RANDOMISATION,
         f"the subject has an arm, but no entry in '{form}'."),
    )  # fmt: skip
    for left, right, code, words in pairs:
        missing = left.join(right, on=key, how="anti", maintain_order="left")
        for subject in missing["subject"].to_list():
            yield Finding(
                where=f"{form}, {ALLOCATIONS}: {subject}",
                code=code.value,
                message=words,
                mend="Compare both files.",
                subject=subject,
            )


def _check_files(folder: Path, protocol: Protocol) -> Iterator[Finding]:
    """A finding for each table that no form of the protocol asks for, or that stands twice."""
    known = [ALLOCATIONS, ENTRY_LINES, *(form.form for form in protocol.form)]
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in SUFFIXES and f"{file.stem}{file.suffix}" not in _names(known):
            words = f"the protocol has no form '{file.stem}'; the file is not read"
            near = difflib.get_close_matches(file.stem.lower(), known, n=1)
            mend = f"Rename it to '{near[0]}.csv'?" if near else "Rename or remove it."
            yield tell_file(file, code=Code.UNKNOWN_FILE, message=words, mend=mend, soft=True)
    for name in known:
        files = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
        if all(file.is_file() for file in files):
            words = f"'{name}' stands as CSV and as Parquet; the CSV file is read"
            yield tell_file(
                files[1], code=Code.FILE_TWICE, message=words, mend="Remove one of them."
            )


def _names(known: list[str]) -> set[str]:
    return {f"{name}{suffix}" for name in known for suffix in SUFFIXES}


def _find(folder: Path, name: str) -> Path | None:
    files = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
    return next((file for file in files if file.is_file()), None)
