"""Newton's climb to the top of a likelihood that need not be concave, and what is read there."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotrs, dsyevd

from equipoise.numerics.checks import sum_by_code

_STEPS = 100
_ENOUGH = 1e-14  # the step just made was 1e-7 standard errors, so the next is about its square
_NEAR = 1e-6  # steps that promised less than this tell by their course what the next one would
_LEAP = 1e-2  # steps that promised more than this were not near the top
_FOR_PARAMETERS = 1e-25  # in twice the log likelihood; its root is the step in standard errors
_FOR_VALUE = 1e-13
_HALVINGS = 40
_FLAT = 1e-9  # information a row along which a likelihood has no top


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """The log likelihood, its score (p,) and information (p, p), minus the second derivative."""

    value: float
    score: NDArray[np.float64]
    information: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summit:
    """Where a climb ended: parameters (p,), the slopes there, steps taken, whether it settled.

    `flat` (p,) marks parameters along which the likelihood rises without end.
    """

    parameters: NDArray[np.float64]
    slopes: Slopes
    steps: int
    settled: bool
    flat: NDArray[np.bool_]


def _axes(information: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The eigenvalues, the least first, and the eigenvectors (in columns)."""
    roots, axes, failed = dsyevd(information)
    if failed != 0:
        raise np.linalg.LinAlgError("the information has no eigenvalues")
    return roots, axes


def _move(slopes: Slopes) -> NDArray[np.float64]:
    """Newton's step; uphill too where the likelihood is not concave."""
    factor, failed = dpotrf(slopes.information)
    if failed == 0:
        return np.asarray(dpotrs(factor, slopes.score)[0])
    roots, axes = _axes(slopes.information)
    size = np.maximum(np.abs(roots), 1e-12 * max(float(np.abs(roots).max()), 1e-300))
    return np.asarray(axes @ ((axes.T @ slopes.score) / size))


def _flat(slopes: Slopes, rows: float) -> NDArray[np.bool_]:
    if not math.isfinite(slopes.value) or slopes.score.size == 0:
        return np.zeros(slopes.score.size, dtype=np.bool_)
    roots, axes = _axes(slopes.information)
    gone = np.abs(axes[:, roots < _FLAT * rows])
    if gone.size == 0:
        return np.zeros(slopes.score.size, dtype=np.bool_)
    return np.asarray((gone > 0.01 * gone.max(axis=0)).any(axis=1))


def _is_last(promised: float, before: float, enough: float) -> bool:
    """Whether the step after this one would promise less than `enough`, or nearly nothing.

    Near the top what steps promise shrinks by its square, and this one and the one before tell how
    fast. A leap does not: it may end where a likelihood rises without end, but hardly any more.
    """
    near = min(before, _LEAP)
    return promised < _ENOUGH or (promised < _NEAR and promised**3 < enough * near**2)


def climb_uneven(
    evaluate: Callable[[NDArray[np.float64]], Slopes],
    *,
    start: NDArray[np.float64],
    rows: float,
    first: Slopes | None = None,
    longest: NDArray[np.float64] | None = None,
    at_last: Callable[[NDArray[np.float64]], Slopes] | None = None,
) -> Summit:
    """The parameters of largest likelihood by Newton's steps, halved until it does not fall.

    `evaluate` may return a value of -inf where the parameters are impossible; `rows` is the
    weight of all rows, against which information is called none; `first` the slopes at the start,
    where known. Where a step leads down, no parameter changes by more than its `longest` in the
    next. The climb ends where a further step would promise nothing to speak of. `at_last` looks at
    the last step in place of `evaluate` where its slopes are of another model, and only the value
    is asked for.
    """
    at, now, settled, taken = start, first or evaluate(start), start.size == 0, 0
    before = 0.0  # what the step before promised
    while taken < _STEPS and not settled and math.isfinite(now.value):
        move = _move(now)
        with np.errstate(over="ignore", invalid="ignore"):
            promised = float(now.score @ move)
        if not math.isfinite(promised):  # the information has left the floats: there is no step
            break
        last = _is_last(promised, before, _FOR_PARAMETERS if at_last is None else _FOR_VALUE)
        look = evaluate if at_last is None or not last else at_last
        slack = 1e-12 * max(1.0, abs(now.value))
        for _ in range(_HALVINGS):
            after = look(at + move)
            if after.value >= now.value - slack:
                break
            move = move / (2.0 if longest is None else max(2.0, (np.abs(move) / longest).max()))
        else:
            break
        at, now, taken, settled, before = at + move, after, taken + 1, last, promised
    flat = _flat(now, rows)
    return Summit(
        parameters=at, slopes=now, steps=taken, settled=settled and not flat.any(), flat=flat
    )


def invert_information(top: Summit) -> NDArray[np.float64]:
    """The covariance of the parameters at a top; NaN where there is none."""
    if not math.isfinite(top.slopes.value) or top.parameters.size == 0:
        return np.full_like(top.slopes.information, np.nan)
    roots, axes = _axes(top.slopes.information)
    if not (roots > np.finfo(np.float64).tiny).all():
        return np.full_like(top.slopes.information, np.nan)
    return np.asarray((axes / roots) @ axes.T)


def cluster_covariance(
    scores: NDArray[np.float64], *, inverse: NDArray[np.float64], code: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The sandwich: inverse . sum over clusters of (score score') . inverse.

    `scores` (m, p) are shares of the score, each with the `code` of its cluster; no correction for
    few clusters. Source: Lin, Wei (1989); Lee, Wei, Amato (1992).
    """
    summed = sum_by_code(scores, code=code) @ inverse
    return np.asarray(summed.T @ summed)
