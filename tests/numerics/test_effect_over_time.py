"""The course of a hazard ratio over time: level where it stays, and what has no line."""

import numpy as np
import pytest

from equipoise.numerics.hazards.cox import Cox, estimate_cox
from equipoise.numerics.hazards.effect_over_time import estimate_effect_over_time
from equipoise.numerics.hazards.proportional_hazards import TimeScale, compare_hazards_over_time
from numerics.samples import marked
from numerics.test_proportional_hazards import drawn


def fit_of(late: float, n: int = 800) -> Cox:
    time, arm = drawn(n, late=late, seed=1)
    return estimate_cox(time, event=np.ones(n, dtype=np.int64), covariates=arm)


def test_a_hazard_ratio_that_rises_late_has_a_line_that_rises() -> None:
    found = estimate_effect_over_time(fit_of(4.0), scale=TimeScale.IDENTITY)
    early, late = found.line[found.line_time < 0.8], found.line[found.line_time > 1.2]

    assert (found.upper[:5] < 1.0).all()
    assert early.mean() + 0.5 < late[: late.size // 2].mean()
    assert (found.lower < found.line).all()
    assert (found.line < found.upper).all()


def test_a_hazard_ratio_that_stays_is_within_the_band() -> None:
    found = estimate_effect_over_time(fit_of(1.0), level=0.99)

    assert (found.lower < 0).all()
    assert (found.upper > 0).all()
    assert found.effect.mean() == pytest.approx(fit_of(1.0).coefficients[0], abs=1e-9)


def test_positions_are_those_of_the_test_and_times_those_of_the_events() -> None:
    fit = fit_of(1.0, n=50)
    found = estimate_effect_over_time(fit, scale=TimeScale.LOG, points=7)

    assert found.line.shape == found.line_time.shape == (7,)
    assert np.allclose(found.position, np.log(found.time))
    assert found.line_time[0] == found.time.min()
    assert found.line_time[-1] == found.time.max()


def test_few_event_times_have_points_and_no_line() -> None:
    time, event = marked("5 5 6 6 7 9+ 9+ 9+")
    fit = estimate_cox(time, event=event, covariates=[0, 1, 0, 1, 1, 0, 1, 0])
    found = estimate_effect_over_time(fit)

    assert found.effect.size == 5
    assert np.isnan(found.line).all()


def test_a_covariate_without_coefficient_is_refused() -> None:
    time, event = marked("1 4 6 7+ 2 3 5+ 8")
    fit = estimate_cox(time, event=event, covariates=np.c_[np.repeat([0, 1], 4), np.ones(8)])
    with pytest.raises(ValueError, match="covariate 1 has no coefficient: no information"):
        estimate_effect_over_time(fit, column=1)


def test_an_event_at_time_zero_has_no_logarithm() -> None:
    time, event = marked("0 4 6 7+ 2 3 5+ 8")
    fit = estimate_cox(time, event=event, covariates=np.repeat([0, 1], 4))
    with pytest.raises(ValueError, match="event at time 0 has no logarithm"):
        compare_hazards_over_time(fit, scale=TimeScale.LOG)
    assert compare_hazards_over_time(fit, scale=TimeScale.RANK).overall.p_value > 0
