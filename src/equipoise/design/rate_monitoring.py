"""Stopping for harm by the posterior of a rate: events for the time that patients were followed.

For events of a patient that may come again (Poisson), and for exponential times to one.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaincc, gammaln

from equipoise.design.safety_monitoring import SafetyCourse

Floats = NDArray[np.float64]
_MOST = 100_000  # events, up to which a bound is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRule:
    """Pause when the rate is above `limit` with posterior chance `certainty` or more; the prior is
    a gamma distribution, worth `events` in the time `exposure`.
    """

    limit: float
    certainty: float = 0.9
    events: float = 0.5
    exposure: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateBounds:
    """At each look after `exposure` (k,) the trial pauses at `events` (k,) or more."""

    exposure: Floats
    events: NDArray[np.int64]


def _check_rule(rule: RateRule) -> None:
    if not (rule.limit > 0 and 0 < rule.certainty < 1):
        raise ValueError("limit must be above 0, certainty between 0 and 1")
    if not min(rule.events, rule.exposure) > 0:
        raise ValueError("a gamma prior has events and exposure above 0")


def find_chance_of_rate_above(
    events: NDArray[np.int64] | int, *, exposure: float, rule: RateRule
) -> NDArray[np.float64]:
    """The posterior chance that the rate is above the limit, after events in an exposure."""
    _check_rule(rule)
    seen = np.asarray(events)
    if (seen < 0).any() or not 0 <= exposure < math.inf:
        raise ValueError(f"events and exposure must be 0 or more: {exposure:g}")
    return np.asarray(gammaincc(rule.events + seen, (rule.exposure + exposure) * rule.limit))


def find_rate_bounds(rule: RateRule, *, exposure: ArrayLike) -> RateBounds:
    """The fewest events at each look that pause the trial. Source: as `find_safety_bounds`."""
    looks = np.asarray(exposure, dtype=np.float64)
    if looks.ndim != 1 or not looks.size or not (np.diff(looks, prepend=0.0) > 0).all():
        raise ValueError("exposure must be a flat array of times above 0 that grow")
    fewest = [_find_fewest(rule, float(time)) for time in looks]
    return RateBounds(exposure=looks, events=np.array(fewest, dtype=np.int64))


def _find_fewest(rule: RateRule, exposure: float) -> int:
    """By halves: the chance grows with the events."""
    low, high = 0, 1
    while not _pauses(high, exposure, rule):
        low, high = high, 2 * high
        if high > _MOST:
            raise ValueError(
                f"more than {_MOST} events in {exposure:g}: give the rate a wider unit"
            )
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _pauses(middle, exposure, rule) else (middle + 1, high)
    return low


def _pauses(events: int, exposure: float, rule: RateRule) -> bool:
    return bool(find_chance_of_rate_above(events, exposure=exposure, rule=rule) >= rule.certainty)


def find_rate_course(bounds: RateBounds, *, rate: float) -> SafetyCourse:
    """What the bounds do where the true rate is `rate`; patients are told as exposure.

    Exact: the chances of every number of events below a bound are carried from look to look.
    """
    if not 0 <= rate < math.inf:
        raise ValueError(f"rate must be finite and 0 or more, not {rate}")
    going, total, before = np.ones(1), 0.0, 0.0  # chances of 0, 1, ... events, their sum of events
    pauses = np.zeros(bounds.exposure.size)
    exposed = events = 0.0
    for look, (time, most) in enumerate(zip(bounds.exposure, bounds.events, strict=True)):
        mean = rate * (float(time) - before)
        chance = float(going.sum())
        step = _poisson(mean, int(most))
        goes_on = np.convolve(going, step)[: int(most)] if most else np.zeros(0)
        summed = total + mean * chance
        kept = float(np.arange(goes_on.size) @ goes_on)
        pauses[look] = chance - float(goes_on.sum())
        last = look == pauses.size - 1
        exposed += float(time) * (chance if last else pauses[look])
        events += summed if last else summed - kept
        going, total, before = goes_on, kept, float(time)
    return SafetyCourse(
        pauses=pauses, chance=float(pauses.sum()), expected_patients=exposed,
        expected_events=events,
    )  # fmt: skip


def _poisson(mean: float, count: int) -> Floats:
    """The chances of 0 to count - 1 events."""
    k = np.arange(count)
    if mean == 0:
        return np.asarray(k == 0, dtype=np.float64)
    return np.asarray(np.exp(k * math.log(mean) - mean - gammaln(k + 1)))


def find_predictive_chance_of_rate(
    events: int, *, exposure: float, at: float, rule: RateRule
) -> float:
    """The chance that the rule pauses at the look after the exposure `at`, from what is seen.

    The events to come are negative binomial.
    """
    find_chance_of_rate_above(events, exposure=exposure, rule=rule)
    if not exposure <= at < math.inf:
        raise ValueError(f"a look after {at:g} is past: {exposure:g} are in")
    more = _find_fewest(rule, at) - events
    if more <= 0:
        return 1.0
    share = (at - exposure) / (rule.exposure + at)
    return float(betainc(more, rule.events + events, share))


def find_chance_of_rate_ratio(
    one: tuple[float, float], *, other: tuple[float, float], above: float = 1.0
) -> float:
    """The chance that the ratio of two gamma-distributed rates is above a value.

    Each rate is its events and exposure, prior included: `other` is divided by. Source: the ratio
    of two gamma variables is that of beta's parts.
    """
    if min(*one, *other) <= 0 or not above > 0:
        raise ValueError("events, exposure and above must be above 0")
    (a1, b1), (a0, b0) = one, other
    return float(betainc(a0, a1, b0 / (b0 + above * b1)))
