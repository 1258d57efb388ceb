"""Cumulative hazard by Nelson and Aalen, with its variances, limits and survival."""

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_weights
from equipoise.numerics.event_counts import count_events
from equipoise.numerics.risk_sets import (
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

    With weights or clusters the variance is the infinitesimal jackknife's (`robust`) and the
    counts are those of rows.
    """

    n: int
    n_events: int
    time: NDArray[np.float64]
    at_risk: NDArray[np.signedinteger]
    events: NDArray[np.signedinteger]
    hazard: NDArray[np.float64]
    variance: NDArray[np.float64]
    robust: bool

    @property
    def survival(self) -> NDArray[np.float64]:
        """exp(-hazard), Fleming's and Harrington's, (m,)."""
        return np.exp(-self.hazard)


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
    robust = weight is not None or cluster is not None
    if robust and ties is not Ties.AALEN:
        raise ValueError("weights and clusters go with Ties.AALEN only")
    if entry is None and not robust:
        met = count_events(time, cause=event)
        return _of_counts(met.time, met.at_risk, met.events[0], n=int(met.at_risk[0]), ties=ties)
    sets = find_risk_sets(time, event=event, entry=entry)
    counts = count_rows(sets)
    n = sets.last.size
    curve = _of_counts(counts.time, counts.at_risk, counts.events, n=n, ties=ties)
    if not robust:
        return curve
    total = sum_over_risk_sets(sets, amount=check_weights(weight, n=n))
    variance = sum_clustered_squares(
        sets, weight=weight, cluster=cluster, jump=1 / total.at_risk,
        drift=np.cumsum(total.events / total.at_risk**2),
    )  # fmt: skip
    return replace(
        curve,
        hazard=np.cumsum(total.events / total.at_risk),
        variance=np.maximum(variance, 0.0),
        robust=True,
    )


def _of_counts(
    time: NDArray[np.float64],
    at_risk: NDArray[np.signedinteger],
    events: NDArray[np.signedinteger],
    *,
    n: int,
    ties: Ties,
) -> NelsonAalen:
    steps, spread = _steps(at_risk.astype(np.float64), events, ties)
    return NelsonAalen(
        n=n,
        n_events=int(events.sum()),
        time=time,
        at_risk=at_risk,
        events=events,
        hazard=np.cumsum(steps, out=steps),
        variance=np.cumsum(spread, out=spread),
        robust=False,
    )


def _steps(
    n: NDArray[np.float64], d: NDArray[np.signedinteger], ties: Ties
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if ties is Ties.AALEN:
        return d / n, d / n**2
    if ties is Ties.BINOMIAL:
        return d / n, d * (n - d) / n**3
    place = np.repeat(np.arange(n.size), d)
    earlier = np.arange(place.size) - (np.cumsum(d) - d)[place]
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
