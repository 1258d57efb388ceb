"""The assessments of a subject as best response reads them: dates, what counts, until when."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY
from equipoise.protocol.model import Protocol


def derive_course(
    holds: pl.DataFrame, *, starts: pl.DataFrame, new_therapy: pl.DataFrame
) -> pl.DataFrame:
    """Every assessment after baseline of a randomised subject, in the order of time (D3.6).

    Columns: key, visit, order, start_date, date, days (after randomisation), response, in_time,
    sums. A progression stands at the day it was first seen, any other response at its last scan
    (D2.2). A suspected progression that was refuted (R12) is not evaluable: neither a response nor
    a progression. `in_time` = up to the first progression or, that day included, new therapy.
    """
    rows = holds.select(
        *KEY,
        *("visit", "order", "last_date", "counts", "progression_date"),
        *("sum_tenths", "nadir_tenths", "baseline_sum"),
        response=pl.when("counts")
        .then(pl.lit("PD"))
        .when(pl.col("response") == "PD")
        .then(pl.lit("NE"))
        .otherwise(pl.col("response").fill_null("NE")),
        date=pl.when("counts").then("progression_date").otherwise("last_date"),
    )
    rows = rows.join(_ends(rows, starts=starts, new_therapy=new_therapy), on=list(KEY), how="inner")
    end, therapy = pl.col("end_date"), pl.col("therapy_date")
    before_end = pl.when("counts").then(pl.col("date") <= end).otherwise(pl.col("date") < end)
    in_time = before_end.fill_null(value=True) & (pl.col("date") <= therapy).fill_null(value=True)
    return (
        rows.with_columns(
            days=(pl.col("date") - pl.col("start_date")).dt.total_days(), in_time=in_time
        )
        .drop("end_date", "therapy_date", "last_date", "progression_date", "counts")
        .sort(*KEY, "date", "order")
    )


def derive_starts(forms: Frames, protocol: Protocol) -> pl.DataFrame:
    """The day of randomisation and its entry: key, start_date, start_entry."""
    form, item = protocol.randomisation.form, protocol.randomisation.date_item
    rows = forms[form].unique(KEY, keep="first", maintain_order=True)
    return rows.select(*KEY, start_date=item, start_entry="entry").sort(KEY)


def _ends(rows: pl.DataFrame, *, starts: pl.DataFrame, new_therapy: pl.DataFrame) -> pl.DataFrame:
    """Each randomised subject with its first progression and its first new therapy since."""
    progressed = rows.filter("counts").group_by(KEY).agg(end_date=pl.col("date").min())
    therapies = new_therapy.select(*KEY, therapy_date="start_date").join(
        starts.select(*KEY, "start_date"), on=list(KEY), how="inner"
    )
    since = therapies.filter(pl.col("therapy_date") >= pl.col("start_date"))
    first = since.group_by(KEY).agg(pl.col("therapy_date").min())
    known = starts.select(*KEY, "start_date").drop_nulls("start_date")
    return known.join(progressed, on=list(KEY), how="left").join(first, on=list(KEY), how="left")
