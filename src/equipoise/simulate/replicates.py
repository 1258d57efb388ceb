"""Thousands to millions of simulated two-arm trials, of which only the statistics are kept."""

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington
from equipoise.numerics.trials.replicates import (
    Law,
    LookPlan,
    TrialPlan,
    draw_trial_kernel,
    replicate_kernel,
)
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.trial_checks import check_trial
from equipoise.simulate.trial_model import (
    NO_EVENT,
    Accrual,
    Endpoint,
    Hazard,
    IllnessDeath,
    Look,
    Reading,
    Run,
    TrialModel,
)
from equipoise.simulate.trial_model import Law as LawOfModel

Floats = NDArray[np.float64]
_CHUNK = 1_000  # trials a worker takes at a time
_MOST = 2**32  # replicates have names of 32 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """What was read: arrays of shape (trials, looks), and (trials, looks, endpoints, ...) of tests.

    Endpoint 0 is the first event, 1 death (with `IllnessDeath`). All z are above 0 where arm 1 has
    more events. NaN: it cannot be told from that trial, or the look never came.
    """

    table: Floats
    reading: Reading
    _columns: tuple[int, ...]

    @property
    def time(self) -> Floats:
        """When each look came, from the start of accrual."""
        return self.table[:, :, 0]

    @property
    def entered(self) -> Floats:
        """How many subjects had entered."""
        return self.table[:, :, 1]

    @property
    def events(self) -> Floats:
        """Events by arm, shape (trials, looks, endpoints, 2)."""
        return self._part(0, 2)

    @property
    def z(self) -> Floats:
        """The (stratified) log-rank test."""
        return self._part(2, 3)[..., 0]

    @property
    def weighted_z(self) -> Floats:
        """The weighted log-rank tests, in the order of the weightings: (..., q)."""
        begin = self._columns[1]
        return self._part(begin, begin + len(self.reading.weightings))

    @property
    def correlation(self) -> Floats:
        """Between the weighted tests: (0, 1), (0, 2), (1, 2), (0, 3) ..., (..., q (q - 1) / 2)."""
        return self._part(self._columns[1] + len(self.reading.weightings), self._columns[2])

    @property
    def log_hazard_ratio(self) -> Floats:
        """Cox's, of arm 1, ties by Efron's way."""
        return self._asked(2, "hazard_ratio")[..., 0]

    @property
    def log_hazard_ratio_error(self) -> Floats:
        """Its standard error."""
        return self._asked(2, "hazard_ratio")[..., 1]

    @property
    def milestone_difference(self) -> Floats:
        """Survival of arm 1 less arm 0 at the milestone."""
        return self._asked(3, "milestone")[..., 0]

    @property
    def milestone_z(self) -> Floats:
        """The milestone test on the log-log scale (plain where survival is 0 or 1)."""
        return self._asked(3, "milestone")[..., 1]

    @property
    def mean_difference(self) -> Floats:
        """Mean time without event up to the horizon, arm 1 less arm 0."""
        return self._asked(4, "horizon")[..., 0]

    @property
    def mean_z(self) -> Floats:
        """Its difference over its standard error, turned: above 0 where arm 1 has less time."""
        return self._asked(4, "horizon")[..., 1]

    def of(self, endpoint: Endpoint) -> "Replicates":
        """The same trials with this endpoint alone, as their endpoint 0."""
        each = self._columns[-1]
        if self.table.shape[2] == 2 + each and endpoint is Endpoint.FIRST:
            return self
        begin = 2 + each * endpoint.value
        table = np.concatenate([self.table[..., :2], self.table[..., begin : begin + each]], axis=2)
        return Replicates(table=table, reading=self.reading, _columns=self._columns)

    def _part(self, begin: int, end: int) -> Floats:
        trials, looks, width = self.table.shape
        each = self._columns[-1]
        found = self.table[:, :, 2:].reshape(trials, looks, (width - 2) // each, each)
        return found[..., begin:end]

    def _asked(self, part: int, name: str) -> Floats:
        begin, end = self._columns[part], self._columns[part + 1]
        if begin == end:
            raise ValueError(f"it was not read: ask for it by Reading({name}=...)")
        return self._part(begin, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTrial:
    """The subjects of one replicate, shape (n,): what is true of them, whenever it is looked at.

    `event` is the time from entry to the first event as it is seen, `death` to death (that event
    itself without `IllnessDeath`), `leaving` to drop-out; inf: never.
    """

    arm: NDArray[np.int64]
    stratum: NDArray[np.int64]
    entry: Floats
    event: Floats
    death: Floats
    leaving: Floats


def simulate_replicates(
    model: TrialModel, *, looks: Sequence[Look], reading: Reading | None = None, run: Run
) -> Replicates:
    """The statistics of the trials that `run` names, at every look.

    The same whatever the number of workers, and whether they are simulated at once or in parts.
    Memory: 8 bytes for each number of the answer. ImpossibleTrialError names what cannot be.
    """
    asked = Reading() if reading is None else reading
    check_trial(model, looks=looks, reading=asked)
    if not 0 <= run.first <= run.first + run.trials <= _MOST:
        raise ValueError(f"replicates are numbered from 0 to 2**32 - 1, not {run}")
    plan, reads = plan_trial(model), _plan_looks(looks, asked)
    place = reads.columns
    table = np.empty((run.trials, len(looks), 2 + plan.endpoints * int(place[-1])))

    def work(begin: int) -> None:
        replicate_kernel(
            np.uint64(run.seed), np.uint64(Purpose.REPLICATE.value), run.first + begin, plan.sizes,
            plan.entry, plan.shares, plan.course, plan.leaving, plan.frailty, plan.scans,
            reads.looks, reads.weighting, reads.at, reads.horizon, place,
            table[begin : begin + _CHUNK],
        )  # fmt: skip

    with ThreadPoolExecutor(run.workers or os.cpu_count()) as pool:
        list(pool.map(work, range(0, run.trials, _CHUNK)))
    columns = tuple(int(one) for one in place)
    return Replicates(table=table, reading=asked, _columns=columns)


def draw_trial(model: TrialModel, *, seed: int, replicate: int) -> DrawnTrial:
    """The subjects of one replicate as `simulate_replicates` draws them."""
    check_trial(model, looks=[Look(events=1)], reading=Reading())
    plan = plan_trial(model)
    n = sum(model.sizes)
    first, second = np.empty((4, n)), np.empty((4, n if plan.endpoints > 1 else 0))
    stratum = np.zeros(n if len(model.shares) > 1 else 0, dtype=np.int64)
    draw_trial_kernel(
        np.uint64(replicate), np.uint64(Purpose.REPLICATE.value), np.uint64(seed & 0xFFFFFFFF),
        np.uint64(seed >> 32), plan.sizes, plan.entry, plan.shares, plan.course, plan.leaving,
        plan.frailty, plan.scans, first, second, stratum, np.empty(n),
    )  # fmt: skip
    return DrawnTrial(
        arm=np.repeat([0, 1], model.sizes),
        stratum=stratum if stratum.size else np.zeros(n, dtype=np.int64),
        entry=first[0],
        event=first[1],
        death=second[0] if plan.endpoints > 1 else first[1],
        leaving=first[2],
    )


def plan_trial(model: TrialModel) -> TrialPlan:
    """The model as the kernels read it."""
    kinds: list[list[list[LawOfModel]]] = []
    ill = isinstance(model.courses[0][0], IllnessDeath)
    for name in ("progression", "death_before", "death_after"):
        kinds.append([[_law_of(pair[arm], name) for pair in model.courses] for arm in (0, 1)])
    first, second, third = (_tabulate(kind) for kind in kinds)
    return TrialPlan(
        sizes=np.array(model.sizes, dtype=np.int64),
        entry=_tabulate_accrual(model.accrual),
        shares=np.cumsum(model.shares)[:-1],
        course=(first, second, third),
        leaving=_tabulate([[law] * len(model.shares) for law in model.leaving]),
        frailty=np.array(model.frailty if ill else (), dtype=np.float64),
        scans=np.array(model.scans, dtype=np.float64),
    )


def _law_of(course: LawOfModel | IllnessDeath, name: str) -> LawOfModel:
    if isinstance(course, IllnessDeath):
        return {
            "progression": course.progression,
            "death_before": course.death_before,
            "death_after": course.death_after,
        }[name]
    return course if name == "progression" else NO_EVENT


def _tabulate(laws: Sequence[Sequence[LawOfModel]]) -> Law:
    """The laws of one kind, by arm and stratum, in pieces that all of them share."""
    hazards = [law for row in laws for law in row if isinstance(law, Hazard)]
    cuts = np.array(sorted({0.0, *(cut for law in hazards for cut in law.cuts)}))
    rate = np.empty((2, len(laws[0]), cuts.size))
    shape, cured = np.ones(rate.shape[:2]), np.empty(rate.shape[:2])
    for arm, row in enumerate(laws):
        for code, law in enumerate(row):
            cured[arm, code] = law.cured
            if isinstance(law, Hazard):
                piece = np.searchsorted(np.array(law.cuts), cuts, side="right")
                rate[arm, code] = np.array(law.rates)[piece]
            else:
                rate[arm, code], shape[arm, code] = 1 / law.scale, law.shape
    return cuts, rate, shape, cured


def _tabulate_accrual(accrual: Accrual) -> tuple[Floats, Floats, Floats, Floats]:
    knots = np.array(accrual.knots, dtype=np.float64)
    length = np.diff(knots)
    start, end = np.array(accrual.start, dtype=np.float64), np.array(accrual.end)
    mass = np.r_[0.0, np.cumsum((start + end) / 2 * length)]
    return knots, start / mass[-1], (end - start) / length / mass[-1], mass / mass[-1]


def _plan_looks(looks: Sequence[Look], reading: Reading) -> LookPlan:
    weighting = [
        (0.0, one.rho, one.gamma)
        if isinstance(one, FlemingHarrington)
        else (1.0, one.until, one.largest)
        for one in reading.weightings
    ]
    return LookPlan(
        looks=np.array([(look.endpoint.value, look.events, look.latest) for look in looks]),
        weighting=np.array(weighting, dtype=np.float64).reshape(-1, 3),
        ratio=reading.hazard_ratio,
        at=math.nan if reading.milestone is None else reading.milestone,
        horizon=math.nan if reading.horizon is None else reading.horizon,
    )
