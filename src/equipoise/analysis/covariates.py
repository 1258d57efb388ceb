"""What a sample is adjusted for: covariates of its subjects as columns of numbers."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.analysis.sample import Sample, select_rows
from equipoise.analysis.words import join_words
from equipoise.protocol.covariates import Covariate, covariate_scope
from equipoise.protocol.model import Protocol


def add_covariates(
    sample: Sample, *, members: pl.DataFrame, names: tuple[str, ...], protocol: Protocol
) -> tuple[Sample, tuple[str, ...]]:
    """The sample with these covariates, and what a reader should know of it.

    A covariate with levels gives a column for each level that occurs but for the first of them. A
    row without a value (or with another level) is left out. `members` holds the covariates by
    subject; one that it does not have is told and not adjusted for.
    """
    scope = covariate_scope(protocol)
    present = [scope[name] for name in names if name in members.columns]
    absent = [scope[name].label for name in names if name not in members.columns]
    values = [_values_of(sample, members, each) for each in present]
    kept = np.ones(len(sample.rows), dtype=np.bool_)
    for each in values:
        kept &= np.isfinite(each)
    columns = [
        column
        for covariate, each in zip(present, values, strict=True)
        for column in _columns_of(covariate, each[kept])
    ]
    lost = int((~kept).sum())
    untold = f"{lost} without a value of {join_words([each.label for each in present])}: left out"
    missing = f"not adjusted for {join_words(absent)}: these data do not have it"
    table = np.array([column for _, column in columns], dtype=np.float64).reshape(
        len(columns), int(kept.sum())
    )
    adjusted = replace(
        select_rows(sample, kept=kept),
        covariates=np.ascontiguousarray(table.T),
        covariate_names=tuple(name for name, _ in columns),
    )
    return adjusted, (*((untold,) if lost else ()), *((missing,) if absent else ()))


def _values_of(sample: Sample, members: pl.DataFrame, covariate: Covariate) -> NDArray[np.float64]:
    """Each row's number, or position among the levels; NaN where there is none."""
    column = members.select("subject", value=pl.col(covariate.name))
    if covariate.levels:
        place = {level: float(code) for code, level in enumerate(covariate.levels)}
        pairs = column.with_columns(pl.col("value").cast(pl.String)).iter_rows()
        of_subject = {subject: place.get(value, np.nan) for subject, value in pairs}
    else:
        pairs = column.with_columns(pl.col("value").cast(pl.Float64, strict=False)).iter_rows()
        of_subject = {subject: np.nan if value is None else value for subject, value in pairs}
    return np.array([of_subject.get(str(s), np.nan) for s in sample.subject], dtype=np.float64)


def _columns_of(
    covariate: Covariate, values: NDArray[np.float64]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    if not covariate.levels:
        yield covariate.label, values
        return
    labels = list(covariate.levels.values())
    for code in np.unique(values)[1:]:
        yield f"{covariate.label}: {labels[int(code)]}", (values == code).astype(np.float64)
