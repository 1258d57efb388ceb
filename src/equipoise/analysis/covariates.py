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
    scope = covariate_scope(protocol, names=names)
    present = [scope[name] for name in names if name in members.columns]
    absent = [scope[name].label for name in names if name not in members.columns]
    place = {subject: place for place, subject in enumerate(members["subject"].to_list())}
    own = np.array([place.get(str(one), -1) for one in sample.subject], dtype=np.int64)
    values = [_values_of(members, each)[own] for each in present]
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


def _values_of(members: pl.DataFrame, covariate: Covariate) -> NDArray[np.float64]:
    """Each member's number, or position among the levels; NaN where there is none, and last."""
    column = members[covariate.name]
    if not covariate.levels:
        return np.append(column.cast(pl.Float64, strict=False).to_numpy(), np.nan)
    place = {level: float(code) for code, level in enumerate(covariate.levels)}
    values = column.cast(pl.String).to_list()
    return np.array([*(place.get(value, np.nan) for value in values), np.nan])


def _columns_of(
    covariate: Covariate, values: NDArray[np.float64]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    if not covariate.levels:
        yield covariate.label, values
        return
    labels = list(covariate.levels.values())
    for code in np.unique(values)[1:]:
        yield f"{covariate.label}: {labels[int(code)]}", (values == code).astype(np.float64)
