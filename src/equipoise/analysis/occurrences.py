"""From events with dates to a sample: the clock of each arm, the window, death competing."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.analysis.gather import Roster, gather_times, read_days
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
    own = members[f"{endpoint.origin}_date"].alias("origin_date")
    if not endpoint.reference_origin:
        return Clock(members=members.hstack([own]), words=())
    base = members[f"{endpoint.reference_origin}_date"]
    other = members["arm"] != protocol.reference_arm.code
    lags = (own - base).dt.total_days()
    offset, words = set_offset(lags.filter(other), endpoint=endpoint)
    origin = own.zip_with(other, base + timedelta(days=offset))
    return Clock(members=members.hstack([origin]), words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Members whose clock starts, and their events of an endpoint, in days of it (1: its first).

    By member `subject` and `last_day`, that of death where it `died`, else the last known alive;
    by event, in order of member, onset and id: `member` (its place), `day`, `end_day` (infinite
    where it goes on) and `row`. Events that are known not to be treatment-emergent are left out
    (D2.6).
    """

    subject: NDArray[np.str_]
    last_day: NDArray[np.int64]
    died: NDArray[np.bool_]
    member: NDArray[np.int64]
    day: NDArray[np.int64]
    end_day: NDArray[np.float64]
    row: NDArray[np.str_]


def read_timeline(events: pl.DataFrame, *, clock: Clock) -> Timeline:
    """The members of a clock and their events (the occurrences of one endpoint), in its days."""
    members = clock.members
    origin = read_days(members["origin_date"])
    death, alive = (read_days(members[name]) for name in ("death_date", "last_alive_date"))
    died = np.isfinite(death)
    last = np.where(died, death, np.where(np.isfinite(alive), alive, origin))
    started = np.flatnonzero(np.isfinite(origin))
    subject = np.array(members["subject"].to_list(), dtype=np.str_)[started]
    origin = origin[started]
    place = {name: at for at, name in enumerate(subject.tolist())}
    member = np.array([place.get(name, -1) for name in events["subject"].to_list()], dtype=np.int64)
    row, onset = np.array(events["row"].to_list(), dtype=np.str_), read_days(events["onset_date"])
    emergent = [told is not False for told in events["treatment_emergent"].to_list()]
    kept = np.flatnonzero((member >= 0) & np.isfinite(onset) & np.array(emergent, dtype=np.bool_))
    kept = kept[np.lexsort((row[kept], onset[kept], member[kept]))]
    before = origin[member[kept]] - 1
    return Timeline(
        subject=subject,
        last_day=np.maximum(last[started] - origin + 1, 1).astype(np.int64),
        died=died[started],
        member=member[kept],
        day=(onset[kept] - before).astype(np.int64),
        end_day=np.nan_to_num(read_days(events["end_date"])[kept] - before, nan=np.inf),
        row=row[kept],
    )


def counts_in(timeline: Timeline, *, window: Window) -> NDArray[np.bool_]:
    """Which events count: those that start within the window.

    With `include_ongoing` also those that started before and go on into it.
    """
    counted = (timeline.day >= window.from_day) & (timeline.day <= window.to_day)
    if window.include_ongoing:
        counted |= (timeline.day < window.from_day) & (timeline.end_day >= window.from_day)
    return counted


def build_times(timeline: Timeline, *, endpoint: Endpoint, window: Window) -> pl.DataFrame:
    """Row, subject, days, cause, count and exposure of each member at risk on the first day.

    A member is at risk who is known to be alive on it. The event comes first (one that goes on
    into the window on the window's first day), then death (cause 2 when the endpoint names a
    competing event), else the last day known alive or of the window. `count` are all events in
    the window, `exposure_days` the days in it.
    """
    own = np.flatnonzero(counts_in(timeline, window=window))
    having, first = np.unique(timeline.member[own], return_index=True)
    last = np.minimum(timeline.last_day, window.to_day)
    died = timeline.died & (timeline.last_day <= window.to_day)
    days, cause = last.copy(), np.where(died, 2 if endpoint.competing else 0, 0)
    days[having] = np.maximum(timeline.day[own][first], window.from_day)
    cause[having] = 1
    event_row = dict(zip(having.tolist(), timeline.row[own][first].tolist(), strict=True))
    at_risk = np.flatnonzero(timeline.last_day >= window.from_day)
    subjects = timeline.subject[at_risk].tolist()
    places = zip(at_risk.tolist(), subjects, strict=True)
    counts = np.bincount(timeline.member[own], minlength=last.size)
    return pl.DataFrame(
        {
            "row": [event_row.get(at) or f"{endpoint.id}/{window.id}/{one}" for at, one in places],
            "subject": subjects,
            "days": days[at_risk],
            "cause": cause[at_risk],
            "count": counts[at_risk],
            "exposure_days": (last - window.from_day + 1)[at_risk],
        },
        schema_overrides={"row": pl.String, "subject": pl.String},
    )


def gather_occurrences(
    timeline: Timeline, *, roster: Roster, endpoint: Endpoint, window: Window
) -> Sample:
    """The members at risk as a sample: day of the first event in the window, or of what ended it.

    The row of a subject with an event is that of the event.
    """
    times = build_times(timeline, endpoint=endpoint, window=window)
    return gather_times(times, roster=roster)


def check_window(sample: Sample, *, clock: Clock, window: Window) -> tuple[str, ...]:
    """Who is not in the sample or not followed through the window, in sentences."""
    absent = clock.members["origin_date"].null_count()
    outside = clock.members.height - absent - len(sample.rows)
    told = (
        (absent, "never had the start of the clock"),
        (outside, f"not known alive on day {window.from_day}, when the window opens"),
    )
    return tuple(f"{count} {words}: left out" for count, words in told if count)
