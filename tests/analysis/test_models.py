"""Models of the time by name: the numbers of the kernels, and what cannot be fitted."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, adjust, ask, build_sample
from equipoise.analysis.interval_censored import bound_rows
from equipoise.analysis.methods import METHODS
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Sample
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.hazards.frailty import estimate_frailty
from equipoise.numerics.intervals.interval_times import bound_event_times
from equipoise.numerics.models.flexible_parametric import estimate_flexible_parametric
from equipoise.numerics.models.parametric import (
    Family,
    estimate_parametric,
    estimate_time_ratio,
    estimate_weibull_hazard_ratio,
)
from equipoise.protocol.methods.families import METHODS as SPECS

SAMPLE = adjust(build_sample(GOLDEN))
LESIONS = replace(SAMPLE, subject=np.array([f"p{k // 3}" for k in range(32)]))


def run(method: str, sample: Sample = SAMPLE, **said: object) -> Result:
    """A named method with options as a plan says them."""
    options = SPECS[method].options.model_validate(said)
    return METHODS[method](sample, question=ask(options=options))


def ratio_of(result: Result) -> tuple[float | None, float | None]:
    """The ratio and its upper limit."""
    assert result.estimate is not None
    return result.estimate.value, result.estimate.upper


def test_a_weibull_model_gives_hazards_and_others_times() -> None:
    times = bound_event_times(SAMPLE.time, event=SAMPLE.event)
    fit = estimate_parametric(times, covariates=SAMPLE.design)
    expected = estimate_weibull_hazard_ratio(fit)
    assert ratio_of(run("parametric")) == pytest.approx((expected.value, expected.upper))
    fit = estimate_parametric(times, family=Family.LOG_NORMAL, covariates=SAMPLE.design)
    expected = estimate_time_ratio(fit)
    found = run("parametric", family="log-normal", measure="time_ratio")
    assert ratio_of(found) == pytest.approx((expected.value, expected.upper))
    assert found.measure == "time_ratio"


def test_a_model_may_take_the_assessments() -> None:
    fit = estimate_parametric(bound_rows(SAMPLE), covariates=SAMPLE.design)
    found = run("parametric", times="assessments")
    assert ratio_of(found)[0] == pytest.approx(estimate_weibull_hazard_ratio(fit).value)
    assert "between assessments" in found.method


def test_an_event_without_bounds_came_at_its_time() -> None:
    nowhere = np.full(SAMPLE.time.size, np.inf)
    found = bound_rows(replace(SAMPLE, left=nowhere, right=nowhere))

    assert found.left.tolist() == SAMPLE.time.tolist()
    assert found.right.tolist() == np.where(SAMPLE.event == 1, SAMPLE.time, np.inf).tolist()


def test_a_flexible_model_has_the_coefficient_of_the_arm() -> None:
    times = bound_event_times(SAMPLE.time, event=SAMPLE.event)
    fit = estimate_flexible_parametric(times, covariates=SAMPLE.design)
    found = run("flexible_parametric")
    assert found.further["log_hazard_ratio"].value == pytest.approx(float(fit.coefficients[4]))
    odds = run("flexible_parametric", scale="odds", knots=1)
    assert odds.measure == "odds_ratio"


def test_knots_that_the_times_do_not_bear_are_told() -> None:
    found = run("flexible_parametric", build_sample("A 3\nA 4\nB 5\nB 6"), knots=3)
    assert any("too few or too alike for 3" in word for word in found.warnings)


def test_an_event_at_time_zero_has_no_model() -> None:
    for method in ("parametric", "flexible_parametric"):
        found = run(method, build_sample("A 0\nA 4\nB 5\nB 6"))
        assert any("time 0" in word for word in found.warnings)


@pytest.mark.parametrize("cluster", ["patient", "site"])
def test_a_frailty_is_shared_by_patient_or_site(cluster: str) -> None:
    sites = replace(LESIONS, site=np.array([f"s{k % 4}" for k in range(32)]))
    found = run("cox_frailty", sites, cluster=cluster)
    assert sites.site is not None
    fit = estimate_frailty(
        sites.time,
        event=sites.event,
        covariates=sites.design,
        sampling=Sampling(cluster=sites.subject if cluster == "patient" else sites.site),
    )
    assert found.further["log_hazard_ratio"].value == pytest.approx(float(fit.coefficients[0]))
    assert found.further["frailty_variance"].value == pytest.approx(fit.variance)


def test_nobody_who_shares_has_no_frailty() -> None:
    found = run("cox_frailty")
    assert any("no two rows share a patient" in word for word in found.warnings)
