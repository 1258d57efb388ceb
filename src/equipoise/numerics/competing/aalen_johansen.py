"""Cumulative incidence of an event when another may come first."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.event_counts import count_events


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeIncidence:
    """Incidence of the event (cause 1) and of its competitor (cause 2) after each time, (m,).

    `survival` is the share free of both, `variance` that of `incidence` (Aalen). At every time
    incidence + competing + survival = 1.
    """

    n: int
    n_events: int
    n_competing: int
    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    competing_events: NDArray[np.int64]
    censored: NDArray[np.int64]
    incidence: NDArray[np.float64]
    competing: NDArray[np.float64]
    survival: NDArray[np.float64]
    variance: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceAt:
    """Incidence at chosen times, shape (k,); NaN beyond the follow-up."""

    at: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    incidence: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def aalen_variance(
    incidence: NDArray[np.float64],
    *,
    before: NDArray[np.float64],
    at_risk: NDArray[np.float64],
    events: NDArray[np.float64],
    competing: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Variance of the incidence at every time, by running sums of powers.

    Aalen (1978), with R = S(t_j-)/S(t_j), the two causes independent, as cmprsk has it:
    sum over t_j <= t of (S(t_j-) - (F(t) - F(t_j)) R)^2 V1 + ((F(t) - F(t_j)) R)^2 V2,
    Vk = dk (n - dk) / (n^2 (n - 1)), hypergeometric for ties.
    """
    out = np.empty(incidence.size)
    _aalen_variance_kernel(incidence, before, at_risk, events, competing, out)
    return out


@njit(cache=True)
def _aalen_variance_kernel(
    incidence: NDArray[np.float64],
    before: NDArray[np.float64],
    at_risk: NDArray[np.float64],
    events: NDArray[np.float64],
    competing: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """In one pass, so that a curve of many times needs no memory beside its own."""
    square, square_f, square_ff, cross, cross_f, own = np.zeros(6)
    for k in range(incidence.size):
        n, f, d, c = at_risk[k], incidence[k], events[k], competing[k]
        left = n - d - c
        jump = n / max(left, 1.0) if left > 0.0 else 0.0
        scale = n**2 * max(n - 1.0, 1.0)
        v1, v2 = d * (n - d) / scale, c * (n - c) / scale
        step, mixed = jump**2 * (v1 + v2), before[k] * jump * v1
        square += step
        square_f += step * f
        square_ff += step * f**2
        cross += mixed
        cross_f += mixed * f
        own += before[k] ** 2 * v1
        total = f**2 * square - 2 * f * square_f + square_ff - 2 * (f * cross - cross_f) + own
        out[k] = max(total, 0.0)


def estimate_incidence(time: ArrayLike, *, cause: ArrayLike) -> CumulativeIncidence:
    """The cumulative incidence of cause 1 with cause 2 competing, in one group.

    `cause` is 0 censored, 1 event, 2 competing; on one day events of either kind come before
    censorings. Source: Aalen, Johansen (1978).
    """
    counts = count_events(time, cause=cause, causes=2)
    at_risk = counts.at_risk.astype(np.float64)
    events, competing = counts.events.astype(np.float64)
    both = events + competing
    survival = np.cumprod((at_risk - both) / at_risk)
    before = np.r_[1.0, survival[:-1]]
    incidence = np.cumsum(before * events / at_risk)
    return CumulativeIncidence(
        n=int(at_risk[0]),
        n_events=int(events.sum()),
        n_competing=int(competing.sum()),
        time=counts.time,
        at_risk=counts.at_risk,
        events=counts.events[0],
        competing_events=counts.events[1],
        censored=counts.censored,
        incidence=incidence,
        competing=np.cumsum(before * competing / at_risk),
        survival=survival,
        variance=aalen_variance(
            incidence, before=before, at_risk=at_risk, events=events, competing=competing
        ),
    )


def incidence_limits(
    incidence: NDArray[np.float64], *, variance: NDArray[np.float64], level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Limits of an incidence, symmetric on the log(-log) scale; NaN at incidence 0 and 1.

    Source: Kalbfleisch, Prentice (2002), 8.2, with the transform log(-log F).
    """
    inside = (incidence > 0) & (incidence < 1)
    f = np.where(inside, incidence, 0.5)
    shift = normal_quantile(level) * np.sqrt(np.where(inside, variance, 0.0)) / (f * np.log(f))
    with np.errstate(over="ignore"):  # a limit of 0 is meant
        lower, upper = f ** np.exp(-shift), f ** np.exp(shift)
    return np.where(inside, lower, np.nan), np.where(inside, upper, np.nan)


def estimate_incidence_at(
    curve: CumulativeIncidence, *, at: ArrayLike, level: float = 0.95
) -> IncidenceAt:
    """Incidence, standard error and limits at chosen times.

    Beyond the last observed time it is unknown (NaN) unless nobody is left without an event.
    """
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("at must hold finite times, not negative")
    row = np.searchsorted(curve.time, times, side="right")
    unknown = (times > curve.time[-1]) & (curve.survival[-1] > 0)
    incidence = np.where(unknown, math.nan, np.r_[0.0, curve.incidence][row])
    variance = np.where(unknown, math.nan, np.r_[0.0, curve.variance][row])
    lower, upper = incidence_limits(incidence, variance=variance, level=level)
    return IncidenceAt(
        at=times,
        at_risk=np.r_[curve.at_risk, 0][np.searchsorted(curve.time, times, side="left")],
        incidence=incidence,
        standard_error=np.sqrt(variance),
        lower=lower,
        upper=upper,
    )
