"""Intercurrent events: what happened to each subject on the way to an endpoint (ICH E9(R1))."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from equipoise.derive.dates import NEVER, Days, as_dates, as_days, find_first, pick
from equipoise.derive.reading import Reading
from equipoise.derive.schemas import INTERCURRENT, conform
from equipoise.protocol.endpoint_model import IntercurrentEvent


def derive_intercurrent(readings: Sequence[Reading], *, times: pl.DataFrame) -> pl.DataFrame:
    """The first of each intercurrent event that an endpoint names, with the strategy applied.

    A row a unit, endpoint and event: the event's first day since the origin, not later than the
    end of the unit's time by the primary convention (`times`, reading after reading). Events that
    are named without a source are only told in the estimand.
    """
    after = np.cumsum([reading.units.height for reading in readings])
    ends = np.split(as_days(times["end_date"]), after[:-1])
    rows = [
        _derive_event(reading, event, ends=own)
        for reading, own in zip(readings, ends, strict=True)
        if reading.convention.role == "primary" and not reading.clock
        for event in reading.endpoint.estimand.intercurrent
        if event.source
    ]
    return pl.concat(rows) if rows else pl.DataFrame(schema=INTERCURRENT)


def _derive_event(reading: Reading, event: IntercurrentEvent, *, ends: Days) -> pl.DataFrame:
    """The rows of one event: who had it, when, and by which entries."""
    found = [
        find_first(reading.dates(source), units=reading.numbers, since=reading.starts)
        for source in event.source
    ]
    first, rank = pick(found, last=False, units=len(ends))
    on_the_way = (first.day <= ends) & (rank >= 0) & (ends != NEVER)
    own = np.flatnonzero(on_the_way)
    words = pl.Series([source.words for source in event.source], dtype=pl.String)
    rows = reading.units[own].with_columns(
        lesion=pl.col("lesion") if "lesion" in reading.key else pl.lit(""),
        date=as_dates(first.day[own]),
        words=words[rank[own]],
        entries=reading.book.look_up("entries", place=first.place[own]),
        endpoint=pl.lit(reading.endpoint.id),
        event=pl.lit(event.event),
        strategy=pl.lit(event.strategy),
    )
    day = (pl.col("date") - pl.col("start_date")).dt.total_days() + 1
    return conform(rows.with_columns(day=day), schema=INTERCURRENT)
