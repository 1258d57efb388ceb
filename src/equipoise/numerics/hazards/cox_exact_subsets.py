"""Sums over all subsets of those at risk that have as many rows as fail, row by row."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def enter_row(
    share: float,
    own: NDArray[np.float64],
    most: int,
    sums: NDArray[np.float64],
    taken: NDArray[np.float64],
    after: NDArray[np.float64],
) -> None:
    """A row comes in: a subset of m either lacks it or is one of m - 1 with it.

    `sums` has a row for the value, p for its slopes and one for each curvature, and a column for
    each size. They go over into `after`, for what is read is not written over: so the processor
    makes four sizes at once. `taken` is what comes to a slope. Of subsets of one, it is the row.
    """
    at = own.size
    if most == 1:
        after[0, 1] = sums[0, 1] + share
        for i in range(own.size):
            a = share * own[i]
            after[1 + i, 1] = sums[1 + i, 1] + a
            for j in range(i + 1):
                at += 1
                after[at, 1] = sums[at, 1] + a * own[j]
        return
    for m in range(most):
        after[0, m + 1] = sums[0, m + 1] + share * sums[0, m]
    for i in range(own.size):
        for m in range(most):
            taken[m] = share * (sums[1 + i, m] + own[i] * sums[0, m])
        for m in range(most):
            after[1 + i, m + 1] = sums[1 + i, m + 1] + taken[m]
        a = share * own[i]
        for j in range(i + 1):
            at += 1
            b = own[j]
            for m in range(most):
                cross = a * sums[1 + j, m] + b * taken[m]
                after[at, m + 1] = sums[at, m + 1] + share * sums[at, m] + cross


# risks that have all left the range of floats make a unit of 0, and no sum: numpy's error model
@njit(cache=True, error_model="numpy")
def count_subsets(
    rows: NDArray[np.int64], failed: int, x: NDArray[np.float64], risk: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """The sums of `enter_row` over subsets of up to `failed` of these rows, and risks' unit."""
    unit = np.sum(risk[rows]) / failed
    sums = np.zeros((1 + x.shape[1] + x.shape[1] * (x.shape[1] + 1) // 2, failed + 1))
    sums[0, 0] = 1.0
    after, taken = sums.copy(), np.zeros(failed + 1)
    for there in range(rows.size):
        row = rows[there]
        enter_row(risk[row] / unit, x[row], min(there + 1, failed), sums, taken, after)
        sums, after = after, sums
    return sums, unit


@njit(cache=True)
def read_subsets(
    sums: NDArray[np.float64],
    unit: float,
    failed: int,
    score: NDArray[np.float64],
    information: NDArray[np.float64],
) -> float:
    """What an event time adds to the log likelihood; adds to its slope and curvature.

    `sums` are those of risks in units of `unit`. Minus infinity, and a slope that is no number,
    where the risks are too far apart for floats.
    """
    whole, at = sums[0, failed], score.size
    if not whole > 0.0:
        score[:] = math.nan
        return -math.inf
    for i in range(score.size):
        mean = sums[1 + i, failed] / whole
        score[i] -= mean
        for j in range(i + 1):
            at += 1
            information[i, j] += sums[at, failed] / whole - mean * (sums[1 + j, failed] / whole)
    return -math.log(whole) - failed * math.log(unit)
