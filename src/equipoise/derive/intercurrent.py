"""Intercurrent events: what happened to each subject on the way to an endpoint (ICH E9(R1))."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from equipoise.derive.dates import Dates, as_dates, find_first, gather_rows, pick
from equipoise.derive.reading import Reading
from equipoise.derive.schemas import INTERCURRENT, conform
from equipoise.protocol.endpoint_model import IntercurrentEvent


def derive_intercurrent(readings: Iterable[Reading], *, times: pl.DataFrame) -> pl.DataFrame:
    """The first of each intercurrent event that an endpoint names, with the strategy applied.

    A row a unit, endpoint and event: the event's first day since the origin, not later than the
    end of the unit's time by the primary convention. Events that are named without a source are
    only told in the estimand.
    """
    ends = times.select("endpoint", "convention", *_KEY, "start_date", "end_date")
    rows = [
        _derive_event(reading, event, ends=ends)
        for reading in readings
        if reading.convention.role == "primary" and not reading.clock
        for event in reading.endpoint.estimand.intercurrent
        if event.source
    ]
    return pl.concat(rows) if rows else pl.DataFrame(schema=INTERCURRENT)


_KEY = ("replicate", "subject", "lesion")


def _derive_event(
    reading: Reading, event: IntercurrentEvent, *, ends: pl.DataFrame
) -> pl.DataFrame:
    """The rows of one event: who had it, when, and by which entries."""
    listed: list[Dates] = [reading.dates(source) for source in event.source]
    numbers = reading.numbers
    found, rank = pick(
        [find_first(dates, units=numbers, since=reading.starts) for dates in listed],
        last=False,
        units=len(numbers),
    )
    behind = gather_rows(listed, found=found, rank=rank)
    words = pl.Series([*(source.words for source in event.source), None], dtype=pl.String)
    lesion = pl.col("lesion") if "lesion" in reading.key else pl.lit("")
    rows = reading.units.with_columns(
        lesion=lesion,
        date=as_dates(found.day),
        words=words[np.where(rank < 0, len(listed), rank)],
        entries=behind["entries"],
        endpoint=pl.lit(reading.endpoint.id),
        convention=pl.lit(reading.convention.id),
        event=pl.lit(event.event),
        strategy=pl.lit(event.strategy),
    )
    timed = rows.drop_nulls("date").join(
        ends, on=["endpoint", "convention", *_KEY, "start_date"], how="left"
    )
    day = (pl.col("date") - pl.col("start_date")).dt.total_days() + 1
    on_the_way = (pl.col("date") <= pl.col("end_date")).fill_null(value=False)
    kept = timed.filter(on_the_way).with_columns(day=day)
    return conform(kept.sort(*_KEY), schema=INTERCURRENT)
