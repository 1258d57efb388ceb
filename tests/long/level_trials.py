"""Simulated two-arm trials with known truth, drawn by name: replicate r is the same in any run."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.streams import draw_normals, draw_uniforms

SEED = 20261126
_DEATH, _OTHER, _END, _STRATUM, _SCAN, _RESPONSE, _COUNT, _MARKER = range(1, 9)
MEDIAN_MONTHS = 10.0
DAYS_A_MONTH = 30.4375
AT = 365 / DAYS_A_MONTH  # a whole day, so that rounding to days leaves the truth as it is
HORIZON = 548 / DAYS_A_MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the trials are drawn from: hazards a month of the event and of its competitor.

    Arm 1 has the hazard of the event times `ratio` (that of the competitor is the same), a patient
    of stratum 1 both times 1.5; response has these chances by arm, the count these means a month.
    """

    ratio: float = 1.0
    response: tuple[float, float] = (0.4, 0.4)
    rates: tuple[float, float] = (0.3, 0.3)

    @property
    def hazards(self) -> tuple[float, float]:
        """The event's hazard in stratum 0, by arm."""
        base = math.log(2) / MEDIAN_MONTHS
        return base, base * self.ratio


NULL = Truth()
EFFECT = Truth(ratio=0.7, response=(0.4, 0.55), rates=(0.3, 0.2))
COMPETING = 0.02
STRATUM_RATIO = 1.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """One trial, named by its replicate: columns (n,), arms alternate 0 1 0 1 ..., in two strata.

    `time` and `event`: of the event alone; `first` and `cause`: of the event or its competitor;
    `end`: until when each is followed. Times are whole days divided by 30.4375, but for
    `true_time`, `end` and `scans`.
    """

    replicate: int
    truth: Truth
    time: NDArray[np.float64]
    event: NDArray[np.int64]
    first: NDArray[np.float64]
    cause: NDArray[np.int64]
    arm: NDArray[np.int64]
    stratum: NDArray[np.int64]
    marker: NDArray[np.float64]
    response: NDArray[np.int64]
    count: NDArray[np.int64]
    true_time: NDArray[np.float64]
    end: NDArray[np.float64]
    scans: NDArray[np.float64]


def scan_intervals(trial: Trial) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(left, right] around the event, by scans every 2 months with jitter; inf: never seen."""
    seen = trial.scans <= trial.end[:, None]
    before = seen & (trial.scans < trial.true_time[:, None])
    after = seen & (trial.scans >= trial.true_time[:, None])
    left = np.where(before, trial.scans, 0.0).max(axis=1)
    return left, np.where(after, trial.scans, np.inf).min(axis=1)


def draw_trials(replicates: NDArray[np.int64], *, per_arm: int, truth: Truth = NULL) -> list[Trial]:
    """The trials of these replicates, `per_arm` patients an arm, administratively censored."""
    n = 2 * per_arm
    row = np.repeat(replicates, n)
    subject = np.tile(np.arange(n), replicates.size)

    def uniform(purpose: int, count: int = 1) -> NDArray[np.float64]:
        drawn = draw_uniforms(SEED, replicate=row, subject=subject, purpose=purpose, count=count)
        return drawn.reshape(replicates.size, n, count)

    arm = np.arange(n) % 2
    stratum = (uniform(_STRATUM)[..., 0] < 0.4).astype(np.int64)
    more = np.where(stratum == 1, STRATUM_RATIO, 1.0)
    hazard = np.where(arm == 1, truth.hazards[1], truth.hazards[0]) * more
    true_time = -np.log(uniform(_DEATH)[..., 0]) / hazard
    other = -np.log(uniform(_OTHER)[..., 0]) / (COMPETING * more)
    end = 12.0 + 24.0 * uniform(_END)[..., 0]
    marker = draw_normals(SEED, replicate=row, subject=subject, purpose=_MARKER, count=1)
    chance = np.where(arm == 1, truth.response[1], truth.response[0])
    scans = np.arange(2.0, 38.0, 2.0) + 0.5 * (uniform(_SCAN, 18) - 0.5)
    response = (uniform(_RESPONSE)[..., 0] < chance).astype(np.int64)
    rate = np.where(arm == 1, truth.rates[1], truth.rates[0])
    count = poisson_counts(uniform(_COUNT)[..., 0], np.minimum(true_time, end) * rate)
    return [
        _trial(
            truth, true_time[i], other[i], end[i],
            replicate=int(replicates[i]), arm=arm, stratum=stratum[i],
            marker=marker.reshape(replicates.size, n)[i], response=response[i], count=count[i],
            scans=scans[i],
        )
        for i in range(replicates.size)
    ]  # fmt: skip


def poisson_counts(uniform: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.int64]:
    """Counts by inversion."""
    count = np.zeros(uniform.shape, dtype=np.int64)
    term = np.exp(-mean)
    below = term.copy()
    for k in range(1, 200):
        more = uniform > below
        if not more.any():
            break
        count += more
        term = term * mean / k
        below = below + term
    return count


def whole_days(months: NDArray[np.float64]) -> NDArray[np.float64]:
    """Months as whole days, one day at least, in months again."""
    return np.ceil(months * DAYS_A_MONTH) / DAYS_A_MONTH


def _trial(
    truth: Truth,
    true_time: NDArray[np.float64],
    other: NDArray[np.float64],
    end: NDArray[np.float64],
    **columns: Any,
) -> Trial:
    first = np.minimum(np.minimum(true_time, other), end)
    cause = np.where(first == end, 0, np.where(true_time <= other, 1, 2))
    return Trial(
        truth=truth,
        time=whole_days(np.minimum(true_time, end)),
        event=(true_time <= end).astype(np.int64),
        first=whole_days(first),
        cause=cause,
        true_time=true_time,
        end=end,
        **columns,
    )


def survival(truth: Truth, arm: int, at: float) -> float:
    """The true chance to be without event at a time, over both strata."""
    hazard = truth.hazards[arm]
    return 0.6 * math.exp(-hazard * at) + 0.4 * math.exp(-STRATUM_RATIO * hazard * at)


def sum_days(
    measure: Callable[[Truth, int, float], float], truth: Truth, *, arm: int, horizon: float
) -> float:
    """The area up to the horizon under a curve of times rounded up to days."""
    days = range(round(horizon * DAYS_A_MONTH))
    return sum(measure(truth, arm, day / DAYS_A_MONTH) for day in days) / DAYS_A_MONTH


@cache
def restricted_mean(truth: Truth, arm: int, horizon: float = HORIZON) -> float:
    """The true mean time without event up to the horizon."""
    return sum_days(survival, truth, arm=arm, horizon=horizon)


def incidence(truth: Truth, arm: int, at: float) -> float:
    """The true cumulative incidence of the event, its competitor at work."""
    told = 0.0
    for share, more in ((0.6, 1.0), (0.4, STRATUM_RATIO)):
        own, both = truth.hazards[arm] * more, (truth.hazards[arm] + COMPETING) * more
        told += share * own / both * (1 - math.exp(-both * at))
    return told


@cache
def time_lost(truth: Truth, arm: int) -> float:
    """The true mean time lost to the event up to the horizon, its competitor at work."""
    return sum_days(incidence, truth, arm=arm, horizon=HORIZON)


@cache
def median(truth: Truth, arm: int) -> float:
    """The true median: the first day on which half have had the event."""
    day = 0
    while survival(truth, arm, day / DAYS_A_MONTH) > 0.5:
        day += 1
    return day / DAYS_A_MONTH
