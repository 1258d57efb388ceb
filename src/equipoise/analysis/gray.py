"""Gray's test: whether the incidence of the event differs between the arms, others competing."""

from dataclasses import replace

from equipoise.analysis.comparison import with_test
from equipoise.analysis.competing import describe_incidence
from equipoise.analysis.result import Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, take_options
from equipoise.analysis.sides import EXCESS
from equipoise.analysis.words import check_independence, has_two_arms, strata_warnings, strata_words
from equipoise.numerics.competing.gray import compare_gray
from equipoise.protocol.methods.competing import GrayOptions


def compare_by_gray(sample: Sample, *, question: Question) -> Result:
    """Whether the incidences of the event differ between all arms, in strata where asked.

    Source: Gray (1988).
    """
    options = take_options(question, kind=GrayOptions)
    weight = f", weight (1 - incidence)^{options.rho:g}" if options.rho else ""
    result = describe_incidence(
        sample,
        question=question,
        method=f"Gray's test{weight}{strata_words(sample, question=question)}",
        measure="gray",
    )
    if not has_two_arms(sample):
        return result
    found = compare_gray(
        sample.time,
        cause=sample.cause,
        group=sample.arm,
        stratum=sample.stratum if question.stratified else None,
        groups=len(sample.arms),
        rho=options.rho,
    )
    warned = (*check_independence(sample), *strata_warnings(sample, question=question))
    if known(found.test.p_value) is None:
        warned = (*warned, "no event has two arms at risk: nothing can be tested")
    elif len(sample.arms) == 2:
        excess = build_estimate(float(found.score[1]))
        result = replace(result, further={EXCESS: excess})
    return with_test(result, test=found.test, warnings=warned)
