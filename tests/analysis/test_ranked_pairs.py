"""How often the covariates of a Cox model rank two patients right."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, adjust, ask, build_sample
from equipoise.analysis.concordance import estimate_ranking
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Sample
from equipoise.numerics.hazards.concordance import estimate_concordance
from equipoise.numerics.hazards.cox import Ties, estimate_cox
from equipoise.protocol.methods.hazards import ConcordanceOptions

# the fourth word is the covariate
PATIENTS = """
A 2 x 3
A 5 x 1
A 7+ y 2
B 3 x 2
B 4+ y 3
B 6 y 0
B 9+ y 1
"""


def sample_of(text: str) -> Sample:
    """Patients with one covariate, the fourth word."""
    rows = [line.split() for line in text.strip().splitlines()]
    sample = build_sample("\n".join(" ".join(row[:3]) for row in rows))
    values = np.array([[float(row[3])] for row in rows])
    return replace(sample, covariates=values, covariate_names=("Score",))


def value_of(result: Result) -> float:
    """The concordance, which must be there."""
    assert result.estimate is not None
    assert result.estimate.value is not None
    return result.estimate.value


def count_pairs(sample: Sample, risk: list[float], *, within: bool = False) -> list[int]:
    """Pairs ranked right, wrong and alike, patient by patient: who fails against who is left."""
    found = [0, 0, 0]
    for i, time in enumerate(sample.time):
        for j, other in enumerate(sample.time):
            apart = within and sample.stratum[i] != sample.stratum[j]
            later = other > time or (other == time and sample.cause[j] != 1)
            if sample.cause[i] == 1 and i != j and later and not apart:
                place = 2 if risk[i] == risk[j] else int(risk[i] < risk[j])
                found[place] += 1
    return found


def pairs_of(result: Result) -> list[float | None]:
    """The pairs that the result counts."""
    names = ("concordant_pairs", "discordant_pairs", "tied_pairs")
    return [result.further[name].value for name in names]


def test_pairs_are_those_counted_by_hand() -> None:
    result = estimate_ranking(sample_of(PATIENTS), question=ask())
    # fails at 2 (3): right 5, alike 1; at 3 (2): right 3, wrong 1, alike 1; at 5 (1): right 1,
    # wrong 1, alike 1; at 6 (0): wrong 2
    assert pairs_of(result) == [9, 4, 3]
    assert value_of(result) == pytest.approx(10.5 / 16)
    assert result.p_value is None
    assert [arm.n for arm in result.arms] == [3, 4]


@pytest.mark.parametrize("stratified", [False, True])
def test_pairs_are_compared_within_strata(stratified: bool) -> None:
    sample = sample_of(PATIENTS)
    result = estimate_ranking(sample, question=ask(stratified=stratified))
    assert sample.covariates is not None
    counted = count_pairs(sample, [float(v) for v in sample.covariates[:, 0]], within=stratified)
    assert pairs_of(result) == counted
    assert ("stratified by stratum" in result.method) is stratified


@pytest.mark.parametrize("score", ["covariates", "arms_too"])
def test_numbers_are_those_of_the_kernel(score: str) -> None:
    sample = adjust(build_sample(GOLDEN))
    options = ConcordanceOptions.model_validate({"score": score, "ties": "breslow"})
    result = estimate_ranking(sample, question=ask(level=0.9, options=options))
    assert sample.covariates is not None
    design = sample.design if score == "arms_too" else sample.covariates
    fit = estimate_cox(sample.time, event=sample.event, covariates=design, ties=Ties.BRESLOW)
    found = estimate_concordance(fit)
    assert value_of(result) == found.value
    assert result.estimate is not None
    assert result.estimate.lower == pytest.approx(
        found.value - 1.6448536269514722 * found.standard_error, rel=1e-12
    )
    assert (score == "arms_too") is ("of arm and Sex: male and Age" in result.method)


def test_three_arms_rank_by_what_sets_each_apart() -> None:
    text = "A 1\nA 4\nA 6\nB 2\nB 5\nB 8+\nC 3\nC 3\nC 7"
    sample = replace(
        build_sample(text, arms=("A", "B", "C")),
        covariates=np.array([[0.0], [1], [0], [1], [0], [1], [1], [0], [0]]),
        covariate_names=("Sex",),
    )
    result = estimate_ranking(sample, question=ask(options=ConcordanceOptions(score="arms_too")))
    assert sample.covariates is not None
    design = np.column_stack([sample.arm == 1, sample.arm == 2, sample.covariates]).astype(float)
    fit = estimate_cox(sample.time, event=sample.event, covariates=design)
    assert pairs_of(result) == count_pairs(sample, list(np.round(design @ fit.coefficients, 9)))
    assert [arm.arm for arm in result.arms] == ["A", "B", "C"]


def test_why_there_is_no_concordance_is_told() -> None:
    for text, words in (
        ("A 3+ x 1\nB 4+ x 2", "there is no event"),
        ("A 3 x 1\nB 4 x 1", "no event has covariates that differ"),
        ("A 3 x 2\nA 4 x 1\nB 5 x 0", "without end"),
    ):
        result = estimate_ranking(sample_of(text), question=ask())
        assert result.estimate is not None
        assert result.estimate.value is None
        assert any(words in told for told in result.warnings), result.warnings
    bare = estimate_ranking(build_sample(GOLDEN), question=ask())
    assert any("no covariate differs" in told for told in bare.warnings)


def test_a_covariate_that_another_tells_is_named() -> None:
    sample = adjust(build_sample(GOLDEN))
    assert sample.covariates is not None
    twice = replace(
        sample,
        covariates=np.column_stack([sample.covariates, sample.covariates[:, 0]]),
        covariate_names=(*sample.covariate_names, "Again"),
    )
    result = estimate_ranking(twice, question=ask())
    assert value_of(result) == pytest.approx(value_of(estimate_ranking(sample, question=ask())))
    assert any(told.startswith("without ") for told in result.warnings)
