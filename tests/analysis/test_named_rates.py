"""Rates, incidences by their variance, lost time, exact and clustered tests, by name."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import adjust, ask, build_sample
from equipoise.analysis.methods import METHODS
from equipoise.analysis.rates import counts_of
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Sample
from equipoise.numerics.competing.clustered_tests import Hazard, compare_clustered
from equipoise.numerics.competing.incidence_comparison import (
    compare_incidences_at,
    compare_lost_time,
)
from equipoise.numerics.competing.incidences import Incidences, estimate_incidences
from equipoise.numerics.hazards.cox_design import Sampling, weigh_by_patient
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import (
    RegressionSampling,
    estimate_effect,
    estimate_regression,
)
from equipoise.numerics.rates.negative_binomial import estimate_negative_binomial
from equipoise.numerics.rates.rate_comparison import (
    RateLimits,
    compare_rate_difference,
    compare_rate_ratio,
)
from equipoise.numerics.rates.stratified_rates import estimate_common_rate_ratio
from equipoise.numerics.shares.barnard import compare_unconditionally
from equipoise.numerics.shares.exact_difference import compare_exactly
from equipoise.numerics.shares.fisher import compare_fisher
from equipoise.protocol.methods.families import METHODS as SPECS

SAMPLE = build_sample(
    "A 2 x\nA 3x x\nA 4 y\nA 5 y\nA 7+ x\nA 9 y\nB 3 x\nB 4x y\nB 6 x\nB 8 y\nB 10x x\nB 12+ y"
)
LESIONS = replace(SAMPLE, subject=np.array(list("ppqqrsttuvvw")))
YEARS = (30 / 12, 43 / 12)


def run(
    method: str, sample: Sample = SAMPLE, *, at: float = 6, stratified: bool = False, **said: object
) -> Result:
    """A named method with options as a plan says them."""
    options = SPECS[method].options.model_validate(said)
    return METHODS[method](sample, question=ask(at, stratified=stratified, options=options))


def limits(result: Result) -> tuple[float | None, float | None, float | None]:
    """The estimate and its interval."""
    assert result.estimate is not None
    return result.estimate.value, result.estimate.lower, result.estimate.upper


@pytest.mark.parametrize("name", ["exact", "mid_p", "score"])
def test_a_ratio_of_rates_is_that_of_first_events_a_year(name: str) -> None:
    found = run("rate_ratio", limits=name)
    expected = compare_rate_ratio((4, 3), time=YEARS, limits=RateLimits(name))
    assert limits(found) == pytest.approx((expected.value, expected.lower, expected.upper))
    assert found.p_value == pytest.approx(expected.p_value)
    assert found.arms[0].estimates["rate"].value == pytest.approx(4 / YEARS[0])


def test_rates_over_strata_and_their_difference() -> None:
    found = run("rate_ratio", stratified=True)
    events = np.array([[1, 2], [3, 1]])
    years = np.array([[12, 19], [18, 24]]) / 12
    expected = estimate_common_rate_ratio(events, time=years)
    assert limits(found) == pytest.approx((expected.value, expected.lower, expected.upper))
    difference = run("rate_difference")
    score = compare_rate_difference((4, 3), time=YEARS)
    assert limits(difference) == pytest.approx((score.value, score.lower, score.upper))


@pytest.mark.parametrize("law", ["poisson", "negative_binomial"])
def test_rates_are_regressed_on_arm_and_covariates(law: str) -> None:
    sample = adjust(SAMPLE)
    found = run("rate_regression", sample, law=law)
    sampling = RegressionSampling(offset=np.log(sample.time / 12))
    if law == "poisson":
        fit = estimate_regression(
            sample.event, covariates=sample.design, family=Family.POISSON, sampling=sampling
        )
    else:
        fit = estimate_negative_binomial(
            sample.event, covariates=sample.design, sampling=sampling
        ).regression
    assert limits(found)[0] == pytest.approx(estimate_effect(fit).value)
    assert "adjusted for" in found.method


def test_all_events_count_where_they_are_known() -> None:
    known = replace(SAMPLE, count=np.arange(12), exposure=np.full(12, 24.0))
    events, years = counts_of(known, counted="all")
    assert (events.sum(), years.sum()) == (66, 24)
    assert (counts_of(known, counted="first")[0] == SAMPLE.event).all()
    found = run("rate_ratio", events="all")
    assert any("further events are not known" in word for word in found.warnings)


def curve_of(sample: Sample, arm: str, *, clustered: bool) -> Incidences:
    """The incidences of an arm, straight from the kernel."""
    rows = sample.of_arm(arm)
    sampling = Sampling(cluster=sample.subject[rows]) if clustered else None
    return estimate_incidences(
        sample.time[rows], cause=sample.cause[rows], sampling=sampling, causes=2
    )


@pytest.mark.parametrize(("sample", "clustered"), [(SAMPLE, False), (LESIONS, True)])
def test_incidences_and_lost_time_are_compared_by_their_variance(
    sample: Sample, clustered: bool
) -> None:
    curves = [curve_of(sample, arm, clustered=clustered) for arm in "AB"]
    found = run("incidence_difference", sample)
    expected = compare_incidences_at(curves, at=6)
    assert limits(found)[:2] == pytest.approx((expected.difference, expected.difference_lower))
    assert found.p_value == pytest.approx(expected.test.p_value)
    lost = run("lost_time", sample, contrast="ratio")
    time = compare_lost_time(curves, horizon=6)
    assert limits(lost) == pytest.approx((time.ratio, time.ratio_lower, time.ratio_upper))
    assert [arm.estimates["rmtl"].value for arm in lost.arms] == pytest.approx(list(time.value))


def test_exact_tests_take_their_own_side() -> None:
    seen = {"less": compare_fisher((2, 2), n=(6, 6)).p_less}
    found = run("fisher", at=4, alternative="less")
    events = tuple(arm.events for arm in found.arms)
    assert events == (2, 1)
    exact = compare_fisher((2, 1), n=(6, 6))
    assert found.p_value == pytest.approx(exact.p_less)
    assert found.p_value != pytest.approx(seen["less"])
    assert limits(found) == pytest.approx((exact.odds_ratio, exact.lower, exact.upper))
    free = run("barnard", at=4, alternative="greater")
    assert free.p_value == pytest.approx(compare_unconditionally((2, 1), n=(6, 6)).p_greater)
    interval = run("risk_difference", at=4, interval="chan_zhang")
    assert limits(interval)[1] == pytest.approx(compare_exactly((2, 1), n=(6, 6)).lower)


@pytest.mark.parametrize("weights", ["lesion", "patient"])
def test_lesions_are_tested_by_patient(weights: str) -> None:
    found = run("clustered_test", LESIONS, weights=weights, hazard="subdistribution")
    weight = weigh_by_patient(LESIONS.subject) if weights == "patient" else None
    expected = compare_clustered(
        LESIONS.time,
        cause=LESIONS.cause,
        group=LESIONS.arm,
        sampling=Sampling(cluster=LESIONS.subject, weight=weight),
        hazard=Hazard.SUBDISTRIBUTION,
    )
    assert found.p_value == pytest.approx(expected.test.p_value)
    assert not any("count as independent" in word for word in found.warnings)
