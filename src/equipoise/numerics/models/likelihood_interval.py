"""Limits of a coefficient where the likelihood has fallen by what the level allows."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.likelihood_climb import Climb, Likelihood, LikelihoodSums, Rules, climb
from equipoise.numerics.models.likelihood_sums import (
    CLIMBED,
    Family,
    Rows,
    build_rows,
    check_outcome,
    told_columns,
)
from equipoise.numerics.models.regression import (
    RegressionSampling,
    first_guess,
    has_one_outcome,
    objective_of,
)
from equipoise.numerics.profile_end import find_profile_end

_STEPS = 60
_LONGEST = 2.0  # a step, in coefficients of a covariate of spread 1
_ENOUGH = 1e-11  # of a standard error
_ROUGHLY = 1e-7  # beside a coefficient without end, and where steps do not shrink any more
_LEAST, _FARTHEST = 1e-3, 100.0  # steps beside it, in coefficients of a covariate of spread 1
_SENSELESS = 1e6  # a coefficient beside which another's digits are lost
_LEVEL = 1e-7  # slopes of a concave likelihood so small are at its top


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileInterval:
    """A coefficient with its limits; infinite where the likelihood never falls enough.

    `value` is infinite too where the likelihood rises without end; NaN where nothing is told, as is
    a limit that the search does not reach.
    """

    value: float
    lower: float
    upper: float


def _beside(
    objective: Likelihood,
    beta: NDArray[np.float64],
    *,
    others: NDArray[np.intp],
    rules: Rules | None,
) -> Climb | None:
    """The best of the others; None so far out that no row has information left."""
    found = climb(objective, start=beta, free=others, rules=rules)
    return None if found.lost else found


def _walk(
    beside: Callable[[NDArray[np.float64]], Climb | None],
    path: Climb,
    column: int,
    z: float,
    error: float,
    start: NDArray[np.float64],
) -> float:
    """Where the signed root of the fall in likelihood is z: Newton's steps on that root.

    `beside` climbs to the best of the others, and the likelihood's slope along the profile is its
    score there. NaN where the steps do not settle.
    """
    towards, beta, before = math.copysign(1.0, z), start, math.inf
    for _ in range(_STEPS):
        now = beside(beta)
        if now is None or now.end.at_edge:
            return math.nan
        fall = max(path.end.log_likelihood - now.end.log_likelihood, 0.0)
        slope = float(-towards * now.end.score[column])
        root = math.sqrt(2 * fall)
        if slope > 0:
            move = min(max((abs(z) - root) * root / slope, -_LONGEST), _LONGEST)
        else:  # the step led back over the top: try again from half an error on this side of it
            move = towards * (path.beta[column] - now.beta[column]) + error / 2
        end = float(now.beta[column] + towards * move)
        is_rounding = before <= abs(move) < _ROUGHLY * error
        if is_rounding or abs(move) < _ENOUGH * error:
            return end
        before, beta = abs(move), now.beta.copy()
        beta[column] = end
    return math.nan


def _followed(objective: Likelihood, path: Climb, origin: NDArray[np.float64]) -> Climb:
    """What the likelihood rises to without end: it is followed four times as far."""
    beta, stay = path.beta + 3 * path.away * (path.beta - origin), np.flatnonzero(~path.away)
    far = climb(objective, start=beta, free=stay).end
    return replace(path, end=far) if far.log_likelihood > path.end.log_likelihood else path


def _search_beyond(
    objective: Likelihood,
    path: Climb,
    others: NDArray[np.intp],
    column: int,
    z: float,
    origin: NDArray[np.float64],
) -> float:
    """A limit where the likelihood rises without end, `path` being how far it was followed.

    The profile is concave, as the likelihood is: on either side it falls ever faster. If it has
    not fallen enough far out, it never does; else the limit lies between two steps, each twice as
    long as the one before. The others start where the way from the `origin` leads through their
    best beside the step before, at these, or at the origin: no information may be left on a way.
    NaN where that is so of all.
    """
    target, near = path.end.log_likelihood - z**2 / 2, path.beta
    inner = float(near[column])
    far = math.copysign(max(_FARTHEST, 4 * abs(inner)), z)
    step = math.copysign(max(1.0, abs(inner) / 8), z)

    def best_at(value: float) -> Climb:
        found, way = [], near - origin
        along = (value - origin[column]) / way[column] if way[column] else 1.0
        for start in (origin + along * way, near, origin):
            beta = start.copy()
            beta[column] = value
            with np.errstate(over="ignore", invalid="ignore"):
                one = climb(objective, start=beta, free=others)
            if not np.abs(one.beta).max() <= _SENSELESS:
                one = replace(one, end=replace(one.end, log_likelihood=-math.inf))
            elif np.abs(one.end.score[others]).max(initial=0.0) < _LEVEL:
                return one
            found.append(one)
        return max(found, key=lambda one: one.end.log_likelihood)

    def height(value: float) -> float:
        return best_at(value).end.log_likelihood - target

    if height(inner) < 0:
        return math.nan
    if height(inner + far) >= 0:
        return math.copysign(math.inf, z)
    for _ in range(_STEPS):
        now = best_at(inner + step)
        if now.end.at_edge or abs(step) < _LEAST:
            return math.nan
        if now.end.log_likelihood >= target:
            inner, near, step = inner + step, now.beta, 2 * step
            if abs(step) > abs(far):
                return math.copysign(math.inf, z)
        elif now.lost:
            step /= 4
        else:
            return float(brentq(height, inner, inner + step, xtol=_ROUGHLY))
    return math.nan


def _limit(
    objective: Likelihood,
    path: Climb,
    others: NDArray[np.intp],
    column: int,
    z: float,
    rules: Rules | None,
) -> float:
    """One limit of a likelihood with a top: from where the parabola there has it."""
    kept = np.r_[others, column]
    along = np.linalg.inv(path.end.information[np.ix_(kept, kept)])[-1]
    beside = partial(_beside, objective, others=others, rules=rules)
    error, best = math.sqrt(max(float(along[-1]), 0.0)), float(path.beta[column])
    start, free = path.beta.copy(), np.sort(kept)
    start[kept] += z * along / error
    block = np.ix_(free, free)

    def at(part: NDArray[np.float64]) -> LikelihoodSums:
        beta = path.beta.copy()
        beta[free] = part
        now = objective(beta)
        return replace(now, score=now.score[free], information=now.information[block])

    return find_profile_end(
        at if free.size < start.size else objective,
        start=start[free],
        own=int(np.flatnonzero(free == column)[0]),
        top=best,
        target=path.end.log_likelihood - z**2 / 2,
        search=lambda: _walk(beside, path, column, z, error, start),
    )


def profile_limits(
    objective: Likelihood,
    *,
    rows: Rows,
    start: NDArray[np.float64],
    covariate: int,
    level: float,
    rules: Rules | None = None,
) -> ProfileInterval:
    """The limits of one covariate of an objective in scaled coefficients, in the unit given.

    `start` and `rules` are those of the climb to its top.
    """
    column, free, scale = covariate + 1, told_columns(rows), rows.scale[covariate]
    if column not in free:
        return ProfileInterval(value=math.nan, lower=math.nan, upper=math.nan)
    z = normal_quantile(level)
    path = climb(objective, start=start, free=free, rules=rules)
    if path.away.any() and not path.lost:
        path = _followed(objective, path, start)
    if path.end.at_edge:
        return ProfileInterval(value=math.nan, lower=math.nan, upper=math.nan)
    others = free[free != column]
    lower, upper = (
        _search_beyond(objective, path, others, column, side, start)
        if path.message
        else _limit(objective, path, others, column, side, rules)
        for side in (-z, z)
    )
    value = path.beta[column]
    if math.isinf(upper) or math.isinf(lower):
        value = upper + lower  # NaN where both are: nothing is told
    return ProfileInterval(value=value / scale, lower=lower / scale, upper=upper / scale)


def estimate_profile_interval(
    outcome: ArrayLike,
    *,
    covariates: ArrayLike,
    family: Family,
    covariate: int = 0,
    sampling: RegressionSampling | None = None,
    level: float = 0.95,
) -> ProfileInterval:
    """A log odds (risk, rate) ratio with its profile-likelihood limits.

    Where an arm has no responder, or only responders, one limit is infinite and the other still
    tells. `Family.LINEAR` has no likelihood of its own and is refused.
    Source: Venzon, Moolgavkar (1988).
    """
    if family is Family.LINEAR:
        raise ValueError("LINEAR has no profile likelihood: take estimate_effect, robust=True")
    given = sampling or RegressionSampling()
    checked = check_outcome(outcome, family=family)
    rows = build_rows(checked, covariates=covariates, offset=given.offset, weight=given.weight)
    if has_one_outcome(rows, family=family):
        return ProfileInterval(value=math.nan, lower=-math.inf, upper=math.inf)
    return profile_limits(
        objective_of(rows, law=CLIMBED[family]),
        rows=rows,
        start=first_guess(rows, family=family),
        covariate=covariate,
        level=level,
    )
