"""A trial written to a folder: one file per form, the same bytes for the same entries."""

from collections.abc import Collection, Iterable
from pathlib import Path

import polars as pl

from equipoise.capture.entry import FormEntry
from equipoise.capture.folder_read import ALLOCATIONS
from equipoise.capture.trial import TrialData
from equipoise.protocol.form_model import Form, ItemType
from equipoise.protocol.model import Protocol


def write_folder(
    trial: TrialData, protocol: Protocol, *, folder: Path, file_format: str = "csv"
) -> None:
    """Writes every form with its entered items, and the allocations; `csv` or `parquet`.

    Trials rehearsed together keep the column `replicate`; a single one needs none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    many = bool((trial.allocations["replicate"] > 0).any())
    tables = {form.form: written_form(trial.frames[form.form], form=form) for form in protocol.form}
    tables[ALLOCATIONS] = trial.allocations.with_columns(pl.col("replicate").cast(pl.String))
    for name, table in tables.items():
        kept = table if many else table.drop("replicate")
        if file_format == "parquet":
            kept.write_parquet(folder / f"{name}.parquet")
        else:
            kept.write_csv(folder / f"{name}.csv")


def write_entries(
    entries: Iterable[FormEntry], protocol: Protocol, *, folder: Path, leave_out: Collection[str]
) -> None:
    """Writes entries whose values are texts, as they were typed: a file a form, also an empty one.

    What the protocol has no form or item for stands behind what it has, and is told when read.
    """
    rows: dict[str, list[dict[str, str]]] = {
        form.form: [] for form in protocol.form if form.form not in leave_out
    }
    for entry in entries:
        texts = {name: str(value) for name, value in entry.values.items()}
        rows.setdefault(entry.form, []).append({"subject": entry.subject, **texts})
    known = {form.form: [item.name for item in form.entered_items] for form in protocol.form}
    for form, written in rows.items():
        names = dict.fromkeys(["subject", *known.get(form, ())])
        names |= dict.fromkeys(sorted({name for row in written for name in row}))
        table = pl.DataFrame(written, schema=dict.fromkeys(names, pl.String()))
        table.write_csv(folder / f"{form}.csv")


def write_allocations(allocations: pl.DataFrame, *, folder: Path) -> None:
    """Writes the arms of one trial beside its forms."""
    allocations.drop("replicate").write_csv(folder / f"{ALLOCATIONS}.csv")


def written_form(frame: pl.DataFrame, *, form: Form) -> pl.DataFrame:
    """A form's entries as text: Y and N, ISO dates, kinds of missing as they are written."""
    names = [item.name for item in form.entered_items]
    answers = [item.name for item in form.entered_items if item.type is ItemType.YES_NO]
    text = frame.select("replicate", "subject", *names, "missing").with_columns(
        pl.col(answers).replace_strict({True: "Y", False: "N"}, return_dtype=pl.String)
    )
    text = text.cast(pl.String)
    kinds = [
        pl.coalesce(
            pl.col("missing").str.extract(rf"(?:^|;){name}=(@[a-z_]+)"), pl.col(name)
        ).alias(name)
        for name in names
    ]
    return text.with_columns(kinds).drop("missing")
