"""Newton's steps to the largest likelihood, and the word where there is none."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # its linalg is loaded when it is first used
from numpy.typing import NDArray

from equipoise.numerics.information_left import find_vanished

_STEPS = 200
_ROUNDING = 1e-14  # a promise this small that the last step did not lessen is rounding
_AT_EDGE = "the largest likelihood lies where a risk is 1: take Family.POISSON with the sandwich"
_SOON = 6  # a likelihood with a maximum is mostly there by then; one without takes three times that


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodSums:
    """Log likelihood, score (p,) and information (p, p) at some scaled coefficients.

    `at_edge`: some row is where the likelihood ends, a risk being 1.
    """

    log_likelihood: float
    score: NDArray[np.float64]
    information: NDArray[np.float64]
    at_edge: bool = False


Likelihood = Callable[[NDArray[np.float64]], LikelihoodSums]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is known of a likelihood before it is climbed.

    A next step of the root of `enough`, in standard errors, moves nothing. A small promise that
    shrinks by less than the factor `steady` is rounding: 1/4 where the information is the
    curvature, else 1. Where that is `rough`, what it misses is learnt. `absurd` marks the columns
    whose coefficients no data can mean. The first `intercepts` columns are no covariates.
    """

    enough: float = 1e-24
    steady: float = 1.0
    rough: bool = False
    absurd: Callable[[NDArray[np.float64]], NDArray[np.bool_]] | None = None
    intercepts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """Where the steps ended, in scaled coefficients of all columns, with the sums there.

    `away` (p,) marks the columns along which the likelihood rises without end: all of them where
    the climb is `lost`, for in some direction no information at all is left.
    """

    beta: NDArray[np.float64]
    end: LikelihoodSums
    iterations: int
    away: NDArray[np.bool_]
    lost: bool
    message: str


def _step(
    likelihood: Likelihood,
    beta: NDArray[np.float64],
    now: LikelihoodSums,
    move: NDArray[np.float64],
) -> tuple[NDArray[np.float64], LikelihoodSums] | None:
    """The step, halved until the likelihood does not fall; None where it falls all along."""
    slack = 1e-12 * max(1.0, abs(now.log_likelihood))
    for _ in range(40):
        after = likelihood(beta + move)
        if after.log_likelihood >= now.log_likelihood - slack and np.isfinite(after.score).all():
            return beta + move, after
        move = move / 2
    return None


def solve_slopes(slopes: NDArray[np.float64], *, value: NDArray[np.float64]) -> NDArray[np.float64]:
    """What np.linalg.solve gives, in a third of the time where there are few columns."""
    if value.size == 1 and slopes[0, 0] != 0:
        return np.asarray(value / slopes[0, 0])
    *_, move, failed = scipy.linalg.lapack.dgesv(slopes, value)
    if failed:
        raise np.linalg.LinAlgError("singular information")
    return np.asarray(move)


def learn_slopes(
    change: NDArray[np.float64], *, slopes: NDArray[np.float64], move: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What slopes along a move lack to the change that it made. Source: Broyden (1965)."""
    length = float(move @ move)
    if length == 0:
        return np.zeros_like(slopes)
    return np.asarray((change - slopes @ move)[:, None] * (move / length))


def _newton_move(
    information: NDArray[np.float64], missed: NDArray[np.float64], score: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Newton's step, by the information alone where what it missed leads nowhere or down."""
    if missed.any():
        try:
            move = solve_slopes(information + missed, value=score)
        except np.linalg.LinAlgError:
            return solve_slopes(information, value=score)
        if score @ move > 0:
            return move
    return solve_slopes(information, value=score)


def is_full(information: NDArray[np.float64], *, least: float) -> bool:
    """Whether each column has more information of its own than `least`, beside those before."""
    if information.size == 1:  # without loading what factors more
        return bool(information[0, 0] > max(least, 0.0))
    factor, failed = scipy.linalg.lapack.dpotrf(information)
    return not failed and bool((factor.diagonal() ** 2 > least).all())


def told_columns(information: NDArray[np.float64], *, least: float) -> NDArray[np.intp]:
    """Columns with more information of their own than `least`, beside those on their left."""
    if is_full(information, least=least):
        return np.arange(information.shape[0])
    kept: list[int] = []
    for column in range(information.shape[0]):
        own, across = information[column, column], information[kept, column]
        if kept:
            own -= across @ np.linalg.solve(information[np.ix_(kept, kept)], across)
        if own > least and own > 0:
            kept.append(column)
    return np.array(kept, dtype=np.intp)


def climb(
    likelihood: Likelihood,
    *,
    start: NDArray[np.float64],
    first: LikelihoodSums | None = None,
    free: NDArray[np.intp] | None = None,
    unit: float = 1.0,
    rules: Rules | None = None,
) -> Climb:
    """The largest likelihood over the columns `free` (all), the others held where `start` is.

    `first` are the sums at the start, where known. `unit` is what a gain in log likelihood is
    measured in: the variance where it is not modelled.
    """
    told, known = np.arange(start.size) if free is None else free, rules or Rules()
    beta, now = start, likelihood(start) if first is None else first
    block = np.ix_(told, told) if told.size < start.size else ...
    away = np.zeros(start.size, dtype=np.bool_)
    begin, taken, before, message = now.information[block], 0, math.inf, ""
    missed, lost = np.zeros_like(begin), False
    while told.size:
        message = "the climb to the largest likelihood did not settle"
        if known.absurd and taken:
            away = known.absurd(beta)
        move, edge = np.zeros(beta.size), now.at_edge and taken > 0
        try:
            if taken > _SOON and not away.any():
                away[told] = find_vanished(now.information[block], start=begin)
            if not (edge or away.any()):
                move[told] = _newton_move(now.information[block], missed, now.score[told])
        except np.linalg.LinAlgError:
            away[told], lost = True, True
        if edge or away.any():
            message = _AT_EDGE if now.at_edge else _without_end(away, known.intercepts)
            break
        promised = float(now.score @ move) / unit
        settled = promised < known.enough or _ROUNDING > promised > known.steady * before
        halt = (settled and taken) or taken == _STEPS
        step = None if halt else _step(likelihood, beta, now, move)
        if step is None and missed.any() and not halt:
            missed = np.zeros_like(begin)  # what was learnt may be what leads astray
            continue
        if step is None:
            message = "" if promised < _ROUNDING else message
            break
        if known.rough:
            move, change = (step[0] - beta)[told], (now.score - step[1].score)[told]
            slopes = (now.information + step[1].information)[block] / 2 + missed
            missed += learn_slopes(change, slopes=slopes, move=move)
        (beta, now), taken, before = step, taken + 1, promised
    return Climb(beta=beta, end=now, iterations=taken, away=away, lost=lost, message=message)


def _without_end(away: NDArray[np.bool_], intercepts: int) -> str:
    covariates = np.flatnonzero(away) - intercepts
    which = ", ".join(str(one) for one in covariates if one >= 0) or "none: the intercept"
    return f"the likelihood rises without end along covariate {which}"
