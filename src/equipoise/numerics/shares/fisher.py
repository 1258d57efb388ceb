"""Two shares given the sum of events: Fisher's exact test, the conditional odds ratio; pairs."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaln

from equipoise.numerics.checks import check_level
from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.shares.counts import check_pair, check_share
from equipoise.numerics.shares.proportions import compare_with_share

Floats = NDArray[np.float64]
_TIE = 1 + 1e-7  # as R does: tables as rare but for rounding are as rare


@dataclass(frozen=True, slots=True, kw_only=True)
class FisherTest:
    """Exact p values and the conditional odds ratio, group 1 to group 0, with exact limits.

    `p_greater` speaks for more events in group 1. `mid_p` is the two-sided p value less half the
    chance of the observed table. NaN for the ratio where the sums of the table leave one table.
    """

    p_value: float
    p_greater: float
    p_less: float
    mid_p: float
    odds_ratio: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """McNemar's tests of pairs that differ: exact, mid-p and the chi-square without correction."""

    p_value: float
    mid_p: float
    test: ChiSquare


def log_choose(n: int, *, k: NDArray[np.int64]) -> Floats:
    """Logarithms of the numbers of ways to choose k of n."""
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def _chances(logs: Floats, count: NDArray[np.int64], log_ratio: float) -> Floats:
    """Chances of the tables at this odds ratio. Source: Fisher (1935)."""
    shifted = logs + count * log_ratio
    raw = np.exp(shifted - shifted.max())
    return np.asarray(raw / raw.sum())


def compare_fisher(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95
) -> FisherTest:
    """Fisher's exact test of two shares, given the sum of events; group 0 first.

    Two-sided: all tables as rare as the observed one or rarer. The odds ratio is the most likely
    one given the sums, not that of the shares; its limits leave half the rest on each side.
    Source: Fisher (1935); Cornfield (1956); Gart (1970).
    """
    check_pair(events, n=n)
    tail = (1 - check_level(level)) / 2
    (x0, x1), (n0, n1) = events, n
    m = x0 + x1
    count = np.arange(max(0, m - n0), min(m, n1) + 1)
    logs = log_choose(n1, k=count) + log_choose(n0, k=m - count)
    null, here = _chances(logs, count, 0.0), x1 - int(count[0])
    both = min(1.0, float(null[null <= null[here] * _TIE].sum()))
    found = {
        "p_value": both,
        "p_greater": min(1.0, float(null[here:].sum())),
        "p_less": min(1.0, float(null[: here + 1].sum())),
        "mid_p": both - float(null[here]) / 2,
    }
    if count.size == 1:
        return FisherTest(**found, odds_ratio=math.nan, lower=0.0, upper=math.inf)

    def solve(goal: float, weight: Floats) -> float:
        def excess(log: float) -> float:
            return float(weight @ _chances(logs, count, log)) - goal

        reach = 1.0
        while excess(-reach) * excess(reach) > 0:
            reach *= 2
        return math.exp(float(brentq(excess, -reach, reach, xtol=1e-15, rtol=1e-14)))

    at_least, at_most = (count >= x1).astype(np.float64), (count <= x1).astype(np.float64)
    first, last = x1 == count[0], x1 == count[-1]
    likely = solve(x1, count.astype(np.float64)) if not (first or last) else math.nan
    return FisherTest(
        **found,
        odds_ratio=0.0 if first else (math.inf if last else likely),
        lower=0.0 if first else solve(tail, at_least),
        upper=math.inf if last else solve(tail, at_most),
    )


def compare_pairs(first_only: int, *, second_only: int) -> PairedTest:
    """McNemar's test of pairs, from those where only the first, or only the second, has the event.

    NaN where no pair differs. Source: McNemar (1947); Fagerland, Lydersen, Laake (2013).
    """
    n = first_only + second_only
    check_share(first_only, n=n)
    check_share(second_only, n=n)
    exact = compare_with_share(first_only, n=n, expected=0.5)
    if n == 0:
        nothing = chi_square_of(math.nan, degrees_of_freedom=1)
        return PairedTest(p_value=math.nan, mid_p=math.nan, test=nothing)
    equal = exact.p_greater + exact.p_less - 1
    statistic = (first_only - second_only) ** 2 / n
    return PairedTest(
        p_value=exact.p_value,
        mid_p=exact.p_value - equal if first_only != second_only else 1 - equal / 2,
        test=chi_square_of(statistic, degrees_of_freedom=1),
    )
