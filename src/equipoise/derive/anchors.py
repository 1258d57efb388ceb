"""Anchors: the named dates of a subject, or of a lesion, from which times are counted."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, LESION_KEY
from equipoise.protocol.endpoint_model import Anchor, Pick, Source
from equipoise.protocol.form_model import ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import compile_rule
from equipoise.protocol.scope import companions, frame_scope


def select_source(
    sources: Frames, protocol: Protocol, *, source: Source, by_lesion: bool = False
) -> pl.DataFrame:
    """The dates of a source that its filter lets through, with their entries.

    Columns: key (with the lesion where `by_lesion` and the frame has one), date, entries, visit (""
    where the frame has none), and `imputed`: the part of the date that was completed (D day, M
    month and day), or "". A partial date counts by the first day it can be.
    """
    scope = frame_scope(protocol, frame=source.frame)
    rows = sources[source.frame]
    if scope is None:
        raise ValueError(f"the protocol was not checked: no frame '{source.frame}'")
    if source.where:
        rows = rows.filter(compile_rule(source.where, scope=scope))
    partial = scope[source.date].type is ItemType.PARTIAL_DATE
    name = companions(source.date)[0] if partial else source.date
    entries = pl.col("entries") if "entries" in rows.columns else pl.concat_list("entry")
    key = LESION_KEY if by_lesion and "lesion" in rows.columns else KEY
    if partial:
        imputed = completed_part(source.date)
    else:
        imputed = pl.col("completed") if source.frame == "death" else pl.lit("")
    visit = pl.col("visit") if "visit" in rows.columns else pl.lit("")
    return rows.select(
        *key, date=pl.col(name), entries=entries, visit=visit, imputed=imputed
    ).drop_nulls("date")


def completed_part(name: str) -> pl.Expr:
    """Which part of a partial date is not known: D the day, M the month as well, "" none (D2.2)."""
    length = pl.col(name).str.len_bytes()
    return (
        pl.when(length == len("2026"))
        .then(pl.lit("M"))
        .when(length == len("2026-01"))
        .then(pl.lit("D"))
        .otherwise(pl.lit(""))
    )


def derive_anchors(sources: Frames, protocol: Protocol) -> dict[str, pl.DataFrame]:
    """The dates of every anchor of the protocol, by its id."""
    return {
        anchor.id: derive_anchor(sources, protocol, anchor=anchor) for anchor in protocol.anchor
    }


def derive_anchor(sources: Frames, protocol: Protocol, *, anchor: Anchor) -> pl.DataFrame:
    """The date of an anchor per subject (or lesion) that has it: key, date, entries."""
    key = list(LESION_KEY if anchor.by_lesion else KEY)
    dates = pl.concat(
        [
            select_source(sources, protocol, source=source, by_lesion=anchor.by_lesion)
            for source in anchor.source
        ]
    )
    descending = anchor.pick is Pick.LAST
    order = dates.with_columns(_id=pl.col("entries").list.join(" "))
    order = order.sort([*key, "date", "_id"], descending=[*[False] * len(key), descending, False])
    first = order.unique(key, keep="first", maintain_order=True)
    return first.select(*key, "date", "entries")
