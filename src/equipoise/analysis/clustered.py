"""Tests of lesions that know of the patients who bear them."""

from dataclasses import replace

from equipoise.analysis.comparison import with_test
from equipoise.analysis.competing import describe_incidence
from equipoise.analysis.result import Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, take_options
from equipoise.analysis.sides import EXCESS
from equipoise.analysis.weighted_tests import NOTHING
from equipoise.analysis.words import has_two_arms, strata_warnings, strata_words
from equipoise.numerics.competing.clustered_tests import Hazard, compare_clustered
from equipoise.numerics.hazards.cox_design import Sampling, weigh_by_patient
from equipoise.protocol.methods.competing import ClusteredTestOptions

_HAZARDS = {"cause": Hazard.CAUSE, "subdistribution": Hazard.SUBDISTRIBUTION}
_NAMES = {"cause": "log-rank test", "subdistribution": "test of the subdistribution hazard"}


def compare_by_clusters(sample: Sample, *, question: Question) -> Result:
    """Whether the hazards of lesions differ, with a variance that sums patients.

    Source: Lee, Wei, Amato (1992); Jeong, Jung (2006); weights by patient Williamson, Datta,
    Satten (2003).
    """
    options = take_options(question, kind=ClusteredTestOptions)
    weight = ", each patient of weight 1" if options.weights == "patient" else ""
    result = describe_incidence(
        sample,
        question=question,
        method=f"Clustered {_NAMES[options.hazard]}, patients as clusters{weight}"
        f"{strata_words(sample, question=question)}",
        measure="clustered_test",
    )
    if not has_two_arms(sample):
        return result
    weights = weigh_by_patient(sample.subject) if options.weights == "patient" else None
    found = compare_clustered(
        sample.time,
        cause=sample.cause,
        group=sample.arm,
        sampling=Sampling(cluster=sample.subject, weight=weights),
        stratum=sample.stratum if question.stratified else None,
        hazard=_HAZARDS[options.hazard],
    )
    warned = strata_warnings(sample, question=question)
    if known(found.test.p_value) is None:
        warned = (*warned, NOTHING)
    elif len(sample.arms) == 2:
        result = replace(result, further={EXCESS: build_estimate(float(found.score[1]))})
    return with_test(result, test=found.test, warnings=warned)
