"""From events with dates to a sample: the clock of each arm, the window, death competing."""

from dataclasses import dataclass

import polars as pl

from equipoise.analysis.gather import gather_times
from equipoise.analysis.sample import Sample
from equipoise.analysis.stand_in import set_offset
from equipoise.protocol.endpoint_model import Endpoint, Window
from equipoise.protocol.model import Protocol

_ANY_TIME = Window(id="", label="any time", from_day=1, to_day=100_000, role="sensitivity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Each member's first day of the clock (null: it never starts), and how it was set."""

    members: pl.DataFrame
    words: tuple[str, ...]


def choose_window(endpoint: Endpoint, *, asked: str) -> Window:
    """The window asked for; without a name the primary one; any time when there is none."""
    named = [w for w in endpoint.window if w.id == asked]
    primary = [w for w in endpoint.window if w.role == "primary" and not asked]
    return (*named, *primary, _ANY_TIME)[0]


def set_clock(members: pl.DataFrame, *, endpoint: Endpoint, protocol: Protocol) -> Clock:
    """The members with `origin_date`, which in the reference arm may be a stand-in (D2.1, S9).

    Where the reference arm never has the anchor, its clock starts at `reference_origin` plus
    `reference_offset_days`, else plus the median lag seen in the other arms (half a day up).
    """
    own = pl.col(f"{endpoint.origin}_date")
    if not endpoint.reference_origin:
        return Clock(members=members.with_columns(origin_date=own), words=())
    reference = pl.col("arm") == protocol.reference_arm.code
    base = pl.col(f"{endpoint.reference_origin}_date")
    offset, words = _offset(members.filter(~reference), endpoint=endpoint)
    stand_in = base + pl.duration(days=offset)
    origin = pl.when(reference).then(stand_in).otherwise(own)
    return Clock(members=members.with_columns(origin_date=origin), words=words)


def _offset(others: pl.DataFrame, *, endpoint: Endpoint) -> tuple[int, tuple[str, ...]]:
    lag = pl.col(f"{endpoint.origin}_date") - pl.col(f"{endpoint.reference_origin}_date")
    return set_offset(others.select(lag.dt.total_days())[:, 0], endpoint=endpoint)


def first_days(occurrences: pl.DataFrame, *, members: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Each member's first day with the event in the window: subject, event_day, event_row, count.

    An event counts when it starts within the window, or, with `include_ongoing`, when it started
    before and goes on into it: then on the window's first day. Only treatment-emergent events
    count (D2.6); those not yet known to be so do.
    """
    day = (pl.col("onset_date") - pl.col("origin_date")).dt.total_days() + 1
    end = (pl.col("end_date") - pl.col("origin_date")).dt.total_days() + 1
    ongoing = (day < window.from_day) & (end.is_null() | (end >= window.from_day))
    inside = day.is_between(window.from_day, window.to_day)
    counted = inside | ongoing if window.include_ongoing else inside
    return (
        occurrences.join(members.select("subject", "origin_date"), on="subject", how="inner")
        .filter(pl.col("treatment_emergent").fill_null(value=True) & counted)
        .with_columns(event_day=pl.max_horizontal(day, pl.lit(window.from_day)))
        .sort("event_day", "onset_date", "row")
        .group_by("subject", maintain_order=True)
        .agg(pl.col("event_day").first(), pl.col("row").first().alias("event_row"), count=pl.len())
    )


def build_times(
    occurrences: pl.DataFrame, *, clock: Clock, endpoint: Endpoint, window: Window
) -> pl.DataFrame:
    """Row, subject, days, cause, count and exposure of each member at risk on the first day.

    A member is at risk who is known to be alive on it. The event comes first, then death (cause 2
    when the endpoint names a competing event), else the last day known alive or of the window.
    `count` are all events in the window, `exposure_days` the days in it.
    """
    last = pl.coalesce("death_date", "last_alive_date", "origin_date")
    last_day = (last - pl.col("origin_date")).dt.total_days() + 1
    followed = clock.members.filter(pl.col("origin_date").is_not_null()).with_columns(
        last_day=pl.max_horizontal(last_day, pl.lit(1))
    )
    at_risk = followed.filter(pl.col("last_day") >= window.from_day)
    events = first_days(
        occurrences.filter(pl.col("endpoint") == endpoint.id), members=at_risk, window=window
    )
    died = pl.col("death_date").is_not_null() & (pl.col("last_day") <= window.to_day)
    own_row = pl.concat_str(pl.lit(f"{endpoint.id}/{window.id}/"), "subject")
    cause = pl.when(pl.col("event_day").is_not_null()).then(1).when(died)
    return at_risk.join(events, on="subject", how="left").select(
        row=pl.coalesce("event_row", own_row),
        subject=pl.col("subject"),
        days=pl.coalesce("event_day", pl.min_horizontal("last_day", pl.lit(window.to_day))),
        cause=cause.then(2 if endpoint.competing else 0).otherwise(0),
        count=pl.col("count").fill_null(0),
        exposure_days=pl.min_horizontal("last_day", pl.lit(window.to_day)) - window.from_day + 1,
    )


def gather_occurrences(
    occurrences: pl.DataFrame,
    *,
    clock: Clock,
    endpoint: Endpoint,
    window: Window,
    protocol: Protocol,
    arms: tuple[str, ...],
) -> Sample:
    """The members at risk as a sample: day of the first event in the window, or of what ended it.

    The row of a subject with an event is that of the event.
    """
    times = build_times(occurrences, clock=clock, endpoint=endpoint, window=window)
    return gather_times(times, members=clock.members, protocol=protocol, arms=arms)


def check_window(sample: Sample, *, clock: Clock, window: Window) -> tuple[str, ...]:
    """Who is not in the sample or not followed through the window, in sentences."""
    absent = clock.members["origin_date"].null_count()
    outside = clock.members.height - absent - len(sample.rows)
    told = (
        (absent, "never had the start of the clock"),
        (outside, f"not known alive on day {window.from_day}, when the window opens"),
    )
    return tuple(f"{count} {words}: left out" for count, words in told if count)
