"""The log-rank test of one analysis: after so many events, or at a date."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from equipoise.design.assumptions import (
    ArmCourse,
    Piecewise,
    StratumCourse,
    SurvivalPlan,
    constant,
    uniform_accrual,
)
from equipoise.design.average_hazard_ratio import average_hazard_ratio
from equipoise.design.error_rates import ErrorRates
from equipoise.design.events import EventFormula, EventPlan, event_power
from equipoise.design.expected_events import time_of_events
from equipoise.design.survival_size import LogRankPlan, Variance, logrank_power
from equipoise.design.weighted_logrank_size import WeightedLogRankPlan, weighted_logrank_power
from equipoise.simulate.replicates import Replicates, simulate_replicates
from equipoise.simulate.trial_model import Hazard, Look, Reading, Run, TrialModel, accrue_evenly
from long.theory_rows import Row, count

RATES = ErrorRates(alpha=0.025, sides=1, power=0.8)
Z = RATES.critical
CONTROL = math.log(2) / 12
LOST = Hazard(rates=(0.05 / 12,))
ACCRUED = 24.0
MARGIN = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Subjects in all, and experimental to one of reference."""

    subjects: int
    ratio: float = 1.0

    @property
    def arms(self) -> tuple[int, int]:
        """Reference and experimental arm."""
        first = round(self.subjects / (1 + self.ratio))
        return first, self.subjects - first


def model_of(size: Size, *, courses: tuple[tuple[Hazard, Hazard], ...]) -> TrialModel:
    """A trial of strata of one size: accrual over 24 months, 5 % a year lost."""
    return TrialModel(
        sizes=size.arms, accrual=accrue_evenly(ACCRUED), courses=courses,
        shares=(1 / len(courses),) * len(courses), leaving=(LOST, LOST),
    )  # fmt: skip


def plan_of(model: TrialModel) -> SurvivalPlan:
    """The same trial as the assumptions of its design."""

    def course(law: object, lost: object) -> ArmCourse:
        assert isinstance(law, Hazard)
        assert isinstance(lost, Hazard)
        event = Piecewise(starts=(0.0, *law.cuts), rates=law.rates)
        return ArmCourse(event=event, dropout=constant(lost.rates[0]))

    strata = tuple(
        StratumCourse(
            share=share,
            reference=course(pair[0], model.leaving[0]),
            experimental=course(pair[1], model.leaving[1]),
        )
        for share, pair in zip(model.shares, model.courses, strict=True)
    )
    accrual = uniform_accrual(sum(model.sizes), until=ACCRUED)
    return SurvivalPlan(accrual=accrual, strata=strata, ratio=model.sizes[1] / model.sizes[0])


def pair_of(ratio: float, *, median: float = 12.0) -> tuple[Hazard, Hazard]:
    """Constant hazards of both arms."""
    rate = math.log(2) / median
    return Hazard(rates=(rate,)), Hazard(rates=(rate * ratio,))


def simulate(model: TrialModel, *, looks: list[Look], run: Run, reading: Reading) -> Replicates:
    """The trials."""
    return simulate_replicates(model, looks=looks, run=run, reading=reading)


def by_score(model: TrialModel, *, at: float) -> float:
    """The power at a date by the moments of the score (Yung, Liu)."""
    plan = WeightedLogRankPlan(survival=plan_of(model), study_end=at)
    return weighted_logrank_power(plan, rates=RATES)


AFTER, DATED = "Log-rank test after so many events", "Log-rank test at a date"
NONINFERIOR = "Non-inferiority, margin 1.3, by Cox's interval"
AVERAGED = "Hazards that are not proportional"


def by_events(run: Run) -> Iterator[Row]:
    """One analysis after so many events: by the formulas for events, and by the score."""
    for ratio in (1.0, 2.0, 0.5):
        for hazard_ratio, events in ((1.0, 200), (0.8, 400), (2 / 3, 200), (0.5, 66)):
            size = Size(subjects=3 * round(events / 2), ratio=ratio)
            model = model_of(size, courses=(pair_of(hazard_ratio),))
            found = simulate(model, looks=[Look(events=events)], run=run, reading=Reading())
            said = f"{ratio:g}:1, ratio {hazard_ratio:.3g}, {events} events"
            theories = {"level": RATES.one_sided}
            if hazard_ratio < 1:
                plan = EventPlan(hazard_ratio=hazard_ratio, ratio=size.arms[1] / size.arms[0])
                theories = {
                    formula.value: event_power(
                        replace(plan, formula=formula), events=events, rates=RATES
                    )
                    for formula in EventFormula
                }
                at = time_of_events(plan_of(model), events=events)
                theories["score"] = by_score(model, at=at)
            for words, theory in theories.items():
                yield count(AFTER, f"{said}, {words}", hits=found.z < -Z, theory=theory)


def by_date(run: Run) -> Iterator[Row]:
    """One analysis at month 36, with and without strata."""
    for name, medians in (("one stratum", (12.0,)), ("three strata", (6.0, 12.0, 24.0))):
        for ratio in (1.0, 2.0):
            for hazard_ratio in (1.0, 0.7):
                courses = tuple(pair_of(hazard_ratio, median=median) for median in medians)
                model = model_of(Size(subjects=360, ratio=ratio), courses=courses)
                found = simulate(model, looks=[Look(latest=36.0)], run=run, reading=Reading())
                theories = {"level": RATES.one_sided}
                if hazard_ratio < 1:
                    plan = LogRankPlan(survival=plan_of(model), study_end=36.0)
                    theories = {
                        variance.value: logrank_power(replace(plan, variance=variance), rates=RATES)
                        for variance in (Variance.RATIO, Variance.SCHOENFELD)
                    }
                    theories["score"] = by_score(model, at=36.0)
                said = f"{name}, {ratio:g}:1, ratio {hazard_ratio:g}"
                for words, theory in theories.items():
                    yield count(DATED, f"{said}, {words}", hits=found.z < -Z, theory=theory)


SHAPES = {
    "effect from month 4 on": Hazard(rates=(CONTROL, 0.6 * CONTROL), cuts=(4.0,)),
    "effect from month 9 on": Hazard(rates=(CONTROL, 0.5 * CONTROL), cuts=(9.0,)),
    "effect until month 6": Hazard(rates=(0.5 * CONTROL, CONTROL), cuts=(6.0,)),
    "crossing at month 4": Hazard(rates=(1.3 * CONTROL, 0.5 * CONTROL), cuts=(4.0,)),
}


def by_average(run: Run) -> Iterator[Row]:
    """Hazards that are not proportional, by the average hazard ratio; by events and by date."""
    for name, late in SHAPES.items():
        for ratio in (1.0, 2.0):
            courses = ((Hazard(rates=(CONTROL,)), late),)
            model = model_of(Size(subjects=400, ratio=ratio), courses=courses)
            found = simulate(model, looks=[Look(latest=36.0)], run=run, reading=Reading())
            average = average_hazard_ratio(plan_of(model), at=[36.0])
            theories = {
                "average hazard ratio": float(average.power(RATES)[0]),
                "score": by_score(model, at=36.0),
            }
            for words, theory in theories.items():
                said = f"{name}, {ratio:g}:1, {words}"
                yield count(AVERAGED, said, hits=found.z < -Z, theory=theory)


def by_cox(run: Run) -> Iterator[Row]:
    """Non-inferiority by Cox's interval: margin 1.3, events counted."""
    for hazard_ratio, events in ((MARGIN, 300), (1.0, 457), (0.9, 300)):
        model = model_of(Size(subjects=2 * events), courses=(pair_of(hazard_ratio),))
        looks, reading = [Look(events=events)], Reading(hazard_ratio=True)
        found = simulate(model, looks=looks, run=run, reading=reading)
        z = (found.log_hazard_ratio - math.log(MARGIN)) / found.log_hazard_ratio_error
        theory = RATES.one_sided
        if hazard_ratio != MARGIN:
            plan = EventPlan(hazard_ratio=hazard_ratio, margin=MARGIN)
            theory = event_power(plan, events=events, rates=RATES)
        yield count(
            NONINFERIOR,
            f"ratio {hazard_ratio:g}, {events} events", hits=z < -Z, theory=theory,
        )  # fmt: skip
        covers = np.abs(found.log_hazard_ratio - math.log(hazard_ratio)) < (
            1.959963984540054 * found.log_hazard_ratio_error
        )
        yield count(
            NONINFERIOR,
            f"ratio {hazard_ratio:g}, {events} events, coverage of the 95 % interval",
            hits=covers, theory=0.95,
        )  # fmt: skip
