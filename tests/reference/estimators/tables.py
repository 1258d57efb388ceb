"""The data sets of the references as columns, by name; those of others only where they lie."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
FOLDERS = (
    HERE / "data",
    HERE.parent / "numerics",
    HERE.parents[2].parent / "shared" / "data" / "reference" / "data",
)
Table = Mapping[str, NDArray[Any]]


def find_table(name: str) -> Path | None:
    """The file of a data set; None where a data set of others is not at hand."""
    return next((f / f"{name}.csv" for f in FOLDERS if (f / f"{name}.csv").is_file()), None)


def read_table(name: str) -> Table:
    """Numbers as float64 (an empty cell is NaN), words as they stand; "none" has no column."""
    path = find_table(name)
    assert path is not None or name == "none", name
    if path is None:
        return {}
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {column: _column([row[column] for row in rows]) for column in rows[0]}


def _column(texts: list[str]) -> NDArray[Any]:
    try:
        return np.array([float(text) if text not in ("", "NA") else np.nan for text in texts])
    except ValueError:
        return np.array(texts)


def codes(*columns: NDArray[Any]) -> NDArray[np.int64]:
    """One code from 0 for each combination of values, in the order of the values."""
    parts = [np.unique(column, return_inverse=True)[1] for column in columns]
    stacked = np.stack(parts, axis=1)
    return np.unique(stacked, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def whole(column: NDArray[Any]) -> NDArray[np.int64]:
    """Numbers that are whole as integers."""
    assert np.array_equal(column, np.round(column))
    return column.astype(np.int64)
