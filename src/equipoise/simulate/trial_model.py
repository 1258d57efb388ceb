"""Two-arm trials as assumptions: who comes when, what happens to them, when it is looked at.

Time has any unit, the same everywhere. Arm 0 is control, arm 1 the experimental arm.
"""

import math
from dataclasses import dataclass, field
from enum import Enum

from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington, ModestlyWeighted

NEVER = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """A hazard in pieces: rates[j] from cuts[j - 1] (0 for the first) on.

    Delayed and crossing effects are two such hazards. `cured` is the share that never has the
    event; the others have this hazard.
    """

    rates: tuple[float, ...]
    cuts: tuple[float, ...] = ()
    cured: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weibull:
    """Survival exp(-(t / scale)**shape) of those who are not cured."""

    shape: float
    scale: float
    cured: float = 0.0


Law = Hazard | Weibull
NO_EVENT = Hazard(rates=(0.0,))


@dataclass(frozen=True, slots=True, kw_only=True)
class IllnessDeath:
    """Progression and death: before it, and after it by a clock that progression starts."""

    progression: Law
    death_before: Law
    death_after: Law


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """How many come: from knots[j] to knots[j + 1] the rate goes from start[j] to end[j], evenly.

    The number of subjects is given, so that only the course of the rates matters.
    """

    knots: tuple[float, ...]
    start: tuple[float, ...]
    end: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialModel:
    """What a trial is assumed to be.

    `courses` has one entry a stratum, (control, experimental); `shares` those of the strata, into
    which a subject falls by chance, whatever its arm. `leaving`: drop-out, by arm. `frailty`: the
    standard deviations of the log hazards of progression and of death before and after it that
    one normal number of a subject brings about (mean hazards stay); for `IllnessDeath` alone.
    `scans`: after how long the first event (not death) is looked for; it counts at the first scan
    from then on, and who has none is followed up to the last scan before. Empty: seen at once.
    """

    sizes: tuple[int, int]
    accrual: Accrual
    courses: tuple[tuple[Law | IllnessDeath, Law | IllnessDeath], ...]
    shares: tuple[float, ...] = (1.0,)
    leaving: tuple[Law, Law] = (NO_EVENT, NO_EVENT)
    frailty: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scans: tuple[float, ...] = ()


class Endpoint(Enum):
    """Whose events: the first event (progression-free survival), or death with `IllnessDeath`."""

    FIRST = 0
    DEATH = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at the data after so many `events` of `endpoint` (0: none count), at `latest` by then.

    Where the events never come and there is no latest date, it is when nobody is followed any
    more.
    """

    events: int = 0
    latest: float = NEVER
    endpoint: Endpoint = Endpoint.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read at a look beside events and the (stratified) log-rank test.

    Weighted log-rank tests (with their correlations, for MaxCombo), Cox's hazard ratio (both
    stratified); the difference in survival at `milestone` and in mean time up to `horizon` (of
    all strata together).
    """

    weightings: tuple[FlemingHarrington | ModestlyWeighted, ...] = ()
    hazard_ratio: bool = False
    milestone: float | None = None
    horizon: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Which replicates: `trials` of them from `first` on; `workers` 0: as many as cores."""

    seed: int
    trials: int
    first: int = 0
    workers: int = field(default=0, compare=False)


def hazard_of_median(median: float) -> Hazard:
    """The constant hazard with this median."""
    return Hazard(rates=(math.log(2) / median,))


def accrue_evenly(until: float) -> Accrual:
    """The same number at any time."""
    return accrue_by_rates((1.0,), until=until)


def accrue_by_rates(
    rates: tuple[float, ...], *, until: float, cuts: tuple[float, ...] = ()
) -> Accrual:
    """rates[j] from cuts[j - 1] (0 for the first) on."""
    return Accrual(knots=(0.0, *cuts, until), start=rates, end=rates)


def accrue_with_ramp(ramp: float, *, until: float) -> Accrual:
    """A rate that rises evenly from 0 for the time `ramp`, then stays."""
    return Accrual(knots=(0.0, ramp, until), start=(0.0, 1.0), end=(1.0, 1.0))


def accrue_by_sites(
    opened: tuple[float, ...], *, rates: tuple[float, ...], until: float
) -> Accrual:
    """Sites that open in turn, each with its rate."""
    if len(rates) != len(opened) or min(opened, default=0.0) < 0:
        raise ValueError("opened and rates: one time from 0 on and one rate for each site")
    knots = sorted({0.0, *(day for day in opened if day < until)})
    active = tuple(
        sum(rate for day, rate in zip(opened, rates, strict=True) if day <= knot) for knot in knots
    )
    return Accrual(knots=(*knots, until), start=active, end=active)
