"""The way up a Cox likelihood: where its coefficients would be absurd, or leave the floats."""

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.likelihood_climb import Climb, Likelihood, LikelihoodSums, Rules, climb

_STEEPEST = 200.0  # log hazards beyond it would leave the range of floats
_ABSURD = 100.0  # no patient's hazard is e^100 times another's: the coefficient runs away


def _is_steep(design: CoxDesign, beta: NDArray[np.float64], limit: float) -> bool:
    """True where some row's log hazard is beyond `limit`."""
    if design.reach @ np.abs(beta) <= limit:
        return False
    return bool(np.abs(design.x @ beta).max() > limit)


def within_floats(likelihood: Likelihood, *, design: CoxDesign) -> Likelihood:
    """The likelihood, minus infinity with a score of NaN where it would leave the floats."""

    def guarded(beta: NDArray[np.float64]) -> LikelihoodSums:
        if not _is_steep(design, beta, _STEEPEST):
            return likelihood(beta)
        unknown = np.full((beta.size, beta.size), np.nan)
        return LikelihoodSums(log_likelihood=-np.inf, score=unknown[0], information=unknown)

    return guarded


def climb_hazards(likelihood: Likelihood, *, design: CoxDesign, null: LikelihoodSums) -> Climb:
    """Newton's steps to the top of the likelihood, whose sums at zero are `null`."""

    def absurd(beta: NDArray[np.float64]) -> NDArray[np.bool_]:
        if not _is_steep(design, beta, _ABSURD):
            return np.zeros(beta.size, dtype=np.bool_)
        share = np.abs(design.x * beta).max(axis=0)
        return np.asarray(share > 0.01 * share.max())

    rules = Rules(enough=1e-22, steady=0.25, absurd=absurd, intercepts=0)
    return climb(likelihood, start=np.zeros(design.scale.size), first=null, rules=rules)
