"""The ends of a profile-likelihood interval, found in one go over all coefficients."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.likelihood_climb import Likelihood, learn_slopes, solve_slopes

Equations = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
_ROUNDS = 100
_STILL = 1e-10  # the next step is so much smaller that none is needed
_LEFT = 2e-12  # nor after one that leaves this, as steps have shrunk
_ASTRAY = 0.25  # square of standard errors from the start: it may be another place of no slope
_LONGEST = 5.0  # no step of a standardised covariate's coefficient is longer


def _shrinking(longest: float, before: list[float]) -> float:
    """By what the next step will be shorter: the slower of the last two; 1 where none are known."""
    if math.isinf(before[-2]):
        return 1.0
    return min(1.0, max(longest / before[-1], before[-1] / before[-2]))


def solve_equations(
    equations: Equations, *, start: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Where the equations are zero, from `start`; None where the search does not settle.

    Newton's steps by the slopes given, which need not be exact: what they miss is learnt from the
    steps made (Broyden 1965, by the mean of the slopes at both ends).
    """
    beta, lengths = start, [math.inf, math.inf]
    value, slope = equations(beta)
    missed = np.zeros_like(slope)
    for _ in range(_ROUNDS):
        if not (math.isfinite(value.sum()) and math.isfinite(slope.sum())):
            return None
        try:
            move = solve_slopes(slope + missed, value=-value)
        except np.linalg.LinAlgError:
            return None
        longest, unit = float(np.abs(move).max()), 1.0 + float(np.abs(beta).max())
        if longest < _STILL * unit or longest * _shrinking(longest, lengths) < _LEFT * unit:
            return np.asarray(beta + move)
        lengths.append(longest)
        if longest > _LONGEST:
            move *= _LONGEST / longest
        after, turned = equations(beta + move)
        missed = missed + learn_slopes(
            after - value, slopes=(slope + turned) / 2 + missed, move=move
        )
        beta, value, slope = beta + move, after, turned
    return None


def _find_at_once(
    likelihood: Likelihood, start: NDArray[np.float64], own: int, target: float
) -> tuple[float, float]:
    """The end, and how far it is from the start in squared standard errors; else NaN."""
    curved: list[NDArray[np.float64]] = []

    def equations(beta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        now = likelihood(beta)
        curved.append(now.information)
        value, slope = now.score.copy(), -now.information
        value[own], slope[own] = now.log_likelihood - target, now.score
        return value, slope

    with np.errstate(all="ignore"):
        found = solve_equations(equations, start=start)
        if found is None:
            return math.nan, math.nan
        away = found - start
        return float(found[own]), float(away @ curved[0] @ away)


def find_profile_end(
    likelihood: Likelihood,
    *,
    start: NDArray[np.float64],
    own: int,
    top: float,
    target: float,
    search: Callable[[], float],
) -> float:
    """Where the likelihood falls to `target` with all but column `own` at their best, near `start`.

    All coefficients at once; where that does not settle beyond the `top`, by a slower `search`.
    More than half a standard error from the start the outer of both counts: where the likelihood
    is not concave the others may stand still short of their best, and the profile, which is then
    above what was found, falls so far only farther out. Source: Venzon, Moolgavkar (1988).
    """
    side = math.copysign(1.0, start[own] - top)
    found, away = _find_at_once(likelihood, start, own, target)
    if not side * (found - top) > 0:
        return search()
    if away <= _ASTRAY:
        return found
    return side * float(np.fmax(side * found, side * search()))
