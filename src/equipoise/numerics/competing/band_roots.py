"""How the path of an incidence varies together at chosen times: a root of its covariance."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.competing.cluster_moves import Moves
from equipoise.numerics.competing.incidences import Codes, Floats, Incidences
from equipoise.numerics.row_order import Places, order_by_codes

_RIDGE = 1e-8  # variance of each value that is added, so that no pivot is rounding alone


@njit(cache=True)
def _product_kernel(
    order: Places, cluster: Codes, stretch: Codes, moves: Floats, by: Codes, out: Floats
) -> None:
    """Products of what a cluster moves (b, a, l) by in two stretches, added up, (k, k, 9).

    `stretch` (2, n) and `moves` (2, n, 3) are those of coming and leaving. `by` (k,) is written
    on: the cluster that moved in a stretch last.
    """
    sums, which = np.zeros((out.shape[0], 3)), np.empty(out.shape[0], dtype=np.int64)
    position = 0
    while position < order.size:
        own, count = cluster[order[position]], 0
        while position < order.size and cluster[order[position]] == own:
            row = order[position]
            for side in range(2):
                k = stretch[side, row]
                if k < by.size:
                    if by[k] != own:
                        by[k], which[count] = own, k
                        count += 1
                        for i in range(3):
                            sums[k, i] = 0.0
                    for i in range(3):
                        sums[k, i] += moves[side, row, i]
            position += 1
        for p in range(count):
            for q in range(count):
                j, k = which[p], which[q]
                for i in range(9):
                    out[j, k, i] += sums[j, i // 3] * sums[k, i % 3]


@njit(cache=True)
def _covariance_kernel(products: Floats, view: Floats, out: Floats) -> None:
    """The lower half of the covariance of view (k, 3) times what was moved up to each stretch.

    Adds the products up on the way: from row to row, then from left to right.
    """
    for j in range(view.shape[0]):
        if j > 0:
            for k in range(view.shape[0]):
                for i in range(9):
                    products[j, k, i] += products[j - 1, k, i]
        b, a, lo = 0.0, 0.0, 0.0
        for k in range(j + 1):
            for i in range(3):
                b += view[j, i] * products[j, k, 3 * i]
                a += view[j, i] * products[j, k, 3 * i + 1]
                lo += view[j, i] * products[j, k, 3 * i + 2]
            out[j, k] = view[k, 0] * b + view[k, 1] * a + view[k, 2] * lo


@njit(cache=True)
def _root_kernel(square: Floats) -> None:
    """Writes the root over the lower half of a square (k, k): Cholesky's, by columns."""
    k = square.shape[0]
    column = np.empty(k)
    for j in range(k):
        pivot = math.sqrt(max(square[j, j], 0.0) + _RIDGE)
        square[j, j] = pivot
        for i in range(j + 1, k):
            square[i, j] /= pivot
            column[i] = square[i, j]
        for i in range(j + 1, k):
            for other in range(j + 1, i + 1):
                square[i, other] -= column[i] * column[other]


def find_root(
    curves: Incidences, *, moves: Moves, stretch: Codes, view: Floats
) -> NDArray[np.float64]:
    """A lower triangle L with L L' the covariance of the path at the ends of k stretches, (k, k).

    `stretch` (m,) is that of each time, k after the last; `view` (k, 3) makes of (b, a, l) a path.
    The work grows with the rows and with the squares of k and of a cluster's rows.
    """
    k = view.shape[0]
    products, root = np.zeros((k, k, 9)), np.zeros((k, k))
    _product_kernel(
        order_by_codes(curves.cluster.astype(np.int32)),
        curves.cluster,
        np.stack([stretch[curves.first], stretch[curves.last]]),
        np.stack([moves.enter, moves.leave]),
        np.full(k, -1),
        products,
    )
    _covariance_kernel(products, view, root)
    _root_kernel(root)
    return root
