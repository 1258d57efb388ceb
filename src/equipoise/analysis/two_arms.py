"""Everything that two arms with times and events can say: for data without a protocol."""

from dataclasses import dataclass

import numpy as np

from equipoise.analysis.hazards import compare_by_cox, compare_by_logrank
from equipoise.analysis.milestone import compare_at_milestone
from equipoise.analysis.restricted_mean import compare_restricted_means
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Question, Sample, common_follow_up
from equipoise.analysis.survival import estimate_follow_up, estimate_medians


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoArms:
    """The medians with curves, the four comparisons, and what a reader should know of them."""

    medians: Result
    cox: Result
    logrank: Result
    milestone: Result
    rmst: Result
    warnings: tuple[str, ...]


def choose_milestone(sample: Sample) -> float | None:
    """The median follow-up (reverse Kaplan-Meier), but no later than both arms are followed.

    Where it is not reached (hardly anybody is censored) the median of all times stands for it.
    """
    common = common_follow_up(sample)
    found = estimate_follow_up(sample.time, event=sample.event)["median_follow_up"].value
    if common is None:
        return None
    return min(float(np.median(sample.time)) if found is None else found, common)


def compare_two_arms(
    sample: Sample, *, at: tuple[float, ...] = (), horizon: float | None = None
) -> TwoArms:
    """Medians, hazard ratio, log-rank test, milestones and restricted mean of two arms.

    Log-rank and Cox are stratified when the sample has factors. `at` are the milestones (default
    `choose_milestone`), the first one stands on top; `horizon` is that of the restricted mean
    (default `common_follow_up`).
    """
    found = (choose_milestone(sample), horizon or common_follow_up(sample))
    times = at or ((found[0],) if found[0] is not None else ())
    horizons = (found[1],) if found[1] is not None else ()
    plain = Question(name="curves", endpoint="time")
    strata = Question(name="curves", endpoint="time", stratified=bool(sample.factors))
    asked = Question(name="milestone", endpoint="time", at=times, headline=(*times, None)[0])
    ended = Question(name="rmst", endpoint="time", at=horizons)
    medians = estimate_medians(sample, question=plain)
    results = (
        compare_by_cox(sample, question=strata),
        compare_by_logrank(sample, question=strata),
        compare_at_milestone(sample, question=asked),
        compare_restricted_means(sample, question=ended),
    )
    words = [word for result in (medians, *results) for word in result.warnings]
    return TwoArms(
        medians=medians,
        cox=results[0],
        logrank=results[1],
        milestone=results[2],
        rmst=results[3],
        warnings=tuple(dict.fromkeys(words)),
    )
