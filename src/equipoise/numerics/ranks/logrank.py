"""The log-rank test of two or more groups, in strata if wanted, and what is read from it."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk, count_groups_at_risk


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRank:
    """Events observed and expected in each group, their covariance, and the test.

    `observed` and `expected` have shape (k,), `variance` (k, k), summed over strata and, in a
    weighted test, weighted. `z` is for two groups: above 0 when group 1 has more events than
    expected; NaN for other numbers.
    """

    n: NDArray[np.int64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    z: float
    test: ChiSquare


@dataclass(frozen=True, slots=True, kw_only=True)
class OneStepRatio:
    """The hazard ratio of group 1 against group 0 from a log-rank test; NaN without variance."""

    value: float
    lower: float
    upper: float
    log_value: float
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendTest:
    """The test for a trend: `z` above 0 when the events rise with the scores; NaN if untold."""

    z: float
    test: ChiSquare


def compare_logrank(
    time: ArrayLike,
    *,
    event: ArrayLike,
    group: ArrayLike,
    stratum: ArrayLike | None = None,
    groups: int | None = None,
    entry: ArrayLike | None = None,
) -> LogRank:
    """Whether the groups' hazards differ: observed against expected events, by stratum.

    `group` holds codes 0 to `groups` - 1 (default: to the largest seen); with `entry` a row is at
    risk after it (left truncation). A group with nobody at risk at an event takes no part. Where
    no event has two groups at risk there is no variance: the statistic and p are NaN on 0 degrees
    of freedom. Variance is hypergeometric, so exact with ties.
    Source: Mantel (1966); Peto, Peto (1972); left truncation: Andersen et al. (1993), V.2.
    """
    return compare_groups_at_risk(
        count_groups_at_risk(
            time, event=event, group=group, stratum=stratum, groups=groups, entry=entry
        )
    )


@njit(cache=True)
def _sum_kernel(
    at_risk: NDArray[np.int32], events: NDArray[np.int32], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """Weighted sums over risk sets; one weight alone stands for all. Last the sum of w * w * d."""
    groups, sets = at_risk.shape
    observed, expected = np.zeros(groups), np.zeros(groups)
    variance = np.zeros((groups, groups))
    scale, by_set = 0.0, int(weight.size == sets)
    for at in range(sets):
        w, n, d = weight[at * by_set], 0.0, 0.0
        for i in range(groups):
            n += at_risk[i, at]
            d += events[i, at]
        spread = w * w * d * (n - d) / (n - 1.0) if n > 1.0 else 0.0
        scale += w * w * d
        for i in range(groups):
            share = at_risk[i, at] / n
            observed[i] += w * events[i, at]
            expected[i] += w * d * share
            if share > 0.0:
                variance[i, i] += spread * share
                for j in range(groups):
                    variance[i, j] -= spread * share * at_risk[j, at] / n
    return observed, expected, variance, scale


def compare_groups_at_risk(
    sets: GroupsAtRisk, *, weight: NDArray[np.float64] | None = None
) -> LogRank:
    """The log-rank test of risk sets that were counted already; `weight` (m,) for each of them."""
    weights = np.ones(1) if weight is None else weight
    observed, expected, variance, scale = _sum_kernel(sets.at_risk, sets.events, weights)
    test = _test(observed - expected, variance, scale=scale)
    two = sets.n.size == 2 and test.degrees_of_freedom == 1
    return LogRank(
        n=sets.n,
        observed=observed,
        expected=expected,
        variance=variance,
        z=float((observed[1] - expected[1]) / math.sqrt(variance[1, 1])) if two else math.nan,
        test=test,
    )


def _test(
    difference: NDArray[np.float64], variance: NDArray[np.float64], *, scale: float
) -> ChiSquare:
    """Quadratic form over the groups at risk; its degrees of freedom are the covariance's rank."""
    kept = np.diag(variance) > 0
    if kept.sum() < 2:
        return chi_square_of(math.nan, degrees_of_freedom=0)
    roots, axes = np.linalg.eigh(variance[np.ix_(kept, kept)])
    used = roots > 1e-10 * scale
    along = axes[:, used].T @ difference[kept]
    statistic = float(np.sum(along**2 / roots[used]))
    return chi_square_of(statistic, degrees_of_freedom=int(used.sum()))


def compare_trend(sets: GroupsAtRisk, *, scores: ArrayLike | None = None) -> TrendTest:
    """Whether the hazard rises or falls with the groups' scores (default 0, 1, 2, ...), by stratum.

    Equal scores, or no event with two of them at risk, tell nothing: NaN. It is the score test of
    a Cox model with the score as covariate and exact ties. Source: Tarone (1975).
    """
    k = sets.n.size
    score = np.arange(k, dtype=np.float64) if scores is None else np.asarray(scores, np.float64)
    if score.shape != (k,) or not np.isfinite(score).all():
        raise ValueError(
            f"scores have shape {score.shape}: one finite number for each of {k} groups"
        )
    found = compare_groups_at_risk(sets)
    centred = score - score.mean()
    variance = float(centred @ found.variance @ centred)
    if variance <= 1e-10 * float(centred @ centred) * float(found.observed.sum()):
        return TrendTest(z=math.nan, test=chi_square_of(math.nan, degrees_of_freedom=0))
    z = float(centred @ (found.observed - found.expected)) / math.sqrt(variance)
    return TrendTest(z=z, test=chi_square_of(z**2, degrees_of_freedom=1))


def estimate_one_step_ratio(test: LogRank, *, level: float = 0.95) -> OneStepRatio:
    """The hazard ratio exp((O - E) / V) of two groups with its interval, from their log-rank test.

    Good near 1; it draws strong effects towards 1, where Cox's is the one to report. NaN where
    nothing can be tested. Source: Peto et al. (1977), part II; Berry, Kitchin, Mock (1991).
    """
    if test.n.size != 2:
        raise ValueError(f"a ratio is of two groups, not {test.n.size}: compare two at a time")
    width = normal_quantile(level)
    variance = test.variance[1, 1] if test.test.degrees_of_freedom == 1 else math.nan
    log_ratio = float(test.observed[1] - test.expected[1]) / variance
    error = 1 / math.sqrt(variance)
    return OneStepRatio(
        value=math.exp(log_ratio),
        lower=math.exp(log_ratio - width * error),
        upper=math.exp(log_ratio + width * error),
        log_value=log_ratio,
        standard_error=error,
    )
