"""Data cuts: what had happened by a date; what happened later leaves no trace."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.protocol.form_model import Form, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.scope import companions
from equipoise.vocab.partial_date import MONTH_DAYS


def cut_dates(frames: Frames, protocol: Protocol, *, cut: str) -> pl.DataFrame:
    """The date of a data cut for each trial: its anchor plus the months of the rule.

    Columns: replicate, cutoff_date. Whole months are counted on the calendar.
    """
    rule = protocol.cut_named(cut)
    form, item = protocol.randomisation.form, protocol.randomisation.date_item
    last = frames[form].group_by("replicate").agg(pl.col(item).max().alias("cutoff_date"))
    if float(rule.plus_months).is_integer():
        moved = pl.col("cutoff_date").dt.offset_by(f"{int(rule.plus_months)}mo")
    else:
        moved = pl.col("cutoff_date") + pl.duration(days=round(rule.plus_months * MONTH_DAYS))
    return last.with_columns(moved).sort("replicate")


def apply_cut(frames: Frames, protocol: Protocol, *, cutoffs: pl.DataFrame) -> Frames:
    """The entries as they stood at the cut.

    An entry dated after the cut is dropped (a partial date by the first day it can be); a later
    date inside an earlier entry (an end, a stop) is not yet known. Forms without `date_item` stay.
    """
    return {form.form: _cut_form(frames[form.form], form, cutoffs) for form in protocol.form}


def _cut_form(frame: pl.DataFrame, form: Form, cutoffs: pl.DataFrame) -> pl.DataFrame:
    if not form.date_item or frame.is_empty():
        return frame
    dated = frame.join(cutoffs, on="replicate", how="left", maintain_order="left")
    happened = pl.col(_day_of(form, form.date_item))
    kept = dated.filter((happened <= pl.col("cutoff_date")) | happened.is_null())
    later = {name: day for item in form.entered_items for name, day in _later(form, item.name)}
    return kept.select(
        pl.when(pl.col(later[name]) <= pl.col("cutoff_date")).then(name).alias(name)
        if name in later
        else name
        for name in frame.columns
    )


def _later(form: Form, name: str) -> list[tuple[str, str]]:
    """The columns of a date that are not known before its day, each with the column of that day."""
    item = form.item_named(name)
    if item.type not in (ItemType.DATE, ItemType.PARTIAL_DATE):
        return []
    names = [name, *(companions(name) if item.type is ItemType.PARTIAL_DATE else ())]
    return [(each, _day_of(form, name)) for each in names]


def _day_of(form: Form, name: str) -> str:
    item = form.item_named(name)
    return companions(name)[0] if item.type is ItemType.PARTIAL_DATE else name
