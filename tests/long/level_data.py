"""What some checks need beside a trial's own columns: lesions, readers, leavers, late entry ...

Each is drawn from the trial's replicate and truth under purposes of its own, so it is the same in
any run. With a truth without effect the arms are alike in all of it.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from equipoise.numerics.streams import draw_uniforms
from long.level_checks import once
from long.level_trials import (
    AT,
    COMPETING,
    SEED,
    STRATUM_RATIO,
    Trial,
    Truth,
    poisson_counts,
    sum_days,
    whole_days,
)

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
FRAILTY_VARIANCE = 0.5  # of a patient's lesions, and of counts beyond Poisson's
AGREEMENT = 0.6  # kappa of the readers where there is an effect
MARKER_EFFECT = 0.7  # log hazard ratio of the marker where patients leave by it
LEAVING = 0.04  # a month, in arm 0, at a marker of 0
SUBDISTRIBUTION_END = 0.6  # incidence of arm 0 in the end
(_FRAILTY, _SIZE, _LESION, _DEATH, _OVER, _READ, _EVENT, _LEAVE, _ENTRY, _CAUSE, _ILL, _CROSS,
 _IMPUTE, _ALLOCATE) = range(100, 114)  # fmt: skip


def uniforms(trial: Trial, purpose: int, count: int = 1) -> Floats:
    """Numbers of the trial's patients, shape (n, count)."""
    n = trial.arm.size
    return draw_uniforms(
        SEED,
        replicate=np.full(n, trial.replicate),
        subject=np.arange(n),
        purpose=purpose,
        count=count,
    )


def imputing(trial: Trial, count: int) -> Floats:
    """Numbers to complete censored times with, (n, count)."""
    return uniforms(trial, _IMPUTE, count)


def allocations(trial: Trial, count: int) -> NDArray[np.int64]:
    """Other allocations of the same patients in blocks of 4, (count, n)."""
    drawn = uniforms(trial, _ALLOCATE, count).T.reshape(count, -1, 4)
    return np.asarray((drawn.argsort(axis=2).argsort(axis=2) % 2).reshape(count, -1))


def _gamma(uniform: Floats) -> Floats:
    shape = 1 / FRAILTY_VARIANCE
    return np.asarray(gammaincinv(shape, uniform) / shape)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesions:
    """Rows of lesions; `cause` 1 its progression, 2 the patient's death, 0 censored."""

    time: Floats
    cause: Codes
    patient: Codes
    arm: Codes


@once
def lesions(trial: Trial, *, told_by_size: bool) -> Lesions:
    """Lesions of patients with gamma frailties: 1 or 3 of them by the frailty, or 1 to 3 by chance.

    `told_by_size`: who has 3 lesions has a frailty above the middle, so the number tells of the
    outcome. Frailties multiply the hazard of the lesions, not that of death.
    """
    uniform = uniforms(trial, _FRAILTY)[:, 0]
    chance = uniforms(trial, _SIZE)[:, 0]
    size = np.where(uniform > 0.5, 3, 1) if told_by_size else 1 + (3 * chance).astype(np.int64)
    patient = np.repeat(np.arange(trial.arm.size), size)
    number = np.arange(patient.size) - np.repeat(np.cumsum(size) - size, size)
    hazard = np.where(trial.arm == 1, trial.truth.hazards[1], trial.truth.hazards[0])
    hazard = (hazard * _gamma(uniform))[patient]
    grows = -np.log(uniforms(trial, _LESION, 3)[patient, number]) / hazard
    dies = (-np.log(uniforms(trial, _DEATH)[:, 0]) / COMPETING)[patient]
    last = np.minimum(dies, trial.end[patient])
    cause = np.where(grows <= last, 1, np.where(dies <= trial.end[patient], 2, 0))
    return Lesions(
        time=whole_days(np.minimum(grows, last)),
        cause=cause,
        patient=patient,
        arm=trial.arm[patient],
    )


@cache
def lesion_incidence(truth: Truth, arm: int, by_patient: bool) -> float:
    """The true incidence of progression at `AT` of a lesion of a typical patient, or of a typical
    lesion, where the number tells of the outcome."""
    uniform = (np.arange(20_000) + 0.5) / 20_000
    own = truth.hazards[arm] * _gamma(uniform)
    share = own / (own + COMPETING) * -np.expm1(-(own + COMPETING) * AT)
    weight = np.ones(uniform.size) if by_patient else np.where(uniform > 0.5, 3.0, 1.0)
    return float(weight @ share / weight.sum())


@once
def overdispersed(trial: Trial) -> Codes:
    """Counts over each patient's time with gamma rates of his own, (n,)."""
    uniform = uniforms(trial, _OVER, 2)
    rate = np.where(trial.arm == 1, trial.truth.rates[1], trial.truth.rates[0])
    return poisson_counts(uniform[:, 0], rate * trial.time * _gamma(uniform[:, 1]))


@once
def readings(trial: Trial, *, agreeing: bool) -> Codes:
    """Three readers' categories of every patient, (n, 3); kappa of any two is `AGREEMENT` or 0.

    Each reads the true category with the chance of its square root, else any by its frequency.
    """
    uniform = uniforms(trial, _READ, 7)
    cuts = np.array([0.5, 0.8])
    truth, own = np.searchsorted(cuts, uniform[:, :1]), np.searchsorted(cuts, uniform[:, 1:4])
    right = uniform[:, 4:] < (math.sqrt(AGREEMENT) if agreeing else 0.0)
    return np.asarray(np.where(right, truth, own), dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leavers:
    """Patients whose marker tells their event and, in arm 0, that they leave; `left` ends some.

    `whole_time` and `whole_event` are what would be seen of them if nobody left.
    """

    time: Floats
    event: Codes
    left: Codes
    whole_time: Floats
    whole_event: Codes


@once
def leavers(trial: Trial) -> Leavers:
    """The event and leaving of every patient, by the trial's own marker."""
    risk = np.exp(MARKER_EFFECT * trial.marker)
    hazard = np.where(trial.arm == 1, trial.truth.hazards[1], trial.truth.hazards[0])
    happens = -np.log(uniforms(trial, _EVENT)[:, 0]) / (hazard * risk)
    goes = -np.log(uniforms(trial, _LEAVE)[:, 0]) / (LEAVING * risk)
    goes = np.where(trial.arm == 0, goes, np.inf)
    time = np.minimum(np.minimum(happens, goes), trial.end)
    event = (happens == time).astype(np.int64)
    whole = np.minimum(happens, trial.end)
    return Leavers(
        time=whole_days(time),
        event=event,
        left=(goes == time).astype(np.int64),
        whole_time=whole_days(whole),
        whole_event=(happens == whole).astype(np.int64),
    )


@cache
def survival_of_all(truth: Truth, arm: int, at: float) -> float:
    """The true survival over the markers of those who may leave, had nobody left."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    chance = np.exp(-truth.hazards[arm] * at * np.exp(MARKER_EFFECT * points))
    return float(weights @ chance / weights.sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Late:
    """Those of a trial who come under observation at `entry` without an event before."""

    row: NDArray[np.intp]
    entry: Floats
    time: Floats
    event: Codes


@once
def late_entry(trial: Trial) -> Late:
    """Half are seen from the start, half from up to 6 months on; who ends before is never seen."""
    entry = whole_days(np.maximum(12 * uniforms(trial, _ENTRY)[:, 0] - 6, 0.0) - 1e-9)
    entry = np.maximum(entry, 0.0)
    row = np.flatnonzero(trial.time > entry)
    return Late(row=row, entry=entry[row], time=trial.time[row], event=trial.event[row])


@once
def proportional_subdistribution(trial: Trial) -> tuple[Floats, Codes]:
    """Time and cause where the subdistribution hazards of cause 1 have the truth's ratio.

    Source: Fine, Gray (1999), section 5: incidence 1 - (1 - p (1 - exp(-t)))^ratio, the competitor
    exponential.
    """
    uniform = uniforms(trial, _CAUSE, 2)
    ratio = np.where(trial.arm == 1, trial.truth.ratio, 1.0)
    never = (1 - SUBDISTRIBUTION_END) ** ratio
    first = uniform[:, 0] < 1 - never
    inner = (1 - (1 - np.minimum(uniform[:, 0], 1 - never)) ** (1 / ratio)) / SUBDISTRIBUTION_END
    own = -np.log1p(-np.minimum(inner, 1 - 1e-12)) * 12.0
    time = np.where(first, own, -np.log(uniform[:, 1]) * 12.0)
    cause = np.where(time <= trial.end, np.where(first, 1, 2), 0)
    return whole_days(np.minimum(time, trial.end)), cause


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """Progression (NaN: none) and the end of every patient, dead or not."""

    progression: Floats
    end: Floats
    died: Codes


DEATH_AFTER = 0.08  # a month after progression


@once
def course(trial: Trial) -> Course:
    """Progression as the trial's event, death without it as its competitor, death after it."""
    survives = -np.log(uniforms(trial, _ILL)[:, 0]) / DEATH_AFTER
    progressed = trial.cause == 1
    dies = np.where(progressed, trial.true_time + survives, np.where(trial.cause == 2, 0.0, np.inf))
    late = progressed & (dies > trial.end) | (trial.cause == 0)
    end = np.where(progressed, whole_days(np.minimum(dies, trial.end)), trial.first)
    return Course(
        progression=np.where(progressed, trial.first, np.nan),
        end=end,
        died=(~late).astype(np.int64),
    )


def share_progressed(truth: Truth, arm: int, at: float) -> float:
    """The true share alive with progression."""
    told = 0.0
    for share, more in ((0.6, 1.0), (0.4, STRATUM_RATIO)):
        own, both = truth.hazards[arm] * more, (truth.hazards[arm] + COMPETING) * more
        gap = math.exp(-both * at) - math.exp(-DEATH_AFTER * at)
        told += share * own / (DEATH_AFTER - both) * gap
    return told


@cache
def time_progressed(truth: Truth, arm: int, horizon: float) -> float:
    """The true mean time alive with progression up to the horizon."""
    return sum_days(share_progressed, truth, arm=arm, horizon=horizon)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossing:
    """Arm 1 is treated throughout; half of arm 0 from some time on. Times treated, (n,)."""

    time: Floats
    event: Codes
    treated: Floats


@once
def crossing(trial: Trial) -> Crossing:
    """Treatment stretches time by 1 / ratio, as of the trial's true times untreated."""
    stretch = 1 / trial.truth.ratio
    effect = np.where(trial.arm == 1, stretch, 1.0)
    untreated = trial.true_time * effect**-1.0
    uniform = uniforms(trial, _CROSS, 2)
    starts = np.where(uniform[:, 0] < 0.5, 12.0 * uniform[:, 1], np.inf)
    starts = np.where(trial.arm == 1, 0.0, starts)
    before = np.minimum(untreated, starts)
    happens = before + (untreated - before) * stretch
    time = np.minimum(happens, trial.end)
    return Crossing(
        time=time,
        event=(happens <= trial.end).astype(np.int64),
        treated=np.maximum(time - starts, 0.0),
    )
