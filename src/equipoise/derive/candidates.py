"""The dates that compete to end a time: first event, first new therapy, last censoring date."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.derive.dates import (
    NEVER,
    Days,
    Found,
    as_dates,
    find_first,
    find_last,
    only_where,
    pick,
)
from equipoise.derive.reading import Reading
from equipoise.protocol.endpoint_model import SEEN_AT_ASSESSMENTS, Source

_EVER = -(2**31)  # earlier than every date


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The date that each unit has of several sources, and the number of the source it is from."""

    sources: tuple[Source, ...]
    found: Found
    rank: Days

    def is_from(self, *frames: str) -> NDArray[np.bool_]:
        """Whether the date of each unit is from one of these frames."""
        return np.isin(self.rank, [n for n, s in enumerate(self.sources) if s.frame in frames])

    def columns(self, name: str) -> dict[str, pl.Series]:
        """Date, rule, words and place of each unit, under names of their own."""
        return {
            f"{name}_date": as_dates(self.found.day),
            f"{name}_rule": self._say([source.rule for source in self.sources]),
            f"{name}_words": self._say([source.words for source in self.sources]),
            f"{name}_place": pl.Series(self.found.place),
        }

    def _say(self, words: Sequence[str]) -> pl.Series:
        said = pl.Series([*words, None], dtype=pl.String)
        return said[np.where(self.rank < 0, len(words), self.rank)]


def find_candidates(reading: Reading) -> pl.DataFrame:
    """The units with their first event, last censoring date and first new therapy.

    Columns: those of the units; `event_`, `censor_` and `switch_` date, rule, words and place;
    cause, is_death, `ended_before` (new therapy or removal before the landmark), and
    `at_assessment`: seen at an assessment, some time after it happened.
    """
    switch = find_switch(reading)
    event = find_first_event(reading, switch=switch)
    censor = find_last_censor(reading, switch=switch)
    competing = event.rank >= len(reading.events)
    anchor = reading.starts - reading.endpoint.landmark_days
    ended_before = _first(reading, reading.switches, since=anchor).found.day < reading.starts
    return reading.units.with_columns(
        **event.columns("event"),
        **censor.columns("censor"),
        **switch.columns("switch"),
        cause=pl.Series(np.where(competing, 2, 1), dtype=pl.Int8),
        ended_before=pl.Series(ended_before),
        is_death=pl.Series(event.is_from("death")),
        at_assessment=pl.Series(event.is_from(*SEEN_AT_ASSESSMENTS)),
    )


def find_switch(reading: Reading) -> Candidate:
    """The first date that ends the reading (R7, a lesion removed), on or after the origin."""
    return _first(reading, reading.switches, since=reading.starts)


def find_first_event(reading: Reading, *, switch: Candidate) -> Candidate:
    """The first event or competing event of each unit, on ties in the order of the protocol.

    An event on the day of a new therapy counts, a later one does not (D2.3).
    """
    anywhen = np.full(reading.units.height, _EVER, dtype=np.int64)
    sources = (*reading.events, *reading.endpoint.competing)
    first = _first(reading, sources, since=anywhen)
    return _kept(first, kept=first.found.day <= switch.found.day)


def find_last_censor(reading: Reading, *, switch: Candidate) -> Candidate:
    """The last date that censors each unit, on or before a new therapy where that counts.

    A contact after it proves contact up to it.
    """
    until = switch.found.day
    always = np.full_like(until, NEVER)
    found = []
    for source in reading.censors:
        dates = reading.dates(source)
        proves_earlier = source.frame == "contact"
        last = find_last(dates, units=reading.numbers, until=always if proves_earlier else until)
        last = only_where(last, kept=last.day >= reading.starts)
        day = np.where(last.day == NEVER, NEVER, np.minimum(last.day, until))
        found.append(Found(day=day, place=last.place))
    best, rank = pick(found, last=True, units=len(until))
    return Candidate(sources=reading.censors, found=best, rank=rank)


def _first(reading: Reading, sources: tuple[Source, ...], *, since: Days) -> Candidate:
    found = [
        find_first(reading.dates(source), units=reading.numbers, since=since) for source in sources
    ]
    best, rank = pick(found, last=False, units=len(since))
    return Candidate(sources=sources, found=best, rank=rank)


def _kept(candidate: Candidate, *, kept: NDArray[np.bool_]) -> Candidate:
    found = only_where(candidate.found, kept=kept)
    return Candidate(
        sources=candidate.sources,
        found=found,
        rank=np.where(found.place < 0, -1, candidate.rank),
    )
