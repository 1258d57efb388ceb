"""The dates that compete to end a time: first event, first new therapy, last censoring date."""

import polars as pl

from equipoise.derive.reading import Reading, date_units
from equipoise.protocol.endpoint_model import Source

_NAMES = ("date", "rule", "words", "entries")


def find_switches(reading: Reading, *, units: pl.DataFrame) -> pl.DataFrame:
    """The first date that ends the reading (R7, a lesion removed): key, switch_date and the rest.

    A convention says whether new therapy ends it; without one, every switch source does.
    """
    ends = reading.convention.new_therapy == "censor"
    listed = reading.endpoint.switch if ends else ()
    starts = _gather(reading, units, [(source, 0) for source in listed])
    kept = starts.filter(pl.col("date") >= pl.col("start_date"))
    return _pick(reading, kept, last=False).select(
        *reading.key, *(pl.col(name).alias(f"switch_{name}") for name in _NAMES)
    )


def find_first_events(
    reading: Reading, *, units: pl.DataFrame, switches: pl.DataFrame
) -> pl.DataFrame:
    """The first event or competing event of each unit, on ties in the order of the protocol.

    An event on the day of a new therapy counts, a later one does not (D2.3).
    """
    events = reading.convention.event or reading.endpoint.event
    listed = [(source, 1) for source in events]
    listed += [(source, 2) for source in reading.endpoint.competing]
    kept = _until_switch(reading, _gather(reading, units, listed), switches)
    first = _pick(reading, kept, last=False)
    return first.select(
        *reading.key,
        *(pl.col(name).alias(f"event_{name}") for name in _NAMES),
        "cause",
        "is_death",
    )


def find_last_censors(
    reading: Reading, *, units: pl.DataFrame, switches: pl.DataFrame
) -> pl.DataFrame:
    """The last date that censors each unit, on or before a new therapy where that counts.

    A contact after it proves contact up to it.
    """
    listed = [(source, 0) for source in reading.convention.censor or reading.endpoint.censor]
    rows = _gather(reading, units, listed).filter(pl.col("date") >= pl.col("start_date"))
    joined = rows.join(switches.select(*reading.key, "switch_date"), on=reading.key, how="left")
    reached = pl.when("is_contact").then(pl.min_horizontal("date", "switch_date"))
    rows = joined.with_columns(date=pl.coalesce(reached, "date")).drop("switch_date")
    last = _pick(reading, _until_switch(reading, rows, switches), last=True)
    return last.select(*reading.key, *(pl.col(name).alias(f"censor_{name}") for name in _NAMES))


def _gather(
    reading: Reading, units: pl.DataFrame, listed: list[tuple[Source, int]]
) -> pl.DataFrame:
    """The dates of all sources at their units, ranked in the order of the protocol."""
    schema = {**units.schema, "date": pl.Date(), "entries": pl.List(pl.String())}
    schema |= {"rule": pl.String(), "words": pl.String()}
    schema |= dict.fromkeys(("is_death", "is_contact"), pl.Boolean())
    empty = pl.DataFrame(schema=schema).drop("start_entries", strict=False)
    parts = [
        date_units(reading, units=units, source=source).with_columns(
            cause=pl.lit(cause, dtype=pl.Int8), rank=pl.lit(rank, dtype=pl.Int32)
        )
        for rank, (source, cause) in enumerate(listed)
    ]
    typed = empty.with_columns(cause=pl.lit(None, dtype=pl.Int8), rank=pl.lit(None, dtype=pl.Int32))
    return pl.concat(
        [typed.select(sorted(typed.columns)), *(p.select(sorted(p.columns)) for p in parts)]
    )


def _until_switch(reading: Reading, rows: pl.DataFrame, switches: pl.DataFrame) -> pl.DataFrame:
    joined = rows.join(switches.select(*reading.key, "switch_date"), on=reading.key, how="left")
    in_time = pl.col("date") <= pl.col("switch_date")
    return joined.filter(in_time.fill_null(value=True))


def _pick(reading: Reading, rows: pl.DataFrame, *, last: bool) -> pl.DataFrame:
    """The first or last date of each unit; ties go by the order of sources, then by entry."""
    named = rows.with_columns(_id=pl.col("entries").list.join(" "))
    order = [*reading.key, "date", "rank", "_id"]
    descending = [*[False] * len(reading.key), last, False, False]
    picked = named.sort(order, descending=descending)
    return picked.unique(reading.key, keep="first", maintain_order=True).drop("_id")
