"""Whether a likelihood rises without end: directions in which no information is left."""

import numpy as np
import scipy  # its linalg is loaded when it is first used
from numpy.typing import NDArray

_VANISHED = 1e-7  # information this small against that at the start: there is no maximum


def find_vanished(
    information: NDArray[np.float64], *, start: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which of the p coefficients take part in a direction along which the information is gone.

    Both are symmetric of shape (p, p), `start` that where the climb began. What is
    lost in the rounding of the largest information counts as gone. LinAlgError where there was none
    at the start.
    """
    # axes that the start makes orthonormal, and what each has left of it
    roots, axes, failed = scipy.linalg.lapack.dsygv(information, start)
    if failed:
        raise np.linalg.LinAlgError("no information at the start")
    rounding = roots.size * np.finfo(np.float64).eps * roots[-1]
    gone = np.abs(axes[:, roots < max(_VANISHED, rounding)])
    if gone.size == 0:
        return np.zeros(roots.size, dtype=np.bool_)
    return np.asarray((gone > 0.01 * gone.max(axis=0)).any(axis=1))
