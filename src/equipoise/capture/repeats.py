"""Entries that stand more than once: which row says so, and in what it differs from the first."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

_FIRST = "@first"  # no item can be named so


def list_repeats(
    frame: pl.DataFrame, *, key: Sequence[str], items: Sequence[str]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each row whose key stands above it already, and words on what it says otherwise.

    The words are `death_date = 2024-05-01 against 2024-04-01`, or `the same again`.
    """
    if frame.height < 2:
        return
    repeated = frame.filter(pl.struct(key).is_duplicated())
    if repeated.is_empty():
        return
    again = repeated.filter(~pl.struct(key).is_first_distinct())
    first = repeated.unique(key, keep="first", maintain_order=True)
    both = again.join(
        first, on=list(key), how="left", suffix=_FIRST, nulls_equal=True, maintain_order="left"
    )
    others = [name for name in items if name not in key]
    for row in both.iter_rows(named=True):
        said = [
            f"{name} = {_write(row[name])} against {_write(row[f'{name}{_FIRST}'])}"
            for name in others
            if row[name] != row[f"{name}{_FIRST}"]
        ]
        yield row, ", ".join(said) or "the same again"


def _write(value: object) -> str:
    return "nothing" if value is None else str(value)
