"""When the planned subjects and events will have come, from the data so far, all arms together."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from equipoise.design.accrual_forecast import (
    AccrualSoFar,
    GammaPrior,
    Simulation,
    forecast_accrual,
    summarise_times,
)
from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.event_forecast import forecast_events, read_follow_up
from equipoise.design.planned_openings import choose_prior
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.design.truths import assume, find_power
from equipoise.protocol.model import Protocol
from equipoise.web.monitoring.seen import EVENT, LEFT, Seen

FEWEST_SUBJECTS, FEWEST_DAYS, FEWEST_EVENTS = 5, 60, 5
REPLICATES = 1000
LEVELS = (0.80, 0.95)
_FAR_DAYS = 20 * 365  # later than that is never, for a page

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """The central intervals of 80 and 95 percent of the counts on days from today, shape (m,)."""

    days: tuple[int, ...]
    middle: tuple[float, ...]
    lower: tuple[tuple[float, ...], ...]
    upper: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """When a number will have been reached: the median day and two intervals; None is too far."""

    number: int
    so_far: int
    median: date | None
    intervals: tuple[tuple[date | None, date | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is forecast; None where too little is known, or it can never be."""

    subjects: Reached | None
    events: Reached | None
    fan: Fan | None


def plan_events(protocol: Protocol) -> int:
    """The events that the design expects at the primary analysis."""
    plan, rates = plan_of_protocol(protocol)
    truth = assume(protocol, plan=plan)
    row = find_power(truth, protocol=protocol, rates=rates, ratio=plan.ratio)
    return round(row.events)


@lru_cache(maxsize=8)
def forecast(seen: Seen, *, subjects: int, events: int, seed: int, thought: GammaPrior) -> Forecast:
    """When `subjects` and `events` will have come in all; the same for the same seed and data.

    Sites open now go on as they did, each at a rate of its own, those that will open are like
    them (as was `thought` where too few are open to tell); the hazard of the event is constant.
    Source: Anisimov, Fedorov (2007); Bagiella, Heitjan (2001).
    """
    days = seen.days
    enough = len(days) >= FEWEST_SUBJECTS and (seen.today - days[0]).days >= FEWEST_DAYS
    if not enough:
        return Forecast(subjects=None, events=None, fan=None)
    drawn = Simulation(seed=seed, replicates=REPLICATES)
    more = max(subjects - len(days), 0)
    arrivals = np.zeros((REPLICATES, 0))
    if more:
        arrivals = _arrivals(seen, more=more, thought=thought, drawn=drawn)
    last = arrivals[:, -1] if more else np.zeros(REPLICATES)
    return Forecast(
        subjects=_reached(last, number=subjects, so_far=len(days), today=seen.today),
        events=_forecast_events(seen, events, arrivals, drawn),
        fan=_fan(arrivals, so_far=len(days)) if more else None,
    )


def _arrivals(seen: Seen, *, more: int, thought: GammaPrior, drawn: Simulation) -> Floats:
    """When further subjects come, in days; never, where no site is open or will be."""
    since = [*(own[0] for own in seen.sites), *seen.waiting]
    so_far = AccrualSoFar(
        subjects=(*(len(own) for own in seen.sites), *(0 for _ in seen.waiting)),
        open_time=tuple(float((seen.today - day).days + 1) for day in since),
        opening_in=tuple(float((day - seen.today).days) for day in seen.opening),
    )
    if not (since or seen.opening):
        return np.full((REPLICATES, more), np.inf)
    prior = choose_prior(so_far, thought=thought)
    return forecast_accrual(so_far, more=more, prior=prior, simulation=drawn).arrivals


def _forecast_events(
    seen: Seen, events: int, arrivals: Floats, drawn: Simulation
) -> Reached | None:
    """None where too few were seen, or the subjects of the trial can never have so many."""
    if seen.events < FEWEST_EVENTS:
        return None
    status = [each.status for each in seen.follow_up]
    so_far = read_follow_up(
        [float(each.days) for each in seen.follow_up],
        event=[each == EVENT for each in status],
        left=[each == LEFT for each in status],
    )
    try:
        found = forecast_events(so_far, events=events, arrivals=arrivals, simulation=drawn)
    except ImpossiblePlanError:
        return None
    return _reached(found.times, number=events, so_far=seen.events, today=seen.today)


def _reached(times: Floats, *, number: int, so_far: int, today: date) -> Reached:
    told = [summarise_times(times, level=level) for level in LEVELS]
    return Reached(
        number=number,
        so_far=so_far,
        median=_day(told[0].median, today),
        intervals=tuple((_day(each.lower, today), _day(each.upper, today)) for each in told),
    )


def _day(days: float, today: date) -> date | None:
    if not math.isfinite(days) or days > _FAR_DAYS:
        return None
    return today + timedelta(days=math.ceil(days))


def _fan(arrivals: Floats, *, so_far: int) -> Fan:
    """Up to the day by which nearly all simulated trials have all their subjects."""
    last = np.sort(arrivals[:, -1])[int(0.975 * arrivals.shape[0])]
    days = np.linspace(0.0, min(float(last), _FAR_DAYS), 25)
    counts = np.array([so_far + (arrivals <= day).sum(axis=1) for day in days])
    ends = [np.quantile(counts, [(1 - x) / 2, (1 + x) / 2], axis=1) for x in LEVELS]
    return Fan(
        days=tuple(round(day) for day in days),
        middle=tuple(map(float, np.median(counts, axis=1))),
        lower=tuple(tuple(map(float, end[0])) for end in ends),
        upper=tuple(tuple(map(float, end[1])) for end in ends),
    )
