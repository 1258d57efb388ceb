"""From arrays of days and places to the columns of a form."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.simulate.cohort import NEVER, Flags, Floats, Ints
from equipoise.simulate.trial_course import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who the subjects are: trial, identity, day of randomisation since 1970."""

    replicate: Ints
    subject: pl.Series
    randomised: Ints


def build_people(course: Course) -> People:
    """The identities `site-number`, in the order of arrival at the site."""
    arrival = course.arrival
    parts = pl.DataFrame({"site": arrival.site, "number": arrival.number}).select(
        pl.concat_str(
            pl.col("site").cast(pl.String).str.zfill(2),
            pl.lit("-"),
            pl.col("number").cast(pl.String).str.zfill(3),
        ).alias("subject")
    )
    return People(
        replicate=course.cohort.replicate,
        subject=parts["subject"],
        randomised=arrival.randomised,
    )


def build_rows(people: People, *, rows: Ints, columns: dict[str, pl.Series]) -> pl.DataFrame:
    """The columns with trial and subject in front; `rows` is the subject of each row."""
    identity = {
        "replicate": pl.Series(people.replicate[rows].astype(np.int32)),
        "subject": people.subject.gather(rows),
    }
    return pl.DataFrame({**identity, **columns})


def in_order(table: pl.DataFrame, *, people: People) -> pl.DataFrame:
    """The rows of a subject together, in the order of the subjects; within one as they stand."""
    everyone = np.arange(people.randomised.size)
    place = build_rows(people, rows=everyone, columns={"place": pl.Series(everyone)})
    found = table.join(place, on=["replicate", "subject"], how="left", maintain_order="left")
    return found.sort("place", maintain_order=True).drop("place")


def date_column(people: People, *, rows: Ints, day: Ints) -> pl.Series:
    """Dates from days after randomisation; null where the day is `NEVER`."""
    since_1970 = pl.Series((people.randomised[rows] + day).astype(np.int32))
    known = pl.Series(np.abs(day) < NEVER // 2)
    frame = pl.DataFrame({"day": since_1970, "known": known})
    return frame.select(pl.when("known").then(pl.col("day")).cast(pl.Date)).to_series()


def partial_date_column(people: People, *, rows: Ints, day: Ints, day_unknown: Flags) -> pl.Series:
    """Dates as text, with year and month only where the day is unknown."""
    dates = date_column(people, rows=rows, day=day)
    frame = pl.DataFrame({"date": dates, "unknown": pl.Series(day_unknown)})
    return frame.select(
        pl.when("unknown")
        .then(pl.col("date").dt.strftime("%Y-%m"))
        .otherwise(pl.col("date").dt.strftime("%Y-%m-%d"))
    ).to_series()


def name_column(names: Sequence[str | None], *, place: Ints) -> pl.Series:
    """The name at each place; a name may be None."""
    return pl.Series(list(names), dtype=pl.String).gather(place.astype(np.int64))


def lesion_column(place: Ints, *, letter: str = "L") -> pl.Series:
    """Lesion identities `L01` from places that count from 0."""
    return name_column([f"{letter}{number:02d}" for number in range(1, 100)], place=place)


def only_where(known: Flags, *, values: Ints | Floats | Flags | pl.Series) -> pl.Series:
    """The values, null where not known."""
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    frame = pl.DataFrame({"value": series, "known": pl.Series(known)})
    return frame.select(pl.when("known").then("value")).to_series()


def constant(value: str | int, *, rows: Ints) -> pl.Series:
    """The same value in every row."""
    return pl.repeat(value, rows.size, eager=True)


def number_records(rows: Ints) -> Ints:
    """Record numbers from 1 within each subject; the rows of a subject stand together."""
    if rows.size == 0:
        return np.zeros(0, dtype=np.int64)
    first = np.concatenate([[True], rows[1:] != rows[:-1]])
    start = np.maximum.accumulate(np.where(first, np.arange(rows.size), 0))
    return np.arange(rows.size) - start + 1
