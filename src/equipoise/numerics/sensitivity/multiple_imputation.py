"""Estimates of several completed data sets as one, and the completing of censored times."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from equipoise.numerics.checks import check_level, check_times
from equipoise.numerics.survival.kaplan_meier import KaplanMeier


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """The mean estimate with its interval and p by Student's t on `degrees_of_freedom`.

    `within` is the mean variance, `between` the variance of the estimates; `missing_information`
    is the share of information that the missing values take.
    """

    value: float
    standard_error: float
    lower: float
    upper: float
    p_value: float
    degrees_of_freedom: float
    within: float
    between: float
    missing_information: float


def pool_estimates(
    estimates: ArrayLike,
    *,
    variances: ArrayLike,
    complete_degrees_of_freedom: float = math.inf,
    level: float = 0.95,
) -> Pooled:
    """One answer from `estimates` and their `variances`, shape (imputations,), two or more.

    `complete_degrees_of_freedom` are those without missing values (infinite for large samples).
    Where all estimates are equal nothing is missing: the degrees of freedom are the complete ones.
    Source: Rubin (1987), 3.1; degrees of freedom by Barnard, Rubin (1999).
    """
    values = np.ravel(np.asarray(estimates, dtype=np.float64))
    spread = np.ravel(np.asarray(variances, dtype=np.float64))
    check_level(level)
    if values.size < 2 or values.shape != spread.shape:
        raise ValueError(f"{values.size} estimates and {spread.size} variances: two or more each")
    if not (np.isfinite(values).all() and np.isfinite(spread).all() and (spread > 0).all()):
        raise ValueError("estimates must be finite, variances finite and above 0")
    m, within, between = values.size, float(spread.mean()), float(values.var(ddof=1))
    total = within + (1 + 1 / m) * between
    lost = (1 + 1 / m) * between / total
    df = _degrees_of_freedom(m, lost, complete_degrees_of_freedom)
    increase = (1 + 1 / m) * between / within
    value, error = float(values.mean()), math.sqrt(total)
    width = -float(stdtrit(df, (1 - level) / 2)) * error
    return Pooled(
        value=value,
        standard_error=error,
        lower=value - width,
        upper=value + width,
        p_value=float(2 * stdtr(df, -abs(value / error))),
        degrees_of_freedom=df,
        within=within,
        between=between,
        missing_information=(increase + 2 / (df + 3)) / (increase + 1),
    )


def _degrees_of_freedom(m: int, lost: float, complete: float) -> float:
    """Barnard and Rubin (1999), equation 3; Rubin's own for infinite complete ones."""
    old = (m - 1) / lost**2 if lost > 0 else math.inf
    if math.isinf(complete):
        return old
    observed = (complete + 1) / (complete + 3) * complete * (1 - lost)
    return observed if math.isinf(old) else old * observed / (old + observed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Times with the censored ones drawn on, shape (n,): `event` 0 where none came in time."""

    time: NDArray[np.float64]
    event: NDArray[np.int64]


def complete_times(
    time: ArrayLike,
    *,
    donor: KaplanMeier,
    uniform: ArrayLike,
    hazard_ratio: float = 1.0,
    horizon: float = math.inf,
) -> Completed:
    """For each censored `time` (n,) a time of the event after it, drawn from the donors' curve.

    After the censoring the hazard is `hazard_ratio` times the donors', so S(t)/S(c) to that power
    is the chance to be free of the event at t. `uniform` (n,) lies strictly between 0 and 1. Where
    the curve ends (or `horizon` comes) before the event, the time is censored there; where the
    curve has reached 0 before the censoring it says nothing: the time stays as it was.
    Source: Lipkovich, Ratitch, O'Kelly (2016), delta-adjusted Kaplan-Meier imputation; Taylor et
    al. (2002).
    """
    censored = check_times(time)
    chance = np.ascontiguousarray(uniform, dtype=np.float64)
    if chance.shape != censored.shape or not ((chance > 0) & (chance < 1)).all():
        raise ValueError("uniform must hold one number between 0 and 1 for each time")
    if not (math.isfinite(hazard_ratio) and hazard_ratio > 0):
        raise ValueError(f"hazard_ratio must be finite and above 0, not {hazard_ratio}")
    survival = np.r_[1.0, donor.survival]
    reached = survival[np.searchsorted(donor.time, censored, side="right")]
    target = reached * chance ** (1 / hazard_ratio)
    place = np.searchsorted(-donor.survival, -target, side="left")
    ends = min(float(donor.time[-1]), horizon)
    drawn = np.r_[donor.time, np.inf][place]
    event = (place < donor.time.size) & (drawn <= horizon) & (reached > 0)
    completed = np.where(event, drawn, np.maximum(censored, ends))
    completed = np.where(reached > 0, completed, censored)
    return Completed(time=completed, event=event.astype(np.int64))
