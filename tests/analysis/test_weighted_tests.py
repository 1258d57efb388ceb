"""Tests by rank as named analyses: the numbers of the kernels, of two arms and of many."""

import pytest

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.methods import METHODS
from equipoise.analysis.result import Result
from equipoise.analysis.weighted_tests import risk_sets_of
from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.numerics.hazards.cox_firth import estimate_firth, estimate_firth_interval
from equipoise.numerics.hazards.cox_profile import estimate_profile_interval
from equipoise.numerics.ranks.logrank import compare_logrank, compare_trend
from equipoise.numerics.ranks.maxcombo import Side, compare_maxcombo
from equipoise.numerics.ranks.weighted_logrank import (
    FlemingHarrington,
    ModestlyWeighted,
    PetoPeto,
    PiecewiseWeights,
    TaroneWare,
    Weighting,
    compare_weighted_logrank,
)
from equipoise.protocol.methods.families import METHODS as SPECS
from equipoise.protocol.methods.hazards import CoxOptions

SAMPLE = build_sample(GOLDEN)
STRATA = build_sample("A 2 x\nA 4 y\nA 6 x\nA 7+ y\nB 3 x\nB 5 y\nB 8 x\nB 9+ y")
THREE = build_sample("A 2\nA 4\nA 9+\nB 3\nB 5\nB 8+\nC 1\nC 7\nC 11", arms=("A", "B", "C"))
WEIGHTED: list[tuple[str, dict[str, object], Weighting]] = [
    ("fleming_harrington", {"rho": 0.5}, FlemingHarrington(rho=0.5, gamma=1)),
    ("tarone_ware", {"power": 1}, TaroneWare(power=1)),
    ("peto_peto", {"version": "modified"}, PetoPeto(modified=True)),
    ("modestly_weighted", {"t_star_months": 6}, ModestlyWeighted(until=6)),
    ("piecewise_logrank", {"cuts_months": [5]}, PiecewiseWeights(cuts=(5,), weights=(0, 1))),
]


def run(
    method: str, sample: object = SAMPLE, *, stratified: bool = False, **said: object
) -> Result:
    """A named method with options as a plan says them."""
    options = SPECS[method].options.model_validate(said)
    question = ask(stratified=stratified, options=options)
    return METHODS[method](sample, question=question)  # type: ignore[arg-type]


@pytest.mark.parametrize(("method", "said", "weighting"), WEIGHTED)
def test_a_weighted_test_is_that_of_the_kernel(
    method: str, said: dict[str, object], weighting: Weighting
) -> None:
    for sample, stratified in ((SAMPLE, False), (STRATA, True)):
        found = run(method, sample, stratified=stratified, **said)
        sets = risk_sets_of(sample, question=ask(stratified=stratified))
        expected = compare_weighted_logrank(sets, weighting=weighting)
        assert found.p_value == pytest.approx(expected.test.p_value)
        excess = float(expected.observed[1] - expected.expected[1])
        assert found.further["observed_less_expected"].value == pytest.approx(excess)
        assert ("stratified by stratum" in found.method) is stratified


def test_the_largest_of_several_tests_has_its_own_p_and_side() -> None:
    sets = risk_sets_of(SAMPLE, question=ask())
    found = run("maxcombo")
    assert found.p_value == pytest.approx(compare_maxcombo(sets).p_value)
    assert set(found.further) == {"z_0_0", "z_0_1", "z_1_0", "z_1_1"}
    less = run("maxcombo", alternative="less", weights=[{"gamma": 1}, {"rho": 0}])
    weightings = (FlemingHarrington(gamma=1), FlemingHarrington())
    expected = compare_maxcombo(sets, weightings=weightings, side=Side.FEWER_EVENTS)
    assert less.p_value == pytest.approx(expected.p_value)
    assert "one-sided p: less" in less.method


def test_all_arms_are_compared_at_once() -> None:
    found = run("logrank_all_arms", THREE)
    expected = compare_logrank(THREE.time, event=THREE.event, group=THREE.arm)
    assert (found.p_value, found.degrees_of_freedom) == pytest.approx((expected.test.p_value, 2))
    told = [arm.estimates["expected_events"].value for arm in found.arms]
    assert told == pytest.approx(list(expected.expected))


def test_a_trend_follows_the_scores_of_the_arms() -> None:
    for scores in ((), (0, 1, 4)):
        found = run("logrank_trend", THREE, scores=scores)
        sets = risk_sets_of(THREE, question=ask())
        expected = compare_trend(sets, scores=scores or None)
        assert found.further["z"].value == pytest.approx(expected.z)
        assert found.p_value == pytest.approx(expected.test.p_value)
    odd = run("logrank_trend", THREE, scores=(1, 2))
    assert any("2 scores for 3 arms" in word for word in odd.warnings)


def test_cox_by_the_profile_and_by_firth() -> None:
    fit = estimate_cox(SAMPLE.time, event=SAMPLE.event, covariates=SAMPLE.design)
    profile = compare_by_cox(SAMPLE, question=ask(options=CoxOptions(interval="profile")))
    expected = estimate_profile_interval(fit)
    assert profile.estimate is not None
    assert profile.estimate.lower == pytest.approx(expected.lower)
    assert profile.p_value == pytest.approx(expected.test.p_value)
    firth = compare_by_cox(SAMPLE, question=ask(options=CoxOptions(estimate="firth")))
    assert firth.further["log_hazard_ratio"].value == pytest.approx(
        float(estimate_firth(fit).coefficients[0])
    )


def test_an_arm_without_events_has_a_limit_by_the_profile_and_a_ratio_by_firth() -> None:
    sample = build_sample("A 2\nA 3\nA 4\nA 9+\nB 5+\nB 6+\nB 8+\nB 9+")
    lost = compare_by_cox(sample, question=ask(options=CoxOptions(interval="profile")))
    assert lost.estimate is not None
    assert lost.estimate.value is None
    assert lost.estimate.upper is not None
    assert any("cannot be estimated" in word for word in lost.warnings)
    options = CoxOptions(estimate="firth", interval="profile")
    found = compare_by_cox(sample, question=ask(options=options))
    fit = estimate_cox(sample.time, event=sample.event, covariates=sample.design)
    expected = estimate_firth_interval(estimate_firth(fit))
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(expected.value)
    assert found.estimate.upper == pytest.approx(expected.upper)
