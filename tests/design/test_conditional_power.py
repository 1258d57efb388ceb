"""What an interim look says of the end, by hand, by sums over drifts and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.conditional_power import (
    find_b_value,
    find_conditional_power,
    find_predictive_power,
    find_trend,
)
from equipoise.design.error_rates import ErrorRates
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule

ONE_SIDED = ErrorRates(alpha=0.025, sides=1, power=0.9)
LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)


def looks(
    *information: float, binding: bool = False, rates: ErrorRates = ONE_SIDED
) -> SequentialDesign:
    futility = LATE_BETA if binding else None
    return build_design(
        SequentialPlan(information=information, rates=rates, binding=binding, futility=futility)
    )


@settings(max_examples=20)
@given(st.floats(-2, 3), st.floats(-1, 4), st.sampled_from([0.25, 0.5, 0.8]))
def test_with_one_look_to_come_power_is_a_normal_tail(z: float, drift: float, t: float) -> None:
    design = looks(t, 1.0)
    score = find_b_value(z, share=t)
    wanted = ndtr((score + drift * (1 - t) - design.upper[1]) / math.sqrt(1 - t))

    assert find_conditional_power(design, look=1, z=z, drift=drift) == pytest.approx(
        wanted, rel=1e-9, abs=1e-14
    )


@settings(max_examples=20)
@given(st.floats(-2, 3), st.sampled_from([0.25, 0.5, 0.8]))
def test_with_one_look_to_come_predictive_power_is_that_of_spiegelhalter(
    z: float, t: float
) -> None:
    design = looks(t, 1.0)
    wanted = ndtr((z / math.sqrt(t) - design.upper[1]) * math.sqrt(t / (1 - t)))

    assert find_predictive_power(design, look=1, z=z) == pytest.approx(wanted, rel=1e-9, abs=1e-14)


@settings(max_examples=8)
@given(
    st.floats(0, 2.5),
    st.sampled_from([(0.0, math.inf), (2.0, 1.5), (3.0, 0.5)]),
    st.booleans(),
    st.sampled_from([1, 2]),
)
def test_predictive_power_is_conditional_power_summed_over_drifts(
    z: float, prior: tuple[float, float], binding: bool, look: int
) -> None:
    design = looks(0.3, 0.6, 0.8, 1.0, binding=binding)
    share = design.plan.information[look - 1]
    precision = 1 / prior[1] ** 2 + share
    mean = (prior[0] / prior[1] ** 2 + z * math.sqrt(share)) / precision
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    summed = sum(
        w * find_conditional_power(design, look=look, z=z, drift=mean + n / math.sqrt(precision))
        for n, w in zip(nodes, weights / weights.sum(), strict=True)
    )

    assert find_predictive_power(
        design, look=look, z=z, prior_mean=prior[0], prior_sd=prior[1]
    ) == pytest.approx(summed, abs=1e-9)


def test_a_sharp_prior_leaves_conditional_power() -> None:
    design = looks(0.5, 0.75, 1.0)

    assert find_predictive_power(
        design, look=1, z=1.0, prior_mean=2.0, prior_sd=1e-7
    ) == pytest.approx(find_conditional_power(design, look=1, z=1.0, drift=2.0), rel=1e-10)


def test_power_before_the_trial_is_the_mean_of_power_after_the_first_look() -> None:
    design = looks(0.5, 0.75, 1.0)
    nodes, weights = np.polynomial.legendre.leggauss(80)
    half = 0.5 * (design.upper[0] + 6)
    z = -6 + half * (1 + nodes)
    density = np.exp(-0.5 * (z - design.drift * math.sqrt(0.5)) ** 2) / math.sqrt(2 * math.pi)
    later = [find_conditional_power(design, look=1, z=one, drift=design.drift) for one in z]

    assert design.alternative.above[0] + half * (weights * density) @ later == pytest.approx(
        0.9, abs=1e-8
    )


def test_futility_counts_where_it_binds() -> None:
    free = looks(0.3, 0.6, 1.0)
    bound = looks(0.3, 0.6, 1.0, binding=True)

    assert find_conditional_power(bound, look=1, z=0.2, drift=2.0) < find_conditional_power(
        free, look=1, z=0.2, drift=2.0
    )
    two = looks(0.5, 0.75, 1.0, rates=ErrorRates(power=0.9))
    assert find_conditional_power(two, look=1, z=1.0, drift=3.0) == pytest.approx(
        find_conditional_power(looks(0.5, 0.75, 1.0), look=1, z=1.0, drift=3.0), abs=1e-6
    )


def test_the_trend_of_data_as_planned_is_the_drift() -> None:
    assert find_trend(1.5 * math.sqrt(0.3), share=0.3) == pytest.approx(1.5)


def test_what_cannot_be_asked_is_refused() -> None:
    design = looks(0.5, 1.0)
    with pytest.raises(ValueError, match="2 has none after"):
        find_conditional_power(design, look=2, z=1.0, drift=0.0)
    with pytest.raises(ValueError, match="finite, not nan"):
        find_conditional_power(design, look=1, z=math.nan, drift=0.0)
    with pytest.raises(ValueError, match="prior_sd must be above 0"):
        find_predictive_power(design, look=1, z=1.0, prior_sd=0.0)
