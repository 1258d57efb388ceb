"""Whether the odds ratio is the same in every stratum."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.shares.counts import check_tables, tell_strata
from equipoise.numerics.shares.mantel_haenszel import estimate_common_odds_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsHomogeneity:
    """Breslow and Day's test that the strata have one odds ratio, and as Tarone corrected it.

    Prefer Tarone's. NaN where no common ratio can be estimated or one stratum alone tells
    something; `message` says so.
    """

    breslow_day: ChiSquare
    tarone: ChiSquare
    message: str


def compare_odds_ratios(events: ArrayLike, *, n: ArrayLike) -> OddsHomogeneity:
    """Whether the odds ratios of the strata are one, that of Mantel and Haenszel.

    `events` and `n` have shape (strata, 2), group 0 first. One degree of freedom less than strata
    that have both groups, events and others. Source: Breslow, Day (1980), 4.30; Tarone (1985).
    """
    x, size = check_tables(events, n=n)
    common = estimate_common_odds_ratio(x, n=size)
    m, t = x.sum(axis=1), size.sum(axis=1)
    idle = (size == 0).any(axis=1) | (m == 0) | (m == t)
    told = tell_strata(
        idle=idle, why="a group is empty, or nobody or everybody has the event: left out"
    )
    strata = int((~idle).sum())
    if not 0 < common.value < math.inf or strata < 2:
        nothing = chi_square_of(math.nan, degrees_of_freedom=max(strata - 1, 0))
        why = "two strata and a common odds ratio above 0 are needed"
        message = "; ".join(part for part in (told, why) if part)
        return OddsHomogeneity(breslow_day=nothing, tarone=nothing, message=message)
    x1, (n0, n1), total = x[~idle, 1], size[~idle].T.astype(np.float64), m[~idle]
    # the expected events of group 1: x (n0 - m + x) = ratio (m - x) (n1 - x)
    a, b, c = 1 - common.value, n0 - total + common.value * (total + n1), common.value * total * n1
    expected = 2 * c / (b + np.sqrt(b * b + 4 * a * c))
    cells = np.stack([expected, total - expected, n1 - expected, n0 - total + expected])
    spread = 1 / (1 / cells).sum(axis=0)
    plain = float(((x1 - expected) ** 2 / spread).sum())
    correction = float((x1 - expected).sum()) ** 2 / float(spread.sum())
    return OddsHomogeneity(
        breslow_day=chi_square_of(plain, degrees_of_freedom=strata - 1),
        tarone=chi_square_of(plain - correction, degrees_of_freedom=strata - 1),
        message=told,
    )
