"""Normal frailties: the variance of the largest likelihood by Laplace, with few matrices."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.hazards.frailty_climb import climb_frailty
from equipoise.numerics.hazards.frailty_pairs import LaplaceSlope, laplace_slope
from equipoise.numerics.hazards.frailty_sums import (
    ENDLESS,
    LEAST,
    MOST,
    NONE,
    FrailtyModel,
    FrailtyState,
    FrailtyTop,
)

_SURE = 1e-11  # what is left of the way is less than the product of the last three steps
_NEAR = 0.05  # of the variance: from here on by the information of all clusters together
_ROUGH, _FINE = 1e-6, 1e-9  # how far the climbs go before and after, in squared standard errors
_APART = 12  # variances at most
_ROUNDS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """By how much a variance is too large for its frailties, as a share of theirs.

    The slope of the likelihood, in the units in which it is nearly a line in the variance: it is
    one where the clusters are alike and the frailties normal. Clusters `apart`, and as a `whole`.
    """

    place: float
    apart: float
    whole: float


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


def _onwards(state: FrailtyState, *, follow: NDArray[np.float64], share: float) -> FrailtyState:
    """A start where the variance is larger by a share, along the line to which they follow it."""
    move, p = min(max(share, -1.0), 1.0) * follow, state.beta.size
    return replace(state, beta=state.beta + move[:p], logs=state.logs + move[p:])


def _shifted(known: Sequence[_Known]) -> list[float]:
    """What the last three lack: apart, and by how much that is off, from where it is known."""
    whole = [one for one in known if math.isfinite(one.whole)][-3:]
    off = [one.whole - one.apart for one in whole]
    return [
        one.apart + _zero_of(off, [place.place - one.place for place in whole])
        for one in known[-3:]
    ]


def _look(
    model: FrailtyModel, start: FrailtyState, *, place: float, whole: bool
) -> tuple[FrailtyState, LaplaceSlope, _Known]:
    """The top at a variance, the slope there, and what that lacks."""
    state = climb_frailty(model, start=start, variance=place, enough=_FINE if whole else _ROUGH)
    slope = laplace_slope(model, state=state, whole=whole)
    unit = -2 * place / float(state.logs @ state.logs)
    return state, slope, _Known(place=place, apart=unit * slope.apart, whole=unit * slope.whole)


def climb_normal(model: FrailtyModel, *, start: FrailtyState, lack: float) -> FrailtyTop:
    """The largest likelihood, from a start's variance and by how much one of 0 lacks.

    By inverse interpolation through the last three variances, between ends where it rises and
    falls: first by the information of each cluster apart, then by that of all.
    """
    place, known = start.variance, [_Known(place=0.0, apart=lack, whole=lack)]
    low, high, steps, whole = 0.0, math.inf, [1.0, 1.0], False
    for _ in range(_ROUNDS):
        near = steps[-1] < _NEAR or place in (LEAST, MOST) or len(known) > _APART
        if near and not whole:
            low, high, steps, whole = 0.0, math.inf, [1.0, 1.0], True
        state, slope, found = _look(model, start, place=place, whole=whole)
        known.append(found)
        lacks = _shifted(known)
        low, high = (place, high) if lacks[-1] < 0 else (low, place)
        if high == LEAST or low == MOST:
            words = NONE if high == LEAST else ENDLESS
            return FrailtyTop(state=state, likelihood=slope.likelihood, words=words)
        target = _zero_of([one.place for one in known[-3:]], lacks)
        told = low <= target <= high
        target = target if told else _far_from(place, low=low, high=high)
        target = min(max(target, place / 10, LEAST), place * 10, MOST)
        share = target / place - 1
        steps.append(min(abs(share), 1.0) if told else 1.0)
        start, place = _onwards(state, follow=slope.follow, share=share), target
        if whole and math.prod(steps[-3:]) < _SURE:
            break
    top = climb_frailty(model, start=start, variance=place)
    # at the top the slope is 0: over the last way it was half of what it was on average
    gain = slope.whole * math.log1p(share) / 2
    return FrailtyTop(state=top, likelihood=slope.likelihood + gain, words="")
