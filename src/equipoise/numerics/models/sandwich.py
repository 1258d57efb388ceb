"""The covariance of coefficients that holds though the model of the variance does not."""

import math
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_labels
from equipoise.numerics.models.likelihood_sums import Law, Rows, read_blocks, row_terms


class Robust(Enum):
    """Small-sample factors of the sandwich. Source: MacKinnon, White (1985)."""

    HC0 = "HC0"  # none
    HC1 = "HC1"  # n/(n - k); by clusters G/(G - 1) (n - 1)/(n - k)
    HC2 = "HC2"  # squared residuals over 1 - h
    HC3 = "HC3"  # squared residuals over (1 - h)^2


def _by_cluster(
    rows: Rows, law: Law, beta: NDArray[np.float64], cluster: ArrayLike
) -> NDArray[np.float64]:
    code = check_labels(cluster, name="cluster", n=rows.outcome.size)
    sums = np.zeros((int(code.max()) + 1, beta.size))
    for block in read_blocks(rows):
        terms = row_terms(block, law=law, beta=beta)
        own, along = code[block.place], block.weight * terms.slope
        for j, column in enumerate(block.z.T):
            sums[:, j] += np.bincount(own, weights=column * along, minlength=len(sums))
    return sums


def estimate_sandwich(
    rows: Rows,
    *,
    law: Law,
    beta: NDArray[np.float64],
    inverse: NDArray[np.float64],
    robust: Robust = Robust.HC0,
    cluster: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """The robust covariance of scaled coefficients; `inverse` is 0 for columns not told.

    Source: Huber (1967); White (1982); by clusters Liang, Zeger (1986).
    """
    n, k = rows.outcome.size, int(np.count_nonzero(np.diag(inverse)))
    if cluster is not None:
        if robust in (Robust.HC2, Robust.HC3):
            raise ValueError("by clusters the sandwich has the factors HC0 and HC1 only")
        sums = _by_cluster(rows, law, beta, cluster) @ inverse
        groups, factor = sums.shape[0], 1.0
        if robust is Robust.HC1:  # none where one cluster, or no row beyond the columns, is all
            told = groups > 1 and n > k
            factor = groups / (groups - 1) * (n - 1) / (n - k) if told else math.nan
        return np.asarray(sums.T @ sums * factor)
    meat = np.zeros_like(inverse)
    for block in read_blocks(rows):
        terms = row_terms(block, law=law, beta=beta)
        square = (block.weight * terms.slope) ** 2
        if robust in (Robust.HC2, Robust.HC3):
            lever = ((block.z @ inverse) * block.z).sum(axis=1)
            rest = np.maximum(1 - block.weight * terms.information * lever, 1e-12)
            square = square / (rest if robust is Robust.HC2 else rest**2)
        meat += (block.z.T * square) @ block.z
    factor = np.float64(n) / (n - k) if robust is Robust.HC1 and n > k else 1.0
    return np.asarray(inverse @ meat @ inverse * factor)
