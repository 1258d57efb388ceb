"""The interval of a hazard ratio by profile likelihood, also where the likelihood has no top."""

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy  # its linalg and optimize are loaded when they are first used
from numpy.typing import NDArray

from equipoise.numerics.checks import check_level
from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.hazards.cox import Cox, likelihood_of
from equipoise.numerics.likelihood_climb import Likelihood, LikelihoodSums
from equipoise.numerics.profile_end import find_profile_end

_ROUNDS = 100
_STILL = 1e-10  # a step this small leaves an error of about its square
_LITTLE = 1e-13  # of the likelihood: a step that promises no more gains half of it, to rounding
_LONGEST = 5.0  # no step of a standardised covariate's coefficient is longer
_FAR = 40.0  # a log hazard this far out leaves e^-40 of what the likelihood could still gain


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRatio:
    """A hazard ratio with its profile-likelihood interval, and the likelihood-ratio test of one.

    Where the likelihood rises without end `value` is 0 or infinite, and so is one end. NaN where
    the data cannot tell. `message` says in words what is missing, else it is empty.
    """

    value: float
    lower: float
    upper: float
    log_value: float
    log_lower: float
    log_upper: float
    test: ChiSquare
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A likelihood along one of its coefficients, the place `own` of scaled ones."""

    likelihood: Likelihood
    own: int
    scale: float
    fall: float


def _uphill(information: NDArray[np.float64], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Newton's step; none along what the information does not tell."""
    *_, move, failed = scipy.linalg.lapack.dposv(information, score)
    return np.asarray(np.linalg.pinv(information) @ score if failed else move)


def ascend(
    likelihood: Likelihood, *, start: NDArray[np.float64], free: NDArray[np.intp]
) -> tuple[NDArray[np.float64], float]:
    """Coefficients and the largest likelihood over the columns `free`, the others held.

    Steps are cut until the likelihood rises: slower than `find_profile_end`, and surer.
    """
    beta, now = start, likelihood(start)
    for _ in range(_ROUNDS if free.size and np.isfinite(now.log_likelihood) else 0):
        move = np.zeros(beta.size)
        move[free] = _uphill(now.information[np.ix_(free, free)], now.score[free])
        promised = float(now.score @ move)
        if promised < _LITTLE * max(1.0, abs(now.log_likelihood)):
            return beta + move, now.log_likelihood + promised / 2
        move *= min(1.0, _LONGEST / max(np.abs(move).max(), _STILL))
        after = likelihood(beta + move)
        while not after.log_likelihood > now.log_likelihood and np.abs(move).max() > _STILL:
            move /= 2
            after = likelihood(beta + move)
        if not after.log_likelihood > now.log_likelihood:
            break
        beta, now = beta + move, after
    return beta, now.log_likelihood


def _best_beside(profile: Profile, value: float, start: NDArray[np.float64]) -> float:
    """The largest likelihood beside a value of the own coefficient, climbed to from `start`."""
    beta = start.copy()
    beta[profile.own] = value
    free = np.flatnonzero(np.arange(start.size) != profile.own)
    with np.errstate(all="ignore"):
        return ascend(profile.likelihood, start=beta, free=free)[1]


def _search(profile: Profile, start: NDArray[np.float64], target: float, step: float) -> float:
    """Where the profile falls to `target`: steps from `start` till beyond, then between the two."""

    def above(value: float) -> float:
        return max(_best_beside(profile, value, start) - target, -_FAR)

    near = float(start[profile.own])
    far = near + step
    for _ in range(_ROUNDS):
        if above(far) <= 0:
            return float(scipy.optimize.brentq(above, near, far, xtol=1e-14))
        near, far = far, far + 2 * (far - near)
    return math.nan


def profile_around(
    profile: Profile, *, top: NDArray[np.float64], end: LikelihoodSums
) -> ProfileRatio:
    """The interval around a largest likelihood, which is at `top` with the sums `end`."""
    row = _uphill(end.information, np.eye(top.size)[profile.own])
    variance, best = float(row[profile.own]), float(top[profile.own])
    along, target = row / variance, end.log_likelihood - profile.fall

    def limit(side: int) -> float:
        """Where twice the likelihood falls by the quantile, looked for along the curvature."""
        start = top + side * math.sqrt(2 * profile.fall * variance) * along
        end = find_profile_end(
            profile.likelihood,
            start=start,
            own=profile.own,
            top=best,
            target=target,
            search=lambda: _search(profile, top, target, side * math.sqrt(variance)),
        )
        return end / profile.scale

    ratio = 2 * (end.log_likelihood - _best_beside(profile, 0.0, top - best * along))
    return _ratio(best / profile.scale, limit(-1), limit(1), ratio)


def _ratio(log_value: float, lower: float, upper: float, statistic: float) -> ProfileRatio:
    untold = math.isnan(lower) or math.isnan(upper)
    with np.errstate(over="ignore"):
        value, low, high = np.exp(np.array([log_value, lower, upper]))
    return ProfileRatio(
        value=float(value),
        lower=float(low),
        upper=float(high),
        log_value=log_value,
        log_lower=lower,
        log_upper=upper,
        test=chi_square_of(statistic, degrees_of_freedom=1),
        message="the search for an end of the interval did not settle" if untold else "",
    )


def untold_ratio(message: str) -> ProfileRatio:
    """No ratio, and why."""
    nothing = math.nan
    return replace(_ratio(nothing, nothing, nothing, nothing), message=message)


def _without_top(profile: Profile, beta: NDArray[np.float64], reach: float) -> ProfileRatio:
    """The interval where the likelihood rises without end along the own coefficient alone."""
    side = math.copysign(1.0, beta[profile.own])
    far = beta.copy()
    far[profile.own] += side * _FAR / reach
    highest = _best_beside(profile, float(far[profile.own]), beta)
    finite = _search(profile, far, highest - profile.fall, -side) / profile.scale
    ratio = 2 * (highest - _best_beside(profile, 0.0, beta))
    lower, upper = (finite, math.inf) if side > 0 else (-math.inf, finite)
    return _ratio(side * math.inf, lower, upper, ratio)


def estimate_profile_interval(fit: Cox, *, column: int = 0, level: float = 0.95) -> ProfileRatio:
    """The hazard ratio of one covariate with the interval of its profile likelihood.

    All values that a likelihood-ratio test at 1 - `level` does not refuse, the other coefficients
    at their best. It exists where the Wald interval does not: with no event in an arm one end is
    finite. Weights count as replicates; clusters are not heeded. NaN with a message where
    the covariate tells nothing, or another one runs away.
    Source: Venzon, Moolgavkar (1988).
    """
    model, fall = fit.model, normal_quantile(check_level(level)) ** 2 / 2
    places = np.flatnonzero(model.kept == column)
    away = model.away
    if places.size == 0 or not (fit.converged or (away.sum() == 1 and away[places[0]])):
        return untold_ratio(fit.message)
    own = int(places[0])
    profile = Profile(
        likelihood=likelihood_of(model.design, ties=model.ties),
        own=own,
        scale=float(model.design.scale[own]),
        fall=fall,
    )
    if not fit.converged:
        return _without_top(profile, model.beta, float(model.design.reach[own]))
    return profile_around(profile, top=model.beta, end=profile.likelihood(model.beta))
