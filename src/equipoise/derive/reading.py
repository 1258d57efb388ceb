"""One reading of an endpoint: the endpoint, a convention, and the units whose time it gives."""

from dataclasses import dataclass

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.date_book import DateBook
from equipoise.derive.dates import Dates, Days
from equipoise.derive.schemas import KEY, LESION_KEY
from equipoise.protocol.endpoint_model import Anchor, Convention, Endpoint, Source
from equipoise.protocol.model import Protocol

_LEFT = ("lost", "withdrew_follow_up", "withdrew_data")
PLAIN = Convention(id="", label="", role="primary", new_therapy="censor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An endpoint read by one convention: what the steps of the engine need.

    `units` are the subjects (or index lesions) that have the origin: key, start_date,
    start_entries, and `number`, by which the dates of `book` know them; `numbers` and `starts` are
    the same as arrays. `clock` is "reference" where times are counted from the endpoint's
    `reference_origin`.
    """

    sources: Frames
    protocol: Protocol
    endpoint: Endpoint
    convention: Convention
    clock: str
    units: pl.DataFrame
    numbers: Days
    starts: Days
    book: DateBook

    @property
    def key(self) -> list[str]:
        """The columns that identify a unit."""
        return list(LESION_KEY if self.endpoint.grain == "lesion" else KEY)

    @property
    def events(self) -> tuple[Source, ...]:
        """The sources of events: those of the convention, else of the endpoint."""
        return self.convention.event or self.endpoint.event

    @property
    def censors(self) -> tuple[Source, ...]:
        """The sources of censoring dates."""
        return self.convention.censor or self.endpoint.censor

    @property
    def switches(self) -> tuple[Source, ...]:
        """The sources that end the reading: none where the convention ignores new therapy."""
        ends = self.convention.new_therapy == "censor"
        return (self.convention.switch or self.endpoint.switch) if ends else ()

    @property
    def name(self) -> str:
        """What tells the reading from others of the endpoint: its convention, else its clock."""
        return self.convention.id or self.clock

    def dates(self, source: Source) -> Dates:
        """The dates of a source at all units of the grain."""
        return self.book.of(source, grain=self.endpoint.grain)

    def says(self, rule: str) -> pl.Expr:
        """Whether the convention has words for a rule; it prints no other."""
        return pl.lit(rule in self.convention.words)


def list_units(sources: Frames, protocol: Protocol) -> dict[str, pl.DataFrame]:
    """The units by grain, in order of their keys: randomised subjects, and their index lesions.

    With `has_baseline`, whether there was a baseline assessment, and `left`, whether follow-up
    ended before death.
    """
    named = sources[protocol.randomisation.form].select(KEY).unique().sort(KEY)
    baseline = sources["assessments"].filter("baseline").select(KEY).unique()
    left = sources["eos"].filter(pl.col("reason").is_in(_LEFT)).select(KEY).unique()
    subjects = named
    for name, frame in {"has_baseline": baseline, "left": left}.items():
        marked = frame.with_columns(pl.lit(value=True).alias(name))
        joined = subjects.join(marked, on=list(KEY), how="left", maintain_order="left")
        subjects = joined.with_columns(pl.col(name).fill_null(value=False))
    index = sources["les_bl"].filter("intend_sbrt").select(LESION_KEY).unique()
    lesions = index.join(subjects, on=list(KEY), how="inner").sort(LESION_KEY)
    return {"subject": subjects, "lesion": lesions}


def derive_origins(
    found: pl.DataFrame, *, anchor: Anchor, endpoint: Endpoint, units: pl.DataFrame
) -> pl.DataFrame:
    """The start of each unit that has an origin, the endpoint's landmark days added.

    `found` has the dates of the anchor. Columns: those of `units`, start_date, start_entries, and
    number, the place in `units`.
    """
    on = list(LESION_KEY if anchor.by_lesion and endpoint.grain == "lesion" else KEY)
    moved = pl.col("date") + pl.duration(days=endpoint.landmark_days)
    start = found.select(*on, start_date=moved, start_entries="entries")
    numbered = units.with_columns(number=pl.int_range(pl.len(), dtype=pl.Int64))
    return numbered.join(start, on=on, how="inner").sort("number")
