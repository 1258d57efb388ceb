"""Death and last contact: the dates that survival is made of."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.anchors import completed_part
from equipoise.derive.schemas import KEY, conform, derived_schema
from equipoise.protocol.form_model import Form, Grain, ItemType
from equipoise.protocol.model import Protocol

_PLANNED = "planned"


def derive_contacts(frames: Frames, protocol: Protocol) -> pl.DataFrame:
    """The last day each subject is known to be alive, from every dated contact after consent.

    Contacts are the dates of visits, scans, doses, fractions, therapies and survival forms. A
    planned date, a form of which the protocol says that it proves no contact, and the end-of-study
    form prove nothing. The first entry id where several fall on that day.
    """
    dated = [
        _last_of_form(frames[form.form], date=item.name)
        for form in protocol.form
        if _is_contact(form, protocol)
        for item in form.entered_items
        if item.type is ItemType.DATE and not item.name.startswith(_PLANNED)
    ]
    order = ["replicate", "subject", "alive_date", "id"]
    last = (
        pl.concat(dated)
        .sort(order, descending=[False, False, True, False])
        .unique(KEY, keep="first", maintain_order=True)
    )
    return conform(
        last.with_columns(entries=pl.concat_list("id")).sort(KEY),
        schema=derived_schema("contact"),
    )


def _last_of_form(frame: pl.DataFrame, *, date: str) -> pl.DataFrame:
    """The last day of each subject in a form, with the first entry of that day.

    The entries of a subject stand in their order.
    """
    dated = frame.select(*KEY, "entry", date).drop_nulls(date)
    last = pl.col(date).arg_max()  # the first of several
    return dated.group_by(KEY).agg(alive_date=pl.col(date).max(), id=pl.col("entry").get(last))


def derive_deaths(
    frames: Frames, *, contacts: pl.DataFrame, cutoffs: pl.DataFrame | None
) -> pl.DataFrame:
    """The date of each death, completed from its known parts.

    D2.2: an unknown day is the 15th, an unknown month the 1st of July, never before the day after
    the subject was last known alive, never outside the known parts. A death that the completed
    date puts after the cut has not happened yet.
    """
    middle = (
        pl.when(pl.col("death_date").str.len_bytes() == len("2026"))
        .then(pl.col("death_earliest_date").dt.offset_by("6mo"))
        .otherwise(pl.col("death_earliest_date").dt.offset_by("14d"))
    )
    whole = pl.col("death_earliest_date") == pl.col("death_latest_date")
    after = pl.col("alive_date").dt.offset_by("1d")
    bounded = pl.min_horizontal(pl.max_horizontal(middle, after), "death_latest_date")
    deaths = (
        frames["dth"]
        .unique(KEY, keep="first", maintain_order=True)
        .join(contacts.select(*KEY, "alive_date"), on=KEY, how="left", maintain_order="left")
        .with_columns(
            died=pl.when(whole).then("death_earliest_date").otherwise(bounded),
            imputed=~whole,
            completed=completed_part("death_date"),
            entries=pl.concat_list("entry"),
        )
        .with_columns(death_date=pl.col("died"))
        .drop_nulls("death_date")
    )
    if cutoffs is not None:
        deaths = deaths.join(cutoffs, on="replicate", how="left")
        deaths = deaths.filter(pl.col("death_date") <= pl.col("cutoff_date"))
    return conform(deaths.sort(KEY), schema=derived_schema("death"))


def _is_contact(form: Form, protocol: Protocol) -> bool:
    repeated = form.grain is not Grain.SUBJECT
    proves = bool(form.date_item) and form.proves_contact
    return proves and (repeated or form.form == protocol.randomisation.form)
