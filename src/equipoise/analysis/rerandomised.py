"""The re-randomisation test: the comparison among those of all allocations the scheme may give."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.replay import Replay, draw_again
from equipoise.analysis.result import Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival
from equipoise.analysis.words import strata_warnings, strata_words
from equipoise.numerics.ranks.permutation import (
    compare_with_draws,
    estimate_group_curves,
    logrank_scores,
    sum_scores,
)
from equipoise.protocol.methods.sensitivity import RerandomisationOptions

_NAMES = {"logrank": "logrank", "milestone": "survival_difference", "rmst": "rmst_difference"}


def compare_by_rerandomisation(sample: Sample, *, question: Question) -> Result:
    """p of the comparison over allocations drawn again by the scheme that was used.

    The times stay, the arms are drawn anew for all whom the trial allocated, in their order and
    strata; p is (1 + as extreme) / (1 + draws). It rests on nothing but the randomisation itself.
    Source: Rosenberger, Lachin (2016), chapter 6.
    """
    options = take_options(question, kind=RerandomisationOptions)
    strata = strata_words(sample, question=question) if options.statistic == "logrank" else ""
    base = describe_survival(
        sample,
        question=question,
        method=f"Re-randomisation test by the scheme of the trial, {options.draws} draws, "
        f"statistic: {options.statistic}{strata}",
        measure=f"rerandomised_{_NAMES[options.statistic]}",
    )
    told = _why_not(sample, question, options)
    if told or sample.replay is None or not is_comparable(sample):
        return replace(base, warnings=(*base.warnings, *told))
    arms = _drawn_arms(sample, sample.replay, options.draws, question.seed)
    observed, drawn, lost = _statistics(sample, question, options, arms)
    if not np.isfinite(observed) or drawn.size == 0:
        words = ("the statistic cannot be estimated",)
        return replace(base, warnings=(*base.warnings, *words))
    test = compare_with_draws(observed, drawn=drawn)
    lines = [f"{lost} draws told no statistic and are left out"] if lost else []
    level = question.level
    return replace(
        base,
        statistic=known(test.statistic),
        p_value=test.p_value,
        at=question.headline if options.statistic != "logrank" else None,
        further={
            "mean_of_draws": build_estimate(test.mean, level=level),
            "p_value": build_estimate(
                test.p_value, lower=test.p_limits[0], upper=max(test.p_limits[1], test.p_value),
                level=0.99,
            ),
        },
        warnings=(*base.warnings, *strata_warnings(sample, question=question), *lines),
    )  # fmt: skip


def _why_not(
    sample: Sample, question: Question, options: RerandomisationOptions
) -> tuple[str, ...]:
    if sample.replay is None:
        return ("how the arms were allocated is not known here: nothing can be drawn again",)
    if len(sample.replay.plan.arms) != 2:
        return ("the test is for two arms: a patient might be drawn out of the comparison",)
    if options.statistic != "logrank" and question.headline is None:
        return ("the plan names no time to compare at",)
    return ()


def _drawn_arms(sample: Sample, replay: Replay, draws: int, seed: int) -> NDArray[np.int64]:
    """Places in the sample's arms, (draws, n)."""
    turned = np.array([sample.arms.index(arm) for arm in replay.plan.arms])
    drawn = draw_again(replay, subject=sample.subject, draws=draws, seed=seed)
    return np.asarray(turned[drawn])


def _statistics(
    sample: Sample, question: Question, options: RerandomisationOptions, arms: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64], int]:
    """The statistic seen and those drawn; how many draws told none."""
    if options.statistic == "logrank":
        stratum = sample.stratum if question.stratified else None
        scores = logrank_scores(sample.time, event=sample.event, stratum=stratum)
        return float(sum_scores(scores, group=sample.arm)[0]), sum_scores(scores, group=arms), 0
    every = np.vstack([sample.arm, arms])
    curves = estimate_group_curves(
        sample.time, event=sample.event, group=every, at=question.headline or 0.0
    )
    by_arm = curves.survival if options.statistic == "milestone" else curves.restricted_mean
    seen, *drawn = (by_arm[:, 1] - by_arm[:, 0]).tolist()
    known_ones = np.array([each for each in drawn if np.isfinite(each)])
    return float(seen), known_ones, len(drawn) - known_ones.size
