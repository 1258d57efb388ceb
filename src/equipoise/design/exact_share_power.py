"""The power of tests of two shares, added up over all tables: no approximation."""

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr

Floats = NDArray[np.float64]
_TIE = 1 + 1e-12  # p values equal to alpha but for rounding are not above it


class ExactTest(Enum):
    """What is counted as rejected: one-sided Fisher, chi-square with and without correction."""

    FISHER = "fisher"
    CHI_SQUARE = "chi-square"
    CORRECTED = "corrected"


def binomial_chances(n: int, *, share: float) -> Floats:
    """The chances of 0 to n events, shape (n + 1,)."""
    k = np.arange(n + 1)
    if share in {0.0, 1.0}:
        return np.asarray(k == n * share, dtype=np.float64)
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.asarray(np.exp(ways + k * np.log(share) + (n - k) * np.log1p(-share)))


def _fisher_p(n0: int, n1: int) -> Floats:
    """P values for more events in group 1, shape (n0 + 1, n1 + 1): hypergeometric tails."""
    ways0 = gammaln(n0 + 1) - gammaln(np.arange(n0 + 1) + 1) - gammaln(n0 - np.arange(n0 + 1) + 1)
    ways1 = gammaln(n1 + 1) - gammaln(np.arange(n1 + 1) + 1) - gammaln(n1 - np.arange(n1 + 1) + 1)
    p = np.zeros((n0 + 1, n1 + 1))
    for m in range(n0 + n1 + 1):
        x1 = np.arange(max(0, m - n0), min(m, n1) + 1)
        logs = ways1[x1] + ways0[m - x1]
        chance = np.exp(logs - logs.max())
        tail = np.cumsum(chance[::-1])[::-1]
        p[m - x1, x1] = tail / tail[0]
    return p


def _normal_p(n0: int, n1: int, *, corrected: bool) -> Floats:
    """P values of the pooled z for more events in group 1; 1 where all or none have the event."""
    x0, x1 = np.arange(n0 + 1)[:, None], np.arange(n1 + 1)[None, :]
    gap = x1 / n1 - x0 / n0
    if corrected:
        gap = gap - (1 / n0 + 1 / n1) / 2
    pooled = (x0 + x1) / (n0 + n1)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
    z = np.divide(gap, error, out=np.full(gap.shape, -np.inf), where=error > 0)
    return np.asarray(ndtr(-z))


def exact_power(
    shares: tuple[float, float], *, n: tuple[int, int], alpha: float, test: ExactTest
) -> float:
    """The chance to reject at one-sided `alpha`, in the direction of the difference of the shares.

    `shares` and `n` hold the reference arm first. With equal shares it is the actual level for a
    greater share in group 1. Time and memory go with n0 * n1. Source: Bennett, Hsu (1960).
    """
    (p0, p1), (n0, n1) = shares, n
    if n0 < 1 or n1 < 1:
        raise ValueError(f"arms of {n0} and {n1} subjects: at least 1 each")
    if p1 < p0:
        p0, p1 = 1 - p0, 1 - p1
    if test is ExactTest.FISHER:
        p = _fisher_p(n0, n1)
    else:
        p = _normal_p(n0, n1, corrected=test is ExactTest.CORRECTED)
    rejected = p <= alpha * _TIE
    return float(binomial_chances(n0, share=p0) @ rejected @ binomial_chances(n1, share=p1))
