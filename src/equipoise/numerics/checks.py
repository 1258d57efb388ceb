"""What every estimator asks of its arrays before it counts: refusals name the first wrong row."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def check_times(time: ArrayLike) -> NDArray[np.float64]:
    """The times as a flat float64 array; ValueError names the first that is none."""
    checked = np.ascontiguousarray(time, dtype=np.float64)
    if checked.ndim != 1 or checked.size == 0:
        raise ValueError("time must be a flat array with at least one row")
    wrong = ~(np.isfinite(checked) & (checked >= 0))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"time[{row}] is {checked[row]}: times are finite and not negative")
    return checked


def check_codes(
    codes: ArrayLike | None, *, name: str, n: int, upper: int | None = None
) -> NDArray[np.int64]:
    """The codes as a flat int64 array from 0 (to `upper`); None gives zeros for all rows."""
    if codes is None:
        return np.zeros(n, dtype=np.int64)
    given = np.asarray(codes)
    if given.shape != (n,):
        raise ValueError(f"{name} has shape {given.shape}: one value for each of {n} times")
    if given.dtype != np.bool_ and not np.issubdtype(given.dtype, np.integer):
        raise ValueError(f"{name} must be whole numbers or booleans, not {given.dtype}")
    checked = np.ascontiguousarray(given, dtype=np.int64)
    wrong = (checked < 0) | (checked > upper) if upper is not None else checked < 0
    if wrong.any():
        row = int(np.argmax(wrong))
        limit = "0 or more" if upper is None else f"from 0 to {upper}"
        raise ValueError(f"{name}[{row}] is {checked[row]}: codes are {limit}")
    return checked


def check_labels(labels: ArrayLike, *, name: str, n: int) -> NDArray[np.int64]:
    """A code from 0 for each label, in the order of the labels: numbers or words."""
    given = np.asarray(labels)
    if given.shape != (n,):
        raise ValueError(f"{name} has shape {given.shape}: one label for each of {n} rows")
    if given.dtype.kind == "i" and n:
        lowest, highest = int(given.min()), int(given.max())
        if highest - lowest <= 4 * n:  # counted, which is faster than sorted
            seen, number = np.zeros(highest - lowest + 1, dtype=np.int64), given.astype(np.int64)
            number -= lowest
            seen[number] = 1
            return (np.cumsum(seen) - 1)[number]
    return np.unique(given, return_inverse=True)[1].ravel().astype(np.int64)


def sum_by_code(values: NDArray[np.float64], *, code: NDArray[np.int64]) -> NDArray[np.float64]:
    """The rows of `values` (n, p) added up by their code, in the order of the codes."""
    count = int(code.max()) + 1
    columns = [np.bincount(code, weights=column, minlength=count) for column in values.T]
    return np.stack(columns, axis=1) if columns else np.zeros((count, 0))


def sum_by_cluster(
    scores: NDArray[np.float64], *, cluster: ArrayLike | None
) -> NDArray[np.float64]:
    """The scores of rows (n, p) added up by cluster; None leaves them as they are."""
    if cluster is None:
        return scores
    code = check_labels(cluster, name="cluster", n=scores.shape[0])
    return sum_by_code(scores, code=code)


def check_weights(weight: ArrayLike | None, *, n: int) -> NDArray[np.float64]:
    """The weights as a flat float64 array, finite and above 0; None gives ones."""
    if weight is None:
        return np.ones(n)
    checked = np.ascontiguousarray(weight, dtype=np.float64)
    if checked.shape != (n,):
        raise ValueError(f"weight has shape {checked.shape}: one value for each of {n} times")
    wrong = ~(np.isfinite(checked) & (checked > 0))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"weight[{row}] is {checked[row]}: weights are finite and above 0")
    return checked


def check_entry(entry: ArrayLike, *, time: NDArray[np.float64]) -> NDArray[np.float64]:
    """The times of entry (left truncation): a row is at risk after `entry`, up to its `time`."""
    checked = np.ascontiguousarray(entry, dtype=np.float64)
    if checked.shape != time.shape:
        raise ValueError(
            f"entry has shape {checked.shape}: one value for each of {time.size} times"
        )
    wrong = ~(np.isfinite(checked) & (checked < time))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"entry[{row}] is {checked[row]}: a row enters before its time, {time[row]}"
        )
    return checked


def check_covariates(covariates: ArrayLike, *, n: int) -> NDArray[np.float64]:
    """The covariates as a finite float64 array of shape (n, p); one column may be flat."""
    checked = np.asarray(covariates, dtype=np.float64)
    table = checked[:, None] if checked.ndim == 1 else checked
    if table.ndim != 2 or table.shape[0] != n or table.shape[1] == 0:
        raise ValueError(f"covariates have shape {checked.shape}: one row for each of {n} times")
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise ValueError(f"covariates[{row}, {column}] is {table[row, column]}: no missing values")
    return table


def check_level(level: float) -> float:
    """The confidence level, between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    return level
