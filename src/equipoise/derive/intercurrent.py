"""Intercurrent events: what happened to each subject on the way to an endpoint (ICH E9(R1))."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from equipoise.derive.dates import (
    NEVER,
    Dates,
    Days,
    Found,
    as_dates,
    as_days,
    find_first,
    gather_rows,
    pick,
)
from equipoise.derive.reading import Reading
from equipoise.derive.schemas import INTERCURRENT, conform
from equipoise.protocol.endpoint_model import IntercurrentEvent


def derive_intercurrent(
    readings: Iterable[Reading], *, times: Iterable[pl.DataFrame]
) -> pl.DataFrame:
    """The first of each intercurrent event that an endpoint names, with the strategy applied.

    A row a unit, endpoint and event: the event's first day since the origin, not later than the
    end of the unit's time by the primary convention (`times`, one frame a reading). Events that
    are named without a source are only told in the estimand.
    """
    rows = [
        _derive_event(reading, event, ends=as_days(own["end_date"]))
        for reading, own in zip(readings, times, strict=True)
        if reading.convention.role == "primary" and not reading.clock
        for event in reading.endpoint.estimand.intercurrent
        if event.source
    ]
    return pl.concat(rows) if rows else pl.DataFrame(schema=INTERCURRENT)


def _derive_event(reading: Reading, event: IntercurrentEvent, *, ends: Days) -> pl.DataFrame:
    """The rows of one event: who had it, when, and by which entries."""
    listed: list[Dates] = [reading.dates(source) for source in event.source]
    first, rank = pick(
        [find_first(dates, units=reading.numbers, since=reading.starts) for dates in listed],
        last=False,
        units=len(ends),
    )
    on_the_way = (first.day <= ends) & (rank >= 0) & (ends != NEVER)
    place = np.flatnonzero(on_the_way)
    found, own = Found(day=first.day[place], place=first.place[place]), rank[place]
    words = pl.Series([source.words for source in event.source], dtype=pl.String)
    rows = reading.units[place].with_columns(
        lesion=pl.col("lesion") if "lesion" in reading.key else pl.lit(""),
        date=as_dates(found.day),
        words=words[own],
        entries=gather_rows(listed, found=found, rank=own)["entries"],
        endpoint=pl.lit(reading.endpoint.id),
        event=pl.lit(event.event),
        strategy=pl.lit(event.strategy),
    )
    day = (pl.col("date") - pl.col("start_date")).dt.total_days() + 1
    return conform(rows.with_columns(day=day), schema=INTERCURRENT)
