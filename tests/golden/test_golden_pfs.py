"""The 32 patients of the trial's golden example, worked by hand, to six digits."""

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.survival.kaplan_meier import (
    KaplanMeier,
    estimate_kaplan_meier,
    estimate_quantile,
    estimate_survival_at,
)
from equipoise.numerics.survival.milestone import compare_milestone
from equipoise.numerics.survival.rmst import estimate_rmst
from equipoise.numerics.survival.survival_scales import Interval

# months to progression or death, + without either
CONTROL = "2.1 3.4 4.0+ 5.6 6.2 7.7 8.9+ 9.3 10.5 11.8 13.0 14.2+ 15.1 17.6+ 19.9 22.0+"
SBRT = "3.0 5.1 6.6+ 8.2 10.9 12.4+ 13.3 14.8+ 16.0 18.5+ 20.2 21.0+ 23.7+ 24.9 26.3+ 28.8+"


def read(text: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    times = np.array([float(word.rstrip("+")) for word in text.split()])
    events = np.array([not word.endswith("+") for word in text.split()], dtype=np.int64)
    return times, events


def curve(text: str) -> KaplanMeier:
    time, event = read(text)
    return estimate_kaplan_meier(time, event=event)


def both() -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    (t0, e0), (t1, e1) = read(CONTROL), read(SBRT)
    return np.r_[t0, t1], np.r_[e0, e1], np.repeat(np.array([0, 1]), [t0.size, t1.size])


def six(value: float) -> object:
    return pytest.approx(value, abs=5.1e-7)


@pytest.mark.parametrize(("arm", "survival", "error"), [
    (CONTROL, 0.448718, 0.132779), (SBRT, 0.740385, 0.112076),
])  # fmt: skip
def test_survival_at_twelve_months(arm: str, survival: float, error: float) -> None:
    found = estimate_survival_at(curve(arm), at=12)

    assert found.survival[0] == six(survival)
    assert found.standard_error[0] == six(error)


@pytest.mark.parametrize(("arm", "theta", "error"), [
    (CONTROL, -0.221444, 0.369256), (SBRT, -1.202023, 0.503603),
])  # fmt: skip
def test_survival_at_twelve_months_on_the_loglog_scale(
    arm: str, theta: float, error: float
) -> None:
    found = estimate_survival_at(curve(arm), at=12)

    assert np.log(-np.log(found.survival[0])) == six(theta)
    assert np.sqrt(found.greenwood[0]) / abs(np.log(found.survival[0])) == six(error)


@pytest.mark.parametrize(("arm", "scale", "lower", "upper"), [
    (CONTROL, Interval.LOG_LOG, 0.191572, 0.677997), (SBRT, Interval.LOG_LOG, 0.446392, 0.894025),
    (CONTROL, Interval.PLAIN, 0.188476, 0.708960), (SBRT, Interval.PLAIN, 0.520719, 0.960050),
    (CONTROL, Interval.LOG, 0.251245, 0.801401), (SBRT, Interval.LOG, 0.550308, 0.996113),
])  # fmt: skip
def test_limits_at_twelve_months(arm: str, scale: Interval, lower: float, upper: float) -> None:
    found = estimate_survival_at(curve(arm), at=12, interval=scale)

    assert found.lower[0] == six(lower)
    assert found.upper[0] == six(upper)


@pytest.mark.parametrize(("arm", "median"), [(CONTROL, 11.8), (SBRT, 20.2)])
def test_median(arm: str, median: float) -> None:
    assert estimate_quantile(curve(arm)).value == median


@pytest.mark.parametrize(("arm", "horizon", "mean"), [
    (CONTROL, 12, 9.404113), (CONTROL, 18, 11.451389),
    (SBRT, 12, 10.676442), (SBRT, 18, 14.604183),
])  # fmt: skip
def test_restricted_mean(arm: str, horizon: float, mean: float) -> None:
    assert estimate_rmst(curve(arm), horizon=horizon).value == six(mean)


@pytest.mark.parametrize(("scale", "chi_square", "p"), [
    (Interval.LOG_LOG, 2.465693, 0.116356),
    (Interval.PLAIN, 2.817681, 0.093231),
    (Interval.LOG, 2.269966, 0.131903),
])  # fmt: skip
def test_milestone_test(scale: Interval, chi_square: float, p: float) -> None:
    found = compare_milestone(curve(CONTROL), second=curve(SBRT), at=12, scale=scale)

    assert found.test.statistic == six(chi_square)
    assert found.test.p_value == six(p)
    assert found.scale is scale


def test_milestone_difference() -> None:
    found = compare_milestone(curve(CONTROL), second=curve(SBRT), at=12)

    assert found.difference == six(0.291667)
    assert found.standard_error == six(0.173756)
    assert (found.lower, found.upper) == (six(-0.081161), six(0.591215))


def test_logrank() -> None:
    time, event, group = both()
    found = compare_logrank(time, event=event, group=group)

    assert found.test.statistic == six(3.722857)
    assert found.test.p_value == six(0.053672)


def test_cox() -> None:
    time, event, group = both()
    fit = estimate_cox(time, event=event, covariates=group)

    assert fit.coefficients[0] == six(-0.926235)
    assert np.sqrt(fit.covariance[0, 0]) == six(0.495425)
