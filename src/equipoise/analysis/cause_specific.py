"""The cause-specific hazard ratio: of the event with others as censorings, or of the others."""

from dataclasses import replace

import numpy as np

from equipoise.analysis.competing import describe_incidence
from equipoise.analysis.hazards import fit_cox, with_cox
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.words import (
    adjusted_words,
    check_independence,
    strata_warnings,
    strata_words,
)
from equipoise.protocol.methods.hazards import CauseSpecificOptions


def compare_by_cause(sample: Sample, *, question: Question) -> Result:
    """The hazard ratio of one cause by Cox's model, beside the incidence that it leads to.

    Source: Prentice et al. (1978); Putter, Fiocco, Geskus (2007).
    """
    options = take_options(question, kind=CauseSpecificOptions)
    of = "the event" if options.cause == "event" else "the competing event"
    result = describe_incidence(
        sample,
        question=question,
        method=f"Cox model of the cause-specific hazard of {of}"
        f"{strata_words(sample, question=question)}{adjusted_words(sample)}",
        measure="hazard_ratio",
    )
    if not is_comparable(sample):
        return result
    turned = np.array([0, 2, 1], dtype=np.int64)[sample.cause]
    asked = sample if options.cause == "event" else replace(sample, cause=turned)
    fit, words = fit_cox(asked, question=question, options=options)
    naive = check_independence(sample) if options.variance == "model" else ()
    strata = strata_warnings(sample, question=question)
    told = replace(result, warnings=(*result.warnings, *naive, *strata, *words))
    return with_cox(told, fit=fit, sample=asked, options=options, level=question.level)
