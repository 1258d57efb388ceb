"""Cumulative hazard by Nelson and Aalen, with its variances, limits and survival."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_weights
from equipoise.numerics.risk_sets import (
    Counts,
    add_up,
    count_rows,
    find_risk_sets,
    sum_clustered_squares,
    sum_over_risk_sets,
)
from equipoise.numerics.survival.survival_scales import Band, Interval, survival_limits


class Ties(Enum):
    """What d events on one day among n at risk add to the hazard, and to its variance.

    AALEN: d/n and d/n^2 (Aalen 1978). BINOMIAL: d/n and d(n-d)/n^3, as if the events were drawn
    on that day (Klein 1991, equation 3). SPREAD: as if one after another, the sums of 1/k and of
    1/k^2 over k = n, n-1, ... n-d+1 (Fleming, Harrington 1984).
    """

    AALEN = "Aalen"
    BINOMIAL = "binomial"
    SPREAD = "one after another"


@dataclass(frozen=True, slots=True, kw_only=True)
class NelsonAalen:
    """Cumulative hazard after each distinct time with its variance, both of shape (m,).

    `survival` is exp(-hazard), Fleming and Harrington's. With weights or clusters the variance is
    the infinitesimal jackknife's (`robust`) and the counts are those of rows.
    """

    n: int
    n_events: int
    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    hazard: NDArray[np.float64]
    variance: NDArray[np.float64]
    survival: NDArray[np.float64]
    robust: bool


def estimate_nelson_aalen(
    time: ArrayLike,
    *,
    event: ArrayLike,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    ties: Ties = Ties.AALEN,
) -> NelsonAalen:
    """The cumulative hazard of one group of patients.

    `entry`, `weight` and `cluster` as for the Kaplan-Meier curve; the hazard goes on growing when
    everybody at risk has had the event and others enter later. Weights and clusters have but one
    variance, and their events add d/n: other `ties` are refused.
    Source: Nelson (1972); Aalen (1978); Andersen, Borgan, Gill, Keiding (1993) IV.1.
    """
    sets = find_risk_sets(time, event=event, entry=entry)
    counts = count_rows(sets)
    robust = weight is not None or cluster is not None
    if not robust:
        steps, spread = _steps(counts, ties)
        hazard, variance = np.cumsum(steps), np.cumsum(spread)
    elif ties is not Ties.AALEN:
        raise ValueError("weights and clusters go with Ties.AALEN only")
    else:
        total = sum_over_risk_sets(sets, amount=check_weights(weight, n=sets.last.size))
        hazard = np.cumsum(total.events / total.at_risk)
        variance = sum_clustered_squares(
            sets, weight=weight, cluster=cluster, jump=1 / total.at_risk,
            drift=np.cumsum(total.events / total.at_risk**2),
        )  # fmt: skip
    return NelsonAalen(
        n=sets.last.size,
        n_events=int(counts.events.sum()),
        time=counts.time,
        at_risk=counts.at_risk,
        events=counts.events,
        hazard=hazard,
        variance=np.maximum(variance, 0.0),
        survival=np.exp(-hazard),
        robust=robust,
    )


def _steps(counts: Counts, ties: Ties) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n, d = counts.at_risk.astype(np.float64), counts.events.astype(np.float64)
    if ties is Ties.AALEN:
        return d / n, d / n**2
    if ties is Ties.BINOMIAL:
        return d / n, d * (n - d) / n**3
    place = np.repeat(np.arange(n.size), counts.events)
    earlier = np.arange(place.size) - (np.cumsum(counts.events) - counts.events)[place]
    left = n[place] - earlier
    return (
        add_up(place, amount=1 / left, m=n.size),
        add_up(place, amount=1 / left**2, m=n.size),
    )


def estimate_hazard_band(
    curve: NelsonAalen, *, interval: Interval = Interval.LOG_LOG, level: float = 0.95
) -> Band:
    """The pointwise limits of the cumulative hazard at each of its times.

    `interval` is the scale of survival exp(-hazard): LOG is the hazard itself (plain limits of
    it, cut at 0), LOG_LOG its logarithm; ARCSINE is Bie, Borgan and Liestol's. An upper limit
    where survival has the limit 0 is infinite; hazard 0 has limits on LOG and PLAIN only.
    Source: Bie, Borgan, Liestol (1987).
    """
    limits = survival_limits(
        curve.survival, greenwood=curve.variance, interval=interval, level=level
    )
    with np.errstate(divide="ignore"):
        return Band(lower=-np.log(limits.upper), upper=-np.log(limits.lower))
