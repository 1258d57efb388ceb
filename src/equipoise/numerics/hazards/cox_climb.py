"""The way up a Cox likelihood: Newton's steps, and when there is no top."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign
from equipoise.numerics.hazards.cox_sums import CoxSums
from equipoise.numerics.information_left import find_vanished

_STEPS = 50
_ENOUGH = 1e-22  # the next step is 1e-11 standard errors: nothing moves by it
_ROUNDING = 1e-14  # a promise this small that the last step did not lessen is rounding
_STEEPEST = 200.0  # log hazards beyond it would leave the range of floats
_ABSURD = 100.0  # no patient's hazard is e^100 times another's: the coefficient runs away
_OFFER = ": see estimate_firth and estimate_profile_interval for finite answers"

Likelihood = Callable[[NDArray[np.float64]], CoxSums]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where Newton's steps ended, over the columns that carry information."""

    beta: NDArray[np.float64]
    null: CoxSums
    end: CoxSums
    iterations: int
    away: NDArray[np.bool_]
    message: str


def _runs_away(
    design: CoxDesign, beta: NDArray[np.float64], sums: CoxSums, null: CoxSums
) -> NDArray[np.bool_]:
    """Which coefficients grow without end: absurd, or in directions without information left."""
    if _is_steep(design, beta, _ABSURD):
        share = np.abs(design.x * beta).max(axis=0)
        return np.asarray(share > 0.01 * share.max())
    return find_vanished(sums.information, start=null.information)


def _is_steep(design: CoxDesign, beta: NDArray[np.float64], limit: float) -> bool:
    """True where some row's log hazard is beyond `limit`."""
    if design.reach @ np.abs(beta) <= limit:
        return False
    return bool(np.abs(design.x @ beta).max() > limit)


def within_floats(likelihood: Likelihood, *, design: CoxDesign) -> Likelihood:
    """The likelihood, minus infinity with a score of NaN where it would leave the floats."""

    def guarded(beta: NDArray[np.float64]) -> CoxSums:
        if not _is_steep(design, beta, _STEEPEST):
            return likelihood(beta)
        unknown = np.full((beta.size, beta.size), np.nan)
        return CoxSums(log_likelihood=-np.inf, score=unknown[0], information=unknown)

    return guarded


def _step(
    likelihood: Likelihood,
    beta: NDArray[np.float64],
    now: CoxSums,
    move: NDArray[np.float64],
) -> tuple[NDArray[np.float64], CoxSums] | None:
    """The step, halved until the likelihood does not fall; None where it falls all along."""
    slack = 1e-12 * max(1.0, abs(now.log_likelihood))
    for _ in range(40):
        after = likelihood(beta + move)
        if after.log_likelihood >= now.log_likelihood - slack:
            return beta + move, after
        move = move / 2
    return None


def climb(
    likelihood: Likelihood,
    *,
    design: CoxDesign,
    null: CoxSums,
    start: NDArray[np.float64] | None = None,
) -> Path:
    """Newton's steps to the top of the likelihood, whose sums at zero are `null`.

    `start` where not at zero.
    """
    beta = np.zeros(design.scale.size) if start is None else start
    now = null if start is None else likelihood(start)
    message = "the climb to the largest likelihood did not settle"
    taken, before = 0, np.inf
    away = np.zeros(beta.size, dtype=np.bool_)
    while taken < _STEPS:
        move = np.asarray(np.linalg.solve(now.information, now.score), dtype=np.float64)
        promised = float(now.score @ move)
        settled = promised < _ENOUGH or (promised < _ROUNDING and promised > before / 4)
        step = None if settled and taken else _step(likelihood, beta, now, move)
        if step is None:
            message = "" if promised < _ROUNDING else message
            break
        (beta, now), taken, before = step, taken + 1, promised
        away = _runs_away(design, beta, now, null)
        if away.any():
            which = ", ".join(str(column) for column in np.flatnonzero(away))
            message = f"the likelihood rises without end along covariate {which}{_OFFER}"
            break
    return Path(beta=beta, null=null, end=now, iterations=taken, away=away, message=message)
