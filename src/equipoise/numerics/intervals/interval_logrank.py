"""The log-rank test of two or more groups whose times are known only between two bounds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes
from equipoise.numerics.chi_square import ChiSquare, quadratic_test
from equipoise.numerics.intervals.interval_hazard import fit_settled_hazard
from equipoise.numerics.intervals.interval_times import IntervalTimes, find_innermost
from equipoise.numerics.intervals.turnbull import interval_rows


class IntervalScores(Enum):
    """What a row scores under equal groups; each is most powerful against its alternative."""

    SUN = "sun"  # proportional hazards of discrete times: 1 - hazard for a known time (Sun 1996)
    FINKELSTEIN = "finkelstein"  # proportional hazards of grouped times (Finkelstein 1986)
    WILCOXON = "wilcoxon"  # proportional odds: differences early count most


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalLogRank:
    """Each row's score (n,), their sums by group (k,) less what is expected, and the test.

    `excess` is above 0 where a group has its events earlier than the others; `variance` (k, k) is
    that under random groups within strata. `z` is for two groups, above 0 when group 1 has its
    events earlier; `trend` compares along the doses; both are NaN where there is nothing to test.
    """

    n: NDArray[np.int64]
    scores: NDArray[np.float64]
    excess: NDArray[np.float64]
    variance: NDArray[np.float64]
    z: float
    test: ChiSquare
    trend: float


def score_intervals(
    times: IntervalTimes, *, scores: IntervalScores = IntervalScores.SUN
) -> NDArray[np.float64]:
    """The score of each row against the survival of all of them, shape (n,).

    (S(left) log S(left) - S(right) log S(right)) / (S(left) - S(right)), with -log S the sum of
    the discrete hazards for Sun's; S(left) + S(right) - 1 for Wilcoxon's. S is Turnbull's.
    Source: Fay, Shaw (2010), sections 2 and 3.
    """
    if (times.entry > 0).any():
        row = int(np.argmax(times.entry > 0))
        raise ValueError(
            f"entry[{row}] is {times.entry[row]}: rows that enter late cannot be permuted; "
            "take the score test of estimate_interval_cox"
        )
    if (times.weight != 1).any():
        raise ValueError("weights have no meaning in a test that permutes rows: leave them out")
    rows = interval_rows(times, innermost=find_innermost(times))
    hazard = fit_settled_hazard(rows).hazard
    survival = np.exp(-hazard)
    if scores is IntervalScores.WILCOXON:
        return np.asarray(survival[rows.low] + survival[rows.high] - 1)
    if scores is IntervalScores.SUN:
        discrete = -np.expm1(-np.diff(hazard))
        hazard = np.concatenate([[0.0], np.cumsum(discrete)])
    hazard[-1] = 0.0  # S log S at its limit where S is 0
    shared = survival * hazard
    return np.asarray(
        (shared[rows.high] - shared[rows.low]) / (survival[rows.low] - survival[rows.high])
    )


def _by_group(
    scores: NDArray[np.float64], group: NDArray[np.int64], groups: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Excess of one stratum and its variance under random groups. Source: Fay, Shaw (2010) 4.1."""
    n = scores.size
    size = np.bincount(group, minlength=groups).astype(np.float64)
    centred = scores - scores.mean()
    if np.abs(centred).max() < 1e-12:  # one place for all events: what is left is rounding
        centred = np.zeros(n)
    excess = np.bincount(group, weights=centred, minlength=groups).astype(np.float64)
    spread = float(centred @ centred) / (n - 1) if n > 1 else 0.0
    return excess, spread * (np.diag(size) - np.outer(size, size) / n)


def _standardised(sum_of_scores: float, variance: float) -> float:
    return sum_of_scores / math.sqrt(variance) if variance > 1e-12 else math.nan


def compare_interval_logrank(
    times: IntervalTimes,
    *,
    group: ArrayLike,
    stratum: ArrayLike | None = None,
    scores: IntervalScores = IntervalScores.SUN,
    doses: Sequence[float] | None = None,
) -> IntervalLogRank:
    """Whether the groups' events come at different times; asymptotic, by the permutation variance.

    Scores and their variance are taken within each stratum. `doses` (default 0, 1, ...) place the
    groups for the trend. One group, or rows that all overlap, give p = NaN on 0 degrees of
    freedom. The permutation holds where groups are scanned alike: bounds that differ by group are
    no matter of chance. Source: Finkelstein (1986); Sun (1996); Fay, Shaw (2010).
    """
    n = times.left.size
    codes = check_codes(group, name="group", n=n)
    strata = check_codes(stratum, name="stratum", n=n)
    groups = int(codes.max()) + 1
    place = np.arange(groups, dtype=np.float64) if doses is None else np.asarray(doses, dtype=float)
    if place.shape != (groups,) or not np.isfinite(place).all():
        raise ValueError(f"doses must hold one finite number for each of {groups} groups")
    each, excess, variance = np.empty(n), np.zeros(groups), np.zeros((groups, groups))
    for code in np.unique(strata):
        here = np.flatnonzero(strata == code)
        each[here] = score_intervals(_rows_of(times, here), scores=scores)
        own_excess, own_variance = _by_group(each[here], codes[here], groups)
        excess, variance = excess + own_excess, variance + own_variance
    two = groups == 2
    return IntervalLogRank(
        n=np.bincount(codes, minlength=groups),
        scores=each,
        excess=excess,
        variance=variance,
        z=_standardised(float(excess[1]), float(variance[1, 1])) if two else math.nan,
        test=quadratic_test(excess, variance=variance),
        trend=_standardised(float(place @ excess), float(place @ variance @ place)),
    )


def _rows_of(times: IntervalTimes, rows: NDArray[np.intp]) -> IntervalTimes:
    return IntervalTimes(
        left=times.left[rows],
        right=times.right[rows],
        entry=times.entry[rows],
        weight=times.weight[rows],
    )
