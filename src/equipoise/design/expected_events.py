"""The expected course of a trial: subjects, events, drop-outs by calendar time, in closed form."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from equipoise.design.assumptions import (
    Accrual,
    ArmCourse,
    Piecewise,
    SurvivalPlan,
    find_plan_problems,
)
from equipoise.design.error_rates import impossible, refuse

Floats = NDArray[np.float64]
_SERIES = [(-1) ** j / math.factorial(j + 3) for j in range(20, -1, -1)]


def _phis(y: Floats) -> tuple[Floats, Floats, Floats]:
    """(1 - exp(-y))/y and the two that follow, phi[k+1] = (1/k! - phi[k])/y; 1, 1/2, 1/6 at 0."""
    small, large = np.minimum(y, 1.0), np.maximum(y, 1.0)
    third = np.full_like(y, _SERIES[0])
    for term in _SERIES[1:]:
        third = third * small + term
    second = 0.5 - small * third
    first = -np.expm1(-large) / large
    above = (1.0 - first) / large
    return (
        np.where(y < 1, 1.0 - small * second, first),
        np.where(y < 1, second, above),
        np.where(y < 1, third, (0.5 - above) / large),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidence:
    """The chance that something has befallen a subject by a time since entry, and its integrals.

    `rate` is the hazard of it, `total` that of all that ends the follow-up; both hold from the
    `knots`. `base` (3, k) are the chance and its first and second integral at the knots,
    `left` (k,) the share still followed there.
    """

    knots: Floats
    rate: Floats
    total: Floats
    left: Floats
    base: Floats

    def at(self, time: Floats, *, cap: ArrayLike = math.inf) -> Floats:
        """The chance and its first and second integral from 0, shape (3, ...); 0 before 0.

        After `cap` (which may be an array beside `time`) nothing befalls a subject any more.
        """
        since = np.maximum(time, 0.0)
        x = np.minimum(since, cap)
        place = np.searchsorted(self.knots, x, side="right") - 1
        chance, once, twice = self.base[:, place] + self._from(place, x - self.knots[place])
        rest = since - x
        return np.array([
            chance, once + chance * rest, twice + (once + chance * rest / 2) * rest
        ])  # fmt: skip

    def _from(self, place: NDArray[np.intp], d: Floats) -> Floats:
        """What is added to the three in `d` after a knot."""
        chance, once, _ = self.base[:, place]
        flow = self.rate[place] * self.left[place] * d
        first, second, third = _phis(self.total[place] * d)
        return np.array([
            flow * first,
            (chance + flow * second) * d,
            (once + (chance / 2 + flow * third) * d) * d,
        ])  # fmt: skip


def build_incidence(arm: ArmCourse, *, of: Piecewise) -> Incidence:
    """The incidence of one of the hazards of an arm (`of`), in the presence of all of them."""
    at = np.array(sorted({*arm.event.starts, *arm.dropout.starts, *of.starts}))
    rate = np.array([of.at(knot) for knot in at])
    total = np.array([arm.event.at(knot) + arm.dropout.at(knot) for knot in at])
    steps = np.diff(at)
    left = np.exp(-np.concatenate([[0.0], np.cumsum(total[:-1] * steps)]))
    found = Incidence(knots=at, rate=rate, total=total, left=left, base=np.zeros((3, at.size)))
    before = np.arange(steps.size)
    for row in range(3):  # an integral stands on the one before it
        found.base[row, 1:] = np.cumsum(found._from(before, steps)[row])
    return found


def accrued_by(accrual: Accrual, *, at: Floats) -> Floats:
    """The subjects expected to have come by each time."""
    total = np.zeros_like(at)
    for start, end, first, last in accrual.pieces():
        there = np.clip(at, start, end) - start
        total += there * (first + (last - first) * there / (end - start) / 2)
    return total


def befallen_by(
    accrual: Accrual, *, incidence: Incidence, at: Floats, cap: ArrayLike = math.inf
) -> Floats:
    """How many of all who come have been befallen by each calendar time: exact, by parts.

    `cap` as in `Incidence.at`; it may be an array that stands beside `at`.
    """
    total = np.zeros(np.broadcast_shapes(at.shape, np.shape(cap)))
    for start, end, first, last in accrual.pieces():
        slope = (last - first) / (end - start)
        until = np.clip(at, start, end)
        _, once_long, twice_long = incidence.at(at - start, cap=cap)
        _, once_short, twice_short = incidence.at(at - until, cap=cap)
        total += (
            first * once_long
            - (first + slope * (until - start)) * once_short
            + slope * (twice_long - twice_short)
        )
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedCourse:
    """What is expected by each calendar time `at` (m,), in each stratum and arm, (m, strata, 2).

    Arms: reference, then experimental. `completed` reached the longest follow-up of the plan;
    `at_risk` are still followed without event.
    """

    at: Floats
    subjects: Floats
    events: Floats
    dropouts: Floats
    completed: Floats

    @property
    def at_risk(self) -> Floats:
        """Those still followed without event."""
        return self.subjects - self.events - self.dropouts - self.completed

    @property
    def all_events(self) -> Floats:
        """The events of all strata and arms, shape (m,)."""
        return np.asarray(self.events.sum(axis=(1, 2)))

    @property
    def all_subjects(self) -> Floats:
        """The subjects of all strata and arms, shape (m,)."""
        return np.asarray(self.subjects.sum(axis=(1, 2)))


def expect_course(plan: SurvivalPlan, *, at: ArrayLike) -> ExpectedCourse:
    """Subjects, events and drop-outs by calendar times (from the first subject's arrival).

    Exact for hazards in pieces and accrual in straight lines; nothing before time 0.
    ImpossiblePlanError says why a plan cannot be. Source: Lachin, Foulkes (1986), carried to
    pieces; Lu (2021) has the same without ramps.
    """
    refuse(find_plan_problems(plan))
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if times.ndim != 1 or np.isnan(times).any():
        raise ValueError("at must be a flat array of times")
    came = accrued_by(plan.accrual, at=times)
    shape = (times.size, len(plan.strata), 2)
    found = {name: np.zeros(shape) for name in ("subjects", "events", "dropouts", "completed")}
    for s, stratum in enumerate(plan.strata):
        for arm, (course, part) in enumerate(zip(stratum.arms, plan.arm_shares, strict=True)):
            share = stratum.share * part
            found["subjects"][:, s, arm] = share * came
            stayed = 1.0
            for name, of in (("events", course.event), ("dropouts", course.dropout)):
                incidence = build_incidence(course, of=of)
                count = befallen_by(plan.accrual, incidence=incidence, at=times, cap=plan.follow_up)
                found[name][:, s, arm] = share * count
                if math.isfinite(plan.follow_up):
                    stayed -= float(incidence.at(np.array([plan.follow_up]))[0, 0])
            before = accrued_by(plan.accrual, at=times - plan.follow_up)
            found["completed"][:, s, arm] = share * before * stayed
    return ExpectedCourse(at=times, **found)


def expected_events_at(plan: SurvivalPlan, *, at: float) -> float:
    """The events of the whole trial expected by a calendar time."""
    return float(expect_course(plan, at=[at]).all_events[0])


def time_of_events(plan: SurvivalPlan, *, events: float) -> float:
    """The calendar time by which so many events are expected.

    Asking for more than will ever be seen is refused, with how many that is.
    """
    refuse(find_plan_problems(plan))
    if not events > 0:
        raise ValueError(f"events must be above 0, not {events}")
    high = plan.accrual.until
    while expected_events_at(plan, at=high) < events:
        course = expect_course(plan, at=[high])
        if float(course.at_risk.sum()) < 1e-9 * events or high > 1e9 * plan.accrual.until:
            most = float(course.all_events[0])
            refuse(iter([impossible(
                "events", code="events-out-of-reach",
                message=f"{events:g} events are asked for, but of {plan.accrual.subjects:g} "
                f"subjects only {most:.1f} are expected ever to have one",
                mend="Enrol more, follow longer, or ask for fewer.",
            )]))  # fmt: skip
        high *= 2
    return float(brentq(lambda t: expected_events_at(plan, at=t) - events, 0.0, high, xtol=1e-11))
