"""When the planned events will have come, from the follow-up so far of all arms together."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import gammaincinv, ndtri

from equipoise.design.accrual_forecast import (
    Draw,
    GammaPrior,
    Simulation,
    TimeForecast,
    summarise_times,
)
from equipoise.design.error_rates import impossible, refuse
from equipoise.numerics.checks import check_codes, check_times
from equipoise.vocab.finding import Finding

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class EventModel(Enum):
    """The distribution of the time to the event."""

    EXPONENTIAL = "exponential"
    WEIBULL = "weibull"


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardThought:
    """What is thought of the hazard of the event: its course, and a prior (exponential only)."""

    model: EventModel = EventModel.EXPONENTIAL
    prior: GammaPrior = field(default_factory=GammaPrior)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpSoFar:
    """Each subject's time so far, whether it ended with the event, or by leaving: shape (n,).

    Who has neither is still followed. No arm: the forecast is blind.
    """

    time: Floats
    event: Flags
    left: Flags

    @property
    def at_risk(self) -> Flags:
        """Those who are still followed."""
        return ~self.event & ~self.left


def read_follow_up(time: ArrayLike, *, event: ArrayLike, left: ArrayLike) -> FollowUpSoFar:
    """The follow-up as arrays, checked; ValueError names the first row that is wrong."""
    times = check_times(time)
    flags = [
        check_codes(codes, name=name, n=times.size, upper=1).astype(bool)
        for name, codes in (("event", event), ("left", left))
    ]
    both = flags[0] & flags[1]
    if both.any():
        raise ValueError(f"row {int(np.argmax(both))} has the event and left: one of them")
    return FollowUpSoFar(time=times, event=flags[0], left=flags[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class EventForecast:
    """When the events will have come, from now, and how many by the times `at`, shape (m,).

    `times` are those of the simulated trials, shape (replicates,), infinite where never.
    """

    reach: TimeForecast
    times: Floats
    at: Floats
    mean: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class WeibullFit:
    """Logarithms of scale and shape, their covariance (2, 2)."""

    log_scale: float
    log_shape: float
    covariance: Floats


def find_forecast_problems(
    so_far: FollowUpSoFar, *, events: int, coming: int, model: EventModel
) -> Iterator[Finding]:
    """Why the events cannot be forecast, or never come."""
    seen, possible = int(so_far.event.sum()), int(so_far.event.sum() + so_far.at_risk.sum())
    if events > possible + coming:
        yield impossible(
            "events", code="events-beyond-subjects",
            message=f"{events} events are asked for, but {seen} were seen and only "
            f"{possible - seen} subjects are followed and {coming} to come",
            mend="Enrol more, or ask for fewer.",
        )  # fmt: skip
    if model is EventModel.WEIBULL and np.unique(so_far.time[so_far.event]).size < 2:
        yield impossible(
            "model", code="too-few-events",
            message=f"{seen} events at fewer than two times tell no shape of a hazard",
            mend="Use the exponential model, with a prior.",
        )  # fmt: skip
    if so_far.time.sum() <= 0:
        yield impossible(
            "time", code="no-follow-up", message="nobody has been followed yet",
            mend="Wait, or look at the expected course of the plan.",
        )  # fmt: skip


def fit_weibull(time: Floats, *, event: Flags) -> WeibullFit:
    """Weibull's distribution by maximum likelihood, survival exp(-(t / scale)^shape).

    Needs events at two times; one at time 0 is a ValueError. Source: Kalbfleisch, Prentice (2002),
    3.6: the profile of the shape, and the observed information of the logarithms.
    """
    if (event & (time <= 0)).any():
        row = int(np.argmax(event & (time <= 0)))
        raise ValueError(f"time[{row}] is 0 with an event: count the day as half a day")
    t = time[time > 0]
    logs, deaths = np.log(t), int(event.sum())
    top = float(logs.max())
    mean_log = float(np.log(time[event]).mean())

    def slope(log_shape: float) -> float:
        weight = np.exp(math.exp(log_shape) * (logs - top))
        return float((weight * logs).sum() / weight.sum()) - math.exp(-log_shape) - mean_log

    shape = math.exp(float(brentq(slope, -8.0, 8.0, xtol=1e-13)))
    scale_log = top + math.log(float(np.exp(shape * (logs - top)).sum()) / deaths) / shape
    w = shape * (logs - scale_log)
    z = np.exp(w)
    mixed = -shape * float((z * w).sum())
    information = np.array([[shape**2 * deaths, mixed], [mixed, deaths + float((z * w * w).sum())]])
    return WeibullFit(
        log_scale=scale_log, log_shape=math.log(shape), covariance=np.linalg.inv(information)
    )


def _draw_model(
    so_far: FollowUpSoFar, thought: HazardThought, simulation: Simulation
) -> tuple[Floats, Floats, Floats]:
    """Scale and shape of the event, and the hazard of leaving, of each replicate, (r, 1)."""
    uniform = simulation.uniforms(Draw.HAZARD, rows=1, count=3)[:, 0, :]
    exposure = float(so_far.time.sum())
    leaving = gammaincinv(0.5 + so_far.left.sum(), uniform[:, 2]) / exposure
    if thought.model is EventModel.EXPONENTIAL:
        shape = thought.prior.shape + so_far.event.sum()
        hazard = gammaincinv(shape, uniform[:, 0]) / (thought.prior.rate + exposure)
        return (1 / hazard)[:, None], np.ones((hazard.size, 1)), leaving[:, None]
    fit = fit_weibull(so_far.time, event=so_far.event)
    root = np.linalg.cholesky(fit.covariance)
    log_scale, log_shape = (
        np.array([fit.log_scale, fit.log_shape])[:, None] + root @ ndtri(uniform[:, :2]).T
    )
    return np.exp(log_scale)[:, None], np.exp(log_shape)[:, None], leaving[:, None]


def forecast_events(
    so_far: FollowUpSoFar,
    *,
    events: int,
    arrivals: Floats | None = None,
    hazard: HazardThought | None = None,
    simulation: Simulation | None = None,
    at: ArrayLike = (),
) -> EventForecast:
    """When so many events in all will have come, and how many by times `at` from now.

    Those at risk go on from where they are, `arrivals` (replicates, m; of `forecast_accrual` with
    the same simulation) come and are followed; parameters are drawn from what the data leave open
    (gamma for the exponential model, the normal of log scale and log shape for Weibull's), subjects
    may leave at the pooled rate. Source: Bagiella, Heitjan (2001); Weibull: Ying, Heitjan (2008).
    """
    drawn, thought = simulation or Simulation(), hazard or HazardThought()
    coming = np.zeros((drawn.replicates, 0)) if arrivals is None else arrivals
    if coming.shape[0] != drawn.replicates:
        raise ValueError(f"arrivals of {coming.shape[0]} replicates beside {drawn.replicates}")
    refuse(
        find_forecast_problems(so_far, events=events, coming=coming.shape[1], model=thought.model)
    )
    scale, shape, leaving = _draw_model(so_far, thought, drawn)
    past = so_far.time[so_far.at_risk]
    already = np.concatenate([past, np.zeros(coming.shape[1])])
    start = np.concatenate([np.zeros((drawn.replicates, past.size)), coming], axis=1)
    uniform = drawn.uniforms(Draw.SUBJECT, rows=already.size, count=2)
    wait = scale * ((already / scale) ** shape - np.log(uniform[:, :, 0])) ** (1 / shape) - already
    gone = -np.log(uniform[:, :, 1]) / leaving
    time = np.where(wait <= gone, start + wait, np.inf)
    return _summarise(time, so_far, events, np.asarray(at, dtype=np.float64), drawn)


def _summarise(
    time: Floats, so_far: FollowUpSoFar, events: int, at: Floats, drawn: Simulation
) -> EventForecast:
    seen = int(so_far.event.sum())
    needed = events - seen
    reach = np.zeros(drawn.replicates)
    if needed > 0:
        reach = np.partition(time, needed - 1, axis=1)[:, needed - 1]
    counts = np.array([seen + (time <= one).sum(axis=1) for one in at]).reshape(
        at.size, drawn.replicates
    )
    limits = [(1 - drawn.level) / 2, (1 + drawn.level) / 2]
    if at.size:
        lower, upper = np.quantile(counts, limits, axis=1, method="inverted_cdf")
    else:
        lower = upper = np.zeros(0)
    return EventForecast(
        reach=summarise_times(reach, level=drawn.level),
        times=reach,
        at=at,
        mean=counts.mean(axis=1) if at.size else np.zeros(0),
        lower=np.asarray(lower, dtype=np.float64),
        upper=np.asarray(upper, dtype=np.float64),
    )
