"""The variance of a shared frailty that has the largest likelihood."""

import math
from dataclasses import replace

import numpy as np

from equipoise.numerics.hazards.frailty_gamma import climb_gamma
from equipoise.numerics.hazards.frailty_normal import climb_normal
from equipoise.numerics.hazards.frailty_pairs import own_information
from equipoise.numerics.hazards.frailty_sums import (
    LEAST,
    MOST,
    NONE,
    FrailtyLaw,
    FrailtyModel,
    FrailtyState,
    FrailtyTop,
)

_ROUNDING = 1e-10  # clusters that tell less than this share of their deaths share no risk set


def _first_guess(model: FrailtyModel, *, null: FrailtyState) -> tuple[float, float]:
    """A variance by moments, 0 where there clearly is none; and what a variance of 0 lacks.

    By moments it is how far the squared scores go beyond chance, over what they grow by it.
    """
    hazard, squares = null.hazard, (model.deaths - null.hazard) ** 2
    gamma = model.law is FrailtyLaw.GAMMA
    chance = hazard if gamma else own_information(model, state=null)
    both, excess = float(np.sum(squares + chance)), float(np.sum(squares - chance))
    # up to the least variance the slope moves by this share, as log hazards and frailties do
    share = LEAST * (1 + float(hazard.max()) + math.sqrt(float(squares.max())))
    if excess < -min(10 * share, 0.5) * both or both < _ROUNDING * float(hazard.sum()):
        return 0.0, 0.0
    guess, beyond, grown = LEAST, squares - chance, chance**2
    for _ in range(5 if excess > 0 else 0):
        weight = 1 / (1 + guess * hazard) ** 2
        better = float(weight @ beyond) / float(weight @ grown)
        guess = better if better > 0 else guess / 2
    return min(max(guess, LEAST), MOST), -excess / float(squares.sum())


def find_variance(model: FrailtyModel, *, null: FrailtyState) -> FrailtyTop:
    """The state whose variance has the largest likelihood, from that without frailty; and why not.

    There is none where the likelihood falls from the least variance on.
    """
    guess, lack = _first_guess(model, null=null)
    if guess == 0:
        return FrailtyTop(state=null, likelihood=null.penalised, words=NONE)
    start = replace(null, variance=guess)
    if model.law is FrailtyLaw.GAMMA:
        return climb_gamma(model, start=start)
    logs = np.log1p(guess * model.deaths) - np.log1p(guess * null.hazard)
    return climb_normal(model, start=replace(start, logs=logs), lack=lack)
