"""The one engine of time-to-event endpoints: an endpoint is data (D2.3, D2.5, D2.7).

Steps, for each endpoint and convention: origin of each unit (subject or lesion); first event and
first competing event over the sources; new therapy and missed assessments as the convention says;
last censoring date; the earliest of event and competing event, else censored; rule and words.
"""

from dataclasses import dataclass

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.anchors import LESION_KEY, derive_anchor, select_source
from equipoise.derive.missed import missed_limit
from equipoise.derive.schemas import KEY, TIMES, conform
from equipoise.protocol.endpoint_model import Convention, Endpoint, Source
from equipoise.protocol.model import Protocol

PLAIN = Convention(id="", label="", role="primary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An endpoint read by one convention: what the steps of the engine need."""

    sources: Frames
    protocol: Protocol
    endpoint: Endpoint
    convention: Convention

    @property
    def key(self) -> list[str]:
        """The columns that identify a unit."""
        return list(LESION_KEY if self.endpoint.grain == "lesion" else KEY)


def derive_times(sources: Frames, protocol: Protocol) -> pl.DataFrame:
    """Every time-to-event endpoint of the protocol by every convention, a row a unit.

    `sources` holds the complete forms (as of a cut) and the derived frames.
    """
    rows = [
        _derive_reading(
            Reading(sources=sources, protocol=protocol, endpoint=endpoint, convention=convention)
        )
        for endpoint in protocol.endpoint
        if endpoint.kind == "time_to_event"
        for convention in endpoint.convention or (PLAIN,)
    ]
    return pl.concat(rows) if rows else pl.DataFrame(schema=TIMES)


def _derive_reading(reading: Reading) -> pl.DataFrame:
    units = _origins(reading)
    switch = _switches(reading)
    events = _first_events(reading, units, switch)
    last = _last_censor(reading, units, switch)
    rows = units.join(events, on=reading.key, how="left", maintain_order="left")
    rows = rows.join(last, on=reading.key, how="left", maintain_order="left")
    rows = rows.join(_facts(reading), on=list(KEY), how="left", maintain_order="left")
    rows = _missed(reading, rows)
    return _finish(reading, _rules(reading, rows))


def _origins(reading: Reading) -> pl.DataFrame:
    """The units with their origin: key, start_date, start_entries."""
    anchors = {anchor.id: anchor for anchor in reading.protocol.anchor}
    anchor = anchors[reading.endpoint.origin]
    found = derive_anchor(reading.sources, reading.protocol, anchor=anchor)
    start = found.rename({"date": "start_date", "entries": "start_entries"})
    randomised = reading.sources[reading.protocol.randomisation.form].select(KEY).unique()
    start = start.join(randomised, on=list(KEY), how="semi")
    if reading.endpoint.grain == "lesion":
        index = reading.sources["les_bl"].filter("intend_sbrt").select(LESION_KEY).unique()
        on = list(LESION_KEY if anchor.by_lesion else KEY)
        start = index.join(start, on=on, how="inner")
    return start.sort(reading.key)


def _dated(reading: Reading, source: Source) -> pl.DataFrame:
    by_lesion = reading.endpoint.grain == "lesion"
    return select_source(reading.sources, reading.protocol, source=source, by_lesion=by_lesion)


def _at_units(reading: Reading, units: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """The dates of a source at the units they belong to (a subject's to all its lesions)."""
    on = [name for name in reading.key if name in dated.columns]
    return units.select(*reading.key, "start_date").join(dated, on=on, how="inner")


def _switches(reading: Reading) -> pl.DataFrame:
    """The first start of a therapy that ends the reading (R7): replicate, subject, switch_date."""
    schema = {"replicate": pl.Int32(), "subject": pl.String(), "switch_date": pl.Date()}
    if reading.convention.new_therapy == "ignore" or not reading.endpoint.switch:
        return pl.DataFrame(schema={**schema, "switch_entries": pl.List(pl.String)})
    starts = pl.concat(
        [
            select_source(reading.sources, reading.protocol, source=source)
            for source in reading.endpoint.switch
        ]
    ).sort(*KEY, "date")
    first = starts.unique(KEY, keep="first", maintain_order=True)
    return first.rename({"date": "switch_date", "entries": "switch_entries"})


def _first_events(reading: Reading, units: pl.DataFrame, switch: pl.DataFrame) -> pl.DataFrame:
    """The first event or competing event of each unit, on ties in the order of the protocol.

    An event on the day of a new therapy counts, a later one does not (D2.3).
    """
    endpoint, convention = reading.endpoint, reading.convention
    listed = [(source, 1) for source in convention.event or endpoint.event]
    listed += [(source, 2) for source in endpoint.competing]
    parts = [
        _at_units(reading, units, _dated(reading, source)).with_columns(
            cause=pl.lit(cause, dtype=pl.Int8),
            rank=pl.lit(rank),
            event_rule=pl.lit(source.rule),
            event_words=pl.lit(source.words),
            is_death=pl.lit(source.frame == "death"),
        )
        for rank, (source, cause) in enumerate(listed)
    ]
    every = pl.concat([part.select(sorted(part.columns)) for part in parts])
    every = every.join(switch, on=list(KEY), how="left")
    in_time = pl.col("date") <= pl.col("switch_date")
    kept = every.filter((pl.col("date") >= pl.col("start_date")) & in_time.fill_null(value=True))
    kept = kept.with_columns(_id=pl.col("entries").list.join(" "))
    first = kept.sort(*reading.key, "date", "rank", "_id").unique(
        reading.key, keep="first", maintain_order=True
    )
    return first.select(
        *reading.key,
        event_date="date",
        cause="cause",
        event_rule="event_rule",
        event_words="event_words",
        is_death="is_death",
        event_entries="entries",
    )


def _last_censor(reading: Reading, units: pl.DataFrame, switch: pl.DataFrame) -> pl.DataFrame:
    """The last date that censors each unit, on or before a new therapy where that counts."""
    endpoint, convention = reading.endpoint, reading.convention
    listed = convention.censor or endpoint.censor
    parts = [
        _at_units(reading, units, _dated(reading, source)).with_columns(
            censor_rule=pl.lit(source.rule), censor_words=pl.lit(source.words)
        )
        for source in listed
    ]
    every = pl.concat([part.select(sorted(part.columns)) for part in parts])
    every = every.join(switch, on=list(KEY), how="left")
    in_time = (pl.col("date") <= pl.col("switch_date")).fill_null(value=True)
    kept = every.filter((pl.col("date") >= pl.col("start_date")) & in_time)
    kept = kept.with_columns(_id=pl.col("entries").list.join(" "))
    order = [*reading.key, "date", "_id"]
    last = kept.sort(order, descending=[*[False] * len(reading.key), True, False])
    last = last.unique(reading.key, keep="first", maintain_order=True)
    return last.select(
        *reading.key,
        censor_date="date",
        censor_rule="censor_rule",
        censor_words="censor_words",
        censor_entries="entries",
    )


def _facts(reading: Reading) -> pl.DataFrame:
    """Per subject: baseline assessed or not, lost or not, first switch of therapy."""
    frames = reading.sources
    baseline = frames["assessments"].filter("baseline").select(KEY).unique()
    lost = frames["eos"].filter(pl.col("reason").is_in(["lost", "withdrew_follow_up"]))
    subjects = frames[reading.protocol.randomisation.form].select(KEY).unique()
    return (
        subjects.join(baseline.with_columns(has_baseline=True), on=list(KEY), how="left")
        .join(lost.select(KEY).unique().with_columns(lost=True), on=list(KEY), how="left")
        .join(_switches(reading), on=list(KEY), how="left")
    )


def _missed(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds the last adequate assessment before the event and whether too many were missed."""
    adequate = reading.sources["assessments"].filter(pl.col("adequate") & ~pl.col("baseline"))
    seen = adequate.select(*KEY, seen_date="last_date", seen_entries="entries").sort("seen_date")
    before = rows.with_columns(_before=pl.col("event_date") - pl.duration(days=1)).sort("_before")
    joined = before.join_asof(
        seen,
        left_on="_before",
        right_on="seen_date",
        by=list(KEY),
        strategy="backward",
        check_sortedness=False,
    )
    joined = joined.sort(reading.key).with_columns(
        seen_date=pl.when(pl.col("seen_date") >= pl.col("start_date")).then("seen_date")
    )
    start = pl.col("start_date")
    last_day = (pl.coalesce("seen_date", start) - start).dt.total_days().alias("last_day")
    visits = reading.protocol.schedule.imaging_visits
    missed = reading.convention.missed_assessments or 2
    limit = missed_limit(joined.select(last_day)["last_day"], visits=visits, missed=missed)
    day = (pl.col("event_date") - start).dt.total_days()
    return joined.with_columns(gap=(day > pl.lit(limit)).fill_null(value=False))


def _rules(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds what became of each unit: end date, cause, rule and entries."""
    convention = reading.convention
    if not convention.id:
        return _plain_rules(rows)
    unseen = ~pl.col("has_baseline").fill_null(value=False)
    dropped = unseen & (convention.no_baseline == "censor")
    gap = pl.col("gap") & (convention.missed_assessments > 0)
    happened = pl.col("event_date").is_not_null() & ~dropped & ~gap
    censored_at = pl.when(gap & ~dropped).then("seen_date").otherwise("censor_date")
    last = pl.when(~dropped).then(censored_at)
    event_rule = (
        pl.when("gap")
        .then(pl.lit("R6"))
        .when(pl.col("is_death") & pl.col("seen_date").is_null())
        .then(pl.lit("R3"))
        .otherwise("event_rule")
    )
    censor_rule = (
        pl.when(dropped)
        .then(pl.lit("R1"))
        .when(gap & pl.col("seen_date").is_not_null())
        .then(pl.lit("R6"))
        .when(gap)
        .then(pl.lit("R3"))
        .when(unseen & last.is_null())
        .then(pl.lit("R1"))
        .when(pl.col("switch_date").is_not_null())
        .then(pl.lit("R7"))
        .when(last.is_null())
        .then(pl.lit("R2"))
        .when(pl.col("lost").fill_null(value=False))
        .then(pl.lit("R10"))
        .otherwise("censor_rule")
    )
    entries = pl.when(gap).then("seen_entries").otherwise("censor_entries")
    return rows.with_columns(
        happened=happened,
        last_date=last,
        rule=pl.when(happened).then(event_rule).otherwise(censor_rule),
        last_entries=pl.when(~dropped).then(entries),
    )


def _plain_rules(rows: pl.DataFrame) -> pl.DataFrame:
    happened = pl.col("event_date").is_not_null()
    return rows.with_columns(
        happened=happened,
        last_date="censor_date",
        rule=pl.when(happened).then("event_rule").otherwise("censor_rule"),
        last_entries="censor_entries",
    )


def _finish(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of the endpoint as declared: days = end - start + 1 (D2.2)."""
    end = pl.when("happened").then("event_date").otherwise(pl.coalesce("last_date", "start_date"))
    said = pl.when("happened").then("event_words").otherwise(pl.col("censor_words"))
    entries = (
        pl.when("happened")
        .then("event_entries")
        .otherwise(pl.coalesce("last_entries", "start_entries"))
    )
    lesion = pl.col("lesion") if "lesion" in reading.key else pl.lit("")
    place = pl.concat_str(
        pl.lit(f"{reading.endpoint.id}/{reading.convention.id}/"), "subject",
        pl.when(lesion == "").then(pl.lit("")).otherwise(pl.lit("/") + lesion),
    )  # fmt: skip
    words = pl.col("rule").replace_strict(
        reading.convention.words, default=None, return_dtype=pl.String
    )
    done = rows.with_columns(
        row=place,
        lesion=lesion,
        endpoint=pl.lit(reading.endpoint.id),
        convention=pl.lit(reading.convention.id),
        end_date=end,
        cause=pl.when("happened").then("cause").otherwise(pl.lit(0, dtype=pl.Int8)),
        words=pl.coalesce(words, said, pl.lit("no date after the origin: censored on day 1")),
        entries=entries,
        rule=pl.col("rule").fill_null("R2"),
    )
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days() + 1
    return conform(done.with_columns(days=days), schema=TIMES)
