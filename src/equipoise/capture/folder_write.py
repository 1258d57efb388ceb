"""A trial written to a folder: one file per form, the same bytes for the same entries."""

from pathlib import Path

import polars as pl

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
