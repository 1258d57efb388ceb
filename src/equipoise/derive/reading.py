"""One reading of an endpoint: the endpoint, a convention, and the units whose time it gives."""

from dataclasses import dataclass

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.anchors import derive_anchor, select_source
from equipoise.derive.schemas import KEY, LESION_KEY
from equipoise.protocol.endpoint_model import Convention, Endpoint, Source
from equipoise.protocol.model import Protocol

PLAIN = Convention(id="", label="", role="primary", new_therapy="censor")


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

    def says(self, rule: str) -> pl.Expr:
        """Whether the convention has words for a rule; it prints no other."""
        return pl.lit(rule in self.convention.words)


def derive_origins(reading: Reading) -> pl.DataFrame:
    """The units that have the origin of the endpoint: key, start_date, start_entries.

    Units are the randomised subjects, or their index lesions.
    """
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
    return start.select(*reading.key, "start_date", "start_entries").sort(reading.key)


def date_units(reading: Reading, *, units: pl.DataFrame, source: Source) -> pl.DataFrame:
    """The dates of a source at the units they belong to (a subject's at all its lesions).

    Columns: key, start_date, date, entries, what the source says (rule, words), is_death, and
    is_contact: who is known alive on a day was so on every day before.
    """
    by_lesion = reading.endpoint.grain == "lesion"
    dated = select_source(reading.sources, reading.protocol, source=source, by_lesion=by_lesion)
    on = [name for name in reading.key if name in dated.columns]
    rows = units.select(*reading.key, "start_date").join(dated, on=on, how="inner")
    return rows.select(
        *reading.key,
        "start_date",
        "date",
        "entries",
        rule=pl.lit(source.rule),
        words=pl.lit(source.words),
        is_death=pl.lit(source.frame == "death"),
        is_contact=pl.lit(source.frame == "contact"),
    )
