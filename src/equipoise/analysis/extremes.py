"""The comparison if the censored fared as ill or as well as they might; and without each site."""

import math
from dataclasses import replace

import numpy as np

from equipoise.analysis.imputed import chi_square_p
from equipoise.analysis.measures import NAMES, as_estimate, measure
from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import (
    Question,
    Sample,
    check_sample,
    is_comparable,
    select_rows,
    take_options,
)
from equipoise.analysis.survival import build_arm_results, describe_survival
from equipoise.analysis.words import NOT_STRATIFIED
from equipoise.protocol.methods.sensitivity import Measure, MeasuredOptions


def _describe(sample: Sample, question: Question, compared: Measure, method: str) -> Result:
    base = describe_survival(sample, question=question, method=method, measure=NAMES[compared])
    told = (*base.warnings, NOT_STRATIFIED) if question.stratified else base.warnings
    no_time = () if question.headline is not None else ("the plan names no time to compare at",)
    untold = Estimate(value=None, level=question.level)
    return replace(base, at=question.headline, estimate=untold, warnings=(*told, *no_time))


def _measured(sample: Sample, *, base: Result, question: Question, compared: Measure) -> Result:
    """The result of these rows; what cannot be told is said."""
    at = question.headline
    arms = build_arm_results(sample, level=question.level)
    if at is None or not is_comparable(sample):
        return replace(base, arms=arms, rows=sample.rows, warnings=check_sample(sample))
    found = measure(sample, compared=compared, at=at)
    p_value = chi_square_p(found)
    told = () if found.told else (f"no {base.measure} can be told",)
    return replace(
        base,
        arms=arms,
        rows=sample.rows,
        estimate=as_estimate(found, compared=compared, level=question.level),
        p_value=known(p_value),
        warnings=(*check_sample(sample), *told),
    )


def _settle(sample: Sample, *, at: float, failed: int) -> Sample:
    """Those censored before the time: in arm `failed` with the event then, in the other free."""
    early = (sample.event == 0) & (sample.time < at)
    cause = np.where(early & (sample.arm == failed), 1, sample.event)
    time = np.where(early & (sample.arm != failed), at, sample.time)
    return replace(sample, time=time, cause=cause)


def compare_extremes(sample: Sample, *, question: Question) -> Result:
    """The worst and the best case for the other arm of those censored before the plan's time.

    Worst: in the other arm each has the event when last seen, in the reference arm none until the
    time; best: the reverse. On top stands the worst case, both are parts.
    """
    options = take_options(question, kind=MeasuredOptions)
    base = _describe(
        sample,
        question,
        options.compared,
        "Those censored early taken as failed when last seen in one arm, free of it in the other",
    )
    at = question.headline if question.headline is not None else 0.0
    parts = tuple(
        replace(
            _measured(
                _settle(sample, at=at, failed=failed),
                base=replace(base, curves=()),
                question=question,
                compared=options.compared,
            ),
            name=f"{base.name}/{name}",
        )
        for name, failed in (("worst", 1), ("best", 0))
    )
    early = int(((sample.event == 0) & (sample.time < at)).sum())
    return replace(
        parts[0],
        name=base.name,
        arms=base.arms,
        curves=base.curves,
        further={"censored_early": build_estimate(float(early), level=question.level)},
        warnings=tuple(dict.fromkeys((*base.warnings, *parts[0].warnings))),
        parts=parts,
    )


def leave_sites_out(sample: Sample, *, question: Question) -> Result:
    """The comparison of all, and without each site in turn; `further` holds the extremes.

    A part a site left out. A site whose patients alone make the result is seen at once.
    """
    options = take_options(question, kind=MeasuredOptions)
    base = _describe(sample, question, options.compared, "The comparison without each site in turn")
    whole = _measured(sample, base=base, question=question, compared=options.compared)
    if sample.site is None:
        untold = ("the site of the patients is not known",)
        return replace(whole, warnings=(*base.warnings, *untold))
    parts = tuple(
        replace(
            _measured(
                select_rows(sample, kept=sample.site != site),
                base=replace(base, curves=()),
                question=question,
                compared=options.compared,
            ),
            name=f"{base.name}/without {site}",
        )
        for site in np.unique(sample.site)
    )
    values = [p.estimate.value for p in parts if p.estimate and p.estimate.value is not None]
    least, most = (min(values), max(values)) if values else (math.nan, math.nan)
    return replace(
        whole,
        further={
            "least_without_a_site": build_estimate(least, level=question.level),
            "most_without_a_site": build_estimate(most, level=question.level),
        },
        warnings=tuple(dict.fromkeys((*base.warnings, *whole.warnings))),
        parts=parts,
    )
