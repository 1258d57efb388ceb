"""Survival at one time, or up to it: the subjects that show a difference, and their power."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from equipoise.design.assumptions import ArmCourse, StratumCourse, SurvivalPlan
from equipoise.design.error_rates import (
    ErrorRates,
    find_error_rates_problems,
    impossible,
    refuse,
    solve_effect,
)
from equipoise.design.expected_variance import (
    Watch,
    curve_of,
    expected_greenwood,
    find_watch_problems,
)
from equipoise.numerics.survival.survival_scales import Interval, transform_survival
from equipoise.vocab.finding import Finding


class Measure(Enum):
    """What is compared: survival at the time, or the mean time up to it."""

    SURVIVAL = "survival"
    MEAN = "restricted-mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonePlan:
    """A survival plan whose curves are compared at (or up to) a time after entry.

    `margin` is the difference, experimental less reference, that is to be excluded; with one, and
    with several strata (weighted by their shares), survival is compared on the plain scale.
    """

    survival: SurvivalPlan
    at: float
    study_end: float
    scale: Interval = Interval.LOG_LOG
    margin: float = 0.0
    measure: Measure = Measure.SURVIVAL

    @property
    def watch(self) -> Watch:
        """The times of the comparison."""
        return Watch(until=self.at, study_end=self.study_end)


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneSize:
    """Subjects in all (not rounded), their power, and the expected values of both arms."""

    subjects: float
    power: float
    values: tuple[float, float]


def find_milestone_problems(plan: MilestonePlan) -> Iterator[Finding]:
    """What makes the plan impossible."""
    found = list(find_watch_problems(plan.survival, watch=plan.watch))
    yield from found
    if found:
        return
    plain = plan.measure is Measure.MEAN or plan.scale is Interval.PLAIN
    if not plain and (plan.margin or len(plan.survival.strata) > 1):
        yield impossible(
            "scale", code="scale-untold",
            message=f"on the {plan.scale.value} scale there is neither margin nor strata",
            mend="Compare on the plain scale.",
        )  # fmt: skip
        return
    v0, v1 = _values(plan)
    if abs(v1 - v0 - plan.margin) < 1e-12:
        yield impossible(
            "strata", code="no-effect",
            message=f"at {plan.at:g} the arms differ by the margin itself, {plan.margin:g}: "
            "no number of subjects tells them apart",
            mend="Assume an effect, or another time.",
        )  # fmt: skip
    if not plain and not 0 < min(v0, v1) <= max(v0, v1) < 1:
        yield impossible(
            "strata", code="survival-impossible",
            message=f"survival at {plan.at:g} is {v0:g} and {v1:g}", mend="Neither 0 nor 1.",
        )  # fmt: skip


def _value(plan: MilestonePlan, arm: ArmCourse) -> float:
    chance, once, _ = curve_of(arm).at(np.array([plan.at]))[:, 0]
    return float(1 - chance if plan.measure is Measure.SURVIVAL else plan.at - once)


def _values(plan: MilestonePlan) -> tuple[float, float]:
    found = [
        [stratum.share * _value(plan, arm) for arm in stratum.arms]
        for stratum in plan.survival.strata
    ]
    v0, v1 = (math.fsum(values) for values in zip(*found, strict=True))
    return v0, v1


def _variance(plan: MilestonePlan, arm: ArmCourse) -> float:
    """Of the value of one arm, on the plain scale (the mean) or as Greenwood's sum (survival)."""
    if plan.measure is Measure.SURVIVAL:
        return expected_greenwood(plan.survival, arm=arm, watch=plan.watch)
    curve = curve_of(arm)
    whole = _value(plan, arm)
    return expected_greenwood(
        plan.survival, arm=arm, watch=plan.watch,
        weight=lambda t: whole - (t - curve.at(t)[1]),
    )  # fmt: skip


def _drift(plan: MilestonePlan) -> float:
    """The mean of z for one subject in all."""
    values, variance = _values(plan), 0.0
    effect = abs(values[1] - values[0] - plan.margin)
    points = []
    for arm, part in enumerate(plan.survival.arm_shares):
        for stratum in plan.survival.strata:
            course = stratum.arms[arm]
            own = _variance(plan, course)
            if plan.measure is Measure.SURVIVAL:
                point, own = (
                    float(found[0])
                    for found in transform_survival(
                        np.array([_value(plan, course)]),
                        greenwood=np.array([own]),
                        interval=plan.scale,
                    )
                )
                points.append(point)
            variance += stratum.share * own / part
    if plan.measure is Measure.SURVIVAL and plan.scale is not Interval.PLAIN:
        effect = abs(points[1] - points[0])
    return effect / math.sqrt(variance)


def milestone_power(plan: MilestonePlan, *, rates: ErrorRates) -> MilestoneSize:
    """The power of the plan's own subjects for the comparison at the time.

    The test is that of `compare_milestone`, its variance the expected Greenwood's under the
    assumptions, with accrual and drop-out. Source: Klein, Logan, Harhoff, Andersen (2007); for the
    mean Royston, Parmar (2013).
    """
    refuse(find_error_rates_problems(rates))
    refuse(find_milestone_problems(plan))
    subjects = plan.survival.accrual.subjects
    return MilestoneSize(
        subjects=subjects,
        power=rates.power_of(_drift(plan) * math.sqrt(subjects)),
        values=_values(plan),
    )


def size_milestone(plan: MilestonePlan, *, rates: ErrorRates) -> MilestoneSize:
    """How many subjects show the difference at the time, accrual scaled to them; not rounded."""
    refuse(find_error_rates_problems(rates))
    refuse(find_milestone_problems(plan))
    subjects = (rates.drift / _drift(plan)) ** 2
    return MilestoneSize(subjects=subjects, power=rates.power, values=_values(plan))


def least_milestone_effect(plan: MilestonePlan, *, rates: ErrorRates) -> float:
    """The hazard ratio nearest to 1, below it, that the plan's subjects show at the time; or NaN.

    The reference arm's hazards are kept; those of the experimental arm are not read.
    """

    def excess(ratio: float) -> float:
        strata = tuple(_at_ratio(stratum, ratio) for stratum in plan.survival.strata)
        changed = replace(plan, survival=replace(plan.survival, strata=strata))
        return milestone_power(changed, rates=rates).power - rates.power

    return solve_effect(excess)


def _at_ratio(stratum: StratumCourse, ratio: float) -> StratumCourse:
    event = stratum.reference.event.times(ratio)
    return replace(stratum, experimental=replace(stratum.experimental, event=event))
