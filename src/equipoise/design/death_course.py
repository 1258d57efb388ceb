"""Death beside the first event: illness and death whose first event keeps the law it has alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from equipoise.design.event_laws import survival_at, time_of_survival
from equipoise.simulate.trial_model import Hazard, IllnessDeath, Law

Floats = NDArray[np.float64]
_PIECES, _RARE = 48, 0.005  # of the progression's hazard; the share without event they reach to
_LONGEST = 1_200.0  # months
_STRAY = 0.02
_NORMAL = np.linspace(-7.0, 7.0, 113)  # the trapezoidal rule is exact to 1e-12 here
_WEIGHTS = np.exp(-0.5 * _NORMAL**2) / np.exp(-0.5 * _NORMAL**2).sum()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaths:
    """Deaths a month before the first event and after it, and what patients differ by.

    `frailty` is the standard deviation of the log hazard of progression; that of death after it
    moves half as much (D8.2), so that who progresses early dies early.
    """

    before: float
    after: float
    frailty: float

    @property
    def spread(self) -> tuple[float, float, float]:
        """The standard deviations of the log hazards: progression, death before, death after."""
        return self.frailty, 0.0, self.frailty / 2


@lru_cache(maxsize=256)
def add_deaths(laws: tuple[Law, ...], *, deaths: Deaths) -> tuple[IllnessDeath, ...]:
    """Courses of illness and death whose first event (progression or death) has these laws.

    Exactly at 48 times, with a hazard of progression between them that is constant; where nobody
    has the event for a while (between scans) those who die before it make up for it until
    then, by 2 in 100. ValueError where they are more.
    """
    last = max(min(time_of_survival(law, survival=_RARE), _LONGEST) for law in laws)
    cuts = {cut for law in laws if isinstance(law, Hazard) for cut in law.cuts if cut < last}
    even = (last * (place / _PIECES) ** 2 for place in range(1, _PIECES + 1))
    knots = np.array([0.0, *sorted({*cuts, *even})])
    return tuple(_add(law, knots, deaths) for law in laws)


def _add(law: Law, knots: Floats, deaths: Deaths) -> IllnessDeath:
    """Total hazards of progression that, averaged over patients, leave the law's share."""
    alive = np.array([survival_at(law, time=float(knot)) for knot in knots])
    wanted = alive * np.exp(deaths.before * knots)
    share = np.minimum.accumulate(wanted)
    if np.any(wanted - share > _STRAY):
        first = knots[wanted - share > _STRAY][0]
        raise ValueError(
            f"by month {first:g} fewer progress or die in all than die before progression, "
            f"{deaths.before:g} a month"
        )
    total = np.array([_total_hazard(float(one), deaths.frailty) for one in share])
    rates = np.maximum(np.diff(total), 0.0) / np.diff(knots)
    return IllnessDeath(
        progression=Hazard(rates=tuple(map(float, rates)), cuts=tuple(map(float, knots[1:-1]))),
        death_before=Hazard(rates=(deaths.before,)),
        death_after=Hazard(rates=(deaths.after,)),
    )


def _total_hazard(share: float, frailty: float) -> float:
    """The total hazard of the average patient after which this share of all is left."""
    plain = -math.log(min(share, 1.0))
    if plain == 0 or frailty == 0:
        return plain
    scale = _scales(frailty)

    def excess(log: float) -> float:
        return float(_WEIGHTS @ np.exp(-math.exp(log) * scale)) - share

    return math.exp(float(brentq(excess, math.log(plain) - 1.0, math.log(plain) + 50.0)))


def _scales(frailty: float) -> Floats:
    """By what the hazard of a patient is multiplied, at each point of the normal law."""
    return np.asarray(np.exp(frailty * _NORMAL - frailty**2 / 2))


def survive(course: IllnessDeath, *, times: Sequence[float], deaths: Deaths) -> Floats:
    """The share alive at times that rise from 0: closed form in each piece and patient."""
    progression = course.progression
    assert isinstance(progression, Hazard)
    stops = sorted({0.0, *times, *(cut for cut in progression.cuts if cut < max(times))})
    place = np.searchsorted(progression.cuts, stops[:-1], side="right")
    ill, free = np.zeros(_NORMAL.size), np.ones(_NORMAL.size)
    dying = deaths.after * _scales(deaths.frailty / 2)
    found = {0.0: 1.0}
    for (start, end), code in zip(pairwise(stops), place, strict=True):
        rate = progression.rates[code] * _scales(deaths.frailty)
        stay = np.exp(-(rate + deaths.before) * (end - start))
        gone = np.exp(-dying * (end - start))
        ill = ill * gone + free * rate * _convolve(rate + deaths.before, dying, end - start)
        free = free * stay
        found[end] = float(_WEIGHTS @ (ill + free))
    return np.array([found[time] for time in times])


def _convolve(leave: Floats, die: Floats, time: float) -> Floats:
    """The integral of exp(-leave u) exp(-die (time - u)) from 0 to `time`."""
    apart = np.abs(leave - die) * time
    safe = np.where(apart < 1e-8, 1.0, apart)
    ratio = np.where(apart < 1e-8, 1 - apart / 2, -np.expm1(-safe) / safe)
    return np.asarray(time * np.exp(-np.minimum(leave, die) * time) * ratio)


def hazard_of_death(course: IllnessDeath, *, deaths: Deaths) -> Hazard:
    """The hazard of death whatever came before, in pieces that leave the exact share alive."""
    progression = course.progression
    assert isinstance(progression, Hazard)
    ends = (*progression.cuts, progression.cuts[-1] + 120.0)
    alive = -np.log(np.array([1.0, *survive(course, times=ends, deaths=deaths)]))
    rates = np.diff(alive) / np.diff([0.0, *ends])
    return Hazard(rates=tuple(map(float, rates)), cuts=progression.cuts)


@lru_cache(maxsize=256)
def die_by(law: Law, *, median: float, deaths: Deaths) -> Deaths:
    """The same deaths with as many after progression as let half of the arm live to `median`.

    ValueError where no number does.
    """
    (course,) = add_deaths((law,), deaths=deaths)

    def alive(log: float) -> float:
        other = replace(deaths, after=math.exp(log))
        return float(survive(course, times=[median], deaths=other)[0])

    if not alive(-14.0) > 0.5 > alive(3.0):
        raise ValueError(
            f"no number of deaths after progression gives a median of {median:g} months: at once "
            f"after it, {alive(3.0):.0%} would live so long, with none {alive(-14.0):.0%}"
        )
    after = math.exp(float(brentq(lambda log: alive(log) - 0.5, -14.0, 3.0, xtol=1e-12)))
    return replace(deaths, after=after)
