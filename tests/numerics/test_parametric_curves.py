"""Curves of fitted models: closed forms, areas by strips, gradients by differences."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.intervals.interval_times import bound_event_times
from equipoise.numerics.models.parametric import (
    Family,
    Parametric,
    estimate_parametric,
    estimate_weibull_hazard_ratio,
    trace_parametric,
)
from equipoise.numerics.models.parametric_curves import (
    compare_restricted_means,
    compare_survival,
    predict_hazard_ratio,
    predict_restricted_mean,
    predict_survival,
)
from naive.parametric import area, survival_of

TIME = [3.0, 5, 7, 11, 4, 6, 8, 9, 2, 14]
EVENT = [1, 1, 1, 0, 1, 1, 0, 1, 1, 1]
ARM = [0.0, 0, 0, 1, 1, 1, 0, 1, 0, 1]


def fitted(family: Family) -> Parametric:
    return estimate_parametric(bound_event_times(TIME, event=EVENT), family=family, covariates=ARM)


@pytest.mark.parametrize("family", Family)
def test_survival_and_its_area_are_those_of_the_formula(family: Family) -> None:
    fit = fitted(family)
    line, scale = fit.coefficients[0] + fit.coefficients[1], math.exp(fit.log_scales[0])
    curve = trace_parametric(fit, covariates=[1])
    found = predict_survival(curve, at=[1, 5, 20])

    def survival(time: float) -> float:
        return survival_of(family.value, (math.log(time) - line) / scale)

    assert found.value == pytest.approx([survival(t) for t in (1, 5, 20)], rel=1e-12)
    assert ((found.lower < found.value) & (found.value < found.upper)).all()
    assert ((found.lower >= 0) & (found.upper <= 1)).all()
    assert predict_restricted_mean(curve, horizon=10).value[0] == pytest.approx(
        area(survival, 10), rel=1e-7
    )


def test_the_exponential_has_closed_forms() -> None:
    fit = fitted(Family.EXPONENTIAL)
    curve, other = trace_parametric(fit, covariates=[1]), trace_parametric(fit, covariates=[0])
    rate, events = 4 / 44, 4
    found, mean = predict_survival(curve, at=6), predict_restricted_mean(curve, horizon=6)
    survival = math.exp(-6 * rate)
    bend = (survival * (1 + 6 * rate) - 1) / rate  # slope of the mean along log rate

    assert found.value[0] == pytest.approx(survival, rel=1e-10)
    assert found.standard_error[0] == pytest.approx(6 * rate * survival / 2, rel=1e-8)
    assert mean.value[0] == pytest.approx((1 - survival) / rate, rel=1e-12)
    assert mean.standard_error[0] == pytest.approx(abs(bend) / math.sqrt(events), rel=1e-8)
    difference = compare_restricted_means(curve, to=other, horizon=6)
    alone = predict_restricted_mean(other, horizon=6)
    assert difference.value[0] == pytest.approx(mean.value[0] - alone.value[0], rel=1e-10)
    assert difference.standard_error[0] == pytest.approx(
        math.hypot(mean.standard_error[0], alone.standard_error[0]), rel=1e-8
    )


def test_a_weibull_hazard_ratio_is_the_same_at_all_times() -> None:
    fit = fitted(Family.WEIBULL)
    curves = [trace_parametric(fit, covariates=[x]) for x in (1, 0)]
    found = predict_hazard_ratio(curves[0], to=curves[1], at=[1, 5, 20])
    known = estimate_weibull_hazard_ratio(fit)

    assert found.value == pytest.approx([known.value] * 3, rel=1e-12)
    assert found.standard_error == pytest.approx([known.standard_error] * 3, rel=1e-10)
    assert found.upper == pytest.approx([known.upper] * 3, rel=1e-10)


@pytest.mark.parametrize("family", [Family.LOG_NORMAL, Family.LOG_LOGISTIC, Family.WEIBULL])
def test_errors_follow_from_differences_along_each_parameter(family: Family) -> None:
    fit, step = fitted(family), 1e-6
    parameters = np.r_[fit.coefficients, fit.log_scales]

    def numbers(at: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = Parametric(
            **{
                name: getattr(fit, name)
                for name in Parametric.__dataclass_fields__
                if name not in ("coefficients", "log_scales")
            },
            coefficients=at[:2],
            log_scales=at[2:],
        )
        one, other = (trace_parametric(moved, covariates=[x]) for x in (1, 0))
        return np.concatenate(
            [
                compare_survival(one, to=other, at=5).value,
                np.log(predict_hazard_ratio(one, to=other, at=5).value),
                compare_restricted_means(one, to=other, horizon=8).value,
            ]
        )

    gradient = np.array(
        [
            (numbers(parameters + step * unit) - numbers(parameters - step * unit)) / (2 * step)
            for unit in np.eye(3)
        ]
    ).T
    errors = np.sqrt(np.diag(gradient @ fit.covariance @ gradient.T))
    one, other = (trace_parametric(fit, covariates=[x]) for x in (1, 0))

    assert compare_survival(one, to=other, at=5).standard_error == pytest.approx(
        errors[:1], rel=1e-5
    )
    assert predict_hazard_ratio(one, to=other, at=5).standard_error == pytest.approx(
        errors[1:2], rel=1e-5
    )
    assert compare_restricted_means(one, to=other, horizon=8).standard_error == pytest.approx(
        errors[2:], rel=1e-5
    )


def test_the_interval_of_a_difference_is_symmetric() -> None:
    fit = fitted(Family.WEIBULL)
    one, other = (trace_parametric(fit, covariates=[x]) for x in (1, 0))
    found = compare_survival(one, to=other, at=5, level=0.9)

    assert found.upper - found.value == pytest.approx(normal_quantile(0.9) * found.standard_error)
    assert found.value - found.lower == pytest.approx(found.upper - found.value)


def test_curves_that_cannot_be_traced_are_refused() -> None:
    fit = fitted(Family.WEIBULL)
    missing = estimate_parametric(
        bound_event_times(TIME, event=EVENT), covariates=np.c_[ARM, np.ones(10)]
    )

    with pytest.raises(ValueError, match="must hold 1 numbers"):
        trace_parametric(fit, covariates=[1, 0])
    with pytest.raises(ValueError, match="could not be estimated"):
        trace_parametric(missing, covariates=[1, 1])
    with pytest.raises(ValueError, match="finite times above 0"):
        predict_survival(trace_parametric(fit, covariates=[1]), at=0)
    assert predict_survival(trace_parametric(missing, covariates=[1, 0]), at=5).value[0] > 0
