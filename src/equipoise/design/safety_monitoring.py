"""Stopping for harm by the posterior of a share of patients with an event."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln, expit, gammaln, log_expit, ndtr

Counts = NDArray[np.int64]
_POINTS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRule:
    """Pause when the share of patients with an event is above `limit` with posterior chance
    `certainty` or more; the prior is a beta distribution of `events` and `others`.
    """

    limit: float
    certainty: float = 0.9
    events: float = 0.5
    others: float = 4.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyBounds:
    """At each look after `patients` (k,) the trial pauses at `events` (k,) or more; more than the
    patients where no number is enough.
    """

    patients: Counts
    events: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyCourse:
    """How a rule behaves at a true share: chance to pause first at each look (k,), and in all, and
    the patients and events expected when it ends.
    """

    pauses: NDArray[np.float64]
    chance: float
    expected_patients: float
    expected_events: float


def _check_rule(rule: SafetyRule) -> None:
    if not 0 < rule.limit < 1 or not 0 < rule.certainty < 1:
        raise ValueError("limit and certainty must lie between 0 and 1")
    if not min(rule.events, rule.others) > 0:
        raise ValueError("a beta prior has events and others above 0")


def _check_looks(patients: NDArray[np.int64]) -> Counts:
    looks = np.asarray(patients)
    if looks.ndim != 1 or not looks.size or not np.issubdtype(looks.dtype, np.integer):
        raise ValueError("patients must be a flat array of whole numbers, one a look")
    if (np.diff(looks, prepend=0) <= 0).any():
        raise ValueError("patients must be above 0 and grow from look to look")
    return np.asarray(looks, dtype=np.int64)


def find_chance_above(
    events: NDArray[np.int64] | int, *, patients: int, rule: SafetyRule
) -> NDArray[np.float64]:
    """The posterior chance that the share is above the limit, after events among patients."""
    _check_rule(rule)
    seen = np.asarray(events)
    if ((seen < 0) | (seen > patients)).any():
        raise ValueError(f"events must lie from 0 to {patients} patients")
    return np.asarray(1.0 - betainc(rule.events + seen, rule.others + patients - seen, rule.limit))


def find_safety_bounds(rule: SafetyRule, *, patients: NDArray[np.int64]) -> SafetyBounds:
    """The fewest events at each look that pause the trial.

    Source: Thall, Simon (1994); Spiegelhalter, Abrams, Myles (2004), chapter 6.
    """
    looks = _check_looks(patients)
    _check_rule(rule)
    fewest = [
        int(np.count_nonzero(
            find_chance_above(np.arange(n + 1), patients=int(n), rule=rule) < rule.certainty
        ))
        for n in looks
    ]  # fmt: skip
    return SafetyBounds(patients=looks, events=np.array(fewest, dtype=np.int64))


def _binomial(n: int, share: float) -> NDArray[np.float64]:
    k = np.arange(n + 1)
    if share in (0.0, 1.0):
        return np.asarray(k == n * share, dtype=np.float64)
    log_choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.asarray(np.exp(log_choose + k * math.log(share) + (n - k) * math.log1p(-share)))


def find_safety_course(bounds: SafetyBounds, *, share: float) -> SafetyCourse:
    """What the bounds do where the true share of patients with an event is `share`.

    Exact: the chances of every number of events are carried from look to look.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must lie from 0 to 1, not {share}")
    going = np.ones(1)
    before, patients, events = 0, 0.0, 0.0
    pauses = np.zeros(bounds.patients.size)
    for look, (n, most) in enumerate(zip(bounds.patients, bounds.events, strict=True)):
        now = np.convolve(going, _binomial(int(n) - before, share))
        last = look == pauses.size - 1
        ends = now if last else np.where(np.arange(now.size) >= most, now, 0.0)
        pauses[look] = now[int(most) :].sum()
        patients += float(n) * float(ends.sum())
        events += float(np.arange(now.size) @ ends)
        going, before = now - ends, int(n)
    return SafetyCourse(
        pauses=pauses, chance=float(pauses.sum()), expected_patients=patients,
        expected_events=events,
    )  # fmt: skip


def find_predictive_chance(events: int, *, patients: int, at: int, rule: SafetyRule) -> float:
    """The chance that the rule pauses at the look after `at` patients, from what is seen so far.

    The events to come are beta-binomial.
    """
    if not patients <= at:
        raise ValueError(f"a look after {at} patients is past: {patients} are in")
    find_chance_above(events, patients=patients, rule=rule)
    more = np.arange(at - patients + 1)
    chances = chances_of_more(events, patients=patients, more=at - patients, rule=rule)
    pauses = find_chance_above(events + more, patients=at, rule=rule) >= rule.certainty
    return float(chances[pauses].sum())


def chances_of_more(
    events: int, *, patients: int, more: int, rule: SafetyRule
) -> NDArray[np.float64]:
    """The chance of each number of events, from 0, among `more` patients; beta-binomial."""
    k = np.arange(more + 1)
    a, b = rule.events + events, rule.others + patients - events
    log_choose = gammaln(more + 1) - gammaln(k + 1) - gammaln(more - k + 1)
    return np.asarray(np.exp(log_choose + betaln(a + k, b + more - k) - betaln(a, b)))


def find_chance_of_higher_share(one: tuple[float, float], *, other: tuple[float, float]) -> float:
    """The chance that the first of two beta-distributed shares is the higher.

    Each is its events and others, prior included. By the trapezoidal rule over the logit of the
    second, which is exact where a smooth density falls to 0 on both sides.
    """
    if min(*one, *other) <= 0:
        raise ValueError("a beta distribution has events and others above 0")
    a, b = other
    middle, spread = math.log(a / b), 10 * math.sqrt(1 / a + 1 / b)
    s = np.linspace(middle - spread - 40 / a, middle + spread + 40 / b, _POINTS)
    log_density = a * log_expit(s) + b * log_expit(-s) - betaln(a, b)
    higher = np.where(
        s < 0, 1.0 - betainc(*one, expit(s)), betainc(one[1], one[0], expit(-s))
    )  # each from the end where the share keeps its digits
    return float(np.exp(log_density) @ higher * (s[1] - s[0]))


def find_chance_of_hazard_ratio(
    log_ratio: float, *, error: float, above: float, prior_sd: float = math.inf
) -> float:
    """The posterior chance that a hazard ratio is above a value; normal prior around 1.

    Source: Spiegelhalter, Abrams, Myles (2004), chapter 3.
    """
    if not (error > 0 and prior_sd > 0 and above > 0):
        raise ValueError("error, prior_sd and above must be above 0")
    variance = 1 / (1 / error**2 + 1 / prior_sd**2)
    mean = variance * log_ratio / error**2
    return float(ndtr((mean - math.log(above)) / math.sqrt(variance)))
