"""The dates of every source of every endpoint, read once, and the entries behind each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.anchors import select_source
from equipoise.derive.dates import Dates, Days, number_units, read_dates
from equipoise.protocol.endpoint_model import Endpoint, Source
from equipoise.protocol.model import Protocol

# The assessments that could judge a unit: a progression happened since the last of them.
SEEN = {
    "subject": Source(
        frame="assessments", date="last_date", where="adequate AND NOT baseline", words=""
    ),
    "lesion": Source(frame="lesion_assessments", date="assessed_date", where="adequate", words=""),
}
Name = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateBook:
    """Dates by source and grain; `rows` has the entries, visit and completed part of each.

    The last row is that of no date: null throughout.
    """

    dates: Mapping[Name, Dates]
    rows: pl.DataFrame

    def of(self, source: Source, *, grain: str) -> Dates:
        """The dates of a source at the units of a grain."""
        return self.dates[_name(source, grain)]

    def look_up(self, column: str, *, place: Days) -> pl.Series:
        """What the rows at these places say; null where the place is -1."""
        return self.rows[column][np.where(place < 0, self.rows.height - 1, place)]


def read_book(frames: Frames, protocol: Protocol, *, units: Mapping[str, pl.DataFrame]) -> DateBook:
    """The dates of every source that a time-to-event endpoint names, at the units by grain."""
    dates: dict[Name, Dates] = {}
    text = pl.String()
    rows = [pl.DataFrame(schema={"entries": pl.List(text), "visit": text, "imputed": text})]
    height = 0
    numbered = {grain: number_units(frame) for grain, frame in units.items()}
    for source, grain in _list_sources(protocol):
        if _name(source, grain) not in dates:
            by_lesion = grain == "lesion"
            dated = select_source(frames, protocol, source=source, by_lesion=by_lesion)
            found = read_dates(dated, units=numbered[grain], offset=height)
            dates[_name(source, grain)] = found
            rows.append(dated.select(rows[0].columns))
            height += dated.height
    return DateBook(dates=dates, rows=pl.concat([*rows, rows[0].clear(n=1)], rechunk=True))


def _list_sources(protocol: Protocol) -> Iterator[tuple[Source, str]]:
    for endpoint in protocol.endpoint:
        if endpoint.kind == "time_to_event":
            yield SEEN[endpoint.grain], endpoint.grain
            yield from ((source, endpoint.grain) for source in _sources_of(endpoint))


def _sources_of(endpoint: Endpoint) -> Iterator[Source]:
    yield from (*endpoint.event, *endpoint.competing, *endpoint.censor, *endpoint.switch)
    for convention in endpoint.convention:
        yield from (*convention.event, *convention.censor, *convention.switch)
    for event in endpoint.estimand.intercurrent:
        yield from event.source


def _name(source: Source, grain: str) -> Name:
    return source.frame, source.date, source.where, grain
