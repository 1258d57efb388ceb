"""Gamma frailties: coefficients, log frailties and their variance climb to the top together."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.hazards.frailty_climb import solve_information
from equipoise.numerics.hazards.frailty_sums import (
    ENDLESS,
    LEAST,
    MOST,
    NONE,
    FrailtyModel,
    FrailtyState,
    FrailtyTop,
    evaluate_frailty,
)

_STEPS = 80
_HALVINGS = 30
_ENOUGH = 1e-12  # the step just made was 1e-6 standard errors, the next would be their square
_SURE = 1e-8  # and of the variance
_LEVEL = 1e-18  # steps this small that do not shrink are rounding
_TOLERANCE = 0.01  # of a step: the next one mends the rest
_EXACT = 1e-12  # standard errors: a step needs not be nearer than that
_STILL = 1e-4  # a variance that moves less leaves as it is how all else follows it
_LOOSE = 1e-3  # standard errors from the top: so far off no variance leaps
_MOST_GONE = 3.0  # variance times hazard: more than that would be a guess from very few
_LARGEST_STEP = 5.0  # of a log frailty or scaled coefficient


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaPlace:
    """A state, its log likelihood with the frailties integrated out, and that's slopes.

    `slope` and `bend` are the first and second along the log variance, nothing else moved.
    """

    state: FrailtyState
    likelihood: float
    slope: float
    bend: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """Where to go from a place: `move` (p + q,), to a `variance` that is larger by a `share`.

    `follow` (p + q,) is how the top moves with the log variance, `slope` that of the likelihood
    along it, `promised` the square of the step in standard errors.
    """

    move: NDArray[np.float64]
    variance: float
    share: float
    follow: NDArray[np.float64]
    slope: float
    promised: float


@njit(cache=True)
def _gain_kernel(many: NDArray[np.int64], nu: float) -> tuple[float, float, float]:
    """Sums over the clusters with each number of deaths; `more` have more."""
    value, slope, bend, more = 0.0, 0.0, 0.0, 0
    for d in range(many.size - 1, -1, -1):
        log, share = math.log1p(d / nu), 1.0 / (nu + d)
        value += many[d] * (d - (nu + d) * log) + more * log
        slope += many[d] * log - more * share
        bend += many[d] * d * share - nu * more * share**2
        more += many[d]
    return value, nu * slope, nu * bend


def integrate_gamma(model: FrailtyModel, *, state: FrailtyState) -> GammaPlace:
    """The state with its likelihood, which is exact at the top of the penalised one.

    Source: Therneau, Grambsch, Pankratz (2003), section 3.2; gammas as products.
    """
    gain, slope, bend = _gain_kernel(np.bincount(model.deaths), 1 / state.variance)
    slope += state.penalty
    return GammaPlace(
        state=state, likelihood=state.penalised + gain, slope=slope, bend=bend - slope
    )


def _share_of(slope: float, *, fall: float, away: float) -> float:
    """By which share the variance should grow. How its slope falls is known near the top only."""
    if away > _LOOSE:
        return min(max(slope / fall, -0.7), 2.0) if fall > 0 else 0.0
    return min(slope / fall, 9.0) if fall > 0 else math.copysign(9.0, slope)


def _step_from(model: FrailtyModel, place: GammaPlace, last: _Step | None) -> _Step:
    """Newton's step for all at once.

    The slope, over the sum of the squares of the frailties, is nearly a line in the variance: it
    is that which shall be 0.
    """
    state, score = place.state, place.state.score
    p, variance = state.beta.size, state.variance
    away = math.sqrt(float(score @ (score / state.alone)))
    tolerance = min(_TOLERANCE, max(away, _EXACT / max(away, 1e-300)))
    cross = np.concatenate([np.zeros(p), state.pull])
    if last is not None and abs(last.share) < _STILL:
        follow = last.follow
    else:
        follow = solve_information(model, state=state, right=cross, tolerance=tolerance)
    move = solve_information(model, state=state, right=score, tolerance=tolerance)
    slope = place.slope + float(follow @ score)
    top = state.logs + move[p:]
    grows = 2 * float(top @ follow[p:]) / max(float(top @ top), 1e-300)
    fall = -place.bend - float(cross @ follow) - slope + slope * grows
    target = variance * (1 + _share_of(slope, fall=fall, away=away))
    target = min(max(target, LEAST), MOST)
    share = target / variance - 1
    move += share * follow
    return _Step(
        move=move,
        variance=target,
        share=share,
        follow=follow,
        slope=slope,
        promised=float(score @ move) + place.slope * share,
    )


def _go(model: FrailtyModel, place: GammaPlace, step: _Step) -> GammaPlace:
    """As far along the step as the likelihood rises."""
    state, p = place.state, place.state.beta.size
    size = min(1.0, _LARGEST_STEP / max(float(np.abs(step.move).max()), 1e-300))
    for _ in range(_HALVINGS):
        variance = state.variance * (1 + size * step.share) if size < 1 else step.variance
        moved = evaluate_frailty(
            model,
            beta=state.beta + size * step.move[:p],
            logs=state.logs + size * step.move[p:],
            variance=variance,
        )
        after = integrate_gamma(model, state=moved)
        if after.likelihood >= place.likelihood - 1e-12 * abs(place.likelihood):
            break
        size /= 2
    return after


def _first_logs(model: FrailtyModel, start: FrailtyState) -> NDArray[np.float64]:
    """Log frailties by the hazards of a state without, as they are for who has a frailty of 1.

    Who is frail goes early: without frailty the hazard seems to grow less than it does. Source:
    Vaupel, Manton, Stallard (1979).
    """
    seen = start.risk * start.seen
    more = np.clip(start.variance * seen, 1e-9, _MOST_GONE)
    hazard = np.bincount(
        model.group, weights=seen * np.expm1(more) / more, minlength=model.deaths.size
    )
    return np.asarray(np.log1p(start.variance * model.deaths) - np.log1p(start.variance * hazard))


def climb_gamma(model: FrailtyModel, *, start: FrailtyState) -> FrailtyTop:
    """The largest likelihood of all, from a variance and the coefficients without frailty."""
    logs = _first_logs(model, start)
    first = evaluate_frailty(model, beta=start.beta, logs=logs, variance=start.variance)
    place, before = integrate_gamma(model, state=first), math.inf
    step = _step_from(model, place, None)
    for _ in range(_STEPS):
        place = _go(model, place, step)
        near = step.promised <= _ENOUGH and abs(step.share) < _SURE
        if near or before <= step.promised < _LEVEL:
            break
        before, step = step.promised, _step_from(model, place, step)
    words = ""
    if place.state.variance == LEAST and step.slope <= 0:
        words = NONE
    if place.state.variance == MOST and step.slope >= 0:
        words = ENDLESS
    return FrailtyTop(state=place.state, likelihood=place.likelihood, words=words)
