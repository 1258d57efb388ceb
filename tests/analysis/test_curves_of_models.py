"""Survival and mean times of a fitted model: closed forms, and the numbers of the kernels."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, adjust, ask, build_sample
from equipoise.analysis.model_curves import compare_model_curves
from equipoise.analysis.result import Result
from equipoise.numerics.intervals.interval_times import bound_event_times
from equipoise.numerics.models.flexible_parametric import (
    Spline,
    estimate_flexible_parametric,
    trace_flexible,
)
from equipoise.numerics.models.parametric import Family, estimate_parametric, trace_parametric
from equipoise.numerics.models.parametric_curves import compare_restricted_means, compare_survival
from equipoise.protocol.methods.models import ModelCurveOptions

SAMPLE = build_sample(GOLDEN)
TIMES = bound_event_times(SAMPLE.time, event=SAMPLE.event)


def compare(at: float, **options: object) -> Result:
    """The curves of a model of the golden rows at a time."""
    asked = ModelCurveOptions.model_validate(options)
    return compare_model_curves(SAMPLE, question=ask(at, options=asked))


def told(result: Result) -> tuple[float, float]:
    """The difference with its standard error, which must be there."""
    found = result.estimate
    assert found is not None
    assert found.value is not None
    assert found.standard_error is not None
    return found.value, found.standard_error


def rates() -> list[tuple[float, int]]:
    """Events over time, and the events, of each arm."""
    found = []
    for arm in (0, 1):
        own = SAMPLE.arm == arm
        events = int(SAMPLE.event[own].sum())
        found.append((events / float(SAMPLE.time[own].sum()), events))
    return found


def test_constant_hazards_give_exponential_curves_by_hand() -> None:
    result = compare(12, model="exponential")
    survival, error = [], []
    for rate, events in rates():
        survival.append(math.exp(-12 * rate))
        error.append(12 * survival[-1] * rate / math.sqrt(events))
    shown = [arm.estimates["survival"] for arm in result.arms]
    assert [each.value for each in shown] == pytest.approx(survival)
    assert [each.standard_error for each in shown] == pytest.approx(error)
    assert told(result) == pytest.approx((survival[1] - survival[0], math.hypot(*error)))
    assert result.measure == "survival_difference"


def test_mean_times_of_constant_hazards_by_hand() -> None:
    result = compare(60, model="exponential", measure="rmst")
    means, errors = [], []
    for rate, events in rates():
        gone = math.exp(-60 * rate)
        means.append((1 - gone) / rate)
        errors.append(abs(60 * gone - means[-1]) / math.sqrt(events))
    assert [arm.estimates["rmst"].value for arm in result.arms] == pytest.approx(means)
    assert told(result) == pytest.approx((means[1] - means[0], math.hypot(*errors)))
    assert "60 months lie beyond all follow-up: the model alone speaks there" in result.warnings
    assert not any("beyond" in words for words in compare(20, measure="rmst").warnings)


@pytest.mark.parametrize("model", ["weibull", "log-normal", "log-logistic", "flexible"])
def test_numbers_are_those_of_the_kernels(model: str) -> None:
    if model == "flexible":
        bent = estimate_flexible_parametric(
            TIMES, covariates=SAMPLE.design, spline=Spline(inner_knots=1)
        )
        first, second = (trace_flexible(bent, covariates=[arm]) for arm in (0.0, 1.0))
    else:
        fit = estimate_parametric(TIMES, family=Family(model), covariates=SAMPLE.design)
        first, second = (trace_parametric(fit, covariates=[arm]) for arm in (0.0, 1.0))
    share = compare_survival(second, to=first, at=15)
    mean = compare_restricted_means(second, to=first, horizon=15)
    for measure, kernel in (("survival", share), ("rmst", mean)):
        result = compare(15, model=model, measure=measure, knots=1)
        assert told(result) == pytest.approx(
            (float(kernel.value[0]), float(kernel.standard_error[0])), rel=1e-10
        )
        assert result.estimate is not None
        assert result.estimate.lower == pytest.approx(float(kernel.lower[0]))


def test_covariates_stand_at_their_means() -> None:
    sample = adjust(SAMPLE)
    result = compare_model_curves(sample, question=ask(12))
    fit = estimate_parametric(TIMES, family=Family.WEIBULL, covariates=sample.design)
    assert sample.covariates is not None
    means = sample.covariates.mean(axis=0)
    first, second = (trace_parametric(fit, covariates=[arm, *means]) for arm in (0.0, 1.0))
    assert told(result)[0] == pytest.approx(
        float(compare_survival(second, to=first, at=12).value[0])
    )
    assert "adjusted for Sex: male and Age, at the mean of the covariates" in result.method


def test_a_covariate_that_another_tells_is_left_out_and_named() -> None:
    sample = adjust(SAMPLE)
    assert sample.covariates is not None
    twice = replace(
        sample,
        covariates=np.column_stack([sample.covariates, 2 * sample.covariates[:, 0]]),
        covariate_names=(*sample.covariate_names, "Again"),
    )
    result = compare_model_curves(twice, question=ask(12))
    assert told(result) == pytest.approx(told(compare_model_curves(sample, question=ask(12))))
    assert "not adjusted for Again: the data do not tell it apart" in result.warnings


def test_why_there_is_no_model_is_told() -> None:
    for text, words in (
        ("A 3+\nB 4+", "there is no event"),
        ("A 0\nB 4", "an event at time 0 has no logarithm"),
    ):
        result = compare_model_curves(build_sample(text), question=ask(5))
        assert result.estimate is not None
        assert result.estimate.value is None
        assert any(words in told for told in result.warnings)
    few = ask(5, options=ModelCurveOptions(model="flexible", knots=6))
    bent = compare_model_curves(build_sample("A 2\nA 3\nB 2\nB 4"), question=few)
    assert any("too few or too alike for 6 inner knots" in told for told in bent.warnings)
