"""Named analyses of shares: the numbers of the kernels, strata, margins, covariates, warnings."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import adjust, ask, build_sample
from equipoise.analysis.binomial import compare_risks
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Question, Sample
from equipoise.analysis.share_models import compare_by_logistic, compare_standardised
from equipoise.analysis.share_ratios import (
    compare_by_cmh,
    compare_by_odds_ratio,
    compare_by_risk_ratio,
)
from equipoise.analysis.sides import take_side
from equipoise.numerics.models.firth import estimate_firth_interval
from equipoise.numerics.models.standardisation import (
    compare_standardised_risks,
    estimate_standardised_risks,
)
from equipoise.numerics.shares.breslow_day import compare_odds_ratios
from equipoise.numerics.shares.mantel_haenszel import (
    compare_cmh,
    estimate_common_odds_ratio,
    estimate_common_risk_difference,
)
from equipoise.numerics.shares.proportions import compare_newcombe
from equipoise.numerics.shares.risk_difference import compare_agresti_caffo, compare_with_margin
from equipoise.numerics.shares.stratified_difference import compare_minimum_risk
from equipoise.protocol.methods.proportions import (
    GComputationOptions,
    LogisticOptions,
    RiskDifferenceOptions,
)

# stratum x: 4 of 6 against 2 of 5; stratum y: 3 of 5 against 3 of 6
ROWS = "\n".join(
    f"{arm} {k + 1}{'' if k < events else '+'} {stratum}"
    for arm, stratum, events, n in (("A", "x", 4, 6), ("B", "x", 2, 5), ("A", "y", 3, 5))
    for k in range(n)
) + "\n" + "\n".join(f"B {k + 1}{'' if k < 3 else '+'} y" for k in range(6))  # fmt: skip
SAMPLE = build_sample(ROWS)
EVENTS, SIZES = np.array([[4, 2], [3, 3]]), np.array([[6, 5], [5, 6]])


def limits(result: Result) -> tuple[float | None, float | None, float | None]:
    """The estimate and its interval."""
    assert result.estimate is not None
    return result.estimate.value, result.estimate.lower, result.estimate.upper


def test_the_interval_asked_for_stands_around_the_same_difference() -> None:
    for name, kernel in (("newcombe", compare_newcombe), ("agresti_caffo", compare_agresti_caffo)):
        question = ask(options=RiskDifferenceOptions.model_validate({"interval": name}))
        found, expected = compare_risks(SAMPLE, question=question), kernel((7, 5), n=(11, 11))
        assert limits(found) == pytest.approx((-2 / 11, expected.lower, expected.upper))
        assert "score test" in found.method


def test_strata_are_weighed_as_the_option_says() -> None:
    for name, kernel in (
        ("minimum_risk", compare_minimum_risk),
        ("sato", estimate_common_risk_difference),
    ):
        options = RiskDifferenceOptions.model_validate({"weights": name})
        found = compare_risks(SAMPLE, question=ask(stratified=True, options=options))
        expected = kernel(EVENTS, n=SIZES)
        assert limits(found) == pytest.approx((expected.value, expected.lower, expected.upper))
        assert found.p_value == pytest.approx(expected.test.p_value)
        assert "stratified by stratum" in found.method


def test_a_margin_is_held_by_the_score_test() -> None:
    options = RiskDifferenceOptions(alternative="less", margin=0.1)
    found = take_side(compare_risks(SAMPLE, question=ask(options=options)), options=options)
    expected = compare_with_margin((7, 5), n=(11, 11), margin=0.1, correction=True)
    assert found.p_value == pytest.approx(expected.p_less)


def test_common_ratios_come_with_the_test_that_they_are_common() -> None:
    found = compare_by_odds_ratio(SAMPLE, question=ask(stratified=True))
    expected = estimate_common_odds_ratio(EVENTS, n=SIZES)
    assert limits(found) == pytest.approx((expected.value, expected.lower, expected.upper))
    (part,) = found.parts
    assert part.p_value == pytest.approx(compare_odds_ratios(EVENTS, n=SIZES).tarone.p_value)
    plain = compare_by_risk_ratio(SAMPLE, question=ask())
    assert limits(plain)[0] == pytest.approx(5 / 7)


def test_the_test_over_strata_knows_its_side() -> None:
    found = compare_by_cmh(SAMPLE, question=ask())
    assert found.p_value == pytest.approx(compare_cmh(EVENTS, n=SIZES).test.p_value)
    excess = found.further["observed_less_expected"].value
    assert excess == pytest.approx(2 - 6 * 5 / 11 + 3 - 6 * 6 / 11)
    assert "stratified" in found.method


@pytest.mark.parametrize("compare", [compare_by_odds_ratio, compare_by_risk_ratio])
@pytest.mark.parametrize("stratified", [False, True])
def test_a_ratio_to_nobody_says_why_it_is_none(compare: object, stratified: bool) -> None:
    sample = build_sample("A 3+ x\nA 4+ y\nB 5 x\nB 6+ y")
    found = compare(sample, question=ask(stratified=stratified))  # type: ignore[operator]
    assert limits(found)[0] is None
    assert any("cannot be estimated" in word for word in found.warnings)


def with_events(sample: Sample, question: Question) -> tuple[np.ndarray, Sample]:
    return (sample.cause == 1).astype(np.float64), adjust(sample)


def test_standardised_risks_are_adjusted_and_replace_those_of_the_arms() -> None:
    response, adjusted = with_events(SAMPLE, ask())
    found = compare_standardised(adjusted, question=ask())
    expected = estimate_standardised_risks(
        response, group=SAMPLE.arm, covariates=adjusted.design[:, 1:]
    )
    assert [arm.estimates["risk"].value for arm in found.arms] == pytest.approx(list(expected.risk))
    effect = compare_standardised_risks(expected)
    assert limits(found) == pytest.approx((effect.value, effect.lower, effect.upper))
    assert "adjusted for Sex: male and Age" in found.method
    ratio = compare_standardised(
        adjusted, question=ask(options=GComputationOptions(measure="ratio"))
    )
    assert ratio.measure == "risk_ratio"
    assert ratio.further["log_risk_ratio"].standard_error is not None


def test_standardised_without_covariates_are_the_shares_themselves() -> None:
    found = compare_standardised(SAMPLE, question=ask())
    assert [arm.estimates["risk"].value for arm in found.arms] == pytest.approx([7 / 11, 5 / 11])


def test_logistic_regression_gives_the_odds_ratio_and_the_profile() -> None:
    found = compare_by_logistic(SAMPLE, question=ask())
    assert limits(found)[0] == pytest.approx((5 / 6) / (7 / 4))
    profile = compare_by_logistic(SAMPLE, question=ask(options=LogisticOptions(interval="profile")))
    assert limits(profile)[0] == limits(found)[0]
    assert limits(profile)[1] != limits(found)[1]


def test_an_arm_without_events_has_an_answer_by_firth() -> None:
    sample = replace(SAMPLE, cause=np.where(SAMPLE.arm == 0, 0, SAMPLE.cause))
    lost = compare_by_logistic(sample, question=ask())
    assert limits(lost)[0] is None
    assert any("ask for estimate = 'firth'" in word for word in lost.warnings)
    options = LogisticOptions(estimate="firth", interval="profile")
    found = compare_by_logistic(sample, question=ask(options=options))
    expected = estimate_firth_interval((sample.cause == 1).astype(float), covariates=sample.design)
    assert limits(found) == pytest.approx(tuple(np.exp(
        [expected.value, expected.lower, expected.upper]
    )))  # fmt: skip
