"""The dates of a source at the units that they belong to, as sorted arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.derive.schemas import LESION_KEY

NEVER = 2**31 - 1  # later than every date
_NO_DAY = np.iinfo(np.int64).min  # what numpy makes of a date that is null
_SPAN = 2**32  # more than any number of days: unit * _SPAN + day sorts by unit, then day

Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The dates of one source, sorted by unit and day; arrays of shape (n,).

    `unit` are positions in the frame of units, `day` days since 1970, `place` the row of each among
    the rows of all sources.
    """

    unit: Days
    day: Days
    place: Days

    @property
    def sorting(self) -> Days:
        """One number that sorts by unit, then by day."""
        return self.unit * _SPAN + self.day


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A date for each unit, `NEVER` where there is none, and its place (-1) among the rows."""

    day: Days
    place: Days


def number_units(units: pl.DataFrame) -> pl.DataFrame:
    """The key of the units, with the lesion or without, and `unit`, the place of each."""
    key = [name for name in LESION_KEY if name in units.columns]
    return units.select(*key, unit=pl.int_range(pl.len(), dtype=pl.Int64))


def read_dates(dated: pl.DataFrame, *, units: pl.DataFrame, offset: int) -> Dates:
    """The dates of a source at the units, those of a subject at each of its lesions.

    `dated` has key and date, `units` the key and the number `unit`; `offset` is the place of the
    first row of `dated` among all rows.
    """
    key = [name for name in LESION_KEY if name in dated.columns and name in units.columns]
    places = dated.select(*key, "date", place=pl.int_range(pl.len()))
    joined = places.join(units, on=key, how="inner", maintain_order="left")
    unit, place = joined["unit"].to_numpy(), joined["place"].to_numpy()
    day = as_days(joined["date"])
    order = np.argsort(unit * _SPAN + day, kind="stable")  # of one day in order of the rows
    return Dates(unit=unit[order], day=day[order], place=offset + place[order])


def find_first(dates: Dates, *, units: Days, since: Days) -> Found:
    """The first date of each of the units on or after a day of its own."""
    return _found(dates, np.searchsorted(dates.sorting, units * _SPAN + since), units=units)


def find_last(dates: Dates, *, units: Days, until: Days) -> Found:
    """The last date of each of the units on or before a day of its own.

    Of several on that day the row that stands first.
    """
    if not len(dates.unit):
        return nothing_found(len(units))
    sorting = dates.sorting
    before = np.searchsorted(sorting, units * _SPAN + until, side="right") - 1
    first_of_day = np.searchsorted(sorting, sorting[np.maximum(before, 0)])
    return _found(dates, np.where(before < 0, len(sorting), first_of_day), units=units)


def pick(found: Sequence[Found], *, last: bool, units: int) -> tuple[Found, Days]:
    """Of the dates of several sources the first (or last) of each unit, and its source's number.

    On one day the source that stands first counts. Without a date the number is -1.
    """
    never = nothing_found(units)
    days = np.stack([each.day for each in (*found, never)])
    ranked = np.where(days == NEVER, -NEVER, days) if last else days
    rank = ranked.argmax(axis=0) if last else ranked.argmin(axis=0)
    places = np.stack([each.place for each in (*found, never)])
    unit = np.arange(units)
    day, place = days[rank, unit], places[rank, unit]
    return Found(day=day, place=place), np.where(day == NEVER, -1, rank).astype(np.int64)


def nothing_found(units: int) -> Found:
    """No date for any unit."""
    return Found(day=np.full(units, NEVER, dtype=np.int64), place=np.full(units, -1, np.int64))


def only_where(found: Found, *, kept: NDArray[np.bool_]) -> Found:
    """The same dates, where they are kept."""
    return Found(day=np.where(kept, found.day, NEVER), place=np.where(kept, found.place, -1))


def as_dates(days: Days) -> pl.Series:
    """Days since 1970 as dates; null where there is none."""
    known = pl.Series(np.where(days == NEVER, 0, days)).cast(pl.Int32).cast(pl.Date)
    return known.set(pl.Series(days == NEVER), None)


def as_days(dates: pl.Series) -> Days:
    """Dates as days since 1970; `NEVER` where there is none."""
    days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(days == _NO_DAY, NEVER, days)


def _found(dates: Dates, at: Days, *, units: Days) -> Found:
    """The dates at these places, where they belong to the unit that asks."""
    if not len(dates.unit):
        return nothing_found(len(units))
    inside = np.minimum(at, len(dates.unit) - 1)
    own = (at < len(dates.unit)) & (dates.unit[inside] == units)
    return only_where(Found(day=dates.day[inside], place=dates.place[inside]), kept=own)
