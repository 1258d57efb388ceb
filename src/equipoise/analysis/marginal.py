"""The lesions of a patient as kinds of event: a Cox model each, and their common effect."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import with_log_ratio, with_test
from equipoise.analysis.competing import describe_incidence
from equipoise.analysis.result import Estimate, Result, known
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.words import adjusted_words, strata_warnings, strata_words
from equipoise.numerics.hazards.cox import Ties
from equipoise.numerics.hazards.wei_lin_weissfeld import (
    CommonEffect,
    MarginalCox,
    SeveralEvents,
    combine_kinds,
    estimate_marginal_cox,
)
from equipoise.protocol.methods.hazards import MarginalOptions


def number_lesions(sample: Sample) -> NDArray[np.int64]:
    """The place of each row among those of its patient, in the order of their ids, from 0."""
    seen: dict[str, int] = {}
    places = []
    for subject in sample.subject:
        places.append(seen.get(str(subject), 0))
        seen[str(subject)] = places[-1] + 1
    return np.array(places, dtype=np.int64)


def compare_by_marginal_models(sample: Sample, *, question: Question) -> Result:
    """The hazard ratio common to first, second and further lesions, each with a model of its own.

    Competing events censor. Source: Wei, Lin, Weissfeld (1989).
    """
    options = take_options(question, kind=MarginalOptions)
    result = describe_incidence(
        sample,
        question=question,
        method=f"Wei-Lin-Weissfeld: a Cox model each for first and further lesions of a patient, "
        f"{options.ties.capitalize()} ties; their common effect"
        f"{strata_words(sample, question=question)}{adjusted_words(sample)}",
        measure="hazard_ratio",
    )
    if not is_comparable(sample):
        return result
    found = estimate_marginal_cox(
        SeveralEvents(
            time=sample.time,
            event=sample.event,
            kind=number_lesions(sample),
            subject=sample.subject,
            covariates=sample.design,
            stratum=sample.stratum if question.stratified else None,
        ),
        ties=Ties(options.ties),
    )
    warned = replace(
        result, warnings=(*result.warnings, *strata_warnings(sample, question=question))
    )
    why = _why_not(found)
    if why:
        words = f"the common hazard ratio cannot be estimated: {why}"
        empty = replace(warned, estimate=Estimate(value=None, level=question.level))
        return replace(empty, warnings=(*empty.warnings, words))
    return _with_common(warned, combine_kinds(found, level=question.level), level=question.level)


def _why_not(found: MarginalCox) -> str:
    """Why the kinds give no common effect; empty where they do."""
    told = np.flatnonzero(np.isfinite(found.coefficients[:, 0]))
    if not told.size:
        return "no lesion, first or further, tells an effect"
    covariance = found.covariance[:, 0, :, 0][np.ix_(told, told)]
    if np.linalg.matrix_rank(covariance, hermitian=True) < told.size:
        return f"the effects on {told.size} lesions move together: there are too few patients"
    return ""


def _with_common(result: Result, common: CommonEffect, *, level: float) -> Result:
    effect = common.effect
    untold = int((common.weight == 0).sum())
    words = (f"{untold} of the lesions of a patient tell no effect of their own",) if untold else ()
    bare = replace(result, curves=(), rows=(), warnings=())
    parts = tuple(
        with_test(
            replace(bare, name=f"{result.name}/{name}", method=method, measure=name), test=test
        )
        for name, method, test in (
            ("global", "Test of no effect on any lesion", common.global_test),
            ("equality", "Test of one effect on all lesions", common.equality_test),
        )
        if known(test.p_value) is not None
    )
    return with_log_ratio(
        replace(result, parts=parts, warnings=(*result.warnings, *words)),
        log_value=effect.log_value,
        standard_error=effect.standard_error,
        level=level,
    )
