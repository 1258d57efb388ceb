"""Cumulative incidence of an event when another may come first."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.event_counts import count_events


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeIncidence:
    """Incidence of the event (cause 1) and of its competitor (cause 2) after each time, (m,).

    At every time incidence + competing + survival = 1. What is not told by the fields is worked
    out anew at each asking.
    """

    n: int
    n_events: int
    n_competing: int
    time: NDArray[np.float64]
    at_risk: NDArray[np.int32]
    events: NDArray[np.int32]
    competing_events: NDArray[np.int32]
    incidence: NDArray[np.float64]

    @property
    def censored(self) -> NDArray[np.int32]:
        """Who leaves at each time without an event of either kind, (m,)."""
        left = self.at_risk - self.events - self.competing_events
        left[:-1] -= self.at_risk[1:]
        return left

    @property
    def survival(self) -> NDArray[np.float64]:
        """The share free of both, (m,)."""
        kept = (self.at_risk - self.events - self.competing_events) / self.at_risk
        return np.cumprod(kept, out=kept)

    @property
    def competing(self) -> NDArray[np.float64]:
        """The incidence of the competitor, (m,)."""
        return _add_up(self.competing_events, others=self.events, at_risk=self.at_risk)

    @property
    def variance(self) -> NDArray[np.float64]:
        """The variance of `incidence` (Aalen), (m,)."""
        before = np.ones(self.time.size)
        before[1:] = self.survival[:-1]
        return aalen_variance(
            self.incidence,
            before=before,
            at_risk=self.at_risk,
            events=self.events,
            competing=self.competing_events,
        )


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
    at_risk: NDArray[Any],
    events: NDArray[Any],
    competing: NDArray[Any],
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
    at_risk: NDArray[Any],
    events: NDArray[Any],
    competing: NDArray[Any],
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
    events, competing = counts.events
    return CumulativeIncidence(
        n=int(counts.at_risk[0]),
        n_events=int(events.sum()),
        n_competing=int(competing.sum()),
        time=counts.time,
        at_risk=counts.at_risk,
        events=events,
        competing_events=competing,
        incidence=_add_up(events, others=competing, at_risk=counts.at_risk),
    )


def _add_up(
    events: NDArray[np.int32], *, others: NDArray[np.int32], at_risk: NDArray[np.int32]
) -> NDArray[np.float64]:
    """The incidence of the cause with these events, the others competing."""
    out = np.empty(events.size)
    _add_up_kernel(events, others, at_risk, out)
    return out


@njit(cache=True)
def _add_up_kernel(
    events: NDArray[np.int32],
    others: NDArray[np.int32],
    at_risk: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None:
    survival, total = 1.0, 0.0
    for k in range(out.size):
        total += survival * events[k] / at_risk[k]
        survival *= (at_risk[k] - events[k] - others[k]) / at_risk[k]
        out[k] = total


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
    left = curve.at_risk[-1] - curve.events[-1] - curve.competing_events[-1]
    unknown = (times > curve.time[-1]) & (left > 0)
    incidence, variance = curve.incidence[row - 1], curve.variance[row - 1]
    incidence[row == 0] = variance[row == 0] = 0.0
    incidence[unknown] = variance[unknown] = math.nan
    lower, upper = incidence_limits(incidence, variance=variance, level=level)
    return IncidenceAt(
        at=times,
        at_risk=np.r_[curve.at_risk, 0][np.searchsorted(curve.time, times, side="left")],
        incidence=incidence,
        standard_error=np.sqrt(variance),
        lower=lower,
        upper=upper,
    )
