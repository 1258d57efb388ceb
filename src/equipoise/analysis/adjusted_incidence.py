"""Incidences adjusted for covariates, what competes counted, by pseudo-values."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.adjusted_curves import Contrast, compare_adjusted, contrast_of_arm
from equipoise.analysis.competing import describe_incidence
from equipoise.analysis.incidence_differences import incidence_at
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Question, Sample, take_options
from equipoise.analysis.words import adjusted_words
from equipoise.numerics.competing.incidence_comparison import estimate_incidence_pseudo_values
from equipoise.numerics.survival.pseudo_values import Link, regress_pseudo_values
from equipoise.protocol.methods.competing import AdjustedIncidenceOptions

_MEASURES = {
    "difference": ("incidence_difference", Link.IDENTITY),
    "ratio": ("incidence_ratio", Link.LOG),
    "hazard_ratio": ("subdistribution_hazard_ratio", Link.LOG_LOG),
}


def compare_adjusted_incidence(sample: Sample, *, question: Question) -> Result:
    """The incidence at each time, adjusted for the covariates by pseudo-values.

    Lesions of one patient are a cluster. Source: Klein, Andersen (2005).
    """
    options = take_options(question, kind=AdjustedIncidenceOptions)
    measure, link = _MEASURES[options.contrast]
    base = describe_incidence(
        sample,
        question=question,
        method=f"Regression on pseudo-values of incidence, {link.value} link"
        f"{adjusted_words(sample)}",
        measure=measure,
        arm_measure="incidence",
    )
    model = partial(_model, sample, link)
    return compare_adjusted(sample, question=question, base=base, model=model, own=incidence_at)


def _model(sample: Sample, link: Link, design: NDArray[np.float64], at: float) -> Contrast:
    pseudo = estimate_incidence_pseudo_values(sample.time, cause=sample.cause, at=at)
    # on this scale the share without the event is modelled, as survival is
    outcome = 1 - pseudo if link is Link.LOG_LOG else pseudo
    return contrast_of_arm(
        regress_pseudo_values(outcome, covariates=design, link=link, cluster=sample.clusters)
    )
