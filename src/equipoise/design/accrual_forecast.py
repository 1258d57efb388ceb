"""When the planned subjects will have come, from how they came so far, site by site."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaincinv, gammaincinv, gammaln

from equipoise.design.error_rates import impossible, refuse
from equipoise.numerics.streams import draw_uniforms
from equipoise.vocab.finding import Finding

Floats = NDArray[np.float64]
_MOST_EVEN = 1e4  # a shape from which on the sites' rates are one


class Draw(IntEnum):
    """The names of the random numbers of forecasts."""

    SITE_RATE = 7001
    ARRIVAL = 7002
    HAZARD = 7003
    SUBJECT = 7004


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Under which seed, and how often, the rest of a trial is drawn; `level` of the intervals."""

    seed: int = 1
    replicates: int = 2000
    level: float = 0.90

    def uniforms(self, draw: Draw, *, rows: int, count: int = 1) -> Floats:
        """Uniform numbers of shape (replicates, rows, count), the same whatever else is drawn."""
        replicate = np.repeat(np.arange(self.replicates), rows)
        subject = np.tile(np.arange(rows), self.replicates)
        found = draw_uniforms(
            self.seed, replicate=replicate, subject=subject, purpose=int(draw), count=count
        )
        return found.reshape(self.replicates, rows, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaPrior:
    """What was thought of a rate: as if `shape` had been counted in the time `rate`.

    The default, Jeffreys's, is worth half an event.
    """

    shape: float = 0.5
    rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccrualSoFar:
    """Subjects and time open of each site; from now, when further sites open.

    One unit of time throughout, the caller's.
    """

    subjects: tuple[int, ...]
    open_time: tuple[float, ...]
    opening_in: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeForecast:
    """How long from now: the median and the interval of the forecast, infinite where never.

    `reached` is the share of the simulated trials that get there at all.
    """

    median: float
    lower: float
    upper: float
    reached: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccrualForecast:
    """When all will have come, and the simulated arrivals from now, shape (replicates, more)."""

    complete: TimeForecast
    arrivals: Floats


def summarise_times(times: Floats, *, level: float) -> TimeForecast:
    """Median and central interval of simulated times, the infinite ones counted as late."""
    ordered = np.sort(times)
    lower, median, upper = (
        float(ordered[min(int(q * ordered.size), ordered.size - 1)])
        for q in ((1 - level) / 2, 0.5, (1 + level) / 2)
    )
    reached = float(np.isfinite(times).mean())
    return TimeForecast(median=median, lower=lower, upper=upper, reached=reached)


def find_accrual_problems(so_far: AccrualSoFar, *, prior: GammaPrior) -> Iterator[Finding]:
    """Why nothing can be forecast."""
    counts, times = so_far.subjects, so_far.open_time
    if len(counts) != len(times) or not (counts or so_far.opening_in):
        yield impossible(
            "sites", code="sites-unequal", message=f"{len(counts)} counts, {len(times)} times",
            mend="Give each open site its subjects and its time.",
        )  # fmt: skip
    elif min(counts, default=0) < 0 or not all(math.isfinite(t) and t > 0 for t in times):
        yield impossible(
            "sites", code="site-impossible", message="a count below 0, or a time not above 0",
            mend="Leave out sites that are not open yet, or give `opening_in`.",
        )  # fmt: skip
    elif sum(counts) + prior.shape <= 0:
        yield impossible(
            "sites", code="nobody-came", message="nobody has come, and nothing else is known",
            mend="Give a prior: as many subjects in as much time as was planned.",
        )  # fmt: skip
    if not all(math.isfinite(t) and t >= 0 for t in so_far.opening_in):
        yield impossible(
            "sites", code="opening-impossible", message="a site that opens before now, or never",
            mend="Count it among the open ones, or leave it out.",
        )  # fmt: skip


def forecast_pooled_accrual(
    so_far: AccrualSoFar, *, more: int, prior: GammaPrior | None = None, level: float = 0.90
) -> TimeForecast:
    """When `more` subjects will have come at one unknown rate of all sites together.

    Closed form: the time is gamma given the rate, the rate is gamma given the past, so that the
    time over the time so far is beta prime. The time so far is that of the site open longest;
    `opening_in` is not read. Source: Gajewski, Simon, Carlson (2008).
    """
    known = prior or GammaPrior()
    refuse(find_accrual_problems(so_far, prior=known))
    shape = sum(so_far.subjects) + known.shape
    past = max(so_far.open_time) + known.rate
    quantiles = np.array([(1 - level) / 2, 0.5, (1 + level) / 2])
    share = betaincinv(more, shape, quantiles)
    lower, median, upper = (float(x) for x in past * share / (1 - share))
    return TimeForecast(median=median, lower=lower, upper=upper, reached=1.0)


def fit_site_rates(so_far: AccrualSoFar) -> GammaPrior:
    """The gamma distribution of the sites' rates, by maximum likelihood of their counts.

    Where counts differ by no more than chance the shape is held at 10,000: one rate for all. With
    one site only, or none with a subject, Jeffreys's prior is all there is.
    Source: Anisimov, Fedorov (2007), section 3.
    """
    n, t = np.array(so_far.subjects), np.array(so_far.open_time)
    if n.size < 2 or n.sum() == 0:
        return GammaPrior(rate=0.0)

    def loss(point: Floats) -> float:
        shape, rate = math.exp(point[0]), math.exp(point[0] - point[1])
        return -float(
            (gammaln(shape + n) - gammaln(shape)).sum()
            + n.size * shape * math.log(rate)
            - ((shape + n) * np.log(rate + t)).sum()
        )

    mean = math.log(n.sum() / t.sum())
    found = minimize(
        loss, np.array([1.0, mean]), method="L-BFGS-B",
        bounds=[(-4.0, math.log(_MOST_EVEN)), (mean - 4, mean + 4)],
    )  # fmt: skip
    shape = math.exp(found.x[0])
    return GammaPrior(shape=shape, rate=shape / math.exp(found.x[1]))


def _draw_rates(so_far: AccrualSoFar, prior: GammaPrior, simulation: Simulation) -> Floats:
    """Rates of the open and of the further sites, shape (replicates, sites)."""
    further = len(so_far.opening_in)
    shape = prior.shape + np.array([*so_far.subjects, *[0] * further])
    rate = prior.rate + np.array([*so_far.open_time, *[0.0] * further])
    uniform = simulation.uniforms(Draw.SITE_RATE, rows=shape.size)[:, :, 0]
    return np.asarray(gammaincinv(shape, uniform) / rate)


def _arrivals(rates: Floats, openings: Sequence[float], waits: Floats) -> Floats:
    """The times of a Poisson process whose rate grows as sites open, from waits at rate 1."""
    came = np.cumsum(waits, axis=1)
    order = np.argsort(openings)
    total, reached, at = np.zeros((rates.shape[0], 1)), np.zeros((rates.shape[0], 1)), 0.0
    times = np.full(came.shape, np.inf)
    for site in order:
        reached = reached + total * (openings[site] - at)
        total, at = total + rates[:, [site]], openings[site]
        later = came >= reached
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where(later, at + (came - reached) / total, times)
    return times


def forecast_accrual(
    so_far: AccrualSoFar,
    *,
    more: int,
    prior: GammaPrior | None = None,
    simulation: Simulation | None = None,
) -> AccrualForecast:
    """When `more` subjects will have come, each site at a rate of its own.

    `prior` is the distribution of the sites' rates; without it it is fitted to them. Further sites
    open when they are said to, at rates of that distribution (refused without one).
    Source: Anisimov, Fedorov (2007); posterior rates are gamma, arrivals Poisson.
    """
    known, drawn = prior or fit_site_rates(so_far), simulation or Simulation()
    refuse(find_accrual_problems(so_far, prior=known))
    if more < 1:
        raise ValueError(f"{more} more subjects: at least 1")
    if so_far.opening_in and known.rate == 0:
        refuse(iter([impossible(
            "sites", code="new-sites-unknown",
            message="nothing is known of the rates of sites that are to open",
            mend="Give a prior, or wait until two sites have enrolled.",
        )]))  # fmt: skip
    rates = _draw_rates(so_far, known, drawn)
    waits = -np.log(drawn.uniforms(Draw.ARRIVAL, rows=more)[:, :, 0])
    openings = [*[0.0] * len(so_far.subjects), *so_far.opening_in]
    times = _arrivals(rates, openings, waits)
    return AccrualForecast(
        complete=summarise_times(times[:, -1], level=drawn.level), arrivals=times
    )
