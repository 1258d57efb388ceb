"""Entries as typed frames: one per form, with columns from the protocol, never from the data."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from equipoise.capture.entry import FormEntry, Value
from equipoise.protocol.form_model import Form, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import POLARS_TYPES
from equipoise.protocol.scope import companions
from equipoise.vocab.ids import FormName, SubjectId
from equipoise.vocab.missing import WRITTEN, Missing

Frames = Mapping[str, pl.DataFrame]
SUBJECT_KEY = ("replicate", "subject")


def schema_of(form: Form) -> dict[str, pl.DataType]:
    """The columns of a form's frame: identity, entered items, companions, kinds of missing."""
    schema: dict[str, pl.DataType] = {
        "replicate": pl.Int32(),
        "subject": pl.String(),
        "entry": pl.String(),
    }
    for item in form.entered_items:
        schema[item.name] = POLARS_TYPES[item.type]
        if item.type is ItemType.PARTIAL_DATE:
            schema |= dict.fromkeys(companions(item.name), pl.Date())
    return schema | {"missing": pl.String()}


def empty_frame(form: Form) -> pl.DataFrame:
    """A form's frame without entries."""
    return pl.DataFrame(schema=schema_of(form))


def empty_frames(protocol: Protocol) -> dict[str, pl.DataFrame]:
    """Every form of the protocol without entries."""
    return {form.form: empty_frame(form) for form in protocol.form}


def to_frame(raw: pl.DataFrame, *, form: Form) -> pl.DataFrame:
    """A form's frame from typed columns: absent ones are null, identity and companions are made.

    `raw` needs `subject` and the key items; `replicate` is 0 and `missing` null when absent.
    """
    schema = schema_of(form)
    made: dict[str, pl.Expr] = dict.fromkeys(schema, pl.lit(None))
    made |= {"replicate": pl.lit(0)} | {name: pl.col(name) for name in raw.columns}
    made["entry"] = _entry_id(form, made)
    for item in form.entered_items:
        if item.type is ItemType.PARTIAL_DATE and item.name in raw.columns:
            made |= _companion_dates(item.name)
    return raw.select(made[name].cast(kind).alias(name) for name, kind in schema.items())


def frames(entries: Iterable[FormEntry], protocol: Protocol) -> dict[str, pl.DataFrame]:
    """The entries as frames: every form of the protocol, rows in the order given."""
    rows: dict[str, list[dict[str, Any]]] = {form.form: [] for form in protocol.form}
    for entry in entries:
        rows[entry.form].append(_row(entry))
    return {
        form.form: to_frame(pl.DataFrame(rows[form.form], schema=_row_schema(form)), form=form)
        for form in protocol.form
    }


def entries(frames: Frames, protocol: Protocol) -> Iterator[FormEntry]:
    """The entries of one trial, form by form; the inverse of `frames`.

    Entries know no replicate: ValueError when the frames hold more than one.
    """
    replicates = {r for frame in frames.values() for r in frame["replicate"].unique()}
    if len(replicates) > 1:
        raise ValueError("the frames hold several trials; take one replicate")
    for form in protocol.form:
        names = [item.name for item in form.entered_items]
        for row in frames[form.form].iter_rows(named=True):
            values: dict[str, Value | Missing] = {n: row[n] for n in names if row[n] is not None}
            values |= read_missing(row["missing"])
            key = tuple(str(row[name]) for name in form.key)
            yield FormEntry(
                subject=SubjectId(row["subject"]), form=FormName(form.form), key=key, values=values
            )


def read_missing(written: str | None) -> dict[str, Missing]:
    """The kinds of missing by item, as the column `missing` writes them."""
    pairs = (pair.partition("=") for pair in written.split(";")) if written else ()
    return {name: WRITTEN[kind] for name, _, kind in pairs}


def _row(entry: FormEntry) -> dict[str, Any]:
    known = {k: v for k, v in entry.values.items() if not isinstance(v, Missing)}
    kinds = [f"{k}={v.value}" for k, v in entry.values.items() if isinstance(v, Missing)]
    return {"subject": entry.subject, **known, "missing": ";".join(kinds) or None}


def _row_schema(form: Form) -> dict[str, pl.DataType]:
    made = {"replicate", "entry"}
    companion = {
        name
        for item in form.entered_items
        if item.type is ItemType.PARTIAL_DATE
        for name in companions(item.name)
    }
    return {n: t for n, t in schema_of(form).items() if n not in made | companion}


def _entry_id(form: Form, made: Mapping[str, pl.Expr]) -> pl.Expr:
    place = pl.concat_str(pl.col("subject"), pl.lit(f"/{form.form}"))
    if not form.key:
        return place.alias("entry")
    key = pl.concat_str([made[name].cast(pl.String) for name in form.key], separator=".")
    return pl.concat_str(place, pl.lit("/"), key).alias("entry")


@lru_cache(maxsize=256)  # partial dates are few, and nobody changes an expression
def _companion_dates(name: str) -> Mapping[str, pl.Expr]:
    """The first and last day that a partial date can be; null where it is no date."""
    text = pl.col(name).cast(pl.String)
    length = text.str.len_bytes()
    first = (
        pl.when(length == len("2026"))
        .then(text + "-01-01")
        .when(length == len("2026-01"))
        .then(text + "-01")
        .otherwise(text)
        .str.to_date("%Y-%m-%d", strict=False)
    )
    last = (
        pl.when(length == len("2026"))
        .then(first.dt.offset_by("11mo").dt.month_end())
        .when(length == len("2026-01"))
        .then(first.dt.month_end())
        .otherwise(first)
    )
    return dict(zip(companions(name), (first, last), strict=True))
