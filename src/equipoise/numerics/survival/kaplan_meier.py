"""Survival by product limit, with its intervals and quantiles."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_weights
from equipoise.numerics.event_counts import EventCounts, count_events
from equipoise.numerics.risk_sets import (
    Counts,
    RiskSets,
    count_rows,
    find_risk_sets,
    sum_clustered_squares,
    sum_over_risk_sets,
)
from equipoise.numerics.survival.survival_scales import Band, Interval, survival_limits

_FLAT = 2.0**-26  # a survival this close to the quantile's level lies on it (R survival 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class KaplanMeier:
    """Survival after each distinct time, shape (m,); `n` rows, `n_events` events.

    `at_risk` counts those at risk just before the time. `jackknife` is the variance of rows that
    have weights or clusters, by the infinitesimal jackknife. `message` is empty unless late entry
    brings the curve to 0 too early.
    """

    n: int
    n_events: int
    time: NDArray[np.float64]
    at_risk: NDArray[np.signedinteger]
    events: NDArray[np.signedinteger]
    censored: NDArray[np.signedinteger]
    survival: NDArray[np.float64]
    jackknife: NDArray[np.float64] | None = None
    message: str = ""

    @property
    def robust(self) -> bool:
        """Whether rows have weights or clusters."""
        return self.jackknife is not None

    @property
    def greenwood(self) -> NDArray[np.float64]:
        """The variance of survival over its square, (m,); infinite once survival is 0.

        The running sum of d/(n(n-d)), worked out anew at each asking, or the jackknife's.
        """
        if self.jackknife is not None:
            return self.jackknife
        terms = np.subtract(self.at_risk, self.events, dtype=np.float64)
        terms *= self.at_risk
        with np.errstate(divide="ignore"):
            np.divide(self.events, terms, out=terms)
        return np.cumsum(terms, out=terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalAt:
    """Survival at chosen times, shape (k,); NaN where it cannot be estimated.

    `at_risk` is that of the next observed time: with late entry, who entered by then counts.
    """

    at: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    survival: NDArray[np.float64]
    greenwood: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeQuantile:
    """A quantile of the time to event with its interval; NaN where it is not reached."""

    value: float
    lower: float
    upper: float


def estimate_kaplan_meier(
    time: ArrayLike,
    *,
    event: ArrayLike,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    repeats: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> KaplanMeier:
    """The product-limit survival of one group of patients.

    Give `event` flipped (1 - event) for the follow-up by reverse Kaplan-Meier. A row is at risk
    after its `entry` (late entry; None: from the start). `repeats` says how many equal patients a
    row stands for: everything is as if it were written so often. `weight` is what a row counts
    where it stands for itself (inverse probabilities): its variance, and that of rows in a
    `cluster`, is the infinitesimal jackknife's; `at_risk`, `events`, `censored` then count rows.
    If all at risk have the event while others are yet to enter, survival stays 0; `message` says
    so. Source: Kaplan, Meier (1958); Greenwood (1926); Therneau, Grambsch (2000) 7.2 for weights.
    """
    if entry is None and weight is None and repeats is None and cluster is None:
        return estimate_kaplan_meier_of(count_events(time, cause=event))
    sets = find_risk_sets(time, event=event, entry=entry)
    curve = _curve(count_rows(sets, repeats=repeats))
    if weight is None and cluster is None:
        return curve
    return _reweighed(curve, sets=sets, weight=weight, cluster=cluster)


def estimate_kaplan_meier_of(counts: EventCounts) -> KaplanMeier:
    """The curve of rows that were counted already, as `count_events_by_group` counts all groups."""
    return _curve(Counts(
        time=counts.time, at_risk=counts.at_risk, events=counts.events[0],
        censored=counts.censored,
    ))  # fmt: skip


def _curve(counts: Counts) -> KaplanMeier:
    n_events = int(counts.events.sum())
    return KaplanMeier(
        n=n_events + int(counts.censored.sum()),
        n_events=n_events,
        time=counts.time,
        at_risk=counts.at_risk,
        events=counts.events,
        censored=counts.censored,
        survival=_product(
            np.subtract(counts.at_risk, counts.events, dtype=np.float64), counts.at_risk
        ),
        message=_name_early_end(counts),
    )


def _product(
    left: NDArray[np.float64], at_risk: NDArray[np.signedinteger | np.float64]
) -> NDArray[np.float64]:
    """Survival by product limit, written over who is left after each time."""
    left /= at_risk
    return np.cumprod(left, out=left)


def _name_early_end(counts: Counts) -> str:
    ended = counts.at_risk == counts.events
    if not ended[:-1].any():
        return ""
    j = int(np.argmax(ended))
    return (
        f"all {counts.at_risk[j]} at risk at time {counts.time[j]:g} have the event while others "
        "are yet to enter: survival is 0 from there on; start from a later landmark"
    )


def _reweighed(
    curve: KaplanMeier, *, sets: RiskSets, weight: ArrayLike | None, cluster: ArrayLike | None
) -> KaplanMeier:
    """The curve of weighted rows, its variance by the infinitesimal jackknife over clusters."""
    amount = check_weights(weight, n=sets.last.size)
    total = sum_over_risk_sets(sets, amount=amount)
    over = curve.at_risk == curve.events  # exactly 0, whatever the weights add up to
    left: NDArray[np.float64] = np.where(over, 0.0, total.at_risk - total.events)
    with np.errstate(divide="ignore"):
        jump = np.where(over, 0.0, 1 / left)
    drift = np.cumsum(np.where(over, 0.0, jump * total.events / total.at_risk))
    variance = sum_clustered_squares(sets, weight=weight, cluster=cluster, jump=jump, drift=drift)
    ended = np.cumsum(over) > 0
    return replace(
        curve,
        survival=_product(left, total.at_risk),
        jackknife=np.where(ended, np.inf, np.maximum(variance, 0.0)),
    )


def estimate_band(
    curve: KaplanMeier, *, interval: Interval = Interval.LOG_LOG, level: float = 0.95
) -> Band:
    """The pointwise limits of the whole curve, at each of its times."""
    return survival_limits(
        curve.survival, greenwood=curve.greenwood, interval=interval, level=level
    )


def estimate_survival_at(
    curve: KaplanMeier,
    *,
    at: ArrayLike,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> SurvivalAt:
    """Survival, standard error and limits at chosen times.

    Beyond the last observed time survival is 0 if it has reached 0, else unknown: NaN. So is that
    of nobody.
    """
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("at must hold finite times, not negative")
    row = np.searchsorted(curve.time, times, side="right")
    survival = np.concatenate(([1.0], curve.survival))[row]
    greenwood = np.concatenate(([0.0], curve.greenwood))[row]
    unknown = (times > curve.time.max(initial=-1.0)) & (survival > 0)
    survival[unknown] = greenwood[unknown] = np.nan
    limits = survival_limits(survival, greenwood=greenwood, interval=interval, level=level)
    with np.errstate(invalid="ignore"):
        standard_error = survival * np.sqrt(greenwood)
    at_risk = np.concatenate((curve.at_risk, [0]))[np.searchsorted(curve.time, times, side="left")]
    return SurvivalAt(
        at=times,
        at_risk=at_risk,
        survival=survival,
        greenwood=greenwood,
        standard_error=standard_error,
        lower=limits.lower,
        upper=limits.upper,
    )


def _first_time_at_or_below(
    time: NDArray[np.float64], values: NDArray[np.float64], target: float
) -> float:
    """The time at which a falling curve reaches the target; the middle of a flat part on it."""
    with np.errstate(invalid="ignore"):
        reached = values < target + _FLAT
    if not reached.any():
        return math.nan
    time, values = time[reached], values[reached]
    later = values < values[0]
    if abs(values[0] - target) < _FLAT and later.any():
        return float((time[0] + time[np.argmax(later)]) / 2)
    return float(time[0])


def estimate_quantile(
    curve: KaplanMeier,
    *,
    probability: float = 0.5,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> TimeQuantile:
    """The time by which this share of patients has had the event (the median for 0.5).

    A limit is where a limit of the curve crosses the level. Where the curve runs flat exactly at
    it, the middle of the flat part is taken; a flat part with no drop behind it counts from its
    start, as R's print and summary have it. Source: Brookmeyer, Crowley (1982), on that scale.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    band = estimate_band(curve, interval=interval, level=level)
    target = 1 - probability
    return TimeQuantile(
        value=_first_time_at_or_below(curve.time, curve.survival, target),
        lower=_first_time_at_or_below(curve.time, band.lower, target),
        upper=_first_time_at_or_below(curve.time, band.upper, target),
    )
