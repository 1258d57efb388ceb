"""The variance of a shared frailty that has the largest likelihood."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.hazards.frailty_pairs import (
    laplace_likelihood,
    laplace_slope,
    own_information,
)
from equipoise.numerics.hazards.frailty_sums import (
    FrailtyLaw,
    FrailtyModel,
    FrailtyState,
    climb_frailty,
)

NONE = "no frailty: the clusters vary no more than by chance"
ENDLESS = "the likelihood rises with the variance of the frailty without end"
_LEAST = 1e-5  # where the likelihood falls from this variance on, there is none
_MOST = 1e3  # where it still rises here, there is no largest likelihood
_SURE = 1e-11  # what is left of the way is less than the product of the last three steps
_ROUNDING = 1e-10  # clusters that tell less than this share of their deaths share no risk set
_ROUNDS = 80


def _up_to_deaths(
    model: FrailtyModel, term: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """A term of 0, 1, ... summed up to before each cluster's deaths, (q,)."""
    deaths = model.deaths.astype(np.int64)
    return np.concatenate([[0.0], np.cumsum(term(np.arange(deaths.max() * 1.0)))])[deaths]


def _gamma_likelihood(model: FrailtyModel, *, state: FrailtyState) -> float:
    """Source: Therneau, Grambsch, Pankratz (2003), section 3.2; gammas as products."""
    d, nu = model.deaths, 1 / state.variance
    gammas = _up_to_deaths(model, lambda before: np.log1p(before / nu))
    return state.penalised + float(np.sum(d - (nu + d) * np.log1p(d / nu) + gammas))


def _gamma_slope(model: FrailtyModel, *, state: FrailtyState) -> float:
    """The slope of that likelihood along the log variance: at the top nothing else moves it."""
    d, nu = model.deaths, 1 / state.variance
    gammas = _up_to_deaths(model, lambda before: 1 / (nu + before))
    gain = gammas - np.log1p(d / nu) - (np.expm1(state.logs) - state.logs)
    return -nu * float(np.sum(gain))


def integrated_likelihood(model: FrailtyModel, *, state: FrailtyState) -> float:
    """The log likelihood with the frailties integrated out, at the top for their variance."""
    gamma = model.law is FrailtyLaw.GAMMA
    return (_gamma_likelihood if gamma else laplace_likelihood)(model, state=state)


def _lack(model: FrailtyModel, *, state: FrailtyState) -> float:
    """By how much the variance is too large for its frailties, as a share of theirs.

    The slope of the likelihood, in the units in which it is nearly a line in the variance: it is
    one where the clusters are alike and the frailties normal.
    """
    gamma = model.law is FrailtyLaw.GAMMA
    slope = (_gamma_slope if gamma else laplace_slope)(model, state=state)
    return -2 * state.variance * slope / float(state.logs @ state.logs)


def _first_guess(model: FrailtyModel, *, null: FrailtyState) -> tuple[float, float]:
    """A variance by moments, 0 where there clearly is none; and what a variance of 0 lacks.

    By moments it is how far the squared scores go beyond chance, over what they grow by it.
    """
    hazard, squares = null.hazard, (model.deaths - null.hazard) ** 2
    gamma = model.law is FrailtyLaw.GAMMA
    chance = hazard if gamma else own_information(model, state=null)
    both, excess = float(np.sum(squares + chance)), float(np.sum(squares - chance))
    # up to the least variance the slope moves by this share, as log hazards and frailties do
    share = _LEAST * (1 + float(hazard.max()) + math.sqrt(float(squares.max())))
    if excess < -min(10 * share, 0.5) * both or both < _ROUNDING * float(hazard.sum()):
        return 0.0, 0.0
    guess = _LEAST
    for _ in range(5 if excess > 0 else 0):
        weight = 1 / (1 + guess * hazard) ** 2
        better = float(weight @ (squares - chance)) / float(weight @ chance**2)
        guess = better if better > 0 else guess / 2
    return min(max(guess, _LEAST), _MOST), -excess / float(squares.sum())


def _zero_of(places: Sequence[float], values: Sequence[float]) -> float:
    """Where the values are zero, by the polynomial (of Lagrange) for the places in the values."""
    zero = 0.0
    for i, own in enumerate(values):
        others = [one for j, one in enumerate(values) if j != i]
        if own in others:
            return math.nan
        zero += places[i] * math.prod(one / (one - own) for one in others)
    return zero


def _far_from(place: float, *, low: float, high: float) -> float:
    """A place between the ends where the last, one of them, tells not where the zero is."""
    if low > 0 and high < math.inf:
        return math.sqrt(low * high)
    return place / 10 if high < math.inf else place * 10


def _onwards(
    before: FrailtyState, state: FrailtyState, *, places: Sequence[float], place: float
) -> FrailtyState:
    """A start at the next place, on along the line through the tops at the last two."""
    ratio = (place - places[-1]) / (places[-1] - places[-2])
    ratio = min(max(ratio, -1.0), 1.0)
    beta = state.beta + ratio * (state.beta - before.beta)
    return replace(state, beta=beta, logs=state.logs + ratio * (state.logs - before.logs))


def find_variance(model: FrailtyModel, *, null: FrailtyState) -> tuple[FrailtyState, str]:
    """The state whose variance has the largest likelihood, from that without frailty; and why not.

    There is none where the likelihood falls from the least variance on. By inverse interpolation
    through the last three variances, between ends where it rises and falls.
    """
    place, lack = _first_guess(model, null=null)
    if place == 0:
        return null, NONE
    places, lacks = [0.0], [lack]
    logs = np.log1p(place * model.deaths) - np.log1p(place * null.hazard)
    state, start = null, replace(null, logs=logs)
    low, high, steps = 0.0, math.inf, [1.0, 1.0]
    for _ in range(_ROUNDS):
        before, state = state, climb_frailty(model, start=start, variance=place)
        places.append(place)
        lacks.append(_lack(model, state=state))
        low, high = (place, high) if lacks[-1] < 0 else (low, place)
        if high == _LEAST or low == _MOST:
            return state, NONE if high == _LEAST else ENDLESS
        target = _zero_of(places[-3:], lacks[-3:])
        known = low <= target <= high
        target = target if known else _far_from(place, low=low, high=high)
        target = min(max(target, place / 10, _LEAST), place * 10, _MOST)
        steps.append(min(abs(target / place - 1), 1.0) if known else 1.0)
        start = _onwards(before, state, places=places, place=target)
        place = target
        if math.prod(steps[-3:]) < _SURE:
            return climb_frailty(model, start=start, variance=place), ""
    return state, ""
