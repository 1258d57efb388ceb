"""Our answers for `further_sizes_reference.json`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from equipoise.design.assumptions import (
    ArmCourse,
    Piecewise,
    StratumCourse,
    SurvivalPlan,
    constant,
    hazard_of_median,
    hazard_of_share,
    two_arm_plan,
    uniform_accrual,
)
from equipoise.design.average_hazard_ratio import size_average_hazard_ratio
from equipoise.design.error_rates import ErrorRates
from equipoise.design.events import EventPlan, count_planned_events, least_hazard_ratio
from equipoise.design.exact_share_power import ExactTest, exact_power
from equipoise.design.mean_size import least_mean_effect
from equipoise.design.milestone_size import MilestonePlan, size_milestone
from equipoise.design.share_size import (
    SharePlan,
    ShareTest,
    least_share_effect,
    share_power,
    size_shares,
)
from equipoise.design.survival_size import (
    LogRankPlan,
    Variance,
    find_study_end,
    least_logrank_effect,
    size_logrank,
)
from equipoise.design.weighted_logrank_size import (
    WeightedLogRankPlan,
    expect_score,
    size_weighted_logrank,
)
from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington
from equipoise.numerics.survival.survival_scales import Interval
from reference.estimators.tables import Table

Arguments = Mapping[str, Any]
Answers = Mapping[str, ArrayLike]

RATES = ErrorRates()
DROPOUT = hazard_of_share(0.05, by=12)
HAZARD = Piecewise(starts=(0.0, 6.0, 9.0), rates=(0.025, 0.04, 0.015))
LATE = Piecewise(starts=HAZARD.starts, rates=(0.025, 0.6 * 0.04, 0.6 * 0.015))


def _share_plan(given: Arguments) -> SharePlan:
    said = {key: value for key, value in given.items() if key not in ("test", "n")}
    return SharePlan(**said, test=ShareTest(given["test"]))


def _shares(_: Table, given: Arguments) -> Answers:
    return {"exact": size_shares(_share_plan(given), rates=RATES).exact}


def _share_power(_: Table, given: Arguments) -> Answers:
    return {"power": share_power(_share_plan(given), n=tuple(given["n"]), rates=RATES)}


def _exact_power(_: Table, given: Arguments) -> Answers:
    shares = (given["reference"], given["experimental"])
    n = (given["n"][0], given["n"][1])
    return {
        name: exact_power(shares, n=n, alpha=0.025, test=test)
        for name, test in (("chi_square", ExactTest.CHI_SQUARE), ("fisher", ExactTest.FISHER))
    }


def _least_share(_: Table, given: Arguments) -> Answers:
    plan = SharePlan(reference=given["reference"], experimental=0.99)
    return {"share": least_share_effect(plan, n=(given["n"],) * 2, rates=RATES)}


def _least_mean(_: Table, given: Arguments) -> Answers:
    return {"difference": least_mean_effect(2.0, n=(given["n"],) * 2, rates=RATES)}


def _least_ratio(_: Table, given: Arguments) -> Answers:
    said = {key: value for key, value in given.items() if key != "events"}
    return {"hazard_ratio": least_hazard_ratio(given["events"], rates=RATES, **said)}


def _trial(hazard_ratio: float, *, subjects: float = 300, ratio: float = 1.0) -> SurvivalPlan:
    plan = two_arm_plan(
        hazard_of_median(12),
        hazard_ratio=hazard_ratio,
        accrual=uniform_accrual(subjects, until=24),
        dropout=DROPOUT,
    )
    return replace(plan, ratio=ratio)


def _least_logrank(_: Table, given: Arguments) -> Answers:
    plan = LogRankPlan(survival=_trial(0.5, **given), study_end=36, variance=Variance.SCHOENFELD)
    return {"hazard_ratio": least_logrank_effect(plan, rates=RATES)}


def _events(_: Table, given: Arguments) -> Answers:
    return {"events": count_planned_events(EventPlan(**given), rates=ErrorRates(power=0.9))}


def _logrank_size(_: Table, given: Arguments) -> Answers:
    survival = _trial(given["hazard_ratio"], ratio=given["ratio"])
    plan = LogRankPlan(
        survival=survival, study_end=36, margin=given["margin"],
        variance=Variance(given["variance"]),
    )  # fmt: skip
    found = size_logrank(plan, rates=RATES)
    return {"subjects": found.subjects, "events": found.events}


def _stratified_size(_: Table, given: Arguments) -> Answers:
    hazards = [hazard_of_median(median) for median in given["medians"]]
    strata = tuple(
        StratumCourse(
            share=1 / len(hazards),
            reference=ArmCourse(event=hazard, dropout=DROPOUT),
            experimental=ArmCourse(event=hazard.times(0.7), dropout=DROPOUT),
        )
        for hazard in hazards
    )
    survival = SurvivalPlan(
        accrual=uniform_accrual(300, until=24), strata=strata, ratio=given["ratio"]
    )
    found = size_logrank(LogRankPlan(survival=survival, study_end=36), rates=RATES)
    return {"subjects": found.subjects, "events": found.events}


def _study_end(_: Table, given: Arguments) -> Answers:
    plan = LogRankPlan(survival=_trial(2 / 3, **given), study_end=36, variance=Variance.SCHOENFELD)
    found = find_study_end(plan, rates=RATES)
    return {"end": found.study_end, "events": found.events}


def _late(ratio: float) -> SurvivalPlan:
    stratum = StratumCourse(
        reference=ArmCourse(event=HAZARD, dropout=constant(0.01)),
        experimental=ArmCourse(event=LATE, dropout=constant(0.01)),
    )
    return SurvivalPlan(accrual=uniform_accrual(300, until=24), strata=(stratum,), ratio=ratio)


def _score(_: Table, given: Arguments) -> Answers:
    plan = WeightedLogRankPlan(
        survival=_late(given["ratio"]),
        study_end=given["study_end"],
        weighting=FlemingHarrington(rho=given["rho"], gamma=given["gamma"]),
    )
    found = expect_score(plan)
    return {
        "score": found.score,
        "variance": found.variance,
        "spread": found.spread,
        "subjects": size_weighted_logrank(plan, rates=RATES),
    }


def _average_size(_: Table, given: Arguments) -> Answers:
    return {"subjects": size_average_hazard_ratio(_late(2.0), at=given["at"], rates=RATES)}


def _stratified_milestone(_: Table, given: Arguments) -> Answers:
    strata = tuple(
        StratumCourse(
            share=share,
            reference=ArmCourse(event=HAZARD.times(factor), dropout=constant(0.01)),
            experimental=ArmCourse(event=HAZARD.times(0.6 * factor), dropout=constant(0.01)),
        )
        for share, factor in ((0.4, 1.0), (0.6, 2.0))
    )
    survival = SurvivalPlan(accrual=uniform_accrual(100, until=24), strata=strata)
    plan = MilestonePlan(
        survival=survival, at=12, study_end=36, scale=Interval.PLAIN, margin=given["margin"]
    )
    found = size_milestone(plan, rates=RATES)
    return {"subjects": found.subjects, "values": found.values}


ANSWERS = {
    "shares": _shares,
    "share_power": _share_power,
    "exact_power": _exact_power,
    "least_share": _least_share,
    "least_mean": _least_mean,
    "least_ratio": _least_ratio,
    "least_logrank": _least_logrank,
    "events": _events,
    "logrank_size": _logrank_size,
    "stratified_size": _stratified_size,
    "study_end": _study_end,
    "score": _score,
    "average_size": _average_size,
    "stratified_milestone": _stratified_milestone,
}
