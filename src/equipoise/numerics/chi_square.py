"""The chi-square test and the normal law, as every comparison reads them."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import scipy  # its special is loaded when it is first used
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquare:
    """A statistic, its degrees of freedom and its p value; NaN where nothing can be tested."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def chi_square_of(statistic: float, *, degrees_of_freedom: int) -> ChiSquare:
    """The test of a chi-square statistic; no degrees of freedom or NaN give p = NaN."""
    if degrees_of_freedom < 1 or not math.isfinite(statistic):
        return ChiSquare(
            statistic=math.nan, degrees_of_freedom=degrees_of_freedom, p_value=math.nan
        )
    positive = max(statistic, 0.0)
    if degrees_of_freedom == 1:
        p_value = two_sided_p(math.sqrt(positive))
    else:
        p_value = float(scipy.special.chdtrc(degrees_of_freedom, positive))
    return ChiSquare(statistic=statistic, degrees_of_freedom=degrees_of_freedom, p_value=p_value)


def quadratic_test(score: NDArray[np.float64], *, variance: NDArray[np.float64]) -> ChiSquare:
    """The test of a score (p,) against its variance (p, p), on as many degrees as that has rank.

    NaN on 0 degrees of freedom where there is no variance.
    """
    roots, axes = np.linalg.eigh(variance)
    used = roots > 1e-10 * np.abs(roots).max(initial=0.0)
    along = axes[:, used].T @ score
    statistic = float(np.sum(along**2 / roots[used]))
    return chi_square_of(statistic, degrees_of_freedom=int(used.sum()))


def normal_quantile(level: float) -> float:
    """The z of a two-sided interval at this level: 1.96 for 0.95."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    return -NormalDist().inv_cdf((1 - level) / 2)


def normal_tail(z: float) -> float:
    """The chance that a standard normal lies above z; NaN for NaN."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def two_sided_p(z: float) -> float:
    """The chance that a standard normal lies as far from 0 as z, or farther; NaN for NaN."""
    return 2 * normal_tail(abs(z))
