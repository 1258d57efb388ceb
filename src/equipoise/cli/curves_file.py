"""A file of times, events and arms, read whole: every fault in it at once, or a sample."""

import csv
import difflib
import io
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.sample import Sample
from equipoise.vocab.finding import Finding

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EVENTS = {"1": 1, "1.0": 1, "true": 1, "yes": 1, "0": 0, "0.0": 0, "false": 0, "no": 0}
_LONGEST = 1e100  # the variance of a restricted mean squares the times
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class CurvesFileRefusedError(Exception):
    """The file is no table of times, events and arms; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns hold what; empty where there is none.

    `cluster` names the patient of a row, `since` the last assessment before its event, `second` the
    time and the event of a second endpoint; `switch` when a patient crossed over (an empty cell:
    never), `follow_up` until when he could have been followed. With `competing` an event of 2 is a
    competing one.
    """

    time: str
    event: str
    arm: str
    stratum: str = ""
    cluster: str = ""
    since: str = ""
    second: tuple[str, ...] = ()
    switch: str = ""
    follow_up: str = ""
    covariates: tuple[str, ...] = ()
    competing: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        asked = (self.time, self.event, self.arm, self.stratum, self.cluster, self.since)
        crossed = (self.switch, self.follow_up)
        return tuple(name for name in (*asked, *self.second, *crossed, *self.covariates) if name)

    @property
    def times(self) -> tuple[str, ...]:
        """Those of them that hold a time."""
        timed = (self.time, self.since, *self.second[:1], self.switch, self.follow_up)
        return tuple(name for name in timed if name)

    @property
    def codes(self) -> Mapping[str, int]:
        """What the event column may hold, and the cause that it means."""
        return {**_EVENTS, "2": 2, "2.0": 2} if self.competing else _EVENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvesFile:
    """The sample of a file, None where findings forbid it."""

    sample: Sample | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    cells: Mapping[str, str]
    count: int
    expected: int


def read_curves(data: bytes, *, name: str, columns: Columns, reference: str) -> CurvesFile:
    """The sample of a CSV file, or everything that is wrong with its rows.

    `reference` names the reference arm (empty: the first in sorted order). Raises
    CurvesFileRefusedError where the file is no such table.
    """
    rows = _read_rows(_decode(data), columns)
    findings = [finding for row in rows for finding in _check_row(row, name, columns)]
    arms = sorted({row.cells[columns.arm] for row in rows})
    if not findings:
        findings = [*_check_arms(arms, name, columns), *_check_clusters(rows, name, columns)]
    if findings:
        return CurvesFile(sample=None, findings=tuple(findings))
    if reference and reference not in arms:
        raise CurvesFileRefusedError(
            f"there is no arm '{reference}'; column '{columns.arm}' has {_quoted(arms)}"
        )
    first = reference or arms[0]
    order = (first, *(arm for arm in arms if arm != first))
    return CurvesFile(sample=_build_sample(rows, columns, order), findings=())


def _decode(data: bytes) -> str:
    if not data.strip():
        raise CurvesFileRefusedError("the file is empty")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise CurvesFileRefusedError(
            f"the file is not in UTF-8 (byte {error.start + 1}); save it as CSV UTF-8"
        ) from error
    if "\0" in text:
        raise CurvesFileRefusedError("the file is not text in UTF-8; save it as CSV UTF-8")
    return text


def _read_rows(text: str, columns: Columns) -> list[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except csv.Error as error:
        raise CurvesFileRefusedError(f"line {reader.line_num} is no CSV: {error}") from error
    if not lines:
        raise CurvesFileRefusedError("the file is empty")
    header = [cell.strip() for cell in lines[0][1]]
    _check_header(header, columns)
    if len(lines) == 1:
        raise CurvesFileRefusedError("the file has a line of column names but no row")
    return [_name_cells(line, header, cells) for line, cells in lines[1:]]


def _name_cells(line: int, header: Sequence[str], cells: Sequence[str]) -> _Row:
    named = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    return _Row(line=line, cells=named, count=len(cells), expected=len(header))


def _check_header(header: Sequence[str], columns: Columns) -> None:
    if "" in (columns.time, columns.event, columns.arm):
        raise CurvesFileRefusedError("time, event and arm each need the name of a column")
    same = sorted({name for name in columns.names if columns.names.count(name) > 1})
    if same:
        raise CurvesFileRefusedError(f"column {_quoted(same)} cannot stand for two things")
    missing = [name for name in columns.names if name not in header]
    if missing:
        for separator, words in _OTHER_SEPARATORS.items():
            if len(header) == 1 and separator in header[0]:
                raise CurvesFileRefusedError(
                    f"columns are separated by {words}; save the file with commas"
                )
        near = difflib.get_close_matches(missing[0], header, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise CurvesFileRefusedError(
            f"there is no column {_quoted(missing)}; the file has {_quoted(header)}.{hint}"
        )
    double = sorted({name for name in columns.names if header.count(name) > 1})
    if double:
        raise CurvesFileRefusedError(f"column {_quoted(double)} stands in the file twice")


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _check_row(row: _Row, name: str, columns: Columns) -> list[Finding]:
    if row.count != row.expected:
        words = f"the row has another number of cells than the line of names ({row.expected})"
        return [_finding(row, name, "", "ragged-row", words, f"{row.count} cells")]
    empty = [column for column in columns.names if not row.cells[column]]
    needed = [column for column in empty if column != columns.switch]
    found = [_finding(row, name, c, "empty-cell", "there is no value", "") for c in needed]
    faults = [_check_time(row, name, each) for each in columns.times if each not in empty]
    found += [finding for fault in faults for finding in fault]
    if columns.since and not found and _since(row, columns) > float(row.cells[columns.time]):
        words = "the assessment before the event comes after it"
        found.append(_finding(row, name, columns.since, "since-too-late", words))
    ends = columns.follow_up
    if ends and not found and float(row.cells[ends]) < float(row.cells[columns.time]):
        words = "the time is longer than the patient could have been followed"
        found.append(_finding(row, name, ends, "follow-up-too-short", words))
    for column in (columns.event, *columns.second[1:]):
        if column in empty or row.cells[column].lower() in columns.codes:
            continue
        words = "an event is 1 or 0, true or false, yes or no"
        words += ", 2 where competing" if columns.competing else ""
        found.append(_finding(row, name, column, "not-an-event", words))
    for column in (columns.arm, columns.stratum, columns.cluster, *columns.covariates):
        if any(unicodedata.category(sign) == "Cc" for sign in row.cells.get(column, "")):
            words = "a name holds a line break or another control character"
            found.append(_finding(row, name, column, "control-character", words))
    return found


def _check_time(row: _Row, name: str, column: str) -> list[Finding]:
    text = row.cells[column]
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        hint = " (write the decimal sign as a point)" if "," in text else ""
        return [_finding(row, name, column, "not-a-number", f"the time is no number{hint}")]
    if float(text) < 0:
        return [_finding(row, name, column, "negative-time", "the time is negative")]
    if float(text) > _LONGEST:
        words = f"the time is above {_LONGEST:g}; write it in a larger unit"
        return [_finding(row, name, column, "time-too-large", words)]
    return []


def _finding(
    row: _Row, name: str, column: str, code: str, message: str, found: str | None = None
) -> Finding:
    where = f"{name}, line {row.line}" + (f", {column}" if column else "")
    value = row.cells.get(column, "") if found is None else found
    return Finding(where=where, code=code, message=message, found=value)


def _check_arms(arms: Sequence[str], name: str, columns: Columns) -> list[Finding]:
    if len(arms) == 2:
        return []
    words = "is one arm only" if len(arms) == 1 else f"are {len(arms)} arms"
    shown = [*arms[:8], *(["..."] if len(arms) > 8 else [])]
    return [
        Finding(
            where=f"{name}, column {columns.arm}",
            code="not-two-arms",
            message=f"there {words}; two are compared",
            found=", ".join(shown),
            mend="Keep the rows of two arms, or name the right column with --arm.",
        )
    ]


def _check_clusters(rows: Sequence[_Row], name: str, columns: Columns) -> list[Finding]:
    """Rows of a patient who stands in another arm or stratum before."""
    if not columns.cluster:
        return []
    first: dict[str, _Row] = {}
    found = []
    for row in rows:
        before = first.setdefault(row.cells[columns.cluster], row)
        for column in filter(None, (columns.arm, columns.stratum)):
            if row.cells[column] != before.cells[column]:
                words = f"line {before.line} has the same patient with another value"
                found.append(_finding(row, name, column, "patient-apart", words))
    return found


def _build_sample(rows: Sequence[_Row], columns: Columns, arms: tuple[str, ...]) -> Sample:
    words = [row.cells[columns.stratum] if columns.stratum else "all" for row in rows]
    strata = tuple(sorted(set(words)))
    cause = np.array([columns.codes[row.cells[columns.event].lower()] for row in rows])
    time = np.array([float(row.cells[columns.time]) for row in rows], dtype=np.float64)
    own = [row.cells[columns.cluster] if columns.cluster else f"line {row.line}" for row in rows]
    sample = Sample(
        reference=arms[0],
        arms=arms,
        arm=np.array([arms.index(row.cells[columns.arm]) for row in rows], dtype=np.int64),
        time=time,
        cause=cause.astype(np.int64),
        stratum=np.array([strata.index(word) for word in words], dtype=np.int64),
        strata=strata,
        factors=(columns.stratum,) if columns.stratum else (),
        subject=np.array(own, dtype=np.str_),
        rows=tuple(f"line {row.line}" for row in rows),
    )
    if columns.since:
        left = np.array([_since(row, columns) for row in rows], dtype=np.float64)
        sample = replace(sample, left=left, right=np.where(cause > 0, time, np.inf))
    if columns.second:
        sample = _with_second(sample, rows, columns)
    if columns.switch:
        sample = replace(sample, switch=_times(rows, columns.switch))
    if columns.follow_up:
        sample = replace(sample, follow_up=_times(rows, columns.follow_up))
    return _with_covariates(sample, rows, columns) if columns.covariates else sample


def _times(rows: Sequence[_Row], column: str) -> NDArray[np.float64]:
    """The times of a column; an empty cell is never."""
    return np.array([float(row.cells[column] or "inf") for row in rows], dtype=np.float64)


def _with_second(sample: Sample, rows: Sequence[_Row], columns: Columns) -> Sample:
    """The time and the cause of the second endpoint, which stands in the same rows."""
    time, event = columns.second
    codes = [columns.codes[row.cells[event].lower()] for row in rows]
    return replace(
        sample,
        second_time=np.array([float(row.cells[time]) for row in rows], dtype=np.float64),
        second_cause=np.array(codes, dtype=np.int64),
        second_rows=np.array(sample.rows, dtype=np.str_),
        second_label=time,
    )


def _since(row: _Row, columns: Columns) -> float:
    return float(row.cells[columns.since])


def _with_covariates(sample: Sample, rows: Sequence[_Row], columns: Columns) -> Sample:
    """Numbers as they stand; words as levels, a column for each but the first in sorted order."""
    names: list[str] = []
    values: list[list[float]] = []
    for column in columns.covariates:
        cells = [row.cells[column] for row in rows]
        if all(_NUMBER.fullmatch(cell) for cell in cells):
            names.append(column)
            values.append([float(cell) for cell in cells])
            continue
        for level in sorted(set(cells))[1:]:
            names.append(f"{column}: {level}")
            values.append([float(cell == level) for cell in cells])
    table = np.array(values, dtype=np.float64).reshape(len(names), len(rows)).T
    return replace(sample, covariates=np.ascontiguousarray(table), covariate_names=tuple(names))
