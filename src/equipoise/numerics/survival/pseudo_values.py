"""Pseudo-values: what each patient adds to survival or to the mean time, and their regression."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import scipy  # its linalg is loaded when it is first used
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr

from equipoise.numerics.checks import (
    check_codes,
    check_covariates,
    check_times,
    sum_by_cluster,
)
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.event_counts import count_events, rank_times

FloatArray = NDArray[np.float64]
_STEPS, _CLOSE = 100, 1e-13
_NEAR = 0.05  # a step of the linear predictor
_LEVEL = 1e-12  # of the bend where the slope is steepest: who has no more may run away


class Link(Enum):
    """The scale on which covariates add up.

    For survival IDENTITY gives differences, LOG ratios, LOGIT odds ratios and LOG_LOG
    (log(-log)) log hazard ratios; for a mean time IDENTITY differences and LOG ratios.
    """

    IDENTITY = "identity"
    LOG = "log"
    LOGIT = "logit"
    LOG_LOG = "log-log"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanModel:
    """Coefficients, intercept first, shape (p + 1,), with sandwich covariance and intervals.

    Where the iteration finds no solution all are NaN and `message` says so.
    """

    coefficient: FloatArray
    covariance: FloatArray
    standard_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    p_value: FloatArray
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _LeftOut:
    """The curve at each distinct time before a limit without one patient, in two parts.

    `before` (m + 1,) is survival up to position r without a patient who leaves later; `own` (n,)
    the patient's factor at the own time; `survival` (m,) of all.
    """

    time: FloatArray
    rank: NDArray[np.int64]
    before: FloatArray
    own: FloatArray
    survival: FloatArray


def _leave_out(time: ArrayLike, event: ArrayLike, limit: float) -> _LeftOut:
    times = check_times(time)
    events = check_codes(event, name="event", n=times.size, upper=1)
    counts, rank = count_events(times, cause=events), rank_times(times).rank
    m = int(np.searchsorted(counts.time, limit, side="right"))
    n, d = counts.at_risk.astype(np.float64), counts.events[0].astype(np.float64)
    fewer = np.maximum(n - 1, 1.0)
    own = np.where(n[rank] > 1, (n - d - 1)[rank] + events, 1.0) / fewer[rank]
    kept = np.where(n > 1, n - 1 - d, 1.0) / fewer
    return _LeftOut(
        time=counts.time[:m],
        rank=np.minimum(rank, m),
        before=np.asarray(np.cumprod(np.r_[1.0, kept[:m]]), dtype=np.float64),
        own=own,
        survival=np.cumprod((n - d)[:m] / n[:m]),
    )


def _follow(after: FloatArray, survival: FloatArray, last: FloatArray) -> FloatArray:
    """What follows a time for one unit of survival there; where none is left, its last part."""
    left = survival > 0
    return np.where(left, after / np.where(left, survival, 1.0), last)


def estimate_survival_pseudo_values(time: ArrayLike, *, event: ArrayLike, at: float) -> FloatArray:
    """n S(at) - (n - 1) S without the patient, for each, shape (n,); their mean is S(at).

    Exact leave-one-out values of the Kaplan-Meier curve, in the time of a sort. The curve that
    ends early without the last patient is carried on. Not for rows that enter late, whose values
    have not the mean of their own survival: take Cox's model. ValueError where `at` lies beyond
    the last time and survival is above 0. Source: Andersen, Klein, Rosthoj (2003), equation 1.
    """
    left = _leave_out(time, event, at)
    n, m = left.rank.size, left.time.size
    _require_followed(time, at, left)
    whole = left.survival[-1] if m else 1.0
    rank = np.minimum(left.rank, max(m - 1, 0))
    later = _follow(np.full(m, whole), left.survival, np.ones(m))
    after = later[rank] if m else np.ones(n)
    without = np.where(left.rank < m, left.before[rank] * left.own * after, left.before[m])
    return np.asarray(n * whole - (n - 1) * without)


def estimate_rmst_pseudo_values(time: ArrayLike, *, event: ArrayLike, horizon: float) -> FloatArray:
    """The same for the mean time without event up to the horizon; their mean is that mean.

    Source: Andersen, Hansen, Klein (2004).
    """
    if not (math.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be finite and above 0, not {horizon}")
    left = _leave_out(time, event, math.nextafter(horizon, 0.0))
    n, m = left.rank.size, left.time.size
    _require_followed(time, horizon, left)
    steps = np.diff(np.r_[0.0, left.time, horizon])
    reached = np.cumsum(steps * left.before)
    if m == 0:
        return np.full(n, horizon)
    area = steps[1:] * left.survival
    after = np.cumsum(area[::-1])[::-1]
    ahead = _follow(after, left.survival, steps[1:])
    rank = np.minimum(left.rank, m - 1)
    failed = reached[rank] + left.before[rank] * left.own * ahead[rank]
    without = np.where(left.rank < m, failed, reached[m])
    return np.asarray(n * (steps[0] + after[0]) - (n - 1) * without)


def _require_followed(time: ArrayLike, limit: float, left: _LeftOut) -> None:
    ends = float(np.max(np.asarray(time)))
    if not limit <= ends and not (left.survival.size and left.survival[-1] == 0):
        raise ValueError(
            f"the follow-up ends at {ends:g}, before {limit:g}: nothing is known there"
        )


def regress_pseudo_values(
    pseudo: ArrayLike,
    *,
    covariates: ArrayLike,
    link: Link = Link.IDENTITY,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> MeanModel:
    """How the mean of pseudo-values (or of any outcome) depends on covariates (n, p).

    An intercept comes first. Generalised estimating equations with independent rows and constant
    variance; the covariance is the sandwich over rows, or over clusters, without correction for
    small samples. ValueError names a covariate that the others determine.
    Source: Andersen, Klein, Rosthoj (2003), equations 3 to 5; Liang, Zeger (1986).
    """
    outcome = np.ascontiguousarray(pseudo, dtype=np.float64)
    if outcome.ndim != 1 or not np.isfinite(outcome).all():
        raise ValueError("pseudo must be a flat array of finite numbers")
    design = build_design(covariates, n=outcome.size)
    with np.errstate(over="ignore"):  # a step out of the floats is taken back
        found = _solve(outcome, design, link)
    untold = f"no solution was found on the {link.value} scale"
    if found is None:
        return name_no_solution(design.shape[1], level=level, message=untold)
    mean, slope, _ = _mean_of(design @ found, link)
    slopes = design * slope[:, None]
    if not is_told(slopes):
        return name_no_solution(design.shape[1], level=level, message=untold)
    turn = np.linalg.inv(np.linalg.qr(slopes, mode="r"))  # keeps digits that products would lose
    gap = find_residuals(outcome, mean=mean)
    scores = sum_by_cluster(slopes * gap[:, None], cluster=cluster)
    with np.errstate(over="ignore", invalid="ignore"):
        turned = scores @ turn @ turn.T
        covariance = turned.T @ turned
    if not np.isfinite(covariance).all():
        return name_no_solution(design.shape[1], level=level, message=untold)
    return summarise_mean_model(found, covariance=covariance, level=level)


def build_design(covariates: ArrayLike, *, n: int, leading: int = 0) -> FloatArray:
    """The covariates with an intercept before them; ValueError names a determined column.

    The first `leading` columns are not the caller's and do not count in the name.
    """
    table = check_covariates(covariates, n=n)
    design = np.column_stack([np.ones(n), table])
    scaled = design / np.maximum(np.abs(design).max(axis=0), 1e-300)
    diagonal = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    tied = np.r_[diagonal, np.zeros(design.shape[1] - diagonal.size)] < 1e-10 * math.sqrt(n)
    if tied.any():
        column = int(np.argmax(tied)) - 1 - leading
        raise ValueError(f"covariates[:, {column}] is determined by those before it: leave it out")
    return design


def find_residuals(outcome: FloatArray, *, mean: FloatArray) -> FloatArray:
    """Outcome less mean; what is rounding is 0, so that outcomes without spread have no test."""
    gap = outcome - mean
    return np.where(np.abs(gap) > 1e-11 * np.abs(outcome).max(), gap, 0.0)


def is_told(weighted: FloatArray) -> bool:
    """Whether the weighted rows of a design tell each of its columns apart."""
    scaled = weighted / np.maximum(np.abs(weighted).max(axis=0, initial=0.0), 1e-300)
    return bool(np.isfinite(scaled).all() and np.linalg.matrix_rank(scaled) == weighted.shape[1])


def name_no_solution(columns: int, *, level: float, message: str) -> MeanModel:
    """The model of which nothing is known, and why."""
    nothing = np.full(columns, math.nan)
    covariance = np.outer(nothing, nothing)
    return summarise_mean_model(nothing, covariance=covariance, level=level, message=message)


def summarise_mean_model(
    coefficient: FloatArray, *, covariance: FloatArray, level: float, message: str = ""
) -> MeanModel:
    """The model with what follows from coefficients and covariance."""
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    width = normal_quantile(level) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(error > 0, coefficient / error, math.nan)
    return MeanModel(
        coefficient=coefficient,
        covariance=covariance,
        standard_error=error,
        lower=coefficient - width,
        upper=coefficient + width,
        z=z,
        p_value=2 * ndtr(-np.abs(z)),
        message=message,
    )


def _mean_of(linear: FloatArray, link: Link) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The mean on its own scale, its slope in the linear predictor, and that one's slope."""
    if link is Link.IDENTITY:
        return linear, np.ones_like(linear), np.zeros_like(linear)
    if link is Link.LOGIT:
        mean = np.asarray(expit(linear))
        slope = mean * (1 - mean)
        return mean, slope, slope * (1 - 2 * mean)
    grown = np.exp(np.minimum(linear, 700.0))
    if link is Link.LOG:
        return grown, grown, grown
    mean = np.exp(-grown)
    slope = -grown * mean
    return mean, slope, slope * (1 - grown)


def _start(mean: float, link: Link) -> float:
    inside = min(max(mean, 0.01), 0.99)
    if link is Link.LOG:
        return math.log(max(mean, 1e-3))
    return math.log(inside / (1 - inside)) if link is Link.LOGIT else math.log(-math.log(inside))


def _newton_step(
    design: FloatArray, gap: FloatArray, slope: FloatArray, bend: FloatArray
) -> FloatArray | None:
    """Newton's step to the least squares; None where they are not convex, or hardly bend."""
    curved = (design.T * (slope**2 - gap * bend)) @ design
    factor, step, failed = scipy.linalg.lapack.dposv(curved, (gap * slope) @ design)
    reach = (design**2).sum(axis=0) * np.max(slope**2)
    return None if failed or (factor.diagonal() ** 2 < _LEVEL * reach).any() else step


def _solve(outcome: FloatArray, design: FloatArray, link: Link) -> FloatArray | None:
    """Fisher scoring, near the end Newton's steps, halved while the squares do not fall.

    None where it does not settle.
    """
    if link is Link.IDENTITY:
        return np.asarray(np.linalg.lstsq(design, outcome, rcond=None)[0])
    found = np.r_[_start(float(outcome.mean()), link), np.zeros(design.shape[1] - 1)]
    mean, slope, bend = _mean_of(design @ found, link)
    squares, near = np.sum((outcome - mean) ** 2), False
    for _ in range(_STEPS):
        step = _newton_step(design, outcome - mean, slope, bend) if near else None
        if step is None:
            slopes = design * slope[:, None]
            gradient = slopes.T @ (outcome - mean)
            step = np.asarray(np.linalg.lstsq(slopes.T @ slopes, gradient, rcond=None)[0])
        share, after = 1.0, squares
        while share > 1e-6:
            mean, slope, bend = _mean_of(design @ (found + share * step), link)
            after = np.sum((outcome - mean) ** 2)
            if after <= squares * (1 + 1e-14):
                break
            share /= 2
        found, squares = found + share * step, after
        if np.abs(step).max() <= _CLOSE * max(1.0, float(np.abs(found).max())):
            settled = np.abs(slope).max() > 1e-8 * np.abs(outcome).max()  # else it ran away
            return found if settled and np.isfinite(found).all() else None
        near = bool(np.abs(design @ step).max() < _NEAR)
    return None
