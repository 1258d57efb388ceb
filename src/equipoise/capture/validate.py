"""Validation of raw rows against a form: typed good rows, and every finding at once."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from equipoise.capture.branching import answered_in_vain, is_shown
from equipoise.capture.codes import Code
from equipoise.capture.entry import Value
from equipoise.capture.frames import empty_frame, read_missing, to_frame
from equipoise.capture.read_values import ReadColumn, read_columns
from equipoise.capture.repeats import list_repeats
from equipoise.capture.value_checks import Complaint, check_grades
from equipoise.protocol.form_model import Form, ItemType
from equipoise.protocol.model import Protocol
from equipoise.vocab.finding import Finding, Severity
from equipoise.vocab.missing import WRITTEN, Missing

FIRST_ROW = 2  # the header is row 1
IDENTITY = ("subject", "replicate")
Columns = Mapping[str, ReadColumn]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """Rows of text for a form: where they stand, and the number of each row there."""

    form: Form
    table: pl.DataFrame
    where: str
    rows: Sequence[int]


def validate_rows(
    form: Form,
    *,
    raw: pl.DataFrame,
    protocol: Protocol,
    where: str,
    rows: Sequence[int] | None = None,
) -> Validated:
    """The typed good rows of `raw`, and every finding about it.

    `raw` holds text (null = not yet known): `subject`, the items by name, optionally `replicate`.
    `rows` are the numbers by which a person finds the rows in `where`, counted from the header
    when absent. A row with a hard finding is refused, the others are kept.
    """
    table = raw.with_columns(pl.all().cast(pl.String).str.strip_chars().replace("", None))
    numbers = rows if rows is not None else range(FIRST_ROW, FIRST_ROW + table.height)
    given = RawRows(form=form, table=table, where=where, rows=numbers)
    header = list(_check_header(given))
    if any(name not in table.columns for name in ("subject", *form.key)):
        return Validated(frame=empty_frame(form), findings=tuple(header))
    columns = _read_columns(given, protocol)
    complaints = [*_check_identity(given), *(c for col in columns.values() for c in col.complaints)]
    complaints += [*_check_required(given, columns, protocol), *_check_grades(form, columns)]
    good = _without(_typed(given, columns), complaints)
    twice = list(_check_twice(good, given, protocol))
    frame = to_frame(_without(good, twice), form=form)
    complaints = sorted([*complaints, *twice], key=lambda complaint: complaint.row)
    return Validated(frame=frame, findings=(*header, *(_tell(given, c) for c in complaints)))


def validate(form: Form, *, raw: Mapping[str, str], protocol: Protocol) -> ValidatedEntry:
    """The typed values of one entry (with `subject`), and every finding about it.

    The same as `validate_rows` on one row, where an item not in `raw` is not yet known, and
    branching as far as the form itself decides it.
    """
    read = validate_one(form, raw=raw, protocol=protocol)
    values: dict[str, Value | Missing] = {}
    for kept in read.frame.iter_rows(named=True):
        names = [item.name for item in form.entered_items]
        values = {name: kept[name] for name in names if kept[name] is not None}
        values |= read_missing(kept["missing"])
    branching = answered_in_vain(read.frame, form=form, protocol=protocol)
    return ValidatedEntry(values=values, findings=(*read.findings, *branching))


def validate_one(form: Form, *, raw: Mapping[str, str], protocol: Protocol) -> Validated:
    """The entry as a frame of one row (of none where it is refused), and every finding about it."""
    asked = ["subject", *(item.name for item in form.entered_items)]
    names = dict.fromkeys([*asked, *raw], pl.String())
    table = pl.DataFrame([{name: text or None for name, text in raw.items()}], schema=names)
    read = validate_rows(form, raw=table, protocol=protocol, where=form.form)
    told = (replace(f, where=f.where.replace(f" row {FIRST_ROW}", "", 1)) for f in read.findings)
    return Validated(frame=read.frame, findings=tuple(told))


def _read_columns(given: RawRows, protocol: Protocol) -> Columns:
    present = set(given.table.columns)
    items = [item for item in given.form.entered_items if item.name in present]
    return read_columns(given.table, items=items, code_lists=protocol.code_list)


def _tell(given: RawRows, complaint: Complaint) -> Finding:
    cells = {
        name: str(given.table[name][complaint.row] or "")
        for name in ("subject", *given.form.key)
        if name in given.table.columns
    }
    subject = cells.pop("subject")
    key = f"/{'.'.join(cells.values())}" if cells else ""
    item = f": {complaint.item}" if complaint.item else ""
    return Finding(
        where=f"{given.where} row {given.rows[complaint.row]}{item}",
        code=complaint.code.value,
        message=f"{complaint.message}.",
        severity=Severity.SOFT if complaint.soft else Severity.HARD,
        found=complaint.found,
        mend=complaint.mend,
        subject=subject,
        entry=f"{subject}/{given.form.form}{key}",
        item=complaint.item,
    )


def _check_header(given: RawRows) -> Iterator[Finding]:
    known = [item.name for item in given.form.entered_items]
    for name in given.table.columns:
        if name not in known and name not in IDENTITY:
            yield Finding(
                where=f"{given.where} header: {name}",
                code=Code.UNKNOWN_ITEM.value,
                message=f"the form '{given.form.form}' has no item '{name}'; it is not read.",
                found=name,
                mend=_suggest(name, given.form),
            )
    needed = [item.name for item in given.form.entered_items if item.required]
    for name in dict.fromkeys(["subject", *given.form.key, *needed]):
        if name not in given.table.columns:
            key = name == "subject" or name in given.form.key
            yield Finding(
                where=f"{given.where} header: {name}",
                code=Code.COLUMN_MISSING.value,
                message=f"no column '{name}'" + ("; no row can be read." if key else "."),
                severity=Severity.HARD if key else Severity.SOFT,
                mend="Add the column.",
            )


def _suggest(name: str, form: Form) -> str:
    if any(item.name == name for item in form.derived_items):
        return "It is derived from other items and not entered."
    stem = name.rpartition("_")[0]
    for item in form.entered_items:
        if stem and item.unit and item.name.rpartition("_")[0] == stem:
            return f"Wrong unit? The item is '{item.name}', in {item.unit}."
    known = [item.name for item in form.entered_items]
    near = difflib.get_close_matches(name.lower(), ["subject", *known], n=1)
    return f"Did you mean '{near[0]}'?" if near else "Remove the column, or add it to the protocol."


def _check_identity(given: RawRows) -> Iterator[Complaint]:
    subjects = given.table["subject"]
    for row in subjects.is_null().arg_true().to_list() if subjects.null_count() else ():
        yield _missing(row, "subject", mend="Name the subject.")
    texts = [n for n in given.form.key if given.form.item_named(n).type is not ItemType.INTEGER]
    bad = given.table.select(_is_bad_name(name) for name in ("subject", *texts))
    for column in bad:
        for row in column.arg_true().to_list() if column.any() else ():
            yield _tell_bad_name(row, given.table[column.name])
    if "replicate" in given.table.columns:
        written = given.table["replicate"]
        number = written.cast(pl.Int32, strict=False)
        wrong = written.is_not_null() & (number.is_null() | (number < 0).fill_null(value=True))
        for row in wrong.arg_true().to_list():
            yield Complaint(
                row=row,
                item="replicate",
                code=Code.WRONG_TYPE,
                message="not the number of a trial",
                found=str(written[row]),
                mend="Write the number of the trial, from 0.",
            )


@lru_cache(maxsize=256)  # keys are few, and nobody changes an expression
def _is_bad_name(name: str) -> pl.Expr:
    """An entry is named subject/form/key.key: what joins the parts may stand in none of them."""
    written = pl.col(name)
    if name == "subject":
        return written.str.contains(r"^@|[/\s\x00-\x1f\x7f]")
    return written.str.contains(r"[./\x00-\x1f\x7f]") & ~written.is_in(list(WRITTEN))


def _tell_bad_name(row: int, written: pl.Series) -> Complaint:
    marks = "space, @ or /" if written.name == "subject" else "dot or /"
    return Complaint(
        row=row,
        item=written.name,
        code=Code.PATTERN_MISMATCH,
        message="it names the entry, and holds a mark that no name may hold",
        found=str(written[row]),
        mend=f"Write it without {marks}.",
    )


def _check_required(given: RawRows, columns: Columns, protocol: Protocol) -> Iterator[Complaint]:
    """A missing key item refuses the row, another required one is asked about."""
    form = given.form
    asked = [
        item
        for item in form.entered_items
        if item.required and item.name in columns and columns[item.name].values.null_count()
    ]
    if not asked:
        return
    typed = pl.DataFrame({name: column.values for name, column in columns.items()})
    shown = {
        item.name: is_shown(item, form=form, protocol=protocol, known=columns) for item in asked
    }
    absent = typed.select(
        pl.col(item.name).is_null() & _untold(item.name, columns, form) & shown[item.name]
        for item in asked
    )
    mend = "Enter it, or say why it is missing (@not_done, @unknown)."
    for column in absent:
        is_key = column.name in form.key
        unread = {complaint.row for complaint in columns[column.name].complaints}
        for row in column.arg_true().to_list() if column.any() else ():
            if row not in unread:
                words = "Enter it." if is_key else mend
                yield _missing(row, column.name, mend=words, soft=not is_key)


def _untold(name: str, columns: Columns, form: Form) -> pl.Expr:
    """Whether no kind of missing is written; of a key none counts."""
    missing = columns[name].missing
    return pl.lit(value=True) if missing is None or name in form.key else pl.lit(missing).is_null()


def _missing(row: int, item: str, *, mend: str, soft: bool = False) -> Complaint:
    return Complaint(
        row=row,
        item=item,
        code=Code.REQUIRED_MISSING,
        message="missing",
        found="",
        mend=mend,
        soft=soft,
    )


def _check_grades(form: Form, columns: Columns) -> Iterator[Complaint]:
    for item in form.entered_items:
        if item.graded_by in columns and item.name in columns:
            grades, terms = columns[item.name].values, columns[item.graded_by].values
            yield from check_grades(grades, terms=terms, item=item)


def _check_twice(good: pl.DataFrame, given: RawRows, protocol: Protocol) -> Iterator[Complaint]:
    """A complaint for each row that is an entry which stands above it already."""
    key = [name for name in ("replicate", "subject", *given.form.key) if name in good.columns]
    randomises = given.form.form == protocol.randomisation.form
    items = [item.name for item in given.form.entered_items if item.name in good.columns]
    for row, words in list_repeats(good, key=key, items=items):
        yield Complaint(
            row=row["_row"],
            item="",
            code=Code.RANDOMISED_TWICE if randomises else Code.DUPLICATE_KEY,
            message="this entry stands above already; the first is kept",
            found=f"{', '.join(str(row[name]) for name in key)}: {words}",
            mend="Keep one of them.",
        )


def _typed(given: RawRows, columns: Columns) -> pl.DataFrame:
    made = {"subject": given.table["subject"], **{n: c.values for n, c in columns.items()}}
    if "replicate" in given.table.columns:
        number = given.table["replicate"].cast(pl.Int32, strict=False)
        made["replicate"] = number.fill_null(0)
    kinds = [
        (pl.lit(f"{name}=") + pl.lit(column.missing)).alias(name)
        for name, column in columns.items()
        if column.missing is not None
    ]
    frame = pl.DataFrame(made).with_row_index("_row")
    if not kinds:
        return frame
    written = pl.concat_str(kinds, separator=";", ignore_nulls=True).replace("", None)
    return frame.with_columns(written.alias("missing"))


def _without(frame: pl.DataFrame, complaints: Sequence[Complaint]) -> pl.DataFrame:
    refused = {complaint.row for complaint in complaints if not complaint.soft}
    return frame.filter(~pl.col("_row").is_in(list(refused))) if refused else frame
