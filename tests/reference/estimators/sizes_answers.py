"""Our answers for `sizes_reference.json`."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from equipoise.design.assumptions import (
    Accrual,
    ArmCourse,
    Piecewise,
    StratumCourse,
    SurvivalPlan,
    constant,
    hazard_of_median,
    hazard_of_share,
    ramp_accrual,
    two_arm_plan,
    uniform_accrual,
)
from equipoise.design.average_hazard_ratio import average_hazard_ratio
from equipoise.design.error_rates import ErrorRates
from equipoise.design.events import EventFormula, EventPlan, count_planned_events, event_power
from equipoise.design.expected_events import expect_course
from equipoise.design.mean_size import MeanPlan, size_means
from equipoise.design.milestone_size import Measure, MilestonePlan, size_milestone
from equipoise.design.one_share_size import OneSharePlan, size_one_share
from equipoise.design.share_size import SharePlan, ShareTest, share_power, size_shares
from equipoise.design.survival_size import LogRankPlan, Variance, size_logrank
from equipoise.numerics.survival.survival_scales import Interval
from reference.estimators.tables import Table

Arguments = Mapping[str, Any]
Answers = Mapping[str, ArrayLike]

DROPOUT = hazard_of_share(0.05, by=12)
HAZARD = Piecewise(starts=(0.0, 6.0, 9.0), rates=(0.025, 0.04, 0.015))


def _share_plan(given: Arguments) -> SharePlan:
    return SharePlan(
        reference=given["reference"],
        experimental=given["experimental"],
        margin=given.get("margin", 0.0),
        ratio=given.get("ratio", 1.0),
        test=ShareTest(given["test"]),
    )


def _shares(_: Table, given: Arguments) -> Answers:
    rates = ErrorRates(power=given["power"])
    return {"exact": size_shares(_share_plan(given), rates=rates).exact}


def _share_power(_: Table, given: Arguments) -> Answers:
    n = (given["n"], given["n"])
    return {"power": share_power(_share_plan(given), n=n, rates=ErrorRates())}


def _one_share(_: Table, given: Arguments) -> Answers:
    found = size_one_share(OneSharePlan(**given), rates=ErrorRates())
    return {"found": [found.n, found.events, found.level, found.power]}


def _one_share_normal(_: Table, given: Arguments) -> Answers:
    return {"exact": size_one_share(OneSharePlan(exact=False, **given), rates=ErrorRates()).exact}


def _means(_: Table, given: Arguments) -> Answers:
    plan = MeanPlan(standard_deviation=1.0, **given)
    return {"exact": size_means(plan, rates=ErrorRates()).exact}


def _events(_: Table, given: Arguments) -> Answers:
    ratios = given["ratio"] if isinstance(given["ratio"], list) else [given["ratio"]]
    plans = [
        EventPlan(
            hazard_ratio=given.get("hazard_ratio", 2 / 3),
            margin=given.get("margin", 1.0),
            ratio=ratio,
            formula=EventFormula(given["formula"]),
        )
        for ratio in ratios
    ]
    rates = ErrorRates(power=given["power"])
    return {"events": [count_planned_events(plan, rates=rates) for plan in plans]}


def _event_power(_: Table, given: Arguments) -> Answers:
    plan = EventPlan(hazard_ratio=2 / 3)
    return {"power": event_power(plan, events=given["events"], rates=ErrorRates())}


def _plan() -> SurvivalPlan:
    return two_arm_plan(
        hazard_of_median(12),
        hazard_ratio=2 / 3,
        accrual=uniform_accrual(300, until=24),
        dropout=DROPOUT,
    )


def _logrank_size(_: Table, given: Arguments) -> Answers:
    plan = LogRankPlan(survival=_plan(), study_end=36, variance=Variance(given["variance"]))
    found = size_logrank(plan, rates=ErrorRates())
    return {"subjects": found.subjects, "events": found.events}


def _pieces_size(_: Table, given: Arguments) -> Answers:
    stratum = StratumCourse(
        reference=ArmCourse(event=HAZARD, dropout=hazard_of_share(0.02, by=12)),
        experimental=ArmCourse(event=HAZARD.times(0.6), dropout=DROPOUT),
    )
    accrual = Accrual(starts=(0.0, 6.0), rates=(4.0, 8.0), until=24)
    survival = SurvivalPlan(accrual=accrual, strata=(stratum,), ratio=given["ratio"])
    plan = LogRankPlan(survival=survival, study_end=36, variance=Variance(given["variance"]))
    found = size_logrank(plan, rates=ErrorRates())
    return {"subjects": found.subjects, "events": found.events}


def _course_of(plan: SurvivalPlan, at: list[float]) -> Answers:
    found = expect_course(plan, at=at)
    return {
        "subjects": found.all_subjects,
        "events0": found.events[:, 0, 0],
        "events1": found.events[:, 0, 1],
        "dropouts0": found.dropouts[:, 0, 0],
        "dropouts1": found.dropouts[:, 0, 1],
    }


def _course(_: Table, given: Arguments) -> Answers:
    return _course_of(_plan(), given["at"])


def _ramp(_: Table, given: Arguments) -> Answers:
    plan = two_arm_plan(
        HAZARD,
        hazard_ratio=0.6,
        accrual=ramp_accrual(200, full_from=10, until=20),
        dropout=constant(0.01),
    )
    return _course_of(plan, given["at"])


def _late_in_pieces() -> SurvivalPlan:
    late = Piecewise(starts=HAZARD.starts, rates=(0.025, 0.6 * 0.04, 0.6 * 0.015))
    stratum = StratumCourse(
        reference=ArmCourse(event=HAZARD, dropout=constant(0.01)),
        experimental=ArmCourse(event=late, dropout=constant(0.01)),
    )
    accrual = uniform_accrual(300, until=24)
    return SurvivalPlan(accrual=accrual, strata=(stratum,), ratio=2.0)


def _late() -> SurvivalPlan:
    rate = hazard_of_median(12).rates[0]
    late = Piecewise(starts=(0.0, 4.0), rates=(rate, 0.6 * rate))
    stratum = StratumCourse(
        reference=ArmCourse(event=constant(rate), dropout=DROPOUT),
        experimental=ArmCourse(event=late, dropout=DROPOUT),
    )
    return SurvivalPlan(accrual=uniform_accrual(300, until=24), strata=(stratum,))


def _average(_: Table, given: Arguments) -> Answers:
    plan = _late_in_pieces() if "ratio" in given else _late()
    found = average_hazard_ratio(plan, at=given["at"])
    return {
        "ratio": found.ratio,
        "events": found.events,
        "information": found.information,
        "information_null": found.information_null,
    }


def _milestone(_: Table, given: Arguments) -> Answers:
    survival = two_arm_plan(
        HAZARD,
        hazard_ratio=0.6,
        accrual=uniform_accrual(100, until=24),
        dropout=constant(0.01),
    )
    plan = MilestonePlan(
        survival=survival,
        at=12,
        study_end=given["study_end"],
        scale=Interval(given.get("scale", "plain")),
        measure=Measure(given.get("measure", "survival")),
    )
    found = size_milestone(plan, rates=ErrorRates())
    return {"subjects": found.subjects, "values": found.values}


ANSWERS = {
    "shares": _shares,
    "share_power": _share_power,
    "one_share": _one_share,
    "one_share_normal": _one_share_normal,
    "means": _means,
    "events": _events,
    "event_power": _event_power,
    "logrank_size": _logrank_size,
    "pieces_size": _pieces_size,
    "course": _course,
    "ramp": _ramp,
    "average": _average,
    "milestone": _milestone,
}
