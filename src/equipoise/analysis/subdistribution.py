"""The subdistribution hazard ratio of the other arm: the Fine-Gray model of the event."""

from dataclasses import replace

import numpy as np

from equipoise.analysis.comparison import with_log_ratio
from equipoise.analysis.competing import describe_incidence
from equipoise.analysis.result import Estimate, Result
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.words import (
    adjusted_words,
    check_adjusted,
    strata_warnings,
    strata_words,
)
from equipoise.numerics.competing.fine_gray import (
    estimate_fine_gray,
    estimate_subdistribution_ratio,
)
from equipoise.numerics.competing.fine_gray_design import FINEGRAY, Censoring
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.hazards.cox_design import weigh_by_patient
from equipoise.protocol.methods.competing import FineGrayOptions

_CENSORING = {"crr": Censoring(), "finegray": FINEGRAY}


def compare_by_fine_gray(sample: Sample, *, question: Question) -> Result:
    """The subdistribution hazard ratio with robust Wald interval, adjusted for the covariates.

    Lesions of one patient are a cluster; strata have a baseline each. Where the likelihood has no
    maximum there is no ratio and no p. Source: Fine, Gray (1999); Zhou et al. (2012).
    """
    options = take_options(question, kind=FineGrayOptions)
    result = describe_incidence(
        sample,
        question=question,
        method=_words(sample, question, options),
        measure="subdistribution_hazard_ratio",
    )
    if not is_comparable(sample):
        return result
    fit = estimate_fine_gray(
        sample.time,
        cause=sample.cause,
        covariates=sample.design,
        stratum=sample.stratum if question.stratified else None,
        sampling=Sampling(
            cluster=sample.clusters,
            weight=weigh_by_patient(sample.subject) if options.weights == "patient" else None,
        ),
        censoring=_CENSORING[options.censoring],
    )
    warned = replace(
        result, warnings=(*result.warnings, *strata_warnings(sample, question=question))
    )
    if not fit.converged or not np.isfinite(fit.coefficients[0]):
        words = f"the subdistribution hazard ratio cannot be estimated: {fit.message}"
        return replace(
            warned,
            estimate=Estimate(value=None, level=question.level),
            warnings=(*warned.warnings, words),
        )
    ratio = estimate_subdistribution_ratio(fit, level=question.level)
    untold = check_adjusted(sample, coefficients=fit.coefficients)
    return with_log_ratio(
        replace(warned, warnings=(*warned.warnings, *untold)),
        log_value=ratio.log_value,
        standard_error=ratio.standard_error,
        level=question.level,
    )


def _words(sample: Sample, question: Question, options: FineGrayOptions) -> str:
    said = (
        "Fine-Gray model, robust variance",
        ", clustered by patient" if sample.clusters is not None else "",
        ", each patient of weight 1" if options.weights == "patient" else "",
        strata_words(sample, question=question),
        adjusted_words(sample),
    )
    return "".join(said)
