"""Tests by allocating again: how often chance alone gives a comparison as extreme as seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_times
from equipoise.numerics.event_counts import count_events, rank_times
from equipoise.numerics.shares.proportions import estimate_clopper_pearson

_TIED = 1e-9  # statistics this close, relative to their spread, are one: sums in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationTest:
    """The statistic seen, its mean over the allocations, and p: two-sided, and of each side.

    `p_lower` is the chance of a statistic as low or lower. `p_limits` bound the two-sided p that
    endless draws would give (exact binomial, 99 %); they are p itself where all allocations were
    counted.
    """

    statistic: float
    mean: float
    draws: int
    p_value: float
    p_lower: float
    p_upper: float
    p_limits: tuple[float, float]


def logrank_scores(
    time: ArrayLike, *, event: ArrayLike, stratum: ArrayLike | None = None
) -> NDArray[np.float64]:
    """For each row its event less the events expected of it by its time, shape (n,).

    Summed over a group: events observed less expected, the numerator of the (stratified) log-rank
    test, whoever is in the group. Within a stratum they add up to 0. Source: Peto, Peto (1972);
    the expectation is Nelson-Aalen's, all rows of the stratum together.
    """
    times = check_times(time)
    events = check_codes(event, name="event", n=times.size, upper=1)
    strata = check_codes(stratum, name="stratum", n=times.size)
    scores = np.empty(times.size)
    for code in np.unique(strata):
        own = strata == code
        counts = count_events(times[own], cause=events[own])
        hazard = np.cumsum(counts.events[0] / counts.at_risk)
        place = np.searchsorted(counts.time, times[own] * (1 + 2.0**-26), side="right") - 1
        scores[own] = events[own] - hazard[np.maximum(place, 0)]
    return scores


def sum_scores(scores: NDArray[np.float64], *, group: ArrayLike) -> NDArray[np.float64]:
    """The sum of the scores of group 1, for each row of `group` (draws, n): shape (draws,)."""
    groups = np.atleast_2d(np.asarray(group))
    if groups.shape[1] != scores.size:
        raise ValueError(f"group has {groups.shape[1]} columns: one for each of {scores.size} rows")
    if not np.isin(groups, (0, 1)).all():
        raise ValueError("group must hold 0 and 1")
    return np.asarray(groups @ scores, dtype=np.float64)


def compare_with_draws(
    statistic: float, *, drawn: ArrayLike, exact: bool = False
) -> PermutationTest:
    """How extreme `statistic` is among those of other allocations, `drawn` of shape (draws,).

    Two-sided: as far or farther from the mean of the draws, so that a scheme which does not give
    each arm its ratio at every step is judged fairly. With draws at random p is
    (1 + as extreme) / (1 + draws), never 0 (Phipson, Smyth 2010); with `exact` the draws are all
    allocations alike in chance, the one seen among them. ValueError for no draw or a NaN.
    Source: Rosenberger, Lachin (2016), chapter 6.
    """
    values = np.ravel(np.asarray(drawn, dtype=np.float64))
    if values.size == 0 or not np.isfinite(values).all() or not np.isfinite(statistic):
        raise ValueError("the statistic and at least one drawn one must be finite numbers")
    mean = float(values.mean())
    slack = _TIED * max(float(np.abs(values - mean).max()), abs(statistic - mean))
    far = int((np.abs(values - mean) >= abs(statistic - mean) - slack).sum())
    low, high = int((values <= statistic + slack).sum()), int((values >= statistic - slack).sum())
    extra = 0 if exact else 1
    of = values.size + extra
    limits = estimate_clopper_pearson(far, n=values.size, level=0.99)
    p_value = (far + extra) / of
    return PermutationTest(
        statistic=float(statistic),
        mean=mean,
        draws=values.size,
        p_value=p_value,
        p_lower=(low + extra) / of,
        p_upper=(high + extra) / of,
        p_limits=(p_value, p_value) if exact else (limits.lower, limits.upper),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCurves:
    """Survival at a time and the mean time free of the event up to it, (draws, 2) by group.

    NaN where a group has nobody, or is followed for less than the time while it is not all failed.
    """

    survival: NDArray[np.float64]
    restricted_mean: NDArray[np.float64]


def estimate_group_curves(
    time: ArrayLike, *, event: ArrayLike, group: ArrayLike, at: float
) -> GroupCurves:
    """The Kaplan-Meier curves of both groups at a time, for each row of `group` (draws, n) at once.

    Equals `estimate_kaplan_meier` group by group, draw by draw. Source: Kaplan, Meier (1958).
    """
    times = check_times(time)
    events = check_codes(event, name="event", n=times.size, upper=1)
    groups = np.atleast_2d(np.asarray(group))
    if groups.shape[1] != times.size or not np.isin(groups, (0, 1)).all():
        raise ValueError(f"group must hold 0 or 1 for each of {times.size} rows")
    ranked = rank_times(times)
    order = np.argsort(ranked.rank, kind="stable")
    starts = np.flatnonzero(np.diff(ranked.rank[order], prepend=-1))
    both = [
        _curves(groups[:, order] == g, events[order], ranked.distinct, starts, at) for g in (0, 1)
    ]
    return GroupCurves(
        survival=np.stack([survival for survival, _ in both], axis=1),
        restricted_mean=np.stack([mean for _, mean in both], axis=1),
    )


def _curves(
    own: NDArray[np.bool_],
    event: NDArray[np.int64],
    distinct: NDArray[np.float64],
    starts: NDArray[np.intp],
    at: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Survival at the time and the area up to it, of one group in each draw."""
    present = np.add.reduceat(own.astype(np.int64), starts, axis=1)
    deaths = np.add.reduceat((own & (event == 1)).astype(np.int64), starts, axis=1)
    at_risk = np.cumsum(present[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        kept = np.where(deaths > 0, 1.0 - deaths / at_risk, 1.0)
    curve = np.cumprod(kept, axis=1)
    within = distinct <= at
    survival = np.c_[np.ones(own.shape[0]), curve][:, int(within.sum())]
    edges = np.r_[0.0, distinct[distinct < at], at]
    height = np.c_[np.ones(own.shape[0]), curve[:, distinct < at]]
    mean = height @ np.diff(edges)
    last = np.where(present > 0, distinct, -1.0).max(axis=1)
    unknown = (last < 0) | ((last < at) & (survival > 0))
    return np.where(unknown, np.nan, survival), np.where(unknown, np.nan, mean)
