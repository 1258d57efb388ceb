"""Whether a likelihood rises without end: directions in which no information is left."""

import numpy as np
from numpy.typing import NDArray

_VANISHED = 1e-7  # information this small against that at the start: there is no maximum


def find_vanished(
    information: NDArray[np.float64], *, start: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which of the p coefficients take part in a direction along which the information is gone.

    Both are symmetric of shape (p, p), `start` positive definite: where the climb began. What is
    lost in the rounding of the largest information counts as gone.
    """
    # in coordinates in which the information at the start is the identity
    root = np.linalg.cholesky(start)
    within = np.linalg.solve(root, np.linalg.solve(root, information).T)
    roots, axes = np.linalg.eigh(within)
    rounding = roots.size * np.finfo(np.float64).eps * roots.max()
    gone = np.abs(np.linalg.solve(root.T, axes[:, roots < max(_VANISHED, rounding)]))
    if gone.size == 0:
        return np.zeros(roots.size, dtype=np.bool_)
    return np.asarray((gone > 0.01 * gone.max(axis=0)).any(axis=1))
