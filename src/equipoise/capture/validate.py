"""Validation of raw rows against a form: typed good rows, and every finding at once."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from equipoise.capture.entry import Value
from equipoise.capture.frames import to_frame
from equipoise.capture.read_values import Complaint, ReadColumn, read_column
from equipoise.protocol.form_model import Form, Item
from equipoise.protocol.model import Protocol
from equipoise.protocol.scope import codes_of
from equipoise.vocab.ctcae import allowed_grades
from equipoise.vocab.finding import Finding, Severity
from equipoise.vocab.missing import Missing

FIRST_ROW = 2  # the header is row 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """The rows that may be kept, as a typed frame of the form, and what was found."""

    frame: pl.DataFrame
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedEntry:
    """The values of one entry that may be kept, and what was found."""

    values: Mapping[str, Value | Missing]
    findings: tuple[Finding, ...]


def validate_rows(form: Form, *, raw: pl.DataFrame, protocol: Protocol, where: str) -> Validated:
    """The typed good rows of `raw`, and every finding about it.

    `raw` holds text (null = not yet known): `subject`, the items by name, optionally `replicate`
    and `row`, the number by which a person finds the row in `where`. A row with a hard finding is
    refused, the others are kept.
    """
    names = _check_names(form, raw, where)
    columns = {
        item.name: read_column(
            raw[item.name].cast(pl.String).str.strip_chars().replace("", None),
            item=item,
            codes=codes_of(item, code_lists=protocol.code_list),
        )
        for item in form.entered_items
        if item.name in raw.columns
    }
    tell = _teller(form, raw, where)
    findings = [*names, *_check_subject(raw, tell)]
    for name, column in columns.items():
        findings += [tell(name, complaint) for complaint in column.complaints]
    findings += [tell(name, c) for name, c in _check_required(form, raw, columns)]
    findings += [tell(name, c) for name, c in _check_grades(form, columns)]
    refused = _refused_rows(raw, findings, where)
    typed = _typed(raw, columns).with_row_index("_row")
    kept = typed.filter(~pl.col("_row").is_in(list(refused))).drop("_row")
    frame = to_frame(kept, form=form)
    return _without_twice(Validated(frame=frame, findings=tuple(findings)), where)


def validate(form: Form, *, raw: Mapping[str, str], protocol: Protocol) -> ValidatedEntry:
    """The typed values of one entry (with `subject`), and every finding about it.

    The same as `validate_rows` on one row.
    """
    row = pl.DataFrame({name: [value] for name, value in raw.items()}, schema_overrides={})
    read = validate_rows(form, raw=row.cast(pl.String), protocol=protocol, where=form.form)
    values: dict[str, Value | Missing] = {}
    for kept in read.frame.iter_rows(named=True):
        names = [item.name for item in form.entered_items]
        values = {name: kept[name] for name in names if kept[name] is not None}
        kinds = [pair.partition("=") for pair in (kept["missing"] or "").split(";") if pair]
        values |= {name: Missing(kind) for name, _, kind in kinds}
    return ValidatedEntry(values=values, findings=read.findings)


Teller = Callable[[str, Complaint], Finding]


def _teller(form: Form, raw: pl.DataFrame, where: str) -> Teller:
    def tell(item: str, complaint: Complaint) -> Finding:
        subject = _cell(raw, complaint.row, "subject")
        key = ".".join(_cell(raw, complaint.row, name) for name in form.key)
        return Finding(
            where=f"{where} row {_row_number(raw, complaint.row)}: {item}",
            code=complaint.code,
            message=f"{item}: {complaint.message}.",
            severity=Severity.SOFT if complaint.soft else Severity.HARD,
            found=complaint.found,
            mend=complaint.mend,
            subject=subject,
            entry=f"{subject}/{form.form}" + (f"/{key}" if key else ""),
        )

    return tell


def _row_number(raw: pl.DataFrame, row: int) -> int:
    """The number by which a person finds a row: its own, else counted from the header."""
    return int(raw["row"][row]) if "row" in raw.columns else row + FIRST_ROW


def _cell(raw: pl.DataFrame, row: int, name: str) -> str:
    return str(raw[name][row] or "") if name in raw.columns else ""


def _check_names(form: Form, raw: pl.DataFrame, where: str) -> Iterable[Finding]:
    known = {item.name: item for item in form.entered_items}
    for name in raw.columns:
        if name in known or name in ("subject", "replicate", "row"):
            continue
        yield Finding(
            where=f"{where} header: {name}",
            code="unknown-item",
            message=f"the form '{form.form}' has no item '{name}'; the column is not read.",
            severity=Severity.SOFT,
            found=name,
            mend=_suggest(name, known, form),
        )


def _suggest(name: str, known: Mapping[str, Item], form: Form) -> str:
    if any(item.name == name for item in form.derived_items):
        return "It is derived from other items and not entered."
    stem = name.rpartition("_")[0]
    same = [item for item in known.values() if stem and item.name.rpartition("_")[0] == stem]
    if same and same[0].unit:
        return f"Wrong unit? The item is {same[0].name}, in {same[0].unit}."
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean '{near[0]}'?" if near else "Remove the column, or add it to the protocol."


def _check_subject(raw: pl.DataFrame, tell: Teller) -> Iterable[Finding]:
    empty = raw["subject"].cast(pl.String).str.strip_chars().replace("", None).is_null()
    for row in empty.arg_true().to_list():
        complaint = Complaint(
            row=row, code="required-missing", message="missing", found="", mend="Name the subject."
        )
        yield tell("subject", complaint)


def _check_required(
    form: Form, raw: pl.DataFrame, columns: Mapping[str, ReadColumn]
) -> Iterable[tuple[str, Complaint]]:
    """A required key item is refused when missing; another one is asked about."""
    for item in form.entered_items:
        if not item.required:
            continue
        column = columns.get(item.name)
        if column is None:
            rows = list(range(raw.height))
        else:
            bad = {complaint.row for complaint in column.complaints}
            absent = column.values.is_null() & column.missing.is_null()
            rows = [row for row in absent.arg_true().to_list() if row not in bad]
        for row in rows:
            yield (
                item.name,
                Complaint(
                    row=row,
                    code="required-missing",
                    message="missing",
                    found="",
                    mend="Enter it, or say why it is missing (@not_done, @unknown).",
                    soft=item.name not in form.key,
                ),
            )


def _check_grades(form: Form, columns: Mapping[str, ReadColumn]) -> Iterable[tuple[str, Complaint]]:
    for item in form.entered_items:
        if not item.graded_by or item.name not in columns or item.graded_by not in columns:
            continue
        grades = columns[item.name].values
        terms = columns[item.graded_by].values
        for row, (term, grade) in enumerate(zip(terms, grades, strict=True)):
            allowed = allowed_grades(term) if term is not None else None
            if allowed and grade is not None and grade not in allowed:
                listed = ", ".join(str(each) for each in sorted(allowed))
                yield (
                    item.name,
                    Complaint(
                        row=row,
                        code="grade-not-allowed",
                        message=f"CTCAE v5.0 gives {term} no grade {grade}",
                        found=str(grade),
                        mend=f"Grades of this term: {listed}.",
                    ),
                )


def _refused_rows(raw: pl.DataFrame, findings: Iterable[Finding], where: str) -> frozenset[int]:
    places = {f"{where} row {_row_number(raw, row)}": row for row in range(raw.height)}
    hard = (finding for finding in findings if finding.severity is Severity.HARD)
    return frozenset(
        places[place] for f in hard if (place := f.where.rpartition(": ")[0]) in places
    )


def _typed(raw: pl.DataFrame, columns: Mapping[str, ReadColumn]) -> pl.DataFrame:
    subject = raw["subject"].cast(pl.String).str.strip_chars()
    made = {"subject": subject, **{name: column.values for name, column in columns.items()}}
    if "replicate" in raw.columns:
        made["replicate"] = raw["replicate"].cast(pl.Int32, strict=False)
    kinds = [
        pl.when(pl.lit(column.missing).is_not_null())
        .then(pl.lit(f"{name}=") + pl.lit(column.missing))
        .alias(name)
        for name, column in columns.items()
        if column.missing.null_count() < len(column.missing)
    ]
    frame = pl.DataFrame(made)
    if kinds:
        written = pl.concat_str(kinds, separator=";", ignore_nulls=True).replace("", None)
        frame = frame.with_columns(written.alias("missing"))
    return frame


def _without_twice(validated: Validated, where: str) -> Validated:
    frame = validated.frame
    again = ~pl.struct("replicate", "subject", "entry").is_first_distinct()
    twice = [
        Finding(
            where=f"{where}: {row['entry']}",
            code="duplicate-key",
            message="this entry stands more than once; the first is kept.",
            found=row["entry"],
            mend="Keep one of them.",
            subject=row["subject"],
            entry=row["entry"],
        )
        for row in frame.filter(again).iter_rows(named=True)
    ]
    return Validated(frame=frame.filter(~again), findings=(*validated.findings, *twice))
