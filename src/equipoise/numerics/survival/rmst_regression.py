"""Mean time without event up to a horizon, adjusted for covariates: weighted by censoring."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_covariates, check_times
from equipoise.numerics.event_counts import rank_times
from equipoise.numerics.survival.pseudo_values import (
    Link,
    MeanModel,
    build_design,
    find_residuals,
    is_told,
    name_no_solution,
    summarise_mean_model,
)

FloatArray = NDArray[np.float64]
_STEPS, _CLOSE = 50, 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class _Censoring:
    """Of one group: each row's distinct time and whether its shortened time is known, (n,); and
    those at risk of censoring and censored at each distinct time, (m,)."""

    rank: NDArray[np.int64]
    known: NDArray[np.bool_]
    at_risk: FloatArray
    censored: FloatArray


def regress_rmst(
    time: ArrayLike,
    *,
    event: ArrayLike,
    group: ArrayLike,
    horizon: float,
    covariates: ArrayLike | None = None,
    link: Link = Link.IDENTITY,
) -> MeanModel:
    """How the mean time up to the horizon depends on group (1 against 0) and covariates (n, p).

    Coefficients: intercept, group, covariates; IDENTITY gives differences, LOG log ratios; limits
    are those of 0.95. Rows whose time up to the horizon is known weigh by the inverse of the
    chance not to be censored before it, estimated in each group; the covariance allows for that.
    On one day events come before censorings, so that without covariates the difference is that of
    the two areas (survRM2 lets censorings come first). NaN, with a message, where the follow-up of
    a group ends before the horizon. Source: Tian, Zhao, Wei (2014), equations 3 and 5.
    """
    if link not in (Link.IDENTITY, Link.LOG):
        raise ValueError("a mean time has differences or ratios: Link.IDENTITY or Link.LOG")
    if not (math.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be finite and above 0, not {horizon}")
    times = check_times(time)
    n = times.size
    groups = check_codes(group, name="group", n=n, upper=1)
    events = check_codes(event, name="event", n=n, upper=1)
    design = _build_design(groups, covariates)
    shortened = np.minimum(times, horizon)
    known = (events == 1) | (times >= horizon)
    rows = [np.flatnonzero(groups == arm) for arm in (0, 1)]
    for arm, own in enumerate(rows):
        if not known[own][shortened[own] == shortened[own].max()].all():
            words = f"the follow-up of group {arm} ends before the horizon"
            return name_no_solution(design.shape[1], level=0.95, message=words)
    parts = [_find_censoring(shortened[own], known[own]) for own in rows]
    weight = np.empty(n)
    for own, part in zip(rows, parts, strict=True):
        weight[own] = _weigh(part)
    if not is_told(design[weight > 0]):
        words = "the rows followed to the event or the horizon do not tell the columns apart"
        return name_no_solution(design.shape[1], level=0.95, message=words)
    found = _solve(shortened, design, weight, link)
    mean = design @ found if link is Link.IDENTITY else np.exp(design @ found)
    slope = np.ones(n) if link is Link.IDENTITY else mean
    scores = design * (weight * find_residuals(shortened, mean=mean))[:, None]
    for own, part in zip(rows, parts, strict=True):
        scores[own] = _allow_for_weights(part, scores[own])
    bread = np.linalg.inv((design * slope[:, None]).T @ design)
    return summarise_mean_model(found, covariance=bread @ (scores.T @ scores) @ bread, level=0.95)


def _build_design(groups: NDArray[np.int64], covariates: ArrayLike | None) -> FloatArray:
    n = groups.size
    for arm in (0, 1):
        if not (groups == arm).any():
            raise ValueError(f"group {arm} has no row: there is nothing to compare")
    own = groups.astype(np.float64)[:, None]
    if covariates is None:
        return build_design(own, n=n)
    return build_design(np.hstack([own, check_covariates(covariates, n=n)]), n=n, leading=1)


def _find_censoring(shortened: FloatArray, known: NDArray[np.bool_]) -> _Censoring:
    ranked = rank_times(shortened)
    m = ranked.distinct.size
    ends = np.bincount(ranked.rank, minlength=m)
    censored = np.bincount(ranked.rank[~known], minlength=m)
    at_risk = np.cumsum(ends[::-1])[::-1] - (ends - censored)  # events of the day come before
    return _Censoring(
        rank=ranked.rank,
        known=known,
        at_risk=np.maximum(at_risk, 1).astype(np.float64),
        censored=censored.astype(np.float64),
    )


def _weigh(part: _Censoring) -> FloatArray:
    kept = np.cumprod(np.r_[1.0, 1 - part.censored / part.at_risk])
    return np.asarray(np.where(part.known, 1 / np.maximum(kept[part.rank], 1e-300), 0.0))


def _allow_for_weights(part: _Censoring, scores: FloatArray) -> FloatArray:
    """The scores with what each row adds through the estimated chance of censoring."""
    m = part.censored.size
    summed = np.column_stack([np.bincount(part.rank, column, minlength=m) for column in scores.T])
    later = np.vstack([np.cumsum(summed[::-1], axis=0)[::-1][1:], np.zeros(scores.shape[1])])
    ahead = later / part.at_risk[:, None]
    drift = np.cumsum(ahead * (part.censored / part.at_risk)[:, None], axis=0)
    before = np.vstack([np.zeros(scores.shape[1]), drift])
    own = ~part.known[:, None]
    jump = np.where(own, ahead[part.rank], 0.0)
    return np.asarray(scores + jump - np.where(own, drift[part.rank], before[part.rank]))


def _solve(outcome: FloatArray, design: FloatArray, weight: FloatArray, link: Link) -> FloatArray:
    """The root of the weighted score; Newton's for the log link, whose likelihood is concave."""
    if link is Link.IDENTITY:
        weighed = design * weight[:, None]
        return np.asarray(np.linalg.solve(weighed.T @ design, weighed.T @ outcome))
    start = math.log(float(np.sum(weight * outcome) / np.sum(weight)))
    found = np.r_[start, np.zeros(design.shape[1] - 1)]
    for _ in range(_STEPS):
        mean = np.exp(design @ found)
        slopes = (design * (weight * mean)[:, None]).T @ design
        step = np.linalg.solve(slopes, design.T @ (weight * (outcome - mean)))
        found = found + step * min(1.0, 2.0 / max(float(np.abs(design @ step).max()), 1e-300))
        if np.abs(step).max() <= _CLOSE * max(1.0, float(np.abs(found).max())):
            break
    return np.asarray(found)
