"""A trial with looks counted in events: how many at each look, when, and what each bound means."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from equipoise.design.assumptions import SurvivalPlan
from equipoise.design.bound_scales import ScaledBounds, drift_of_hazard_ratio, express_bounds
from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.error_rates import ImpossiblePlanError, impossible, refuse, round_up
from equipoise.design.events import EventPlan, count_planned_events
from equipoise.design.expected_events import time_of_events
from equipoise.design.sequential_plan import SequentialPlan, find_sequential_plan_problems
from equipoise.vocab.finding import Finding

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLooks:
    """A design with looks at events, and its bounds on every scale, shape (k,).

    `events` are those of the last look, `fixed_events` those of a trial without looks, not rounded.
    The alternative of `design` is the hazard ratio of `effect`, its null the margin. `lower` is
    None without futility.
    """

    design: SequentialDesign
    effect: EventPlan
    events: float
    fixed_events: float
    upper: ScaledBounds
    lower: ScaledBounds | None

    @property
    def events_at(self) -> Floats:
        """The events at each look, not rounded."""
        return self.events * np.array(self.design.plan.information)

    @property
    def power(self) -> float:
        """The chance to end above an upper bound under the effect."""
        return float(self.design.alternative.above.sum())

    def expected_events(self, drift: float) -> float:
        """The events expected at the end where the mean of z at the last look is `drift`."""
        return self.events * self.design.expected_information(drift)


def plan_looks(
    plan: SequentialPlan, *, effect: EventPlan, events: float | None = None
) -> PlannedLooks:
    """The looks of a plan in events: as many as the power asks for, or those given.

    Events that are asked for are rounded up to a whole number at the last look. Those given keep
    the bounds and move the power; beta is spent as the plan's own power has it. ImpossiblePlanError
    says why a plan cannot be. Source: Schoenfeld (1981); Jennison, Turnbull (2000), chapter 13.
    """
    refuse(iter([*find_sequential_plan_problems(plan), *_find_problems(effect, events)]))
    fixed = count_planned_events(effect, rates=plan.rates)
    design = build_design(plan)
    count = float(round_up(fixed * design.inflation)) if events is None else events
    ratio, margin = effect.ratio, effect.margin
    drift = drift_of_hazard_ratio(effect.hazard_ratio, events=count, ratio=ratio, margin=margin)
    found = replace(design, drift=drift, alternative=design.chances(drift))
    scaled = [
        express_bounds(bounds, design=found, events=count, ratio=ratio, margin=margin)
        for bounds in (found.upper, found.lower)
    ]
    return PlannedLooks(
        design=found,
        effect=effect,
        events=count,
        fixed_events=fixed,
        upper=scaled[0],
        lower=None if plan.futility is None else scaled[1],
    )


def _find_problems(effect: EventPlan, events: float | None) -> Iterator[Finding]:
    if effect.hazard_ratio > effect.margin > 0:
        yield impossible(
            "hazard_ratio", code="effect-other-way",
            message=f"{effect.hazard_ratio:g} is above {effect.margin:g}, and upper bounds are for "
            "ratios below",
            mend="Give its reciprocal: bounds of z are the same."
            if effect.margin == 1
            else "Give a margin above the ratio that is assumed.",
        )  # fmt: skip
    if events is not None and not (math.isfinite(events) and events > 0):
        yield impossible(
            "events", code="no-events", message=f"{events:g} events show nothing",
            mend="Give the events of the last look, or leave them out to have them counted.",
        )  # fmt: skip


def expect_look_times(
    looks: PlannedLooks, *, course: SurvivalPlan
) -> tuple[Floats, tuple[Finding, ...]]:
    """When each look is expected, shape (k,), NaN where never; and why it is never.

    In the unit of the course, from the first subject's arrival.
    """
    times, findings = np.full(looks.events_at.size, math.nan), []
    for place, events in enumerate(looks.events_at):
        try:
            times[place] = time_of_events(course, events=float(events))
        except ImpossiblePlanError as refusal:
            findings += [replace(each, where=f"{each.where}, look {place + 1}")
                         for each in refusal.findings]  # fmt: skip
    return times, tuple(findings)
